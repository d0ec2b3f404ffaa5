"""What every test may ask for. ``folder`` is an open, empty data folder with the whole schema."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from smallcrm import store
from smallcrm.store import table


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An open data folder with every table that has been imported."""
    store.open_folder(tmp_path, create=True)
    with store.writing():
        for statement in table.statements():
            store.run(statement)
    yield tmp_path
    store.close()
