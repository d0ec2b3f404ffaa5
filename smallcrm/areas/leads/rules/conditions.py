"""Lines of conditions as the kernel's filter language, asked of leads that stand there and of one that does not yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from smallcrm import store
from smallcrm.areas.leads.records import Lead
from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import L, Label
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, rows, warnings
from smallcrm.records.fields import Cleaning, FieldError
from smallcrm.records.query import Condition, compile_filter
from smallcrm.records.record import column_names

_NO_VALUE = ("is_empty", "not_empty")


def tree(lines: Iterable[Mapping[str, Any]] | None, match: str | None) -> dict[str, Any]:
    """The filter that the lines say. Raises BadRequest for a value that does not fit its field."""
    return {"any" if match == "any" else "all": [_one(line) for line in lines or ()]}


def _one(line: Mapping[str, Any]) -> dict[str, Any]:
    name, op, text = str(line["field"]), str(line["op"]), str(line.get("value") or "").strip()
    field = access.readable(SYSTEM, Lead).get(name)
    if field is None:
        raise BadRequest(L("There is no field “%(field)s”.", field=name))
    if op in _NO_VALUE:
        return {"field": name, "op": op}
    if not text:
        raise BadRequest(L("%(field)s: say what it is compared with.", field=str(field.label)))

    def read(part: str) -> Any:
        if (
            op in ("within_days", "older_than_days")
            or field.is_list
            or field.kind in ("text", "long_text", "email", "phone")
        ):
            return part
        return field.read(part, Cleaning())

    try:
        value = (
            [read(part.strip()) for part in text.split(";") if part.strip()] if op in ("in", "not_in") else read(text)
        )
    except FieldError as error:
        raise BadRequest(L("%(field)s: %(error)s", field=str(field.label), error=str(error))) from None
    return {"field": name, "op": op, "value": value}


def compiled(values: Mapping[str, Any]) -> list[Condition]:
    """The conditions of a rule with these values, all of which hold. Raises BadRequest."""
    if not values.get("conditions"):
        return []
    return compile_filter(SYSTEM, Lead, tree(values["conditions"], values.get("match")))


def trouble(values: Mapping[str, Any]) -> str:
    """What is wrong with a rule's conditions; empty where they fit."""
    try:
        compiled(values)
    except BadRequest as error:
        return str(error)
    return ""


@warnings.on("assignment_rule")
@warnings.on("score_rule")
def odd(held: Mapping[str, Any]) -> Iterable[tuple[str, Label]]:
    """A rule whose conditions cannot be asked fits nothing: said where it stands."""
    found = trouble(held)
    if found:
        yield "conditions", L("It fits no lead: %(why)s", why=found)


def fitting(conditions: Sequence[Condition], ids: Sequence[int]) -> set[int]:
    """Those of these leads that meet the conditions."""
    where = " AND ".join(["t.id IN (SELECT value FROM json_each(?))", *(each.sql for each in conditions)])
    params = [store.json_list(ids), *(value for each in conditions for value in each.params)]
    return {i for (i,) in store.rows(f"SELECT t.id FROM lead t WHERE {where}", params)}


def fits(conditions: Sequence[Condition], values: Mapping[str, Any]) -> bool:
    """Whether a lead with these columns, which need not be kept anywhere, meets the conditions."""
    if not conditions:
        return True
    names = tuple(column_names(Lead))
    row = ", ".join(f'? AS "{name}"' for name in names)
    where = " AND ".join(each.sql for each in conditions)
    params = [value for each in conditions for value in each.params]
    return bool(store.row(f"SELECT 1 FROM (SELECT {row}) t WHERE {where}", [*rows.bind(Lead, values, names), *params]))
