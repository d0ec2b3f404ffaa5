"""What the history keeps for forecasts: the owner's row also where nothing is left for it."""

from __future__ import annotations

from smallcrm import store
from tests.areas.forecast.scene import Company


def test_the_owner_keeps_a_row(company: Company) -> None:
    number = company.deal()
    sql = "SELECT user, share FROM opportunity_share WHERE opportunity = ? ORDER BY user"
    cast = company.cast
    assert store.rows(sql, [number]) == [(cast.anna, 10_000)]
    company.share(number, bob=100)
    assert store.rows(sql, [number]) == [(cast.anna, 0), (cast.bob, 10_000)]
    company.set(number, shares=None)
    assert store.rows(sql, [number]) == [(cast.anna, 10_000)]
