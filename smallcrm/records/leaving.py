"""What of a type goes along when somebody hands over what they hold: areas say it, the handover asks.

What was done stays under the name of who did it; what somebody was to reach and wrote of themselves stays theirs too.
"""

from __future__ import annotations

NOTHING = "1 = 0"

_only: dict[str, str] = {}


def goes_along(key: str, where: str = NOTHING) -> None:
    """Of a type only what the condition on its columns says, or nothing of it."""
    _only[key] = where


def condition(key: str) -> str:
    """The condition; everything where nobody said anything."""
    return _only.get(key, "1 = 1")
