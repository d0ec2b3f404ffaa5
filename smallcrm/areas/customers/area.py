"""The customers area's card."""

from __future__ import annotations

from smallcrm.areas.customers import importing, records  # noqa: F401
from smallcrm.web.area import Area, Nav

AREA = Area(
    name="customers",
    needs=("people",),
    nav=(
        Nav("customers", "", "building-store", "/customers", type="customer", order=10, tabbar=True, letter="c"),
        Nav("contacts", "", "address-book", "/contacts", type="contact", order=20, letter="p"),
    ),
)
