"""The admin area's card."""

from __future__ import annotations

from smallcrm.base.i18n import L
from smallcrm.web.area import Area, Nav

AREA = Area(name="admin", needs=("people",), nav=(Nav("bin", L("Bin"), "trash", "/bin", group="end", order=20),))
