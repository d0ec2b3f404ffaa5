"""The forecast by hand: weighted, commit, best case, pipeline; shares, products, teams; what lies apart; as of a day; the drill-down."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smallcrm import store
from smallcrm.areas.forecast.rules import figures, periods
from smallcrm.areas.forecast.rules.figures import Behind, Figures, behind, sum_behind, table, up_the_tree
from smallcrm.areas.forecast.rules.pieces import portion
from smallcrm.areas.forecast.rules.which import Which
from smallcrm.identity.actor import SYSTEM
from tests.areas.forecast.scene import Company, on

NOV, DEC = periods.Period(2026, 11), periods.Period(2026, 12)
TWO = [NOV, DEC]
EMPTY = Figures()


def cells(found: figures.Table, key: int | None = None) -> dict[str, tuple[int, ...]]:
    """Period → won, commit, best case, pipeline, weighted, expected; in whole euros."""
    return {
        place: tuple(each.value(column) // 100 for column in figures.COLUMNS)
        for place, each in found.get(key, {}).items()
    }


def a_month(company: Company) -> dict[str, int]:
    made = {
        "won": company.deal("1000"), "commit": company.deal("2000", stage="Negotiation", forecast="commit"),
        "best": company.deal("400", stage="Quote sent", owner="bob"), "pipe": company.deal("300", stage="Needs clear", owner="carl"),
        "omitted": company.deal("9000", stage="Solution agreed", forecast="omitted"), "december": company.deal("500", close="2026-12-24"),
        "overdue": company.deal("70", close="2026-11-19", stage="Negotiation"), "later": company.deal("80", close="2027-02-01"),
        "undated": company.deal("90", close=None), "lost": company.deal("5000"), "invalid": company.deal("6000"),
        "binned": company.deal("7000"),
    }  # fmt: skip
    company.win(made["won"], closed_on="2026-11-03")
    company.lose(made["lost"])
    company.move(made["invalid"], "Invalid")
    company.delete(made["binned"])
    return made


def test_a_month_by_hand(company: Company) -> None:
    """Won 1000; commit adds 2000, best case 400, pipeline 300; weighted 2000×90 % + 400×70 % + 300×30 % = 2170."""
    made = a_month(company)
    found = table(Which(SYSTEM), TWO)
    assert cells(found)["2026-11"] == (1000, 3000, 3400, 3700, 2170, 3170)
    assert cells(found)["2026-12"] == (0, 0, 0, 500, 50, 50)
    assert cells(found)[figures.OVERDUE] == (0, 0, 70, 70, 63, 63)
    assert cells(found)[figures.LATER] == (0, 0, 0, 80, 8, 8)
    assert cells(found)[figures.UNDATED] == (0, 0, 0, 90, 9, 9)
    november = found[None]["2026-11"]
    assert (november.omitted, november.count(), november.open_count, november.count("omitted")) == (900000, 4, 3, 1)
    assert {line.id for line in behind(Which(SYSTEM), TWO, Behind(place="2026-11"), limit=50)} == {
        made[name] for name in ("won", "commit", "best", "pipe")
    }


def test_a_period_that_begins_later_leaves_what_comes_sooner_apart(company: Company) -> None:
    company.deal("500", close="2026-12-24")
    found = table(Which(SYSTEM), [periods.Period(2027, 1)])
    assert cells(found) == {figures.SOONER: (0, 0, 0, 500, 50, 50)}


def test_quarters_and_years_hold_their_months(company: Company) -> None:
    a_month(company)
    quarter = table(Which(SYSTEM), [periods.of(dt.date(2026, 11, 1), "quarter")])
    year = table(Which(SYSTEM), periods.ahead(periods.of(dt.date(2026, 11, 1), "year"), 2))
    assert cells(quarter)["2026-Q4"] == (1000, 3000, 3400, 4200, 2220, 3220)
    assert cells(year)["2026"] == (1000, 3000, 3400, 4200, 2220, 3220)
    assert cells(year)["2027"] == (0, 0, 0, 80, 8, 8)


def test_overdue_begins_the_day_after(company: Company) -> None:
    company.deal("100", close="2026-11-20")
    assert list(cells(table(Which(SYSTEM), [NOV]))) == ["2026-11"]
    with on("2026-11-21"):
        assert list(cells(table(Which(SYSTEM), [NOV]))) == [figures.OVERDUE]


@pytest.mark.parametrize(
    ("amount", "chance", "weighted"),
    [("0.05", 10, 1), ("0.04", 10, 0), ("-0.05", 10, -1), ("1.01", 50, 51), ("33.33", 33, 1100)],
)
def test_weighted_is_rounded_half_up_for_each(company: Company, amount: str, chance: int, weighted: int) -> None:
    company.deal(amount, chance=chance)
    assert table(Which(SYSTEM), [NOV])[None]["2026-11"].weighted == weighted


def test_shares_count_for_each(company: Company) -> None:
    """1000.01 shared 30 % with Bob and 20 % with Carl: 300.00, 200.01 by running sums, the owner the rest."""
    shared = company.deal("1000.01", stage="Solution agreed")
    company.share(shared, bob=30, carl=20)
    company.deal("500", owner="bob")
    by = table(Which(SYSTEM), [NOV], by="person")
    cast = company.cast
    held = {key: by[key]["2026-11"].in_pipeline for key in by}
    assert held == {cast.anna: 50000, cast.bob: 30000 + 50000, cast.carl: 20001}
    assert sum(held.values()) == table(Which(SYSTEM), [NOV])[None]["2026-11"].pipeline
    assert [by[key]["2026-11"].count() for key in (cast.anna, cast.bob, cast.carl)] == [1, 2, 1]


def test_a_whole_share_leaves_the_owner_nothing(company: Company) -> None:
    given = company.deal("1000")
    company.share(given, bob=100)
    unowned = company.deal("200", owner=None)
    company.share(unowned, carl=100)
    by = table(Which(SYSTEM), [NOV], by="person")
    assert {key: row["2026-11"].pipeline for key, row in by.items()} == {
        company.cast.bob: 100000,
        company.cast.carl: 20000,
    }


def test_a_team_counts_those_below_and_a_shared_one_once(company: Company) -> None:
    shared = company.deal("1000")
    company.share(shared, bob=25, carl=25)
    cast = company.cast
    found = up_the_tree(table(Which(SYSTEM), [NOV], by="team"))
    rows = {key: (row["2026-11"].pipeline // 100, row["2026-11"].count()) for key, row in found.items()}
    assert rows == {cast.north: (750, 1), cast.south: (250, 1), cast.sales: (1000, 1)}
    assert table(Which(SYSTEM, team=cast.sales), [NOV])[None]["2026-11"].pipeline == 100000
    assert table(Which(SYSTEM, team=cast.north), [NOV])[None]["2026-11"].count() == 1
    assert table(Which(SYSTEM, person=cast.carl), [NOV])[None]["2026-11"].pipeline == 25000
    assert sum_behind(Which(SYSTEM), [NOV], Behind(by="team", key=cast.north))[:2] == (1, 75000)


def test_products_and_what_no_product_explains(company: Company) -> None:
    pump, hose = company.product("Pump"), company.product("Hose")
    lined = company.deal(
        None, stage="Solution agreed",
        products=[{"product": pump, "quantity": 2, "price": "100"}, {"product": hose, "quantity": 1, "price": "33.33"}, {"description": "fee", "quantity": 1, "price": "10"}],
    )  # fmt: skip
    bare = company.deal("50")
    by = table(Which(SYSTEM), [NOV], by="product")
    assert {key: row["2026-11"].pipeline for key, row in by.items()} == {pump: 20000, hose: 3333, None: 6000}
    assert sum(row["2026-11"].weighted for row in by.values()) == table(Which(SYSTEM), [NOV])[None]["2026-11"].weighted
    assert {line.id for line in behind(Which(SYSTEM), [NOV], Behind(by="product", key=0), limit=9)} == {lined, bare}
    assert [line.amount for line in behind(Which(SYSTEM), [NOV], Behind(by="product", key=pump), limit=9)] == [20000]
    assert table(Which(SYSTEM, product=hose), [NOV])[None]["2026-11"].pipeline == 3333
    company.share(lined, bob=50)
    mine = table(Which(SYSTEM, person=company.cast.bob), [NOV], by="product")
    assert (
        sum(row["2026-11"].pipeline for row in mine.values())
        == table(Which(SYSTEM, person=company.cast.bob), [NOV])[None]["2026-11"].pipeline
    )


def test_pipelines_and_sources(company: Company) -> None:
    other = company.second()
    company.deal("100", source="Fair")
    company.deal("40", pipeline=other)
    by = table(Which(SYSTEM), [NOV], by="pipeline")
    assert {key: row["2026-11"].pipeline for key, row in by.items()} == {company.pipeline: 10000, other: 4000}
    assert table(Which(SYSTEM, pipeline=other), [NOV])[None]["2026-11"].pipeline == 4000
    assert table(Which(SYSTEM, source="Fair"), [NOV])[None]["2026-11"].pipeline == 10000


def test_an_amount_without_a_rate_is_told_apart(company: Company) -> None:
    company.deal("100", currency="XAF")
    company.deal("20")
    assert table(Which(SYSTEM), [NOV])[None]["2026-11"].pipeline == 2000
    assert figures.without_value(Which(SYSTEM), [NOV]) == 1


def test_within_reach(company: Company) -> None:
    company.deal("100", owner="anna")
    company.deal("20", owner="carl")
    seen = {
        part: table(Which(company.actor(part)), [NOV]).get(None, {}).get("2026-11", EMPTY).pipeline
        for part in ("anna", "carl", "manager", "reader", "nobody")
    }
    assert seen == {"anna": 10000, "carl": 2000, "manager": 12000, "reader": 12000, "nobody": 0}


def test_as_of_a_day(company: Company) -> None:
    """Another amount, another day, another owner, won since, made since, binned since."""
    with on("2026-11-02"):
        moved, won, binned = company.deal("100"), company.deal("200", stage="Negotiation"), company.deal("400")
    with on("2026-11-10"):
        company.set(moved, amount="150", expected_close="2026-12-05", owner=company.cast.carl)
        company.win(won)
        company.delete(binned)
        company.deal("800")
    then = Which(SYSTEM, as_of=dt.date(2026, 11, 9))
    assert cells(table(then, TWO)) == {"2026-11": (0, 0, 200, 300, 190, 190)}
    assert {key: row["2026-11"].pipeline for key, row in table(then, TWO, by="person").items()} == {
        company.cast.anna: 30000
    }
    assert cells(table(Which(SYSTEM, as_of=dt.date(2026, 11, 10)), TWO)) == {
        "2026-11": (200, 200, 200, 1000, 80, 280),
        "2026-12": (0, 0, 0, 150, 15, 15),
    }
    assert cells(table(Which(SYSTEM, as_of=dt.date(2026, 11, 1)), TWO)) == {}


# ---------------------------------------------------------------- whatever the numbers are


@given(st.integers(-(10**15), 10**15), st.lists(st.integers(0, 10_000), min_size=1, max_size=5))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_portions_are_exact_and_round_half_away(folder: Any, amount: int, shares: list[int]) -> None:
    for share in shares:
        found = store.value(f"SELECT {portion('?1', '?2')}", [amount, share])
        exact = abs(amount) * share
        assert abs(found) == (exact + 5000) // 10000
        assert found == 0 or (found > 0) == (amount > 0)


_DEALS = st.lists(
    st.tuples(
        st.integers(-500, 100_000), st.integers(0, 100), st.sampled_from(["2026-11-25", "2026-12-03", "2026-11-01", None]),
        st.sampled_from(["anna", "bob", "carl"]), st.integers(0, 100), st.integers(0, 50), st.booleans(), st.lists(st.integers(0, 9999), max_size=3),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


@given(deals=_DEALS)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_parts_sum_to_the_whole_and_as_of_now_is_now(company: Company, deals: list[Any]) -> None:
    """By person, team, product, pipeline and period; each cell's drill-down; the history read as of now."""
    goods = [company.product(f"P{n} {len(deals)} {store.value('SELECT count(*) FROM product')}") for n in range(2)]
    for amount, chance, close, owner, first, second, won, lines in deals:
        others = [each for each in ("anna", "bob", "carl") if each != owner]
        number = company.deal(f"{amount / 100:.2f}", close=close, owner=owner, chance=chance)
        if lines:
            company.set(
                number,
                products=[
                    {"product": goods[n % 2], "quantity": 1, "price": f"{line / 100:.2f}"}
                    for n, line in enumerate(lines)
                ],
            )
        company.share(number, **{others[0]: first, others[1]: min(second, 100 - first)})
        if won:
            company.win(number)
    whole = table(Which(SYSTEM), TWO)[None]
    for by in ("person", "team", "product", "pipeline"):
        found = table(Which(SYSTEM), TWO, by=by)
        for place, each in whole.items():
            parts = [row[place] for row in found.values() if place in row]
            for column in (*figures.COLUMNS, "omitted"):
                assert sum(part.value(column) for part in parts) == each.value(column), (by, place, column)
            for key, row in found.items():
                cell = Behind(by=by, key=key or 0, place=place)
                n, amount, _weighted = sum_behind(Which(SYSTEM), TWO, cell)
                figure = up_the_tree(found)[key].get(place, EMPTY) if by == "team" and key else row.get(place, EMPTY)
                assert amount == figure.pipeline
                if by != "product":
                    assert n == figure.count()
    with on("2026-11-21", 0):
        later = table(Which(SYSTEM, as_of=dt.date(2026, 11, 20)), TWO)[None]
    assert {place: [each.value(c) for c in figures.COLUMNS] for place, each in later.items()} == {
        place: [each.value(c) for c in figures.COLUMNS] for place, each in whole.items()
    }
