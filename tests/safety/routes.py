"""Every address of the program with something to fill it with, from its address map.

What stands for a converter's name is found in ``FILL``; where it means something else at one endpoint, in ``AT``. A new
route whose names are known here needs nothing; else the test says what is missing and where.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from smallcrm import store
from smallcrm.records.custom import fields_of
from smallcrm.records.record import RecordType, all_types, by_key, by_name
from tests.safety.world import KINDS, World

Fill = Callable[[World, "Route", Mapping[str, Any]], list[Any]]


@dataclass(frozen=True)
class Route:
    """One rule of the address map with one method."""

    endpoint: str
    method: str
    rule: Rule

    @property
    def key(self) -> str:
        """How the expectations name it."""
        return f"{self.method} {self.endpoint}"

    def __repr__(self) -> str:
        return f"{self.method} {self.rule.rule}"

    @property
    def mutates(self) -> bool:
        return self.method != "GET"


def routes(app: Flask) -> list[Route]:
    """Every route but those of HEAD and OPTIONS, which GET answers."""
    found = [
        Route(rule.endpoint, method, rule)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]
    return sorted(found, key=lambda route: (route.endpoint, route.rule.rule, route.method))


# ---------------------------------------------------------------- what fills them


def _kind_of(route: Route, known: Mapping[str, Any]) -> RecordType | None:
    """The type that a route's number belongs to: its ``kind`` or ``name``, else the part of the address before it."""
    if isinstance(known.get("kind"), str):
        return by_name(known["kind"])
    if isinstance(known.get("name"), str) and by_name(known["name"]):
        return by_name(known["name"])
    before = re.search(r"/([a-z-]+)/<(?:int:)?number>", route.rule.rule)
    word = PLACES.get(before[1], before[1]) if before else ""
    return by_name(word)


# the part of an address before a number, where it is not the type's own name
PLACES = {"pool": "pools", "act": "target-actions"}


def _numbers(world: World, route: Route, known: Mapping[str, Any]) -> list[Any]:
    kind = _kind_of(route, known)
    if kind is None:
        return [_row(_table_at(route))]
    whose = known.get("whose", "anna")
    found = world.records.get((kind.card.key, whose))
    if kind.card.key == "user":
        return [world.cast.bob]
    if found is None:  # a type that everybody sees: the newest of it
        found = store.value(f'SELECT max(id) FROM "{kind._meta.table_name}" WHERE deleted_at IS NULL')
    return [found or 1]


def _kinds(world: World, route: Route, known: Mapping[str, Any]) -> list[Any]:
    own = [kind.card.name for kind in KINDS if kind.card.pages]
    return (
        own
        if "number" in route.rule.arguments
        else [*own, *(k.card.name for k in all_types() if k.card.pages and k not in KINDS)]
    )


def _api_names(world: World, route: Route, known: Mapping[str, Any]) -> list[Any]:
    """A type's name; at a route of fields, a field's."""
    return [kind.card.name for kind in KINDS]


def _fields(world: World, route: Route, known: Mapping[str, Any]) -> list[Any]:
    kind = _kind_of(route, known)
    assert kind is not None
    texts = [
        n
        for n, f in fields_of(kind).items()
        if f.kind in ("text", "long_text", "phone", "texts") and not f.hidden_always
    ]
    return texts[:8] if known.get("all") else [kind.card.title]


def _of(*values: Any) -> Fill:
    return lambda _world, _route, _known: list(values)


def _backup(world: World, route: Route, known: Mapping[str, Any]) -> list[Any]:
    return ["smallcrm-20260101-000000.zip"]


# what a number counts that is no record: the beginning of the address → table
ROWS = {"/privacy/requests/": "privacy_request"}


def _table_at(route: Route) -> str:
    found = next((table for start, table in ROWS.items() if route.rule.rule.startswith(start)), None)
    if found is None:
        raise KeyError
    return found


def _row(table: str) -> int:
    return int(store.value(f'SELECT max(id) FROM "{table}"') or 1)


def _annas(table: str) -> Fill:
    sql = f"SELECT max(id) FROM {table} WHERE user = ?"
    return lambda world, _route, _known: [store.value(sql, [world.cast.anna]) or 1]


def _relation(world: World, route: Route, known: Mapping[str, Any]) -> list[Any]:
    return [
        world.records[
            "relation",
            known.get("whose", "anna") if ("relation", known.get("whose", "anna")) in world.records else "anna",
        ]
    ]


