"""What the import page shows: the columns with where they go, questions, tiles, chips and rows."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from smallcrm.base import formats, money
from smallcrm.base.i18n import L, _
from smallcrm.identity.actor import Actor
from smallcrm.records import access, labels
from smallcrm.records.exchange.cells import shown
from smallcrm.records.exchange.questions import Question
from smallcrm.records.fields import Choice, Choices, Link, Money
from smallcrm.records.importing.guessing import Reading
from smallcrm.records.importing.plan import (
    BINNED,
    CREATE,
    FAILED,
    JOINED,
    LEFT,
    RESTORE,
    SAME,
    UPDATE,
    Line,
    Summary,
    read_lines,
)  # fmt: skip
from smallcrm.records.importing.problem import ROW, Finding
from smallcrm.records.importing.targets import Target
from smallcrm.records.record import RecordType

PAGE = 50
WIDTH = 6  # columns of the file that the preview shows
LENGTH = 300  # characters of a cell that it shows

OUTCOMES: dict[str, tuple[Any, str, str]] = {
    CREATE: (L("New", "row"), "good", ""),
    UPDATE: (L("Update", "row"), "acc", ""),
    RESTORE: (L("Brought back"), "acc", ""),
    JOINED: (L("Joins row %(row)s"), "", ""),
    SAME: (L("The same"), "", ""),
    BINNED: (L("In the bin"), "warn", "trash"),
    LEFT: (L("Left alone"), "", ""),
    FAILED: (L("Left out"), "bad", "alert-triangle"),
}


# ---------------------------------------------------------------- columns


@dataclass
class ColumnRow:
    """A column of the file: its examples, where it goes, how well it fits."""

    index: int
    name: str
    example: str
    field: str
    options: list[tuple[str, list[tuple[str, str]]]]
    key: bool = False
    may_key: bool = False
    tone: str = ""
    icon: str = ""
    say: str = ""
    values: int = 0  # distinct texts that mean a choice or a person


def column_rows(actor: Actor, kind: RecordType, reading: Reading, summary: Summary | None) -> list[ColumnRow]:
    """Every column, in the order of the file."""
    match = set(reading.mapping.match or ())
    asked = {name for q in reading.guess.questions for name in q.columns}
    problems = {name: n for code, name, n in (summary.problems if summary else []) if code not in ("differs",)}
    options = _options(kind, reading)
    new_field = actor.may("settings")
    found = []
    for column in reading.guess.columns:
        name = column.field or ""
        row = ColumnRow(column.index, column.name, column.samples[0] if column.samples else "", name, options)
        target = reading.targets.get(name)
        row.key = name in match
        row.may_key = target is not None and may_be_key(target)
        if not name:
            row.tone, row.say = "dim", _("Skipped")
            if new_field and column.filled:
                row.options = [*options, (_("Something new"), [("+", _("New field “%(name)s”", name=column.name))])]
        elif column.name in asked:
            row.tone, row.icon, row.say = "warn", "help-circle", _("Ask")
        elif problems.get(name):
            row.tone, row.icon, row.say = "warn", "alert-triangle", _("%(n)s to see", n=formats.number(problems[name]))
        else:
            row.tone, row.icon = "good", "check"
            row.say = formats.percent(column.fits) if column.filled else _("empty")
        if target is not None and (target.column.kind in ("person", "choice", "choices", "link")):
            row.values = 1
        found.append(row)
    return found


def may_be_key(target: Target) -> bool:
    """Whether rows can be recognised by a target."""
    if target.field is None:
        return target.column.kind in ("phone", "email") or target.column.name.endswith(".name")
    return bool(
        target.field.match or target.field.unique_live or target.column.kind in ("link", "date", "code", "text")
    )


def _options(kind: RecordType, reading: Reading) -> list[tuple[str, list[tuple[str, str]]]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for name, target in (reading.offered or reading.targets).items():
        groups.setdefault(target.group, []).append((name, target.label))
    said = {"": labels.one(kind)}
    return [(said.get(group, str(_GROUPS.get(group, group))), entries) for group, entries in groups.items()]


_GROUPS = {"contact": L("First contact"), "team": L("Team")}


@dataclass
class Asked:
    """A question with its answers: (value for the form, words, what comes of it)."""

    say: str
    part: list[str]
    answers: list[tuple[Any, str, str]] = field(default_factory=list)
    values_of: str = ""  # the field whose texts must be given a meaning


_ORDERS = {"dmy": L("day, month, year"), "mdy": L("month, day, year"), "ymd": L("year, month, day")}


def questions(reading: Reading) -> list[Asked]:
    """What is still open."""
    return [_asked(question, reading) for question in reading.guess.questions]


def _asked(question: Question, reading: Reading) -> Asked:
    found = Asked(str(question), list(question.part))
    if question.part[0] == "values":
        found.values_of = question.part[1] if len(question.part) > 1 else ""
        return found
    for option in question.options:
        if question.part[0] == "columns":
            words = reading.targets[option.value].label if option.value in reading.targets else _("Leave out")
        else:
            words = option.label or _answer_words(question.part[0], option.value)
        note = ""
        if option.fails:
            note = _("fails on %(n)s", n=formats.number(option.fails))
        elif option.fits:
            note = _("fits all %(n)s", n=formats.number(option.fits))
        found.answers.append((option.value, words, note))
    return found


def _answer_words(part: str, value: Any) -> str:
    if part == "date_order":
        return str(_ORDERS.get(value, value))
    if part == "header_rows":
        return _("No header") if not value else _("Row %(n)s", n=" + ".join(map(str, value)))
    if part == "separator":
        return {"\t": _("Tab"), ";": _("Semicolon ;"), ",": _("Comma ,"), "|": _("Bar |")}.get(value, str(value))
    return str(value)


# ---------------------------------------------------------------- what will happen


def tiles(summary: Summary) -> list[tuple[str, str, str]]:
    """Label, figure and tone of each tile."""
    of = summary.by_outcome.get
    found = [
        (_("New"), of(CREATE, 0), ""),
        (_("Update"), of(UPDATE, 0) + of(RESTORE, 0), ""),
        (_("The same"), of(SAME, 0) + of(LEFT, 0), ""),
        (_("Joined in file"), of(JOINED, 0), ""),
        (_("In the bin"), of(BINNED, 0), "warn"),
        (_("Left out"), of(FAILED, 0), "bad"),
        (_("Rows"), summary.rows, ""),
    ]
    return [
        (label, formats.number(n), tone if n else "")
        for label, n, tone in found
        if n or label in (_("New"), _("Update"), _("Left out"), _("Rows"))
    ]


def chips(reading: Reading, summary: Summary, show: str) -> list[tuple[str, str, str | None, bool]]:
    """Words, value of ``show``, figure, whether it is the current one."""
    found: list[tuple[str, str, str | None, bool]] = [(_("All rows"), "", None, show == "")]
    failed = summary.by_outcome.get(FAILED, 0)
    if failed:
        found.append((_("Left out"), "failed", formats.number(failed), show == "failed"))
    if summary.warnings:
        found.append((_("Worth a look"), "warnings", formats.number(summary.warnings), show == "warnings"))
    for code, name, n in summary.problems[:8]:
        key = f"{code}:{name}"
        short = Finding(code, name).short
        target = reading.targets.get(name)
        words = ": ".join(part for part in (target.label if target else "", short) if part) or code
        found.append((words, key, formats.number(n), show == key))
    return found


@dataclass
class Cell:
    """A value in the preview. ``bad``: it cannot be taken as it stands."""

    text: str
    num: bool = False
    bad: bool = False


@dataclass
class Shown:
    """A row of the preview with what was found."""

    number: int
    words: str
    tone: str
    icon: str
    cells: list[Cell]
    why: list[tuple[str, str, str]]  # tone, text, the field whose values may be given a meaning
    restore: bool = False


def preview_columns(reading: Reading) -> list[tuple[str, int, Target]]:
    """The columns that the preview shows: the title first, keys, then in the order of the file."""
    title = reading.mapping.match or ()
    used = [(c.field or "", c.index) for c in reading.guess.columns if c.field]
    seen: dict[str, int] = {}
    for name, index in used:
        seen.setdefault(name, index)
    order = sorted(seen, key=lambda name: (name != "name", name not in title, list(seen).index(name)))
    chosen = order[:WIDTH]
    return [(name, seen[name], reading.targets[name]) for name in sorted(chosen, key=lambda n: (n != "name", seen[n]))]


def rows(who: Actor, path: Path, reading: Reading, show: str, after: int = 0) -> tuple[list[Shown], bool]:
    """Up to a page of rows that meet the chip, and whether more follow."""
    columns = preview_columns(reading)
    found = list(islice(_meeting(path, show), after, after + PAGE + 1))
    names = _names(who, columns, found[:PAGE])
    return [_row(line, columns, reading, names) for line in found[:PAGE]], len(found) > PAGE


_NUMBER = re.compile(r"#(\d{1,12})")  # a record that was chosen for a name, see ``pages/values``


def _names(who: Actor, columns: list[tuple[str, int, Target]], lines: list[Line]) -> dict[tuple[str, str], str]:
    """(type, ``#12``) → what the record is called, for links given by number."""
    wanted: dict[str, set[int]] = {}
    for name, _index, target in columns:
        if isinstance(target.field, Link):
            for line in lines:
                if number := _NUMBER.fullmatch(str(_value(line, name) or "")):
                    wanted.setdefault(target.field.to, set()).add(int(number[1]))
    return {
        (key, f"#{number}"): name
        for key, numbers in wanted.items()
        for number, name in access.names(who, key, numbers).items()
    }


def _meeting(path: Path, show: str) -> Iterator[Line]:
    code, _, name = show.partition(":")
    for line in read_lines(path):
        if (
            not show
            or (show == "failed" and line.outcome == FAILED)
            or (show == "warnings" and line.findings and line.outcome != FAILED)
            or any(each.code == code and each.field == name for each in line.findings)
        ):
            yield line


def _row(
    line: Line, columns: list[tuple[str, int, Target]], reading: Reading, names: Mapping[tuple[str, str], str]
) -> Shown:
    words, tone, icon = OUTCOMES[line.outcome]
    said = str(L(words.message, row=line.first)) if line.outcome == JOINED else str(words)
    bad = {each.column for each in line.findings if each.column is not None and each.drops != "nothing"}
    cells = []
    for name, index, target in columns:
        raw = line.row.cells[index] if index < len(line.row.cells) else None
        value = _value(line, name)
        text = shown(raw) if index in bad or value is None else value_words(target, value, line.row.given)
        if isinstance(target.field, Link):
            text = names.get((target.field.to, text), text)
        text = text if len(text) <= LENGTH else text[:LENGTH] + "…"
        cells.append(Cell(text, isinstance(value, int | float | Decimal), index in bad))
    why = [
        ("bad" if each.drops == ROW else "warn", _why(each, reading), each.field if each.code in _RENAMED else "")
        for each in line.findings
    ]
    if line.outcome == BINNED:
        why.append(("warn", str(L("It lies in the bin.")), ""))
    return Shown(line.row.number, said, tone, icon, cells, why, line.outcome == BINNED)


_RENAMED = ("unknown_choice", "nobody", "not_found", "several", "switched_off")


def _value(line: Line, name: str) -> Any:
    prefix, dot, own = name.partition(".")
    if dot:
        return line.row.parts.get(prefix, {}).get(own)
    if name in line.row.names:
        return line.row.names[name]
    return line.row.given.get(name)


def _why(finding: Finding, reading: Reading) -> str:
    target = reading.targets.get(finding.field)
    return str(L("%(column)s: %(problem)s", column=target.label, problem=str(finding))) if target else str(finding)


def value_words(target: Target, value: Any, given: Mapping[str, Any]) -> str:
    """A typed value as it will be shown later; ``given``: the row's others."""
    each = target.field
    if isinstance(value, list):
        return "; ".join(value_words(target, part, given) for part in value)
    if isinstance(each, Choice | Choices):
        return next((str(option.label) for option in each.options if option.key == value), str(value))
    if isinstance(value, bool):
        return str(L("yes") if value else L("no"))
    if isinstance(value, dt.datetime):
        return formats.moment_full(value) if value.tzinfo else value.isoformat(" ", "minutes")
    if isinstance(value, dt.date):
        return formats.date(value, year=True)
    if isinstance(value, Decimal):
        return _amount(value, str(given.get("currency") or "")) if isinstance(each, Money) else formats.number(value)
    if isinstance(value, int | float):
        return formats.number(value)
    return str(value)


def _amount(value: Decimal, currency: str) -> str:
    """With its currency where the row names one."""
    try:
        return formats.currency(money.minor(value, currency), currency) if currency else formats.number(value, 2)
    except ValueError:
        return formats.number(value, 2)
