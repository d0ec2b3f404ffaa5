"""A process of its own for what takes long, much memory or other people's bytes; this end starts it.

The other end is ``reader``. A task goes in as one line of JSON, rows may follow; lines of JSON come out: progress, then
the result or a refusal. Cancelling is an exception out of the progress callback: the process is ended.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import smallcrm
from smallcrm.base.errors import DiskFull
from smallcrm.base.i18n import L
from smallcrm.records.exchange.refusals import Unreadable

# In the single binary there is no "python -m": the command line hands over when it sees this as its first argument.
FLAG = "--exchange-worker"
_log = logging.getLogger(__name__)

Progress = Callable[[float], None]


def command() -> list[str]:
    """How to start this program's worker."""
    if getattr(sys, "frozen", False):
        return [sys.executable, FLAG]
    return [sys.executable, "-m", "smallcrm.records.exchange.reader"]


def _environment() -> dict[str, str]:
    """The worker must find the same copy of the program, and Rust need not print where it stumbled."""
    home = str(Path(smallcrm.__file__).resolve().parent.parent)
    path = os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH", "")]))
    return {**os.environ, "PYTHONPATH": path, "RUST_BACKTRACE": "0", "PYTHONIOENCODING": "utf-8"}


def run(
    task: str,
    settings: dict[str, Any],
    *,
    feed: Iterable[bytes] = (),
    progress: Progress | None = None,
    timeout: float = 600,
) -> dict[str, Any]:
    """Have a worker do ``task``; its result. Raises ``Unreadable``, ``DiskFull`` or whatever ``progress`` raises."""
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(  # noqa: S603
            command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, env=_environment()
        )
        try:
            with suppress(BrokenPipeError):
                _send(process, task, settings, feed)
            result = _listen(process, progress or (lambda _: None), time.monotonic() + timeout)
            return result if result is not None else _ended(process.wait(), complaints)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with suppress(OSError):
                        stream.close()
            _report(process.returncode, complaints)


def _send(process: subprocess.Popen[bytes], task: str, settings: dict[str, Any], feed: Iterable[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps({"task": task, **settings}).encode() + b"\n")
    for line in feed:
        process.stdin.write(line)
    process.stdin.close()


def _listen(process: subprocess.Popen[bytes], progress: Progress, until: float) -> dict[str, Any] | None:
    """Pass on what comes out; ask ``progress`` twice a second even while nothing does, so that it can cancel.

    None where the worker ended without a word.
    """
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_collect, args=(process.stdout, lines), daemon=True).start()
    share = 0.0
    while True:
        if time.monotonic() > until:
            raise Unreadable("time")
        try:
            line = lines.get(timeout=0.5)
        except queue.Empty:
            progress(share)
            continue
        if not line:
            return None
        event = json.loads(line)
        if "progress" in event:
            share = float(event["progress"])
            progress(share)
        elif "refused" in event:
            raise Unreadable(event["refused"], **event["values"])
        elif "disk_full" in event:
            raise DiskFull(L("There is no room on the disk. Nothing was kept of this file."))
        else:
            return dict(event["result"])


def _collect(stream: Any, lines: queue.SimpleQueue[bytes]) -> None:
    with suppress(OSError, ValueError):
        for line in stream:
            lines.put(line)
    lines.put(b"")


def _ended(code: int, complaints: Any) -> dict[str, Any]:
    """Say why a worker ended without a word: for its time, for memory, or by a mistake of ours."""
    text = _complaint(complaints)
    if code == -_SIGXCPU:
        raise Unreadable("time")
    if code < 0 or "MemoryError" in text:
        raise Unreadable("memory")
    raise RuntimeError(f"exchange worker ended with {code}: {text[-500:]}")


_SIGXCPU = 24


def _complaint(complaints: Any) -> str:
    complaints.seek(0)
    return str(complaints.read(20_000).decode("utf-8", "replace")).strip()


def _report(code: int | None, complaints: Any) -> None:
    if text := _complaint(complaints):
        _log.warning("exchange worker ended with %s: %s", code, text.splitlines()[0 if code else -1][:300])
