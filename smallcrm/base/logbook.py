"""What is written down: on the standard error, and in ``logs/`` of the data folder, in a few files that replace each other.

A line is one line whatever stands in it: a name with a line break in it cannot pretend to be another entry.
"""

from __future__ import annotations

import logging
import os
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

NAME = "smallcrm.log"
_SIZE = 4 * 1024 * 1024  # octets of each file
_KEPT = 5
_QUIET = ("waitress.queue", "apscheduler", "playhouse", "peewee")  # they tell of every overlap and every statement


class _OneLine(logging.Formatter):
    """Control characters are written as escapes; only our own traces have lines of their own, set in."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S%z")

    def format(self, record: logging.LogRecord) -> str:
        kept, kept_text = record.exc_info, record.exc_text
        record.exc_info = record.exc_text = None
        line = escaped(super().format(record))
        record.exc_info, record.exc_text = kept, kept_text
        if kept:
            trace = self.formatException(kept)
            line += "".join(f"\n    {escaped(each)}" for each in trace.split("\n"))
        return line


def escaped(text: str) -> str:
    """``text`` with control characters, and what turns the direction of writing, as escapes."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def begin(level: str, folder: Path | None) -> None:
    """Write down from here on what is at least of ``level``, into ``folder``/logs where one is given."""
    logging.raiseExceptions = False  # a full disk must not print a trace for every line
    end()
    logging.getLogger().setLevel(level.upper())
    if folder is not None:
        _add(_file(folder))
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)


def print_too() -> None:
    """Print it as well. Not before a command has begun in earnest: its errors are one line, said elsewhere."""
    _add(logging.StreamHandler(sys.stderr))


def end() -> None:
    """Close what ``begin`` opened."""
    root = logging.getLogger()
    for handler in [each for each in root.handlers if isinstance(each.formatter, _OneLine)]:
        root.removeHandler(handler)
        handler.close()


def path_of(folder: Path) -> Path:
    """The file that is being written."""
    return folder / "logs" / NAME


def tail(folder: Path, lines: int, *, level: str = "") -> list[tuple[str, str]]:
    """The last lines, oldest first, as (level, text); a trace belongs to its line. ``level``: at least that one."""
    least = logging.getLevelName(level.upper()) if level else 0
    found: list[tuple[str, str]] = []
    for file in (path_of(folder).with_name(f"{NAME}.1"), path_of(folder)):
        for line in _end_of(file):
            if line.startswith("    ") and found:
                found[-1] = (found[-1][0], f"{found[-1][1]}\n{line}")
            elif len(parts := line.split(None, 2)) == 3:
                found.append((parts[1], line))
    return [one for one in found if not least or _number(one[0]) >= int(least)][-lines:]


def _number(level: str) -> int:
    found = logging.getLevelName(level)
    return found if isinstance(found, int) else 0


def _end_of(file: Path, octets: int = 1024 * 1024) -> list[str]:
    try:
        with file.open("rb") as opened:
            size = opened.seek(0, os.SEEK_END)
            opened.seek(max(0, size - octets))
            lines = opened.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    return lines[1:] if size > octets else lines


def _file(folder: Path) -> logging.Handler:
    target = path_of(folder)
    target.parent.mkdir(mode=0o700, exist_ok=True)
    return RotatingFileHandler(target, maxBytes=_SIZE, backupCount=_KEPT - 1, encoding="utf-8", delay=True)


def _add(handler: logging.Handler) -> None:
    handler.setFormatter(_OneLine())
    logging.getLogger().addHandler(handler)
