"""The work reports' fixtures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from smallcrm.jobs import directory
from tests.areas.pool.scene import listening
from tests.areas.visits.scene import at
from tests.areas.workreports.scene import Office
from tests.cast import Cast


@pytest.fixture
def office(cast: Cast) -> Iterator[Office]:
    """The cast on a Monday at noon, with a daily rule for Anna and Bob."""
    listening()
    with at("00:00", -60):
        made = Office(cast)
        made.join()
    with at("12:00"):
        yield made
    directory.register(None)
