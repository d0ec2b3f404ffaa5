"""The marked company: built once a session, opened fresh where a test writes."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from smallcrm import store
from smallcrm.records import cache, settings
from tests.cast import Cast
from tests.client import Web
from tests.safety import world as building
from tests.safety.world import World


@pytest.fixture(scope="session")
def world_template(company_template: tuple[Path, Cast], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """The marked company, built once, closed."""
    source, cast = company_template
    data = tmp_path_factory.mktemp("marked") / "data"
    shutil.copytree(source, data)
    store.open_folder(data)
    cache.forget()
    settings.apply()
    world = building.build(cast)
    store.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return data, world


@pytest.fixture
def world(world_template: tuple[Path, World], tmp_path: Path) -> Iterator[World]:
    """The marked company in a folder of this test's own, open."""
    source, made = world_template
    data = tmp_path / "marked"
    shutil.copytree(source, data)
    store.open_folder(data)
    cache.forget()
    settings.apply()
    yield copy.copy(made)
    store.close()


@pytest.fixture
def marked(world: World) -> Web:
    """Pages and API of the marked company."""
    return Web(world.cast)
