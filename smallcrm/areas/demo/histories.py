"""What was done with a customer over two years, denser lately where it grows, thinning out where it fades."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from typing import Any

from smallcrm.areas.activities.records import Activity
from smallcrm.areas.demo import outside
from smallcrm.areas.demo.chronicle import Chronicle
from smallcrm.areas.demo.company import Company
from smallcrm.areas.demo.customers import Planned
from smallcrm.areas.demo.days import Days
from smallcrm.areas.demo.telling import said, slots
from smallcrm.areas.demo.words import Texts, Words
from smallcrm.base import clock

USUAL = {"A": 24.0, "B": 10.5, "C": 3.3}  # done with a customer of two years' standing
KINDS = {"call": 38, "visit": 12, "meeting": 9, "message": 13, "email": 16, "note": 7, "task": 5}
FOLLOW_UPS = ("call", "call", "call", "visit", "meeting", "message", "email")
UNREACHED = 12  # the place among the calls of the one that nobody answered
MINUTES = {"call": (2, 3, 4, 5, 5, 7, 8, 12, 20), "visit": (30, 45, 60, 90, 120), "meeting": (25, 30, 45, 60, 90)}


def tell(planned: Planned, company: Company, rng: random.Random, chronicle: Chronicle, days: Days) -> None:
    """Everything that was done, the last follow-up on the day that was planned for it."""
    age = (days.now - planned.made).days
    for ago in _when(planned, rng, age):
        last = ago == planned.last
        kind = rng.choice(FOLLOW_UPS) if last else rng.choices(list(KINDS), list(KINDS.values()))[0]
        at = max(days.ago(rng, ago), planned.made + dt.timedelta(minutes=rng.randint(5, 50)))
        who = planned.whose(at)
        if not last and rng.random() < 0.05:
            who = company.users[rng.choice(("service", "manager", "marketing"))]
        elif planned.imported and not last and rng.random() < 0.12:
            who = rng.choice(company.sellers)
        write_done(planned, company, rng, chronicle, days, kind=kind, at=min(at, days.now), who=who)


def _when(planned: Planned, rng: random.Random, age: int) -> list[int]:
    """Days before today, the last follow-up among them; none for who was made a moment ago."""
    if planned.mood == "new" and rng.random() < 0.25:
        return []
    span = max(0, age - planned.last)
    share = 0.35 + 0.65 * min(1.0, age / 730)
    more = {"growing": 1.25, "fading": 0.9, "lost": 0.7, "pooled": 0.8}.get(planned.mood, 1.0)
    count = int(rng.gauss(USUAL[planned.grade] * share * more, USUAL[planned.grade] / 4) + 0.5)
    lean = {"growing": 1.7, "fading": 0.6, "lost": 0.6, "pooled": 0.7}.get(planned.mood, 1.1)
    found = [planned.last + int(span * rng.random() ** lean) for _ in range(max(0, min(count, age) - 1))]
    return [*(each if each != planned.last else each + 1 for each in found if each < age), planned.last]


def write_done(
    planned: Planned, company: Company, rng: random.Random, chronicle: Chronicle, days: Days, *, kind: str, at: dt.datetime,
    who: int, subject: str = "", due: dt.datetime | None = None,
) -> None:  # fmt: skip
    """One thing that was done, written down at once."""
    words = company.words
    number, name = _with_whom(planned, rng, at)
    filled = slots(words, rng, contact=name, city=planned.place.city, on=at.date())
    first, second = rng.choice(_texts(words, kind))
    values: dict[str, Any] = {
        "kind": kind, "subject": subject or said(first, filled), "customer": planned.id, "contact": number or None, "owner": who,
        "done_at": clock.iso(at), "body": said(second, filled) if second and rng.random() < 0.8 and not subject else None,
    }  # fmt: skip
    if due is not None:
        values["due_at"] = clock.iso(due)
    if kind in MINUTES:
        values["duration_minutes"] = rng.choice(MINUTES[kind])
    if kind in ("call", "message", "email"):
        values["direction"] = "in" if kind == "call" and rng.random() < 0.3 else "out"
    if kind in ("visit", "meeting") and rng.random() < 0.5:
        values["outcome"] = rng.choice(words.outcomes[:4])  # whoever was visited was reached
    elif kind == "call" and first == words.calls[UNREACHED][0]:
        values |= {"outcome": words.outcomes[4], "direction": "out", "duration_minutes": 1}
    elif kind == "call" and rng.random() < 0.4:
        values["outcome"] = rng.choice((*words.outcomes[:4], *words.outcomes[5:]))
    if kind == "visit" and outside.began(at, days):
        outside.write(chronicle, at, who, values, rng)
    else:
        chronicle.made(at, who, Activity, values)


def _texts(words: Words, kind: str) -> Texts:
    found = {
        "call": words.calls, "visit": words.visits, "meeting": words.meetings, "message": words.messages,
        "email": words.emails, "note": words.notes, "task": words.tasks,
    }  # fmt: skip
    return found[kind]


def _with_whom(planned: Planned, rng: random.Random, at: dt.datetime) -> tuple[int, str]:
    known = [each for each in planned.contacts if each[2] <= at]
    if not known:
        return 0, planned.name
    number, person, _ = known[0] if rng.random() < 0.65 else rng.choice(known)
    return number, person.name


# ---------------------------------------------------------------- what is to come


def write_plan(
    planned: Planned, company: Company, rng: random.Random, chronicle: Chronicle, days: Days, *, due: dt.datetime,
    kind: str = "", subject: str = "", all_day: bool = False, more: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Something that somebody means to do, written down some days ago."""
    words = company.words
    kind = kind or rng.choices(("call", "visit", "meeting", "message", "email", "task"), (40, 16, 10, 8, 12, 14))[0]
    written = min(days.now, due) - dt.timedelta(days=rng.randint(1, 6), minutes=rng.randint(1, 400))
    at = min(max(days.at_work(rng, written.date()), planned.made + dt.timedelta(minutes=20)), days.now)
    number, name = _with_whom(planned, rng, at)
    filled = slots(words, rng, contact=name, city=planned.place.city, on=due.date())
    values: dict[str, Any] = {
        "kind": kind, "subject": said(subject or rng.choice(words.plans[kind]), filled), "customer": planned.id,
        "contact": number or None, "owner": planned.seller, "due_at": clock.iso(due), "all_day": all_day, **(more or {}),
    }  # fmt: skip
    if kind in ("visit", "meeting"):
        values["duration_minutes"] = rng.choice(MINUTES[kind])
    if rng.random() < 0.3 and not all_day:
        values["reminder_at"] = clock.iso(due - dt.timedelta(minutes=rng.choice((15, 30, 60))))
    planned.busy = True
    chronicle.made(at, planned.seller, Activity, values)
