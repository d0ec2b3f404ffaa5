"""A field of one's own made for a column of a file: its kind by what stands in the column."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from smallcrm.base.errors import Forbidden
from smallcrm.base.i18n import L, language
from smallcrm.identity.actor import Actor
from smallcrm.records import custom
from smallcrm.records.exchange import figures
from smallcrm.records.exchange.problem import Unfit
from smallcrm.records.exchange.values import ColumnReader, Conventions
from smallcrm.records.record import RecordType

_FIGURE = re.compile(r"[-+]?\d[\d., ]*")
_YEAR = re.compile(r"19\d\d|20\d\d|2100")
_CODE = re.compile(r"0\d+")
_MOST_PLACES, _MOST = 6, 10**12


def make(actor: Actor, kind: RecordType, header: str, texts: Sequence[str]) -> str:
    """A custom field for a column that holds ``texts``; its key. Raises Forbidden."""
    if not actor.may("settings"):
        raise Forbidden(L("Only those who set smallcrm up may make new fields."))
    made, options = kind_of([text.strip() for text in texts])
    return custom.define(
        actor,
        kind,
        field_kind=made,
        labels={"en": header[:60], language(): header[:60]},
        options=options,
        flags=("filter",),
    )


def kind_of(texts: Sequence[str]) -> tuple[str, Mapping[str, Any]]:
    """The kind of field and its options. Years and codes such as 00123 are texts: nobody adds them up or groups them."""
    if not texts:
        return "text", {}
    date = ColumnReader("date", Conventions(date_order="dmy", decimal="."))
    if all(date(text)[0] is not None for text in texts):
        return "date", {}
    if not all(_FIGURE.fullmatch(text) for text in texts):
        return "text", {}
    if any(_CODE.fullmatch(text) for text in texts) or all(_YEAR.fullmatch(text) for text in texts):
        return "text", {}
    places = _places(texts)
    return ("text", {}) if places is None else ("number", {"places": places})


def _places(texts: Sequence[str]) -> int | None:
    """How many decimals the figures need; None where they are no figures, or need more than a field has."""
    mark = figures.vote(dict.fromkeys(texts, 1), whole=True).decimal
    try:
        found = [figures.parse(text, mark).value for text in texts]
    except Unfit:
        return None
    places = max(max(0, -int(value.normalize().as_tuple().exponent)) for value in found)
    too_long = places > _MOST_PLACES or any(abs(value) > _MOST for value in found)  # an account's number, say
    return None if too_long else places
