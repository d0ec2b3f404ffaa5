"""The recycle bin: what was deleted, by type, found again and brought back."""

from __future__ import annotations

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from smallcrm.base import ids
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import Scope
from smallcrm.records import access, bin, changesets, labels, query
from smallcrm.records.record import RecordType, all_types
from smallcrm.store import writing
from smallcrm.web import grid, reauth, toasts
from smallcrm.web.context import actor
from smallcrm.web.pages import pages
from smallcrm.web.pages.listing import headings


@pages.get("/bin")
def bin_page() -> str | Response:
    """The first type that has something in it, else an empty bin."""
    who = actor()
    kinds = [k for k in all_types() if k.card.pages and who.scope(k.card.key, "view") is not Scope.NONE]
    counts = {k.card.key: query.count(query.Ask(who, k, bin=True)) for k in kinds}
    wanted = request.args.get("type")
    current = next((k for k in kinds if k.card.name == wanted), None)
    current = current or next((k for k in kinds if counts[k.card.key]), None)
    tabs = [
        {"label": labels.many(k), "url": f"/bin?type={k.card.name}", "current": k is current, "n": counts[k.card.key]}
        for k in kinds
        if counts[k.card.key] or k is current
    ]
    if current is None or not counts[current.card.key]:
        return render_template("record/bin.html", tabs=tabs, kind=None, rows="", following=None, columns=[], q="")
    columns = [current.card.title, "owner", "deleted_at"] if current.card.reach != "open" else [current.card.title]
    q = request.args.get("q", "").strip()
    ask = query.Ask(
        who, current, [c for c in columns if c != "deleted_at"], bin=True, sort="-updated_at" if "updated_at" not in current.card.unsorted else "-id",
        cursor=request.args.get("cursor"), filter={"field": current.card.title, "op": "contains", "value": q} if q else None,
    )  # fmt: skip
    page = query.page(ask)
    shown = [c for c in columns if c != "deleted_at"]
    heads = headings(current, shown)
    rows = grid.draw(who, current, page, shown, heads, ticks=True, bin=True)
    following = f"/bin?type={current.card.name}&cursor={page.next}" if page.next else None
    return render_template(
        "record/bin.html", tabs=tabs, kind=current, rows=rows, following=following,
        columns=[(c, heads[c]) for c in shown], q=q, n=counts[current.card.key],
    )  # fmt: skip


@pages.post("/<type:kind>/bin/restore")
def bin_restore(kind: RecordType) -> Response:
    """Bring the selected back."""
    who = actor()
    reauth.need(kind, ["deleted_at"])
    chosen = ids.numbers(request.form.getlist("id"))
    allowed = sorted(access.within(who, kind, chosen, "delete", bin=True))
    with changesets.opened(who, "restore") as mine, writing():
        n = bin.restore_records(who, kind, allowed)
    if n:
        toasts.say(ngettext("%(n)s is back.", "%(n)s are back.", n), undo=mine.id)
    else:
        toasts.say(str(L("Nothing was brought back.")), tone="bad")
    return redirect(f"/bin?type={kind.card.name}", 303)
