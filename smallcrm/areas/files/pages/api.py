"""``POST /files``, a form with the file in it, and what openapi.json says of files."""

from __future__ import annotations

import json
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from smallcrm.areas.files import rules
from smallcrm.areas.files.content import names
from smallcrm.areas.files.pages.uploads import limit
from smallcrm.areas.files.records import File
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.web.api import body, idempotency, openapi, verbs
from smallcrm.web.api.records import answer

_PARTS = ("file", "about_type", "about_id", "note", "name", "custom", "csrf_token")


def make(who: Actor) -> Response:
    """Keep the file that the form holds. Raises Invalid for what is missing or unknown."""
    rules.need_create(who)
    if request.mimetype != "multipart/form-data":
        raise Invalid({"file": [str(L("Send the file as a form: multipart/form-data with “file”."))]})
    unknown = [name for name in (*request.form, *request.files) if name not in _PARTS]
    errors = {name: [str(L("There is no such field."))] for name in unknown}
    given = request.files.getlist("file")
    if not given:
        errors["file"] = [str(L("This is needed."))]
    elif len(given) > 1:
        errors["file"] = [str(L("Send one file at a time."))]
    errors |= {name: [str(L("This is needed."))] for name in ("about_type", "about_id") if not request.form.get(name)}
    if errors:
        raise Invalid(errors)
    place = rules.find_place(who, {"type": request.form["about_type"], "id": request.form["about_id"]})
    rules.need_place(who, place)
    name = names.renamed(request.form.get("name", "")) or given[0].filename or ""
    values = _values()
    kept = rules.keep(given[0].stream, name=name, limit=limit())  # type: ignore[arg-type]
    with rules.released_on_failure([kept]):
        return idempotency.once(who, lambda: answer(who, rules.attach(who, place, kept, **values), 201), _mark(kept))


def _values() -> dict[str, Any]:
    """What the form says beside the file: a note, custom fields as JSON. Raises Invalid."""
    found: dict[str, Any] = {"note": request.form["note"]} if request.form.get("note") else {}
    if text := request.form.get("custom"):
        try:
            found["custom"] = json.loads(text)
        except (ValueError, RecursionError):
            raise Invalid({"custom": [str(L("Send an object."))]}) from None
    return body.lifted(found)


def _mark(kept: rules.Kept) -> bytes:
    """What the form says, for telling the same request from another one: the file by its hash."""
    said = sorted((name, value) for name, value in request.form.items() if name != "csrf_token")
    return json.dumps([said, kept.name, kept.blob.sha256]).encode()


def describe() -> None:
    """Tell the API and its description."""
    text = {"type": "string"}
    verbs.makers[File.card.key] = verbs.Maker(
        make,
        {
            "file": {"type": "string", "format": "binary"},
            "about_type": {**text, "description": "The type it hangs on, such as customers."},
            "about_id": {"type": "integer"},
            "name": {**text, "description": "Instead of the name that comes with the file."},
            "note": text,
            "custom": {**text, "description": "Custom fields, as a JSON object."},
        },
        ("file", "about_type", "about_id"),
    )
    number = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    inline = {"name": "inline", "in": "query", "schema": {"type": "string", "enum": ["1"]}}
    binary = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    verbs.described["/files/{id}/content"] = {
        "parameters": [number, inline],
        "get": {
            "operationId": "get_file_content",
            "responses": {
                "200": {"description": "the content", "content": binary},
                "206": {"description": "the part that Range asks for", "content": binary},
                "304": {"description": "unchanged"},
                **openapi.refusals(401, 403, 404, 416),
            },
        },
    }
