"""Fields made in the browser: stored in one JSON column, with the abilities of declared ones.

A custom field is an instance of the same field classes, unbound to a column. Its key (``c17``) never changes and is the only
part of it that ever stands in SQL.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import peewee

from smallcrm import store
from smallcrm.base import clock
from smallcrm.base.errors import Invalid, NotFound
from smallcrm.base.i18n import LANGUAGES, L, Label, language
from smallcrm.base.text import fold, tidy
from smallcrm.identity.actor import Actor
from smallcrm.records import audit, cache, fields
from smallcrm.records.fields.choice import Option
from smallcrm.records.record import RecordType, declared

KEY = re.compile(r"c[1-9]\d{0,8}")


class CustomField(store.Table):
    """A definition. ``labels``, ``options`` and ``flags`` are JSON."""

    id = peewee.AutoField(constraints=[peewee.SQL("AUTOINCREMENT")])
    record_type = peewee.TextField()
    kind = peewee.TextField()
    labels = peewee.TextField()  # {"en": …, "zh": …}
    help = peewee.TextField(null=True)
    options = peewee.TextField(null=True)  # [{"key", "labels"}] for choices; {"to": …} for links; {"places": …}
    flags = peewee.TextField()  # ["required", "column", "filter", "search", "masked", "personal"]
    section = peewee.TextField()
    position = peewee.IntegerField()
    active = peewee.BooleanField(default=True)
    created_at = peewee.TextField()

    class Meta:
        table_name = "custom_field"


class _Labels:
    """A label in the languages somebody wrote it in; any of them where the reader's is missing."""

    def __init__(self, by_language: Mapping[str, str]) -> None:
        self.by_language = dict(by_language)

    def __str__(self) -> str:
        found = self.by_language.get(language()) or self.by_language.get("en")
        return found or next((text for text in self.by_language.values() if text), "?")


Maker = Callable[[Any, dict[str, Any], dict[str, Any]], fields.Field]

KINDS: dict[str, tuple[Label, Maker]] = {
    "text": (L("Text"), lambda label, _, flags: fields.Text(label, **flags)),
    "long_text": (L("Long text"), lambda label, _, flags: fields.LongText(label, **flags)),
    "number": (L("Number"), lambda label, o, flags: fields.Number(label, places=int(o.get("places", 0)), **flags)),
    "money": (L("Amount"), lambda label, _, flags: fields.Money(label, **flags)),
    "date": (L("Date"), lambda label, _, flags: fields.Date(label, **flags)),
    "moment": (L("Date and time"), lambda label, _, flags: fields.Moment(label, **flags)),
    "choice": (L("Choice"), lambda label, o, flags: fields.Choice(label, _options(o), **flags)),
    "choices": (L("Several choices"), lambda label, o, flags: fields.Choices(label, _options(o), **flags)),
    "link": (L("Link"), lambda label, o, flags: fields.Link(label, str(o.get("to", "customer")), **flags)),
    "flag": (L("Yes or no"), lambda label, _, flags: fields.Flag(label, **flags)),
    "email": (L("E-mail"), lambda label, _, flags: fields.Email(label, **flags)),
    "phone": (L("Phone"), lambda label, _, flags: fields.Phone(label, **flags)),
    "url": (L("Web address"), lambda label, _, flags: fields.Url(label, **flags)),
    "texts": (L("Several values"), lambda label, _, flags: fields.Texts(label, **flags)),
}

FLAGS = ("required", "column", "filter", "search", "masked", "personal")


def _options(options: Mapping[str, Any]) -> tuple[Option, ...]:
    return tuple(Option(str(each["key"]), _Labels(each["labels"])) for each in options.get("options", ()))  # type: ignore[arg-type]


@cache.kept
def _rows() -> list[dict[str, Any]]:
    names = ("id", "record_type", "kind", "labels", "help", "options", "flags", "section", "position", "active")
    found = store.rows(f"SELECT {', '.join(names)} FROM custom_field ORDER BY position, id")
    return [dict(zip(names, row, strict=True)) for row in found]


