"""Who owes which report, and until when: the rules in force, their windows, days off and people who are away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from smallcrm import store
from smallcrm.areas.activities.rules.working_days import is_working, name_of
from smallcrm.areas.people import roles
from smallcrm.areas.workreports.records import DAILY, WEEKLY, ReportRule
from smallcrm.areas.workreports.rules import periods
from smallcrm.areas.workreports.rules.periods import DAY, Period
from smallcrm.base import clock, formats
from smallcrm.identity.actor import Scope, actor_of
from smallcrm.records import cache, derive, questions, rows
from smallcrm.records.drafts import Draft

MIDNIGHT = dt.time()


@dataclass(frozen=True)
class Rule:
    """A rule in force, as it is read again and again."""

    id: int
    name: str
    kind: str
    people: tuple[str, ...]
    readers: tuple[str, ...]
    manager_reads: bool
    weekdays: frozenset[int]
    opens_at: dt.time
    closes_at: dt.time
    opens_day: int
    closes_day: int
    grace_days: int
    remind_minutes: int
    since: dt.date

    def window(self, period: Period) -> tuple[dt.datetime, dt.datetime]:
        """From when on, and until when a report about the period is in time."""
        first, _ = period
        if self.kind == DAILY:
            return clock.at_local(first, self.opens_at), clock.at_local(first + DAY * self.grace_days, self.closes_at)
        length = 7 if self.kind == WEEKLY else periods.month_length(first)
        opens = first + DAY * (min(self.opens_day, length) - 1)
        closes = first + DAY * (min(self.closes_day, length) + self.grace_days)
        return clock.start_of(opens), clock.start_of(closes)

    def counts(self, day: dt.date) -> bool:
        """Whether the rule asks for work on the day: one of its weekdays and no holiday, or one worked in exchange."""
        if name_of(day):
            return is_working(day)
        return day.weekday() in self.weekdays


@derive.on("report_rule")
def rules_changed(_drafts: list[Draft]) -> None:
    """What was known of the rules is looked up anew."""
    cache.bump()


@cache.kept
def in_force() -> tuple[Rule, ...]:
    """Every rule in force, the oldest first."""
    ids = [i for (i,) in store.rows("SELECT id FROM report_rule WHERE active = 1 AND deleted_at IS NULL ORDER BY id")]
    held = rows.load(ReportRule, ids)
    return tuple(_rule(held[number]) for number in ids)


def _rule(held: Mapping[str, object]) -> Rule:
    days = held.get("weekdays") or ()
    return Rule(
        id=held["id"], name=held["name"], kind=held["kind"], people=tuple(held.get("people") or ()),  # type: ignore[arg-type]
        readers=tuple(held.get("readers") or ()), manager_reads=bool(held.get("manager_reads")),  # type: ignore[arg-type]
        weekdays=frozenset(int(each) for each in days),  # type: ignore[attr-defined]
        opens_at=_time(held.get("opens_at"), MIDNIGHT), closes_at=_time(held.get("closes_at"), dt.time(23)),
        opens_day=int(held.get("opens_day") or 1), closes_day=int(held.get("closes_day") or 31),  # type: ignore[call-overload]
        grace_days=int(held.get("grace_days") or 0), remind_minutes=int(held.get("remind_minutes") or 0),  # type: ignore[call-overload]
        since=clock.day_of(clock.moment(str(held["created_at"]))),
    )  # fmt: skip


def _time(text: object, otherwise: dt.time) -> dt.time:
    return dt.time.fromisoformat(str(text)) if text else otherwise


def until(closes: dt.datetime) -> str:
    """The end of a window in words; midnight is the last minute of the day before."""
    local = closes.astimezone(clock.business_zone())
    return formats.moment(closes - dt.timedelta(minutes=1) if local.time() == MIDNIGHT else closes)


# ---------------------------------------------------------------- who


@cache.kept
def _staff() -> tuple[tuple[int, int | None, int | None, str], ...]:
    sql = 'SELECT id, team, role, created_at FROM "user" WHERE active = 1 AND deleted_at IS NULL ORDER BY id'
    return tuple(store.rows(sql))


@cache.kept
def people_of(rule: Rule) -> tuple[int, ...]:
    """Who hands in by the rule, those an older rule of the same kind asks left out."""
    earlier = {
        user for other in in_force() if other.kind == rule.kind and other.id < rule.id for user in people_of(other)
    }
    return tuple(user for user, team, role, _ in _staff() if user not in earlier and _meant(rule, user, team, role))


def _meant(rule: Rule, user: int, team: int | None, role: int | None) -> bool:
    if not rule.people:
        who = actor_of(user)
        return who is not None and who.scope("work_report", "create") is not Scope.NONE
    teams = roles.below({int(t.partition("/")[2]) for t in rule.people if t.startswith("team/")})
    return f"user/{user}" in rule.people or f"role/{role}" in rule.people or team in teams


def rule_for(user: int, kind: str) -> Rule | None:
    """The rule by which somebody hands in reports of a kind."""
    return next((rule for rule in in_force() if rule.kind == kind and user in people_of(rule)), None)


def readers_of(rule: Rule, user: int) -> list[str]:
    """Who reads somebody's report by the rule, as tokens; never the author."""
    found = list(rule.readers)
    if rule.manager_reads:
        found += [f"user/{manager}" for manager in managers_of(user)[:1]]
    return [token for token in dict.fromkeys(found) if token != f"user/{user}"]


def managers_of(user: int) -> list[int]:
    """Who leads the team somebody is in, then the teams above."""
    tree = roles.tree()
    team = next((team for number, team, _, _ in _staff() if number == user), None)
    found: list[int] = []
    for _ in range(20):
        if team not in tree:
            break
        parent, manager = tree[team]
        if manager and manager != user and manager not in found:
            found.append(manager)
        team = parent
    return found


# ---------------------------------------------------------------- when


def absences(users: Iterable[int]) -> dict[int, list[tuple[str, str]]]:
    """User → (first day, last day) of every time they are away, as whoever keeps that says."""
    found: dict[int, list[tuple[str, str]]] = {}
    for answer in questions.ask(questions.ABSENT, "user", list(users)):
        for user, spans in answer.items():
            found.setdefault(user, []).extend(spans)
    return found


def owed(rule: Rule, user: int, period: Period, away: Iterable[tuple[str, str]] = ()) -> bool:
    """Whether somebody owes a report about the period."""
    joined = next((clock.day_of(clock.moment(at)) for number, _, _, at in _staff() if number == user), None)
    if joined is None or joined > period[1] or rule.since > clock.day_of(rule.window(period)[1]):
        return False
    spans = list(away)
    day = period[0]
    while day <= period[1]:
        text = day.isoformat()
        if rule.counts(day) and not any(first <= text <= last for first, last in spans):
            return True
        day += DAY
    return False
