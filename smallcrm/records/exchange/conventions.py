"""How the dates, figures and choices of a file are meant, decided over all cells of all columns together.

A column decides for itself where its own values prove something. One that proves nothing follows the other columns of
the file, then what was said last time. What is still open is asked once for the file.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Items
from dataclasses import dataclass, field, replace
from typing import Any

from smallcrm.base import formats
from smallcrm.records.exchange import dates, figures
from smallcrm.records.exchange.cells import Row
from smallcrm.records.exchange.columns import ColumnGuess, Field, Labels
from smallcrm.records.exchange.mapping import Mapping, PerColumn, for_column
from smallcrm.records.exchange.questions import Option, Question
from smallcrm.records.exchange.values import ColumnReader, Conventions

DATES = frozenset({"date", "moment"})
FIGURES = frozenset({"number", "integer", "money", "percent"})
DECIDED = DATES | FIGURES
_MOST_TEXTS = 200_000
_HOME_ORDER = {"en": "dmy", "el": "dmy", "zh": "ymd"}
_HOME_DECIMAL = {"en": ".", "zh": ".", "el": ","}


@dataclass
class Texts:
    """Column → its different texts and how often each stands there; ``figures``: how many amounts are no texts."""

    counts: dict[int, Counter[str]] = field(default_factory=dict)
    rows: int = 0
    figures: dict[int, int] = field(default_factory=dict)
    largest: dict[int, float] = field(default_factory=dict)
    uneven: dict[int, bool] = field(default_factory=dict)


def collect(rows: Iterable[tuple[int, Row]], wanted: Items[int, Field]) -> Texts:
    """Go through all rows once."""
    found = Texts({index: Counter() for index in wanted})
    percents = [index for index, each in wanted.items() if each.kind == "percent"]
    amounts = [index for index, each in wanted.items() if each.kind == "money"]
    for _, row in rows:
        found.rows += 1
        width = len(row)
        for index, counter in found.counts.items():
            if index < width:
                cell = row[index]
                if isinstance(cell, str) and (len(counter) < _MOST_TEXTS or cell in counter):
                    counter[cell] += 1
        for index in amounts:
            if index < width and isinstance(row[index], int | float):
                found.figures[index] = found.figures.get(index, 0) + 1
        for index in percents:
            cell = row[index] if index < width else None
            if isinstance(cell, int | float) and not isinstance(cell, bool):
                found.largest[index] = max(found.largest.get(index, 0.0), abs(cell))
                found.uneven[index] = found.uneven.get(index, False) or cell != int(cell)
    return found


@dataclass
class Settled:
    """What was decided, and what is to be asked. A confidence of 1 also stands for "it does not matter"."""

    date_order: PerColumn | None = None
    decimal: PerColumn | None = None
    currency: PerColumn | None = None
    date_confidence: float = 1.0
    decimal_confidence: float = 1.0
    values: dict[str, dict[str, str | None]] = field(default_factory=dict)
    value_confidence: dict[str, float] = field(default_factory=dict)
    fractions: list[int] = field(default_factory=list)
    scaled: list[int] = field(default_factory=list)  # columns that count in thousands, 万 or millions
    questions: list[Question] = field(default_factory=list)


def settle(
    columns: Sequence[ColumnGuess],
    texts: Texts,
    labels: Labels,
    names: tuple[str, ...],
    given: Mapping,
    remembered: Mapping,
    language: str,
) -> Settled:
    """Decide. ``given`` is not questioned; ``remembered`` decides where the file does not speak against it."""
    fields = {each.name: each for each in labels.fields}
    used = [(column, fields[column.field]) for column in columns if column.field in fields]
    settled = Settled()
    _settle_dates(settled, used, texts, names, given, remembered, language)
    _settle_figures(settled, used, texts, names, given, remembered, language)
    for column, each in used:
        if each.kind == "percent" and 0 < texts.largest.get(column.index, 0.0) <= 1 and texts.uneven.get(column.index):
            settled.fractions.append(column.index)
        if each.choices:
            _settle_choices(settled, column, each, texts, given, remembered)
    return settled


Used = list[tuple[ColumnGuess, Field]]


# ---------------------------------------------------------------- dates


def _settle_dates(
    settled: Settled,
    used: Used,
    texts: Texts,
    names: tuple[str, ...],
    given: Mapping,
    remembered: Mapping,
    language: str,
) -> None:
    votes = {
        c.index: dates.vote(texts.counts[c.index]) for c, each in used if each.kind in DATES and c.index in texts.counts
    }
    votes = {index: vote for index, vote in votes.items() if vote.total}
    if not votes or isinstance(given.date_order, str):
        settled.date_order = given.date_order
        return
    open_ = [index for index in votes if not for_column(given.date_order, index, names)]
    orders: dict[int, str] = {index: str(votes[index].order) for index in open_ if votes[index].sure}
    proven = set(orders.values())
    doubtful: list[int] = []
    for index in open_:
        if index in orders:
            continue
        vote = votes[index]
        last = for_column(remembered.date_order, index, names)
        if len(proven) == 1 and vote.fits[next(iter(proven))] == vote.total:
            orders[index] = next(iter(proven))
        elif last and vote.fits[last] == vote.total:
            orders[index] = last
        else:
            doubtful.append(index)
            orders[index] = _likely_order(vote, language)
    settled.date_order = _together(orders, names, given.date_order)
    if doubtful:
        settled.date_confidence = round(_share(votes, doubtful, orders), 3)
        settled.questions.append(_date_question([votes[i] for i in doubtful], [names[i] for i in doubtful]))


def _likely_order(vote: dates.OrderVote, language: str) -> str:
    home = _HOME_ORDER.get(language, "dmy")
    best = max(vote.fits.values())
    return home if vote.fits.get(home) == best else str(vote.order)


def _share(votes: Items[int, dates.OrderVote], doubtful: Sequence[int], orders: Items[int, str]) -> float:
    total = sum(votes[i].total for i in doubtful)
    return 0.5 * sum(votes[i].fits[orders[i]] for i in doubtful) / max(1, total)


def _date_question(votes: list[dates.OrderVote], columns: list[str]) -> Question:
    total = sum(vote.total for vote in votes)
    fits = {order: sum(vote.fits[order] for vote in votes) for order in dates.ORDERS}
    examples = tuple(text for vote in votes for text in vote.examples)[:3]
    shown = examples[0] if examples else ""
    options = [
        Option(order, _as_read(shown, order) if shown else "", fits[order], total - fits[order])
        for order in sorted(dates.ORDERS, key=lambda order: -fits[order])
        if fits[order]
    ]
    return Question("date_order", ("date_order",), tuple(options), tuple(columns), examples, {"text": shown})


def _as_read(text: str, order: str) -> str:
    day = dates.parse(text).days.get(order)
    return formats.date(day, year=True) if isinstance(day, dt.date) else ""


def _together(said: Items[int, str], names: tuple[str, ...], given: PerColumn | None) -> PerColumn | None:
    """One answer for the file where its columns agree, else one a column."""
    already = dict(given) if isinstance(given, dict) else {}
    if not said:
        return already or None
    if len(set(said.values())) == 1 and not already:
        return next(iter(said.values()))
    return {**{names[index]: value for index, value in said.items()}, **already}


# ---------------------------------------------------------------- figures


def _settle_figures(
    settled: Settled,
    used: Used,
    texts: Texts,
    names: tuple[str, ...],
    given: Mapping,
    remembered: Mapping,
    language: str,
) -> None:
    votes: dict[int, figures.MarkVote] = {}
    for column, each in used:
        if each.kind in FIGURES and texts.counts.get(column.index):
            whole, money = each.kind == "integer", each.kind == "money"
            votes[column.index] = figures.vote(texts.counts[column.index], whole=whole, money=money)
    votes = {index: vote for index, vote in votes.items() if vote.dot or vote.comma or vote.unclear}
    if not votes or isinstance(given.decimal, str):
        settled.decimal = given.decimal
        return
    open_ = [index for index in votes if not for_column(given.decimal, index, names)]
    marks = {index: votes[index].decimal for index in open_ if votes[index].sure}
    proven = set(marks.values())
    doubtful: list[int] = []
    for index in open_:
        if index in marks:
            continue
        vote = votes[index]
        last = for_column(remembered.decimal, index, names)
        contrary = bool(vote.dot and vote.comma)
        if len(proven) == 1 and not contrary:
            marks[index] = next(iter(proven))
        elif last and not contrary:
            marks[index] = last
        else:
            doubtful.append(index)
            marks[index] = vote.decimal or _HOME_DECIMAL.get(language, ".")
    settled.decimal = _together(marks, names, given.decimal)
    if doubtful:
        settled.decimal_confidence = 0.4
        settled.questions.append(_decimal_question([votes[i] for i in doubtful], [names[i] for i in doubtful]))


def _decimal_question(votes: list[figures.MarkVote], columns: list[str]) -> Question:
    examples = tuple(text for vote in votes for text in vote.examples)[:3]
    shown = examples[0] if examples else ""
    total = sum(vote.dot + vote.comma + vote.unclear for vote in votes)
    options = []
    for mark, against in ((".", sum(v.comma for v in votes)), (",", sum(v.dot for v in votes))):
        label = formats.number(figures.parse(shown, mark).value) if shown else ""
        options.append(Option(mark, label, total - against, against))
    return Question("decimal", ("decimal",), tuple(options), tuple(columns), examples, {"text": shown})


# ---------------------------------------------------------------- choices


def _settle_choices(
    settled: Settled, column: ColumnGuess, each: Field, texts: Texts, given: Mapping, remembered: Mapping
) -> None:
    """Which texts of a column are none of the field's choices; open lists take them as new ones."""
    known = {**((remembered.values or {}).get(each.name) or {}), **((given.values or {}).get(each.name) or {})}
    reader = ColumnReader(each.kind, Conventions(choices=each.choices, open=each.open, values=known))
    counts = texts.counts.get(column.index, Counter())
    unknown = [(count, text) for text, count in counts.items() if _is_unknown(reader(text))]
    if known:
        settled.values[each.name] = dict(known)
    total = sum(counts.values())
    missed = sum(count for count, _ in unknown)
    settled.value_confidence[each.name] = round(1 - missed / total, 3) if total else 1.0
    if unknown:
        unknown.sort(key=lambda entry: (-entry[0], entry[1]))
        options = tuple(Option(choice.value, choice.labels[0] if choice.labels else "") for choice in each.choices)
        settled.questions.append(
            Question(
                "values", ("values", each.name), options, (column.name,),
                tuple(text for _, text in unknown[:20]), {"column": column.name},
            )
        )  # fmt: skip


def figure_columns(columns: Sequence[ColumnGuess], labels: Labels) -> list[int]:
    """The columns that go to fields of figures other than percentages."""
    figures_ = {each.name for each in labels.fields if each.kind in FIGURES - {"percent"}}
    return [column.index for column in columns if column.field in figures_]


def _is_unknown(read: tuple[Any, Any]) -> bool:
    return read[1] is not None and read[1].code == "unknown_choice"


def for_reader(
    each: Field,
    index: int,
    names: tuple[str, ...],
    mapping: Mapping,
    *,
    epoch_1904: bool = False,
    fractions: bool = False,
    scale: int = 0,
) -> Conventions:
    """The conventions of one column under a complete mapping."""
    base = Conventions(choices=each.choices, open=each.open, epoch_1904=epoch_1904, fractions=fractions, scale=scale)
    values = (mapping.values or {}).get(each.name) or {}
    return replace(
        base,
        date_order=for_column(mapping.date_order, index, names),
        decimal=for_column(mapping.decimal, index, names),
        currency=for_column(mapping.currency, index, names),
        values=values,
    )
