"""What commands print: lines for people, JSON for programs, and where secrets come from."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from smallcrm.base.errors import BadUsage
from smallcrm.base.i18n import L, _

MOST_SECRET = 4096  # characters of a password on the standard input


def say(text: object = "") -> None:
    """One line on the standard output, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def say_json(data: Any) -> None:
    """``data`` as JSON, alone on the standard output."""
    say(json.dumps(data, ensure_ascii=False, indent=1, default=str))


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Columns one can read: each as wide as its widest cell, the last one as it comes."""
    lines = [[str(cell) for cell in line] for line in (head, *rows)]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = [cell + " " * (width - _width(cell)) for cell, width in zip(line[:-1], widths, strict=False)]
        say("  ".join([*cells, line[-1]]).rstrip())


def _width(text: str) -> int:
    """Columns a terminal gives it: Chinese characters take two."""
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1 for c in text)


def secret(what: str) -> str:
    """A password from the standard input, asked for twice where a person sits there. Raises BadUsage for none."""
    if sys.stdin is not None and sys.stdin.isatty():
        given = getpass.getpass(f"{what}: ")
        if given != getpass.getpass(_("Once more: ")):
            raise BadUsage(L("The two are not the same. Nothing was changed."))
    else:
        given = sys.stdin.readline(MOST_SECRET).rstrip("\r\n") if sys.stdin is not None else ""
    if not given:
        raise BadUsage(L("Give the password on the standard input, as one line."))
    return given
