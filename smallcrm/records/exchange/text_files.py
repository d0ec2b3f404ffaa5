"""Separated text to rows on disk, with what was guessed about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

from smallcrm.records.exchange.cells import Row
from smallcrm.records.exchange.decoding import (
    Encoding,
    check_encoding,
    guess_file,
    known_encoding,
    previews,
    text_lines,
)
from smallcrm.records.exchange.refusals import Limits
from smallcrm.records.exchange.separated import Notes, Separator, cell_rows, directive, guess_separator, known_separator
from smallcrm.records.exchange.spool import FileFacts, SheetFacts, rows_file, write_rows

_SAMPLE = 200


def read_text(
    path: Path, folder: Path, settings: dict[str, Any], limits: Limits, step: Callable[[float], None]
) -> FileFacts:
    """Write the rows into ``folder``. ``settings`` may name ``encoding`` and ``separator``; else they are guessed."""
    encoding = _encoding(path, settings)
    step(0.1)
    lines = text_lines(path, encoding.name)
    head = list(islice(lines, _SAMPLE))
    separator = _separator(head, settings)
    notes, facts = Notes(), SheetFacts(settings["name"])
    if head and directive(head[0]):
        head[0] = ""
    size = max(1, path.stat().st_size)
    counted = _counted(chain(head, lines), size, step)
    rows: Iterator[Row] = cell_rows(counted, separator.char, notes)
    write_rows(rows_file(folder, 0), rows, facts, limits)
    return FileFacts(
        "text", [facts], encoding.name, encoding.confidence, encoding.sure, encoding.runner_up,
        separator.char, separator.confidence, separator.sure, separator.runner_up,
        list(encoding.bad_lines), notes.lone_quotes[:20], notes.zeros, notes.lost_letters,
        {} if encoding.sure else previews(path, encoding.name, encoding.runner_up),
    )  # fmt: skip


def _encoding(path: Path, settings: dict[str, Any]) -> Encoding:
    if not settings.get("encoding"):
        return guess_file(path, settings.get("language", "en"))
    name = known_encoding(settings["encoding"])
    if name in ("utf-8", "utf-8-sig"):
        name = "utf-8-sig"
    check_encoding(path, name)
    return Encoding(name, 1.0, True)


def _separator(head: list[str], settings: dict[str, Any]) -> Separator:
    if settings.get("separator"):
        return Separator(known_separator(settings["separator"]), 1.0, True)
    return guess_separator([line.replace("\0", "") for line in head])


def _counted(lines: Iterator[str], size: int, step: Callable[[float], None]) -> Iterator[str]:
    done = 0
    for number, line in enumerate(lines):
        done += len(line) + 1
        if number % 1000 == 0:
            step(0.1 + 0.9 * min(1.0, done / size))
        yield line
