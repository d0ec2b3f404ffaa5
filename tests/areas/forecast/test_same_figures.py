"""What is read along an index or kept beside a move says the same as going through every row by hand."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator

import pytest

from smallcrm import store
from smallcrm.areas.forecast.rules import figures, funnel, periods
from smallcrm.areas.forecast.rules.bridge import bridge
from smallcrm.areas.forecast.rules.which import Which, sources
from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, change, changesets, query, undo
from tests.areas.forecast.scene import Company, on

STEPS = ("New", "Needs clear", "Solution agreed", "Quote sent", "Negotiation")
ENDS = ("Won", "Lost", "Invalid")
OWNERS = ("anna", "carl")
TODAY = "2026-11-10"


@pytest.fixture
def lived(company: Company) -> Iterator[Company]:
    """Forty days in which everything happens to thirty opportunities; looked at on the last one."""
    rng = random.Random(7)
    made: list[int] = []
    for n in range(40):
        day = (dt.date(2026, 10, 1) + dt.timedelta(days=n)).isoformat()
        with on(day, 8):
            if n < 30:
                made.append(_one(company, rng, n))
            for number in rng.sample(made, min(len(made), 6)):
                _something(company, rng, number)
    company.delete(made[3])
    with on(TODAY, 12):
        yield company


def _one(company: Company, rng: random.Random, n: int) -> int:
    close = f"2026-{rng.choice((10, 11, 12))}-{rng.randint(1, 28):02d}"
    source = rng.choice(("Fair", "fair", "Web", None))
    return company.deal(
        str(100 * n + 50), close=close, stage=rng.choice(STEPS[:3]), owner=rng.choice(OWNERS), source=source
    )


def _something(company: Company, rng: random.Random, number: int) -> None:
    draw = rng.random()
    if company.record(number).state != "open":
        return
    if draw < 0.45:
        company.move(
            number, rng.choice([step for step in STEPS if company.stage(step) != company.record(number).stage])
        )
    elif draw < 0.7:
        company.set(number, expected_close=f"2026-{rng.choice((10, 11, 12))}-{rng.randint(1, 28):02d}")
    elif draw < 0.8:
        company.set(number, amount=str(rng.randint(1, 5000)))
    elif draw < 0.9:
        with changesets.opened(SYSTEM, "form") as mine:
            company.move(number, "Negotiation" if company.record(number).stage == company.stage("New") else "New")
        undo.undo(SYSTEM, mine.id)
    else:
        company.move(number, rng.choice(ENDS), close_reason="price")


def test_since_when_it_had_stood_where_it_left(lived: Company) -> None:
    sql = (
        "SELECT h.from_since, (SELECT p.at FROM stage_history p WHERE p.opportunity = h.opportunity AND p.entered = 1 AND p.id < h.id"
        " ORDER BY p.id DESC LIMIT 1), h.from_stage IS NULL FROM stage_history h WHERE h.entered = 1"
    )
    found = store.rows(sql)
    assert sum(not first for *_rest, first in found) > 40
    assert all((kept is None) if first else kept == worked_out for kept, worked_out, first in found)


def test_what_comes_in_closed_had_stood_in_the_first_stage(company: Company) -> None:
    company.deal(stage="Won", opened_on="2026-09-01", closed_on="2026-09-11")
    (kept, began), *_ = store.rows(
        "SELECT from_since, (SELECT min(at) FROM stage_history) FROM stage_history WHERE state = 'won'"
    )
    assert kept == began
    stay = funnel.stays(Which(SYSTEM), _way(), dt.date(2026, 9, 1), dt.date(2026, 9, 30))[company.stage("New")]
    assert (stay.n, stay.average) == (1, 11)


@pytest.mark.parametrize("as_of", [None, dt.date(2026, 10, 20)])
def test_slipped_by_hand(lived: Company, as_of: dt.date | None) -> None:
    first, last = dt.date(2026, 10, 1), dt.date(2026, 10, 31)
    which = Which(SYSTEM, as_of)
    sql = "SELECT opportunity, at, expected_close FROM stage_history WHERE state = 'open' ORDER BY id"
    closes: dict[int, list[str]] = {}
    for number, at, close in store.rows(sql):
        if at < which.moment:
            closes.setdefault(number, []).append(close)
    live = {n for (n,) in store.rows("SELECT id FROM opportunity WHERE deleted_at IS NULL AND state <> 'invalid'")}
    wanted = {
        number
        for number, held in closes.items()
        if number in live
        and any(first.isoformat() <= each <= last.isoformat() for each in held)
        and held[-1] > last.isoformat()
    }
    assert {row[0] for row in funnel.slipped(which, first, last)} == wanted
    assert wanted


def _way() -> funnel.Way:
    found = funnel.way_of(Which(SYSTEM))
    assert found is not None
    return found


def test_what_stages_were_worth_by_hand(lived: Company) -> None:
    places = {lived.stage(name): place for place, name in enumerate(STEPS)}
    closed = dict(store.rows("SELECT id, state FROM opportunity WHERE deleted_at IS NULL AND state IN ('won', 'lost')"))
    been: dict[int, set[int]] = {}
    for number, stage in store.rows("SELECT opportunity, stage FROM stage_history WHERE entered = 1"):
        if number in closed and stage in places:
            been.setdefault(number, set()).add(places[stage])
    for each in funnel.worth(Which(SYSTEM), _way()):
        place = places[each.step.id]
        entered = [number for number, held in been.items() if place in held]
        beyond = [number for number in entered if closed[number] == "won" or max(been[number]) > place]
        assert (each.entered, each.beyond) == (len(entered), len(beyond))


def test_the_latest_closed_ones_are_those_of_both_kinds(lived: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(funnel, "MOST", 3)
    sql = "SELECT id, state FROM opportunity WHERE deleted_at IS NULL AND state IN ('won', 'lost') ORDER BY closed_on DESC, id DESC LIMIT 3"
    latest = {number for number, _state in store.rows(sql)}
    began = {
        stage
        for (stage,) in store.rows(
            f"SELECT stage FROM stage_history WHERE entered = 1 AND opportunity IN ({', '.join(map(str, latest))})"
        )
    }
    assert {each.step.id for each in funnel.worth(Which(SYSTEM), _way()) if each.entered} == began & {
        lived.stage(name) for name in STEPS
    }


@pytest.mark.parametrize("part", ["owner", "anna", "carl"])
def test_sources_within_reach(lived: Company, part: str) -> None:
    who = lived.actor(part)
    where, params = access.reach(who, Opportunity).where()
    sql = f"SELECT DISTINCT source FROM opportunity t WHERE deleted_at IS NULL AND source IS NOT NULL AND {where} ORDER BY source"
    assert list(sources(who)) == [source for (source,) in store.rows(sql, params)] != []


def test_a_source_that_only_somebody_else_has(company: Company) -> None:
    company.deal(owner="anna", source="Hers alone")
    assert "Hers alone" in sources(company.actor("anna"))
    assert "Hers alone" not in sources(company.actor("carl"))


def test_the_periods_alone_are_the_periods(lived: Company) -> None:
    which, months = Which(SYSTEM), periods.ahead(periods.of(dt.date(2026, 10, 1), "month"), 3)
    keys = {month.key for month in months}
    whole = figures.table(which, months).get(None, {})
    alone = figures.table(which, months, apart=False).get(None, {})
    assert {place: each for place, each in whole.items() if place in keys} == {
        p: e for p, e in alone.items() if p in keys
    }
    assert keys & set(alone)


def test_the_bridge_still_closes(lived: Company) -> None:
    found = bridge(Which(SYSTEM), dt.date(2026, 10, 15))
    assert found.start + sum(found.sum(kind) for kind in {each.kind for each in found.effects}) == found.end
    for kind in {each.kind for each in found.effects}:
        assert sorted(each.id for each in found.of(kind)) == sorted(e.id for e in found.effects if e.kind == kind)
        assert [abs(each.value) for each in found.of(kind)] == sorted(
            (abs(e.value) for e in found.of(kind)), reverse=True
        )
    assert found.of("no such kind") == []
    assert found.sum("no such kind") == 0


@pytest.mark.parametrize("part", ["owner", "anna", "carl"])
def test_a_column_read_along_its_index(lived: Company, part: str) -> None:
    """The same cards in the same order, page by page, whoever looks."""
    for step in _way().open_steps:
        plain, along = (
            _cards(
                query.Ask(
                    lived.actor(part), Opportunity, filter=_in(step.id), sort="expected_close", limit=2, along=index
                )
            )
            for index in ("", "opportunity_board")
        )
        assert plain == along


def _in(stage: int) -> dict[str, object]:
    return {"field": "stage", "op": "eq", "value": stage}


def _cards(ask: query.Ask) -> list[int]:
    from dataclasses import replace

    found: list[int] = []
    while True:
        page = query.page(ask)
        found += [row[0] for row in page.rows]
        if not page.next:
            return found
        ask = replace(ask, cursor=page.next)


def test_a_column_of_many_is_walked(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a large company, where no condition is rare and no reach small."""
    from smallcrm.records.query import listing

    made = [company.deal(close=f"2026-12-{n:02d}", owner=OWNERS[n % 2]) for n in range(1, 11)]
    change.update(SYSTEM, company.record(made[0]), {"expected_close": None}, trusted=True)
    monkeypatch.setattr(listing, "SMALL", 0)
    monkeypatch.setattr(listing, "_sizes", {})
    for part in ("owner", "anna"):
        ask = query.Ask(
            company.actor(part), Opportunity, filter=_in(company.stage("New")), sort="expected_close", limit=3
        )
        walked = query.Ask(**{**ask.__dict__, "along": "opportunity_board"})
        assert _cards(walked) == _cards(ask)
    assert _cards(walked)