def _build(row: Mapping[str, Any]) -> fields.Field:
    flags = set(json.loads(row["flags"]))
    options = json.loads(row["options"]) if row["options"] else {}
    kind = row["kind"]
    search = ""
    if "search" in flags:
        search = "guarded" if kind in ("phone", "email") or flags & {"masked", "personal"} else "text"
    keywords: dict[str, Any] = {
        "help": row["help"] or "",
        "required": "required" in flags,
        "column": "column" in flags,
        "filter": "filter" in flags,
        "search": search,
        "masked": "phone" if "masked" in flags else "",
        "personal": "personal" in flags,
        "section": row["section"],
    }
    built = KINDS[kind][1](_Labels(json.loads(row["labels"])), options, keywords)
    return built.unbound(f"c{row['id']}")


@cache.kept
def custom_fields(key: str) -> dict[str, fields.Field]:
    """The active custom fields of a type by key (``c17``), in their order."""
    return {f"c{row['id']}": _build(row) for row in _rows() if row["record_type"] == key and row["active"]}


@cache.kept
def _fields_of(key: str) -> dict[str, fields.Field]:
    from smallcrm.records.record import by_key

    here = {n: f for n, f in declared(by_key(key)).items() if f.present is None or f.present()}
    return {**here, **custom_fields(key)}


def fields_of(kind: RecordType) -> dict[str, fields.Field]:
    """Every field that the type has in this company by name, declared and custom."""
    return _fields_of(kind.card.key)


def definitions(kind: RecordType, *, inactive: bool = True) -> list[dict[str, Any]]:
    """The custom fields of a type as plain data, for the settings page."""
    return [
        {
            **row,
            "key": f"c{row['id']}",
            "labels": json.loads(row["labels"]),
            "options": json.loads(row["options"]) if row["options"] else {},
            "flags": json.loads(row["flags"]),
        }
        for row in _rows()
        if row["record_type"] == kind.card.key and (inactive or row["active"])
    ]


def define(
    actor: Actor,
    kind: RecordType,
    *,
    field_kind: str,
    labels: Mapping[str, str],
    options: Mapping[str, Any] | None = None,
    flags: tuple[str, ...] | list[str] = (),
    help: str = "",
    section: str = "main",
    position: int | None = None,
) -> str:
    """Make a custom field; its key. Raises Invalid."""
    kept = _checked(kind, field_kind, labels, options or {}, flags, except_key="")
    with store.writing():
        place = store.value("SELECT coalesce(max(position), 0) + 1 FROM custom_field") if position is None else position
        store.run(
            "INSERT INTO custom_field (record_type, kind, labels, help, options, flags, section, position, active,"
            " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?)",
            [kind.card.key, field_kind, kept["labels"], tidy(help)[:300], kept["options"], kept["flags"], section, place,
             clock.stamp()],
        )  # fmt: skip
        key = f"c{store.connection().last_insert_rowid()}"
        audit.log(actor, "field made", record_type=kind.card.key, detail={"key": key, "labels": dict(labels)})
        cache.bump()
    return key


def redefine(actor: Actor, kind: RecordType, key: str, **changes: Any) -> None:
    """Change labels, help, options, flags, section, position or ``active``. The kind stays: values depend on it."""
    now = next((d for d in definitions(kind) if d["key"] == key), None)
    if now is None:
        raise NotFound(L("There is no such field."))
    merged = {**now, **changes}
    kept = _checked(kind, now["kind"], merged["labels"], merged["options"], merged["flags"], except_key=key)
    with store.writing():
        store.run(
            "UPDATE custom_field SET labels = ?, help = ?, options = ?, flags = ?, section = ?, position = ?, active = ?"
            " WHERE id = ?",
            [kept["labels"], tidy(merged["help"] or "")[:300], kept["options"], kept["flags"], merged["section"],
             int(merged["position"]), int(bool(merged["active"])), now["id"]],
        )  # fmt: skip
        audit.log(actor, "field changed", record_type=kind.card.key, detail={"key": key, "changes": changes})
        cache.bump()


