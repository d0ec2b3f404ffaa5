"""The morning's digest: what is overdue, what today brings, and what other areas add; nothing to say, nothing sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from smallcrm import store
from smallcrm.areas.activities.rules import agenda
from smallcrm.areas.activities.rules.agenda import Item
from smallcrm.areas.activities.rules.reminders import line, link
from smallcrm.areas.activities.rules.working_days import is_working
from smallcrm.areas.people import roles
from smallcrm.base import clock, formats
from smallcrm.base.i18n import L, ngettext, speaking
from smallcrm.identity.actor import Actor, actor_of
from smallcrm.jobs import directory, letter, notices
from smallcrm.records import access

NAMED = 30
LATEST = dt.timedelta(hours=8)  # after its time, a digest makes no sense any more

# What other areas add: what is about to fall into the pool, quotes that end today. None for nothing.
Adds = Callable[[Actor], letter.Section | None]
adds: list[Adds] = []


def add(function: Adds) -> Adds:
    """Register a section for everybody's digest."""
    adds.append(function)
    return function


def _waiting(now: dt.datetime) -> list[int]:
    """Who is to get today's digest and has not."""
    local = now.astimezone(clock.business_zone())
    if not is_working(local.date()):
        return []
    since = local - LATEST
    earliest = f"{since:%H:%M}" if since.date() == local.date() else "00:00"
    found = store.rows(
        'SELECT u.id FROM "user" u LEFT JOIN digest_sent d ON d.user = u.id AND d.day >= ?'
        " WHERE u.active = 1 AND u.deleted_at IS NULL AND d.user IS NULL AND u.digest_at BETWEEN ? AND ? ORDER BY u.id",
        [local.date().isoformat(), earliest, f"{local:%H:%M}"],
    )
    return [row[0] for row in found]


def due(now: dt.datetime) -> bool:
    """Whether it is somebody's time."""
    return bool(_waiting(now))


def send() -> int:
    """Send them; how many were sent. Everybody whose time has come is marked, also who had nothing to hear."""
    sent = 0
    today = clock.today()
    for user in _waiting(clock.now()):
        found = _found(user)  # read and worded before anything is locked
        with store.writing():
            store.run(
                "INSERT INTO digest_sent (user, day) VALUES (?, ?) ON CONFLICT (user) DO UPDATE SET day = excluded.day",
                [user, today.isoformat()],
            )
            sent += _tell(user, found)
    return sent


def _found(user: int) -> list[letter.Section]:
    who, person = actor_of(user), directory.lookup(user)
    if who is None or person is None:
        return []
    with speaking(person.language):
        return sections(who)


def _tell(user: int, found: list[letter.Section]) -> bool:
    person = directory.lookup(user)
    channels = person.told_by("digest") if person else ()
    if not found or not channels:
        return False
    mailed = "mail" in channels and notices.digest(user, title=_title, sections=lambda: found) is not None
    groups = [channel for channel in channels if channel != "mail"]
    if groups:
        notices.notify(
            user,
            "digest",
            title=_title,
            link="/",
            channels=groups,
            key=f"digest/{clock.today()}",
            sections=lambda: found,
        )
    return mailed or bool(groups)


def _title() -> str:
    return str(L("Your day: %(day)s", day=formats.date_long(clock.today())))


def sections(who: Actor) -> list[letter.Section]:
    """What is to be said, in the language of the moment."""
    mine = agenda.whose(who, team=False)
    overdue, due_today = agenda.overdue(mine), agenda.due_today(mine)
    named = {item.id: item for item in agenda.named(who, [*overdue.items, *due_today.items])}
    bare = agenda.bare(who, mine, until=clock.today())
    found = [
        _section(str(L("Overdue")), [named[i.id] for i in overdue.items], overdue.count),
        _section(str(L("Today")), [named[i.id] for i in due_today.items], due_today.count),
        letter.Section(
            str(L("To be followed up")),
            tuple(
                letter.Item(b.customer.name, f"/customers/{b.customer.id}", formats.near_date(b.on))
                for b in bare[:NAMED]
            ),
        ),
        *(section for function in adds if (section := function(who)) is not None),
        _team(who),
    ]
    return [section for section in found if section.items]


def _section(title: str, items: Sequence[Item], count: int) -> letter.Section:
    shown = [letter.Item(item.subject, link(item), line(item)) for item in items[:NAMED]]
    if count > len(shown):
        shown.append(letter.Item(ngettext("and %(n)s more", "and %(n)s more", count - len(shown)), "/"))
    return letter.Section(title, tuple(shown))


def _team(who: Actor) -> letter.Section:
    """A manager's copy: how much is overdue with whom in the teams they lead."""
    led = roles.below({team for team, (_, manager) in roles.tree().items() if manager == who.id})
    if not led:
        return letter.Section("")
    start = clock.iso(clock.start_of(clock.today()))
    rows = store.rows(
        f"SELECT t.owner, count(*) FROM activity t INDEXED BY activity_open_team WHERE t.team IN ({', '.join('?' * len(led))})"
        " AND t.done_at IS NULL AND t.deleted_at IS NULL AND t.due_at < ? AND t.owner <> ? GROUP BY t.owner ORDER BY 2 DESC LIMIT ?",
        [*sorted(led), start, who.id, NAMED],
    )
    counts = dict(rows)
    names = access.names(who, "user", counts)
    return letter.Section(
        str(L("Overdue in your team")),
        tuple(
            letter.Item(names.get(owner, "–"), "/?team=1", ngettext("%(n)s overdue", "%(n)s overdue", n))
            for owner, n in counts.items()
        ),
    )
