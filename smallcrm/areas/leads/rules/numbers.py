"""Lead numbers: L-00001 and on, given as a lead is made."""

from __future__ import annotations

from itertools import chain

from smallcrm import store
from smallcrm.areas.customers.rules.numbers import Pattern
from smallcrm.areas.leads.records import Lead
from smallcrm.base.i18n import L
from smallcrm.base.text import sort_key
from smallcrm.records import change, numbers, rows, settings
from smallcrm.records.custom import fields_of
from smallcrm.records.drafts import Draft
from smallcrm.records.fields import Cleaning

SERIES = "lead"

settings.declare(
    "leads",
    {
        "leads.number": (
            Pattern(L("Numbers look like"), help=L("{0:5} counts with five digits; {y}, {ym} and {ymd} are dates."), most=20),
            "L-{0:5}",
        )
    },
)  # fmt: skip


@change.before("lead")
def give_numbers(drafts: list[Draft]) -> None:
    """A new lead without a number gets the next one."""
    fresh = [draft for draft in drafts if draft.before is None and not draft.after.get("number")]
    if not fresh:
        return
    field = fields_of(Lead)["number"]
    for draft, number in zip(fresh, _free(len(fresh)), strict=True):
        draft.after.update(field.fill(number, Cleaning()))


def _free(count: int) -> list[str]:
    """The next numbers that nobody has: some may have been brought along from elsewhere."""
    pattern = str(settings.get("leads.number"))
    found: list[str] = []
    while len(found) < count:
        given = numbers.take(SERIES, pattern, count - len(found))
        sql = "SELECT number_key FROM lead WHERE {here} AND number_key IN (SELECT value FROM json_each(?))"
        taken = {key for (key,) in chain(*rows.with_bin(sql, [store.json_list(map(sort_key, given))]))}
        found += [number for number in given if sort_key(number) not in taken]
    return found
