"""Reminders before a window closes, and a digest for the readers once it has closed; each once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import partial

from smallcrm import store
from smallcrm.areas.workreports.records import KINDS
from smallcrm.areas.workreports.rules import counting, owing, periods
from smallcrm.areas.workreports.rules.owing import Rule
from smallcrm.areas.workreports.rules.periods import Period
from smallcrm.areas.workreports.rules.readers import users_of
from smallcrm.base import clock
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import SYSTEM
from smallcrm.jobs import notices
from smallcrm.records import access

STALE = dt.timedelta(days=3)  # a digest later than that is told nobody any more


def _pending(now: dt.datetime) -> Iterator[tuple[Rule, Period, str]]:
    """What is to be told now and was not."""
    for rule in owing.in_force():
        period = periods.of(rule.kind, clock.day_of(now))
        for each in (
            period,
            periods.before(rule.kind, period),
            periods.before(rule.kind, periods.before(rule.kind, period)),
        ):
            opens, closes = rule.window(each)
            remind = closes - dt.timedelta(minutes=rule.remind_minutes)
            if rule.remind_minutes and max(opens, remind) <= now < closes and not _sent(rule, each, "remind"):
                yield rule, each, "remind"
            if (
                closes <= now < closes + STALE
                and rule.since <= clock.day_of(closes)
                and not _sent(rule, each, "digest")
            ):
                yield rule, each, "digest"


def _sent(rule: Rule, period: Period, what: str) -> bool:
    sql = "SELECT 1 FROM work_report_sent WHERE rule = ? AND first_day = ? AND what = ?"
    return store.row(sql, [rule.id, period[0].isoformat(), what]) is not None


def due(now: dt.datetime) -> bool:
    """Whether there is anything to tell."""
    return next(_pending(now), None) is not None


def send() -> dict[str, int]:
    """Tell it; how many were reminded and got a digest."""
    counts = {"reminders": 0, "digests": 0}
    for rule, period, what in list(_pending(clock.now())):
        with store.writing():
            if _sent(rule, period, what):
                continue
            store.run("INSERT INTO work_report_sent VALUES (?, ?, ?)", [rule.id, period[0].isoformat(), what])
            if what == "remind":
                counts["reminders"] += _remind(rule, period)
            else:
                counts["digests"] += _digest(rule, period)
    return counts


def _remind(rule: Rule, period: Period) -> int:
    closes = rule.window(period)[1]
    waiting = counting.not_handed_in(rule, period)
    for user in waiting:
        notices.notify(
            user, "work-report", title=partial(_title, rule, period),
            body=L("It is due until %(time)s.", time=owing.until(closes)),
            link=f"/work-reports/new?kind={rule.kind}&day={period[0]}", key=f"report {rule.id} {period[0]} remind",
        )  # fmt: skip
    return len(waiting)


def _digest(rule: Rule, period: Period) -> int:
    """Each reader hears of those whose reports come to them."""
    missing = set(counting.not_handed_in(rule, period))
    away = owing.absences(owing.people_of(rule))
    by_reader: dict[int, list[int]] = {}
    for user in owing.people_of(rule):
        if user in missing or owing.owed(rule, user, period, away.get(user, ())):
            for reader in users_of(owing.readers_of(rule, user)):
                if reader != user:
                    by_reader.setdefault(reader, []).append(user)
    names = access.names(SYSTEM, "user", missing)
    for reader, users in by_reader.items():
        lacking = [names.get(user, "–") for user in users if user in missing]
        notices.notify(
            reader, "work-report", title=partial(_title, rule, period),
            body=partial(_summary, len(users) - len(lacking), lacking),
            link=f"/work-reports/statistics?kind={rule.kind}", key=f"report {rule.id} {period[0]} digest",
        )  # fmt: skip
    return len(by_reader)


def _title(rule: Rule, period: Period) -> str:
    return f"{dict(KINDS)[rule.kind]}: {periods.words(rule.kind, period)}"


def _summary(handed_in: int, missing: list[str]) -> str:
    said = ngettext("%(n)s handed in.", "%(n)s handed in.", handed_in)
    if not missing:
        return said
    return f"{said} {L('Not handed in: %(names)s', names=', '.join(missing))}"
