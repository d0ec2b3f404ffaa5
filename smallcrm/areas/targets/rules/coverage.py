"""The forecast learns from here what is to be won, so that it can tell how much of it the open pipeline covers."""

from __future__ import annotations

import datetime as dt

from smallcrm.areas.forecast.rules.overrides import Subject
from smallcrm.areas.forecast.rules.targets import keeps
from smallcrm.areas.targets.rules import plans
from smallcrm.base import money
from smallcrm.records import settings


@keeps
def to_be_won(subject: Subject, first: dt.date, last: dt.date) -> int | None:
    """The won value set for the months that these days touch; None where no month of them has a target."""
    word = plans.key_of(subject.kind, subject.id, subject.id)
    found = []
    for year in range(first.year, last.year + 1):
        held = plans.held("won_value", year).get(word)
        begin, end = (first.month if year == first.year else 1), (last.month if year == last.year else 12)
        if held and (part := plans.total(held[1], range(begin, end + 1))) is not None:
            found.append(part)
    return money.minor(sum(found), settings.money_currency()) if found else None
