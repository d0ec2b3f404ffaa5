"""Data that are kept but must not be used: as somebody asked, or until an erasure is decided."""

from __future__ import annotations

from smallcrm import store
from smallcrm.areas.customers.rules import consent
from smallcrm.areas.privacy.rules.person import need
from smallcrm.base import clock, formats
from smallcrm.base.i18n import L, Label
from smallcrm.identity.actor import Actor
from smallcrm.records import audit
from smallcrm.records.record import Record


def since(record: Record) -> str | None:
    """The moment since which the record's data must not be used; None where they may."""
    sql = "SELECT at FROM privacy_restriction WHERE record_type = ? AND record = ?"
    found = store.value(sql, [record.card.key, record.id])
    return str(found) if found else None


def restrict(actor: Actor, record: Record, *, reason: str = "") -> None:
    """From now on the data are not to be used."""
    need(actor)
    with store.writing():
        store.run(
            "INSERT OR IGNORE INTO privacy_restriction (record_type, record, at, by, reason) VALUES (?, ?, ?, ?, ?)",
            [record.card.key, record.id, clock.stamp(), actor.id, reason[:500]],
        )
        audit.log(actor, "personal data restricted", record_type=record.card.key, record=int(record.id))


def release(actor: Actor, record: Record) -> None:
    """They may be used again."""
    need(actor)
    with store.writing():
        store.run("DELETE FROM privacy_restriction WHERE record_type = ? AND record = ?", [record.card.key, record.id])
        audit.log(actor, "personal data released", record_type=record.card.key, record=int(record.id))


@consent.stops
def stops(record: Record) -> Label | None:
    """Nobody writes to somebody whose data are restricted."""
    at = since(record)
    return L("These data must not be used since %(day)s.", day=formats.moment_full(at)) if at else None
