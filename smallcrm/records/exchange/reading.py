"""Open a file that somebody uploaded: whatever it is, sheets of rows come out, or a sentence that says why not.

    with open_workbook(path, "customers.xls", scratch=folder, language="el") as book:
        for number, cells in book.sheets[0].rows(): ...

Workbooks and large texts are read by a process of its own (``worker``); rows wait on disk and are streamed, so this
process needs the memory of one row. Small texts are read here, which takes milliseconds.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path, PurePath
from types import TracebackType
from typing import Any

from smallcrm.records.exchange import spool, worker
from smallcrm.records.exchange.cells import Row
from smallcrm.records.exchange.refusals import LIMITS, Limits, Unreadable
from smallcrm.records.exchange.sniffing import kind_of
from smallcrm.records.exchange.spool import FileFacts, SheetFacts
from smallcrm.records.exchange.text_files import read_text

SMALL = 512 * 2**10
Progress = Callable[[float], None]


class Sheet:
    """One sheet. ``facts`` tells what is known beside the cells; rows are counted from 1, columns from 0."""

    def __init__(self, facts: SheetFacts, path: Path, kind: str) -> None:
        self.facts = facts
        self.kind = kind
        self._path = path

    @property
    def name(self) -> str:
        return self.facts.name

    def rows(self, first: int = 1) -> Iterator[tuple[int, Row]]:
        """Number and cells of each row from ``first`` on, blank rows included, straight from disk."""
        return spool.read_rows(self._path, first)

    def head(self, count: int) -> list[tuple[int, Row]]:
        """The first rows that are not blank."""
        found: list[tuple[int, Row]] = []
        for number, row in self.rows():
            if row:
                found.append((number, row))
            if len(found) >= count:
                break
        return found

    def tail(self, count: int) -> list[tuple[int, Row]]:
        """The last rows, blank ones included."""
        return spool.last_rows(self._path, count)


class Workbook:
    """An open file. Leaving its ``with`` block removes the rows from disk unless they lie in the caller's folder."""

    def __init__(self, name: str, facts: FileFacts, folder: Path, *, keep: bool) -> None:
        self.name = name
        self.facts = facts
        self._folder, self._keep = folder, keep
        self.sheets = [Sheet(sheet, spool.rows_file(folder, i), facts.kind) for i, sheet in enumerate(facts.sheets)]

    def sheet(self, name: str) -> Sheet | None:
        """The sheet of that name (case and outer spaces make no difference)."""
        wanted = name.strip().casefold()
        return next((sheet for sheet in self.sheets if sheet.name.strip().casefold() == wanted), None)

    def close(self) -> None:
        if not self._keep:
            shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Workbook:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_workbook(
    path: Path,
    name: str = "",
    *,
    scratch: Path | None = None,
    encoding: str = "",
    separator: str = "",
    language: str = "en",
    limits: Limits = LIMITS,
    progress: Progress | None = None,
) -> Workbook:
    """Open the file at ``path``, which its owner called ``name``.

    ``scratch`` is a folder of the caller's for this upload's rows: opening the same file again is then immediate.
    ``encoding`` and ``separator`` are for text and guessed when empty; ``language`` is the reader's. ``progress`` gets
    the share done and cancels by raising. Raises ``Unreadable`` (an ``Invalid``) or ``DiskFull``.
    """
    name = name or path.name
    kind = kind_of(path, limits)
    settings = {"kind": kind, "encoding": encoding, "separator": separator, "language": language}
    settings["name"] = PurePath(name.replace("\\", "/")).stem or "file"
    made_of = spool.signature(path, **settings)
    folder = scratch or Path(tempfile.mkdtemp(prefix="smallcrm-"))
    folder.mkdir(parents=True, exist_ok=True)
    facts = spool.load(folder, made_of) if scratch else None
    if facts is None:
        try:
            facts = _read(path, folder, settings, limits, progress)
        except BaseException:
            _clear(folder, scratch is None)
            raise
        spool.finish(folder, facts, made_of)
    book = Workbook(name, facts, folder, keep=scratch is not None)
    if not any(sheet.rows for sheet in facts.sheets):
        book.close()
        raise Unreadable("no_table")
    return book


def _read(path: Path, folder: Path, settings: dict[str, str], limits: Limits, progress: Progress | None) -> FileFacts:
    _clear(folder, False)
    if settings["kind"] == "text" and path.stat().st_size <= SMALL:
        return read_text(path, folder, dict(settings), limits, progress or (lambda _: None))
    task: dict[str, Any] = {**settings, "path": str(path.resolve()), "folder": str(folder.resolve())}
    task |= {"limits": asdict(limits), "memory": limits.memory_here(), "seconds": limits.seconds}
    result = worker.run("read", task, progress=progress, timeout=limits.seconds * 3)
    result["sheets"] = [SheetFacts(**sheet) for sheet in result["sheets"]]
    for sheet in result["sheets"]:
        sheet.merged = [(top, left, bottom, right) for top, left, bottom, right in sheet.merged]
    return FileFacts(**result)


def _clear(folder: Path, whole: bool) -> None:
    if whole:
        shutil.rmtree(folder, ignore_errors=True)
        return
    for old in (*folder.glob("*.rows"), folder / "workbook.json", folder / "workbook.part"):
        old.unlink(missing_ok=True)
