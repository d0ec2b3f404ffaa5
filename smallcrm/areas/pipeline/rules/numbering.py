"""Opportunity numbers: O-00001 and on; what is brought in keeps its own."""

from __future__ import annotations

from smallcrm.records import change, numbers, settings
from smallcrm.records.drafts import Draft

settings.declare("pipeline", {"pipeline.number": numbers.pattern("O-{0:5}")})


@change.before("opportunity")
def give_numbers(drafts: list[Draft]) -> None:
    """A new opportunity without a number gets the next one."""
    numbers.give(drafts, "pipeline.number")
