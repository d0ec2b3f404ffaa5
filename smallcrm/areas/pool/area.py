"""The pool area's card."""

from __future__ import annotations

from smallcrm.areas.pool import records, rules  # noqa: F401  registered by being imported
from smallcrm.areas.pool.api import VERBS
from smallcrm.areas.pool.jobs import RECYCLE
from smallcrm.web.area import Area, Nav

AREA = Area(
    name="pool",
    needs=("people", "customers", "activities"),
    nav=(Nav("pool", "", "ripple", "/pool", type="pool", order=60),),
    jobs=(RECYCLE,),
    api=VERBS,
)
