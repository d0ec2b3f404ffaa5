"""Making the next while the last is written: a second process of this program, on its own core."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from smallcrm import store

T = TypeVar("T")


def ahead(blocks: Iterator[T]) -> Iterator[T]:
    """The same blocks. The first is made here, what follows in a forked process, which has no database.

    Raises RuntimeError when that process ends early; it has said why.
    """
    try:
        first = next(blocks)
    except StopIteration:
        return
    fork = get_context("fork")
    here, there = fork.Pipe(duplex=False)
    process = fork.Process(target=_send, args=(blocks, there), daemon=True)
    process.start()
    there.close()
    try:
        yield first
        yield from _received(here)
        process.join()
        if process.exitcode:
            raise RuntimeError(f"the process that makes the blocks ended with {process.exitcode}")
    finally:
        process.kill()
        process.join()
        here.close()


def _send(blocks: Iterator[T], there: Connection) -> None:
    store.leave_to_parent()
    for block in blocks:
        there.send(block)


def _received(here: Connection) -> Iterator[Any]:
    with suppress(EOFError):
        while True:
            yield here.recv()
