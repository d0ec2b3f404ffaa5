"""The pool's fixtures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from smallcrm.jobs import directory
from tests.areas.pool import scene
from tests.areas.pool.scene import Company
from tests.cast import Cast


@pytest.fixture
def company(cast: Cast) -> Iterator[Company]:
    """The cast with makers of pools and customers, on the first Monday of March 2026 unless a test says otherwise."""
    scene.listening()
    with scene.on(0):
        yield Company(cast)
    directory.register(None)
