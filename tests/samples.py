"""Values for any declared field, so that a new record type is tested the day it is declared."""

from __future__ import annotations

import io
import itertools
import json
from typing import Any

from werkzeug.test import TestResponse

from smallcrm import store
from smallcrm.identity.actor import SYSTEM, Actor
from smallcrm.records import change
from smallcrm.records.custom import fields_of
from smallcrm.records.fields import (
    AnyLink,
    Choice,
    Choices,
    Date,
    Email,
    Field,
    Flag,
    Lines,
    Link,
    Links,
    LongText,
    Moment,
    Money,
    Number,
    Numbers,
    Phone,
    Text,
    Texts,
    Url,
)
from smallcrm.records.record import Record, RecordType, by_key
from tests.cast import Cast
from tests.client import Api

_serial = itertools.count(1)


def value(field: Field, cast: Cast, n: int | None = None) -> Any:
    """An API value for the field, another one for each ``n``."""
    n = next(_serial) if n is None else n
    if isinstance(field, Link):
        return linked(field.to, cast)
    if isinstance(field, AnyLink):
        return {"type": "customers", "id": linked("customer", cast)}
    if isinstance(field, Lines):
        return [{name: value(part, cast, n) for name, part in field.parts.items()}]
    if isinstance(field, Links) and "user" not in field.to:
        return [linked(field.to[0], cast)]
    if isinstance(field, Links):
        people: list[Any] = [
            cast.bob,
            cast.anna,
            *([{"type": "teams", "id": cast.north}] if "team" in field.to else []),
        ]
        return people[n % 2 :]
    if isinstance(field, Numbers):
        return {option.key: n + place for place, option in enumerate(field.keys)}
    if isinstance(field, Choices):
        return [field.options[n % len(field.options)].key]
    if isinstance(field, Choice):
        # what everybody sees is kept by those with a right of their own
        offered = [each.key for each in field.options if (field.name, each.key) != ("shared", "all")]
        return offered[n % len(offered)]
    if isinstance(field, Texts):
        return {"phone": [f"0113 49{n:05d}"], "email": [f"more{n}@example.com"]}.get(field.of, [f"tag{n}", "both"])
    by_kind: list[tuple[type[Field], Any]] = [
        (Email, f"person{n}@example.com"),
        (Phone, f"0113 50{n:05d}"),
        (Url, f"www.site{n}.example.com"),
        (LongText, f"A longer text {n}\nwith a second line"),
        (Text, f"T{n} text"[: getattr(field, "most", 50)].strip()),
        (Money, f"{n}.50" if getattr(field, "name", "") else f"{n}"),
        (
            Number,
            _count(field, n)
            if not getattr(field, "places", 0)
            else f"{_count(field, n)}.{5 * 10 ** (field.places - 1)}",
        ),
        (Date, f"2026-{n % 12 + 1:02d}-{n % 28 + 1:02d}"),
        (Moment, f"2025-{n % 12 + 1:02d}-{n % 28 + 1:02d}T09:30:00.000Z"),
        (Flag, n % 2 == 0),
    ]
    return next(made for kind, made in by_kind if isinstance(field, kind))


def _count(field: Field, n: int) -> int:
    """A whole number within the field's bounds, also with half of one after it."""
    least = (getattr(field, "least", None) or 0) + (1 if getattr(field, "places", 0) else 0)
    return least + n % (getattr(field, "most", 10**6) - least)


_linked: dict[tuple[int, str], int] = {}


def linked(key: str, cast: Cast) -> int:
    """A record of a type that everybody in the test may link to; users and teams of the cast, others made for Anna."""
    if key == "user":
        return cast.anna
    if key == "team":
        return cast.north
    if key == "role":
        from smallcrm.areas.people.roles import role_id

        return int(role_id("reader") or 0)
    kind = by_key(key)
    if key == "stage":
        return _open_stage(cast)
    return int(make(cast.actor("anna"), kind, cast, minimal=True, trusted=True).id)


def _open_stage(cast: Cast) -> int:
    """A stage of an open kind, of one pipeline that all of them stand in."""
    from smallcrm.areas.pipeline.rules import setting_up, stages

    if not stages.every():
        with store.writing():
            setting_up.make_first()
    way = next(way for way in stages.every().values() if way.first())
    return way.open_steps[next(_serial) % 2].id


def _stands(kind: RecordType, cast: Cast) -> None:
    """What must be there before: the last pool that takes records in is never switched off or deleted."""
    if kind.card.key == "pool" and not store.value(f'SELECT 1 FROM "{kind._meta.table_name}" LIMIT 1'):
        for n, holds in enumerate(("customers", "leads")):
            values = {"name": f"Standing {n}", "kind": holds, "members": [cast.owner], "position": 99}
            change.create(SYSTEM, kind, values, trusted=True)


def required(kind: RecordType, cast: Cast) -> dict[str, Any]:
    """The least a record of the type needs."""
    _stands(kind, cast)
    return {
        name: value(field, cast) for name, field in fields_of(kind).items() if field.required and not field.read_only
    }


# What follows from other fields, or is asked for only in some states.
SPEAKS_FOR_ITSELF = {
    "opportunity": {
        "pipeline",
        "closed_on",
        "close_reason",
        "close_note",
        "lost_to",
        "ask_again_on",
        "amount",
        "product",
        "shares",
    },
    "stage": {"kind"},
    "document": {"pipeline"},
}


def full(kind: RecordType, cast: Cast) -> dict[str, Any]:
    """A value for every writable field."""
    _stands(kind, cast)
    skip = {"owner", "parent", "currency"} | SPEAKS_FOR_ITSELF.get(kind.card.key, set())
    return {
        name: value(field, cast)
        for name, field in fields_of(kind).items()
        if not field.read_only and not field.hidden_always and name not in skip
    }


def make(
    actor: Actor, kind: RecordType, cast: Cast, *, minimal: bool = False, trusted: bool = False, **values: Any
) -> Record:
    """A record of the type, owned by ``actor``."""
    given = {**(required(kind, cast) if minimal else full(kind, cast)), **values}
    if kind.card.key == "file":
        return _file(SYSTEM if trusted else actor, cast, given, actor.id)
    if kind.card.reach != "open":
        given.setdefault("owner", actor.id)
    return change.create(SYSTEM if trusted else actor, kind, given, trusted=trusted)


def _file(actor: Actor, cast: Cast, given: dict[str, Any], owner: int) -> Record:
    """A file with a content of its own, as an upload makes it."""
    from smallcrm.areas.files import rules

    place = rules.find_place(SYSTEM, given.pop("about"))
    kept = rules.keep(io.BytesIO(f"The content of file {next(_serial)}".encode()), name=given.pop("name"))
    given.setdefault("owner", owner)
    return rules.attach(actor, place, kept, **given)


def post(api: Api, kind: RecordType, body: dict[str, Any]) -> TestResponse:
    """Make a record by the API: from JSON, or from a form where the type holds a file."""
    if kind.card.key != "file":
        return api.post(f"/{kind.card.name}", body)
    form = {name: json.dumps(each) if name == "custom" else each for name, each in body.items() if name != "about"}
    about = body["about"]
    form |= {"about_type": about["type"], "about_id": about["id"], "file": (io.BytesIO(b"A sample"), "sample.txt")}
    return api.client.post("/api/v1/files", data=form, headers=api.headers)
