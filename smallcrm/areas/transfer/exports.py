"""Exports: with a right of their own, a line in the audit log, and a word to the owners when somebody takes far more than usual."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from smallcrm import store
from smallcrm.areas.people import roles
from smallcrm.areas.transfer import staging
from smallcrm.areas.transfer.staging import OUT, Staged
from smallcrm.base import clock, formats, ids
from smallcrm.base.errors import Forbidden
from smallcrm.base.i18n import L, _, ngettext
from smallcrm.identity.actor import Actor, Scope
from smallcrm.jobs import notices, work
from smallcrm.records import audit, exporting, fields, labels, query, settings
from smallcrm.records.query import Ask
from smallcrm.records.record import RecordType

AT_ONCE = 2_000  # records that are written while one waits
_USUAL_DAYS = 90

settings.declare(
    "company",
    {
        "export.alert_from": (
            fields.Number(
                L("Tell owners from so many exported records a day"), least=0, most=1_000_000,
                help=L("And only if it is three times what that person usually takes, or half of what they may see. 0: never."),
            ),
            200,
        ),
    },
)  # fmt: skip


def need(who: Actor, kind: RecordType) -> None:
    """Raise Forbidden for those who may not export a type."""
    if who.scope(kind.card.key, "export") is Scope.NONE:
        raise Forbidden(L("You may not export these."))


def file_name(kind: RecordType, ending: str, as_of: str | None = None) -> str:
    """``Customers 2026-11-22.xlsx``: the day of which it speaks."""
    day = formats.local(as_of).date() if as_of else clock.today()
    return f"{labels.many(kind)} {day.isoformat()}.{ending}"


def write(path: Path, ask: Ask, names: Sequence[str] | None, *, progress: Any = None) -> int:
    """Write an export, keep the audit line, look at how much it was; the number of records."""
    need(ask.actor, ask.kind)
    done = exporting.write(path, ask, names, progress=progress)
    taken = exporting.chosen(ask.actor, ask.kind, names)
    audit.log(
        ask.actor, "export", record_type=ask.kind.card.key,
        detail={"n": done.rows, "columns": taken, "filter": ask.filter, "q": ask.q, "as_of": ask.as_of, "format": path.suffix[1:]},
    )  # fmt: skip
    watch(ask.actor, ask.kind)
    return done.rows


def start(who: Actor, kind: RecordType, ask: Ask, names: Sequence[str] | None, ending: str) -> int:
    """Write a big export in the background; the work's id. The file waits for a day."""
    made = staging.begin(who, kind, file_name(kind, ending, ask.as_of), OUT)
    made.mapping = {"rights": rights_mark(who)}
    staging.keep(made)
    key = work.start("export", L("Export of %(what)s", what=labels.many(kind)), who.id, _work, made=made, ask=ask, names=names, ending=ending)  # fmt: skip
    made.put(work=key)
    return key


def rights_mark(who: Actor) -> str:
    """What decides how far somebody sees, in short: a file that was written with other rights is not given out."""
    role = who.role
    held = (sorted(role.grants.items()), sorted(role.default.items()), sorted(role.fields.items()), sorted(role.rights))
    return ids.digest(repr((who.id, held, who.team, sorted(who.teams), sorted(who.teams_below))))


def _work(progress: work.Progress, made: Staged, ask: Ask, names: Sequence[str] | None, ending: str) -> dict[str, Any]:
    total = query.count(ask, cap=None)

    def step(share: float) -> None:
        progress.step(int(share * total), total)
        progress.check()

    path = made.folder / f"file.{ending}"
    n = write(path, ask, names, progress=step)
    path.rename(made.path)
    made.put(result={"n": n})
    return {
        "message": ngettext("%(n)s record.", "%(n)s records.", n),
        "links": [[_("Download"), f"/exports/{made.token}/file"]],
    }


# ---------------------------------------------------------------- more than usual


def watch(who: Actor, kind: RecordType) -> None:
    """Tell the owners, once a day, when somebody took far more records today than usual."""
    least = int(settings.get("export.alert_from") or 0)
    if not least or who.scope(kind.card.key, "export") is Scope.ALL:
        return
    days = _by_day(who)
    today = days.pop(clock.today().isoformat(), 0)
    usual = sum(days.values()) / len(days) if days else 0
    reach = query.count(Ask(who, kind), cap=None)
    if today <= max(least, 3 * usual) and not (today >= least and today > reach / 2):
        return
    if today < least:
        return
    for owner in _owners():
        notices.notify(
            owner, "export", key=f"export/{who.id}/{clock.today().isoformat()}", link="/audit",
            title=lambda: _("%(name)s exported %(n)s records today", name=who.name, n=formats.number(today)),
            body=lambda: _("That is far more than usual. The audit log says what and when."),
        )  # fmt: skip


def _by_day(who: Actor) -> dict[str, int]:
    """Day → records exported, in the last months."""
    since = clock.iso(clock.now() - dt.timedelta(days=_USUAL_DAYS))
    found: dict[str, int] = {}
    for at, detail in store.rows(
        "SELECT at, detail FROM audit WHERE actor = ? AND act = 'export' AND at > ?", [who.id, since]
    ):
        day = formats.local(at).date().isoformat()
        found[day] = found.get(day, 0) + int(json.loads(detail or "{}").get("n", 0))
    return found


def _owners() -> list[int]:
    marks = store.json_list(roles.owner_roles())
    sql = 'SELECT id FROM "user" WHERE active = 1 AND deleted_at IS NULL AND role IN (SELECT value FROM json_each(?))'
    return [row[0] for row in store.rows(sql, [marks])]
