"""A customer or contact as a contact card, and a card as values of a contact: what ``records/exchange/cards`` reads and writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from smallcrm.identity.actor import Actor
from smallcrm.records import access
from smallcrm.records.record import Record, values

_KINDS = {"mobile": "mobile", "phone": "work"}


def card_of(actor: Actor, record: Record) -> dict[str, Any]:
    """The card of a contact or customer as the actor may see it: hidden and masked fields are left out."""
    kind = type(record)
    readable = access.readable(actor, kind)
    masked = access.masked_fields(actor, record)
    held = {name: value for name, value in values(record).items() if name in readable and name not in masked}
    person = record.card.key == "contact" or held.get("kind") == "person"
    company = (
        access.names(actor, "customer", [held["customer"]]).get(held["customer"]) if held.get("customer") else None
    )
    card: dict[str, Any] = {
        "name": str(getattr(record, record.card.title)),
        "company": company or (None if person else str(getattr(record, record.card.title))),
        "title": held.get("title"),
        "phones": _phones(held),
        "emails": [("work", each) for each in [held.get("email"), *(held.get("emails") or ())] if each],
        "addresses": _addresses(held),
        "birthday": held.get("birthday"),
        "website": held.get("website"),
        "wechat": held.get("wechat"),
        "notes": held.get("notes"),
        "tags": held.get("tags") or [],
    }
    return {name: value for name, value in card.items() if value}


def _phones(held: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = [(_KINDS[name], held[name]) for name in ("mobile", "phone") if held.get(name)]
    found += [("other", each) for each in held.get("phones") or ()]
    return list({number: (kind, number) for kind, number in reversed(found)}.values())[::-1]


def _addresses(held: Mapping[str, Any]) -> list[dict[str, str]]:
    rows = [held, *(held.get("addresses") or ())]
    names = (
        ("address", "street"),
        ("city", "city"),
        ("region", "region"),
        ("postcode", "postcode"),
        ("country", "country"),
    )
    found = [{theirs: str(row[ours]) for ours, theirs in names if row.get(ours)} for row in rows]
    return [address for address in found if address]


def values_of(card: Mapping[str, Any]) -> dict[str, Any]:
    """A contact's values out of a card; ``customer.name`` names its company. What does not fit a field goes into the notes."""
    mobile, phone, more = _split(card.get("phones") or ())
    emails = list(dict.fromkeys(text for _, text in card.get("emails") or ()))
    notes = [str(card["notes"])] if card.get("notes") else []
    notes += [" ".join(address.values()) for address in card.get("addresses") or ()]
    notes += [str(card["website"])] if card.get("website") else []
    found = {
        "name": card.get("name"),
        "customer.name": card.get("company"),
        "title": card.get("title") or card.get("department"),
        "mobile": mobile,
        "phone": phone,
        "phones": more,
        "email": emails[0] if emails else None,
        "emails": emails[1:],
        "wechat": card.get("wechat"),
        "birthday": card.get("birthday"),
        "notes": "\n".join(notes),
    }
    return {name: value for name, value in found.items() if value}


def _split(phones: Any) -> tuple[str | None, str | None, list[str]]:
    """(mobile, phone, further ones); a fax is no phone one calls, it stands last."""
    ordered = sorted(phones, key=lambda each: each[0] == "fax")
    numbers = list(dict.fromkeys(number for _, number in ordered))
    mobile = next((number for kind, number in ordered if kind == "mobile"), None)
    phone = next((number for kind, number in ordered if kind != "fax" and number != mobile), None)
    return mobile, phone, [number for number in numbers if number not in (mobile, phone)]


def file_name(record: Record) -> str:
    """What its card is called as a file."""
    name = "".join(char for char in str(getattr(record, record.card.title)) if char.isalnum() or char in " -_")
    return f"{name.strip()[:60] or record.id}.vcf"


def text(cards: Iterable[Mapping[str, Any]]) -> str:
    """Cards as a .vcf file holds them."""
    from smallcrm.records.exchange.cards import card_text

    return "".join(map(card_text, cards))
