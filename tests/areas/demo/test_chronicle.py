"""What happened at the demo company, made ready and written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from smallcrm import store
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.demo.ahead import ahead
from smallcrm.areas.demo.chronicle import BIN, CHANGE, PART, Act, Chronicle
from smallcrm.areas.people.roles import actor_for
from smallcrm.identity.actor import SYSTEM
from tests.cast import Cast

START = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def chronicle(cast: Cast) -> Chronicle:
    """Of a company where Anna does everything."""
    anna = actor_for(cast.anna)
    assert anna is not None
    return Chronicle(START, 1, {0: SYSTEM, cast.anna: anna})


def made(chronicle: Chronicle, who: int, name: str, at: dt.datetime = START) -> None:
    values = {"name": name, "owner": who, "phone": "020 7946 0018", "annual_revenue": "1200.50"}
    chronicle.made(at, who, Customer, values)


def test_what_is_made_ready_elsewhere_is_written_as_what_is_made_ready_here(cast: Cast, chronicle: Chronicle) -> None:
    def blocks() -> Iterator[list[Act]]:
        for name in ("Here", "There"):
            made(chronicle, cast.anna, name)
            yield chronicle.take()

    for acts in ahead(blocks()):
        assert [act.why for act in acts] == ["form"]
        chronicle.write(acts)
    columns = (
        "created_at, updated_at, version, owner, team, phone, phone_key, annual_revenue, annual_revenue_base, currency"
    )
    here, there = store.rows(f"SELECT {columns} FROM customer WHERE name IN ('Here', 'There')")
    assert here == there
    assert here[0] == "2026-01-05T09:00:00.000Z"
    assert here[4] == cast.north
    assert chronicle.written == {"customers": 2}


def test_acts_are_in_order_of_time_and_do_nothing_twice_to_the_same(cast: Cast, chronicle: Chronicle) -> None:
    made(chronicle, cast.anna, "Harbour")
    chronicle.write(chronicle.take())
    number = store.value("SELECT id FROM customer WHERE name = 'Harbour'")
    chronicle.done(START + 2 * DAY, cast.anna, Customer, number, BIN)
    for hour, city in enumerate(("Leeds", "York")):
        at = START + DAY + dt.timedelta(hours=hour)
        chronicle.done(at, cast.anna, Customer, number, CHANGE, {"city": city})
    acts = chronicle.take()
    assert [(act.act, len(act)) for act in acts] == [(CHANGE, 1), (CHANGE, 1), (BIN, 1)]
    assert not chronicle.take()
    chronicle.write(acts)
    kept = store.row("SELECT city, version, deleted_at FROM customer WHERE id = ?", [number])
    assert kept == ("York", 4, "2026-01-07T09:00:00.000Z")
    whys = store.rows("SELECT why, at FROM change_set ORDER BY id DESC LIMIT 3")
    assert [why for why, _ in whys] == ["delete", "form", "form"]
    assert whys[0][1] == "2026-01-07T09:00:00.000Z"
    assert chronicle.written == {"customers": 1, "bin": 1}


def test_an_act_holds_no_more_than_a_change_pack(cast: Cast, chronicle: Chronicle) -> None:
    for n in range(PART + 1):
        made(chronicle, cast.anna, f"Harbour {n}")
    assert [len(act) for act in chronicle.take()] == [PART, 1]


def test_a_bad_record_stops_the_demo(cast: Cast, chronicle: Chronicle) -> None:
    chronicle.made(START, cast.anna, Customer, {"name": "x", "grade": "no such grade"})
    with pytest.raises(AssertionError, match=r"bad customer.*grade"):
        chronicle.take()
