"""The catalog area's card."""

from __future__ import annotations

from smallcrm.areas.catalog import records  # noqa: F401  registered by being imported
from smallcrm.web.area import Area, Nav

AREA = Area(
    name="catalog",
    needs=("people", "customers"),
    nav=(Nav("products", "", "package", "/products", type="product", order=70),),
)
