"""The bridge from then to now by hand, within a period, and whatever happened between."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smallcrm.areas.forecast.rules.bridge import KINDS, bridge, monday
from smallcrm.areas.forecast.rules.which import Which
from smallcrm.identity.actor import SYSTEM
from tests.areas.forecast.scene import Company, on

SINCE = dt.date(2026, 11, 16)
NOVEMBER = {"first": dt.date(2026, 11, 1), "last": dt.date(2026, 11, 30)}


def sums(found: Any) -> dict[str, tuple[int, int]]:
    """Kind → (effects, euros)."""
    return {kind: (len(found.of(kind)), found.sum(kind) // 100) for kind in KINDS if found.of(kind)}


def test_the_week_by_hand(company: Company) -> None:
    with on("2026-11-10"):
        won, lost, off, forward, up, down, onward, back, handed, reopened, still, binned = (
            company.deal("100", stage="Needs clear") for _ in range(12)
        )
        company.win(reopened)
        company.set(forward, expected_close="2026-12-20")
    with on("2026-11-17"):
        company.win(won)
        company.lose(lost)
        company.set(off, expected_close="2026-12-20")
        company.set(forward, expected_close="2026-11-20")
        company.set(up, amount="130")
        company.set(down, amount="60")
        company.move(onward, "Quote sent")
        company.move(back, "New")
        company.set(handed, owner=company.cast.carl)
        company.move(reopened, "Needs clear")
        company.delete(binned)
        company.deal("500")
        company.win(company.deal("40"))
    found = bridge(Which(SYSTEM), SINCE)
    assert (found.start, found.end) == (100000, 139000)
    assert sums(found) == {
        "new": (2, 540), "reopened": (1, 100), "up": (1, 30), "down": (1, -40), "on": (1, 0), "back": (1, 0), "forward": (1, 0),
        "off": (1, 0), "won": (2, -140), "lost": (1, -100),
    }  # fmt: skip
    assert [each.id for each in found.of("up")] == [up]
    november = bridge(Which(SYSTEM), SINCE, **NOVEMBER)
    assert (november.start, november.end) == (90000, 129000)
    assert {kind: sums(november)[kind] for kind in ("forward", "off")} == {"forward": (1, 100), "off": (1, -100)}
    annas = bridge(Which(SYSTEM, person=company.cast.anna), SINCE)
    assert sums(annas)["handed_out"] == (1, -100)
    assert sums(bridge(Which(SYSTEM, person=company.cast.carl), SINCE)) == {"handed_in": (1, 100)}
    weighted = bridge(Which(SYSTEM), SINCE, measure="weighted")
    assert (sums(weighted)["on"], sums(weighted)["back"]) == ((1, 40), (1, -20))
    assert still not in {each.id for each in found.effects}


def test_monday_and_an_earlier_week(company: Company) -> None:
    assert monday(dt.date(2026, 11, 20)) == SINCE == monday(SINCE)
    with on("2026-11-10"):
        company.deal("100")
    with on("2026-11-18"):
        company.deal("30")
    then = bridge(Which(SYSTEM, as_of=dt.date(2026, 11, 12)), dt.date(2026, 11, 9))
    assert (then.start, then.end, sums(then)) == (0, 10000, {"new": (1, 100)})


def test_within_reach(company: Company) -> None:
    with on("2026-11-18"):
        company.deal("30", owner="carl")
    assert sums(bridge(Which(company.actor("anna")), SINCE)) == {}
    assert sums(bridge(Which(company.actor("carl")), SINCE)) == {"new": (1, 30)}


_STEP = st.one_of(
    st.tuples(st.just("amount"), st.integers(-5, 900)), st.tuples(st.just("close"), st.sampled_from(["2026-11-25", "2026-12-09", "2026-10-02", None])),
    st.tuples(st.just("stage"), st.sampled_from(["New", "Quote sent", "Won", "Lost"])), st.tuples(st.just("owner"), st.sampled_from(["anna", "carl"])),
    st.tuples(st.just("chance"), st.integers(0, 100)),
)  # fmt: skip


@given(
    st.lists(
        st.tuples(st.integers(9, 20), st.lists(st.tuples(st.integers(0, 12), _STEP), max_size=4)),
        min_size=1,
        max_size=4,
    )
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_always_closes(company: Company, lives: list[Any]) -> None:
    """From A to B is from A to the middle and on to B; what it starts from is what stood open then."""
    for born, steps in lives:
        with on(f"2026-11-{born:02d}"):
            number = company.deal("100")
        for day, (what, value) in sorted(steps, key=lambda step: step[0]):
            with on(f"2026-11-{min(born + day, 20):02d}", 12):
                if what == "stage":
                    if company.record(number).stage != company.stage(value):
                        company.move(number, value, close_reason="price")
                elif what == "owner":
                    company.set(number, owner=getattr(company.cast, value))
                else:
                    company.set(number, **{{"close": "expected_close"}.get(what, what): value})
    cast = company.cast
    with on("2026-11-21"):
        for which in (Which(SYSTEM), Which(SYSTEM, person=cast.anna), Which(SYSTEM, team=cast.south)):
            for span in ({}, NOVEMBER):
                for measure in ("amount", "weighted"):
                    early, late = dt.date(2026, 11, 12), dt.date(2026, 11, 17)
                    whole = bridge(which, early, **span, measure=measure)
                    before = bridge(
                        which.at(early - dt.timedelta(days=1)), dt.date(2026, 1, 1), **span, measure=measure
                    )
                    middle = bridge(which.at(late - dt.timedelta(days=1)), early, **span, measure=measure)
                    after = bridge(which, late, **span, measure=measure)
                    assert before.end == whole.start == middle.start
                    assert (before.start, middle.end, after.end) == (0, after.start, whole.end)
