"""The worker's own end: ``python -m smallcrm.records.exchange.reader``. See ``worker``.

It limits its own memory, time and files before it touches anybody's bytes.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from smallcrm.records.exchange.refusals import Limits, Unreadable


def main() -> int:
    """Do the one task that stands on standard input."""
    source, out = sys.stdin.buffer, sys.stdout.buffer

    def say(**event: Any) -> None:
        out.write(json.dumps(event).encode() + b"\n")
        out.flush()

    settings = json.loads(source.readline() or b"{}")
    _restrain(settings)
    if settings.get("temporary"):
        tempfile.tempdir = settings["temporary"]
    try:
        result = TASKS[settings["task"]](settings, source, _steps(say))
    except Unreadable as refusal:
        say(refused=refusal.code, values=refusal.values)
    except MemoryError:
        say(refused="memory", values={})
    except OSError as fault:
        if fault.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        say(disk_full=True)
    except BaseException as fault:
        # While reading, the file is to blame, not the program; a panic inside calamine is no Exception.
        if settings["task"] == "write" or not isinstance(fault, Exception | _panic()):
            raise
        traceback.print_exc()
        say(refused="damaged", values={})
    else:
        say(result=result)
    return 0


def _panic() -> type[BaseException]:
    """What Rust's panics arrive as; nothing else below BaseException is taken for the file's fault."""
    return next((kind for kind in BaseException.__subclasses__() if kind.__name__ == "PanicException"), Exception)


def _steps(say: Callable[..., None]) -> Callable[[float], None]:
    """Progress, at most once a percent."""
    told = -1

    def step(share: float) -> None:
        nonlocal told
        if int(share * 100) > told:
            told = int(share * 100)
            say(progress=round(share, 3))

    return step


def _restrain(settings: dict[str, Any]) -> None:
    """Let others go first, and hold to the limits; where the system knows none, the parent's clock must do."""
    try:
        import resource

        os.nice(5)
        for kind, most in (
            (resource.RLIMIT_AS, settings.get("memory", 0)),
            (resource.RLIMIT_CPU, settings.get("seconds", 0)),
            (resource.RLIMIT_CORE, -1),
        ):
            if most:
                hard = resource.getrlimit(kind)[1]
                most = max(0, most) if hard == resource.RLIM_INFINITY else min(max(0, most), hard)
                resource.setrlimit(kind, (most, most))
    except (ImportError, ValueError, OSError):
        pass


def _read(settings: dict[str, Any], source: BinaryIO, step: Callable[[float], None]) -> dict[str, Any]:
    path, folder, limits = Path(settings["path"]), Path(settings["folder"]), Limits(**settings["limits"])
    if settings["kind"] == "text":
        from smallcrm.records.exchange.text_files import read_text

        return asdict(read_text(path, folder, settings, limits, step))
    from smallcrm.records.exchange.spreadsheets import read_workbook

    return asdict(read_workbook(path, settings["kind"], folder, limits, step))


def _write(settings: dict[str, Any], source: BinaryIO, step: Callable[[float], None]) -> dict[str, Any]:
    from smallcrm.records.exchange.cells import unpack_row
    from smallcrm.records.exchange.sheets_out import write_book

    def rows() -> Iterator[list[Any]]:
        for line in source:
            yield unpack_row(line)

    return write_book(Path(settings["path"]), settings["book"], rows())


def _cards(settings: dict[str, Any], source: BinaryIO, step: Callable[[float], None]) -> dict[str, Any]:
    from smallcrm.records.exchange.cards import spool_cards

    return spool_cards(settings)


TASKS: dict[str, Callable[[dict[str, Any], BinaryIO, Callable[[float], None]], dict[str, Any]]] = {
    "read": _read,
    "cards": _cards,
    "write": _write,
}

if __name__ == "__main__":
    raise SystemExit(main())
