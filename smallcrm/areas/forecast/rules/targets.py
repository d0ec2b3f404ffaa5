"""Where somebody who keeps targets says what is to be reached; who asks shows coverage only where there is one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from smallcrm.areas.forecast.rules.overrides import Subject

# (subject, first day, last day) → minor units of the company's currency to be won; None where no target is set.
Target = Callable[[Subject, dt.date, dt.date], int | None]

_keepers: list[Target] = []


def keeps(function: Target) -> Target:
    """Register who knows the targets."""
    if function not in _keepers:
        _keepers.append(function)
    return function


def forget(function: Target) -> None:
    """Take a registration back."""
    _keepers.remove(function)


def of(subject: Subject | None, first: dt.date, last: dt.date) -> int | None:
    """The target, or None."""
    found = (each(subject, first, last) for each in _keepers) if subject else iter(())
    return next((each for each in found if each is not None), None)
