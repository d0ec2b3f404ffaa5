"""A person about whom much is kept, in words that stand nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

from smallcrm import store
from smallcrm.areas.activities.records import Activity
from smallcrm.areas.customers.records import Contact
from smallcrm.identity.actor import SYSTEM
from smallcrm.jobs import notices, outbox
from smallcrm.records import change, changesets, merge, transfer, views
from smallcrm.records.record import Record
from tests.areas.customers.making import again, amend, contact, customer, relation
from tests.cast import Cast

NAME = "Zenobia Quillfeather"
BEFORE = "Zenobia Oldmaiden"
EMAIL = "zenobia.q@feathermail.example"
PHONE = "+44 7700 900461"
CANARIES = (
    "quillfeather", "zenobia", "oldmaiden", "feathermail", "900461", "900 461", "quillz", "umbrellastadt", "marzipan",
)  # fmt: skip


@dataclass
class World:
    """The person, the company they work for, and what speaks of them."""

    person: Record
    company: Record
    call: Record
    elsewhere: Record
    other: Record


def world(cast: Cast) -> World:
    """A contact with a former name, a merged double, a call, a relation, mail, notices, mentions near and far."""
    anna, owner = cast.actor("anna"), cast.actor("owner")
    company = customer(cast, "Harbour Mills", notes=f"Ask {NAME} about the order", phone="020 7946 0000")
    person = contact(
        cast, company, BEFORE, email=EMAIL, mobile=PHONE, wechat="quillz_wx77", notes="Umbrellastadt, likes marzipan"
    )
    amend(cast, person, name=NAME)
    double = contact(cast, company, "Z. Quillfeather", email=EMAIL, notes="marzipan again")
    with changesets.opened(owner, "merge"):
        merge.merge(owner, again(person), again(double))
    other = contact(cast, company, "Una Other", mobile="020 7946 0999")
    relation(cast, person, "reports_to", other)
    call = change.create(
        anna, Activity,
        {"subject": "Rang zenobia", "kind": "call", "customer": company.id, "contact": person.id,
         "body": f"QUILLFEATHER says: write to {EMAIL.upper()} or ring +44 (0)7700 900 461 by noon",
         "done_at": "2026-01-02T10:00:00.000Z"},
    )  # fmt: skip
    elsewhere = customer(cast, "Far Away Ltd", part="carl", notes=f"Recommended by {NAME} ({EMAIL})")
    amend(cast, elsewhere, part="carl", notes=f"Recommended by {NAME} ({EMAIL}), twice")
    many = [(int(each.id), {"notes": f"{each.id}: mind {NAME}"}) for each in (company, elsewhere)]
    with changesets.opened(SYSTEM, "bulk", f"for {NAME}"):
        change.update_many(SYSTEM, type(company), many, trusted=True)  # two records of a type: a pack
    views.save(anna, Contact, name=NAME, filter={"field": "name", "op": "contains", "value": NAME})
    with store.writing():
        notices.notify(cast.anna, "x", title=f"{NAME} called", link=f"/contacts/{person.id}")
        notices.notify(cast.bob, "x", title=f"Ring {NAME}", link="/elsewhere")
        outbox.mail(EMAIL, subject=f"Dear {NAME}", text=f"Hello {NAME}")
        outbox.mail("boss@example.com", subject="News", text=f"{NAME} likes us, ring {PHONE}")
    with changesets.opened(anna, "transfer", f"{NAME} asked for it"), store.writing():
        transfer.assign(anna, again(company), owner=cast.bob, reason=f"{NAME} asked for it")
        transfer.assign(cast.actor("owner"), again(company), owner=cast.anna, reason="back")
        store.run("UPDATE outbox SET last_error = ? WHERE id = 1", [f"550 {EMAIL}: no such mailbox"])
    return World(*map(again, (person, company, call, elsewhere, other)))
