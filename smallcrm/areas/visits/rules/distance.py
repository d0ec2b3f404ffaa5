"""Straight-line distances: between two points, along a day's stops, and whether a visitor was near enough."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from smallcrm.areas.visits.records import IN_RANGE, OUT_OF_RANGE, UNVERIFIABLE

Point = tuple[float, float]  # latitude, longitude in degrees, WGS-84
T = TypeVar("T")

RADIUS = 6_378_138  # metres
TOO_ROUGH = 5_000  # metres of uncertainty from which a position says nothing


def metres(one: Point, other: Point) -> int:
    """The distance over the ground, by the haversine formula."""
    lat1, lon1, lat2, lon2 = map(math.radians, (*one, *other))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return round(2 * RADIUS * math.asin(math.sqrt(min(1.0, half))))


def verdict(distance: int | None, accuracy: int | None, allowed: int) -> str:
    """What a check-in is worth: what the telephone is unsure of counts in the visitor's favour, up to a bound."""
    if distance is None or (accuracy or 0) > TOO_ROUGH:
        return UNVERIFIABLE
    return IN_RANGE if distance - (accuracy or 0) <= allowed else OUT_OF_RANGE


def along(points: Iterable[Point | None]) -> int:
    """The length of the way from each to the next; what has no point is passed over."""
    known = [point for point in points if point is not None]
    return sum(metres(a, b) for a, b in itertools.pairwise(known))


def nearest_first(stops: Sequence[T], points: Mapping[T, Point], start: Point | None = None) -> list[T]:
    """The stops so that each is the nearest to the one before, from ``start`` or from the first; those without a point last."""
    left = [stop for stop in stops if stop in points]
    found: list[T] = []
    if start is None and left:
        found.append(left.pop(0))
        start = points[found[0]]
    while left and start is not None:
        here = start
        following = min(left, key=lambda stop: metres(here, points[stop]))
        left.remove(following)
        found.append(following)
        start = points[following]
    return found + [stop for stop in stops if stop not in points]
