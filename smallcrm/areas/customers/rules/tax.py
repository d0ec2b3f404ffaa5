"""Tax numbers are looked at, never refused: a wrong check digit is said, and the number kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from smallcrm.base.i18n import L, Label
from smallcrm.records import settings, warnings
from smallcrm.records.fields.phone import region_of

_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # no I O S V Z
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
SPECIAL = ("tax_number", "address", "phone", "bank", "account")


@warnings.on("customer")
def odd_numbers(values: Mapping[str, Any]) -> Iterable[tuple[str, Label]]:
    """What is odd about a customer's tax numbers and invoice data."""
    country, kind = values.get("country"), values.get("kind")
    said = odd(values.get("tax_number"), country, person=kind == "person")
    if said:
        yield "tax_number", said
    for row in values.get("invoice_data") or ():
        said = odd(row.get("tax_number"), country, person=kind == "person")
        if said:
            yield "invoice_data", L("%(title)s: %(said)s", title=row.get("title") or "", said=said)
        if row.get("kind") == "special" and any(not row.get(name) for name in SPECIAL):
            text = L(
                "%(title)s: a special invoice needs tax number, address, phone, bank and account.",
                title=row.get("title") or "",
            )
            yield "invoice_data", text


def odd(number: str | None, country: str | None = None, *, person: bool = False) -> Label | None:
    """What is odd about a tax number, None for nothing. ``country`` by code or name; the company's without one."""
    text = re.sub(r"[\s.\-/]", "", number or "").upper()
    if not text:
        return None
    region, rest = _region(text, country)
    if region == "CN":
        return _chinese(rest, person=person)
    if region == "GR":
        return _greek(rest)
    module = _module(region)
    if module is not None and not module.is_valid(rest):
        return L("This is no valid tax number of %(country)s: a digit may be wrong or missing.", country=region)
    return None


def _region(text: str, country: str | None) -> tuple[str, str]:
    """(ISO country, the number without its prefix)."""
    from stdnum.eu import vat

    if text[:2] == "EL":
        return "GR", text[2:]
    if text[:2].isalpha() and text[:2].lower() in vat.MEMBER_STATES and any(char.isdigit() for char in text[2:]):
        return text[:2], text[2:]
    return (region_of(country) if country else "") or str(settings.get("company.country")), text


def _module(region: str) -> Any:
    """python-stdnum's check of a country's tax numbers; None where it knows none."""
    from stdnum.eu import vat
    from stdnum.util import get_cc_module

    if region.lower() in vat.MEMBER_STATES:
        return _European(region)
    return get_cc_module(region.lower(), "vat") if len(region) == 2 else None


class _European:
    """A VAT number of the Union, by the check of its country."""

    def __init__(self, region: str) -> None:
        self.region = region

    def is_valid(self, rest: str) -> bool:
        from stdnum.eu import vat

        return bool(vat.is_valid(self.region + rest))


def _greek(rest: str) -> Label | None:
    from stdnum.gr import vat

    padded = rest.zfill(9) if len(rest) == 8 else rest
    if not vat.is_valid(padded) or not padded.strip("0"):
        return L("This is no valid ΑΦΜ: it has nine digits, the last of which checks the others.")
    return None


def _chinese(text: str, *, person: bool) -> Label | None:
    if person and _is_resident(text):
        return None
    if len(text) == 15 and text.isalnum():
        return None  # the numbers given before 2015
    if len(text) != 18:
        return L("A unified social credit code has 18 characters; this has %(n)s.", n=len(text))
    if not credit_code(text):
        return L("This is no valid credit code: a character may be wrong.")
    return None


def _is_resident(text: str) -> bool:
    from stdnum.cn import ric

    return bool(ric.is_valid(text))


def credit_code(text: str) -> bool:
    """Whether the 18 characters check (GB 32100). The first may be a letter, which python-stdnum does not take."""
    if any(char not in _CREDIT for char in text):
        return False
    total = sum(_CREDIT.index(char) * weight for char, weight in zip(text, _WEIGHTS, strict=False))
    return _CREDIT[(31 - total % 31) % 31] == text[17]
