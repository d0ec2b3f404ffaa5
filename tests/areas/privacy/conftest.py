"""A directory of who may be told, so that the bell rings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from smallcrm.jobs import directory
from smallcrm.jobs.directory import Person
from tests.cast import Cast


class Everybody:
    """The cast; the owner answers for the program."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast

    def lookup(self, user_id: int) -> Person | None:
        """Anybody of the cast."""
        return Person(user_id, f"user {user_id}") if user_id in vars(self.cast).values() else None

    def admins(self) -> Sequence[int]:
        """The owner and the manager."""
        return (self.cast.owner, self.cast.manager)


@pytest.fixture(autouse=True)
def told(cast: Cast) -> Iterator[None]:
    """Ask the cast."""
    before = directory._directory
    directory.register(Everybody(cast))
    yield
    directory.register(before)
