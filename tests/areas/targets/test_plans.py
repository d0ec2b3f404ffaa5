"""Setting targets: whose one may set, last year's taken over, ranking, commission, reviews and actions."""

from __future__ import annotations

from decimal import Decimal

import pytest

from smallcrm.areas.targets.records import CommissionPlan, Target
from smallcrm.areas.targets.rules import acts, checking, commission, plans
from smallcrm.base.errors import BadRequest, Forbidden, NotFound
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import change, changesets, query, settings, undo
from tests.areas.reports.scene import Scene

EACH = tuple(Decimal(100) for _ in range(12))


def words(company: Scene, part: str) -> list[str]:
    return [each.word for each in plans.subjects(company.cast.actor(part))]


def test_whom_one_sees(company: Scene) -> None:
    cast = company.cast
    assert words(company, "anna") == [f"u{cast.anna}"]
    assert words(company, "manager")[:3] == [f"t{cast.sales}", f"t{cast.north}", f"u{cast.anna}"]
    assert words(company, "owner")[0] == "c"
    assert "c" not in words(company, "manager")


@pytest.mark.parametrize(
    ("part", "whose", "may"),
    [("owner", "c", True), ("manager", "c", False), ("manager", "north", True), ("manager", "anna", True), ("manager", "manager", False),
     ("anna", "anna", False), ("reader", "anna", False)],
)  # fmt: skip
def test_whose_one_sets(company: Scene, part: str, whose: str, may: bool) -> None:
    cast = company.cast
    word = {"c": "c", "north": f"t{cast.north}"}.get(whose) or f"u{getattr(cast, whose)}"
    if may:
        assert plans.keep(cast.actor(part), plans.find_metric("calls"), 2026, {word: EACH}) == 1
    else:
        with pytest.raises(Forbidden):
            plans.keep(cast.actor(part), plans.find_metric("calls"), 2026, {word: EACH})


def test_what_is_the_same_is_not_written_again(company: Scene) -> None:
    owner, metric = company.cast.actor("owner"), plans.find_metric("visits")
    assert plans.keep(owner, metric, 2026, {"c": EACH}) == 1
    assert plans.keep(owner, metric, 2026, {"c": EACH}) == 0
    changed = (*EACH[:11], Decimal("99.50"))
    with changesets.opened(owner, "form") as mine:
        assert plans.keep(owner, metric, 2026, {"c": changed}) == 1
    assert plans.held("visits", 2026)["c"][1] == changed
    undo.undo(owner, mine.id or 0)
    assert plans.held("visits", 2026)["c"][1] == EACH


def test_last_year_and_some_more(company: Scene) -> None:
    owner, metric = company.cast.actor("owner"), plans.find_metric("won_value")
    plans.keep(owner, metric, 2025, {"c": (Decimal("1001"), None, *EACH[2:])})
    found = plans.from_last_year(metric, 2026, Decimal("7.5"))["c"]
    assert found[:3] == (Decimal(1076), None, Decimal(108))  # 1,076.075 and 107.5, half up
    assert plans.held("won_value", 2026) == {}


def test_quarters_and_years_are_the_sums_of_their_months() -> None:
    months = (Decimal(1), Decimal(2), None, *EACH[3:])
    assert plans.total(months, [1, 2, 3]) == 3
    assert plans.total(months) == 903
    assert plans.total((None,) * 12) is None
    with pytest.raises(BadRequest):
        checking.span_of("2026-13")


def test_the_ranking(company: Scene) -> None:
    company.deal("anna", "50", "won", "2026-11-10")
    company.deal("bob", "100", "won", "2026-11-10")
    company.deal("carl", "50", "won", "2026-11-10")
    cast, metric = company.cast, plans.find_metric("won_value")
    plans.keep(cast.actor("owner"), metric, 2026, {f"u{user}": EACH for user in (cast.anna, cast.bob, cast.carl)})
    assert [(each.place, each.user) for each in checking.ranking(cast.actor("owner"), metric, "2026-11")] == [
        (1, cast.bob),
        (2, cast.anna),
        (2, cast.carl),
    ]
    anna = checking.ranking(cast.actor("anna"), metric, "2026-11")
    assert [each.actual for each in anna] == [None, Decimal(50), None]  # achievements of all, amounts within reach
    settings.put(SYSTEM, {"targets.ranking": False})
    assert [each.user for each in checking.ranking(cast.actor("anna"), metric, "2026-11")] == [cast.anna]


