"""Two records side by side, field by field; the choice which one stays; everything attached moves."""

from __future__ import annotations

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from smallcrm.base import ids
from smallcrm.base.errors import BadRequest, NotFound
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, changesets, labels, merge, present
from smallcrm.records.record import Record, RecordType, links_to, title, values
from smallcrm.store import value
from smallcrm.web import toasts
from smallcrm.web.context import actor
from smallcrm.web.pages import pages


def _both(who: Actor, kind: RecordType) -> tuple[Record, Record]:
    if not kind.card.merges:
        raise NotFound(L("These are not merged."))
    given = [*request.values.getlist("id"), *(request.values.get(name, "") for name in ("keep", "with"))]
    both = list(dict.fromkeys(ids.numbers(given)))
    if len(both) != 2:
        raise BadRequest(L("Select exactly two to merge."))
    return access.find(who, kind, both[0], "edit"), access.find(who, kind, both[1], "edit")


@pages.route("/<type:kind>/merge", methods=["GET", "POST"])
def merge_page(kind: RecordType) -> str | Response:
    """Side by side."""
    who = actor()
    left, right = _both(who, kind)
    if request.form.get("go"):
        return _merge(who, left, right)
    rows = []
    reading = (access.reading(who, left), access.reading(who, right))
    held = (values(left), values(right))
    for side in merge.sides(who, left, right):
        shown = [present.shown(side.field, held[i], reading[i]) for i in (0, 1)]
        both = side.field.is_list or side.field.kind == "long_text"
        rows.append((side.field.key, labels.field(kind, side.field.key), shown, side.proposed, side.differs, both))
    return render_template(
        "record/merge.html",
        kind=kind,
        left=left,
        right=right,
        titles=(title(left), title(right)),
        rows=rows,
        attached=[_attached(kind, record) for record in (left, right)],
    )


def _attached(kind: RecordType, record: Record) -> list[tuple[str, int]]:
    """How many records of each type hang on it."""
    found: dict[str, int] = {}
    for child, link in links_to(kind.card.key):
        sql = f'SELECT count(*) FROM "{child._meta.table_name}" WHERE deleted_at IS NULL AND "{link.column_name}" = ?'
        n = int(value(sql, [record.id]))
        if n:
            name = labels.many(child)
            found[name] = found.get(name, 0) + n
    return list(found.items())


def _merge(who: Actor, left: Record, right: Record) -> Response:
    take = {name.removeprefix("take-"): choice for name, choice in request.form.items() if name.startswith("take-")}
    with changesets.opened(who, "merge") as mine:
        kept = merge.merge(who, left, right, take=take)
    toasts.say(str(L("Merged into %(name)s.", name=title(kept))), undo=mine.id)
    return redirect(f"/{kept.card.name}/{kept.id}", 303)
