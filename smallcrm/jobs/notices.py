"""Telling people: the bell in the page, and by their own choice mail and group bots. In the receiver's language.

``put`` takes part in the caller's transaction, so nobody is told of what did not happen; what it tells was worded by
``prepare`` before. ``notify`` does both.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Required, TypedDict, Unpack

import peewee

from smallcrm import store
from smallcrm.base import clock, i18n
from smallcrm.base.i18n import L, Label
from smallcrm.jobs import directory, outbox
from smallcrm.jobs.directory import Person
from smallcrm.jobs.letter import Item, Letter, Section
from smallcrm.jobs.outbox import settings

Words = Label | Callable[[], str]  # said in the receiver's language, when it is written

# The kinds of notice that people choose channels for; areas add theirs. A kind not named goes where "all else" goes.
KINDS: dict[str, Label] = {"work": L("Long work is finished")}


def declare(kinds: Mapping[str, Label]) -> None:
    """Kinds of notice and what they are called in one's settings."""
    KINDS.update(kinds)


WHY = L("You get this because it concerns your work in smallcrm. In your settings you choose what is sent to you.")
OPEN = L("Open in smallcrm")
UNREAD_SHOWN = 100  # the bell counts no further


class Notice(store.Table):
    """One line under the bell. ``undo`` is the change-set that its Undo takes back."""

    user = peewee.IntegerField()
    at = peewee.TextField()
    kind = peewee.TextField()
    title = peewee.TextField()
    body = peewee.TextField(default="")
    link = peewee.TextField(default="")
    read_at = peewee.TextField(null=True)
    undo = peewee.IntegerField(null=True)
    key = peewee.TextField(null=True)

    ddl = (
        "CREATE INDEX notice_user ON notice (user, id)",
        "CREATE INDEX notice_unread ON notice (user, id) WHERE read_at IS NULL",
        "CREATE UNIQUE INDEX notice_key ON notice (user, key) WHERE key IS NOT NULL",
    )

    class Meta:
        table_name = "notice"


@dataclass(frozen=True)
class Told:
    """A notice as a page shows it."""

    id: int
    at: str
    kind: str
    title: str
    body: str
    link: str
    read_at: str | None
    undo: int | None


_COLUMNS = "id, at, kind, title, body, link, read_at, undo"


class _Options(TypedDict, total=False):
    """What ``prepare`` takes beside user and kind."""

    title: Required[Words]
    body: Words
    link: str
    channels: Sequence[str] | None
    key: str | None
    undo: int | None
    button: Words
    why: Words
    sections: Callable[[], Sequence[Section]]
    priority: int
    related: str


@dataclass(frozen=True)
class Prepared:
    """A notice with everything worded, to be ``put`` inside a transaction: nothing is read or rendered there."""

    user: int
    kind: str
    language: str
    body: str
    letter: Letter
    channels: Sequence[str] | None
    key: str | None
    undo: int | None
    priority: int
    related: str


def prepare(
    user_id: int,
    kind: str,
    *,
    title: Words,
    body: Words = "",
    link: str = "",
    channels: Sequence[str] | None = None,
    key: str | None = None,
    undo: int | None = None,
    button: Words = OPEN,
    why: Words = WHY,
    sections: Callable[[], Sequence[Section]] = tuple,
    priority: int = outbox.NORMAL,
    related: str = "",
) -> Prepared | None:
    """Word a notice in the receiver's language; None where nobody active is there or the ``key`` was told before.

    ``channels`` overrules the receiver's choice (``()`` is the page alone). ``sections`` go into the mail only.
    """
    person = directory.lookup(user_id)
    if person is None or _told_before(user_id, key):
        return None
    with i18n.speaking(person.language):
        said = _said(body)
        letter = Letter(
            heading=_said(title),
            lines=tuple(line for line in said.split("\n") if line),
            sections=tuple(sections()),
            button=_said(button) if link else "",
            link=link,
            why=_said(why),
            language=i18n.language(),
        )
    return Prepared(
        user_id, kind, person.language, said, letter, channels, key, undo, priority, related or link.lstrip("/")
    )


def put(prepared: Prepared | None) -> int | None:
    """Tell what was prepared; the notice's id, or None where the user has left or the ``key`` was told meanwhile."""
    if prepared is None:
        return None
    with i18n.speaking(prepared.language), store.writing():
        person = directory.lookup(prepared.user)
        if person is None or _told_before(prepared.user, prepared.key):
            return None
        letter = prepared.letter
        store.run(
            "INSERT INTO notice (user, at, kind, title, body, link, undo, key) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                prepared.user, clock.stamp(), prepared.kind, letter.heading, prepared.body, letter.link, prepared.undo,
                prepared.key,
            ),
        )  # fmt: skip
        notice = int(store.connection().last_insert_rowid())
        for channel in person.told_by(prepared.kind) if prepared.channels is None else prepared.channels:
            _send(person, channel, letter, prepared.body, priority=prepared.priority, related=prepared.related)
        return notice


def notify(user_id: int, kind: str, **said: Unpack[_Options]) -> int | None:
    """``prepare`` and ``put`` at once: tell a user something; the notice's id.

    Where a transaction is open already and there is much to word, prepare before it and put inside.
    """
    return put(prepare(user_id, kind, **said))


