"""One picker over every type: what a file or another record may hang on, found as one types. Ids say their type: ``customer/5``."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request
from werkzeug.wrappers import Response

from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import labels, query, search
from smallcrm.records.record import Attached, RecordType, all_types
from smallcrm.web.context import actor
from smallcrm.web.pages import pages
from smallcrm.web.pages.palette import sub

EACH = 6


def places(who: Actor) -> list[RecordType]:
    """The types with pages whose records belong to people and are no attachments themselves, as far as one may see them."""
    return [
        kind
        for kind in all_types()
        if kind.card.pages
        and kind.card.reach != "open"
        and not issubclass(kind, Attached)
        and who.scope(kind.card.key, "view") is not Scope.NONE
    ]


@pages.get("/anywhere")
def anywhere() -> Response:
    """``{"items": [{"id", "text", "sub"}]}`` of the records that ``q`` finds; without ``q`` the newest of the first types."""
    who = actor()
    typed = request.args.get("q", "").strip()
    if typed:
        hits = search.find(who, typed, kinds=[kind for kind in places(who) if kind.card.searchable], each=EACH)
        return jsonify({"items": [_item(hit.kind, hit.id, hit.title, sub(who, hit)) for hit in hits]})
    return jsonify({"items": [item for kind in places(who)[:3] for item in _newest(who, kind)]})


def _newest(who: Actor, kind: RecordType) -> list[dict[str, Any]]:
    sort = "-id" if "updated_at" in kind.card.unsorted else "-updated_at"
    page = query.page(query.Ask(who, kind, [kind.card.title], sort=sort, limit=EACH))
    at = page.at[kind.card.title]
    return [_item(kind, row[0], row[at] or f"#{row[0]}", "") for row in page.rows]


def _item(kind: RecordType, number: int, text: str, beside: str) -> dict[str, Any]:
    name = labels.one(kind)
    return {"id": f"{kind.card.key}/{number}", "text": text, "sub": f"{name} · {beside}" if beside else name}
