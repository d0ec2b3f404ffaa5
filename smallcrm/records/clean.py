"""From what came in to what can be stored: unknown fields, rights, kinds, required ones. Nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, cache
from smallcrm.records.custom import fields_of
from smallcrm.records.fields import Cleaning, Field, FieldError, Money
from smallcrm.records.record import RecordType, by_key

Errors = dict[str, list[str]]


def clean(
    actor: Actor,
    kind: RecordType,
    given: Mapping[str, Any],
    *,
    before: Mapping[str, Any] | None = None,
    trusted: bool = False,
) -> tuple[dict[str, Any], Errors]:
    """Columns to write and what is wrong, by field. ``trusted`` (rules, jobs) may write read-only fields."""
    every = fields_of(kind)
    errors: Errors = {}
    known = every if trusted else access.readable(actor, kind)
    allowed = every if trusted else access.writable(actor, kind)
    columns: dict[str, Any] = {}
    context = Cleaning(actor=actor, values={**(before or {}), **_early(every, given)}, trusted=trusted)
    for name, value in given.items():
        field = every.get(name)
        if field is None or name not in known:
            errors[name] = [str(L("There is no such field."))]
        elif name not in allowed:
            errors[name] = [str(L("This field cannot be written."))]
        else:
            _fill(field, value, context, columns, errors)
    if before:
        if "currency" in columns:
            _reprice(every, before, columns, context, errors)
        _keep_values(every, before, columns)
    return columns, errors


def _keep_values(every: Mapping[str, Field], before: Mapping[str, Any], columns: dict[str, Any]) -> None:
    """An amount that is given as it stood keeps the value it had in the company's currency, whatever rates are by now."""
    if columns.get("currency", before.get("currency")) != before.get("currency"):
        return
    for name, field in every.items():
        if isinstance(field, Money) and name in columns and columns[name] == before.get(name):
            held = before.get(f"{name}_base")
            if held is not None:
                columns[f"{name}_base"] = held


def _early(every: Mapping[str, Field], given: Mapping[str, Any]) -> dict[str, Any]:
    """Values that others are read by: the currency of amounts, the country of phone numbers."""
    found = {}
    for name in ("currency", "country"):
        if given.get(name) and name in every:
            try:
                found[name] = every[name].clean(given[name], Cleaning())
            except FieldError:
                continue
    return found


def _fill(field: Field, value: Any, context: Cleaning, columns: dict[str, Any], errors: Errors) -> None:
    try:
        columns.update(field.fill(value, context))
    except FieldError as error:
        errors[field.key] = [str(error)]
    except (TypeError, ValueError, OverflowError, AttributeError, RecursionError):
        errors[field.key] = [str(L("This value cannot be kept."))]


def _reprice(
    every: Mapping[str, Field], before: Mapping[str, Any], columns: dict[str, Any], context: Cleaning, errors: Errors
) -> None:
    """Amounts that stay are the same figures in the new currency."""
    from smallcrm.base import money
    from smallcrm.records.fields.money import company_currency

    old = before.get("currency") or company_currency()
    if columns["currency"] == old:
        return
    for field in every.values():
        held = before.get(field.key)
        if isinstance(field, Money) and field.key not in columns and held is not None:
            context.values = {**context.values, "currency": columns["currency"]}
            _fill(field, money.major(held, old), context, columns, errors)


@cache.kept
def _with_default(key: str) -> tuple[tuple[str, Field], ...]:
    return tuple((n, f) for n, f in fields_of(by_key(key)).items() if f.default_value is not None)


def defaults(actor: Actor, kind: RecordType) -> dict[str, Any]:
    """What a new record starts with, by field, uncleaned. The owner is whoever makes it."""
    found: dict[str, Any] = {}
    for name, field in _with_default(kind.card.key):
        value = field.default_value
        if callable(value):
            value = value()
        if value is not None:
            found[name] = value
    if kind.card.reach != "open" and actor.id:
        found.setdefault("owner", actor.id)
    return found


@cache.kept
def _constant(key: str) -> dict[str, dict[str, Any]]:
    """The columns that each default which is the same for everybody fills, cleaned once."""
    found: dict[str, dict[str, Any]] = {}
    for name, field in fields_of(by_key(key)).items():
        value = field.default_value
        if value is not None and not callable(value) and not isinstance(field, Money):
            _fill(field, value, Cleaning(trusted=True), found.setdefault(name, {}), {})
    return found


def initial(actor: Actor, kind: RecordType, given: Mapping[str, Any], columns: Mapping[str, Any]) -> dict[str, Any]:
    """The columns a new record starts with, of the fields that were not ``given``; ``columns``: those that were."""
    constant = _constant(kind.card.key)
    filled: dict[str, Any] = {}
    for name, ready in constant.items():
        if name not in given:
            filled.update({column: list(held) if isinstance(held, list) else held for column, held in ready.items()})
    others = {n: v for n, v in defaults(actor, kind).items() if n not in given and n not in constant}
    if others:
        filled.update(clean(actor, kind, others, before=columns, trusted=True)[0])
    return filled


def missing(kind: RecordType, after: Mapping[str, Any]) -> Errors:
    """Required fields that are empty."""
    return {
        name: [str(L("This is needed."))]
        for name, field in fields_of(kind).items()
        if field.required and field.blank(after.get(field.columns[0]))
    }


def parse_form(
    actor: Actor, kind: RecordType, typed: Mapping[str, str | list[str]], *, before: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any], Errors]:
    """What a person typed, field by field, as values for ``clean``. Fields not in ``typed`` stay out."""
    given: dict[str, Any] = {}
    errors: Errors = {}
    context = Cleaning(actor=actor, values=before or {})
    for name, field in access.writable(actor, kind).items():
        if name not in typed:
            continue
        raw = typed[name]
        try:
            if isinstance(raw, list):
                given[name] = [item for item in raw if str(item).strip()]
            else:
                given[name] = field.read(raw, context) if raw.strip() else None
        except FieldError as error:
            errors[name] = [str(error)]
    return given, errors


def refuse(errors: Errors) -> None:
    """Raise Invalid when there is anything wrong."""
    if errors:
        raise Invalid(errors)
