"""The demo company's leads: where they come from, how they are shared out and scored, and what became of them."""

from __future__ import annotations

import bisect
import datetime as dt
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smallcrm import store
from smallcrm.areas.activities.records import Activity
from smallcrm.areas.demo.company import Company
from smallcrm.areas.demo.days import Days
from smallcrm.areas.demo.telling import said, slots
from smallcrm.areas.demo.words import Firm, Person, Words
from smallcrm.areas.leads.records import AssignmentRule, Lead, LeadSource, MailRule, ScoreRule, WebForm
from smallcrm.areas.leads.rules import scoring
from smallcrm.areas.pool.records import Pool
from smallcrm.base import clock
from smallcrm.base.i18n import speaking
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import change, changesets, derive, rows

CHUNK = 500
PER_CUSTOMER, BEYOND = 2, 40  # customers to a lead; in a large company, to one more
LEAST, MANY, MOST = 24, 1500, 4000
SPAN = 210  # days back
STATES = {"todo": 22, "following": 30, "unassigned": 9, "converted": 17, "invalid": 20, "void": 2}
SHARE = {0: 0.8, 1: 0.5, 2: 0.08, 3: 0.4}  # of the closed ones of each source that converted


@dataclass(frozen=True)
class Said:
    """What leads say in one language."""

    sources: Sequence[str]  # referral, web site, advertisement, fair
    interests: Sequence[str]
    reasons: Sequence[str]
    campaign: str
    form: tuple[str, str, str, str]  # name, heading, words above, words of thanks
    consent: str
    rules: tuple[str, str]
    scores: tuple[str, str, str, str]
    pool: str
    portal: tuple[str, str, str]  # name of the mail rule, labels of name and phone


SAID: Mapping[str, Said] = {
    "en": Said(
        ("Referral", "Website", "Advertisement", "Trade fair"),
        ("Gift hampers", "Tea for the office", "Own label", "Samples", "Standing order"),
        ("Cannot be reached", "No interest", "Only asked for a price", "Advertising or spam"),
        "Spring fair",
        ("Website inquiry", "How can we help?", "Tell us what you need; we call back the same day.", "Thank you. We will call you."),
        "You may write to me about offers; I can take this back at any time.",
        ("Trade fair leads", "Everything else"),
        ("Came by referral", "Has an e-mail", "Names a company", "Wrote by advertisement"),
        "Leads pool", ("Trade portal", "Name", "Phone"),
    ),
    "zh": Said(
        ("转介绍", "官网", "广告", "展会"), ("礼盒", "办公用茶", "贴牌定制", "样品", "长期订货"),
        ("联系不上", "没有兴趣", "只是问价", "广告或垃圾信息"), "春季展会",
        ("官网询价", "需要什么帮助？", "请告诉我们您的需求，当天回电。", "谢谢！我们会给您回电。"),
        "同意贵司向我发送优惠信息，可随时撤回。", ("展会线索", "其他全部"), ("来自转介绍", "有邮箱", "写了公司", "来自广告"), "线索公海",
        ("行业门户", "姓名", "电话"),
    ),
    "el": Said(
        ("Σύσταση", "Ιστότοπος", "Διαφήμιση", "Έκθεση"),
        ("Καλάθια δώρων", "Τσάι γραφείου", "Ιδιωτική ετικέτα", "Δείγματα", "Σταθερή παραγγελία"),
        ("Δεν απαντά", "Χωρίς ενδιαφέρον", "Ρώτησε μόνο τιμή", "Διαφήμιση ή ανεπιθύμητα"), "Ανοιξιάτικη έκθεση",
        ("Ερώτημα από τον ιστότοπο", "Πώς μπορούμε να βοηθήσουμε;", "Πείτε μας τι χρειάζεστε· καλούμε την ίδια μέρα.", "Ευχαριστούμε. Θα σας καλέσουμε."),
        "Μπορείτε να μου γράφετε για προσφορές· το ανακαλώ όποτε θέλω.", ("Από την έκθεση", "Όλοι οι άλλοι"),
        ("Ήρθε με σύσταση", "Έχει e-mail", "Γράφει εταιρεία", "Από διαφήμιση"), "Δεξαμενή υποψηφίων", ("Κλαδική πύλη", "Όνομα", "Τηλέφωνο"),
    ),
}  # fmt: skip


