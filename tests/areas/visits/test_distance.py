"""Distances and what a position is worth."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm.areas.visits.records import IN_RANGE, OUT_OF_RANGE, UNVERIFIABLE
from smallcrm.areas.visits.rules.distance import RADIUS, along, metres, nearest_first, verdict
from tests.areas.visits.scene import ACROPOLIS, SYNTAGMA

POINTS = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
QUARTER = 10_018_756  # metres from the pole to the equator on this globe


def test_known_distances() -> None:
    assert metres((0, 0), (0, 90)) == QUARTER
    assert metres((90, 0), (0, 17)) == QUARTER
    assert metres((0, 0), (0, 180)) == 20_037_511
    assert metres((0, 0), (0, 1)) == 111_320
    assert metres((0, 179.9995), (0, -179.9995)) == 111
    assert 955 < metres(ACROPOLIS, SYNTAGMA) < 965


@given(POINTS, POINTS)
def test_there_is_as_far_as_back(one: tuple[float, float], other: tuple[float, float]) -> None:
    assert metres(one, other) == metres(other, one)
    assert 0 <= metres(one, other) <= 3.1416 * RADIUS
    assert metres(one, one) == 0


@pytest.mark.parametrize(
    ("distance", "accuracy", "said"),
    [
        (None, 10, UNVERIFIABLE), (0, None, IN_RANGE), (500, None, IN_RANGE), (501, None, OUT_OF_RANGE),
        (520, 20, IN_RANGE), (521, 20, OUT_OF_RANGE), (5500, 5000, IN_RANGE), (5501, 5000, OUT_OF_RANGE), (10, 5001, UNVERIFIABLE),
    ],
)  # fmt: skip
def test_the_verdict_at_its_borders(distance: int | None, accuracy: int | None, said: str) -> None:
    assert verdict(distance, accuracy, 500) == said


@given(st.integers(0, 10_000), st.integers(0, 5_000), st.integers(10, 3_000))
def test_being_less_sure_never_harms(distance: int, accuracy: int, allowed: int) -> None:
    if verdict(distance, 0, allowed) == IN_RANGE:
        assert verdict(distance, accuracy, allowed) == IN_RANGE


def test_the_way_passes_over_what_has_no_point() -> None:
    assert along([]) == along([None, ACROPOLIS, None]) == 0
    assert along([ACROPOLIS, None, SYNTAGMA]) == metres(ACROPOLIS, SYNTAGMA)


@given(st.lists(st.one_of(st.none(), POINTS), max_size=8), st.one_of(st.none(), POINTS))
def test_putting_in_order_loses_nobody(
    points: list[tuple[float, float] | None], start: tuple[float, float] | None
) -> None:
    stops = list(range(len(points)))
    known = {n: point for n, point in enumerate(points) if point is not None}
    found = nearest_first(stops, known, start)
    assert sorted(found) == stops
    assert [n for n in found if n not in known] == [n for n in stops if n not in known]
    if known:
        first = found[0]
        wanted = min(metres(start, p) for p in known.values()) if start else 0
        assert (metres(start, known[first]) == wanted) if start else first == min(known)
