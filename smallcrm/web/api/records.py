"""The routes that every record type has: list, one, create, change, delete, restore, verbs."""

from __future__ import annotations

import re
from typing import Any, cast

from flask import Blueprint, jsonify, make_response, request
from werkzeug.wrappers import Response

from smallcrm.base.errors import BadRequest, Invalid, NotFound, VersionNeeded
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, change, merge, query, search
from smallcrm.records.record import RecordType, by_name, is_present
from smallcrm.web import reauth
from smallcrm.web.api import idempotency, represent, verbs
from smallcrm.web.api.body import json_body, parse, record_body
from smallcrm.web.context import actor

api = Blueprint("api", __name__, url_prefix="/api/v1")

MOST = 200


def _kind(name: str) -> RecordType:
    found = by_name(name)
    if found is None or not found.card.api or not is_present(found):
        raise NotFound(L("There is no type “%(type)s”.", type=name[:60]))
    return found


def _id(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,11}", text):
        raise NotFound(L("There is nothing here, or you may not see it."))
    return int(text)


def answer(who: Actor, record: Any, status: int = 200) -> Response:
    """One record as an answer, with its version as ETag; to a write also what deserves a second look."""
    body = represent.one(who, record)
    if request.method in ("POST", "PATCH"):
        body |= represent.remarks(who, record, new=status == 201)
    response = make_response(jsonify(body), status)
    response.headers["ETag"] = f'"{record.version}"'
    if status == 201:
        response.headers["Location"] = f"/api/v1/{record.card.name}/{record.id}"
    return response


@api.get("/<name>")
def listing(name: str) -> Response:
    """A page of records."""
    who, kind = actor(), _kind(name)
    known = {"q", "filter", "sort", "limit", "cursor", "fields", "count"}
    unknown = set(request.args) - known
    if unknown:
        raise BadRequest(L("There is no parameter “%(name)s”.", name=min(unknown)[:60]))
    ask = query.Ask(
        who,
        kind,
        filter=parse(request.args["filter"]) if request.args.get("filter") else None,
        q=request.args.get("q", ""),
        sort=request.args.get("sort") or None,
        limit=_limit(request.args.get("limit")),
        cursor=request.args.get("cursor") or None,
    )
    if who.scope(kind.card.key, "view") is Scope.NONE:
        return jsonify({"items": [], "next": None})
    only = _fields(who, kind, request.args.get("fields"))
    page = query.page(ask)
    body: dict[str, Any] = {
        "items": represent.by_ids(who, kind, [row[0] for row in page.rows], only),
        "next": page.next,
    }
    if request.args.get("count") == "1":
        body["total"] = query.count(ask, cap=None)
    return jsonify(body)


def _limit(text: str | None) -> int:
    if not text:
        return 50
    if not text.isascii() or not text.isdigit() or len(text) > 9 or not 1 <= int(text) <= MOST:
        raise BadRequest(L("“limit” is a number from 1 to %(most)s.", most=MOST))
    return int(text)


def _fields(who: Actor, kind: RecordType, text: str | None) -> list[str] | None:
    if not text:
        return None
    wanted = [part.strip() for part in text.split(",") if part.strip()]
    known = {"id", "version", "custom", *access.readable(who, kind)}
    for name in wanted:
        if name not in known:
            raise BadRequest(L("There is no field “%(field)s”.", field=name[:60]))
    return wanted


@api.post("/<name>")
def create(name: str) -> Response:
    """A new record."""
    who, kind = actor(), _kind(name)
    maker = verbs.makers.get(kind.card.key)
    if maker is not None:
        return maker.run(who)
    reauth.need(kind, ["role"])
    return idempotency.once(who, lambda: answer(who, change.create(who, kind, record_body()), 201))


@api.get("/<name>/<number>")
def read(name: str, number: str) -> Response:
    """One record."""
    who, kind = actor(), _kind(name)
    record = access.fetch(who, kind, _id(number))
    if record is None:
        onward = merge.redirect(kind, _id(number))
        if onward and access.fetch(who, kind, onward):
            response = make_response("", 301)
            response.headers["Location"] = f"/api/v1/{name}/{onward}"
            return response
        raise NotFound(L("There is nothing here, or you may not see it."))
    etag = f'"{record.version}"'
    if request.headers.get("If-None-Match") == etag:
        response = make_response("", 304)
        response.headers["ETag"] = etag
        return response
    return answer(who, record)


@api.patch("/<name>/<number>")
def update(name: str, number: str) -> Response:
    """Change some fields."""
    who, kind = actor(), _kind(name)
    record = access.find(who, kind, _id(number), "edit")
    values = record_body()
    reauth.need(kind, values)
    version = _version(values)
    return answer(who, change.update(who, record, values, version=version))


def _version(values: dict[str, Any]) -> int:
    """The version this change is based on, from If-Match or the body. Raises VersionNeeded, BadRequest."""
    header = request.headers.get("If-Match")
    given = values.pop("version", None)
    if header is not None:
        found = re.fullmatch(r'(?:W/)?"?(\d{1,12})"?', header.strip())
        if not found:
            raise BadRequest(L("If-Match holds a version in quotes."))
        return int(found[1])
    if given is None:
        raise VersionNeeded(L("Say which version you change: If-Match, or “version” in the body."))
    if isinstance(given, bool) or not isinstance(given, int):
        raise Invalid({"version": [str(L("This must be a whole number."))]})
    return given


@api.delete("/<name>/<number>")
def delete(name: str, number: str) -> Response:
    """Into the bin."""
    who, kind = actor(), _kind(name)
    record = access.find(who, kind, _id(number), "delete")
    reauth.need(kind, ["deleted_at"])
    version = _version({}) if request.headers.get("If-Match") else None
    change.delete(who, record, version=version)
    return make_response("", 204)


@api.post("/<name>/<number>/<verb>")
def act(name: str, number: str, verb: str) -> Response:
    """A verb on a record."""
    who, kind = actor(), _kind(name)
    if verb == "restore":
        record = access.find(who, kind, _id(number), bin=True)
        access.need(who, record, "delete")
        reauth.need(kind, ["deleted_at"])
        return answer(who, change.restore(who, record) if record.deleted_at else record)
    found = verbs.of_type(kind.card.key).get(verb)
    look_up = found.find if found is not None and found.find else access.find
    record = look_up(who, kind, _id(number))
    if found is None:
        raise NotFound(L("There is no verb “%(verb)s” here.", verb=verb[:60]))
    body = verbs.check_body(found, json_body())
    if found.gives:
        return cast(Response, found.run(who, record, body))
    return idempotency.once(who, lambda: answer(who, found.run(who, record, body)))


@api.get("/search")
def searching() -> Response:
    """Over every type in reach."""
    who = actor()
    hits = search.find(who, request.args.get("q", ""))
    items = [{"type": h.kind.card.name, "id": h.id, "title": h.title, "snippet": h.snippet} for h in hits]
    return jsonify({"items": items})


@api.get("/openapi.json")
def openapi() -> Response:
    """What this API is, made from the declarations."""
    from smallcrm.web.api.openapi import document

    return jsonify(document())
