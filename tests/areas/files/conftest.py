"""A customer of Anna's, and files on it."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from smallcrm.areas.files import rules
from smallcrm.areas.files.records import File
from smallcrm.records.record import Record, by_key
from tests import samples
from tests.cast import Cast

Put = Callable[..., File]


@pytest.fixture
def customer(cast: Cast) -> Record:
    """A customer of Anna's."""
    return samples.make(cast.actor("anna"), by_key("customer"), cast, minimal=True, name="Arkwright Bakeries")


@pytest.fixture
def put(cast: Cast, customer: Record) -> Put:
    """Make a file: ``put(b"content", "name.txt")``; by Anna on her customer unless told otherwise."""

    def make(content: bytes, name: str, *, place: Record | None = None, who: str = "anna", **values: Any) -> File:
        return rules.upload(cast.actor(who), place or customer, io.BytesIO(content), name=name, **values)

    return make
