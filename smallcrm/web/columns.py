"""A list's columns: for each one a function from the raw rows to its cells' HTML, made once for a page.

Fifty rows of ten cells are five hundred escapes and formats: a column is drawn from top to bottom in one go. Everything that comes out of
a record passes ``escape`` in this module.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from typing import Any

from smallcrm.base import clock, formats
from smallcrm.base.i18n import L, language
from smallcrm.records.fields import Choice, Choices, Field, Link, Reading
from smallcrm.records.fields.phone import spaced
from smallcrm.records.record import by_key
from smallcrm.web.cells import days_left_cell, dialled, initials, json_list, web_address
from smallcrm.web.drawn import NUMBER

Row = tuple[Any, ...]
Value = Callable[[Any, Row], str]
Draw = Callable[[Sequence[Row], Container[int]], list[str]]  # the rows and the ids of those that may be edited


@dataclass
class Look:
    """What cells need beside the row: names of linked records, labels of choices, whose page it is."""

    me: int
    currency: str
    names: dict[str, dict[int, str]] = field(default_factory=dict)
    labels: dict[str, Mapping[str, str]] = field(default_factory=dict)
    reading: Reading = field(default_factory=Reading)


def drawn_as(each: Field) -> str:
    """By which of the functions below a field is drawn."""
    if isinstance(each, Link):
        return "person" if each.to == "user" else "link" if by_key(each.to).card.pages else "name"
    if each.key == "grade" or each.key.startswith("grade_"):
        return "grade"
    if each.key == "recycle_on":
        return "days_left"
    if each.kind == "moment" and each.key.startswith("last_"):
        return "ago"
    if each.kind == "date" and each.key.startswith("next_"):
        return "near"
    return each.kind if each.kind in VALUES else "text"


def is_figure(each: Field) -> bool:
    """Whether the column stands right."""
    return drawn_as(each) in ("money", "number", "size", "days_left")


def column(each: Field, i: int, label: str, look: Look) -> Draw:
    """The column of a field whose value stands at ``i``. The cell says its label on a phone and what is edited there."""
    inner = VALUES[drawn_as(each)](each, i, look)
    kind = ' class="num"' if is_figure(each) else ""
    none = ' class="none dim num"' if is_figure(each) else ' class="none dim"'
    said = f' data-label="{escape(label)}"'
    edit = f' data-cell="{each.key}"' if each.inline and not each.wide and each.kind != "lines" else ""
    filled = (f"<td{kind}{said}>", f"<td{kind}{said}{edit}>")
    empty = (f"<td{none}>–</td>", f"<td{none}{edit}>–</td>")

    def draw(rows: Sequence[Row], may: Container[int]) -> list[str]:
        return [
            empty[row[0] in may] if row[i] is None else f"{filled[row[0] in may]}{inner(row[i], row)}</td>"
            for row in rows
        ]

    def draw_fixed(rows: Sequence[Row], _may: Container[int]) -> list[str]:
        start, none = filled[0], empty[0]
        return [none if row[i] is None else f"{start}{inner(row[i], row)}</td>" for row in rows]

    return draw if edit else draw_fixed


def title(base: str, i: int) -> Draw:
    """The first column: the record's name, which opens it."""

    def draw(rows: Sequence[Row], _may: Container[int]) -> list[str]:
        return [
            f'<td class="fz"><a class="nm" href="{base}{row[0]}" data-row-open>{escape(str(row[i] or f"#{row[0]}"))}</a></td>'
            for row in rows
        ]

    return draw


def tick(i: int) -> Draw:
    """The box that selects the row whose name stands at ``i``."""

    # translated once for the column; the mark stands for each row's name
    before, _mark, after = escape(str(L("Select %(name)s", name=NUMBER))).partition(NUMBER)

    def draw(rows: Sequence[Row], _may: Container[int]) -> list[str]:
        return [
            f'<td class="fz-c"><input class="ck" type="checkbox" name="id" value="{row[0]}" form="bulk"'
            f' aria-label="{before}{escape(str(row[i] or f"#{row[0]}"))}{after}"></td>'
            for row in rows
        ]

    return draw


# ---------------------------------------------------------------- values by kind


def _plain(_field: Field, _i: int, _look: Look) -> Value:
    return lambda value, _row: escape(str(value))


def _shown(show: Callable[[Any], str], *, daily: bool = False) -> Callable[[Field, int, Look], Value]:
    """A kind whose formatted text needs nothing else. ``daily``: the text of a value stays the same for the day."""

    def make(_field: Field, _i: int, _look: Look) -> Value:
        held = _of_the_day(show, language(), clock.today()) if daily else {}

        def draw(value: Any, _row: Row) -> str:
            text = held.get(value)
            if text is None:
                text = held[value] = escape(show(value))
            return text

        return draw

    return make


@lru_cache(maxsize=12)
def _of_the_day(_show: Callable[[Any], str], _language: str, _today: dt.date) -> dict[Any, str]:
    return {}


