"""Who is away on a day, and who stands in. Everybody enters their own; a manager those of the team, the settings' keeper all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from smallcrm import store
from smallcrm.areas.leads.records import Absence
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden, Invalid, NotFound
from smallcrm.base.i18n import L, Label
from smallcrm.identity.actor import Actor
from smallcrm.records import access, cache, change, changesets, derive, questions, warnings
from smallcrm.records.drafts import Draft
from smallcrm.records.record import Record, values

DAYS = 366  # that one entry may span


@cache.kept
def _every() -> tuple[tuple[int, str, str, int | None], ...]:
    sql = "SELECT user, since, until, deputy FROM absence WHERE deleted_at IS NULL ORDER BY since, id"
    return tuple(tuple(row) for row in store.rows(sql))


def away(day: dt.date | None = None) -> dict[int, int | None]:
    """User → deputy (None for nobody), of those who are away on a day."""
    wanted = (day or clock.today()).isoformat()
    return {user: deputy for user, since, until, deputy in _every() if since <= wanted <= until}


@derive.on("absence")
def changed(_drafts: list[Draft]) -> None:
    """Looked up anew."""
    cache.bump()


@warnings.on("absence")
def odd(held: Mapping[str, Any]) -> Iterable[tuple[str, Label]]:
    """What makes an absence without effect."""
    if held.get("since") and held.get("until") and held["until"] < held["since"]:
        yield "until", L("It ends before it begins.")
    if held.get("deputy") and held["deputy"] == held.get("user"):
        yield "deputy", L("Nobody stands in for themselves.")


# ---------------------------------------------------------------- one's own


def mine(actor: Actor) -> list[Record]:
    """The actor's own, those to come and of the last month, the nearest first."""
    since = (clock.today() - dt.timedelta(days=31)).isoformat()
    sql = "SELECT id FROM absence WHERE user = ? AND until >= ? AND deleted_at IS NULL ORDER BY since, id"
    from smallcrm.identity.actor import SYSTEM

    return access.fetch_many(SYSTEM, Absence, [i for (i,) in store.rows(sql, [actor.id, since])])


def enter(actor: Actor, *, since: str, until: str, reason: str = "", deputy: int | None = None) -> Record:
    """The actor will be away. Raises Invalid, Forbidden for a token that only reads."""
    if actor.read_only:
        raise Forbidden(access.refusal(actor, "create"))
    errors: dict[str, list[str]] = {}
    days: dict[str, dt.date] = {}
    for name, text in (("since", since), ("until", until or since)):
        try:
            days[name] = dt.date.fromisoformat(text)
        except ValueError:
            errors[name] = [str(L("There is no such date."))]
    if not errors and days["until"] < days["since"]:
        errors["until"] = [str(L("It ends before it begins."))]
    if not errors and (days["until"] - days["since"]).days > DAYS:
        errors["until"] = [str(L("At most a year at a time."))]
    if deputy == actor.id:
        errors["deputy"] = [str(L("Nobody stands in for themselves."))]
    if errors:
        raise Invalid(errors)
    given = {
        "user": actor.id, "since": days["since"].isoformat(), "until": days["until"].isoformat(), "deputy": deputy or None,
        "reason": reason.strip() or str(L("Away")),
    }  # fmt: skip
    return change.create(actor, Absence, given, trusted=True)


def take_back(actor: Actor, number: int) -> None:
    """The actor will be there after all. Raises NotFound, also for another's."""
    from smallcrm.identity.actor import SYSTEM

    record = access.fetch(SYSTEM, Absence, number)
    if record is None or values(record)["user"] != actor.id or actor.read_only:
        raise NotFound(L("There is nothing here, or you may not see it."))
    with changesets.opened(actor, "delete"), store.writing():
        change.bin_with_children(actor, Absence, [number])


@questions.answers(questions.ABSENT, "user")
def days_away(users: Sequence[int]) -> Mapping[int, list[tuple[str, str]]]:
    """User → the first and last days (ISO) of their absences."""
    found: dict[int, list[tuple[str, str]]] = {}
    for user, since, until, _deputy in _every():
        if user in users:
            found.setdefault(user, []).append((since, until))
    return found


@questions.answers(questions.STANDS_IN, "user")
def deputies(users: Sequence[int]) -> Mapping[int, int]:
    """User → who stands in today."""
    return {user: deputy for user, deputy in away().items() if deputy and user in users}