def _checked(
    kind: RecordType,
    field_kind: str,
    labels: Mapping[str, str],
    options: Mapping[str, Any],
    flags: tuple[str, ...] | list[str],
    *,
    except_key: str,
) -> dict[str, str]:
    """The definition's JSON columns. Raises Invalid."""
    from smallcrm.records import labels as names

    if field_kind not in KINDS:
        raise Invalid({"kind": [str(L("There is no such kind of field."))]})
    cleaned = {code: tidy(text)[:60] for code, text in labels.items() if code in LANGUAGES and text and tidy(text)}
    if not cleaned:
        raise Invalid({"labels": [str(L("Give the field a name."))]})
    taken = {fold(label) for name in fields_of(kind) if name != except_key for label in names.all_labels(kind, name)}
    for label in cleaned.values():
        if fold(label) in taken:
            raise Invalid({"labels": [str(L("There is a field “%(name)s” already.", name=label))]})
    shaped = _shaped_options(field_kind, options)
    return {
        "labels": json.dumps(cleaned, ensure_ascii=False),
        "options": json.dumps(shaped, ensure_ascii=False),
        "flags": json.dumps([flag for flag in FLAGS if flag in flags]),
    }


def _shaped_options(field_kind: str, options: Mapping[str, Any]) -> dict[str, Any]:
    from smallcrm.records.record import find_type

    if field_kind in ("choice", "choices"):
        kept: list[dict[str, Any]] = []
        for number, each in enumerate(options.get("options") or (), 1):
            by_language = each if isinstance(each, str) else each.get("labels", {})
            names = {"en": by_language} if isinstance(by_language, str) else dict(by_language)
            names = {code: tidy(text)[:60] for code, text in names.items() if text and tidy(text)}
            if names:
                key = (each.get("key") if isinstance(each, dict) else None) or f"o{number}"
                kept.append({"key": key, "labels": names})
        if not kept:
            raise Invalid({"options": [str(L("Give at least one choice."))]})
        if len({each["key"] for each in kept}) < len(kept):
            raise Invalid({"options": [str(L("Two choices share one key."))]})
        return {"options": kept}
    if field_kind == "link":
        target = find_type(str(options.get("to") or ""))
        if target is None:
            raise Invalid({"options": [str(L("Say what the link leads to."))]})
        return {"to": target.card.key}
    if field_kind == "number":
        places = options.get("places", 0)
        if not str(places).isdigit() or int(places) > 6:
            raise Invalid({"options": [str(L("Between 0 and 6 decimals."))]})
        return {"places": int(places)}
    return {}


# ---------------------------------------------------------------- how much it is used


def filled(kind: RecordType, key: str) -> int:
    """How many living records have a value in a custom field, counted up to a thousand."""
    if not KEY.fullmatch(key):
        raise NotFound(L("There is no such field."))
    sql = (
        f'SELECT count(*) FROM (SELECT 1 FROM "{kind._meta.table_name}" WHERE deleted_at IS NULL'
        f" AND json_extract(custom, '$.{key}') IS NOT NULL LIMIT 1000)"
    )
    return int(store.value(sql))


def options_in_use(kind: RecordType, key: str) -> dict[str, int]:
    """Key of a choice → how many records hold it, those in the bin too: such a choice cannot be taken away."""
    if not KEY.fullmatch(key):
        raise NotFound(L("There is no such field."))
    value = f"json_extract(t.custom, '$.{key}')"
    sql = (
        "SELECT v.value, count(*) FROM"
        f' (SELECT {value} AS held FROM "{kind._meta.table_name}" t WHERE {value} IS NOT NULL) h,'
        " json_each(CASE WHEN NOT json_valid(h.held) THEN json_array(h.held)"
        " WHEN json_type(h.held) = 'array' THEN h.held ELSE json_array(h.held) END) v GROUP BY v.value"
    )
    return {str(held): int(n) for held, n in store.rows(sql)}
