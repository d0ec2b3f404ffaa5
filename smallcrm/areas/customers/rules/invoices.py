"""A customer's invoice data as text to be pasted into a tax program or a message, in the words of its own country."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smallcrm.areas.customers.records import Customer
from smallcrm.records.custom import fields_of
from smallcrm.records.fields import Lines

# The forms of China and Greece have fixed words that are not translated. A pair of fields shares a line.
_CHINESE = (
    ("名称", ("title",)), ("纳税人识别号", ("tax_number",)), ("地址、电话", ("address", "phone")),
    ("开户行及账号", ("bank", "account")), ("电子邮箱", ("email",)),
)  # fmt: skip
_GREEK = (
    ("Επωνυμία", ("title",)), ("Α.Φ.Μ.", ("tax_number",)), ("Δ.Ο.Υ.", ("tax_office",)), ("Αρ. Γ.Ε.ΜΗ.", ("registry",)),
    ("Επάγγελμα", ("activity",)), ("Διεύθυνση", ("address",)), ("Τηλέφωνο", ("phone",)), ("Τράπεζα", ("bank", "account")),
    ("E-mail", ("email",)),
)  # fmt: skip
_ONLY_PLAIN = {"title", "tax_number", "email"}


def as_text(row: Mapping[str, Any]) -> str:
    """One row of invoice data, a line a fact. A plain Chinese invoice carries name and number only."""
    kind = row.get("kind")
    if kind in ("plain", "special"):
        lines = [line for line in _CHINESE if kind == "special" or set(line[1]) <= _ONLY_PLAIN]
        return _written(lines, row, "：")
    if kind in ("invoice", "receipt"):
        return _written(_GREEK, row, ": ")
    field = fields_of(Customer)["invoice_data"]
    assert isinstance(field, Lines)
    return _written([(str(part.label), (name,)) for name, part in field.parts.items() if name != "kind"], row, ": ")


def _written(lines: Any, row: Mapping[str, Any], colon: str) -> str:
    found = []
    for label, names in lines:
        text = " ".join(str(row[name]) for name in names if row.get(name))
        if text:
            found.append(f"{label}{colon}{text}")
    return "\n".join(found)
