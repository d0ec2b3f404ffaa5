"""Activities as other calendars read them (RFC 5545): a person's feed, and one activity alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from icalendar import Alarm, Calendar, Event

from smallcrm import store
from smallcrm.areas.activities.logline.chips import KINDS
from smallcrm.areas.activities.records import Activity
from smallcrm.areas.activities.rules import agenda, diary, repeating
from smallcrm.areas.activities.rules.states import day_of
from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.base import clock, ids
from smallcrm.base.i18n import L
from smallcrm.identity import key
from smallcrm.identity.actor import Actor
from smallcrm.jobs import letter
from smallcrm.jobs.outbox import settings as outgoing
from smallcrm.records import access, rows, settings

BACK = dt.timedelta(days=60)
AHEAD = dt.timedelta(days=400)
SERIES = dt.timedelta(days=120)  # how far ahead a series is written out
MOST = 2000


# ---------------------------------------------------------------- whose feed it is


def nonce_of(user: int) -> str | None:
    """What makes the address of somebody's feed; None where they have none."""
    found = store.value("SELECT nonce FROM calendar_feed WHERE user = ?", [user])
    return str(found) if found else None


def renew(actor: Actor) -> str:
    """A new address; the one before leads nowhere from now on."""
    nonce = ids.token(32)
    with store.writing():
        store.run(
            "INSERT INTO calendar_feed (user, nonce, created_at) VALUES (?, ?, ?) ON CONFLICT (user) DO UPDATE SET"
            " nonce = excluded.nonce, created_at = excluded.created_at",
            [actor.id, nonce, clock.stamp()],
        )
    return nonce


def switch_off(actor: Actor) -> None:
    """No feed any more."""
    with store.writing():
        store.run("DELETE FROM calendar_feed WHERE user = ?", [actor.id])


def token_of(user: int, nonce: str) -> str:
    """The feed's name in its address: made with the installation's key, so a copy of the database does not give it away."""
    return f"{user}-{ids.sign(key.secret(), 'calendar feed', f'{user} {nonce}')}"


def user_of(token: str) -> int | None:
    """Whose feed a token opens; None for none."""
    number, _, _ = token.partition("-")
    if not (number.isascii() and number.isdigit() and len(number) < 12):
        return None
    nonce = nonce_of(int(number))
    return int(number) if nonce and ids.same(token, token_of(int(number), nonce)) else None


# ---------------------------------------------------------------- what stands in it


@dataclass(frozen=True)
class Written:
    """A calendar as text, and when anything in it last changed."""

    body: bytes
    changed: dt.datetime | None


def feed(actor: Actor) -> Written:
    """Somebody's own plans, and what they did of late."""
    start, end = clock.iso(clock.now() - BACK), clock.iso(clock.now() + AHEAD)
    found = store.rows(
        "SELECT id FROM activity t INDEXED BY activity_open_owner WHERE t.owner = ? AND t.done_at IS NULL AND t.deleted_at IS NULL"
        " AND t.due_at >= ? AND t.due_at < ? ORDER BY t.due_at LIMIT ?",
        [actor.id, start, end, MOST],
    )
    done = store.rows(
        "SELECT id FROM activity t INDEXED BY ix_activity_done_at WHERE t.done_at >= ? AND t.owner = ? AND t.deleted_at IS NULL"
        " AND t.due_at IS NOT NULL AND t.kind <> 'note' ORDER BY t.done_at DESC LIMIT ?",
        [start, actor.id, MOST],
    )
    return write(actor, [row[0] for row in (*found, *done)])


def write(actor: Actor, numbers: Sequence[int], *, series: bool = True) -> Written:
    """These activities, as far as the actor sees them."""
    where, params = access.reach(actor, Activity).where()
    held = rows.load(Activity, numbers, f"t.deleted_at IS NULL AND {where}", params)
    customers = agenda.parties(actor, Customer, {each["customer"] for each in held.values()})
    contacts = agenda.parties(actor, Contact, {each["contact"] for each in held.values()})
    readable = access.readable(actor, Activity)
    calendar = _calendar(actor)
    for number in sorted(held):
        values = {n: v for n, v in held[number].items() if n in readable or n in _ALWAYS}
        parties = [
            p for p in (contacts.get(values.get("contact") or 0), customers.get(values.get("customer") or 0)) if p
        ]
        for day in _days(values) if series else [None]:
            calendar.add_component(_event(values, parties, day))
    calendar.add_missing_timezones()
    changed = max((each["updated_at"] for each in held.values()), default=None)
    return Written(calendar.to_ical(), clock.moment(changed) if changed else None)


