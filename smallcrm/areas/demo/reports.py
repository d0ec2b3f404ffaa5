"""Work reports of the last weeks: rules in force, most handed in, some late, some missing, read and answered by the manager."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping

from smallcrm import store
from smallcrm.areas.demo.company import Company
from smallcrm.areas.demo.days import Days
from smallcrm.areas.workreports.records import DAILY, MONTHLY, WEEKLY, ReportRule, WorkReport
from smallcrm.areas.workreports.rules import acts, filling, owing, periods, ready
from smallcrm.areas.workreports.rules.periods import DAY, Period
from smallcrm.base import clock
from smallcrm.base.i18n import speaking
from smallcrm.identity.actor import Actor, actor_of
from smallcrm.records import access, cache, change, changesets

BACK = {DAILY: 14, WEEKLY: 35, MONTHLY: 40}  # days
MISSING, LATE, LIKED, ANSWERED = 0.07, 0.1, 0.25, 0.3

WORDS = {
    "en": {
        "plan": ("Ring everybody who has our prices.", "Two visits in the east, samples along.", "Chase the open quotes."),
        "problems": ("The price of board: three asked for the old one.", "Samples arrive a day late.", ""),
        "comments": ("Good. Send them the drop-test report as well.", "Bring it up on Monday, I will talk to the mill.", "Well done."),
    },
    "zh": {
        "plan": ("给所有收到报价的客户打电话。", "东区两次拜访，带样品。", "催未定的报价。"),
        "problems": ("纸板涨价：三家要求按老价格。", "样品晚到一天。", ""),
        "comments": ("好的，把跌落测试报告也发给他们。", "周一会上提出来，我和纸厂谈。", "干得好。"),
    },
    "el": {
        "plan": ("Τηλέφωνο σε όλους όσοι έχουν τις τιμές μας.", "Δύο επισκέψεις ανατολικά, με δείγματα.", "Πίεση για τις ανοιχτές προσφορές."),
        "problems": ("Η τιμή του χαρτονιού: τρεις ζήτησαν την παλιά.", "Τα δείγματα φτάνουν με μία ημέρα καθυστέρηση.", ""),
        "comments": ("Ωραία. Στείλτε τους και τη δοκιμή πτώσης.", "Να το πούμε τη Δευτέρα, θα μιλήσω με το εργοστάσιο.", "Μπράβο."),
    },
}  # fmt: skip


def tell(company: Company, rng: random.Random, days: Days) -> None:
    """After everything else has been written."""
    language = company.words.language
    owner = actor_of(company.users["owner"])
    assert owner is not None
    with speaking(language):
        with clock.at(days.now - dt.timedelta(days=60)), changesets.opened(owner, "form"), store.writing():
            _rules(owner, company)
        cache.forget()
        for kind, back in BACK.items():
            for period in periods.between(kind, days.today - DAY * back, days.today - DAY):
                if period[1] < days.today:
                    for seller in company.sellers:
                        _one(company, rng, days, kind, period, seller, WORDS[language])


def _rules(owner: Actor, company: Company) -> None:
    ready.make(owner)
    people = [f"user/{seller}" for seller in company.sellers]
    for (number,) in store.rows("SELECT id FROM report_rule ORDER BY id"):
        rule = access.find(owner, ReportRule, number)
        given = {
            "active": True,
            "people": people,
            "readers": [f"user/{company.users['manager']}"],
            "manager_reads": False,
        }
        if rule.__data__["kind"] != DAILY:
            given["grace_days"] = 2
        change.update(owner, rule, given, trusted=True)


def _one(
    company: Company, rng: random.Random, days: Days, kind: str, period: Period, seller: int, words: Mapping[str, tuple[str, ...]]
) -> None:  # fmt: skip
    rule = owing.rule_for(seller, kind)
    who, manager = actor_of(seller), actor_of(company.users["manager"])
    dice = rng.random()
    assert who is not None
    assert manager is not None
    if rule is None or not owing.owed(rule, seller, period) or dice < MISSING:
        return
    closes = rule.window(period)[1]
    hour = dt.timedelta(minutes=rng.randint(20, 290))
    at = closes + hour if dice < MISSING + LATE else closes - hour
    if at >= days.now - dt.timedelta(minutes=5):
        return
    with clock.at(at):
        made = change.create(who, WorkReport, _words(who, rng, kind, period, words))
        acts.hand_in(who, made)
    answered = at + dt.timedelta(minutes=rng.randint(30, 900))
    if answered < days.now:
        with clock.at(answered):
            acts.read(manager, made)
            if rng.random() < LIKED:
                acts.like(manager, made, on=True)
            if rng.random() < ANSWERED:
                acts.comment(manager, made, rng.choice(words["comments"]))


def _words(
    who: Actor, rng: random.Random, kind: str, period: Period, words: Mapping[str, tuple[str, ...]]
) -> dict[str, object]:
    done = filling.proposed(who, period, periods.after(kind, period))["done"]
    return {
        "kind": kind, "day": period[0].isoformat(), "done": done or words["plan"][0], "plan": rng.choice(words["plan"]),
        "problems": rng.choice(words["problems"]) or None, "owner": who.id,
    }  # fmt: skip
