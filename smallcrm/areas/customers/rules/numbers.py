"""Customer numbers: C-00001 and on, given as a customer is made, one by one or thousands in an import."""

from __future__ import annotations

from smallcrm.records import change, numbers, settings
from smallcrm.records.drafts import Draft

settings.declare("customers", {"customers.number": numbers.pattern("C-{0:5}")})


@change.before("customer")
def give_numbers(drafts: list[Draft]) -> None:
    """A new customer without a number gets the next one."""
    numbers.give(drafts, "customers.number")
