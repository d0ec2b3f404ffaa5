"""May we write to her? Every answer has a reason; the last word counts."""

from __future__ import annotations

import pytest

from smallcrm.areas.customers.rules import consent, may_contact
from smallcrm.base import clock
from smallcrm.base.errors import Invalid
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import settings
from smallcrm.records.record import Record
from tests.areas.customers.making import again, contact, customer
from tests.cast import Cast
from tests.client import Web

MAIL = {"email": "ann@example.com"}


def row(state: str, on: str, purpose: str = "marketing", channel: str = "email") -> dict[str, str]:
    return {"purpose": purpose, "channel": channel, "state": state, "on": on, "how": "form"}


def said(record: Record, purpose: str = "marketing", channel: str = "email") -> tuple[bool, str]:
    may, why = may_contact(again(record), purpose, channel)
    return may, str(why)


def test_without_an_address_nothing_is_possible(cast: Cast) -> None:
    person = contact(cast, customer(cast), mobile="0113 4960000")
    assert said(person, "service", "email") == (False, "There is nothing to reach them by.")
    assert said(person, "service", "phone")[0]
    assert said(person, "service", "sms")[0]
    assert said(person, "service", "visit")[0]


def test_service_needs_no_consent_advertising_does(cast: Cast) -> None:
    person = contact(cast, customer(cast), **MAIL)
    assert said(person, "service")[0]
    assert said(person) == (False, "There is no consent on file.")
    company = customer(cast, "Company", **MAIL)
    assert said(company)[0]
    private = customer(cast, "Ann Private", kind="person", **MAIL)
    assert not said(private)[0]
    settings.put(SYSTEM, {"customers.ask_consent": "all"})
    assert not said(company)[0]
    settings.put(SYSTEM, {"customers.ask_consent": "none"})
    assert said(private)[0]


def test_the_last_word_counts(cast: Cast) -> None:
    person = contact(cast, None, consents=[row("given", "2026-03-01"), row("withdrawn", "2026-02-01")], **MAIL)
    assert said(person) == (True, "Consent was given on 1 Mar 2026.")
    other = contact(cast, None, "Other", consents=[row("given", "2026-03-01"), row("withdrawn", "2026-03-01")], **MAIL)
    assert said(other) == (False, "Consent was withdrawn on 1 Mar 2026.")
    assert said(person, "newsletter") == (False, "There is no consent on file.")


def test_a_withdrawal_holds_even_for_service(cast: Cast) -> None:
    person = contact(cast, None, consents=[row("withdrawn", "2026-03-01", "service")], **MAIL)
    assert not said(person, "service")[0]


def test_what_the_customer_withdrew_holds_for_its_people(cast: Cast) -> None:
    company = customer(cast, consents=[row("withdrawn", "2026-03-01")])
    person = contact(cast, company, **MAIL)
    assert said(person) == (False, "Consent was withdrawn on 1 Mar 2026.")
    own = contact(cast, company, "Own", consents=[row("given", "2026-04-01")], **MAIL)
    assert said(own)[0]


def test_a_child_does_not_consent(cast: Cast) -> None:
    today = clock.today()
    young = customer(cast, "Young", kind="person", birthday=today.replace(year=today.year - 14).isoformat(), **MAIL)
    grown = customer(cast, "Grown", kind="person", birthday=today.replace(year=today.year - 15).isoformat(), **MAIL)
    assert said(young)[1] == "Not of age: a guardian has to consent."
    assert said(grown)[1] == "There is no consent on file."


def test_somebody_else_may_stop_everything(cast: Cast) -> None:
    company = customer(cast, **MAIL)
    stopper = consent.stops(lambda record: "Stopped." if record.id == company.id else None)
    try:
        assert said(company, "service") == (False, "Stopped.")
        assert said(customer(cast, "Free", **MAIL), "service")[0]
    finally:
        consent._stoppers.remove(stopper)


def test_writing_it_down(cast: Cast, web: Web) -> None:
    person = contact(cast, customer(cast), **MAIL)
    with pytest.raises(Invalid):
        consent.note(cast.actor("anna"), person, purpose="marketing", channels=[], state="given", on=None)
    browser = web.browser("anna")
    url = f"/contacts/{person.id}/consent"
    assert browser.get(url).status_code == 200
    for wrong in ({"channels": ""}, {"on": "2999-01-01"}, {"purpose": "x"}, {"state": "x"}, {"on": "soon"}):
        form = {"purpose": "marketing", "state": "given", "channels": ["email"], "on": "", "how": "", **wrong}
        assert browser.post(url, form).status_code == 422, wrong
    form = {"purpose": "marketing", "state": "given", "channels": ["email", "phone"], "on": "", "how": "fair <2026>"}
    assert browser.post(url, form).status_code == 303
    assert said(person)[0]
    page = browser.get(f"/contacts/{person.id}").get_data(as_text=True)
    assert "May we write?" in page
    reasons = browser.get(f"/contacts/{person.id}/consents").get_data(as_text=True)
    assert "Consent was given on" in reasons
    assert web.browser("reader").post(url, form).status_code == 403
    assert web.browser("carl").get(url).status_code == 404


def test_companies_are_not_asked_here(cast: Cast, web: Web) -> None:
    company = customer(cast, **MAIL)
    browser = web.browser("anna")
    assert "May we write?" not in browser.get(f"/customers/{company.id}").get_data(as_text=True)
    assert browser.get(f"/customers/{company.id}/consents").status_code == 404
    private = customer(cast, "Ann", kind="person", **MAIL)
    assert "May we write?" in browser.get(f"/customers/{private.id}").get_data(as_text=True)
