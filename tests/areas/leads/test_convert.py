"""Converting: once, whole, undone as one; what is known already is offered and only what is empty is filled."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from smallcrm import store
from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.areas.leads.records import Lead
from smallcrm.areas.leads.rules import convert
from smallcrm.areas.leads.rules.convert import Wish
from smallcrm.base import clock
from smallcrm.base.errors import Invalid, NotFound, SmallcrmError, WrongState
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, change, changesets, custom, rows, timeline, undo
from tests.areas.leads.scene import Scene
from tests.client import Web


@pytest.fixture(autouse=True)
def _nobody_offers() -> Any:
    held = list(convert._offer)
    convert._offer.clear()
    yield
    convert._offer[:] = held


def full(scene: Scene, **more: Any) -> int:
    given = {
        "company": "Lane Foods", "title": "Buyer", "mobile": "0113 4960001", "email": "p@lane.example", "website": "www.lane.example",
        "source": "Fair", "industry": "Food", "city": "Leeds", "country": "United Kingdom", "notes": "Wants samples", "language": "en",
        "consents": [{"purpose": "marketing", "channel": "email", "state": "given", "on": "2026-02-01"}],
    }  # fmt: skip
    return scene.lead(**{**given, **more})


def test_a_company_with_a_contact(scene: Scene) -> None:
    number = full(scene)
    scene.follow_up(number)
    done = convert.convert(scene.actor("anna"), scene.record(number))
    customer = scene.held(int(done.customer.id), Customer)
    assert (customer["name"], customer["kind"], customer["owner"], customer["website"], customer["email"]) == (
        "Lane Foods", "company", scene.cast.anna, "www.lane.example", None,
    )  # fmt: skip
    assert done.contact is not None
    contact = scene.held(int(done.contact.id), Contact)
    assert (contact["name"], contact["title"], contact["email"], contact["customer"]) == (
        "Peter Lane",
        "Buyer",
        "p@lane.example",
        done.customer.id,
    )
    assert contact["consents"][0]["state"] == "given"
    held = scene.held(number)
    assert (held["status"], held["converted_customer"], held["converted_contact"]) == (
        "converted",
        done.customer.id,
        done.contact.id,
    )
    assert held["converted_at"] == held["closed_at"] == clock.stamp()
    entries = timeline.page(scene.actor("anna"), done.customer)[0]
    assert [e.kind for e in entries if e.source == "activity"] == ["call"]
    assert scene.held(int(done.customer.id), Customer)["last_follow_up_at"]


def test_a_person_is_the_customer(scene: Scene) -> None:
    number = full(scene, company=None)
    done = convert.convert(scene.actor("anna"), scene.record(number))
    customer = scene.held(int(done.customer.id), Customer)
    assert (customer["kind"], customer["name"], customer["email"]) == ("person", "Peter Lane", "p@lane.example")
    assert customer["phone"]
    assert done.contact is None


def test_what_is_written_about_it_later_is_the_customers(scene: Scene) -> None:
    number = full(scene)
    done = convert.convert(scene.actor("anna"), scene.record(number))
    activity = scene.follow_up(number)
    assert store.value("SELECT customer FROM activity WHERE id = ?", [activity]) == done.customer.id


def test_into_an_existing_customer_only_the_empty_is_filled(scene: Scene) -> None:
    customer = scene.customer("Lane", industry="Drinks")
    contact = scene.contact(customer)
    number = full(scene)
    done = convert.convert(scene.actor("anna"), scene.record(number), Wish(customer=customer, contact=contact))
    held = scene.held(customer, Customer)
    assert (held["name"], held["industry"], held["city"]) == ("Lane", "Drinks", "Leeds")
    assert "city" in done.filled
    assert (scene.count("customer"), scene.count("contact")) == (1, 1)
    with pytest.raises(Invalid):
        convert.convert(
            scene.actor("anna"), scene.record(full(scene)), Wish(customer=scene.customer("Other"), contact=contact)
        )


def test_out_of_reach_is_not_there(scene: Scene) -> None:
    foreign = scene.customer("Carl's", owner="carl")
    number = full(scene)
    with pytest.raises(NotFound):
        convert.convert(scene.actor("anna"), scene.record(number), Wish(customer=foreign))
    assert scene.held(number)["status"] == "todo"


def test_all_of_it_or_nothing(scene: Scene) -> None:
    def failing(_actor: Any, **_: Any) -> Any:
        raise Invalid({"name": ["no"]})

    convert.offer_opportunity(failing)
    number = full(scene)
    with pytest.raises(Invalid):
        convert.convert(
            scene.actor("anna"), scene.record(number), Wish(name="Lane", kind="company", opportunity="Deal")
        )
    assert (scene.count("customer"), scene.held(number)["status"]) == (0, "todo")


def test_an_opportunity_is_made_by_whoever_offers_it(scene: Scene, web: Web) -> None:
    number = full(scene)
    assert 'name="deal"' not in web.browser("anna").get(f"/leads/{number}/convert").get_data(as_text=True)
    made: list[dict[str, Any]] = []

    def make(actor: Any, **given: Any) -> Any:
        made.append(given)
        return change.create(actor, Customer, {"name": given["name"]})

    convert.offer_opportunity(make)
    page = web.browser("anna").get(f"/leads/{number}/convert").get_data(as_text=True)
    assert 'name="deal"' in page
    form = {
        "customer": "new",
        "name": "Lane Foods",
        "kind": "company",
        "contact": "new",
        "deal": "1",
        "deal_name": "Tea for the office",
    }
    assert web.browser("anna").post(f"/leads/{number}/convert", form).status_code == 303
    assert made[0]["name"] == "Tea for the office"
    held = scene.held(number)
    assert held["converted_deal_type"] == "customer"


def test_once_only_also_when_sent_twice_or_by_two(scene: Scene, web: Web) -> None:
    number = full(scene)
    browser = web.browser("anna")
    form = {"customer": "new", "name": "Lane Foods", "kind": "company", "contact": "new", "once": "a" * 20}
    first = browser.post(f"/leads/{number}/convert", form)
    again = browser.post(f"/leads/{number}/convert", form)
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["Location"] == again.headers["Location"]
    assert scene.count("customer") == 1
    with pytest.raises(WrongState):
        convert.convert(scene.actor("anna"), scene.record(number))
    other = full(scene, company="Other")
    record, outcome, now = scene.record(other), [], clock.now()

    def go() -> None:
        with clock.at(now):
            try:
                convert.convert(scene.actor("anna"), record)
                outcome.append("done")
            except SmallcrmError:
                outcome.append("refused")

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcome) == ["done", "refused", "refused", "refused"]
    assert scene.count("customer") == 2


def test_undone_as_one(scene: Scene) -> None:
    number = full(scene)
    scene.follow_up(number)
    anna = scene.actor("anna")
    with changesets.opened(anna, "convert") as mine:
        convert.convert(anna, scene.record(number))
    undo.undo(anna, mine.id)
    held = scene.held(number)
    assert (held["status"], held["converted_customer"]) == ("following", None)
    assert (scene.count("customer"), scene.count("contact")) == (0, 0)
    assert store.value("SELECT count(*) FROM activity WHERE customer IS NOT NULL") == 0
    convert.convert(anna, scene.record(number))
    assert scene.count("customer") == 1


def test_fields_made_here_go_along_where_they_are_called_alike(scene: Scene) -> None:
    owner = scene.actor("owner")
    options = {"options": [{"key": "x", "labels": {"en": "Ex"}}, {"key": "y", "labels": {"en": "Why"}}]}
    mine = custom.define(owner, Lead, field_kind="choice", labels={"en": "Size"}, options=options)
    turned = {"options": [{"key": "a", "labels": {"en": "Why"}}, {"key": "b", "labels": {"en": "Ex"}}]}
    theirs = custom.define(owner, Customer, field_kind="choice", labels={"en": "Size"}, options=turned)
    number = scene.lead(company="Lane", **{mine: "y"})
    done = convert.convert(scene.actor("anna"), scene.record(number))
    assert rows.load(Customer, [int(done.customer.id)])[int(done.customer.id)][theirs] == "a"


def test_the_page_offers_who_is_known_and_says_what_is_wrong(scene: Scene, web: Web) -> None:
    customer = scene.customer("Lane Foods Ltd", phone="0113 4960001")
    number = full(scene)
    browser = web.browser("anna")
    page = browser.get(f"/leads/{number}/convert").get_data(as_text=True)
    assert "Lane Foods Ltd" in page
    assert f'value="{customer}" checked' in page
    bad = browser.post(
        f"/leads/{number}/convert", {"customer": "new", "name": " ", "kind": "company", "contact": "new"}
    )
    assert bad.status_code == 422
    for odd in (
        {"customer": "9" * 30},
        {"customer": "other", "other": "x"},
        {"customer": "999999"},
        {"customer": "new", "name": "A", "contact": "99999"},
    ):
        assert browser.post(f"/leads/{number}/convert", {"kind": "company", "name": "A", **odd}).status_code in (
            404,
            422,
        )
    pooled = scene.lead("In pool", owner=None, pool=scene.pool())
    owner = web.browser("owner")
    assert "Claim it first" in owner.get(f"/leads/{pooled}/convert").get_data(as_text=True)
    assert (
        owner.post(f"/leads/{pooled}/convert", {"customer": "new", "name": "A", "kind": "company"}).status_code == 409
    )


def test_who_may_not_see_the_customer_sees_no_name(scene: Scene, web: Web) -> None:
    number = full(scene)
    convert.convert(scene.actor("anna"), scene.record(number))
    customer = scene.held(number)["converted_customer"]
    change.update(SYSTEM, access.find(SYSTEM, Customer, customer), {"owner": scene.cast.carl}, trusted=True)
    page = web.browser("anna").get(f"/leads/{number}").get_data(as_text=True)
    assert "outside your reach" in page
