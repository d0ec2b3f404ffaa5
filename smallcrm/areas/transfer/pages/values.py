"""What the words of a column mean: choices of a list, colleagues, other records."""

from __future__ import annotations

from typing import Any

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.transfer import answers, checking, staging
from smallcrm.areas.transfer.pages import transfer
from smallcrm.areas.transfer.pages.importing import after, need
from smallcrm.base import ids
from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import L
from smallcrm.base.text import fold
from smallcrm.identity.actor import Actor
from smallcrm.records import access
from smallcrm.records.exchange.conventions import for_reader
from smallcrm.records.exchange.values import ColumnReader
from smallcrm.records.fields import Choice, Choices, Link
from smallcrm.records.importing.guessing import Reading
from smallcrm.records.importing.names import Finder
from smallcrm.records.importing.targets import Target
from smallcrm.records.record import RecordType, by_key
from smallcrm.web.context import actor

MOST = 120


def _target(reading: Reading, name: str) -> Target:
    target = reading.targets.get(name)
    if target is None or name not in reading.used:
        raise BadRequest(L("There is no such field."))
    return target


@transfer.get("/<type:kind>/import/<token>/values")
def values_form(kind: RecordType, token: str) -> str:
    """Every text of the column with what it is taken for."""
    who = actor()
    need(who, kind)
    found = staging.find(who, token, kind=kind)
    with checking.opened(found) as book:
        reading = checking.read(who, kind, found, book).reading
        target = _target(reading, request.args.get("field", ""))
        texts = answers.texts_of(reading, target.name, MOST)
        rows = _rows(who, reading, target, texts)
    each = target.field
    context: dict[str, Any] = {"choices": [], "source": "", "rows": rows}
    if isinstance(each, Choice | Choices):
        context["choices"] = [(option.key, str(option.label)) for option in each.options]
    elif isinstance(each, Link):
        context["source"] = f"/{by_key(each.to).card.name}/options"
    return render_template("transfer/_values.html", kind=kind, found=found, target=target, **context)


def _rows(
    who: Actor, reading: Reading, target: Target, texts: list[tuple[str, int]]
) -> list[tuple[str, int, Any, str, str]]:
    """Text, how often, what it is taken for (None: unknown), its words; '-' where it is left out."""
    said = {fold(text): value for text, value in ((reading.mapping.values or {}).get(target.name) or {}).items()}
    found = []
    for text, n in texts:
        value: Any = said.get(fold(text), "?")
        words = ""
        if value is None:
            value = "-"
        elif value == "?":
            value = _known(who, reading, target, text)
        if isinstance(target.field, Link) and value not in (None, "-"):
            record = ids.number(str(value).lstrip("#"))
            record = record or Finder(who, by_key(target.field.to))(str(value)).id
            words = access.names(who, target.field.to, [record]).get(record, "") if record else ""
            value = str(record) if record else None
        found.append((text, n, value, words, ""))
    found.sort(key=lambda row: row[2] is not None)
    return found


def _known(who: Actor, reading: Reading, target: Target, text: str) -> Any:
    if isinstance(target.field, Link):
        known = Finder(who, by_key(target.field.to))(text).id
        return f"#{known}" if known else None
    column = next(c for c in reading.guess.columns if c.field == target.name)
    how = for_reader(target.column, column.index, reading.guess.layout.names, reading.mapping)
    value, problem = ColumnReader(target.column.kind, how)(text)
    return None if problem is not None else (value[0] if isinstance(value, list) and value else value)


@transfer.post("/<type:kind>/import/<token>/values")
def keep_values(kind: RecordType, token: str) -> Response | str:
    """Take what was said: ``t<i>`` is the text, ``v<i>`` its meaning, '-' for nothing, empty for not known."""
    who = actor()
    need(who, kind)
    with staging.changing(token):
        found = _keep_values(who, kind, token)
    response = make_response(after(kind, found))
    response.headers["HX-Trigger"] = "close-dialog"
    return response


def _keep_values(who: Actor, kind: RecordType, token: str) -> staging.Staged:
    found = staging.find(who, token, kind=kind)
    with checking.opened(found) as book:
        reading = checking.read(who, kind, found, book).reading
        target = _target(reading, request.form.get("field", ""))
    pairs: dict[str, str | None] = {}
    for name in request.form:
        if name.startswith("t") and name[1:].isdecimal():
            value = request.form.get(f"v{name[1:]}", "").strip()
            if value == "-":
                pairs[request.form[name]] = None
            else:
                pairs[request.form[name]] = (
                    f"#{value}" if isinstance(target.field, Link) and value.isdecimal() else value
                )
    found.put(mapping=answers.take_values(found.mapping, target.name, pairs))
    return found