def _in_words(each: Field, _i: int, look: Look) -> Value:
    """A kind that is stored packed: shown by the field itself, once for each value on the page."""
    held: dict[Any, str] = {}

    def draw(value: Any, _row: Row) -> str:
        text = held.get(value)
        if text is None:
            text = held[value] = escape(each.show(each.from_sql(value), {}, look.reading))
        return text

    return draw


def _money(_field: Field, i: int, look: Look) -> Value:
    def draw(value: int, row: Row) -> str:
        currency = row[i + 2] or look.currency
        text = formats.amount(value, currency)
        return text if currency == look.currency else f"{text} {escape(currency)}"

    return draw


def _number(each: Field, _i: int, _look: Look) -> Value:
    places = int(getattr(each, "places", 0))
    if not places:
        return lambda value, _row: formats.number(value)
    return lambda value, _row: formats.number(value / 10**places, places)


def _flag(_field: Field, _i: int, _look: Look) -> Value:
    words = (escape(str(L("no"))), escape(str(L("yes"))))
    return lambda value, _row: words[bool(value)]


def _masked(value: str) -> str:
    """A value that a pool hides until it is claimed: it leads nowhere."""
    return f'<span class="masked">{escape(value)}</span>' if "••" in value else ""


def _phone(_field: Field, _i: int, _look: Look) -> Value:
    return lambda value, _row: (
        _masked(value) or f'<a class="nw" href="tel:{dialled(value)}">{escape(spaced(value))}</a>'
    )


def _email(_field: Field, _i: int, _look: Look) -> Value:
    def draw(value: str, _row: Row) -> str:
        text = escape(value)
        return _masked(value) or f'<a href="mailto:{text}">{text}</a>'

    return draw


def _url(_field: Field, _i: int, _look: Look) -> Value:
    def draw(value: str, _row: Row) -> str:
        if hidden := _masked(value):
            return hidden
        return f'<a href="{escape(web_address(value))}" rel="noopener noreferrer" target="_blank">{escape(value)}</a>'

    return draw


def _choice(each: Field, _i: int, look: Look) -> Value:
    words = look.labels[each.key]
    return lambda value, _row: escape(words.get(value, value))


def _several(each: Field, _i: int, look: Look) -> Value:
    words: Mapping[str, str] = look.labels.get(each.key, {})
    mark = '<span class="lab">' if getattr(each, "of", "text") == "text" else "<span>"
    return lambda value, _row: " ".join(f"{mark}{escape(words.get(k, str(k)))}</span>" for k in json_list(value))


def _grade(_field: Field, _i: int, _look: Look) -> Value:
    def draw(value: str, _row: Row) -> str:
        text = escape(value)
        return f'<span class="grade grade-{text}">{text}</span>'

    return draw


def _days_left(_field: Field, _i: int, _look: Look) -> Value:
    return lambda value, _row: str(days_left_cell(value))


def _person(_field: Field, _i: int, look: Look) -> Value:
    names = look.names.get("user", {})

    def draw(value: int, _row: Row) -> str:
        name = names.get(value)
        if name is None:
            return "–"
        me = " av-me" if value == look.me else ""
        return (
            f'<span class="person"><span class="av{me}" aria-hidden="true">{escape(initials(name))}</span>'
            f'<span class="cut">{escape(name)}</span></span>'
        )

    return draw


def _link(each: Field, _i: int, look: Look) -> Value:
    to = each.to  # type: ignore[attr-defined]
    names, place = look.names.get(to, {}), by_key(to).card.name

    def draw(value: int, _row: Row) -> str:
        name = names.get(value)
        return "–" if name is None else f'<a href="/{place}/{value}">{escape(name)}</a>'

    return draw


def _name(each: Field, _i: int, look: Look) -> Value:
    names = look.names.get(each.to, {})  # type: ignore[attr-defined]
    return lambda value, _row: escape(names.get(value) or "–")


def _anylink(_field: Field, i: int, look: Look) -> Value:
    def draw(value: int, row: Row) -> str:
        key = row[i + 1]
        name = look.names.get(key, {}).get(value)
        if name is None:
            return "–"
        card = by_key(key).card
        return f'<a href="/{card.name}/{value}">{escape(name)}</a>' if card.pages else escape(name)

    return draw


VALUES: dict[str, Callable[[Field, int, Look], Value]] = {
    "text": _plain,
    "money": _money,
    "number": _number,
    "size": _shown(formats.size),
    "date": _shown(formats.date, daily=True),
    "moment": _shown(formats.moment),
    "ago": _shown(formats.ago),
    "near": _shown(formats.near_date, daily=True),
    "days_left": _days_left,
    "flag": _flag,
    "phone": _phone,
    "email": _email,
    "url": _url,
    "choice": _choice,
    "choices": _several,
    "texts": _several,
    "links": _in_words,
    "numbers": _in_words,
    "lines": _in_words,
    "grade": _grade,
    "person": _person,
    "link": _link,
    "name": _name,
    "anylink": _anylink,
}

__all__ = ["Choice", "Choices", "Draw", "Look", "column", "drawn_as", "is_figure", "tick", "title"]
