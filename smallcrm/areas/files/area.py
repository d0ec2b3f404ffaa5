"""The files area's card."""

from __future__ import annotations

from smallcrm.areas.files import people, records, rules, timeline  # noqa: F401  registered by being imported
from smallcrm.areas.files.pages import api, files, panel, previews
from smallcrm.base.i18n import L
from smallcrm.web.area import Act, Area, Nav, Panel

AREA = Area(
    name="files",
    needs=("people", "customers"),
    blueprint=files,
    nav=(Nav("files", "", "paperclip", "/files", type="file", order=80),),
    panels=(
        Panel("*", "related", panel.draw, order=80),
        Panel("file", "middle", previews.draw, order=10),
    ),
    acts=(
        Act("file", "download", L("Download"), "download", "/files/{id}/content", verb="view", dialog=False,
            place="head", order=10, shown=panel.may_open),
        Act("file", "zip", L("Download as ZIP"), "download", "/files/bulk/zip", verb="export", bulk=True,
            download=True, order=40, shown=lambda _actor, _record: False),
    ),
)  # fmt: skip

api.describe()
