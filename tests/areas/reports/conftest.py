"""The scene, for reports and for what figures are made of."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.areas.reports import scene
from tests.areas.reports.scene import Scene
from tests.cast import Cast


@pytest.fixture
def company(cast: Cast) -> Iterator[Scene]:
    """A pipeline, three customers, and the clock on 18 November 2026."""
    with scene.on():
        yield Scene(cast)
