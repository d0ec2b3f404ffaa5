"""The users as jobs know them: how to reach somebody, and who is told of the program's own troubles."""

from __future__ import annotations

import json
from collections.abc import Sequence

from smallcrm import store
from smallcrm.areas.people import roles
from smallcrm.areas.people.rules import own
from smallcrm.jobs import directory
from smallcrm.jobs.directory import Person
from smallcrm.records import cache, settings


class Users:
    """``jobs.directory`` over the user records."""

    def lookup(self, user_id: int) -> Person | None:
        return _person(user_id)

    def admins(self) -> Sequence[int]:
        return _admins()


@cache.kept
def _person(user_id: int) -> Person | None:
    row = store.row(
        "SELECT id, name, coalesce(email, ''), language, notify, coalesce(chat_name, phone, '') FROM \"user\""
        " WHERE id = ? AND active = 1 AND deleted_at IS NULL",
        [user_id],
    )
    if row is None:
        return None
    number, name, email, language, notify, mobile = row
    return Person(
        id=number,
        name=name,
        email=email,
        language=language or str(settings.get("company.language")),
        zone=str(settings.get("company.timezone")),
        channels={"": _outside(json.loads(notify or "[]")), **own.channels_by_kind(user_id)},
        mobile=mobile,
    )


def _outside(channels: Sequence[str]) -> list[str]:
    """The page's bell rings in any case; what is left is where else."""
    return [channel for channel in channels if channel != "page"]


@cache.kept
def _admins() -> Sequence[int]:
    found = store.rows('SELECT id, role FROM "user" WHERE active = 1 AND deleted_at IS NULL ORDER BY id')
    return [user for user, role in found if (held := roles.rights(role or 0)) and held.may("backup")]


def register() -> None:
    """Called when the area is loaded."""
    directory.register(Users())
