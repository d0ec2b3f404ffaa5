"""A figure as a chart, as a table, as a tile: what a page shows of a result, every number with the way to its records."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from smallcrm.base import formats
from smallcrm.base.i18n import L, language
from smallcrm.records import figures, labels
from smallcrm.records.figures import Cell, Result, words
from smallcrm.records.figures.groups import HIDDEN, Key
from smallcrm.web import charts
from smallcrm.web.charts import OTHERS, Chart, Mark, Place

PLACES = 12  # bars beyond which the rest is drawn as one
COLUMNS = 36
SHOWN = 200  # rows of a table; the workbook has all


@dataclass(frozen=True)
class Line:
    """A row of a table: names, then (text, url) of each number, the change and its tone."""

    names: tuple[str, ...]
    cells: list[tuple[str, str]]
    before: str = ""
    change: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Shown:
    """A figure ready for its page."""

    ref: str
    name: str
    how: str
    result: Result
    chart: Markup = field(default_factory=lambda: Markup(""))
    legend: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    numeric: int = 1  # how many heads are numbers, from the right
    lines: list[Line] = field(default_factory=list)
    total: Line | None = None
    rest: int = 0
    told: str = ""
    said: str = ""  # which records, over which time

    @property
    def big(self) -> str:
        """The number alone, short where it is a big sum."""
        return say(self.result, self.result.total.value, short=self.result.measure.unit == "money")

    @property
    def number(self) -> bool:
        """Whether it is one number, without groups."""
        return not self.result.groups


def list_url(result: Result, filter_: Any) -> str:
    """The list of exactly these records; nothing where they may not be told apart or have no list."""
    kind = result.spec.kind
    if filter_ is None or not kind.card.pages:
        return ""
    text = json.dumps(filter_, ensure_ascii=False, separators=(",", ":"))
    return f"/{kind.card.name}?view=all&filter={quote(text)}"


def say(result: Result, value: Any, *, short: bool = False) -> str:
    """A number with its unit."""
    return words.value(value, result.measure, result.currency, short=short)


def show(ref: str, name: str, result: Result, how: str = "", *, wide: bool = False) -> Shown:
    """Everything a page shows of a figure."""
    crossed = len(result.groups) > 1
    lines, total, heads, numeric = _crossed(result) if crossed else _plain(result)
    chart, legend = _chart(name, result, wide=wide)
    return Shown(
        ref, name, how, result, chart, legend, heads, numeric, lines[:SHOWN], total, max(0, len(lines) - SHOWN),
        words.in_currency(result), _said(result),
    )  # fmt: skip


def _said(result: Result) -> str:
    parts = [labels.many(result.spec.kind)]
    if result.spec.when and result.span:
        parts.append(figures.periods.words(result.span))
    if result.before:
        parts.append(str(L("against %(period)s", period=figures.periods.words(result.before))))
    return " · ".join(parts)


# ---------------------------------------------------------------- tables


def _change(cell: Cell, result: Result) -> tuple[str, str]:
    if cell.change is None:
        return words.NONE, ""
    sign = "+" if cell.change > 0 else "−" if cell.change < 0 else ""
    good = (cell.change > 0) == result.measure.more_is_better
    tone = "" if cell.change == 0 else "good" if good else "bad"
    return f"{sign}{formats.number(abs(cell.change))}%", tone


def _line(result: Result, names: tuple[str, ...], cell: Cell, keys: Sequence[Key]) -> Line:
    url = list_url(result, figures.drill(result.spec, result, keys))
    change, tone = _change(cell, result) if result.before else ("", "")
    return Line(
        names, [(say(result, cell.value), url)], say(result, cell.before) if result.before else "", change, tone
    )


def _plain(result: Result) -> tuple[list[Line], Line | None, list[str], int]:
    heads = [group.label for group in result.groups]
    heads.append(str(result.measure.label))
    if result.before:
        heads += [figures.periods.words(result.before), str(L("Change", "difference"))]
    lines = [_line(result, row.names, row.cell, row.keys) for row in result.rows]
    return lines, _line(result, (str(L("Total")),), result.total, ()), heads, 3 if result.before else 1


def _crossed(result: Result) -> tuple[list[Line], Line | None, list[str], int]:
    down, across, cells = result.matrix()
    heads = [result.groups[0].label, *(result.names[1].get(key, "–") for key in across)]
    sums = result.measure.combine in (figures.measures.count, figures.measures.first) and all(
        p.merge == "add" for p in result.measure.parts
    )
    if sums:
        heads.append(str(L("Total")))
    lines = []
    for key in down:
        shown = []
        for other in across:
            cell = cells.get((key, other))
            url = list_url(result, figures.drill(result.spec, result, (key, other))) if cell and cell.value else ""
            shown.append((say(result, cell.value) if cell and cell.value else "", url))
        if sums:
            whole = sum((Decimal(cells[key, o].value or 0) for o in across if (key, o) in cells), Decimal(0))
            shown.append((say(result, whole), list_url(result, figures.drill(result.spec, result, (key,)))))
        lines.append(Line((result.names[0].get(key, "–"),), shown))
    return lines, None, heads, len(heads) - 1


# ---------------------------------------------------------------- charts


def _chart(name: str, result: Result, *, wide: bool = False) -> tuple[Markup, list[str]]:
    kind = result.spec.drawn
    if not result.groups or kind == "table" or not result.rows:
        return Markup(""), []
    if len(result.groups) > 1:
        places, series = _stacks(result)
        kind = kind if kind == "line" else "stacked"
    else:
        series = (
            [figures.periods.words(result.span), figures.periods.words(result.before)]
            if result.before
            else [str(result.measure.label)]
        )
        places = _places(result, COLUMNS if kind in ("bars", "line") else PLACES)
    chart = Chart(name, tuple(series), places, lambda at: _tick(result, at), wide)
    return charts.draw(kind, chart), list(series) if len(series) > 1 else []


def _tick(result: Result, at: float) -> str:
    if not at:
        return "0"
    return say(result, Decimal(str(round(at, 6))), short=True)


def _mark(result: Result, label: str, value: Any, keys: Sequence[Key], *, before: bool = False) -> Mark | None:
    if value is None:
        return None
    url = list_url(result, figures.drill(result.spec, result, keys, before=before)) if not before else ""
    return Mark(float(value), f"{label}: {say(result, value)}", url)


def _places(result: Result, most: int) -> list[Place]:
    found = []
    for row in result.rows[:most]:
        marks = [_mark(result, row.names[0], row.cell.value, row.keys)]
        if result.before:
            marks.append(
                _mark(
                    result,
                    f"{row.names[0]}, {figures.periods.words(result.before)}",
                    row.cell.before,
                    row.keys,
                    before=True,
                )
            )
        found.append(Place(_short(result, row.keys[0], row.names[0]), tuple(marks)))
    rest = result.rows[most:]
    if rest and all(part.merge == "add" for part in result.measure.parts) and len(result.measure.parts) == 1:
        value = sum((Decimal(row.cell.value or 0) for row in rest), Decimal(0))
        found.append(Place(str(OTHERS), (Mark(float(value), f"{OTHERS}: {say(result, value)}"),)))
    return found


def _short(result: Result, key: Key, name: str) -> str:
    """A month by its short name, for the foot of a column."""
    group = result.groups[0]
    if group.width == "month" and key not in (None, HIDDEN):
        return formats.pattern(language()).months[int(str(key)[5:7]) - 1]
    return name


def _stacks(result: Result) -> tuple[list[Place], list[str]]:
    down, across, cells = result.matrix()
    sums = {other: sum(float(cells[k, other].value or 0) for k in down if (k, other) in cells) for other in across}
    kept = [other for other in across if other in sorted(across, key=lambda o: -sums[o])[: charts.INKS]]
    places = []
    for key in down[:COLUMNS]:
        marks = []
        for other in kept:
            cell = cells.get((key, other))
            label = f"{result.names[0].get(key, '–')}, {result.names[1].get(other, '–')}"
            marks.append(_mark(result, label, cell.value, (key, other)) if cell else None)
        places.append(Place(_short(result, key, result.names[0].get(key, "–")), tuple(marks)))
    return places, [result.names[1].get(other, "–") for other in kept]
