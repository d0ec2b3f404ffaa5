"""Handing in, reading, commenting, liking: each tells whom it concerns."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from smallcrm import store
from smallcrm.areas.workreports.records import DRAFT, WorkReport
from smallcrm.areas.workreports.rules import filling, owing
from smallcrm.areas.workreports.rules.keeping import refresh
from smallcrm.areas.workreports.rules.readers import tokens_of, users_of
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden, Invalid, WrongState
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.jobs import notices
from smallcrm.records import access, change, changesets, redacting
from smallcrm.records.record import Record, title

MOST = 4000  # characters of a comment

notices.declare({"work-report": L("Work reports: handed in, commented on, due")})
redacting.free_text("work_report_comment", "text")


@dataclass(frozen=True)
class Said:
    """A comment as it is shown."""

    id: int
    author: int
    at: str
    text: str


def period_of(report: Record) -> tuple[dt.date, dt.date]:
    """The first and last day a report is about."""
    held = report.__data__
    return dt.date.fromisoformat(held["first_day"]), dt.date.fromisoformat(held["last_day"])


def hand_in(actor: Actor, report: Record, *, version: int | None = None) -> Record:
    """The author gives it to its readers; in time or late. Raises WrongState, Forbidden, Invalid for an empty one, Stale."""
    with changesets.opened(actor, actor.via), store.writing():
        record = access.find(actor, WorkReport, int(report.id), "edit")
        if record.owner != actor.id:
            raise Forbidden(L("Only the author hands a report in."))
        held = record.__data__
        if held["handed_in_at"]:
            raise WrongState(L("It has been handed in already."))
        if not any((held[name] or "").strip() for name in ("done", "plan", "problems")):
            raise Invalid({"done": [str(L("An empty report says nothing. A few words will do."))]})
        period = period_of(record)
        now = clock.now()
        rule = owing.rule_for(actor.id, held["kind"])
        if period[0] > clock.today():
            raise Invalid({"day": [str(L("This lies ahead: keep it as a draft until then."))]})
        late = rule is not None and now > rule.window(period)[1]
        given = {"handed_in_at": clock.iso(now), "late": late}
        kept = change.update(actor, record, given, version=version, trusted=True)
        filling.freeze(int(record.id), actor.id, period)
        _tell(
            [user for user in users_of(kept.__data__["readers"] or ()) if user != actor.id],
            L("%(name)s handed in a report", name=actor.name), kept, f"report {record.id} in",
        )  # fmt: skip
    return access.find(actor, WorkReport, int(report.id))


def _tell(users: list[int], heading: Any, report: Record, key: str | None, body: str = "") -> None:
    for user in dict.fromkeys(users):
        notices.notify(
            user, "work-report", title=heading, body=body or title(report), link=f"/work-reports/{report.id}", key=key,
            related=f"work-reports/{report.id}",
        )  # fmt: skip


def may_answer(actor: Actor, report: Record) -> bool:
    """Whether the actor has a say: the author, the readers it was given to, and whoever may change the author's records."""
    if actor.read_only:
        return False
    given = set(tokens_of(actor)) & set(report.__data__["readers"] or ())
    return bool(report.owner == actor.id or given or access.may(actor, report, "edit"))


def _handed_in(actor: Actor, report: Record) -> Record:
    record = access.find(actor, WorkReport, int(report.id))
    if not may_answer(actor, record):
        raise Forbidden(access.refusal(actor, "edit"))
    if record.__data__["state"] == DRAFT:
        raise WrongState(L("It is a draft: nobody else reads it yet."))
    return record


def read(actor: Actor, report: Record) -> None:
    """Note that somebody but the author has read it; the first time counts."""
    record = access.find(actor, WorkReport, int(report.id))
    if record.owner == actor.id or not may_answer(actor, record) or record.__data__["state"] == DRAFT:
        return
    if store.row("SELECT 1 FROM work_report_reading WHERE report = ? AND user = ?", [record.id, actor.id]):
        return
    with store.writing():
        store.run(
            "INSERT OR IGNORE INTO work_report_reading (report, user, at) VALUES (?, ?, ?)",
            [record.id, actor.id, clock.stamp()],
        )
        refresh([int(record.id)])


def like(actor: Actor, report: Record, *, on: bool) -> None:
    """Like it, or no longer."""
    record = _handed_in(actor, report)
    if record.owner == actor.id:
        raise Forbidden(L("It is your own."))
    read(actor, record)
    with store.writing():
        store.run(
            "UPDATE work_report_reading SET liked_at = ? WHERE report = ? AND user = ?",
            [clock.stamp() if on else None, record.id, actor.id],
        )


def comment(actor: Actor, report: Record, text: str) -> None:
    """Say something to it; the author hears of it, and whoever spoke before. Raises Invalid, WrongState."""
    record = _handed_in(actor, report)
    said = text.strip()
    if not said:
        raise Invalid({"text": [str(L("Write something first."))]})
    if len(said) > MOST:
        raise Invalid(
            {"text": [str(L("At most %(most)s characters; these are %(found)s.", most=MOST, found=len(said)))]}
        )
    read(actor, record)
    with store.writing():
        before = [
            row[0]
            for row in store.rows("SELECT DISTINCT author FROM work_report_comment WHERE report = ?", [record.id])
        ]
        store.run(
            "INSERT INTO work_report_comment (report, author, at, text) VALUES (?, ?, ?, ?)",
            [record.id, actor.id, clock.stamp(), said],
        )
        refresh([int(record.id)])
        told = [user for user in [record.owner or 0, *before] if user and user != actor.id]
        _tell(told, L("%(name)s commented on a report", name=actor.name), record, None, said[:200])


def comments(report: Record) -> list[Said]:
    """Everything said to it, the oldest first."""
    sql = "SELECT id, author, at, text FROM work_report_comment WHERE report = ? ORDER BY id LIMIT 500"
    return [Said(*row) for row in store.rows(sql, [report.id])]


def uncomment(actor: Actor, report: Record, number: int) -> None:
    """Take one's own comment back; an administrator takes any. Raises Forbidden."""
    record = _handed_in(actor, report)
    author = store.value("SELECT author FROM work_report_comment WHERE id = ? AND report = ?", [number, record.id])
    if author != actor.id and not actor.may("settings"):
        raise Forbidden(L("Only who wrote a comment takes it back."))
    with store.writing():
        store.run("DELETE FROM work_report_comment WHERE id = ? AND report = ?", [number, record.id])
        refresh([int(record.id)])


def readings(report: Record) -> list[tuple[int, str, bool]]:
    """(user, when, whether they like it) of everybody who has read it."""
    sql = "SELECT user, at, liked_at IS NOT NULL FROM work_report_reading WHERE report = ? ORDER BY at"
    return [(user, at, bool(liked)) for user, at, liked in store.rows(sql, [report.id])]
