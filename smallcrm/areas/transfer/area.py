"""The transfer area's card: files in and out of every type."""

from __future__ import annotations

from smallcrm.areas.transfer import exports, jobs, people, running, staging  # noqa: F401
from smallcrm.areas.transfer.pages import transfer
from smallcrm.areas.transfer.pages.importing import may_import
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.jobs import work
from smallcrm.records.record import all_types
from smallcrm.web.area import Area, Command, Nav

work.on_interrupted("import", running.interrupted)


def _anything(who: Actor) -> bool:
    return any(may_import(who, kind) for kind in all_types())


AREA = Area(
    name="transfer",
    needs=("people",),
    blueprint=transfer,
    nav=(Nav("import", L("Import"), "table-import", "/import", group="end", order=10, shown=_anything),),
    commands=(Command("import", L("Import a file"), "table-import", "/import"),),
    jobs=(jobs.PURGE,),
)
