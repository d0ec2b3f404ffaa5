"""A field's value as HTML on a record's page: links that lead somewhere, numbers one can call, masked ones as dots."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape

from smallcrm.records import present
from smallcrm.records.fields import AnyLink, Choices, Field, Lines, Link, Links, LongText, Reading, Texts
from smallcrm.records.fields.phone import spaced
from smallcrm.records.record import by_key
from smallcrm.web.cells import dialled, web_address
from smallcrm.web.drawn import filled


def html(each: Field, values: Mapping[str, Any], reading: Reading) -> Markup | str:
    """The value, safe to print."""
    value: Any = values.get(each.columns[0])
    if each.key in reading.masked:
        return filled('<span class="masked">{}</span>', present.shown(each, values, reading))
    if isinstance(each, Link):
        return link(each.to, value, reading)
    if isinstance(each, AnyLink):
        return link(values[each.columns[1]], value, reading)
    if each.key == "grade":
        return filled('<span class="grade grade-{0}">{0}</span>', value)
    if each.kind == "phone":
        return call(value)
    if each.kind == "email":
        return _mail(value)
    if each.kind == "url":
        there = '<a class="acc" href="{}" rel="noopener noreferrer" target="_blank">{}</a>'
        return filled(there, web_address(value), _breakable(value))
    if isinstance(each, Choices):
        return _labels(each.show_item(item) for item in value)
    if isinstance(each, Links):
        return _labels(each.show_one(token, reading) for token in value)
    if isinstance(each, Texts):
        return _texts(each, value)
    if isinstance(each, Lines):
        return Markup("<br>").join(escape(each.show_row(row, reading)) for row in value)
    if isinstance(each, LongText):
        return Markup("<br>").join(escape(line) for line in str(value).split("\n"))
    return each.show(value, values, reading)


def _mail(address: str) -> Markup:
    return filled('<a href="mailto:{}">{}</a>', address, _breakable(address))


def _breakable(address: str) -> Markup:
    """An address that may be broken at its dots and its @, where a narrow column has to."""
    return Markup(re.sub(r"([@.])", r"\1<wbr>", str(escape(address))))  # noqa: S704  escaped above


def link(key: str, value: int | None, reading: Reading) -> Markup | str:
    """A linked record by its name, within reach."""
    name = reading.name_of(key, value) if value else None
    if name is None:
        return "–"
    card = by_key(key).card
    return filled('<a class="acc" href="/{}/{}">{}</a>', card.name, value, name) if card.pages else name


def call(number: str) -> Markup:
    """A number one can tap."""
    return filled('<a class="nw" href="tel:{}">{}</a>', dialled(number), spaced(number))


def _labels(items: Any) -> Markup:
    return Markup(" ").join(filled('<span class="lab">{}</span>', item) for item in items)


def _texts(each: Texts, value: list[str]) -> Markup:
    if each.of == "phone":
        return Markup("<br>").join(call(item) for item in value)
    if each.of == "email":
        return Markup("<br>").join(_mail(item) for item in value)
    return _labels(value)
