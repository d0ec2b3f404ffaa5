"""Mail servers and the settings that lead to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from smallcrm.jobs.outbox import settings
from tests.jobs.outbox.mailserver import MailServer, Rude


@pytest.fixture
def mailserver(folder: Path) -> Iterator[MailServer]:
    """A well-behaved mail server that is set up in the settings."""
    server = MailServer()
    settings.provide(mail=server.settings, base_url=lambda: "https://crm.office.example", company=lambda: "Office Ltd")
    yield server
    server.close()


@pytest.fixture
def rude() -> Iterator[Callable[..., Rude]]:
    """Makes servers that misbehave, and closes them."""
    made: list[Rude] = []

    def make(*script: Any, drip: float = 0.0) -> Rude:
        made.append(Rude(list(script), drip=drip))
        return made[-1]

    yield make
    for each in made:
        each.close()
