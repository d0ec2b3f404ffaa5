"""The workbook by mail: once for each month and receiver, also where the machine slept through the day.

Whoever sees at least as much as the mailing's owner gets the owner's workbook; everybody else gets one of their own reach.
"""

from __future__ import annotations

import datetime as dt
import logging

from smallcrm import store
from smallcrm.areas.reports.records import Mailing
from smallcrm.areas.reports.rules import workbook
from smallcrm.base import clock
from smallcrm.base.errors import SmallcrmError
from smallcrm.base.i18n import L, speaking
from smallcrm.identity.actor import SYSTEM, Actor, actor_of
from smallcrm.jobs import outbox
from smallcrm.jobs.letter import Letter
from smallcrm.jobs.outbox import Attachment, settings
from smallcrm.records import access
from smallcrm.records.custom import fields_of
from smallcrm.records.fields.links import parts
from smallcrm.records.figures import periods
from smallcrm.records.record import Record, all_types, values

log = logging.getLogger(__name__)
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def receivers(record: Record) -> list[int]:
    """Who gets it: those named, else its owner."""
    held = values(record)
    return [number for key, number in map(parts, held.get("recipients") or ()) if key == "user"] or [
        int(held["owner"] or 0)
    ]


def slot(record: Record) -> str | None:
    """The month that is owed now; None before its day, or where the mailing was made after that day."""
    held, today = values(record), clock.today()
    day = min(int(held["day"] or 1), periods.end_of_month(today).day)
    began = clock.day_of(clock.moment(held["created_at"]))
    return f"{today:%Y-%m}" if today.day >= day and began <= today.replace(day=day) else None


def owed() -> list[tuple[Record, str, int]]:
    """(mailing, month, user) of what is to go out and has not."""
    ids = [
        number
        for (number,) in store.rows("SELECT id FROM mailing WHERE enabled = 1 AND deleted_at IS NULL ORDER BY id")
    ]
    found = []
    for record in access.fetch_many(SYSTEM, Mailing, ids):
        month = slot(record)
        if month is None:
            continue
        sent = {
            user
            for (user,) in store.rows(
                "SELECT user FROM mailing_sent WHERE mailing = ? AND slot = ?", [record.id, month]
            )
        }
        found += [(record, month, user) for user in receivers(record) if user and user not in sent]
    return found


def due(_now: dt.datetime) -> bool:
    """Whether anything is owed and mail is set up."""
    return settings.mail().ready and bool(owed())


def send() -> dict[str, object]:
    """Write what is owed and put it into the outbox."""
    sent = failed = 0
    held: dict[tuple[int, str, str], bytes] = {}
    for record, month, user in owed():
        try:
            sent += _send(record, month, user, held)
        except SmallcrmError as error:
            failed += 1
            log.warning("workbook %d for user %d: %s", record.id, user, error)
    return {"sent": sent, "failed": failed}


def _send(record: Record, month: str, user: int, held: dict[tuple[int, str, str], bytes]) -> int:
    person, owner = actor_of(user), actor_of(int(values(record)["owner"] or 0))
    if person is None or not outbox.valid(person.email):
        return 0
    seen_as = owner if owner is not None and as_wide(person, owner) else person
    period = str(values(record)["period"])
    with speaking(person.language):
        key = (seen_as.id, period, person.language)
        if key not in held:
            held[key] = workbook.build(seen_as.acting("job"), period)
        return _queue(record, month, person, held[key], workbook.file_name(period))


def _queue(record: Record, month: str, person: Actor, content: bytes, name: str) -> int:
    """The mail and the mark that it went, in one transaction."""
    note = values(record).get("note")
    letter = Letter(
        heading=str(L("Reports: %(period)s", period=periods.words(periods.span(str(values(record)["period"]))))),
        lines=(*([str(note)] if note else []), str(L("The workbook is attached. It opens in Excel and in LibreOffice."))), button=str(L("Open in smallcrm")),
        link="/reports", why=str(L("You get this because %(name)s sends it to you every month.", name=values(record)["name"])),
        language=person.language,
    )  # fmt: skip
    with store.writing():
        sql = "INSERT OR IGNORE INTO mailing_sent (mailing, slot, user, at) VALUES (?, ?, ?, ?)"
        if not store.run(sql, [record.id, month, person.id, clock.stamp()]):
            return 0
        outbox.mail(
            (person.name, person.email), subject=letter.heading, letter=letter, user=person.id, related="reports",
            attachments=[Attachment(name, data=content, type=TYPE)], key=f"mailing/{record.id}/{month}/{person.id}",
        )  # fmt: skip
    return 1


def as_wide(one: Actor, other: Actor) -> bool:
    """Whether ``one`` is certain to see everything that ``other`` sees: the same ways of reach, or no border; field by field."""
    for kind in all_types():
        key = kind.card.key
        if one.scope(key, "view") < other.scope(key, "view"):
            return False
        mine, theirs = access.reach(one, kind), access.reach(other, kind)
        if not mine.everything and not {(b.sql, b.params) for b in theirs.branches} <= {
            (b.sql, b.params) for b in mine.branches
        }:
            return False
        if any(name not in access.readable(one, kind) for name in access.readable(other, kind)):
            return False
        theirs_masked = access.masked_pools(other, kind)
        for pool, groups in access.masked_pools(one, kind).items():
            if groups - theirs_masked.get(pool, frozenset()) and any(f.masked for f in fields_of(kind).values()):
                return False
    return True
