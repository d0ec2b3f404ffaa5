"""The pipeline's fixtures."""

from __future__ import annotations

import pytest

from tests.areas.pipeline.scene import Company
from tests.cast import Cast


@pytest.fixture
def company(cast: Cast) -> Company:
    """The cast with a pipeline of four open stages, and makers of what stands in it."""
    return Company(cast)
