"""Contact cards (.vcf) as a table, so that they take the same way in as every other file."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import L, _, language
from smallcrm.records.exchange.cards import Card, cards_of
from smallcrm.records.record import RecordType

_HEAD = 4_000
_CONTACT = ("name", "customer", "title", "mobile", "phone", "phones", "email", "emails", "wechat", "birthday", "notes")
_CUSTOMER = (
    "name", "kind", "contact.name", "contact.title", "contact.mobile", "phone", "phones", "email", "emails", "website",
    "address", "city", "region", "postcode", "country", "tags", "notes",
)  # fmt: skip


def is_cards(path: Path) -> bool:
    """Whether the file holds contact cards, whatever it is called."""
    with path.open("rb") as handle:
        head = handle.read(_HEAD)
    return b"BEGIN:VCARD" in head.replace(b"\0", b"").upper()


def as_table(kind: RecordType, path: Path, target: Path) -> Path:
    """Write the cards as a csv whose headers are the type's fields. Raises Unreadable, BadRequest."""
    if kind.card.key not in ("contact", "customer"):
        raise BadRequest(L("Contact cards can only be imported as contacts or customers."))
    found = cards_of(path, target.parent, language())
    columns, make = (_CONTACT, _contact) if kind.card.key == "contact" else (_CUSTOMER, _customer)
    with target.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(columns)
        for card in found.cards:
            values = make(card)
            writer.writerow([_text(values.get(name)) for name in columns])
        for place in found.failed:  # without a name: the check shows the row and leaves it out
            notes = _("Card %(n)s of the file cannot be read.", n=place)
            writer.writerow([notes if name == "notes" else "" for name in columns])
    return target


def _text(value: Any) -> str:
    return "; ".join(value) if isinstance(value, list) else str(value or "")


def _reached(card: Card) -> dict[str, Any]:
    """Phones and addresses, the first of each in its own place."""
    phones = list(card.get("phones") or [])
    mobile = next((text for kind, text in phones if kind == "mobile"), "")
    others = [text for kind, text in phones if text != mobile and kind != "fax"]
    emails = [text for _kind, text in card.get("emails") or []]
    return {
        "mobile": mobile, "phone": others[0] if others else "", "phones": others[1:],
        "email": emails[0] if emails else "", "emails": emails[1:],
    }  # fmt: skip


def _contact(card: Card) -> dict[str, Any]:
    plain = {name: card.get(name) for name in ("name", "title", "wechat", "birthday", "notes")}
    return {**plain, **_reached(card), "customer": card.get("company")}


def _customer(card: Card) -> dict[str, Any]:
    reached = _reached(card)
    address: dict[str, str] = next(iter(card.get("addresses") or []), {})
    found: dict[str, Any] = {
        "website": card.get("website"), "tags": list(card.get("tags") or []), "notes": card.get("notes"),
        "address": address.get("street"), **{n: address.get(n) for n in ("city", "region", "postcode", "country")},
        **{name: reached[name] for name in ("phone", "phones", "email", "emails")},
    }  # fmt: skip
    if card.get("company") and card.get("name"):
        return {
            **found, "name": card["company"], "kind": "company", "contact.name": card["name"],
            "contact.title": card.get("title"), "contact.mobile": reached["mobile"],
        }  # fmt: skip
    name = card.get("name") or card.get("company")
    kind = "company" if card.get("company") else "person"
    phone = reached["mobile"] or reached["phone"]
    rest = [text for text in (reached["phone"], *reached["phones"]) if text and text != phone]
    return {**found, "name": name, "kind": kind, "phone": phone, "phones": rest}
