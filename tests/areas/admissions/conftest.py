"""The fixtures of admissions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.areas.admissions.scene import School, on
from tests.cast import Cast


@pytest.fixture
def school(cast: Cast) -> Iterator[School]:
    """The cast as a school, on Monday 1 March 2027."""
    with on():
        yield School(cast)
