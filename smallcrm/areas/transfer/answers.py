"""What is said on the import page, taken into the mapping."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from smallcrm.areas.transfer import new_fields
from smallcrm.base import ids
from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records.exchange.cells import shown
from smallcrm.records.exchange.layout import data_rows
from smallcrm.records.importing.guessing import Reading
from smallcrm.records.record import RecordType

Form = MultiDict[str, str]
Said = dict[str, Any]

_SOURCE = ("encoding", "separator", "sheet", "header_rows")


def take_columns(actor: Actor, kind: RecordType, reading: Reading, said: Said, form: Form) -> Said:
    """The whole form of columns, keys, mode and defaults."""
    names = {column.index: column for column in reading.guess.columns}
    columns: dict[str, str | None] = {}
    for index, column in names.items():
        target = form.get(f"c{index}", column.field or "")
        if target == "+":
            target = new_fields.make(actor, kind, column.name, [text for text, _ in _texts(reading, [index])])
        if column.sure or target != (column.field or "") or column.name in (said.get("columns") or {}):
            columns[column.name] = target or None
    _one_column_each(columns, reading)
    found = {**said, "columns": columns}
    keys = list(dict.fromkeys(name for name in columns.values() if name and form.get(f"k-{name}")))
    before = set(reading.mapping.match or ())
    chosen = set(keys) != before & set(columns.values()) or not reading.match_guessed
    if chosen and (keys or form.get("keys-shown")):
        found["match"] = keys
    if form.get("mode") in ("create", "update", "both"):
        found["mode"] = form["mode"]
    found["bin"] = "restore" if form.get("bin") else "leave"
    made = [name for name in form.getlist("create_missing") if name]
    found["create_missing"] = made
    return _defaults(found, reading, form)


def _one_column_each(columns: dict[str, str | None], reading: Reading) -> None:
    """The column that was chosen last takes a field over from another one."""
    several = {name for name, target in reading.targets.items() if target.column.takes_several}
    was = {column.name: column.field for column in reading.guess.columns}
    for name, count in Counter(target for target in columns.values() if target).items():
        if count < 2 or name in several:
            continue
        holders = [column for column, target in columns.items() if target == name]
        fresh = [column for column in holders if was.get(column) != name] or holders[-1:]
        for column in holders:
            if column != fresh[-1]:
                columns[column] = None


def _defaults(said: Said, reading: Reading, form: Form) -> Said:
    defaults = dict(reading.mapping.defaults or {})
    for key in form:
        if not key.startswith("d-"):
            continue
        name, value = key[2:], form[key].strip()
        if not value:
            defaults.pop(name, None)
        elif name in ("owner", "pool") and ids.number(value):
            defaults[name] = ids.number(value)
        elif name in reading.targets:
            each = reading.targets[name].field
            many = each is not None and each.is_list
            defaults[name] = [part.strip() for part in value.split(";") if part.strip()] if many else value
    return {**said, "defaults": defaults}


def take_answer(reading: Reading, said: Said, text: str) -> Said:
    """One answer to a question: where it goes and what."""
    try:
        answer = json.loads(text)
        part, value = [str(each) for each in answer["part"]], answer["value"]
    except (ValueError, KeyError, TypeError):
        raise BadRequest(L("This answer makes no sense.")) from None
    if part[0] == "columns" and len(part) == 2:
        return {**said, "columns": {**(said.get("columns") or {}), part[1]: value}}
    if len(part) == 1:
        return take_source(said, {part[0]: value}) if part[0] in _SOURCE else {**said, part[0]: value}
    return {**said, part[0]: {**(said.get(part[0]) or {}), part[1]: value}}


def take_source(said: Said, changes: Said) -> Said:
    """Another sheet, header, encoding or separator: what was said about columns holds no more."""
    order = ("encoding", "separator", "sheet", "header_rows")
    first = min((order.index(name) for name in changes if name in order), default=0)
    kept = {name: said[name] for name in order if name in said and order.index(name) <= max(first, 1)}
    kept |= {name: said[name] for name in ("mode", "defaults", "bin") if name in said}
    merged = {**kept, **changes}
    return {name: value for name, value in merged.items() if value not in (None, "")}


def texts_of(reading: Reading, name: str, most: int = 300) -> list[tuple[str, int]]:
    """The different texts of the columns that go to a field, the frequent ones first, with how often each stands."""
    return _texts(reading, [column.index for column in reading.guess.columns if column.field == name], most)


def _texts(reading: Reading, columns: Sequence[int], most: int = 300) -> list[tuple[str, int]]:
    counts: Counter[str] = Counter()
    for _, cells in data_rows(reading.guess.sheet, reading.guess.layout):
        for index in columns:
            if index < len(cells) and cells[index] is not None and (text := shown(cells[index]).strip()):
                counts[text] += 1
    return counts.most_common(most)


def take_values(said: Said, name: str, pairs: dict[str, str | None]) -> Said:
    """What the texts of a field mean; an empty meaning takes back what was said before."""
    values = dict(said.get("values") or {})
    values[name] = {text: value for text, value in {**values.get(name, {}), **pairs}.items() if value != ""}
    return {**said, "values": values}
