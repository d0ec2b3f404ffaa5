"""When one is reminded of what is planned: so long before as its owner chose, on the business's clock."""

from __future__ import annotations

import datetime as dt

from smallcrm import store
from smallcrm.base import clock
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L, Label
from smallcrm.identity.actor import Actor
from smallcrm.records import cache, settings

DAY = 24 * 60
LEADS: dict[int | None, Label] = {
    None: L("no reminder"), 0: L("when it is due"), 10: L("10 minutes before"), 30: L("30 minutes before"),
    60: L("an hour before"), DAY: L("a day before"),
}  # fmt: skip
USUAL = 10  # for whoever has chosen nothing


@cache.kept
def _leads() -> dict[int, int | None]:
    return dict(store.rows("SELECT user, lead FROM activity_preference"))


def lead_of(user: int | None) -> int | None:
    """The minutes before what is due at which the user wants to be reminded; None for not at all."""
    return _leads().get(user or 0, USUAL)


def choose(actor: Actor, lead: int | None) -> None:
    """Set one's own lead time. Raises Invalid for one that is not offered."""
    if lead not in LEADS:
        raise Invalid({"lead": [str(L("Choose one of the list."))]})
    with store.writing():
        store.run(
            "INSERT INTO activity_preference (user, lead) VALUES (?, ?) ON CONFLICT (user) DO UPDATE SET lead = excluded.lead",
            [actor.id, lead],
        )
        cache.bump()


def day_begins() -> dt.time:
    """When one is reminded of what is due any time that day."""
    try:
        return dt.time.fromisoformat(str(settings.get("follow_ups.day_begins") or "09:00").zfill(5))
    except ValueError:
        return dt.time(9)


def remind_at(due: dt.datetime, lead: int | None, *, all_day: bool) -> dt.datetime | None:
    """The moment of the reminder. A day before means the same time on the clock, whatever the clock did that night."""
    if lead is None:
        return None
    if all_day:
        day = clock.day_of(due) - dt.timedelta(days=1 if lead >= DAY else 0)
        return clock.at_local(day, day_begins())
    if lead == DAY:
        local = due.astimezone(clock.business_zone())
        return clock.at_local(local.date() - dt.timedelta(days=1), local.time().replace(tzinfo=None))
    return due - dt.timedelta(minutes=lead)


def lead_words(due: str, reminder: str | None, *, all_day: bool) -> int | str | None:
    """The lead that gives this reminder, or ``"other"`` where it was set to a time of its own."""
    if reminder is None:
        return None
    at = clock.moment(due)
    return next((n for n in LEADS if n is not None and _same(remind_at(at, n, all_day=all_day), reminder)), "other")


def _same(moment: dt.datetime | None, stored: str) -> bool:
    return moment is not None and clock.iso(moment) == stored
