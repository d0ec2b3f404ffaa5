"""Document and customer numbers: a pattern of text, date and counter, given in the writing transaction.

``C-{0:5}`` counts for ever: C-00482. ``SO-{ymd}-{0:4}`` starts again each day. Gaps are possible: a rolled-back write leaves
none, a deleted record does.
"""

from __future__ import annotations

import re
from itertools import chain

import peewee

from smallcrm import store
from smallcrm.base import clock
from smallcrm.base.i18n import L
from smallcrm.base.text import sort_key
from smallcrm.records import rows, settings
from smallcrm.records.custom import fields_of
from smallcrm.records.drafts import Draft
from smallcrm.records.fields import Cleaning, FieldError, Text

_COUNTER = re.compile(r"\{0:(\d)\}")


class NumberSeries(store.Table):
    """The last number given, by series and period."""

    series = peewee.TextField()
    period = peewee.TextField()
    last = peewee.IntegerField()

    class Meta:
        table_name = "number_series"
        primary_key = peewee.CompositeKey("series", "period")


def take(series: str, pattern: str, count: int = 1) -> list[str]:
    """The next ``count`` numbers of a series. Inside ``writing``."""
    day = clock.today()
    stem = pattern.replace("{ymd}", f"{day:%Y%m%d}").replace("{ym}", f"{day:%Y%m}").replace("{y}", f"{day:%Y}")
    period = _COUNTER.sub("", stem)
    store.run(
        "INSERT INTO number_series (series, period, last) VALUES (?, ?, ?)"
        " ON CONFLICT (series, period) DO UPDATE SET last = last + excluded.last",
        [series, period, count],
    )
    last = int(store.value("SELECT last FROM number_series WHERE series = ? AND period = ?", [series, period]))
    found = _COUNTER.search(stem)
    width = int(found[1]) if found else 1
    return [_COUNTER.sub(str(n).zfill(width), stem) for n in range(last - count + 1, last + 1)]


class Pattern(Text):
    """A setting that holds a pattern of numbers: text and one counter."""

    def clean(self, value: object, context: Cleaning) -> str | None:
        text = super().clean(value, context)
        if text is not None and len(re.findall(r"\{0:[1-9]\}", text)) != 1:
            raise FieldError(str(L("The pattern needs one counter: {0:5} gives 00001.")))
        return text


def pattern(usual: str) -> tuple[Pattern, str]:
    """The declaration of a setting that says what a type's numbers look like."""
    help = L("{0:5} counts with five digits; {y}, {ym} and {ymd} are dates.")
    return Pattern(L("Numbers look like"), help=help, most=20), usual


def give(drafts: list[Draft], setting: str) -> None:
    """New records without a ``number`` get the next one that nobody has: some may have been brought along from elsewhere."""
    fresh = [draft for draft in drafts if draft.before is None and not draft.after.get("number")]
    if not fresh:
        return
    kind = fresh[0].kind
    field = fields_of(kind)["number"]
    found: list[str] = []
    while len(found) < len(fresh):
        given = take(kind.card.key, str(settings.get(setting)), len(fresh) - len(found))
        sql = f'SELECT number_key FROM "{kind._meta.table_name}" WHERE {{here}} AND number_key IN (SELECT value FROM json_each(?))'
        taken = {key for (key,) in chain(*rows.with_bin(sql, [store.json_list(map(sort_key, given))]))}
        found += [number for number in given if sort_key(number) not in taken]
    for draft, number in zip(fresh, found, strict=True):
        draft.after.update(field.fill(number, Cleaning()))
