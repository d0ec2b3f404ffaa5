"""A leaver's handover takes along what is open, in every area, shown with its counts before; one Undo brings it back."""

from __future__ import annotations

import re

from smallcrm import store
from smallcrm.areas.activities.records import Activity
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.leads.records import Lead
from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.areas.pool.records import Pool
from smallcrm.areas.pool.rules import leaver
from smallcrm.areas.targets.records import Target
from smallcrm.areas.visits.records import Visit
from smallcrm.areas.workreports.records import WorkReport
from smallcrm.base import clock
from smallcrm.records import undo
from tests.client import Web
from tests.joints.scene import Company, day


def standing(company: Company) -> dict[str, tuple[type, int]]:
    mine = company.customer()
    return {
        "customer": (Customer, mine),
        "open": (Opportunity, company.deal(mine)),
        "won": (Opportunity, company.deal(mine, "Old looms", kind="won")),
        "alone": (Opportunity, company.deal(None, "No customer yet")),
        "lead": (Lead, company.lead()),
        "over": (Lead, company.lead("Gone", status="invalid", invalid_reason="x")),
        "visit": (Visit, company.visit(mine)),
        "call": (Activity, company.call(mine)),
        "target": (Target, company.target("anna", clock.today().year, m01="5000")),
        "report": (WorkReport, company.make(WorkReport, kind="daily", day=day(0), done="Much")),
    }


def owners(company: Company, made: dict[str, tuple[type, int]]) -> dict[str, int]:
    return {name: company.held(kind, number)["owner"] for name, (kind, number) in made.items()}  # type: ignore[arg-type]


GOES = {"customer", "open", "alone", "lead", "visit"}


def test_everything_that_is_open_goes_along(company: Company, web: Web) -> None:
    made = standing(company)
    before = owners(company, made)
    anna, bob = company.cast.anna, company.cast.bob
    owner = web.browser("owner")
    page = owner.get(f"/users/{anna}/leaver").get_data(as_text=True)
    shown = dict(re.findall(r"<dt>([^<]+)</dt><dd>(\d+)", page))
    assert {name: shown[name] for name in ("Customers", "Opportunities", "Leads", "Visits")} == {
        "Customers": "1", "Opportunities": "2", "Leads": "1", "Visits": "1",
    }  # fmt: skip
    assert not {"Targets", "Work reports", "Dashboards"} & set(shown)
    assert owner.post(f"/users/{anna}/leaver", {"mode": "user", "to": bob}).status_code == 303
    after = owners(company, made)
    assert {name for name in made if after[name] == bob} == GOES
    assert {name for name in made if after[name] == anna} == set(made) - GOES
    undo.undo(company.actor("owner"), int(store.value("SELECT max(id) FROM change_set WHERE why = 'transfer'")))
    assert owners(company, made) == before


def test_chosen_customers_take_what_is_open_about_them(company: Company) -> None:
    made = standing(company)
    other = company.customer("Stays here")
    stays = company.deal(other, "Stays too")
    chosen = [made["customer"][1]]
    leaver.hand_over(company.actor("owner"), company.cast.anna, to=company.cast.bob, customers=chosen)
    after = owners(company, made)
    assert {name for name in made if after[name] == company.cast.bob} == {"customer", "open", "visit"}
    assert company.held(Opportunity, stays)["owner"] == company.cast.anna


def test_into_the_pool_the_rest_goes_to_a_colleague(company: Company) -> None:
    made = standing(company)
    pool = company.make(Pool, None, name="Everyone's", kind="customers", enabled=True, members=[company.cast.bob])
    leaver.hand_over(company.actor("owner"), company.cast.anna, pool=pool, to=company.cast.bob)
    after = owners(company, made)
    assert after["customer"] is None
    assert {after[name] for name in GOES - {"customer"}} == {company.cast.bob}
