"""Field → input: which macro of ``templates/fields`` draws it, with which options. One place for forms, cells, bulk and filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from smallcrm.base import formats, ids
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, labels, settings
from smallcrm.records.fields import (
    AnyLink,
    Choice,
    Choices,
    Cleaning,
    Field,
    FieldError,
    Lines,
    Link,
    Links,
    LongText,
    Numbers,
    Reading,
    Text,
    Texts,
)
from smallcrm.records.record import RecordType, by_key

MANY = 12  # choices from which a list is searched instead of shown


@dataclass
class Input:
    """What a template needs to draw one control: ``{{ fields[kind].input(name, value, label, **options) }}``."""

    kind: str
    name: str
    label: str
    value: Any
    help: str = ""
    error: str = ""
    required: bool = False
    readonly: bool = False
    options: dict[str, Any] = field(default_factory=dict)


def of(
    actor: Actor,
    kind: RecordType,
    name: str,
    each: Field,
    values: Mapping[str, Any],
    *,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
    reading: Reading | None = None,
    bare: bool = False,
) -> Input:
    """The control of a record's field, with what was typed before anything stored."""
    reading = reading or access.reading(actor)
    stored = values.get(each.columns[0])
    value: Any = each.edit(stored, values, reading)
    if each.is_list:
        value = stored or []
    if isinstance(each, Numbers):
        value = stored or {}
    if typed is not None and name in typed:
        value = typed[name]
    found = Input(
        kind=each.kind,
        name=name,
        label=labels.field(kind, name),
        value=value,
        help=str(each.help),
        error=" ".join((errors or {}).get(name, ())),
        required=each.required,
        readonly=actor.field_right(kind.card.key, name) == "read",
        options=_options(kind, name, each, values, value, reading),
    )
    if bare:
        found.options["bare"] = True
        found.options["attrs"] = {"autocomplete": "off"}
    if each.match or name == "country":
        found.options["same"] = True
    if name in reading.masked:
        found.readonly = True
        from smallcrm.records.present import shown

        found.value = shown(each, values, reading)
        found.kind = "text"
    return found


def _options(
    kind: RecordType, name: str, each: Field, values: Mapping[str, Any], value: Any, reading: Reading
) -> dict[str, Any]:
    options: dict[str, Any] = {"wide": each.wide}
    if isinstance(each, Text) and not isinstance(each, LongText):
        options["maxlength"] = each.most
        if each.open_list:
            options["list"] = []
            options["attrs"] = {"data-words": f"/{kind.card.name}/words/{name}"}
    if isinstance(each, LongText):
        options["rows"] = 4
    if isinstance(each, Choice | Choices):
        options["choices"] = [(option.key, str(option.label)) for option in each.options]
        if isinstance(each, Choice) and len(options["choices"]) > MANY:
            options["source"] = ""
        if isinstance(each, Choices):
            options["picker"] = len(options["choices"]) > MANY
    if isinstance(each, Link):
        options["source"] = f"/{by_key(each.to).card.name}/options"
        options["text"] = _name_of(each.to, value, reading)
    if isinstance(each, Links):
        options |= _chosen(each, value, reading)
    if isinstance(each, Numbers):
        options["figures"] = [(option.key, str(option.label)) for option in each.keys]
        options["unit"] = str(each.unit or "")
    if isinstance(each, AnyLink):
        options |= _hanging(each, values, value, reading)
    if isinstance(each, Texts) and not isinstance(each, Choices | Links) and each.of == "text":
        options["source"] = f"/{kind.card.name}/words/{name}"
    if each.kind == "money":
        options["currency"] = values.get("currency") or settings.get("company.currency")
    if each.kind == "number":
        options["unit"] = str(getattr(each, "unit", "") or "")
        options["whole"] = not getattr(each, "places", 0)
    if isinstance(each, Lines):
        options["columns"] = [_part(part_name, part) for part_name, part in each.parts.items()]
        options["wide"] = True
    return options


def _hanging(each: AnyLink, values: Mapping[str, Any], value: Any, reading: Reading) -> dict[str, Any]:
    """The options of a link to any record: a picker over all types, or what a form carries along."""
    if not each.picked:
        typed = (
            value
            if isinstance(value, dict)
            else {"id": values.get(each.columns[0]), "type": values.get(each.columns[1])}
        )
        return {"value_type": typed.get("type"), "value_id": typed.get("id")}
    return {"source": "/options", "text": named(each, value, reading)}


def named(each: AnyLink, value: Any, reading: Reading) -> str:
    """What the record of ``customer/5`` is called, within reach."""
    try:
        return reading.name_of(*each.clean(value, Cleaning(actor=reading.actor))) or str(value)
    except FieldError:
        return str(value or "")


