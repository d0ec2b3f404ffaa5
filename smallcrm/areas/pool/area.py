"""The pool area's card."""

from __future__ import annotations

from smallcrm.areas.pool import records  # noqa: F401
from smallcrm.web.area import Area, Nav

AREA = Area(
    name="pool",
    needs=("people", "customers"),
    nav=(Nav("pool", "", "ripple", "/pool", type="pool", order=60),),
)