def tell(company: Company, rng: random.Random, days: Days, customers: int) -> int:
    """Set up how leads come in, and make them; how many."""
    told = SAID[company.words.language]
    wanted = max(LEAST, min(MOST, customers // PER_CUSTOMER, MANY + customers // BEYOND))
    with speaking(company.words.language), changesets.opened(SYSTEM, "demo"):
        form = _set_up(company, told, rng, days)
    # apart: a transaction that changes settings reads them anew each time
    with speaking(company.words.language), changesets.opened(SYSTEM, "demo"):
        made = _leads(company, told, rng, days, wanted, form)
    scoring.nightly()
    return made


def _make(kind: Any, /, **values: Any) -> int:
    return int(change.create(SYSTEM, kind, values, trusted=True).id)


def _set_up(company: Company, told: Said, rng: random.Random, days: Days) -> int:
    year = days.today.replace(month=1, day=1).isoformat()
    for source, cost in zip(told.sources, (0, 1200, 4800, 6500), strict=True):
        lines = [{"since": year, "until": days.today.isoformat(), "amount": str(cost)}] if cost else None
        _make(LeadSource, name=source, active=True, currency=company.words.currency, costs=lines)
    a, b = (company.teams[1], company.teams[2])
    fair, rest = told.rules
    where = [{"field": "source", "op": "eq", "value": told.sources[3]}]
    teams = [{"type": "team", "id": team} for team in (a, b)]
    _make(
        AssignmentRule,
        name=fair,
        position=1,
        active=True,
        match="all",
        conditions=where,
        method="round_robin",
        people=[teams[0]],
    )
    _make(
        AssignmentRule, name=rest, position=2, active=True, match="all", method="least_busy", people=teams, most_open=80
    )
    conditions: tuple[tuple[str, str, str | None], ...] = (
        ("source", "eq", told.sources[0]), ("email", "not_empty", None), ("company", "not_empty", None), ("source", "eq", told.sources[2]),
    )  # fmt: skip
    for name, (field, op, value), points in zip(told.scores, conditions, (45, 15, 20, -10), strict=True):
        line = {"field": field, "op": op, "value": value}
        _make(ScoreRule, name=name, active=True, match="all", points=points, conditions=[line])
    name, heading, intro, thanks = told.form
    form = _make(
        WebForm, name=name, active=True, language=company.words.language, heading=heading, intro=intro, thanks=thanks,
        consent_text=told.consent, consent_purpose="marketing", source=told.sources[1],
        address_key=f"demo-{rng.getrandbits(96):024x}",
    )  # fmt: skip
    rule, label, phone = told.portal
    reads = [{"field": "name", "how": "label", "pattern": label}, {"field": "phone", "how": "label", "pattern": phone}]
    _make(MailRule, name=rule, active=True, sender="portal.example", reads=reads, source=told.sources[2])
    _make(
        Pool, name=told.pool, kind="leads", enabled=True, position=9, admins=[company.users["manager"]],
        masked_fields=["phone", "email", "wechat"], days_without_follow_up=30, remind_days_before=2, daily_claim_limit=10,
    )  # fmt: skip
    return form


def _leads(company: Company, told: Said, rng: random.Random, days: Days, wanted: int, form: int) -> int:
    sql = "SELECT id, created_at FROM customer WHERE deleted_at IS NULL ORDER BY created_at, id LIMIT 5000"
    customers = store.rows(sql)
    planned = sorted(
        (_one(company, told, rng, days, customers, form) for _ in range(wanted)), key=lambda each: each["created_at"]
    )
    made = 0
    for start in range(0, wanted, CHUNK):
        chunk = planned[start : start + CHUNK]
        with store.writing():
            written = change.create_many(SYSTEM, Lead, chunk, trusted=True).written
            made += len(written)
            _follow_ups(company, rng, days, [dict(draft.after) for draft in written])
            _told_already(days, [draft.id for draft in written])
    return made


def _one(
    company: Company, told: Said, rng: random.Random, days: Days, customers: Sequence[tuple[int, str]], form: int
) -> dict[str, Any]:
    words = company.words
    source = rng.choices(range(4), (22, 38, 25, 15))[0]
    state = rng.choices(list(STATES), list(STATES.values()))[0]
    if state in ("converted", "invalid"):
        state = "converted" if rng.random() < SHARE[source] else "invalid"
    ago = (
        rng.uniform(0, 6)
        if state in ("todo", "unassigned")
        else rng.uniform(3, 40)
        if state == "following"
        else rng.uniform(20, SPAN)
    )
    at = days.ago(rng, ago)
    person, firm = words.person(rng), words.firm(rng) if rng.random() < 0.7 else None
    place = rng.choice(words.places)
    values: dict[str, Any] = {
        "name": person.name, "company": firm.name if firm else None, "industry": firm.industry if firm else None,
        "source": told.sources[source], "campaign": told.campaign if source == 3 else None, "form": form if source == 1 else None,
        "interest": rng.choice(told.interests) if rng.random() < 0.6 else None, "country": words.country_name,
        "region": place.region, "city": place.city, "mobile": words.mobile(rng) if rng.random() < 0.7 else None,
        "phone": words.phone(rng, place) if rng.random() < 0.5 else None, "language": words.language,
        "email": _address(person, firm) if rng.random() < 0.75 else None,
        "grade": rng.choice(("A", "B", "B", "C", None)), "status": state, "created_at": clock.iso(at), "updated_at": clock.iso(at),
        "owner": None if state == "unassigned" else rng.choice(company.sellers),
    }  # fmt: skip
    if values["owner"]:
        values["owned_since"] = clock.iso(at)
    return {**values, **_ending(told, rng, days, state, at, customers)}


def _address(person: Person, firm: Firm | None) -> str:
    place = re.sub(r"[^a-z0-9]+", "-", firm.slug.lower()).strip("-") if firm else ""
    return f"{re.sub(r'[^a-z0-9.]+', '', person.slug.lower()).strip('.') or 'info'}@{place or 'mail'}.example"


def _ending(
    told: Said, rng: random.Random, days: Days, state: str, at: dt.datetime, customers: Sequence[tuple[int, str]]
) -> dict[str, Any]:
    end = clock.iso(min(days.now, at + dt.timedelta(days=rng.uniform(1, 18))))
    if state == "invalid":
        return {"invalid_reason": rng.choice(told.reasons), "closed_at": end}
    if state == "void":
        return {"closed_at": end}
    there = bisect.bisect(customers, clock.iso(at), key=lambda each: each[1])  # what was done is their history too
    if state == "converted" and there:
        return {"converted_at": end, "closed_at": end, "converted_customer": customers[rng.randrange(there)][0]}
    return {"status": "invalid", "invalid_reason": told.reasons[0], "closed_at": end} if state == "converted" else {}


def _follow_ups(company: Company, rng: random.Random, days: Days, leads: Sequence[Mapping[str, Any]]) -> None:
    """Calls and mails about those that were spoken to, and what is planned next with some."""
    words, made = company.words, []
    for lead in leads:
        if lead["status"] not in ("following", "converted", "invalid") or not lead["owner"]:
            continue
        begun = clock.moment(lead["created_at"])
        end = clock.moment(lead["closed_at"]) if lead["closed_at"] else days.now
        for _ in range(rng.choice((1, 1, 2, 3)) if lead["status"] != "invalid" or rng.random() < 0.6 else 0):
            day = clock.day_of(begun + (end - begun) * rng.uniform(0.02, 0.98))
            at = min(max(days.at_work(rng, day), begun + dt.timedelta(minutes=20)), max(end, begun))
            made.append(_activity(words, rng, lead, at))
        if lead["status"] == "following" and rng.random() < 0.5:
            due = days.ahead(rng, rng.randint(0, 9))
            made.append(
                {
                    **_activity(words, rng, lead, days.now),
                    "done_at": None,
                    "due_at": clock.iso(due),
                    "subject": rng.choice(words.plans["call"]),
                }
            )
            made[-1]["subject"] = said(
                made[-1]["subject"], slots(words, rng, contact=lead["name"], city=str(lead["city"]), on=due.date())
            )
            made[-1] |= {"kind": "call", "body": None}
    change.create_many(SYSTEM, Activity, made, trusted=True)


def _activity(words: Words, rng: random.Random, lead: Mapping[str, Any], at: dt.datetime) -> dict[str, Any]:
    kind, texts = ("call", words.calls) if rng.random() < 0.65 else ("email", words.emails)
    filled = slots(words, rng, contact=str(lead["name"]), city=str(lead["city"]), on=at.date())
    first, second = rng.choice(texts)
    return {
        "kind": kind, "subject": said(first, filled), "body": said(second, filled) if second and rng.random() < 0.5 else None,
        "about": {"type": "lead", "id": lead["id"]}, "owner": lead["owner"], "done_at": clock.iso(at), "direction": "out",
        "created_at": clock.iso(at), "updated_at": clock.iso(at),
    }  # fmt: skip


def _told_already(days: Days, ids: Sequence[int]) -> None:
    """Whose first touch was due yesterday or before, of that everybody has heard."""
    late = clock.iso(days.now - dt.timedelta(hours=20))
    held = rows.load(Lead, ids, "t.first_touch_due_at < ?", [late], only=("id",))
    derive.put(Lead, {number: {"touch_told": 2} for number in held})
