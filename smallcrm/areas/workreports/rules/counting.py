"""Who handed in what: in time, late or not at all, per person; and what somebody owes just now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from smallcrm import store
from smallcrm.areas.workreports.rules import owing, periods
from smallcrm.areas.workreports.rules.owing import Rule
from smallcrm.areas.workreports.rules.periods import Period
from smallcrm.base import clock
from smallcrm.identity.actor import Actor, Scope

LONGEST = 400  # days that are counted at once
LOOKED_BACK = 14  # periods in which one that anybody owes is looked for


@dataclass
class Tally:
    """One person's reports of a stretch of time. ``open``: owed, and there is time left."""

    user: int
    owed: int = 0
    in_time: int = 0
    late: int = 0
    missing: list[Period] = field(default_factory=list)
    open: int = 0


@dataclass(frozen=True)
class Owed:
    """A report that somebody still has to hand in."""

    user: int
    kind: str
    period: Period
    closes: dt.datetime
    report: int | None = None  # the draft

    @property
    def late(self) -> bool:
        """Whether its time is over."""
        return self.closes < clock.now()


def people_seen(actor: Actor) -> list[int]:
    """The people whose reports the actor may look at by their role; themselves among them."""
    scope = actor.scope("work_report", "view")
    staff = store.rows('SELECT id, team FROM "user" WHERE active = 1 AND deleted_at IS NULL ORDER BY id')
    if scope is Scope.ALL:
        return [user for user, _ in staff]
    teams = set(actor.teams_for(scope))
    return [user for user, team in staff if user == actor.id or (team in teams and scope is not Scope.NONE)]


def _handed_in(
    users: list[int], kind: str, first: dt.date, last: dt.date
) -> dict[tuple[int, str], tuple[int, str | None, bool]]:
    sql = (
        "SELECT owner, first_day, id, handed_in_at, late FROM work_report WHERE owner IN (SELECT value FROM json_each(?))"
        " AND kind = ? AND first_day BETWEEN ? AND ? AND deleted_at IS NULL"
    )
    found = store.rows(sql, [store.json_list(users), kind, first.isoformat(), last.isoformat()])
    return {(owner, day): (number, at, bool(late)) for owner, day, number, at, late in found}


def tally(users: list[int], kind: str, first: dt.date, last: dt.date) -> list[Tally]:
    """Per person, the periods that begin within these days and have begun by now."""
    last = min(last, clock.today(), first + dt.timedelta(days=LONGEST))
    wanted = periods.between(kind, first, last)
    held = _handed_in(users, kind, first, last)
    away = owing.absences(users)
    found = []
    for user in users:
        each = Tally(user)
        rule = owing.rule_for(user, kind)
        for period in wanted:
            _, at, late = held.get((user, period[0].isoformat()), (0, None, False))
            if at:
                each.late += late
                each.in_time += not late
            if rule is None or not owing.owed(rule, user, period, away.get(user, ())):
                continue
            each.owed += 1
            if not at and rule.window(period)[1] < clock.now():
                each.missing.append(period)
            elif not at:
                each.open += 1
        if each.owed or each.in_time or each.late:
            found.append(each)
    return found


def owed_by(user: int, *, back: int = 1) -> list[Owed]:
    """What somebody owes now: the periods whose window is open, and the last ``back`` that they missed."""
    found: list[Owed] = []
    away = owing.absences([user]).get(user, [])
    for rule in owing.in_force():
        if user not in owing.people_of(rule):
            continue
        period = periods.of(rule.kind, clock.today())
        for _ in range(back + 1):
            if (each := _still_owed(rule, user, period, away)) is not None:
                found.append(each)
            period = periods.before(rule.kind, period)
    return sorted(found, key=lambda each: each.closes)


def _still_owed(rule: Rule, user: int, period: Period, away: list[tuple[str, str]]) -> Owed | None:
    opens, closes = rule.window(period)
    if opens > clock.now() or not owing.owed(rule, user, period, away):
        return None
    number, at, _ = _handed_in([user], rule.kind, *period).get((user, period[0].isoformat()), (None, None, False))
    return None if at else Owed(user, rule.kind, period, closes, number)


def not_handed_in(rule: Rule, period: Period) -> list[int]:
    """Those who owe a report by the rule and have not handed it in."""
    users = list(owing.people_of(rule))
    held = _handed_in(users, rule.kind, *period)
    away = owing.absences(users)
    return [
        user for user in users
        if owing.owed(rule, user, period, away.get(user, ())) and not held.get((user, period[0].isoformat()), (0, None, False))[1]
    ]  # fmt: skip


def latest(rule: Rule) -> Period | None:
    """The rule's newest period that has begun and that anybody owes a report about; None for none lately."""
    period = periods.of(rule.kind, clock.today())
    users = owing.people_of(rule)
    away = owing.absences(users)
    for _ in range(LOOKED_BACK):
        if rule.window(period)[0] <= clock.now() and any(owing.owed(rule, u, period, away.get(u, ())) for u in users):
            return period
        period = periods.before(rule.kind, period)
    return None


def unread(actor: Actor, *, most: int = 100) -> list[int]:
    """The newest reports given to the actor that they have not read."""
    from smallcrm.areas.workreports.rules.readers import tokens_of

    sql = (
        "SELECT DISTINCT r.id FROM work_report_reader w JOIN work_report r ON r.id = w.report"
        " WHERE w.token IN (SELECT value FROM json_each(?)) AND r.deleted_at IS NULL AND r.handed_in_at >= ? AND r.owner <> ?"
        " AND NOT EXISTS (SELECT 1 FROM work_report_reading x WHERE x.report = r.id AND x.user = ?) ORDER BY r.id DESC LIMIT ?"
    )
    since = clock.iso(clock.now() - dt.timedelta(days=31))
    params = [store.json_list(tokens_of(actor)), since, actor.id, actor.id, most]
    return [row[0] for row in store.rows(sql, params)]


def waiting(actor: Actor) -> int:
    """The number in the rail: reports to read, and one's own that are owed."""
    if actor.scope("work_report", "view") is Scope.NONE:
        return 0
    return len(unread(actor)) + len(owed_by(actor.id))


def may_look(actor: Actor) -> bool:
    """Whether there is anybody else to look at."""
    return len(people_seen(actor)) > 1


__all__ = ["Owed", "Tally", "may_look", "not_handed_in", "owed_by", "people_seen", "tally", "unread", "waiting"]
