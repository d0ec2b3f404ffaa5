"""A change-set's page: who, when, why, what, and Undo for 30 days; the list of all of them for whoever reads the audit log."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from smallcrm.base.errors import NotFound
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import Actor
from smallcrm.records import access, changesets, labels, undo
from smallcrm.records.changesets import Entry, SetInfo
from smallcrm.records.record import by_key
from smallcrm.store import rows
from smallcrm.web import entries, longwork, toasts
from smallcrm.web.context import actor
from smallcrm.web.pages import pages
from smallcrm.web.security import local_path

PAGE = 100


def _info(who: Actor, number: int) -> SetInfo:
    info = changesets.info(number)
    if info is None or not (info.actor == who.id or who.may("audit")):
        raise NotFound(L("There is no such change."))
    return info


@pages.get("/changes/<int:number>")
def change_page(number: int) -> str:
    """What one act changed."""
    who = actor()
    info = _info(who, number)
    after = request.args.get("after", 0, type=int)
    found = changesets.read_rows(
        rows(
            "SELECT id, set_id, record_type, record, version, act, data, pack FROM change WHERE set_id = ? AND id > ?"
            " ORDER BY id LIMIT ?",
            [number, after, PAGE + 1],
        )
    )
    more = found[PAGE - 1].id if len(found) > PAGE else None
    return render_template(
        "changes/page.html",
        info=info,
        rows=_rows(who, found[:PAGE]),
        more=more,
        may_undo=undo.may_undo(who, info),
        days=changesets.UNDO_DAYS,
    )


def _rows(who: Actor, found: list[Entry]) -> list[dict[str, Any]]:
    """Each record of the set with what changed in it; out of reach ones are only counted."""
    names: dict[str, dict[int, str]] = {}
    for key in {entry.record_type for entry in found}:
        names[key] = access.names(who, key, {entry.record for entry in found if entry.record_type == key})
    shown: list[dict[str, Any]] = []
    for entry in found:
        kind = by_key(entry.record_type)
        name = names[entry.record_type].get(entry.record)
        if name is None:
            shown.append(
                {
                    "type": labels.one(kind),
                    "name": str(L("not within your reach")),
                    "url": None,
                    "act": entry.act,
                    "fields": [],
                }
            )
            continue
        record = access.fetch(who, kind, entry.record, bin=True)
        reading = access.reading(who, record)
        shown.append(
            {
                "type": labels.one(kind),
                "name": name,
                "url": f"/{kind.card.name}/{entry.record}" if kind.card.pages else None,
                "act": entry.act,
                "fields": entries.differences(who, kind, entry, reading),
            }
        )
    return shown


@pages.post("/changes/<int:number>/undo")
def undo_change(number: int) -> Response:
    """Take it back; what was edited since is left alone and listed."""
    who = actor()
    info = _info(who, number)
    if info.count > 400:
        longwork.start_undo(who, info)
        toasts.say(str(L("Undo is under way. You may leave this page.")), tone="")
        return redirect(f"/changes/{number}", 303)
    result = undo.undo(who, number)
    if result.kept:
        kept = ngettext(
            "%(n)s left alone, it was edited since.", "%(n)s left alone, they were edited since.", len(result.kept)
        )
        done = ngettext("%(n)s taken back.", "%(n)s taken back.", result.undone)
        toasts.say(f"{done} {kept}", tone="bad", url=f"/changes/{result.set or number}", act=str(L("Look")))
    else:
        toasts.say(str(L("Undone.")), undo=result.set or None)
    return redirect(local_path(request.form.get("next"), f"/changes/{number}"), 303)


@pages.get("/changes")
def change_list() -> str:
    """One's own acts, or everybody's for whoever reads the audit log."""
    who = actor()
    before = request.args.get("before", 2**62, type=int)
    everyone = who.may("audit") and request.args.get("who") != "me"
    where, params = ("", []) if everyone else (" AND actor = ?", [who.id])
    found = [
        SetInfo(*row)
        for row in rows(
            f"SELECT {changesets._HEAD} FROM change_set WHERE id < ?{where} ORDER BY id DESC LIMIT 51",
            [before, *params],
        )
    ]
    more = found[49].id if len(found) > 50 else None
    return render_template(
        "changes/list.html", sets=found[:50], more=more, everyone=everyone, may_audit=who.may("audit")
    )
