"""Requests: written down, due within a month, answered, put off at most to three months, reminded of."""

from __future__ import annotations

import datetime as dt

import pytest

from smallcrm import store
from smallcrm.areas.customers.rules import consent
from smallcrm.areas.privacy import jobs
from smallcrm.areas.privacy.rules import requests, restriction
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden, Invalid, WrongState
from tests.areas.customers.making import contact, customer
from tests.cast import Cast

NOON = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("asked", "months", "due"),
    [("2026-01-31", 1, "2026-02-28"), ("2024-01-31", 1, "2024-02-29"), ("2026-11-15", 3, "2027-02-15"), ("2026-12-31", 1, "2027-01-31")],
)  # fmt: skip
def test_a_month(asked: str, months: int, due: str) -> None:
    assert requests.a_month_after(dt.date.fromisoformat(asked), months).isoformat() == due


def test_from_asking_to_answering(cast: Cast) -> None:
    owner, one = cast.actor("owner"), contact(cast, customer(cast))
    with clock.at(NOON):
        made = requests.make(owner, one, kind="access", asked_on="2026-01-30", identity="rang back", note="by mail")
        assert (made.due_on, made.days_left, made.handler) == ("2026-02-28", 28, cast.owner)
        assert requests.pressing(owner) == 0
        assert [each.id for each in requests.open_ones(owner)] == [made.id]
        assert requests.names(owner, [made]) == {made.id: "Bob Miller"}
        with pytest.raises(Invalid):
            requests.extend(owner, made.id, due_on="2026-05-01")
        assert requests.extend(owner, made.id, due_on="2026-04-30").due_on == "2026-04-30"
        with pytest.raises(Invalid):
            requests.answer(owner, made.id, outcome="  ")
    with clock.at(NOON.replace(month=4, day=28, hour=9)):
        assert requests.pressing(owner) == 1
        assert requests.answer(owner, made.id, outcome="sent the ZIP").done_by == cast.owner
        with pytest.raises(WrongState):
            requests.answer(owner, made.id, outcome="again")
        with pytest.raises(WrongState):
            requests.extend(owner, made.id, due_on="2026-04-30")
    assert requests.open_ones(owner) == []
    assert [each.outcome for each in requests.done_ones(owner)] == ["sent the ZIP"]


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "x"}, {"kind": "access", "asked_on": "2999-01-01"}, {"kind": "access", "asked_on": "soon"},
     {"kind": "access", "note": "\0"}],
)  # fmt: skip
def test_what_is_refused(cast: Cast, wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        requests.make(cast.actor("owner"), contact(cast, customer(cast)), **wrong)
    assert not store.value("SELECT count(*) FROM privacy_request")


def test_without_the_right(cast: Cast) -> None:
    one, anna = contact(cast, customer(cast)), cast.actor("anna")
    made = requests.make(cast.actor("owner"), one, kind="access")
    for act in (
        lambda: requests.make(anna, one, kind="access"), lambda: requests.open_ones(anna), lambda: requests.of(anna, one),
        lambda: requests.get(anna, made.id), lambda: restriction.restrict(anna, one), lambda: restriction.release(anna, one),
    ):  # fmt: skip
        with pytest.raises(Forbidden):
            act()
    assert requests.pressing(anna) == 0


def test_restricted_data_are_not_written_to(cast: Cast) -> None:
    owner = cast.actor("owner")
    one = contact(cast, customer(cast), email="a@b.example")
    consent.note(owner, one, purpose="marketing", state="given", channels=["email"], on=None, how="form")
    from tests.areas.customers.making import again

    assert consent.may_contact(again(one), "marketing", "email")[0]
    restriction.restrict(owner, one, reason="disputed")
    restriction.restrict(owner, one)
    allowed, why = consent.may_contact(again(one), "marketing", "email")
    assert not allowed
    assert "must not be used" in str(why)
    restriction.release(owner, one)
    assert consent.may_contact(again(one), "marketing", "email")[0]


def test_reminders(cast: Cast) -> None:
    owner, one = cast.actor("owner"), contact(cast, customer(cast), "Secret Name")

    def told() -> list[tuple[int, str]]:
        return [tuple(row) for row in store.rows("SELECT user, title || ' ' || body FROM notice ORDER BY id")]

    with clock.at(NOON):
        requests.make(owner, one, kind="access")
        assert jobs.remind() == {"told": 0}
    with clock.at(NOON.replace(month=2, day=22)):
        assert jobs.remind() == {"told": 1}
        assert jobs.remind() == {"told": 0}
        assert told() == [(cast.owner, "A request about personal data is due In 6 days.")]
    with clock.at(NOON.replace(month=3, day=2)):
        assert jobs.remind() == {"told": 2}
        assert jobs.remind() == {"told": 0}
    assert "Secret" not in str(told())
