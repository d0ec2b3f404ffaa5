"""Clauses that name a day or a time: which way it points, and whether it plans, dates an act, or belongs to a fact."""

from __future__ import annotations

import datetime as dt

from smallcrm.areas.activities.logline.clauses import DONE, FACT, PLAN, SMALL, Clause
from smallcrm.areas.activities.logline.days import Day, lean
from smallcrm.areas.activities.logline.undated import nounish

# Until when a part of the day still lies ahead.
_PART_ENDS = {"dawn": 0, "morning": 10, "noon": 12, "afternoon": 14, "evening": 18, "night": 20}


def _days(clause: Clause) -> list[Day]:
    return [item.tags["date"] for item in clause.items if "date" in item.tags]


def pointing(clause: Clause, now: dt.datetime) -> str:
    """Where the clause's own days and times point: past, future, today, either; empty where nothing is said."""
    days, time_item = _days(clause), clause.first("time")
    if not days and time_item is not None and time_item.tenseless:
        return "future" if time_item.tags["time"] > now.time() else "past"
    if not days:
        return "either" if time_item is not None else ""
    ways = [lean(day, now.date()) for day in days]
    for way, name in ((1, "future"), (-1, "past")):
        if way in ways:
            return name
    if 0 not in ways:
        return "either"
    if time_item is not None:
        return "future" if time_item.tags["time"] > now.time() else "past"
    part = days[ways.index(0)].part.partition(" ")[0]
    if not part:
        return "today"
    return "future" if now.hour < _PART_ENDS[part] else "past"


def by_day(clause: Clause, when: str) -> str:
    """The role of a clause with a day or time and without a tense of its own; empty without either."""
    if not when:
        return ""
    work, kind = _work(clause), _kind(clause)
    if work >= 0 and clause.negated(0):
        return FACT
    if when != "future" and clause.find("(?:verb|todo) le"):
        return DONE if clause.find("verb le") else FACT  # 周二签了合同
    if when == "past":
        return _past(clause, kind)
    if clause.has("past") and when != "future" and kind >= 0:
        return DONE
    if _only_told(clause, work, kind):
        return FACT
    if when == "today":
        return _today(clause, clause.at("verb", "todo", "theirs"), kind)
    return PLAN if work >= 0 or kind >= 0 or _firm(clause) else FACT


def _work(clause: Clause) -> int:
    """The place of a verb, or of work that is more than a noun: in "wants the sample Tuesday" nobody does anything."""
    for place, item in enumerate(clause.items):
        if item.has("verb", "theirs") or item.tags.get("todo", "noun") != "noun":
            return place
    return -1


def _kind(clause: Clause) -> int:
    """The place of what names a kind: a verb, or a noun other than "note"."""
    for place, item in enumerate(clause.items):
        if item.has("verb", "came") or item.tags.get("noun", "note") != "note":
            return place
    return -1


def _past(clause: Clause, kind: int) -> str:
    """Yesterday: a named kind happened then. "再打 this afternoon", typed in the afternoon, is still to come."""
    if clause.has("again") and any(day.form == "day" and not day.n for day in _days(clause)):
        return PLAN
    spoken = kind >= 0 and not clause.before(kind, "fact") and not clause.items[kind].has("todo")
    return DONE if spoken else FACT


def _only_told(clause: Clause, work: int, kind: int) -> bool:
    """Whether the day belongs to what is wanted or reported (needs it by Friday), or to goods (500 pcs by 15/12)."""
    told = clause.has("fact") and not clause.has("came")
    if told and work < 0 and (kind < 0 or clause.before(kind, "fact")):
        return not clause.find("fact any* todo any* date") or not any(day.led and not day.weak for day in _days(clause))
    if clause.find("(?:todo|verb) any* got"):  # 月初寄的样品收到了
        return True
    return clause.find(f"^(?:{SMALL}|date|time|quantity)+$") is not None


def _today(clause: Clause, work: int, kind: int) -> str:
    """Today without an hour ahead: a verb of the languages with tenses plans, a noun or a Chinese verb reports."""
    if kind >= 0 and (clause.items[kind].han or nounish(clause, kind)):
        return PLAN if clause.has("again", "future") else DONE
    return PLAN if work >= 0 or kind >= 0 or clause.has("again") else FACT


def _firm(clause: Clause) -> bool:
    """Whether a day alone makes a plan of any words. 5/3 does only beside a thing to do and at an end of the clause."""
    days = _days(clause)
    if not days or any(not day.weak for day in days):
        return bool(days)
    at_end = clause.items[0].has("date") or clause.items[-1].has("date")
    return at_end and clause.has("todo") and all(day.form == "date" and not day.led for day in days)
