"""What is looked up on every request and rarely changes: rights, terms, settings, custom fields.

One row counts the changes of configuration. A cached value is kept for as long as that count stands, so another process
(the command line beside the server) is seen at the next request.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import peewee

from smallcrm import store

T = TypeVar("T")


class ConfigVersion(store.Table):
    """One row: how often configuration has changed."""

    id = peewee.IntegerField(primary_key=True)
    n = peewee.IntegerField(default=0)

    class Meta:
        table_name = "config_version"


_kept: dict[Any, Any] = {}
_kept_for: tuple[str, int] = ("", -1)


class _Local(threading.local):
    changed_in = 0  # the transaction in which this thread changed configuration


_local = _Local()


def bump() -> None:
    """Configuration changes in this transaction."""
    _local.changed_in = store.transaction()
    store.after_commit(_after_bump)
    store.run("INSERT INTO config_version (id, n) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET n = n + 1")


def _after_bump() -> None:
    current()


def current() -> int:
    """The count, read now; drops what was kept for another."""
    global _kept, _kept_for
    n = int(store.value("SELECT n FROM config_version WHERE id = 1") or 0)
    mark = (str(store.folder()), n)
    if mark != _kept_for:
        _kept = {}
        _kept_for = mark
    return n


def seen() -> int:
    """The count as it was last read: at the beginning of this request."""
    return _kept_for[1]


def kept(function: Callable[..., T]) -> Callable[..., T]:
    """Keep the function's answers (by hashable arguments) until configuration changes.

    A transaction that changes configuration itself reads afresh: it may yet be rolled back.
    """

    @functools.wraps(function)
    def wrapper(*args: Any) -> T:
        if store.in_writing() and _local.changed_in == store.transaction():
            return function(*args)
        current_kept = _kept
        key = (function, args)
        try:
            return current_kept[key]
        except KeyError:
            found = current_kept[key] = function(*args)
            return found

    return wrapper


def forget() -> None:
    """Drop everything, for tests and after a restore."""
    global _kept, _kept_for
    _kept = {}
    _kept_for = ("", -1)
