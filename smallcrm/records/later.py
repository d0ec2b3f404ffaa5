"""What follows from records, put off to the end of a load: else it is derived again for each of the many things told of one record.

Nothing but a load of a whole folder gathers: whoever reads meanwhile would find what is not derived yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from smallcrm import store

Derive = Callable[[list[int]], object]

AT_ONCE = 1000  # records a transaction

_gathered: ContextVar[dict[Derive, set[int]] | None] = ContextVar("gathered", default=None)


def put_off(derive: Derive, ids: Iterable[int]) -> bool:
    """Whether ``derive`` will be called with these ids at the end, not now."""
    held = _gathered.get()
    if held is None:
        return False
    held.setdefault(derive, set()).update(ids)
    return True


@contextmanager
def gathering() -> Iterator[None]:
    """Put off what can be; derive it when the block ends, a short transaction at a time."""
    held: dict[Derive, set[int]] = {}
    token = _gathered.set(held)
    try:
        yield
    finally:
        _gathered.reset(token)
    for derive, ids in held.items():
        wanted = sorted(ids)
        for start in range(0, len(wanted), AT_ONCE):
            with store.writing():
                derive(wanted[start : start + AT_ONCE])
