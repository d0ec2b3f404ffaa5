"""Who is counted for what: the owner at closing, shares to the cent, business days."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.areas.targets.rules import checking, counted, plans
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, change
from smallcrm.records.figures import metrics
from tests.areas.reports import scene
from tests.areas.reports.scene import Scene

NOVEMBER = (dt.date(2026, 11, 1), dt.date(2026, 11, 30))


def test_whoever_owned_it_when_it_was_closed(company: Scene) -> None:
    deal = company.deal("anna", "1000", "won", "2026-11-10")
    with scene.on("2026-11-20"):
        change.update(
            SYSTEM, access.find(SYSTEM, Opportunity, int(deal.id)), {"owner": company.cast.carl}, trusted=True
        )
        found = counted.won_value(None, *NOVEMBER)
    assert found == {(company.cast.anna, "2026-11"): 100_000}


def test_shares(company: Scene) -> None:
    company.deal(
        "anna",
        "100",
        "won",
        "2026-11-10",
        shares=[{"user": company.cast.bob, "percent": "33.33"}, {"user": company.cast.carl, "percent": "33.33"}],
    )
    value = counted.won_value(None, *NOVEMBER)
    cast = company.cast
    assert value == {(cast.bob, "2026-11"): 3_333, (cast.carl, "2026-11"): 3_333, (cast.anna, "2026-11"): 3_334}
    assert counted.won_deals([cast.anna], *NOVEMBER) == {(cast.anna, "2026-11"): 34}


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10_000), max_size=8).filter(lambda each: sum(each) <= 10_000))
def test_parts_add_up_to_the_cent(amount: int, others: list[int]) -> None:
    rows: list[counted.Row] = [(1, "2026-11", amount, 100 + n, share, 0, 1) for n, share in enumerate(others)]
    rows.append((1, "2026-11", amount, 1, 10_000 - sum(others), 1, 1))
    found = counted.shared(rows)
    assert sum(found.values()) == amount
    assert sum(counted.shared(rows, deals=True).values()) == 100


def test_lost_and_binned_do_not_count(company: Scene) -> None:
    company.deal("anna", "1000", "lost", "2026-11-10")
    gone = company.deal("anna", "500", "won", "2026-11-10")
    change.delete(SYSTEM, access.find(SYSTEM, Opportunity, int(gone.id)))
    company.deal("anna", "70", "won", "2026-10-31")
    assert counted.won_value(None, *NOVEMBER) == {}


def test_reopened_and_won_by_another(company: Scene) -> None:
    from smallcrm.areas.pipeline.rules import moving

    deal = company.deal("anna", "1000", "won", "2026-11-10")
    with scene.on("2026-11-19"):
        back = moving.reopen(SYSTEM, access.find(SYSTEM, Opportunity, int(deal.id)), reason="Too soon")
        change.update(SYSTEM, back, {"owner": company.cast.bob}, trusted=True)
    with scene.on("2026-11-25"):
        moving.win(SYSTEM, access.find(SYSTEM, Opportunity, int(deal.id)), close_reason="Price")
        assert counted.won_value(None, *NOVEMBER) == {(company.cast.bob, "2026-11"): 100_000}


def test_activities_by_the_business_day(company: Scene) -> None:
    from smallcrm.areas.activities.records import Activity
    from smallcrm.records import settings

    settings.put(SYSTEM, {"company.timezone": "Asia/Shanghai"})
    for kind, at in (
        ("call", "2026-10-31T16:30:00.000Z"),
        ("call", "2026-11-30T16:30:00.000Z"),
        ("visit", "2026-11-05T03:00:00.000Z"),
    ):
        change.create(
            SYSTEM,
            Activity,
            {"kind": kind, "subject": "Hello", "done_at": at, "owner": company.cast.anna},
            trusted=True,
        )
    assert counted.calls(None, *NOVEMBER) == {(company.cast.anna, "2026-11"): 1}
    assert counted.visits(None, *NOVEMBER) == {(company.cast.anna, "2026-11"): 1}
    assert counted.calls([company.cast.bob], *NOVEMBER) == {}


def test_new_customers(company: Scene) -> None:
    found = counted.new_customers(None, *NOVEMBER)
    assert found == {(user, "2026-11"): 1 for user in (company.cast.anna, company.cast.bob, company.cast.carl)}


def test_metrics_nobody_counts_are_not_there() -> None:
    assert {each.key for each in metrics.all()} == {"won_value", "won_deals", "new_customers", "calls", "visits"}


def test_teams_and_the_company(company: Scene) -> None:
    """A team holds its people and those of the teams under it; its own target stands beside what is spread below."""
    company.deal("anna", "1000", "won", "2026-11-10")
    company.deal("carl", "4000", "won", "2026-11-11")
    company.deal("carl", "800", "open", "2026-11-25", chance=50)
    metric, cast = plans.find_metric("won_value"), company.cast
    month = [None] * 10
    plans.keep(
        cast.actor("owner"), metric, 2026,
        {
            "c": (*month, Decimal(9000), None), f"t{cast.sales}": (*month, Decimal(8000), None), f"t{cast.north}": (*month, Decimal(3000), None),
            f"u{cast.anna}": (*month, Decimal(1200), None), f"u{cast.bob}": (*month, Decimal(1000), None),
        },
    )  # fmt: skip
    found = {each.subject.word: each for each in checking.standings(cast.actor("owner"), metric, "2026-11")}
    assert found["c"].progress.actual == 5000
    assert found[f"t{cast.north}"].progress.actual == 1000
    assert found[f"t{cast.sales}"].progress.actual == 5000
    assert found[f"t{cast.north}"].spread == 2200
    assert found[f"t{cast.north}"].unspread == 800
    assert found["c"].spread == 8000
    assert found[f"u{cast.anna}"].progress.reached == Decimal("83.33")
    assert found[f"u{cast.carl}"].progress.forecast == Decimal(4400)
    assert found["c"].progress.days.gone == 13
    year = {each.subject.word: each.progress.target for each in checking.standings(cast.actor("owner"), metric, "2026")}
    assert year["c"] == 9000


def test_whose_owner_has_gone_since(company: Scene) -> None:
    """What has no owner any more still counts for whoever closed it."""
    deal = company.deal("anna", "1000", "won", "2026-11-10")
    with scene.on("2026-11-20"):
        change.update(SYSTEM, access.find(SYSTEM, Opportunity, int(deal.id)), {"owner": None}, trusted=True)
        assert counted.won_value(None, *NOVEMBER) == {(company.cast.anna, "2026-11"): 100_000}
        assert counted.won_deals(None, *NOVEMBER) == {(company.cast.anna, "2026-11"): 100}
