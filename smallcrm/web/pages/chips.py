"""The editors behind the filter chips: choose a field, an operator and a value; what comes back is a new address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from smallcrm.base import ids
from smallcrm.base.errors import BadRequest, SmallcrmError
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, labels
from smallcrm.records.fields import Choice, Choices, Cleaning, Field, FieldError, Link, Texts
from smallcrm.records.query import compile_filter, computed
from smallcrm.records.query.order import can_sort
from smallcrm.records.query.words import OPERATORS
from smallcrm.records.record import RecordType, by_key
from smallcrm.web import inputs, state
from smallcrm.web.context import actor
from smallcrm.web.pages import pages
from smallcrm.web.state import ListState

NO_VALUE = ("is_empty", "not_empty", "mine", "my_team")
SEVERAL = ("in", "not_in")


def conditions(tree: Any) -> list[Any]:
    """The top-level conditions of a filter."""
    if not tree:
        return []
    return list(tree["all"]) if isinstance(tree, Mapping) and set(tree) == {"all"} else [tree]


def offered(who: Actor, kind: RecordType) -> list[tuple[str, str]]:
    """Fields to filter by, and those one link away: (path, label)."""
    found = []
    for name, each in access.readable(who, kind).items():
        if each.operators and each.kind != "lines":
            found.append((name, labels.field(kind, name)))
    own = {name for name, _label in found}
    found += [(name, str(each.label)) for name, each in computed.every(who, kind).items() if name not in own]
    for name, each in access.readable(who, kind).items():
        if isinstance(each, Link) and each.to != kind.card.key and by_key(each.to).card.reach != "open":
            target = by_key(each.to)
            for inner, inner_field in access.readable(who, target).items():
                if inner_field.filter:
                    found.append((f"{name}.{inner}", f"{labels.field(kind, name)} · {labels.field(target, inner)}"))
    return found


def field_at(who: Actor, kind: RecordType, path: str) -> Field:
    """The field at the end of a path. Raises BadRequest."""
    here: RecordType = kind
    found: Field | None = None
    for step in path.split("."):
        found = access.readable(who, here).get(step) or computed.find(who, here, step)
        if found is None:
            break
        if isinstance(found, Link):
            here = by_key(found.to)
    if found is None:
        raise BadRequest(L("There is no field “%(field)s”.", field=path[:80]))
    return found


@pages.get("/<type:kind>/chip")
def chip_editor(kind: RecordType) -> str:
    """The editor of one condition, or of a new one (``index`` missing)."""
    who = actor()
    here = state.read(who, kind)
    items = conditions(here.filter)
    index = request.args.get("index", type=int)
    item = items[index] if index is not None and 0 <= index < len(items) else {}
    path = request.args.get("field") or (item.get("field", "") if isinstance(item, Mapping) else "")
    if not path:
        return render_template(
            "record/_chip_fields.html", kind=kind, state=here, fields=offered(who, kind), index=index
        )
    found = field_at(who, kind, path)
    value = item.get("value") if isinstance(item, Mapping) and item.get("field") == path else None
    op = (item.get("op") if isinstance(item, Mapping) and item.get("field") == path else None) or _first_operator(found)
    if value is not None:
        compile_filter(who, kind, {"all": [item]})  # what makes no sense is not drawn
    return _editor(who, here, path, found, op, value, index)


def _first_operator(found: Field) -> str:
    if found.is_list or isinstance(found, Choice | Link) or found.kind == "flag":
        return "eq" if found.kind == "flag" else "in"
    if found.kind in ("date", "moment"):
        return "within_days"
    if found.numeric:
        return "gte"
    return "contains" if "contains" in found.operators else found.operators[0]


def _editor(
    who: Actor, here: ListState, path: str, found: Field, op: str, value: Any, index: int | None, error: str = ""
) -> str:
    return render_template(
        "record/_chip_editor.html",
        kind=here.kind,
        state=here,
        path=path,
        label=_label(who, here.kind, path),
        operators=[
            (each, str(OPERATORS[each]))
            for each in found.operators
            if each not in ("eq", "ne") or not _prefers_in(found)
        ],
        op=op,
        value=inputs.filter_value(who, found, op, value),
        index=index,
        error=error,
    )


def _prefers_in(found: Field) -> bool:
    return isinstance(found, Choice | Link | Texts) and "in" in found.operators


def _label(who: Actor, kind: RecordType, path: str) -> str:
    return next((label for name, label in offered(who, kind) if name == path), path)


@pages.post("/<type:kind>/chip")
def chip_apply(kind: RecordType) -> Response | str | tuple[str, int]:
    """Take the condition over: leads to the list with the new filter."""
    who = actor()
    here = state.read(who, kind)
    items = conditions(here.filter)
    index = request.form.get("index", type=int)
    path, op = request.form.get("field", ""), request.form.get("op", "")
    found = field_at(who, kind, path)
    typed = request.form.getlist("value")
    try:
        condition = {"field": path, "op": op} | (
            {} if op in NO_VALUE else {"value": typed_value(who, found, op, typed)}
        )
        compile_filter(who, kind, {"all": [condition]})
    except (FieldError, SmallcrmError) as error:
        return _editor(who, here, path, found, op, typed, index, str(error)), 422
    if index is not None and 0 <= index < len(items):
        items[index] = condition
    else:
        items.append(condition)
    wanted = {"all": items}
    return _to(state.with_filter(here.back, wanted) if here.back else here.url(filter=wanted))


def _to(url: str) -> Response:
    if request.headers.get("HX-Request"):
        response = make_response("", 204)
        response.headers["HX-Redirect"] = url
        return response
    return redirect(url)


def typed_value(who: Actor, found: Field, op: str, typed: list[str]) -> Any:
    """A condition's value from what was typed. Raises FieldError."""
    texts = [text.strip() for text in typed if text.strip()]
    if not texts:
        raise FieldError(str(L("Give a value.")))
    if op in ("within_days", "older_than_days"):
        days = ids.whole(texts[0])
        return texts[0] if days is None else days
    if op == "between":
        if len(texts) < 2:
            raise FieldError(str(L("“between” takes two values.")))
        return [_one(who, found, text) for text in texts[:2]]
    if op in SEVERAL:
        several = texts if len(texts) > 1 else [part.strip() for part in texts[0].split(";") if part.strip()]
        return [_one(who, found, text) for text in several]
    return _one(who, found, texts[0])


def _one(who: Actor, found: Field, text: str) -> Any:
    if isinstance(found, Link):
        number = ids.number(text)
        return text if number is None else number
    if isinstance(found, Choice | Choices | Texts) or found.kind in ("text", "long_text", "email", "phone", "url"):
        return text
    read = found.read(text, Cleaning(actor=who))
    if found.kind in ("date", "moment"):
        return read.isoformat() if hasattr(read, "isoformat") else str(read)
    return str(read) if found.numeric else read


@pages.get("/<type:kind>/sort")
def sort_editor(kind: RecordType) -> str:
    """The choice of order."""
    who = actor()
    here = state.read(who, kind)
    current = (here.sort or kind.card.order).split(",")[0]
    masked = bool(access.masked_pools(who, kind))
    fields = [
        (name, labels.field(kind, name))
        for name, each in access.readable(who, kind).items()
        if can_sort(each) and not (each.masked and masked)
    ]
    return render_template("record/_sort.html", kind=kind, state=here, fields=fields, current=current)


def drop_url(here: ListState, index: int) -> str:
    """The list without one condition."""
    items = conditions(here.filter)
    return here.url(filter={"all": items[:index] + items[index + 1 :]} if len(items) > 1 else None)
