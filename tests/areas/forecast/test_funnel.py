"""Cohorts, stays, slipped ones, worth of stages, win rate, cycle and velocity, by hand and whatever happens."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smallcrm.areas.forecast.rules import funnel, speed
from smallcrm.areas.forecast.rules.funnel import cohort, cohort_behind, slipped, snapshot, stays, way_of, worth
from smallcrm.areas.forecast.rules.speed import Speed, coverage, speeds, total
from smallcrm.areas.forecast.rules.which import Which
from smallcrm.areas.pipeline.rules.stages import Way
from smallcrm.identity.actor import SYSTEM
from tests.areas.forecast.scene import Company, on

FIRST, LAST = dt.date(2026, 10, 1), dt.date(2026, 10, 31)
STEPS = ("New", "Needs clear", "Solution agreed", "Quote sent", "Negotiation")


def way(which: Which | None = None) -> Way:
    found = way_of(which or Which(SYSTEM))
    assert found is not None
    return found


def passages(which: Which) -> dict[str, tuple[int, int]]:
    return {each.step.name: (each.entered, each.reached) for each in cohort(which, way(which), FIRST, LAST)}


def test_a_cohort_by_hand(company: Company) -> None:
    """Five enter New in October: one goes step by step to the win in November, one skips to Quote sent and is lost, one stays, one
    is invalid and one binned; a sixth entered in September and only its next stage counts."""
    with on("2026-09-20"):
        early = company.deal()
    with on("2026-10-05"):
        steady, skips, stays_, invalid, binned = (company.deal() for _ in range(5))
        company.move(early, "Needs clear")
    with on("2026-10-12"):
        company.move(steady, "Needs clear")
        company.move(skips, "Quote sent")
        company.move(invalid, "Invalid")
        company.delete(binned)
    with on("2026-11-03"):
        for stage in ("Solution agreed", "Quote sent", "Negotiation", "Won"):
            company.move(steady, stage)
        company.lose(skips)
    assert passages(Which(SYSTEM)) == {
        "New": (3, 2), "Needs clear": (2, 1), "Solution agreed": (0, 0), "Quote sent": (1, 0), "Negotiation": (0, 0),
    }  # fmt: skip
    stage = company.stage("New")
    behind = {
        kind: {row[0] for row in cohort_behind(Which(SYSTEM), way(), FIRST, LAST, stage, reached=kind)}
        for kind in (None, True, False)
    }
    assert behind == {None: {steady, skips, stays_}, True: {steady, skips}, False: {stays_}}
    assert passages(Which(SYSTEM, as_of=dt.date(2026, 10, 10)))["New"] == (
        3,
        0,
    )  # the invalid one is out whenever one looks


def test_back_moves_and_entering_again(company: Company) -> None:
    with on("2026-09-05"):
        number = company.deal()
        company.move(number, "Quote sent")
    with on("2026-10-05"):
        company.move(number, "Needs clear")
    assert passages(Which(SYSTEM))["Needs clear"] == (1, 0)
    with on("2026-10-06"):
        company.move(number, "Solution agreed")
    with on("2026-10-07"):
        company.move(number, "Needs clear")
    assert passages(Which(SYSTEM))["Needs clear"] == (1, 1)


def test_whose_and_from_where(company: Company) -> None:
    with on("2026-10-05"):
        company.deal(owner="anna", source="Fair")
        company.deal(owner="carl")
    cast = company.cast
    assert passages(Which(SYSTEM, person=cast.carl))["New"] == (1, 0)
    assert passages(Which(SYSTEM, team=cast.sales))["New"] == (2, 0)
    assert passages(Which(SYSTEM, source="Fair"))["New"] == (1, 0)
    assert passages(Which(company.actor("anna")))["New"] == (1, 0)


def test_the_snapshot_beside_it(company: Company) -> None:
    company.deal("100")
    company.deal("50")
    company.move(company.deal("900"), "Quote sent")
    company.win(company.deal("7"))
    assert snapshot(Which(SYSTEM), way()) == {company.stage("New"): (2, 15000), company.stage("Quote sent"): (1, 90000)}


def test_win_rate_cycle_velocity(company: Company) -> None:
    """Won 300 after 10 days and 100 after 31, lost 600; three open: 2/3 by count, 40 % by amount, 20.5 days; 3 × 200 × 2/3 ÷ 20.5."""
    with on("2026-10-31"):
        for amount, days, end in (("300", 10, "Won"), ("100", 31, "Won"), ("600", 5, "Lost"), ("999", 1, "Invalid")):
            opened = dt.date(2026, 10, 31) - dt.timedelta(days=days)
            company.move(company.deal(amount, opened_on=opened.isoformat()), end, close_reason="price")
    for _ in range(3):
        company.deal("1")
    found = total(speeds(Which(SYSTEM), FIRST, LAST))
    assert (found.won, found.lost, found.rate, found.rate_amount) == (2, 1, Decimal(2) / 3, Decimal("0.4"))
    assert (found.average, found.cycle, found.median) == (20000, Decimal("20.5"), Decimal("20.5"))
    assert found.velocity == 1951  # 19.512 a day
    assert [
        len(speed.closed_behind(Which(SYSTEM), FIRST, LAST, states))
        for states in (("won",), ("lost",), ("won", "lost"))
    ] == [2, 1, 3]


def test_nothing_divides_by_nothing() -> None:
    assert (Speed().rate, Speed().rate_amount, Speed().average, Speed().cycle, Speed().median, Speed().velocity) == (
        None,
    ) * 6
    assert Speed(won=1, priced=1, won_amount=5, days={0: 1}, open=9).velocity is None  # closed on the day it began
    assert funnel.share(0, 0) is None
    assert coverage(300, None, 0) is None
    assert coverage(300, 100, 100) is None
    assert coverage(300, 250, 100) == 2


def test_speed_as_of_a_day_and_by_person(company: Company) -> None:
    with on("2026-10-10"):
        won = company.deal("100", owner="anna")
        company.win(won)
        company.lose(company.deal("100", owner="carl"))
    with on("2026-10-20"):
        company.win(company.deal("50", owner="carl"))
    by = speeds(Which(SYSTEM), FIRST, LAST, by="person")
    assert {key: (each.won, each.lost) for key, each in by.items()} == {
        company.cast.anna: (1, 0),
        company.cast.carl: (1, 1),
    }
    then = total(speeds(Which(SYSTEM, as_of=dt.date(2026, 10, 15)), FIRST, LAST))
    assert (then.won, then.lost) == (1, 1)
    assert {key: each.won for key, each in speeds(Which(SYSTEM), FIRST, LAST, by="month").items()} == {"2026-10": 2}


def test_stays_and_their_trend(company: Company) -> None:
    """September: 10 days in New and the morning. October: 4 and 8, the amount changed in between. 6 days and the morning, 4 fewer."""
    with on("2026-09-01"):
        first = company.deal()
    with on("2026-09-11"):
        company.move(first, "Needs clear")
    with on("2026-10-02"):
        second, third = company.deal(), company.deal()
    with on("2026-10-04"):
        company.set(second, amount="5")
    with on("2026-10-06"):
        company.move(second, "Quote sent")
    with on("2026-10-10"):
        company.lose(third)
    found = stays(Which(SYSTEM), way(), FIRST, LAST)[company.stage("New")]
    assert (found.n, found.average, found.before, found.trend) == (2, Decimal("6.4"), Decimal("10.4"), Decimal("-4.0"))
    assert stays(Which(SYSTEM), way(), FIRST, LAST)[company.stage("Negotiation")].average is None


def test_slipped(company: Company) -> None:
    with on("2026-09-01"):
        late, back, never, won, soon = (company.deal(close="2026-10-20") for _ in range(5))
    with on("2026-10-15"):
        company.set(late, expected_close="2026-12-01")
        company.set(back, expected_close="2026-12-01")
        company.set(won, expected_close="2026-11-15")
        company.set(soon, expected_close="2026-10-25")
    with on("2026-10-16"):
        company.set(back, expected_close="2026-10-21")
    with on("2026-11-02"):
        company.win(won)
    assert {row[0] for row in slipped(Which(SYSTEM), FIRST, LAST)} == {late, won}
    assert never not in {row[0] for row in slipped(Which(SYSTEM), FIRST, LAST)}
    assert slipped(Which(SYSTEM, as_of=dt.date(2026, 10, 1)), FIRST, LAST) == []


def test_what_the_stages_were_worth(company: Company) -> None:
    """Four closed: lost in New; lost in Quote sent after skipping; won step by step; won from Needs clear. 1 − 2/3 = Negotiation 100 %."""
    with on("2026-10-05"):
        a, b, c, d = (company.deal() for _ in range(4))
        company.deal()  # open ones say nothing yet
        company.lose(a)
        company.move(b, "Quote sent")
        company.lose(b)
        for stage in (*STEPS[1:], "Won"):
            company.move(c, stage)
        company.move(d, "Needs clear")
        company.win(d)
    found = {each.step.name: (each.entered, each.beyond, each.chance) for each in worth(Which(SYSTEM), way())}
    assert found == {
        "New": (4, 3, 38), "Needs clear": (2, 2, 50), "Solution agreed": (1, 1, 50), "Quote sent": (2, 1, 50), "Negotiation": (1, 1, 100),
    }  # fmt: skip


@given(st.lists(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), max_size=5), min_size=1, max_size=4))
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_never_above_a_hundred(company: Company, journeys: list[Any]) -> None:
    for journey in journeys:
        day = dt.date(2026, 10, 1)
        with on(day.isoformat()):
            number = company.deal()
        for to, wait in journey:
            day += dt.timedelta(days=wait)
            if company.record(number).stage != company.stage(STEPS[to]):
                with on(day.isoformat(), 12):
                    company.move(number, STEPS[to])
    for each in cohort(Which(SYSTEM), way(), FIRST, LAST):
        assert 0 <= each.reached <= each.entered
    chances = [each.chance for each in worth(Which(SYSTEM), way()) if each.chance is not None]
    assert chances == sorted(chances)