def _chosen(each: Links, value: Any, reading: Reading) -> dict[str, Any]:
    """The options of a picker of several records: where it asks, and what the chosen ones are called."""
    tokens = [token for token in value or () if isinstance(token, str) and "/" in token]
    names = {token: each.show_one(token, reading) for token in tokens}
    return {"multiple": True, "source": f"/options?types={','.join(each.to)}", "text": names}


def _part(name: str, part: Field) -> tuple[str, str, str, dict[str, Any]]:
    options: dict[str, Any] = {"bare": part.kind != "flag"}  # a tick keeps its words, for the phone
    kind = part.kind if part.kind in ("text", "number", "money", "link", "choice", "date", "flag") else "text"
    if isinstance(part, Choice):
        options["choices"] = [(option.key, str(option.label)) for option in part.options]
    if isinstance(part, Link):
        options["source"] = f"/{by_key(part.to).card.name}/options"
    return name, str(part.label), kind, options


def _name_of(to: str, value: Any, reading: Reading) -> str:
    return (reading.name_of(to, found) or f"#{value}") if (found := ids.number(str(value or ""))) is not None else ""


def _tokens(each: Links, values: Sequence[Any]) -> list[str]:
    """Those of the values that can be chosen; what else was typed is said beside the control."""
    found = []
    for value in values:
        with suppress(FieldError):
            found.append(each.clean_item(value))
    return found


def filter_value(actor: Actor, each: Field, op: str, value: Any) -> Input | None:
    """The control of a filter's value; None where the operator takes none. ``between`` is drawn twice by the template."""
    if op in ("is_empty", "not_empty", "mine", "my_team"):
        return None
    label = str(L("Value"))
    if op in ("within_days", "older_than_days"):
        shown = value[0] if isinstance(value, list) and value else value
        return Input(
            "number", "value", label, "" if shown is None else shown, options={"unit": str(L("days")), "whole": True}
        )
    several = op in ("in", "not_in")
    if isinstance(each, Choice | Choices):
        keys = value if isinstance(value, list) else [value] if value else []
        choices = [(option.key, str(option.label)) for option in each.options]
        if several or isinstance(each, Choices):
            return Input(
                "choices",
                "value",
                label,
                keys,
                options={"choices": choices, "picker": len(choices) > MANY, "column": True},
            )
        return Input("choice", "value", label, keys[0] if keys else "", options={"choices": choices})
    if isinstance(each, Links):
        tokens = _tokens(each, value if isinstance(value, list) else [value] if value else [])
        return Input("link", "value", label, tokens, options=_chosen(each, tokens, access.reading(actor)))
    if isinstance(each, Link):
        links = [
            i.get("id") if isinstance(i, dict) else i
            for i in (value if isinstance(value, list) else [value] if value else [])
        ]
        names = access.names(actor, each.to, ids.numbers(map(str, links)))
        source = f"/{by_key(each.to).card.name}/options"
        if several:
            return Input("link", "value", label, links, options={"source": source, "text": names, "multiple": True})
        one = links[0] if links else ""
        return Input(
            "link",
            "value",
            label,
            one,
            options={"source": source, "text": names.get(ids.number(str(one)) or 0, "")},
        )
    if isinstance(each, AnyLink):
        token = f"{value.get('type')}/{value.get('id')}" if isinstance(value, dict) else value or ""
        text = named(each, token, access.reading(actor))
        return Input("link", "value", label, token, options={"source": "/options", "text": text})
    if each.kind == "flag":
        return Input(
            "choice", "value", label, _flag(value), options={"choices": [("1", str(L("yes"))), ("0", str(L("no")))]}
        )
    if several:
        return Input("texts", "value", label, value if isinstance(value, list) else [value] if value else [])
    kind = each.kind if each.kind in ("date", "moment", "number", "money") else "text"
    if op == "between":
        pair = value if isinstance(value, list) and len(value) == 2 else ["", ""]
        return Input(kind, "value", label, [_shown(each, v) for v in pair], options={"pair": True})
    first = value[0] if isinstance(value, list) and value else value
    return Input(kind, "value", label, _shown(each, first))


def _flag(value: Any) -> str:
    first = value[0] if isinstance(value, list) and value else value
    return "1" if first in (True, 1, "1", "true") else "0" if first in (False, 0, "0", "false") else ""


def _shown(each: Field, value: Any) -> str:
    if value in (None, ""):
        return ""
    if each.numeric:
        try:
            from decimal import Decimal

            return formats.number(Decimal(str(value)))
        except ArithmeticError:
            return str(value)
    return str(value)
