"""Lead numbers: L-00001 and on, given as a lead is made."""

from __future__ import annotations

from smallcrm.records import change, numbers, settings
from smallcrm.records.drafts import Draft

settings.declare("leads", {"leads.number": numbers.pattern("L-{0:5}")})


@change.before("lead")
def give_numbers(drafts: list[Draft]) -> None:
    """A new lead without a number gets the next one."""
    numbers.give(drafts, "leads.number")