FILL: dict[str, Fill] = {
    "kind": _kinds,
    "name": _api_names,
    "number": _numbers,
    "field": _fields,
    "record": lambda world, route, known: [world.records["customer", "anna"]],
    "type_name": _of("customers"),
    "verb": _of("restore", "assign"),
    "token": lambda world, route, known: [1] if "int:token" in route.rule.rule else ["no-such-token"],
    "relation": _relation,
    "buyer": lambda world, route, known: [world.records.get(("buyer", known.get("whose", "anna")), 1)],
    "comment": _of(1),
    "user": lambda world, route, known: [world.cast.bob],
    "key": _of("c1"),
    "day": _of("2026-01-01"),
    "ending": _of("csv"),
    "address": _of("no-such-form-at-all"),
    "part": _of("licence"),
    "path": _of("css/app.css"),
}

# where a name means something else: endpoint or its area → name → values
AT: dict[str, dict[str, Fill]] = {
    "pages.cell": {"name": _fields},
    "pages.save_cell": {"name": _fields},
    "pages.change_page": {"number": lambda world, route, known: [world.sets[known.get("whose", "anna")]]},
    "pages.undo_change": {"number": lambda world, route, known: [world.sets[known.get("whose", "anna")]]},
    "pages.work_page": {
        "number": lambda world, route, known: [world.works["anna" if known.get("whose") != "carl" else "carl"]]
    },
    "pages.work_cancel": {
        "number": lambda world, route, known: [world.works["anna" if known.get("whose") != "carl" else "carl"]]
    },
    "admissions": {"document": _of(1), "activity": _of(1)},
    "admin": {"name": _backup, "kind": _of("customers")},
    "admin.job": {"name": _of("nightly-backup")},
    "admin.run": {"name": _of("outbox")},
    "admin.set_time": {"name": _of("nightly-backup")},
    "pages.words": {"field": _of("tags")},
    "people.end_session": {"number": _annas("session")},
    "people.revoke_token": {"number": _annas("api_token")},
    "leads.mail_page": {"number": _of(1)},
    "leads.mail_to_lead": {"number": _of(1)},
    "leads.mail_dismiss": {"number": _of(1)},
    "leads.remove_away": {"number": _of(1)},
    "reports.report": {"key": _of("sales")},
    "reports.workbook_file": {"number": lambda world, route, known: [world.works["anna"]]},
    "reports.report_excel": {"key": _of("pipeline")},
    "reports.api_figure": {"key": _of("customers")},
    "static": {"name": _of("css/app.css")},
}


def _values(world: World, route: Route, name: str, known: Mapping[str, Any]) -> list[Any]:
    for place in (route.endpoint, route.endpoint.partition(".")[0]):
        if name in AT.get(place, {}):
            return AT[place][name](world, route, known)
    # what the address itself lists: <any(xlsx, csv):ending>
    converter = route.rule._converters.get(name)
    if items := getattr(converter, "items", None):
        return sorted(items)
    try:
        return FILL[name](world, route, known)
    except KeyError:
        raise AssertionError(
            f"{route!r}: say in tests/safety/routes.py (FILL or AT) what “{name}” of {route.endpoint} stands for"
        ) from None


def urls(app: Flask, world: World, route: Route, **known: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Addresses of the route, with what was filled in. ``whose`` chooses whose records, ``all`` more fields."""
    first = ("kind", "type_name", *(() if "kind" in route.rule.arguments else ("name",)), "number")
    names = sorted(route.rule.arguments, key=lambda n: (first.index(n) if n in first else 9, n))

    def filled(rest: list[str], held: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if not rest:
            yield held
            return
        for value in _values(world, route, rest[0], {**known, **held}):
            yield from filled(rest[1:], {**held, rest[0]: value})

    for held in filled(names, {}):
        adapter = app.url_map.bind("localhost")
        shown = {n: by_name(v) if n == "kind" and _is_type(route, n) else v for n, v in held.items()}
        yield adapter.build(route.endpoint, shown, method=route.method), held


def _is_type(route: Route, name: str) -> bool:
    from smallcrm.web.pages import TypeConverter

    return isinstance(route.rule._converters.get(name), TypeConverter)


__all__ = ["AT", "FILL", "Route", "by_key", "routes", "urls"]