def test_rates_by_band() -> None:
    bands = [(Decimal(80), Decimal(2)), (Decimal(100), Decimal(5)), (Decimal(0), Decimal(1))]
    rates = [
        commission.rate(bands, None if r is None else Decimal(r), Decimal(3))
        for r in ("0", "79.99", "80", "99.99", "100", "400", None)
    ]
    assert rates == [1, 1, 2, 2, 5, 5, 3]
    assert commission.rate(bands[:2], Decimal(50), Decimal(3)) == 0
    assert commission.commission(Decimal("333.33"), Decimal("1.5"), "EUR") == Decimal("5.00")
    assert commission.commission(Decimal("100.10"), Decimal("2.5"), "EUR") == Decimal("2.50")
    assert commission.commission(Decimal("1234"), Decimal("2.5"), "JPY") == Decimal(31)


def test_the_commission_sheet(company: Scene) -> None:
    cast = company.cast
    company.deal("anna", "1200", "won", "2026-11-10")
    company.deal("carl", "500", "won", "2026-11-10")
    plans.keep(
        cast.actor("owner"),
        plans.find_metric("won_value"),
        2026,
        {f"u{cast.anna}": tuple(Decimal(1000) for _ in range(12))},
    )
    bands = [{"reached": "0", "rate": "1"}, {"reached": "100", "rate": "5"}]
    change.create(
        SYSTEM, CommissionPlan, {"name": "North", "members": [f"team/{cast.north}"], "bands": bands}, trusted=True
    )
    change.create(SYSTEM, CommissionPlan, {"name": "All", "bands": bands, "untargeted": "2"}, trusted=True)
    found = {each.user: each for each in commission.sheet(cast.actor("owner"), "2026-11")}
    assert (found[cast.anna].plan, found[cast.anna].reached, found[cast.anna].amount) == (
        "North",
        Decimal("120.00"),
        Decimal("60.00"),
    )
    assert (found[cast.carl].plan, found[cast.carl].rate, found[cast.carl].amount) == (
        "All",
        Decimal(2),
        Decimal("10.00"),
    )
    assert cast.bob not in found
    assert [each.user for each in commission.sheet(cast.actor("carl"), "2026-11")] == [cast.carl]


def test_what_is_not_done_is_carried_over(company: Scene) -> None:
    cast = company.cast
    manager, word = cast.actor("manager"), f"u{cast.anna}"
    acts.review(manager, "2026-10", word, "Too few visits", follows="Visit more")
    first = acts.act(manager, "2026-10", word, what="Two visits a week", owner=cast.anna, due_on="2026-11-15")
    acts.act(manager, "2026-11", word, what="Call the lost ones")
    anna = cast.actor("anna")
    assert [(str(a.what), carried) for a, carried in acts.actions(anna, "2026-11", word)] == [
        ("Two visits a week", True),
        ("Call the lost ones", False),
    ]  # type: ignore[attr-defined]
    acts.finish(anna, first, result="Done since")
    assert [str(a.what) for a, _ in acts.actions(anna, "2026-11", word)] == ["Call the lost ones"]  # type: ignore[attr-defined]
    assert [a.result for a, _ in acts.actions(anna, "2026-10", word)] == ["Done since"]  # type: ignore[attr-defined]
    assert [r.follows for r in acts.reviews(anna, "2026-10", word)] == ["Visit more"]  # type: ignore[attr-defined]
    with pytest.raises(NotFound):
        acts.reviews(cast.actor("carl"), "2026-10", word)


def test_targets_within_reach(company: Scene) -> None:
    cast = company.cast
    rows = {"c": EACH, f"t{cast.north}": EACH, f"u{cast.anna}": EACH, f"u{cast.carl}": EACH}
    plans.keep(cast.actor("owner"), plans.find_metric("calls"), 2026, rows)
    seen = {
        part: query.count(query.Ask(cast.actor(part), Target), cap=None)
        for part in ("owner", "manager", "anna", "nobody")
    }
    assert seen == {"owner": 4, "manager": 3, "anna": 1, "nobody": 0}