def _told_before(user_id: int, key: str | None) -> bool:
    return key is not None and store.row("SELECT 1 FROM notice WHERE user = ? AND key = ?", (user_id, key)) is not None


def digest(user_id: int, *, title: Words, intro: Words = "", sections: Callable[[], Sequence[Section]]) -> int | None:
    """A mail of sections alone, without a bell; the outbox's id, or None where it cannot be sent or says nothing."""
    person = directory.lookup(user_id)
    if person is None or not person.email or not settings.mail().ready:
        return None
    with i18n.speaking(person.language):
        found = tuple(section for section in sections() if section.items)
        if not found:
            return None
        letter = Letter(
            heading=_said(title),
            lines=tuple(line for line in _said(intro).split("\n") if line),
            sections=found,
            button=_said(OPEN),
            link="/",
            why=_said(WHY),
            language=i18n.language(),
        )
        return outbox.mail((person.name, person.email), subject=letter.heading, letter=letter, user=person.id)


def _said(words: Words) -> str:
    return str(words() if callable(words) else words)


def _send(person: Person, channel: str, letter: Letter, body: str, *, priority: int, related: str) -> None:
    """Queue one message of a notice, where that channel is set up."""
    if channel == "mail":
        if person.email and outbox.valid(person.email) and settings.mail().ready:
            outbox.mail(
                (person.name, person.email), subject=letter.heading, letter=letter, user=person.id,
                priority=priority, related=related,
            )  # fmt: skip
        return
    if bot := _bot(channel):
        items = [f"{section.title}: {len(section.items)}" for section in letter.sections if section.items]
        outbox.post(
            bot, title=f"{person.name} · {letter.heading}", text="\n".join([body, *items]).strip(), link=letter.link,
            mobile=person.mobile, user=person.id, priority=priority, related=related,
        )  # fmt: skip


def _bot(channel: str) -> settings.Bot | None:
    """``bot:<key>`` is that one, ``bot`` the first group bot that is switched on."""
    groups = [each for each in settings.bots() if each.enabled and each.kind != "webhook"]
    return next((each for each in groups if channel in ("bot", f"bot:{each.key}")), None)


# ---------------------------------------------------------------- reading


def unread(user_id: int) -> int:
    """How many the user has not seen, counted up to ``UNREAD_SHOWN``."""
    sql = "SELECT count(*) FROM (SELECT 1 FROM notice WHERE user = ? AND read_at IS NULL LIMIT ?)"
    return int(store.value(sql, (user_id, UNREAD_SHOWN)))


def latest(user_id: int, *, before: int | None = None, limit: int = 30, unread_only: bool = False) -> list[Told]:
    """The user's notices, newest first; ``before`` is the last id of the page before."""
    which = " AND read_at IS NULL" if unread_only else ""
    sql = f"SELECT {_COLUMNS} FROM notice WHERE user = ? AND id < ?{which} ORDER BY id DESC LIMIT ?"
    return [Told(*found) for found in store.rows(sql, (user_id, before or 2**62, limit))]


def since(user_id: int, last: int, *, limit: int = 5) -> list[Told]:
    """What came after the notice ``last``, oldest first: for the toasts."""
    sql = f"SELECT {_COLUMNS} FROM notice WHERE user = ? AND id > ? AND read_at IS NULL ORDER BY id LIMIT ?"
    return [Told(*found) for found in store.rows(sql, (user_id, last, limit))]


def mark_read(user_id: int, ids: Iterable[int] | None = None) -> int:
    """The user has seen these, or all; how many were new. Nobody marks another's."""
    which, params = (
        ("", ()) if ids is None else (" AND id IN (SELECT value FROM json_each(?))", (store.json_list(ids),))
    )
    sql = f"SELECT 1 FROM notice WHERE user = ? AND read_at IS NULL{which} LIMIT 1"
    if store.row(sql, (user_id, *params)) is None:
        return 0
    with store.writing():
        return store.run(
            f"UPDATE notice SET read_at = ? WHERE user = ? AND read_at IS NULL{which}",
            (clock.stamp(), user_id, *params),
        )


def erase(link: str) -> int:
    """Take away what was said about a record, when a person's data are erased; how many notices."""
    with store.writing():
        return store.run("DELETE FROM notice WHERE link = ? AND link != ''", (link,))


def prune(now: dt.datetime, *, days: int = 90) -> int:
    """Forget notices older than that, and unread ones older than four times that; how many."""
    with store.writing():
        return store.run(f"DELETE FROM notice WHERE {_STALE}", _limits(now, days))


def prunable(now: dt.datetime, *, days: int = 90) -> bool:
    """Whether ``prune`` would find anything."""
    return store.row(f"SELECT 1 FROM notice WHERE {_STALE} LIMIT 1", _limits(now, days)) is not None


_STALE = "(at < ? AND read_at IS NOT NULL) OR at < ?"


def _limits(now: dt.datetime, days: int) -> tuple[str, str]:
    return clock.iso(now - dt.timedelta(days=days)), clock.iso(now - dt.timedelta(days=4 * days))


def item(text: str, link: str = "", note: str = "") -> Item:
    """A line of a mail's section."""
    return Item(text, link, note)
