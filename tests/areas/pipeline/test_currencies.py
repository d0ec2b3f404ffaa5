"""Opportunities in several currencies: each keeps its rate, sums are in the company's currency, and nothing is left out in silence."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm import store
from smallcrm.areas.pipeline.rules import rated
from smallcrm.areas.reports.records import Alert
from smallcrm.areas.targets.records import Target
from smallcrm.base import clock
from smallcrm.base.errors import WrongState
from smallcrm.identity.actor import SYSTEM
from smallcrm.jobs import work
from smallcrm.records import change, query, rates, settings, undo
from smallcrm.records.fields import rate as kept
from smallcrm.records.query import Ask
from smallcrm.records.record import by_key
from tests.areas.pipeline.scene import Company
from tests.client import Web


@pytest.fixture
def world(company: Company) -> Company:
    """Counting in euros; dollars and yuan have a rate, yen have none."""
    settings.put(SYSTEM, {"company.currency": "EUR", "company.rates": ["USD = 0.9", "CNY = 0.13"]})
    return company


def now_at(*lines: str) -> None:
    settings.put(SYSTEM, {"company.rates": list(lines)})


def worth(company: Company, record: Any) -> tuple[int | None, str]:
    """(in the company's currency, the kept rate as typed)."""
    held = company.held(record)
    return held["amount_base"], kept.shown(kept.decimal(held["rate"])) if held["rate"] else ""


def edit(company: Company, record: Any, **given: Any) -> None:
    change.update(company.actor("anna"), company.record(int(record.id)), given)


def total(company: Company, part: str = "anna") -> int:
    return query.sums(Ask(company.actor(part), by_key("opportunity")), ["amount"])["amount"]


def test_each_keeps_the_rate_it_came_in_with(world: Company) -> None:
    """Through every other change, also of the amount; another currency, or an emptied rate, takes the day's."""
    deal = world.make(amount="1000", currency="USD")
    yuan = world.make(amount="5000", currency="CNY")
    home = world.make(amount="100", currency="EUR")
    assert [worth(world, each) for each in (deal, yuan, home)] == [(900_00, "0.9"), (650_00, "0.13"), (100_00, "")]
    now_at("USD = 0.5", "CNY = 0.2")
    edit(world, deal, name="Pumps again", amount="1000", currency="USD")
    assert worth(world, deal) == (900_00, "0.9")
    edit(world, deal, amount="2000")
    assert worth(world, deal) == (1800_00, "0.9")
    edit(world, deal, rate="0.7")
    assert worth(world, deal) == (1400_00, "0.7")
    edit(world, deal, rate=None)
    assert worth(world, deal) == (1000_00, "0.5")
    edit(world, yuan, currency="USD")
    assert worth(world, yuan) == (2500_00, "0.5")
    edit(world, yuan, currency="EUR")
    assert worth(world, yuan)[0] == 5000_00
    assert total(world) == 1000_00 + 5000_00 + 100_00


def test_asked_it_takes_todays_rate_and_gives_it_back(world: Company, web: Web) -> None:
    deal = world.make(amount="1000", currency="USD")
    now_at("USD = 0.5")
    browser = web.browser("anna")
    page = browser.get(f"/opportunities/{deal.id}").get_data(as_text=True)
    assert "€900.00" in page
    assert f"/opportunities/{deal.id}/rate" in page
    assert browser.post(f"/opportunities/{deal.id}/rate").status_code == 303
    assert worth(world, deal) == (500_00, "0.5")
    undo.undo(world.actor("anna"), int(store.value("SELECT max(id) FROM change_set")))
    assert worth(world, deal) == (900_00, "0.9")
    assert web.browser("carl").post(f"/opportunities/{deal.id}/rate").status_code == 404
    now_at()
    assert browser.post(f"/opportunities/{deal.id}/rate").status_code == 409
    with pytest.raises(WrongState):
        rated.take_todays(world.actor("anna"), world.record(int(deal.id)))


@given(st.integers(1, 10**9), st.decimals("0.0001", "9000", places=4))
def test_worth(units: int, rate: Decimal) -> None:
    """Amount × rate, rounded half up to the minor unit, from yen (no decimals) as from dollars."""
    for code, places in (("JPY", 0), ("USD", 2)):
        exact = Decimal(units).scaleb(-places) * rate * 100
        if exact < 10**14:
            assert rated.worth(units, code, kept.steps(rate)) == exact.quantize(Decimal(1), rounding=ROUND_HALF_UP)
    assert rated.worth(units, code, None) is None


def test_without_a_rate_it_is_said_everywhere(world: Company, web: Web) -> None:
    customer = world.customer()
    world.make(amount="1000", currency="USD", customer=customer)
    yen = world.make(amount="90000", currency="JPY", customer=customer)
    browser = web.browser("anna")
    said = "without 1 amount: no rate"
    pages = {
        url: browser.get(url).get_data(as_text=True)
        for url in ("/opportunities/board", "/opportunities/board/heads", f"/customers/{customer}", "/forecast/funnel")
    }
    assert said in pages["/opportunities/board"]
    assert said in pages["/opportunities/board/heads"]
    assert said in pages[f"/customers/{customer}"]
    assert said in pages["/forecast/funnel"]
    assert "no rate" in browser.get(f"/opportunities/{yen.id}").get_data(as_text=True)
    foot = browser.get("/opportunities/sums").get_data(as_text=True)
    assert "without 1 amount in JPY: no rate" in foot
    assert "EUR" in foot
    now_at("USD = 0.9", "JPY = 0.006")
    assert rates.waiting()
    assert rates.fill() == 1
    assert not rates.waiting()
    assert worth(world, yen) == (540_00, "0.006")
    assert store.rows("SELECT amount FROM stage_history WHERE opportunity = ?", [yen.id]) == [(540_00,)]
    assert said not in browser.get("/opportunities/board").get_data(as_text=True)


def test_lines_follow_their_opportunity(world: Company) -> None:
    deal = world.make(
        currency="JPY", products=[{"description": "A", "price": "3000"}, {"description": "B", "price": "1000"}]
    )
    sql = "SELECT amount FROM opportunity_line WHERE opportunity = ? ORDER BY line"
    assert store.rows(sql, [deal.id]) == [(None,), (None,)]
    now_at("JPY = 0.006")
    rates.fill()
    assert store.rows(sql, [deal.id]) == [(18_00,), (6_00,)]
    edit(world, deal, rate="0.01")
    assert store.rows(sql, [deal.id]) == [(30_00,), (10_00,)]


def test_another_currency_of_the_company(world: Company, web: Web) -> None:
    """What is, what stood, lines, all in the new one by the new rates, also where an amount was another one meanwhile."""
    day = clock.today()
    deal = world.make(amount="1000", currency="USD", expected_close=(day + dt.timedelta(days=5)).isoformat())
    home = world.make(amount="90", currency="EUR", expected_close=(day + dt.timedelta(days=5)).isoformat())
    with clock.at(clock.now() + dt.timedelta(days=2)):
        edit(world, deal, amount="3000")
        edit(world, home, amount="180")
        form = {"company_name": "Hartley", "company_currency": "USD", "company_rates": "EUR = 2\nCNY = 0.15"}
        assert web.browser("owner").post("/admin/company", form).status_code == 303
        assert work.join(int(store.value("SELECT max(id) FROM work")), 30).state == "done"
        assert (worth(world, deal), worth(world, home)) == ((3000_00, ""), (360_00, "2"))
        sql = "SELECT amount FROM stage_history WHERE opportunity = ? ORDER BY id"
        assert store.rows(sql, [deal.id]) == [(1000_00,), (3000_00,)]
        assert store.rows(sql, [home.id]) == [(180_00,), (360_00,)]
        assert total(world) == 3360_00


def company_form(web: Web, currency: str, lines: str) -> Any:
    form = {"company_name": "Hartley", "company_currency": currency, "company_rates": lines}
    return web.browser("owner").post("/admin/company", form)


def test_the_old_currency_must_have_a_rate(world: Company, web: Web) -> None:
    world.make(amount="1000", currency="EUR")
    refused = company_form(web, "GBP", "USD = 0.8")
    assert refused.status_code == 422
    assert "What there is so far is in EUR" in refused.get_data(as_text=True)
    assert settings.get("company.currency") == "EUR"
    assert company_form(web, "USD", "USD = 0.9\nCNY = 0.13").status_code == 303  # the same lines: turned round
    assert settings.get("company.rates") == ["EUR = 1.1111111111", "CNY = 0.1444444444"]


def test_what_is_to_be_reached_and_heard_of_is_converted(world: Company, web: Web) -> None:
    world.make(amount="1000", currency="EUR")
    owner = world.actor("owner")
    given = {"metric": "won_value", "year": 2026, "whom": "company", "m01": "1000", "m02": "333"}
    change.create(SYSTEM, Target, given, trusted=True)
    change.create(SYSTEM, Target, {"metric": "calls", "year": 2026, "whom": "company", "m01": "50"}, trusted=True)
    held = {"name": "Thin", "side": "below", "threshold": "500", "enabled": True, "owner": owner.id}
    for figure in ("open-value", "win-rate"):
        change.create(SYSTEM, Alert, {**held, "figure": figure}, trusted=True)
    assert company_form(web, "USD", "EUR = 1.5\nCNY = 0.2").status_code == 303
    assert store.rows("SELECT m01, m02 FROM target ORDER BY id") == [(1500_00, 500_00), (50_00, None)]
    assert store.rows("SELECT threshold FROM alert ORDER BY id") == [(750_00,), (500_00,)]


def test_targets_tell_what_they_leave_out(world: Company, web: Web) -> None:
    today = clock.today().isoformat()
    world.make("Yen", stage="Won", amount="5000", currency="JPY", closed_on=today, expected_close=today)
    world.make("Home", stage="Won", amount="50", currency="EUR", closed_on=today, expected_close=today)
    said = "without 1 amount: no rate"
    assert said in web.browser("anna").get("/targets").get_data(as_text=True)
    assert said not in web.browser("carl").get("/targets").get_data(as_text=True)
    assert said in web.browser("manager").get("/targets").get_data(as_text=True)
    report = web.browser("manager").get("/figure?ref=won-value").get_data(as_text=True)
    assert said in report
    assert "In EUR, at the rates kept with each record." in report
