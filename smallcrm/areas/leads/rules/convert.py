"""Converting a lead, once: into a customer, a contact and perhaps an opportunity, new ones or those that are there already.

All of it is one change-set, so that it is taken back as one. What was done about the lead is from then on the customer's too.
The area that has opportunities offers to make one (``offer_opportunity``); while nobody does, nothing speaks of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from smallcrm import store
from smallcrm.areas.activities.records import Activity
from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.areas.leads.records import Lead
from smallcrm.areas.leads.rules.states import MACHINE
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden, Invalid, NotFound, WrongState
from smallcrm.base.i18n import L, Label
from smallcrm.base.text import fold
from smallcrm.identity.actor import SYSTEM, Actor, Scope
from smallcrm.records import access, change, changesets, derive, duplicates
from smallcrm.records.custom import custom_fields
from smallcrm.records.drafts import Draft
from smallcrm.records.fields import Choice
from smallcrm.records.record import Record, RecordType, values

# Field of the lead → field of what it becomes, where the two are called otherwise; others go by the same name.
SAME = (
    "phone", "mobile", "email", "wechat", "website", "language", "industry", "source", "country", "region", "city", "address", "grade",
    "tags", "currency", "title", "consents", "notes",
)  # fmt: skip
OF_PERSON = frozenset(
    {"phone", "mobile", "email", "wechat", "language", "title", "consents"}
)  # the contact's, where there is one

MakeDeal = Callable[..., Record]  # (actor, lead=, customer=, contact=, name=) → the opportunity


@dataclass(frozen=True)
class Offer:
    """Somebody makes opportunities out of leads. ``may`` says for whom."""

    make: MakeDeal
    may: Callable[[Actor], bool]


_offer: list[Offer] = []


def offer_opportunity(make: MakeDeal, may: Callable[[Actor], bool] = lambda _actor: True) -> None:
    """The area that has opportunities makes one at a conversion: ``make(actor, lead=, customer=, contact=, name=)``."""
    _offer[:] = [Offer(make, may)]


def offers_opportunity(actor: Actor) -> bool:
    """Whether an opportunity can be made along."""
    return bool(_offer) and _offer[0].may(actor)


@dataclass(frozen=True)
class Wish:
    """What is to become of a lead. ``customer``/``contact``: an existing one's id, None for a new one; 0 for no contact."""

    customer: int | None = None
    contact: int | None = None
    kind: str = ""  # of a new customer: company or person; empty: by whether the lead names a company
    name: str = ""  # of a new customer
    opportunity: str = ""  # its name; empty for none


@dataclass(frozen=True)
class Done:
    """What came of it."""

    lead: Record
    customer: Record
    contact: Record | None = None
    deal: Record | None = None
    filled: tuple[str, ...] = field(default=())  # fields of an existing customer that were empty


def wish_for(lead: Mapping[str, Any]) -> Wish:
    """What is proposed: a company with a contact, or a person."""
    company = str(lead.get("company") or "")
    return Wish(kind="company" if company else "person", name=company or str(lead.get("name") or ""))


def likely(actor: Actor, lead: Record) -> tuple[list[duplicates.Match], list[duplicates.Match]]:
    """The customers and the contacts within reach that it looks like, the likeliest first."""
    found = duplicates.find(actor, Lead, values(lead), except_id=int(lead.id), types=["customer", "contact"])
    return [m for m in found if m.kind is Customer], [m for m in found if m.kind is Contact]


# ---------------------------------------------------------------- doing it


def convert(actor: Actor, lead: Record, wish: Wish | None = None) -> Done:
    """Make it a customer. Raises Forbidden, Invalid, NotFound, WrongState where it is closed or was converted already."""
    access.need(actor, lead, "edit")
    MACHINE.target(actor, lead, "convert")
    with changesets.opened(actor, "convert"), store.writing():
        now = access.find(SYSTEM, Lead, int(lead.id))
        if refused := refuse_pooled(now):
            raise WrongState(refused)
        MACHINE.target(actor, now, "convert")
        held = values(now)
        asked = wish or wish_for(held)
        owner = held.get("owner") or actor.id
        customer, filled = _customer(actor, held, asked, owner)
        contact = _contact(actor, held, asked, customer, owner)
        deal = _deal(actor, now, asked, customer, contact)
        stamp = clock.stamp()
        done: dict[str, Any] = {
            "status": "converted", "converted_at": stamp, "closed_at": stamp, "converted_customer": int(customer.id),
            "converted_contact": int(contact.id) if contact is not None else None, "pool": None, "owner": owner,
        }  # fmt: skip
        if deal is not None:
            done["converted_deal"] = {"type": deal.card.key, "id": int(deal.id)}
        kept = change.update(actor, now, done, trusted=True)
        _take_along(actor, int(lead.id), int(customer.id), int(contact.id) if contact is not None else None)
    return Done(kept, access.fetch(SYSTEM, Customer, int(customer.id)) or customer, contact, deal, filled)


def _customer(actor: Actor, lead: Mapping[str, Any], wish: Wish, owner: int) -> tuple[Record, tuple[str, ...]]:
    if wish.customer:
        found = access.find(actor, Customer, wish.customer)
        return _fill(actor, found, lead, wish)
    if actor.scope("customer", "create") is Scope.NONE:
        raise Forbidden(access.refusal(actor, "create"))
    kind = wish.kind if wish.kind in ("company", "person") else wish_for(lead).kind
    name = wish.name.strip() or str(lead.get("company") or lead.get("name") or "")
    person = kind == "person"
    taken = mapped(lead, Customer, without=frozenset() if person or wish.contact == 0 else OF_PERSON)
    if person and lead.get("mobile") and not taken.get("phone"):
        taken["phone"] = lead["mobile"]
    given = {**taken, "name": name, "kind": kind, "owner": owner}
    return change.create(actor, Customer, _allowed(actor, Customer, given)), ()


