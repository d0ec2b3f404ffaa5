"""What stands around a customer: its page, finding it, two that are one, one person's data and their erasure."""

from __future__ import annotations

import io
import json
import zipfile

from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.areas.leads.records import Lead
from smallcrm.areas.leads.rules import convert
from smallcrm.areas.pipeline.records import Buyer, Opportunity
from smallcrm.areas.privacy.rules import erasing, exporting
from smallcrm.areas.visits.records import Visit
from smallcrm.base import clock
from smallcrm.records import changesets, merge, undo
from tests.client import Web
from tests.joints.scene import Company, moment


def test_the_page_shows_opportunities_origin_and_visits(company: Company, web: Web) -> None:
    lead = company.lead("Bo Lane", company="Lane Foods", source="Fair 2026", campaign="Spring")
    done = convert.convert(company.actor("anna"), company.record(Lead, lead))
    customer = int(done.customer.id)
    deal = company.deal(customer, "Looms for Lane")
    visit = company.visit(customer)
    page = web.browser("anna").get(f"/customers/{customer}").get_data(as_text=True)
    assert f"/opportunities/{deal}" in page
    assert f"/leads/{lead}" in page
    assert f"/visits/{visit}" in page
    assert "Fair 2026" in page


def test_search_finds_all_of_it(company: Company, web: Web) -> None:
    customer = company.customer()
    deal, lead, product = (
        company.deal(customer, "Jacquard plan"),
        company.lead("Jacquard Joe"),
        company.product("Jacquard X"),
    )
    page = web.browser("anna").get("/search?q=jacquard").get_data(as_text=True)
    for url in (f"/opportunities/{deal}", f"/leads/{lead}", f"/products/{product}"):
        assert url in page, url
    assert f"/leads/{lead}" not in web.browser("carl").get("/search?q=jacquard").get_data(as_text=True)


def test_two_that_are_one_keep_everything(company: Company) -> None:
    """Opportunities, their buyers, visits and the leads that became it go over, and come back."""
    one, two = company.customer("Wenlock Mills"), company.customer("Wenlock Mills Ltd")
    contact = company.contact(two)
    deal, visit = company.deal(two), company.visit(two)
    buyer = company.buyer(deal, contact)
    lead = company.lead(converted_customer=two, status="converted", converted_at=clock.stamp())
    owner = company.actor("owner")
    with changesets.opened(owner, "merge") as mine:
        merge.merge(owner, company.record(Customer, one), company.record(Customer, two))
    assert company.held(Opportunity, deal)["customer"] == one
    assert company.held(Visit, visit)["customer"] == one
    assert company.held(Lead, lead)["converted_customer"] == one
    assert company.held(Buyer, buyer)["contact"] == contact
    undo.undo(owner, mine.id)
    assert company.held(Opportunity, deal)["customer"] == two
    assert company.held(Visit, visit)["customer"] == two


def test_two_contacts_that_are_one(company: Company) -> None:
    customer = company.customer()
    one, two = company.contact(customer), company.contact(customer, "A. Wenlock")
    deal = company.deal(customer, contact=two)
    buyer, visit = company.buyer(deal, two), company.visit(customer, contact=two)
    owner = company.actor("owner")
    merge.merge(owner, company.record(Contact, one), company.record(Contact, two))
    assert company.held(Opportunity, deal)["contact"] == one
    assert company.held(Buyer, buyer)["contact"] == one
    assert company.held(Visit, visit)["contact"] == one


NAME = "Zenobia Quillfeather"


def kept_of(company: Company) -> tuple[int, dict[str, int]]:
    customer = company.customer()
    person = company.contact(customer, NAME, email="zq@feather.example")
    deal = company.deal(customer, f"Looms for {NAME}", contact=person, next_step=f"Ring {NAME}")
    return person, {
        "customer": customer, "deal": deal, "buyer": company.buyer(deal, person, note=f"{NAME} decides"),
        "visit": company.visit(customer, contact=person, days=-1, report=f"{NAME} likes marzipan"),
        "lead": company.lead(NAME, email="zq@feather.example", notes="By the web form: Quillfeather wants looms", converted_contact=person),
    }  # fmt: skip


def test_ones_data_hold_all_of_it(company: Company) -> None:
    person, made = kept_of(company)
    out = io.BytesIO()
    exporting.write(company.actor("owner"), company.record(Contact, person), out)
    tables = json.loads(zipfile.ZipFile(out).read("data.json"))["tables"]
    whole = json.dumps(tables, ensure_ascii=False)
    for text in (f"Looms for {NAME}", f"{NAME} decides", "likes marzipan", "wants looms"):
        assert text in whole, text
    lead = io.BytesIO()
    exporting.write(company.actor("owner"), company.record(Lead, made["lead"]), lead)
    assert "wants looms" in zipfile.ZipFile(lead).read("data.json").decode()


def test_an_erasure_takes_the_name_out_of_all_of_it(company: Company) -> None:
    person, made = kept_of(company)
    erasing.erase(company.actor("owner"), company.record(Contact, person), also=[company.record(Lead, made["lead"])])
    for kind, key in ((Opportunity, "deal"), (Buyer, "buyer"), (Visit, "visit"), (Lead, "lead")):
        said = json.dumps(company.held(kind, made[key]), ensure_ascii=False, default=str).casefold()
        assert "quillfeather" not in said, key
        assert "feather.example" not in said, key
    assert company.held(Opportunity, made["deal"])["amount"] == 1000_00
    assert moment(0)
