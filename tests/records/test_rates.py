"""Amounts in currencies without a rate: left out of totals and said so, taken in once there is one."""

from __future__ import annotations

import pytest

from smallcrm import store
from smallcrm.areas.customers.records import Customer
from smallcrm.identity.actor import SYSTEM
from smallcrm.jobs import work
from smallcrm.records import change, custom, query, rates, settings
from smallcrm.records.query import Ask
from tests.cast import Cast
from tests.client import Web


@pytest.fixture
def money(cast: Cast) -> Cast:
    key = custom.define(SYSTEM, Customer, field_kind="money", labels={"en": "Budget"})
    settings.put(SYSTEM, {"company.currency": "EUR", "company.rates": ["GBP = 1.5"]})
    for name, code, more in (
        ("Home", "EUR", {}), ("Kept", "GBP", {}), ("One", "USD", {key: "7"}), ("Two", "USD", {}),
        ("Yen", "JPY", {"owner": cast.bob}), ("None", None, {}),
    ):  # fmt: skip
        values = {"name": name, "annual_revenue": 100, "currency": code, "owner": cast.anna, **more}
        change.create(SYSTEM, Customer, values, trusted=True)
    return cast


def test_what_a_total_leaves_out_is_counted_within_ones_reach(money: Cast) -> None:
    def left(who: str, **more: object) -> dict[str, dict[str, int]]:
        return query.without_rate(Ask(money.actor(who), Customer, **more), ["annual_revenue", "c1", "name"])  # type: ignore[arg-type]

    assert left("anna") == {"annual_revenue": {"USD": 2}, "c1": {"USD": 1}}
    assert left("manager") == {"annual_revenue": {"JPY": 1, "USD": 2}, "c1": {"USD": 1}}
    assert left("manager", filter={"all": [{"field": "currency", "op": "eq", "value": "JPY"}]}) == {
        "annual_revenue": {"JPY": 1}
    }
    assert left("carl") == {}


def test_the_page_says_it_beside_the_total(money: Cast, web: Web) -> None:
    foot = web.browser("manager").get("/customers/sums").get_data(as_text=True)
    assert "without 2 amounts in USD: no rate" in foot
    assert "without 1 amount in JPY: no rate" in foot


def test_a_new_rate_brings_in_what_was_left_out_and_nothing_else(money: Cast) -> None:
    manager = money.actor("manager")
    before = query.sums(Ask(manager, Customer), ["annual_revenue"])
    settings.put(SYSTEM, {"company.rates": ["GBP = 9", "USD = 0.5"]})
    assert rates.waiting()
    assert rates.fill() == 3
    assert not rates.waiting()
    after = query.sums(Ask(manager, Customer), ["annual_revenue", "c1"])
    assert after == {"annual_revenue": before["annual_revenue"] + 2 * 50_00, "c1": 350}
    assert query.without_rate(Ask(manager, Customer), ["annual_revenue"]) == {"annual_revenue": {"JPY": 1}}


def test_saving_a_rate_works_the_amounts_out(money: Cast, web: Web) -> None:
    form = {"company_name": "Hartley", "company_currency": "EUR", "company_rates": "GBP = 9\nUSD = 0.5"}
    assert web.browser("owner").post("/admin/company", form).status_code == 303
    done = work.join(int(store.value("SELECT max(id) FROM work")), 30)
    assert (done.state, done.result) == ("done", {"amounts": 3})
    foot = web.browser("manager").get("/customers/sums").get_data(as_text=True)
    assert ("USD" in foot, "JPY" in foot) == (False, True)


def test_another_currency_of_the_company_works_every_amount_out_anew(money: Cast, web: Web) -> None:
    """In dollars then, by the rates given with it; what named no currency was in euros and stays so."""
    form = {"company_name": "Hartley", "company_currency": "USD", "company_rates": "EUR = 1.1"}
    assert web.browser("owner").post("/admin/company", form).status_code == 303
    assert work.join(int(store.value("SELECT max(id) FROM work")), 30).state == "done"
    manager = money.actor("manager")
    assert query.sums(Ask(manager, Customer), ["annual_revenue", "c1"]) == {"annual_revenue": 420_00, "c1": 7_00}
    assert query.without_rate(Ask(manager, Customer), ["annual_revenue"]) == {"annual_revenue": {"GBP": 1, "JPY": 1}}
    assert store.rows("SELECT currency FROM customer WHERE name = 'None'") == [("EUR",)]


def test_keeping_the_currency_keeps_the_rates_of_the_day(money: Cast, web: Web) -> None:
    before = query.sums(Ask(money.actor("manager"), Customer), ["annual_revenue"])
    form = {"company_name": "Hartley", "company_currency": "EUR", "company_rates": "GBP = 9"}
    assert web.browser("owner").post("/admin/company", form).status_code == 303
    assert query.sums(Ask(money.actor("manager"), Customer), ["annual_revenue"]) == before