def _fill(actor: Actor, customer: Record, lead: Mapping[str, Any], wish: Wish) -> tuple[Record, tuple[str, ...]]:
    """What the customer does not say yet, where the actor may write it."""
    if not access.may(actor, customer, "edit"):
        return customer, ()
    held = values(customer)
    person = held.get("kind") == "person"
    offered = mapped(lead, Customer, without=frozenset() if person or wish.contact == 0 else OF_PERSON)
    fresh = {name: value for name, value in offered.items() if held.get(name) in (None, "", []) and name != "notes"}
    fresh = _allowed(actor, Customer, fresh)
    if not fresh:
        return customer, ()
    return change.update(actor, customer, fresh), tuple(fresh)


def _contact(actor: Actor, lead: Mapping[str, Any], wish: Wish, customer: Record, owner: int) -> Record | None:
    if wish.contact:
        found = access.find(actor, Contact, wish.contact)
        mine = values(found).get("customer")
        if mine is not None and mine != int(customer.id):
            raise Invalid({"contact": [str(L("This person belongs to somebody else. Choose one of theirs."))]})
        if mine is None and access.may(actor, found, "edit"):
            return change.update(actor, found, {"customer": int(customer.id)})
        return found
    person = values(customer).get("kind") == "person"
    if wish.contact == 0 or (person and not wish.customer) or actor.scope("contact", "create") is Scope.NONE:
        return None
    given = {**mapped(lead, Contact), "name": lead["name"], "customer": int(customer.id), "owner": owner}
    return change.create(actor, Contact, _allowed(actor, Contact, given))


def _deal(actor: Actor, lead: Record, wish: Wish, customer: Record, contact: Record | None) -> Record | None:
    if not wish.opportunity.strip() or not offers_opportunity(actor):
        return None
    return _offer[0].make(actor, lead=lead, customer=customer, contact=contact, name=wish.opportunity.strip()[:200])


def _allowed(actor: Actor, kind: RecordType, given: Mapping[str, Any]) -> dict[str, Any]:
    mine = access.writable(actor, kind)
    return {name: value for name, value in given.items() if name in mine and value not in (None, "", [])}


def _take_along(actor: Actor, lead: int, customer: int, contact: int | None) -> None:
    """What was done about it, and what is planned, is the customer's too."""
    sql = "SELECT id, contact FROM activity WHERE about = ? AND about_type = 'lead' AND customer IS NULL AND deleted_at IS NULL"
    changes = [
        (number, {"customer": customer, **({"contact": contact} if contact and not with_ else {})})
        for number, with_ in store.rows(sql, [lead])
    ]
    if changes:
        change.update_many(actor, Activity, changes, trusted=True)


@change.before("activity")
def goes_on(drafts: list[Draft]) -> None:
    """What is written down about a converted lead belongs to its customer."""
    lacking = [
        d for d in drafts if d.after.get("about_type") == "lead" and not d.after.get("customer") and d.why != "undo"
    ]
    fresh = [d for d in lacking if d.before is None or d.touches("about", "about_type")]
    if not fresh:
        return
    sql = "SELECT id, converted_customer FROM lead WHERE id IN (SELECT value FROM json_each(?)) AND converted_customer IS NOT NULL"
    homes = dict(store.rows(sql, [store.json_list(d.after["about"] for d in fresh)]))
    mine = [d for d in fresh if d.after["about"] in homes]
    for draft in mine:
        draft.after["customer"] = homes[draft.after["about"]]
    if mine:
        derive.amend(Activity, mine)


# ---------------------------------------------------------------- fields


def mapped(lead: Mapping[str, Any], kind: RecordType, *, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """What of a lead goes where: fields of the same name, and fields made here that are called and built alike."""
    from smallcrm.records.custom import fields_of

    known = fields_of(kind)
    found = {name: lead[name] for name in SAME if name in known and name not in without and lead.get(name)}
    for name in ("phone", "mobile"):
        if name in found and name not in known:
            del found[name]
    own, theirs = custom_fields("lead"), custom_fields(kind.card.key)
    for name, other in _alike(own, theirs).items():
        if lead.get(name) is not None:
            value = _carried(own[name], theirs[other], lead[name])
            if value is not None:
                found[other] = value
    if "website" in found and kind is Contact:
        del found["website"]
    return found


def _alike(own: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, str]:
    """Field made for leads → field made for the other type, of the same kind and called the same."""
    by_label = {(fold(str(each.label)), each.kind): name for name, each in theirs.items()}
    pairs = {name: by_label.get((fold(str(each.label)), each.kind)) for name, each in own.items()}
    return {name: other for name, other in pairs.items() if other}


def _carried(own: Any, other: Any, value: Any) -> Any:
    """A value as the other field says it: options are found by what they are called."""
    if own.kind == "money":
        return None  # another currency may hold there
    if own.kind == "number" and own.places:
        return str(own._decimal(value))
    if not isinstance(own, Choice):
        return value
    wanted = fold(own.label_of(value))
    return next((option.key for option in other.options if fold(str(option.label)) == wanted), None)


def refuse_pooled(lead: Record) -> Label | None:
    """Why a lead cannot be converted as it lies; None where it can."""
    return L("It lies in a pool. Claim it first.") if getattr(lead, "pool", None) else None


def find(actor: Actor, number: int) -> Record:
    """A lead to convert. Raises NotFound, Forbidden."""
    record = access.fetch(actor, Lead, number)
    if record is None:
        raise NotFound(L("There is nothing here, or you may not see it."))
    access.need(actor, record, "edit")
    return record
