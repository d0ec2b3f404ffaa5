"""What is on: overdue, today full for everybody who sells, the next working days planned, a good part of the rest later on."""

from __future__ import annotations

import datetime as dt
import random

from smallcrm.areas.demo.chronicle import Chronicle
from smallcrm.areas.demo.company import Company
from smallcrm.areas.demo.customers import Planned
from smallcrm.areas.demo.days import Days
from smallcrm.areas.demo.histories import write_done, write_plan
from smallcrm.base import clock

OVERDUE, TODAY, WEEK = 3, 7, 16  # at most, for each of them
SLOTS = ((9, 0), (9, 45), (10, 30), (11, 15), (13, 30), (14, 0), (15, 30), (16, 15))


def tell(
    planned: list[Planned], company: Company, rng: random.Random, chronicle: Chronicle, days: Days, *, first: bool
) -> None:
    """Plans for these customers; ``first``: among them are those that fill today."""
    mine: dict[int, list[Planned]] = {}
    for each in planned:
        if each.mood in ("new", "steady", "growing") or (each.mood == "fading" and rng.random() < 0.35):
            mine.setdefault(each.seller, []).append(each)
    for seller in sorted(mine):
        free = sorted(mine[seller], key=lambda each: (each.grade, rng.random()))
        if first:
            free = _now(free, company, rng, chronicle, days)
        for each in free:
            if rng.random() < {"A": 0.75, "B": 0.5, "C": 0.2}[each.grade]:
                due = days.ahead(rng, rng.randint(2, 45))
                repeat = {"repeat": "monthly"} if each.grade == "A" and rng.random() < 0.1 else None
                write_plan(each, company, rng, chronicle, days, due=due, more=repeat)


def _now(
    free: list[Planned], company: Company, rng: random.Random, chronicle: Chronicle, days: Days
) -> list[Planned]:  # fmt: skip
    """Fill the days around today; the customers that are left."""
    known = max(1, len(free))
    today, late, week = min(TODAY, known // 4 + 1), min(OVERDUE, known // 8 + 1), min(WEEK, known // 3)
    chosen = [free.pop(0) for _ in range(min(today + late + week, len(free)))]
    rng.shuffle(chosen)
    for each, (kind, subject) in zip(chosen[:late], rng.sample(company.words.late, late), strict=False):
        due = days.at_work(rng, days.today - dt.timedelta(days=rng.choice((1, 1, 2, 2, 4, 6))))
        write_plan(each, company, rng, chronicle, days, due=due, kind=kind, subject=subject)
    _today(chosen[late : late + today], company, rng, chronicle, days)
    _week(chosen[late + today :], company, rng, chronicle, days)
    return free


def _today(chosen: list[Planned], company: Company, rng: random.Random, chronicle: Chronicle, days: Days) -> None:
    """One after the other through the day; what lies behind now is mostly done, one thing fits any time."""
    places = sorted(rng.sample(range(len(SLOTS)), min(len(chosen), len(SLOTS))))
    for place, each in zip(places, chosen, strict=False):
        hour, minute = SLOTS[place]
        due = clock.at_local(days.today, dt.time(hour, minute))
        if due < days.now - dt.timedelta(minutes=30) and rng.random() < 0.75:
            write_done(
                each,
                company,
                rng,
                chronicle,
                days,
                kind=rng.choice(("call", "call", "visit", "email")),
                at=due,
                who=each.seller,
                due=due,
            )
            each.busy = True
        else:
            last = each is chosen[-1]
            kind = "task" if last else rng.choices(("call", "visit", "meeting", "email"), (50, 18, 12, 20))[0]
            due = clock.at_local(days.today, dt.time(17)) if last else due
            write_plan(each, company, rng, chronicle, days, due=due, kind=kind, all_day=last)


def _week(chosen: list[Planned], company: Company, rng: random.Random, chronicle: Chronicle, days: Days) -> None:
    for place, each in enumerate(chosen):
        write_plan(each, company, rng, chronicle, days, due=days.ahead(rng, 1 + place % 7))
