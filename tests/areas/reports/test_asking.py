"""Figures over real records: measures, groups, periods, comparison, reach, and the way to the records behind a number."""

from __future__ import annotations

from decimal import Decimal

import pytest

from smallcrm.base.errors import BadRequest, Forbidden
from smallcrm.identity.actor import SYSTEM, Actor
from smallcrm.records import access, change, custom, figures, query
from smallcrm.records.figures import Spec, measures, words
from smallcrm.records.record import by_key
from tests.areas.reports.scene import Scene

WON = {"field": "state", "op": "eq", "value": "won"}


def listed(actor: Actor, spec: Spec, result: figures.Result, keys: tuple[object, ...] = ()) -> int:
    """How many records the list behind a number shows."""
    filter_ = figures.drill(spec, result, keys)  # type: ignore[arg-type]
    return query.count(query.Ask(actor, spec.kind, filter=filter_), cap=None)


@pytest.fixture
def sold(company: Scene) -> Scene:
    """Won: Anna 1,000 and 500 in November, Bob 2,000 in October, Carl 4,000 in November; 700 lost by Anna; two open."""
    company.deal("anna", "1000", "won", "2026-11-02", source="Web")
    company.deal("anna", "500", "won", "2026-11-30", source="WEB")
    company.deal("bob", "2000", "won", "2026-10-31", source="Fair")
    company.deal("carl", "4000", "won", "2026-11-10")
    company.deal("carl", "100", "won", "2025-11-10")
    company.deal("anna", "700", "lost", "2026-11-05", reason="Too dear")
    company.deal("anna", "300", "open", "2026-12-01")
    company.deal("carl", "200", "open", "2027-01-01")
    return company


def test_sum_in_a_period_against_last_year(sold: Scene) -> None:
    spec = Spec("opportunity", "sum:amount", filter=WON, when="closed_on", period="this_month", compare="year")
    result = figures.ask(sold.cast.actor("owner"), spec)
    assert (result.total.value, result.total.before) == (550_000, 10_000)
    assert result.total.change == Decimal("5400.0")
    assert listed(sold.cast.actor("owner"), spec, result) == 3


def test_previous_period(sold: Scene) -> None:
    spec = Spec("opportunity", "count", filter=WON, when="closed_on", period="this_month", compare="previous")
    cell = figures.ask(sold.cast.actor("owner"), spec).total
    assert (cell.value, cell.before, cell.change) == (3, 1, Decimal("200.0"))


def test_nothing_to_divide_by_is_a_dash(sold: Scene) -> None:
    spec = Spec("opportunity", "win_rate", when="closed_on", period="2020-01-01..2020-12-31", compare="previous")
    result = figures.ask(sold.cast.actor("owner"), spec)
    assert result.total.value is None
    assert result.total.change is None
    assert words.value(None, result.measure, "EUR") == "—"


@pytest.mark.parametrize(
    ("part", "total", "people"),
    [("owner", 750_000 + 10_000, 3), ("anna", 150_000, 1), ("carl", 410_000, 1), ("manager", 760_000, 3)],
)
def test_within_reach(sold: Scene, part: str, total: int, people: int) -> None:
    actor = sold.cast.actor(part)
    spec = Spec("opportunity", "sum:amount", "owner", filter=WON)
    result = figures.ask(actor, spec)
    assert result.total.value == total
    assert len(result.rows) == people
    for row in result.rows:
        filter_ = figures.drill(spec, result, row.keys)
        assert query.sums(query.Ask(actor, spec.kind, filter=filter_), ["amount"]) == {"amount": row.cell.value}


def test_out_of_reach(sold: Scene) -> None:
    with pytest.raises(Forbidden):
        figures.ask(sold.cast.actor("nobody"), Spec("opportunity"))


def test_what_is_written_alike_is_one_group(sold: Scene) -> None:
    actor = sold.cast.actor("owner")
    spec = Spec("opportunity", "count", "source", filter=WON)
    result = figures.ask(actor, spec)
    assert {row.names[0].lower(): row.cell.value for row in result.rows} == {"web": 2, "fair": 1, "(empty)": 2}
    for row in result.rows:
        assert listed(actor, spec, result, row.keys) == row.cell.value


@pytest.mark.parametrize("by", ["stage", "state", "owner", "team", "customer", "customer.region", "closed_on:month", "closed_on:quarter",
                                "closed_on:week", "closed_on:year", "closed_on:day", "created_at:month", "close_reason", "product"])  # fmt: skip
def test_every_grouping_leads_to_its_records(sold: Scene, by: str) -> None:
    """The groups add up to the whole, and the list behind each shows exactly as many."""
    for part in ("owner", "anna"):
        actor = sold.cast.actor(part)
        spec = Spec("opportunity", "count", by)
        result = figures.ask(actor, spec)
        assert sum(int(row.cell.value or 0) for row in result.rows) == result.total.value
        for row in result.rows:
            assert listed(actor, spec, result, row.keys) == row.cell.value, (by, row.names)


