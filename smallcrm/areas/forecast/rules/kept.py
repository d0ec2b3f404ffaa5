"""Figures that were just worked out are given again as long as nothing is committed here, half a minute at the most.

As with the frame round a page: what another process writes is seen after that.
"""

from __future__ import annotations

import functools
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

from smallcrm import store
from smallcrm.base import clock
from smallcrm.records import cache

KEEP = 30.0
MOST = 64

T = TypeVar("T")
_held: OrderedDict[Any, tuple[float, Any, Any]] = OrderedDict()


def kept(function: Callable[..., T]) -> Callable[..., T]:
    """Keep the function's answers by its arguments: the actor, then what can be told apart by itself or by its ``mark``.

    What is given is not to be changed.
    """

    @functools.wraps(function)
    def wrapper(actor: Any, *args: Any) -> T:
        mark = (str(store.folder()), store.commits(), cache.seen(), clock.today(), clock.set_to())
        key = (function, actor.id, actor.via, actor.read_only, *(getattr(each, "mark", each) for each in args))
        found = _held.get(key)
        if found and found[0] > time.monotonic() and found[1] == mark:
            return found[2]
        made = function(actor, *args)
        _held[key] = (time.monotonic() + KEEP, mark, made)
        _held.move_to_end(key)
        while len(_held) > MOST:
            _held.popitem(last=False)
        return made

    return wrapper
