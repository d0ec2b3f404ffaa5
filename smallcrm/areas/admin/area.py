"""The admin area's card."""

from __future__ import annotations

from smallcrm.areas.admin import settings  # noqa: F401  declared by being imported
from smallcrm.areas.admin.jobs import JOBS
from smallcrm.base.i18n import L
from smallcrm.web.area import Area, Nav

AREA = Area(
    name="admin",
    needs=("people",),
    nav=(Nav("bin", L("Bin"), "trash", "/bin", group="end", order=20),),
    jobs=JOBS,
)
