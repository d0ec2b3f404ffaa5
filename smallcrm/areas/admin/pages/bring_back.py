"""Looking into an open backup: find a record or a day, compare with now, bring back what is chosen."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response

from smallcrm.areas.admin.pages import admin
from smallcrm.areas.admin.pages.guard import need
from smallcrm.areas.admin.rules import bringback, looking
from smallcrm.areas.admin.rules.bringback import STATES, Compared
from smallcrm.areas.admin.rules.looking import Look
from smallcrm.base import ids
from smallcrm.base.errors import BadRequest, NotFound
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import Actor
from smallcrm.jobs import work
from smallcrm.jobs.work import Progress
from smallcrm.records import labels
from smallcrm.records.record import RecordType, by_name
from smallcrm.records.reinstate import Reinstated
from smallcrm.web import toasts
from smallcrm.web.settings_shell import page

HERE = "/admin/backups"
SHOWN = 200  # records of a day on one page
_AT_ONCE = 100  # records that are brought back while one waits


def _look(name: str) -> Look:
    found = looking.opened(name)
    assert found is not None
    return found


def _kind(name: str) -> RecordType:
    found = by_name(name)
    if found is None:
        raise NotFound(L("There is nothing here, or you may not see it."))
    return found


@admin.get("/admin/backups/<name>/look")
def look(name: str) -> str:
    """Search it, or choose a day."""
    who, held = need("backup"), _look(name)
    kinds = looking.kinds(who)
    wanted = request.args.get("type", "")
    text = request.args.get("q", "").strip()
    found: list[Compared] = []
    for kind in kinds if text else ():
        if wanted in ("", kind.card.name) and len(found) <= looking.FOUND:
            lived = [int(then["id"]) for then in looking.search(held, kind, text) if not then["deleted_at"]]
            found += [bringback.compare(who, held, kind, record) for record in lived]
    return page(
        "admin/look.html", HERE, look=held, wanted=wanted, q=text, found=found[: looking.FOUND],
        more=len(found) > looking.FOUND, kinds=[(k.card.name, labels.many(k)) for k in kinds],
        days=looking.days(held), states=STATES,
    )  # fmt: skip


@admin.get("/admin/backups/<name>/look/<kind>/<int:record>")
def look_record(name: str, kind: str, record: int) -> str:
    """One record then and now."""
    who, held = need("backup"), _look(name)
    found = bringback.compare(who, held, _kind(kind), record)
    return page("admin/then.html", HERE, look=held, one=found, states=STATES)


@admin.post("/admin/backups/<name>/look/<kind>/<int:record>")
def bring_record(name: str, kind: str, record: int) -> Response:
    """Bring it back, whole or the chosen fields."""
    who, held, found = need("backup"), _look(name), _kind(kind)
    compared = bringback.compare(who, held, found, record)
    fields = None if compared.state in ("gone", "binned") else request.form.getlist("field")
    if fields == []:
        raise BadRequest(L("Choose at least one field to bring back."))
    done = bringback.bring_back(who, held, [(found.card.key, record)], fields=fields)
    _say(done)
    now = done.ids.get((found.card.key, record))
    here = f"/admin/backups/{name}/look/{kind}/{record}"
    return redirect(f"/{kind}/{now}" if now and not done.left and found.card.pages else here, 303)


@admin.get("/admin/backups/<name>/days/<day>")
def look_day(name: str, day: str) -> str:
    """What was changed on a day and is not now as it was then."""
    who, held, date = need("backup"), _look(name), _date(day)
    found, more = bringback.of_day(who, held, date, SHOWN)
    return page("admin/day.html", HERE, look=held, day=date, found=found, more=more, states=STATES)


@admin.post("/admin/backups/<name>/days/<day>")
def bring_day(name: str, day: str) -> Response:
    """Bring back the chosen records, or everything of the day that is gone."""
    who, held, date = need("backup"), _look(name), _date(day)
    if request.form.get("all"):
        marks = bringback.missing_of_day(who, held, date)
    else:
        marks = [_mark(each) for each in request.form.getlist("id")]
    if not marks:
        raise BadRequest(L("Choose at least one record to bring back."))
    if len(marks) <= _AT_ONCE:
        _say(bringback.bring_back(who, held, marks))
        return redirect(f"/admin/backups/{name}/days/{day}", 303)
    return redirect(f"/works/{_start(who, held, marks)}", 303)


def _start(who: Actor, held: Look, marks: list[tuple[str, int]]) -> int:
    def run(progress: Progress) -> dict[str, Any]:
        progress.step(total=len(marks))
        done = bringback.bring_back(who, held, marks)
        if done.set:
            progress.belongs_to(done.set)
        progress.step(done=len(marks))
        return {"message": _told(done)}

    return work.start("bring back", L("Bringing records back"), who.id, run)


def _mark(text: str) -> tuple[str, int]:
    name, _, rest = text.partition("/")
    found, number = by_name(name), ids.number(rest)
    if found is None or number is None:
        raise BadRequest(L("This request makes no sense."))
    return found.card.key, number


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise NotFound(L("There is nothing here, or you may not see it.")) from None


def _say(done: Reinstated) -> None:
    toasts.say(_told(done), undo=done.set or None, tone="warn" if done.left else "good")


def _told(done: Reinstated) -> str:
    """What came of it, in words."""
    back = len(done.ids) - done.unchanged
    parts = [ngettext("%(n)s record is back as it was.", "%(n)s records are back as they were.", back)]
    if done.loosened:
        n = len(done.loosened)
        parts.append(
            ngettext("%(n)s link led to nothing and was left out.", "%(n)s links led to nothing and were left out.", n)
        )
    for one, why in done.left[:3]:
        parts.append(f"{one.title}: {why}")
    return " ".join(parts)
