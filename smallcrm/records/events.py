"""What happened, told to whoever registered: inside the transaction (``derive``) or after it (``events``).

Areas listen instead of importing each other backwards. A listener that fails after the commit is logged and takes
nothing back.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from smallcrm import store

if TYPE_CHECKING:
    from smallcrm.records.drafts import Draft

Listener = Callable[[list["Draft"]], None]

_after: dict[str, list[Listener]] = {}
_named: dict[str, list[Callable[..., None]]] = {}
log = logging.getLogger("smallcrm.events")


def on_change(key: str) -> Callable[[Listener], Listener]:
    """Call the function with the drafts of type ``key`` after each commit that held any."""

    def keep(function: Listener) -> Listener:
        _after.setdefault(key, []).append(function)
        return function

    return keep


def on(name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Call the function with the event's details when ``name`` was told."""

    def keep(function: Callable[..., None]) -> Callable[..., None]:
        _named.setdefault(name, []).append(function)
        return function

    return keep


def tell(name: str, **details: Any) -> None:
    """Tell an event once the transaction under way has been committed."""
    for listener in _named.get(name, ()):
        store.after_commit(lambda listener=listener: _call(listener, **details))  # type: ignore[misc]


def changed(drafts: list[Draft]) -> None:
    """Called by ``change`` for every write: arranges the listeners' calls."""
    by_key: dict[str, list[Draft]] = {}
    for draft in drafts:
        if draft.kind.card.key in _after:
            by_key.setdefault(draft.kind.card.key, []).append(draft)
    for key, mine in by_key.items():
        for listener in _after[key]:
            store.after_commit(lambda listener=listener, mine=mine: _call(listener, mine))  # type: ignore[misc]


def _call(listener: Callable[..., None], *args: Any, **details: Any) -> None:
    try:
        listener(*args, **details)
    except Exception:
        log.exception("a listener failed: %s", getattr(listener, "__qualname__", listener))
