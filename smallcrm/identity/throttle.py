"""Guessing made slow: a few attempts are free, then one every so often, per account and per network address.

Held in memory: a restart forgets it. An account is never shut for good, and a browser that has signed in to it before
(``device``) has attempts of its own, so that strangers cannot keep its owner out. An address is an IPv4 one or an
IPv6 /64, as the connection has it, never as a header says.
"""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from smallcrm.base.errors import TooMany
from smallcrm.base.i18n import L
from smallcrm.base.text import fold

MOST_KEPT = 20_000


@dataclass(frozen=True)
class Limit:
    """``free`` attempts at once, then one every ``every`` seconds."""

    free: int
    every: float


# What is guessed → its limits per account and per address.
LIMITS: dict[str, tuple[Limit, Limit]] = {
    "password": (Limit(8, 30), Limit(10, 10)),
    "code": (Limit(5, 120), Limit(10, 30)),  # six digits: slower
    "confirm": (Limit(8, 30), Limit(10, 10)),
    "link": (Limit(10, 30), Limit(10, 30)),
    "forgot": (Limit(4, 600), Limit(10, 60)),
    "token": (Limit(10, 5), Limit(10, 5)),
    "setup": (Limit(10, 15), Limit(10, 15)),
    "web form": (Limit(120, 2), Limit(12, 20)),  # answers to a public form
}


@dataclass
class _Bucket:
    left: float
    at: float
    told: bool = False


class Attempt:
    """An attempt under way: it counts unless it turns out good."""

    def __init__(self, throttle: Throttle, keys: list[tuple[str, ...]]) -> None:
        self._throttle = throttle
        self._keys = keys

    def good(self) -> None:
        """It was right: the account's failures are forgotten, the address gets this one back."""
        self._throttle._good(self._keys)


class Throttle:
    """The buckets of one process."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._buckets: dict[tuple[str, ...], _Bucket] = {}
        self._lock = threading.Lock()

    @contextmanager
    def attempt(self, what: str, *, account: str = "", address: str = "", device: str = "") -> Iterator[Attempt]:
        """Count an attempt before it is made, so that twenty at the same time are twenty. Raises TooMany.

        ``detail['first']`` of the error is true once per row of refusals: for the audit log.
        """
        keys = self._keys(what, account, address, device)
        self._take(what, keys)
        yield Attempt(self, keys)

    def _keys(self, what: str, account: str, address: str, device: str) -> list[tuple[str, ...]]:
        keys: list[tuple[str, ...]] = []
        if account:
            keys.append(("device", what, fold(account), device) if device else ("account", what, fold(account)))
        if address:
            keys.append(("address", what, network(address)))
        return keys

    def _limit(self, key: tuple[str, ...]) -> Limit:
        return LIMITS[key[1]][1 if key[0] == "address" else 0]

    def _take(self, what: str, keys: list[tuple[str, ...]]) -> None:
        now = self._now()
        with self._lock:
            buckets = [(self._filled(key, now), self._limit(key)) for key in keys]
            wait = max((self._wait(bucket, limit) for bucket, limit in buckets), default=0.0)
            if wait <= 0:
                for bucket, _ in buckets:
                    bucket.left -= 1
                return
            short = [bucket for bucket, limit in buckets if self._wait(bucket, limit) > 0]
            first = not any(bucket.told for bucket in short)
            for bucket in short:
                bucket.told = True
        seconds = math.ceil(wait)
        raise TooMany(
            L("Too many attempts. Wait %(n)s seconds and try again.", n=seconds), after=seconds, first=first, what=what
        )

    @staticmethod
    def _wait(bucket: _Bucket, limit: Limit) -> float:
        return (1 - bucket.left) * limit.every if bucket.left < 1 else 0.0

    def _filled(self, key: tuple[str, ...], now: float) -> _Bucket:
        limit = self._limit(key)
        bucket = self._buckets.get(key)
        if bucket is None:
            self._tidy(now)
            bucket = self._buckets[key] = _Bucket(limit.free, now)
        bucket.left = min(float(limit.free), bucket.left + max(0.0, now - bucket.at) / limit.every)
        bucket.at = now
        if bucket.left >= 2:
            bucket.told = False
        return bucket

    def _tidy(self, now: float) -> None:
        if len(self._buckets) < MOST_KEPT:
            return
        full = [
            k for k, b in self._buckets.items() if (now - b.at) / self._limit(k).every + b.left >= self._limit(k).free
        ]
        for key in full or sorted(self._buckets, key=lambda k: self._buckets[k].at)[: MOST_KEPT // 10]:
            del self._buckets[key]

    def _good(self, keys: list[tuple[str, ...]]) -> None:
        with self._lock:
            for key in keys:
                bucket = self._buckets.get(key)
                if bucket is None:
                    continue
                if key[0] == "address":
                    bucket.left = min(float(self._limit(key).free), bucket.left + 1)
                else:
                    del self._buckets[key]

    def forget(self) -> None:
        """As at the beginning."""
        with self._lock:
            self._buckets.clear()


def network(address: str) -> str:
    """The IPv4 address, or the /64 an IPv6 address lies in: one household, one office."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


_throttle = Throttle()
attempt = _throttle.attempt
forget = _throttle.forget
