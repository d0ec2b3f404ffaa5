"""What the pipeline keeps that figures rest on: the owner's row also where nothing is left for it, stays until the stage is left."""

from __future__ import annotations

from smallcrm import store
from smallcrm.areas.pipeline.rules.warnings import usual_stays
from tests.areas.forecast.scene import Company, on


def test_the_owner_keeps_a_row(company: Company) -> None:
    number = company.deal()
    sql = "SELECT user, share FROM opportunity_share WHERE opportunity = ? ORDER BY user"
    cast = company.cast
    assert store.rows(sql, [number]) == [(cast.anna, 10_000)]
    company.share(number, bob=100)
    assert store.rows(sql, [number]) == [(cast.anna, 0), (cast.bob, 10_000)]
    company.set(number, shares=None)
    assert store.rows(sql, [number]) == [(cast.anna, 10_000)]


def test_a_stay_lasts_until_the_stage_is_left(company: Company) -> None:
    """An amount changed on the second day does not end it."""
    with on("2026-11-01"):
        made = [company.deal() for _ in range(5)]
    with on("2026-11-02"):
        for number in made:
            company.set(number, amount="5")
    with on("2026-11-11"):
        for number in made:
            company.win(number)
    assert usual_stays()[company.stage("New")] == 10
