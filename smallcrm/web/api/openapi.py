"""``openapi.json``, made from the record declarations: what is documented is what is checked."""

from __future__ import annotations

from typing import Any

from smallcrm import __version__
from smallcrm.records.custom import fields_of
from smallcrm.records.record import RecordType, all_types
from smallcrm.web.api import verbs

_PROBLEM = {"$ref": "#/components/schemas/Problem"}


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {
        "Problem": {
            "type": "object",
            "required": ["type", "title", "status"],
            "properties": {
                "type": {"type": "string"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "errors": {
                    "type": "object",
                    "additionalProperties": {"type": "array", "items": {"type": "string"}},
                },
            },
        }
    }
    for kind in all_types():
        if kind.card.api:
            schemas[_name(kind)] = _record(kind)
            schemas[f"{_name(kind)}Write"] = _write(kind)
            paths |= _paths(kind)
    paths |= verbs.described
    paths["/search"] = {
        "get": {
            "operationId": "search",
            "parameters": [_query("q", {"type": "string"})],
            "responses": {
                "200": _json({"type": "object", "properties": {"items": {"type": "array"}}}),
                **refusals(401),
            },
        }
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "smallcrm", "version": __version__},
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _name(kind: RecordType) -> str:
    return kind.__name__


def _record(kind: RecordType) -> dict[str, Any]:
    properties: dict[str, Any] = {"id": {"type": "integer"}, "version": {"type": "integer"}}
    custom: dict[str, Any] = {}
    for name, field in fields_of(kind).items():
        if not field.hidden_always:
            (custom if field.custom else properties)[name] = {**field.schema(), "title": str(field.label)}
    properties["custom"] = {"type": "object", "properties": custom}
    return {"type": "object", "required": ["id", "version"], "properties": {**properties, **_REMARKS}}


_REMARKS: dict[str, Any] = {
    "warnings": {
        "description": "Only in answers to writes: values that were kept but deserve a second look, by field.",
        "type": "object",
        "additionalProperties": {"type": "array", "items": {"type": "string"}},
    },
    "duplicates": {
        "description": "Only in the answer to a creation: records within reach that are likely the same.",
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "type": {"type": "string"},
                "id": {"type": "integer"},
                "name": {"type": "string"},
                "by": {"type": "array", "items": {"type": "string"}},
            },
        },
    },
}


def _write(kind: RecordType) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    custom: dict[str, Any] = {}
    for name, field in fields_of(kind).items():
        if not field.read_only and not field.hidden_always:
            (custom if field.custom else properties)[name] = field.write_schema()
    properties["custom"] = {"type": "object", "properties": custom, "additionalProperties": False}
    properties["version"] = {"type": "integer"}
    return {"type": "object", "properties": properties, "additionalProperties": False}


NUMBER = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}


def _paths(kind: RecordType) -> dict[str, Any]:
    """Everything that is asked of one type."""
    name, ref = kind.card.name, {"$ref": f"#/components/schemas/{_name(kind)}"}
    write = {"required": True, "content": _content({"$ref": f"#/components/schemas/{_name(kind)}Write"})}
    found = {
        f"/{name}": _many(kind, ref, write),
        f"/{name}/{{id}}": _one(kind, ref, write),
        f"/{name}/{{id}}/restore": {
            "parameters": [NUMBER],
            "post": {
                "operationId": f"restore_{kind.card.key}",
                "responses": {"200": _json(ref), **refusals(401, 403, 404, 422)},
            },
        },
    }
    for verb in verbs.of_type(kind.card.key).values():
        found[f"/{name}/{{id}}/{verb.name}"] = _verb(kind, ref, verb)
    return found


def _many(kind: RecordType, ref: dict[str, Any], write: dict[str, Any]) -> dict[str, Any]:
    made = write
    if maker := verbs.makers.get(kind.card.key):
        form = {"type": "object", "properties": dict(maker.body), "required": list(maker.needed)}
        made = {"required": True, "content": {"multipart/form-data": {"schema": form}}}
    listed = {
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": {"type": "object"}},
            "next": {"type": ["string", "null"]},
            "total": {"type": "integer"},
        },
    }
    return {
        "get": {
            "operationId": f"list_{kind.card.key}",
            "parameters": [
                _query("q", {"type": "string"}),
                _query("filter", {"type": "string"}),
                _query("sort", {"type": "string"}),
                _query("limit", {"type": "integer", "minimum": 1, "maximum": 200}),
                _query("cursor", {"type": "string"}),
                _query("fields", {"type": "string"}),
                _query("count", {"type": "string", "enum": ["1"]}),
            ],
            "responses": {"200": _json(listed), **refusals(400, 401)},
        },
        "post": {
            "operationId": f"create_{kind.card.key}",
            "parameters": [_header("Idempotency-Key")],
            "requestBody": made,
            "responses": {"201": _json(ref), **refusals(400, 401, 403, 409, 413, 422)},
        },
    }


def _one(kind: RecordType, ref: dict[str, Any], write: dict[str, Any]) -> dict[str, Any]:
    return {
        "parameters": [NUMBER],
        "get": {"operationId": f"get_{kind.card.key}", "responses": {"200": _json(ref), **refusals(401, 404)}},
        "patch": {
            "operationId": f"update_{kind.card.key}",
            "parameters": [_header("If-Match")],
            "requestBody": write,
            "responses": {"200": _json(ref), **refusals(400, 401, 403, 404, 409, 412, 413, 422, 428)},
        },
        "delete": {
            "operationId": f"delete_{kind.card.key}",
            "responses": {"204": {"description": "in the bin"}, **refusals(401, 403, 404, 409, 412, 422)},
        },
    }


def _verb(kind: RecordType, ref: dict[str, Any], verb: verbs.Verb) -> dict[str, Any]:
    body = {
        "type": "object",
        "properties": dict(verb.body),
        "required": list(verb.needed),
        "additionalProperties": False,
    }
    file = {"description": "the file", "content": {verb.gives: {"schema": {"type": "string", "format": "binary"}}}}
    return {
        "parameters": [NUMBER],
        "post": {
            "operationId": f"{verb.name}_{kind.card.key}",
            "summary": verb.about,
            "requestBody": {"required": bool(verb.needed), "content": _content(body)},
            "responses": {
                "200": file if verb.gives else _json(ref),
                **refusals(400, 401, 403, 404, 409, 413, 422, 428),
            },
        },
    }


def _content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "done", "content": _content(schema)}


def refusals(*codes: int) -> dict[str, Any]:
    """The answers by which a request is refused, as OpenAPI has them."""
    content = {"application/problem+json": {"schema": _PROBLEM}}
    return {str(code): {"description": "refused", "content": content} for code in (*codes, 503, 507)}


def _query(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}


def _header(name: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "schema": {"type": "string"}}
