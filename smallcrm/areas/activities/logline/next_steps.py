"""What is next? Two or three proposals after something was done: from its outcome, its words, its kind and the past."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from smallcrm.areas.activities.logline.days import Working, add, weekdays
from smallcrm.areas.activities.logline.lexicon import topics_in
from smallcrm.areas.activities.logline.understood import Understood
from smallcrm.base import formats
from smallcrm.base.i18n import L, Lazy, speaking, translate

MOST = 3


@dataclass(frozen=True)
class History:
    """What is known of the customer: its follow-ups (day and kind, newest first) and what stands open."""

    touches: Sequence[tuple[dt.date, str]] = ()
    recycle_on: dt.date | None = None
    open_quote: bool = False
    overdue: bool = False


@dataclass(frozen=True)
class Suggestion:
    """One proposal: ``label`` ("Send price") becomes the subject, ``when`` says ``due`` in words. No ``due``: pick."""

    kind: str
    label: str
    due: dt.date | None
    when: str


class Step(NamedTuple):
    """A proposal before its day is known: in ``n`` of ``unit``; without unit on a day to pick."""

    label: Lazy
    kind: str
    n: int = 0
    unit: str = "workday"


CALL_AGAIN = L("Call again")
ASK_QUOTE = L("Ask about the quote")
ASK_PAYMENT = L("Ask about the payment")

_BY_OUTCOME = {
    "no_answer": [Step(CALL_AGAIN, "call", 1), Step(L("Send a message"), "message", 0)],
    "voicemail": [Step(CALL_AGAIN, "call", 2), Step(L("Send a message"), "message", 0)],
    "busy": [Step(CALL_AGAIN, "call", 0), Step(L("Send a message"), "message", 0)],
    "switched_off": [Step(CALL_AGAIN, "call", 1), Step(L("Send a message"), "message", 0)],
    "hung_up": [Step(L("Send an e-mail"), "email", 1), Step(CALL_AGAIN, "call", 1, "week")],
    "wrong_number": [Step(L("Find the right number"), "task", 0)],
    "not_in": [Step(CALL_AGAIN, "call", 1), Step(L("Send a message"), "message", 0)],
    "not_there": [Step(L("Arrange a new visit"), "call", 1), Step(L("Visit again"), "visit", 1, "week")],
    "no_reply": [Step(L("Call to ask"), "call", 2), Step(L("Write again"), "email", 1, "week")],
}  # fmt: skip

# What was spoken of, and what is asked about it once it has been sent.
_BY_TOPIC = {
    "complaint": (Step(L("Call about the complaint"), "call", 1), Step(L("Call about the complaint"), "call", 2)),
    "price": (Step(L("Send price"), "task", 2), Step(L("Ask about the price"), "call", 3)),
    "sample": (Step(L("Send samples"), "task", 2), Step(L("Ask about the samples"), "call", 1, "week")),
    "contract": (Step(L("Send contract"), "task", 2), Step(L("Ask about the contract"), "call", 3)),
    "payment": (Step(ASK_PAYMENT, "call", 1, "week"), Step(ASK_PAYMENT, "call", 1, "week")),
    "delivery": (Step(L("Confirm the delivery date"), "task", 1), Step(L("Ask about the delivery"), "call", 1, "week")),
    "order": (Step(L("Confirm the order"), "task", 1), Step(L("Ask about the order"), "call", 1, "week")),
    "demo": (Step(L("Arrange a demo"), "meeting", 1, "week"), Step(L("Ask about the trial"), "call", 1, "week")),
}  # fmt: skip

_BY_KIND = {
    "call": [Step(CALL_AGAIN, "call", 1, "week")],
    "meeting": [Step(L("Send a summary"), "email", 1), Step(CALL_AGAIN, "call", 1, "week")],
    "visit": [
        Step(L("Send a summary"), "email", 1),
        Step(CALL_AGAIN, "call", 1, "week"),
        Step(L("Visit again"), "visit", 1, "month"),
    ],
    "email": [Step(L("Ask whether it arrived"), "call", 3)],
    "message": [Step(CALL_AGAIN, "call", 1, "week")],
    "note": [Step(L("Call"), "call", 1, "week")],
    "task": [Step(L("Call"), "call", 1, "week")],
}  # fmt: skip
_ANSWER = {"email": Step(L("Reply"), "email", 0), "message": Step(L("Reply"), "message", 0)}
_VISIT = Step(L("Visit"), "visit", 0, "")
_MEET = Step(L("Meet"), "meeting", 0, "")


def next_steps(
    kind: str,
    language: str,
    today: dt.date,
    *,
    said: Understood | None = None,
    history: History | None = None,
    working: Working = weekdays,
) -> list[Suggestion]:
    """What could follow an activity of ``kind`` that has just been finished.

    ``said`` is what the log line understood of its text. What is planned already is not proposed again; the customer's
    usual rhythm sets the day of "call again", and nothing comes later than the day before the customer would fall back.
    """
    known = history or History()
    found: list[Suggestion] = []
    planned = {plan.kind for plan in said.planned} if said else set()
    with speaking(language):
        for step in _steps(kind, said, known):
            due = _day(step, today, known, working)
            suggestion = Suggestion(step.kind, str(step.label), due, _words(due, today))
            taken = step.kind in planned and step.kind != "task"
            if not taken and all(suggestion.label != other.label for other in found):
                found.append(suggestion)
            if len(found) == MOST:
                break
    return found


def _steps(kind: str, said: Understood | None, history: History) -> Iterator[Step]:
    """All that might be proposed, the most fitting first."""
    act = said.done if said else None
    outcome = act.outcome if act else ""
    written = act is not None and act.kind in _ANSWER
    received = written and act is not None and act.direction == "in"
    yield from _BY_OUTCOME.get(outcome, ())
    if act is not None and received:
        yield _ANSWER[act.kind]
    topics = _topics(said) if said and not outcome else []
    for topic in topics:
        yield _BY_TOPIC[topic][written and not received]
    if history.overdue:
        yield Step(ASK_PAYMENT, "call", 1)
    if history.open_quote:
        yield Step(ASK_QUOTE, "call", 3)
    if said and said.mentioned:
        yield Step(CALL_AGAIN, "call", (said.mentioned[0] - said.now.astimezone(said.zone).date()).days, "day")
    if not outcome and not received and not (written and topics):
        yield from _BY_KIND.get(kind, _BY_KIND["task"])
    if kind not in ("note", "task"):
        yield Step(CALL_AGAIN, "call", 1, "week")
    yield _MEET if kind == "visit" else _VISIT


def _topics(said: Understood) -> list[str]:
    """What was spoken of and no plan of the same line takes up already, the most pressing first."""
    taken = {topic for plan in said.planned for topic in topics_in(plan.subject)}
    return [topic for topic in _BY_TOPIC if topic in said.topics and topic not in taken]


def _day(step: Step, today: dt.date, history: History, working: Working) -> dt.date | None:
    """The working day of a step. "Call again" keeps the customer's own rhythm."""
    if not step.unit:
        return None
    n, unit = step.n, step.unit
    if step.label == CALL_AGAIN and (n, unit) == (1, "week") and (gap := _rhythm(history.touches)):
        n, unit = gap, "day"
    day = add(today, n, unit, working)
    while not working(day) and (day - today).days < 400:
        day += dt.timedelta(days=1)
    if history.recycle_on and day >= history.recycle_on > today:
        day = max(today, history.recycle_on - dt.timedelta(days=1))
    return day


def _rhythm(touches: Sequence[tuple[dt.date, str]]) -> int | None:
    """The usual days between follow-ups, of three or more gaps; between two days and two months."""
    days = sorted({day for day, _ in touches}, reverse=True)[:12]
    gaps = [(later - earlier).days for later, earlier in pairwise(days)]
    return min(60, max(2, round(median(gaps)))) if len(gaps) >= 3 else None


def _words(due: dt.date | None, today: dt.date) -> str:
    """The day in words: today, tomorrow, in a week, Tue 24, 12 Jan."""
    if due is None:
        return translate("pick a day")
    away = (due - today).days
    named = {0: L("today"), 1: L("tomorrow"), 7: L("in a week"), 14: L("in two weeks")}
    if away in named:
        return str(named[away])
    if away < 14:
        return translate("%(weekday)s %(day)s", weekday=formats.weekday(due), day=due.day)
    return formats.date(due, year=due.year != today.year)
