"""What tests of administration share: backups of the company, made and opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from smallcrm import opening
from smallcrm.areas.admin import means
from smallcrm.areas.admin.rules import looking, restoring
from smallcrm.config import Config
from smallcrm.jobs import registry, stop
from smallcrm.store import routine
from smallcrm.web.gate import gate
from tests.cast import Cast
from tests.client import Browser, Web


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    """Jobs and means of a server, nothing of which is left for the next test."""
    kept = dict(registry._jobs)
    opening.register(Config())
    gate._inside = 0  # answers that other tests have not closed
    yield
    looking.close()
    restoring._last = None
    stop.reset()
    means.provide(Config())
    registry._jobs.clear()
    registry._jobs.update(kept)


@pytest.fixture
def olga(web: Web) -> Browser:
    """The owner's browser."""
    return web.browser("owner")


@pytest.fixture
def backup(cast: Cast) -> Callable[[], str]:
    """Make a backup of the company as it stands; its name."""
    assert cast.owner
    return lambda: routine.back_up(label="by hand").backup.path.name