def test_months_without_anything_stand_there(sold: Scene) -> None:
    spec = Spec(
        "opportunity",
        "sum:amount",
        "closed_on:month",
        filter=WON,
        when="closed_on",
        period="last_12_months",
        compare="year",
    )
    result = figures.ask(sold.cast.actor("owner"), spec)
    assert next(row.keys[0] for row in result.rows) == "2025-12"
    assert len(result.rows) == 12
    assert (result.rows[-1].cell.value, result.rows[-1].cell.before) == (550_000, 10_000)
    assert result.rows[0].cell.value == 0


def test_two_groupings(sold: Scene) -> None:
    actor = sold.cast.actor("owner")
    spec = Spec("opportunity", "count", "owner", "state")
    result = figures.ask(actor, spec)
    down, across, cells = result.matrix()
    assert across[:2] == ["open", "won"]
    assert cells[sold.cast.anna, "won"].value == 2
    assert len(down) == 3
    for row in result.rows:
        assert listed(actor, spec, result, row.keys) == row.cell.value


def test_rates(sold: Scene) -> None:
    actor = sold.cast.actor("owner")
    in_november = {"when": "closed_on", "period": "this_month"}
    assert figures.ask(actor, Spec("opportunity", "win_rate", **in_november)).total.value == Decimal("75.00")
    assert figures.ask(actor, Spec("opportunity", "win_rate_value", **in_november)).total.value == Decimal("88.71")
    # begun on 11 October: closed after 22, 50 and 30 days
    assert figures.ask(actor, Spec("opportunity", "cycle", **in_november)).total.value == Decimal(34)
    assert figures.ask(actor, Spec("opportunity", "cycle_median", **in_november)).total.value == Decimal(30)
    by_owner = figures.ask(actor, Spec("opportunity", "win_rate", "owner", **in_november))
    assert {row.keys[0]: row.cell.value for row in by_owner.rows} == {
        sold.cast.anna: Decimal("66.67"),
        sold.cast.carl: Decimal("100.00"),
    }


def test_velocity(sold: Scene) -> None:
    """2 open × average won (7,500 ÷ 4) × 4 ÷ 5 ÷ cycle (22 + 50 + 20 + 30 days ÷ 4)."""
    value = figures.ask(sold.cast.actor("owner"), Spec("opportunity", "velocity")).total.value
    expected = Decimal(2) * (Decimal(750_000) / 4) * (Decimal(4) / 5) / (Decimal(122) / 4)
    assert abs(Decimal(value or 0) - expected) < Decimal("0.0001")


def test_invalid_ones_do_not_count_in_the_win_rate(sold: Scene) -> None:
    sold.deal("anna", "9000", "invalid", "2026-11-06")
    spec = Spec("opportunity", "win_rate", when="closed_on", period="this_month")
    result = figures.ask(sold.cast.actor("owner"), spec)
    assert result.total.value == Decimal("75.00")
    assert listed(sold.cast.actor("owner"), spec, result) == 4


def test_products_count_each_once_and_sum_their_lines(sold: Scene) -> None:
    from smallcrm.areas.catalog.records import Product

    box, lid = (int(change.create(SYSTEM, Product, {"name": name}, trusted=True).id) for name in ("Box", "Lid"))
    lines = [
        {"product": box, "quantity": 1, "price": "100"},
        {"product": lid, "quantity": 1, "price": "50"},
        {"product": box, "quantity": 1, "price": "10"},
    ]
    sold.deal("anna", None, "won", "2026-11-12", products=lines)
    actor = sold.cast.actor("owner")
    spec = Spec(
        "opportunity",
        "sum:amount",
        "product",
        filter={"all": [WON, {"field": "product", "op": "in", "value": [box, lid]}]},
    )
    result = figures.ask(actor, spec)
    assert {row.names[0]: row.cell.value for row in result.rows} == {"Box": 11_000, "Lid": 5_000}
    assert result.total.value == 16_000
    counted = figures.ask(actor, Spec("opportunity", "count", "product", filter=spec.filter))
    assert {row.names[0]: row.cell.value for row in counted.rows} == {"Box": 1, "Lid": 1}
    assert counted.total.value == 1


def test_amounts_without_a_rate_are_told(sold: Scene) -> None:
    sold.deal("anna", "1000", "won", "2026-11-03", currency="JPY")
    result = figures.ask(
        sold.cast.actor("owner"), Spec("opportunity", "sum:amount", filter=WON, when="closed_on", period="this_month")
    )
    assert result.total.value == 550_000
    assert result.without_rate == 1
    assert "without 1 amount" in words.in_currency(result)