_ALWAYS = ("id", "version", "created_at", "updated_at", "due_at", "done_at", "all_day", "repeats_on")


def _calendar(actor: Actor) -> Calendar:
    calendar = Calendar()
    name = f"{actor.name} · {settings.get('company.name')}"
    calendar.add("prodid", "-//smallcrm//smallcrm//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", str(clock.business_zone()))
    calendar.add("refresh-interval", dt.timedelta(hours=1), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    return calendar


def _days(values: dict[str, object]) -> Iterable[dt.date | None]:
    """None for the activity itself, then the later days of its series."""
    yield None
    if not values.get("repeat") or values.get("done_at") or not values.get("due_at"):
        return
    first = day_of(str(values["due_at"]))
    anchor = dt.date.fromisoformat(str(values["repeats_on"])) if values.get("repeats_on") else first
    until = str(values.get("repeat_until") or "9999")
    days = repeating.occurrences(
        str(values["repeat"]), int(str(values.get("repeat_every") or 1)), anchor, skip=bool(values.get("repeat_skip"))
    )
    for rule_day, day in days:
        if rule_day > clock.today() + SERIES or rule_day.isoformat() > until:
            return
        if day > first:
            yield day


def _event(values: dict[str, object], parties: Sequence[agenda.Party], day: dt.date | None) -> Event:
    event = Event()
    number = values["id"]
    born = str(values["created_at"])[:19].replace("-", "").replace(":", "")
    event.add("uid", f"activity-{number}-{born}{f'-{day:%Y%m%d}' if day else ''}@smallcrm")
    event.add("dtstamp", clock.moment(str(values["updated_at"])))
    event.add("last-modified", clock.moment(str(values["updated_at"])))
    event.add("created", clock.moment(str(values["created_at"])))
    event.add("sequence", max(0, int(str(values["version"])) - 1))
    subject = ", ".join([str(values.get("subject") or ""), *(party.name for party in parties)])
    event.add("summary", f"✓ {subject}" if values.get("done_at") else subject)
    event.add("status", "CONFIRMED")
    _when(event, values, day)
    said = [" ".join(part for part in (party.name, party.phone) if part) for party in parties]
    event.add("description", "\n".join([*said, str(values.get("body") or "")]).strip())
    if kind := KINDS.get(str(values.get("kind"))):
        event.add("categories", [str(kind)])
    if values.get("kind") == "visit" and (place := next((party.city for party in parties if party.city), "")):
        event.add("location", place)
    if address := letter.absolute(f"/activities/{number}", outgoing.base_url()):
        event.add("url", address)
    if (ahead := _reminder(values, day)) is not None:
        event.add_component(_alarm(subject, ahead))
    return event


def _reminder(values: dict[str, object], day: dt.date | None) -> dt.timedelta | None:
    """How far from its start one is reminded of what is still to be done: before it, or on the morning of its day."""
    due, reminder = values.get("due_at"), values.get("reminder_at")
    if not due or not reminder or values.get("done_at"):
        return None
    zone = clock.business_zone()
    start, at = (clock.moment(str(text)).astimezone(zone).replace(tzinfo=None) for text in (due, reminder))
    if values.get("all_day"):
        start = dt.datetime.combine(start.date(), dt.time())
    elif day is None:
        return clock.moment(str(reminder)) - clock.moment(str(due))
    return at - start  # the same distance on the clock on every day of a series


def _alarm(subject: str, ahead: dt.timedelta) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", subject)
    alarm.add("trigger", ahead)
    return alarm


def _when(event: Event, values: dict[str, object], day: dt.date | None) -> None:
    zone = clock.business_zone()
    due = clock.moment(str(values.get("due_at") or values["done_at"])).astimezone(zone)
    if values.get("all_day"):
        first = day or due.date()
        event.add("dtstart", first)
        event.add("dtend", first + dt.timedelta(days=1))
        event.add("transp", "TRANSPARENT")
        return
    if day is not None:
        due = dt.datetime.combine(day, due.time(), tzinfo=zone)
    minutes = int(str(values.get("duration_minutes") or diary.USUAL_MINUTES.get(str(values.get("kind")), 30)))
    start = due.astimezone(dt.UTC)
    event.add("dtstart", start.astimezone(zone))
    event.add("dtend", (start + dt.timedelta(minutes=max(5, minutes))).astimezone(zone))


NO_SUCH_FEED = L("There is no calendar at this address any more.")
