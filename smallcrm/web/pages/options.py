"""What pickers ask as one types: records of a type, and the words that an open list has seen before. Never all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import jsonify, request
from werkzeug.wrappers import Response

from smallcrm import store
from smallcrm.base.errors import NotFound
from smallcrm.base.i18n import L
from smallcrm.base.text import sort_key
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, labels, query, search
from smallcrm.records.fields import Texts
from smallcrm.records.record import Attached, RecordType, all_types, by_name, find_type
from smallcrm.records.search import Hit
from smallcrm.web.context import actor
from smallcrm.web.pages import pages

MOST = 20
FEW = 6  # of each type where every type is searched


@pages.get("/<name>/options")
def options(name: str) -> Response:
    """``{"items": [{"id", "text", "sub"}]}`` of the records that ``q`` finds; the latest changed without ``q``."""
    who = actor()
    kind = by_name(name)
    if kind is None:
        raise NotFound(L("There is nothing here, or you may not see it."))
    typed = request.args.get("q", "").strip()
    return jsonify({"items": _offered(who, kind, typed)})


def _offered(who: Actor, kind: RecordType, typed: str) -> list[dict[str, Any]]:
    if typed and kind.card.searchable:
        hits = search.find(who, typed, kinds=[kind], each=MOST)
        items = [{"id": hit.id, "text": hit.title, "sub": _sub(who, hit)} for hit in hits]
    else:
        items = _latest(who, kind)
    return _active(items) if kind.card.key == "user" else items


def _latest(who: Actor, kind: RecordType) -> list[dict[str, Any]]:
    sort = kind.card.order if kind.card.reach == "open" or "updated_at" in kind.card.unsorted else "-updated_at"
    page = query.page(query.Ask(who, kind, [kind.card.title], sort=sort, limit=MOST))
    at = page.at[kind.card.title]
    return [{"id": row[0], "text": row[at] or f"#{row[0]}", "sub": ""} for row in page.rows]


def _sub(who: Actor, hit: Hit) -> str:
    """A second line that tells two of one name apart, out of what this reader may see of it."""
    if hit.values.get("customer"):
        return access.names(who, "customer", [hit.values["customer"]]).get(hit.values["customer"], "")
    shown = access.shown_of(who, hit.kind, hit.values)
    return next((str(hit.values[name]) for name in ("city", "email") if name in shown and hit.values.get(name)), "")


def _active(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    active = {row[0] for row in store.rows('SELECT id FROM "user" WHERE active = 1 AND deleted_at IS NULL')}
    return [item for item in items if item["id"] in active]


@pages.get("/options")
def options_of_several() -> Response:
    """The same over the types named by ``types=user,team``, or over every type that something can hang on; an id says its
    type: ``user/3``.
    """
    who = actor()
    typed = request.args.get("q", "").strip()
    if "types" not in request.args:
        return jsonify({"items": _anywhere(who, typed)})
    items: list[dict[str, Any]] = []
    for key in request.args["types"].split(",")[:4]:
        kind = find_type(key)
        if kind is not None:
            found = [{**item, "id": f"{kind.card.key}/{item['id']}"} for item in _offered(who, kind, typed)]
            items += [{**item, "sub": item["sub"] or labels.one(kind)} for item in found]
    return jsonify({"items": items})


def _anywhere(who: Actor, typed: str) -> list[dict[str, Any]]:
    """Records with pages that belong to people and are no attachments themselves: a few of each type."""
    kinds = [
        kind
        for kind in all_types()
        if kind.card.pages
        and kind.card.reach != "open"
        and not issubclass(kind, Attached)
        and who.scope(kind.card.key, "view") is not Scope.NONE
    ]
    if typed:
        hits = search.find(who, typed, kinds=[kind for kind in kinds if kind.card.searchable], each=FEW)
        return [_typed(hit.kind, {"id": hit.id, "text": hit.title, "sub": _sub(who, hit)}) for hit in hits]
    return [_typed(kind, item) for kind in kinds[:3] for item in _latest(who, kind)[:FEW]]


def _typed(kind: RecordType, item: dict[str, Any]) -> dict[str, Any]:
    name = labels.one(kind)
    return {**item, "id": f"{kind.card.key}/{item['id']}", "sub": f"{name} · {item['sub']}" if item["sub"] else name}


_proposed: dict[tuple[str, str], Callable[[], Sequence[str]]] = {}


def propose(record_type: str, field: str, values: Callable[[], Sequence[str]]) -> None:
    """An area offers values of an open list beside those that it has had."""
    _proposed[record_type, field] = values


@pages.get("/<type:kind>/words/<field>")
def words(kind: RecordType, field: str) -> Response:
    """The values an open list or a tag field has had, within reach, that begin with ``q``."""
    who = actor()
    found = access.readable(who, kind).get(field)
    if found is None or found.masked:
        raise NotFound(L("There is no such field."))
    typed = sort_key(request.args.get("q", ""))
    where, params = access.reach(who, kind).where()
    table = kind._meta.table_name
    if isinstance(found, Texts):
        sql = (
            f'SELECT e.value, count(*) n FROM "{table}" t, json_each({found.expr()}) e'
            f" WHERE t.deleted_at IS NULL AND {where} AND instr(fold(e.value), ?) = 1 GROUP BY e.value ORDER BY n DESC LIMIT ?"
        )
        rows = store.rows(sql, [*params, typed, MOST])
    else:
        key = found.filter_expr("t")
        sql = (
            f'SELECT {found.expr()}, count(*) n FROM "{table}" t'
            f" WHERE t.deleted_at IS NULL AND {where} AND {key} >= ? AND {key} < ? GROUP BY {key} ORDER BY n DESC LIMIT ?"
        )
        rows = store.rows(sql, [*params, typed, typed + "\U0010ffff", MOST])
    known = [str(row[0]) for row in rows if row[0]]
    more = _proposed.get((kind.card.key, field), lambda: ())()
    fresh = [text for text in more if sort_key(text).startswith(typed) and text not in known]
    return jsonify({"items": [{"id": text, "text": text} for text in [*known, *fresh][:MOST]]})
