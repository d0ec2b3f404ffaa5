"""Whether this process has been asked to end. Anything that takes long looks here between two steps."""

from __future__ import annotations

import threading

_asked = threading.Event()


def ask() -> None:
    """Called once at SIGTERM."""
    _asked.set()


def asked() -> bool:
    """Finish what is in hand and begin nothing new."""
    return _asked.is_set()


def wait(seconds: float) -> bool:
    """Sleep, but no longer than until the process is asked to end; whether it was."""
    return _asked.wait(seconds)


def reset() -> None:
    """Forget it, when one process serves again after a stop (tests, restore from the page)."""
    _asked.clear()
