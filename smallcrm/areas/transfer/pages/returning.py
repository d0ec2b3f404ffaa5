"""A workbook that was exported, changed and brought back: every difference, chosen one by one, then applied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.transfer import checking, staging
from smallcrm.areas.transfer.pages import transfer
from smallcrm.areas.transfer.pages.importing import need
from smallcrm.areas.transfer.staging import Staged
from smallcrm.base import formats
from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import L, _, ngettext
from smallcrm.identity.actor import Actor
from smallcrm.jobs import work
from smallcrm.records.importing.chosen import Applied, Choice, apply
from smallcrm.records.importing.guessing import Reading
from smallcrm.records.importing.returning import CHANGED, CONFLICT, MISSING, NEW, SAME, WRONG, Comparer, Comparison
from smallcrm.records.record import RecordType
from smallcrm.web import reauth, toasts
from smallcrm.web.context import actor

MOST = 1_000  # differences that one page shows
AT_ONCE = 400
SIGNS = {CONFLICT: "con", CHANGED: "chg", NEW: "new", MISSING: "gone", WRONG: "con"}
_ORDER = {CONFLICT: 0, WRONG: 1, CHANGED: 2, NEW: 2, MISSING: 2}


def _compared(who: Actor, kind: RecordType, found: Staged) -> tuple[Reading, Comparison]:
    with checking.opened(found) as book:
        reading = checking.read(who, kind, found, book).reading
        if reading.guess.coming_back is None:
            raise BadRequest(L("This file is no export of smallcrm's, so there is nothing to compare it with."))
        return reading, Comparer(who, kind, reading, _added(found)).compare()


def _added(found: Staged) -> dict[str, int]:
    """The new rows of the file that were written already: a page that is sent twice adds nothing twice."""
    return dict((found.result or {}).get("added", {}))


def _apply(who: Actor, kind: RecordType, found: Staged, compared: Comparison, choice: Choice, **more: Any) -> Applied:
    before = _added(found)

    def keep(added: Mapping[str, int]) -> None:
        found.add(added={**before, **added})

    return apply(who, kind, compared, choice, note=found.name, keep=keep, **more)


@transfer.get("/<type:kind>/import/<token>/differences")
def differences(kind: RecordType, token: str) -> str:
    """The page."""
    who = actor()
    need(who, kind)
    found = staging.find(who, token, kind=kind)
    reading, compared = _compared(who, kind, found)
    back = reading.guess.coming_back
    assert back is not None
    tab = request.args.get("tab", "")
    shown = [row for row in compared.rows if not tab or row.sort == tab]
    shown.sort(key=lambda row: _ORDER[row.sort])
    columns = [name for name in compared.columns if name != kind.card.title]
    used = {name for row in compared.rows for name in (*row.cells, *(row.values if row.sort == NEW else ()))}
    columns = sorted(columns, key=lambda name: (name not in used, columns.index(name)))[
        : max(8, len(used & set(columns)))
    ]
    return render_template(
        "transfer/differences.html", kind=kind, found=found, compared=compared, rows=shown[:MOST], tab=tab,
        more=max(0, len(shown) - MOST), tabs=_tabs(kind, token, compared, tab), signs=SIGNS,
        columns=[(name, reading.targets[name].label) for name in columns],
        exported=formats.moment(back.exported_at) if back.exported_at else "", url=f"/{kind.card.name}/import/{token}",
        takes=_takes(compared), all=sum(len(row.cells) or 1 for row in compared.rows if row.sort != WRONG),
        conflicts=sum(cell.conflict for row in compared.rows for cell in row.cells.values()),
    )  # fmt: skip


def _takes(compared: Comparison) -> int:
    """How many changes are ticked as the page opens."""
    cells = sum(not cell.conflict for row in compared.rows for cell in row.cells.values())
    return cells + len(compared.of(NEW))


def _tabs(kind: RecordType, token: str, compared: Comparison, tab: str) -> list[dict[str, Any]]:
    counts = {sort: len(compared.of(sort)) for sort in (CONFLICT, CHANGED, NEW, MISSING, WRONG)}
    words = {
        CONFLICT: _("Conflicts"), CHANGED: _("Changed"), NEW: _("New"), MISSING: _("Missing"), WRONG: _("Cannot be taken"),
    }  # fmt: skip
    base = f"/{kind.card.name}/import/{token}/differences"
    cells = sum(len(row.cells) for row in compared.of(CHANGED))
    tabs: list[dict[str, Any]] = [
        {"label": _("All differences"), "url": base, "current": not tab, "n": formats.number(len(compared.rows))}
    ]
    for sort, n in counts.items():
        if n or sort not in (WRONG,):
            shown = formats.number(n)
            if sort == CHANGED and n:
                shown = _("%(cells)s cells in %(rows)s rows", cells=formats.number(cells), rows=formats.number(n))
            tabs.append(
                {
                    "label": words[sort],
                    "url": f"{base}?tab={sort}",
                    "current": tab == sort,
                    "n": shown,
                    "sign": SIGNS[sort],
                }
            )
    tabs.append(
        {
            "label": _("The same"),
            "url": f"{base}?tab={SAME}",
            "current": tab == SAME,
            "n": formats.number(compared.same),
        }
    )
    return tabs


@transfer.post("/<type:kind>/import/<token>/differences")
def apply_differences(kind: RecordType, token: str) -> Response:
    """Write what was ticked."""
    who = actor()
    need(who, kind)
    reauth.need(kind)
    with staging.changing(token):
        return _applied(who, kind, staging.find(who, token, kind=kind))


def _applied(who: Actor, kind: RecordType, found: Staged) -> Response:
    token, begun = found.token, (found.result or {}).get("work")
    if begun and work.get(begun).is_open:
        return redirect(f"/works/{begun}", 303)
    _reading, compared = _compared(who, kind, found)
    choice = _choice(compared)
    url = f"/{kind.card.name}/import/{token}/differences"
    if len(choice.rows) > AT_ONCE:

        def run(progress: work.Progress) -> dict[str, Any]:
            done = _apply(who, kind, found, compared, choice, step=lambda n, total: progress.step(n, total))
            if done.set:
                progress.belongs_to(done.set)
            return {"message": _told(done), "links": [[_("What is left"), url]]}

        key = work.start("round trip", L("Changes from %(name)s", name=found.name), who.id, run)
        found.add(work=key)
        return redirect(f"/works/{key}", 303)
    done = _apply(who, kind, found, compared, choice)
    toasts.say(_told(done), undo=done.set or None, tone="bad" if done.refused and not done.set else "good")
    return redirect(url, 303)


def _choice(compared: Comparison) -> Choice:
    form = request.form
    shown = set(form.getlist("shown"))
    ticked = set(form.getlist("take"))
    cells = {tuple(each.split(":", 1)) for each in form.getlist("cell")}
    rows: set[str] = set()
    left: set[tuple[str, str]] = set()
    conflicts: dict[tuple[str, str], str] = {}
    for row in compared.rows:
        if row.key not in shown:
            if row.sort in (CHANGED, NEW) and not form.get("tab"):
                rows.add(row.key)
            continue
        for name, cell in row.cells.items():
            said = form.get(f"x-{row.key}-{name}", "")
            if cell.conflict and said in ("file", "exported"):
                conflicts[row.key, name] = said
            elif not cell.conflict and (row.key, name) not in cells:
                left.add((row.key, name))
        decided = any(key == row.key for key, _name in conflicts)
        if row.key in ticked or decided:
            rows.add(row.key)
            if row.key not in ticked:
                left |= {(row.key, name) for name in row.cells}
    versions = {key: form.get(f"v-{key}", 0, type=int) for key in shown if form.get(f"v-{key}")}
    return Choice(frozenset(rows), frozenset(left), conflicts, versions)


def _told(done: Applied) -> str:
    parts = []
    if done.changed:
        parts.append(ngettext("%(n)s changed.", "%(n)s changed.", done.changed))
    if done.created:
        parts.append(ngettext("%(n)s added.", "%(n)s added.", done.created))
    if done.deleted:
        parts.append(ngettext("%(n)s put into the bin.", "%(n)s put into the bin.", done.deleted))
    for title, why in done.refused[:3]:
        parts.append(_("%(title)s was left: %(why)s", title=title, why=why))
    return " ".join(parts) or _("Nothing was chosen, so nothing was changed.")
