"""The forecast's fixtures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.areas.forecast.scene import Company, on
from tests.cast import Cast


@pytest.fixture
def company(cast: Cast) -> Iterator[Company]:
    """The cast with a pipeline, on Friday 20 November 2026 unless a test says otherwise."""
    with on("2026-11-20"):
        yield Company(cast)
