"""The leads' fixtures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from smallcrm.jobs import directory
from tests.areas.leads import scene as scenes
from tests.areas.leads.scene import Scene
from tests.cast import Cast


@pytest.fixture
def scene(cast: Cast) -> Iterator[Scene]:
    """The cast on the first Monday of March 2026, at nine."""
    scenes.listening()
    with scenes.on(0):
        yield Scene(cast)
    directory.register(None)
