"""The fixtures of what joins the areas."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from tests.joints.scene import Company


@pytest.fixture
def company(cast: Cast) -> Company:
    """The cast with a pipeline, and makers."""
    return Company(cast)