def test_custom_fields(sold: Scene) -> None:
    kind = by_key("opportunity")
    owner = sold.cast.actor("owner")
    choice = custom.define(
        owner, kind, field_kind="choice", labels={"en": "Size"}, flags=("filter",),
        options={"options": [{"key": "s", "labels": {"en": "Small"}}, {"key": "l", "labels": {"en": "Large"}}]},
    )  # fmt: skip
    money = custom.define(owner, kind, field_kind="money", labels={"en": "Margin"}, flags=("filter",))
    sold.deal("anna", "10", **{choice: "l", money: "4.50"})
    sold.deal("anna", "10", **{choice: "l", money: "1.00"})
    result = figures.ask(sold.cast.actor("anna"), Spec("opportunity", f"sum:{money}", choice))
    assert {row.names[0]: row.cell.value for row in result.rows}["Large"] == 550


def test_a_moment_falls_on_the_business_day(sold: Scene) -> None:
    """Half past eleven in the evening of London's winter is the next day in Athens."""
    from smallcrm.areas.activities.records import Activity
    from smallcrm.records import settings

    settings.put(SYSTEM, {"company.timezone": "Europe/Athens"})
    for at in (
        "2026-10-24T22:30:00.000Z",
        "2026-10-25T21:30:00.000Z",
        "2026-10-31T22:30:00.000Z",
    ):  # the clock goes back on the 25th
        change.create(
            SYSTEM, Activity, {"kind": "call", "subject": "Hello", "done_at": at, "owner": sold.cast.anna}, trusted=True
        )
    by_day = figures.ask(sold.cast.actor("owner"), Spec("activity", "count", "done_at:day"))
    assert {row.keys[0]: row.cell.value for row in by_day.rows} == {"2026-10-25": 2, "2026-11-01": 1}
    by_week = figures.ask(sold.cast.actor("owner"), Spec("activity", "count", "done_at:week"))
    assert {row.keys[0]: row.cell.value for row in by_week.rows} == {"2026-10-19": 2, "2026-10-26": 1}


def test_masked_values_are_no_groups(company: Scene) -> None:
    """What a pool hides until it is claimed does not come out by grouping."""
    from smallcrm.areas.pool.records import Pool

    pool = int(
        change.create(
            SYSTEM,
            Pool,
            {"name": "P", "kind": "customers", "members": [company.cast.anna], "masked_fields": ["wechat"]},
            trusted=True,
        ).id
    )
    change.create(SYSTEM, by_key("customer"), {"name": "Hidden Ltd", "wechat": "secret", "pool": pool}, trusted=True)
    anna = figures.ask(company.cast.actor("anna"), Spec("customer", "count", "wechat"))
    assert "secret" not in [row.names[0] for row in anna.rows]
    owner = figures.ask(company.cast.actor("owner"), Spec("customer", "count", "wechat"))
    assert "secret" in [row.names[0] for row in owner.rows]


@pytest.mark.parametrize(
    "spec",
    [
        Spec("opportunity", "sum:name"), Spec("opportunity", "nonsense"), Spec("opportunity", by="tags"), Spec("opportunity", by="nope"),
        Spec("opportunity", by="closed_on:century"), Spec("opportunity", by="customer.contact.name"), Spec("nothing"),
        Spec("opportunity", when="closed_on", period="someday"), Spec("opportunity", when="name", period="today"),
        Spec("opportunity", filter={"field": "nope", "op": "eq", "value": 1}),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_said(company: Scene, spec: Spec) -> None:
    with pytest.raises(BadRequest):
        figures.ask(company.cast.actor("owner"), spec)


def test_hidden_fields_do_not_exist(sold: Scene) -> None:
    from smallcrm.areas.people.records import Role
    from smallcrm.areas.people.roles import role_id

    owner = sold.cast.actor("owner")
    role = access.find(owner, Role, int(role_id("sales") or 0))
    change.update(
        owner, role, {"field_rights": [{"type": "opportunity", "field": "amount", "right": "hidden"}]}, trusted=True
    )
    with pytest.raises(BadRequest):
        figures.ask(sold.cast.actor("anna"), Spec("opportunity", "sum:amount"))


def test_a_commit_is_seen_at_once(sold: Scene) -> None:
    actor, spec = sold.cast.actor("owner"), Spec("opportunity", "count", filter=WON)
    before = figures.ask(actor, spec).total.value
    sold.deal("anna", "1", "won", "2026-11-18")
    assert figures.ask(actor, spec).total.value == (before or 0) + 1


def test_parts_that_do_not_add_up_are_asked_again(sold: Scene) -> None:
    spec = Spec("opportunity", "distinct:customer", "state")
    result = figures.ask(sold.cast.actor("owner"), spec)
    assert sum(int(row.cell.value or 0) for row in result.rows) > 3
    assert result.total.value == 3
    assert measures.merged(result.measure, [[1], [2]]) is None
