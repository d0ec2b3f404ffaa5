"""What an opportunity is worth: lines and their sum, shares, and the rows that figures count."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm import store
from smallcrm.areas.catalog.records import Product
from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.areas.pipeline.rules import value
from smallcrm.base.errors import Invalid
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, change, settings
from tests.areas.pipeline.scene import Company


@given(st.integers(0, 10**9), st.integers(0, 10**6), st.integers(0, 10_000))
def test_a_line(price: int, quantity: int, discount: int) -> None:
    """Quantity × price less the discount, rounded half up to the minor unit."""
    exact = Decimal(price) * Decimal(quantity) / 1000 * (1 - Decimal(discount) / 10_000)
    assert value.net(price, quantity, discount) == exact.quantize(Decimal(1), rounding=ROUND_HALF_UP)


@given(st.lists(st.integers(0, 10_000), max_size=6), st.booleans())
def test_shares_are_a_whole(percents: list[int], owned: bool) -> None:
    """With an owner all of it is somebody's, however it is shared."""
    rows = [{"user": 100 + n, "percent": p} for n, p in enumerate(percents)]
    if sum(percents) > value.WHOLE:
        return
    found = value.shares_of({"shares": rows, "owner": 1 if owned else None})
    assert sum(found.values()) == (value.WHOLE if owned else sum(percents))


def test_lines_make_the_amount(company: Company) -> None:
    """Price from the product, quantity one, sum as amount; an amount typed beside lines gives way to them."""
    pump = change.create(SYSTEM, Product, {"name": "Pump", "price": "1200", "cost": "700"}, trusted=True)
    lines = [
        {"product": pump.id},
        {"product": pump.id, "quantity": "2.5", "discount": "10"},
        {"description": "Fitting", "quantity": "3", "price": "33.33"},
    ]
    record = company.make(products=lines, amount="1")
    held = company.held(record)
    assert [row["amount"] for row in held["products"]] == [120_000, 270_000, 9_999]
    assert held["amount"] == 399_999
    sql = "SELECT product, quantity, amount FROM opportunity_line WHERE opportunity = ? ORDER BY line"
    lines = [(pump.id, 1000, 120_000), (pump.id, 2500, 270_000), (None, 3000, 9_999)]
    assert store.rows(sql, [int(record.id)]) == lines
    assert held["product"] == pump.id
    record = change.update(company.actor("anna"), company.record(record.id), {"products": None, "amount": "50"})
    assert company.held(record)["amount"] == 5000
    rows = store.rows("SELECT line, product, amount FROM opportunity_line WHERE opportunity = ?", [int(record.id)])
    assert rows == [(0, pump.id, 5000)]
    change.update(company.actor("anna"), company.record(record.id), {"product": None})
    assert store.value("SELECT count(*) FROM opportunity_line WHERE opportunity = ?", [int(record.id)]) == 0


def test_about_one_product(company: Company) -> None:
    """Its price is the amount until somebody knows better, and its name the opportunity's."""
    pump = change.create(SYSTEM, Product, {"name": "Pump", "price": "1200"}, trusted=True)
    customer = company.customer("Ridley & Hart")
    record = company.make(name=None, product=pump.id, customer=customer)
    held = company.held(record)
    assert (held["name"], held["amount"]) == ("Ridley & Hart · Pump", 120_000)
    assert company.held(company.make(name=None, product=pump.id, amount="900"))["amount"] == 90_000
    assert company.held(company.make(name=None))["name"] == "O-00003"


def test_another_currency(company: Company) -> None:
    """Lines count in the company's currency at the rate at which the whole was kept."""
    settings.put(SYSTEM, {"company.rates": ["CNY = 0.125"]})
    record = company.make(currency="CNY", products=[{"description": "泵", "quantity": "2", "price": "400"}])
    held = company.held(record)
    assert (held["amount"], held["amount_base"]) == (80_000, 10_000)
    assert store.value("SELECT amount FROM opportunity_line WHERE opportunity = ?", [int(record.id)]) == 10_000


def test_sharing(company: Company) -> None:
    """Whoever shares reads and writes it; nobody twice, never more than everything; the owner keeps the rest."""
    record = company.make()
    carl = company.actor("carl")
    assert access.fetch(carl, Opportunity, int(record.id)) is None
    for rows in (
        [{"user": company.cast.carl, "percent": 60}, {"user": company.cast.carl, "percent": 10}],
        [{"user": company.cast.carl, "percent": 60}, {"user": company.cast.bob, "percent": 50}],
    ):
        with pytest.raises(Invalid):
            change.update(company.actor("anna"), company.record(record.id), {"shares": rows})
    change.update(
        company.actor("anna"), company.record(record.id), {"shares": [{"user": company.cast.carl, "percent": "33.33"}]}
    )
    found = access.fetch(company.actor("carl"), Opportunity, int(record.id))
    assert found is not None
    assert access.may(company.actor("carl"), found, "edit")
    sql = "SELECT user, share FROM opportunity_share WHERE opportunity = ? ORDER BY share"
    assert store.rows(sql, [int(record.id)]) == [(company.cast.carl, 3333), (company.cast.anna, 6667)]
    change.update(company.actor("anna"), company.record(record.id), {"shares": None})
    assert access.fetch(company.actor("carl"), Opportunity, int(record.id)) is None
