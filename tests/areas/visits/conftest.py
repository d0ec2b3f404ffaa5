"""The visits' fixtures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from smallcrm.jobs import directory
from tests.areas.pool.scene import listening
from tests.areas.visits.scene import Outside, at
from tests.cast import Cast


@pytest.fixture
def outside(cast: Cast) -> Iterator[Outside]:
    """The cast on a Monday morning, with makers of customers and visits."""
    listening()
    with at("09:00"):
        yield Outside(cast)
    directory.register(None)
