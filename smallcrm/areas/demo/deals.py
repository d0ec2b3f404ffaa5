"""The demo company's opportunities: what it sells, who else sells it, what is on its way, and two years of won and lost."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smallcrm import store
from smallcrm.areas.activities.records import Activity
from smallcrm.areas.catalog.records import Product
from smallcrm.areas.demo.company import Company
from smallcrm.areas.demo.days import YEARS, Days
from smallcrm.areas.pipeline.records import Buyer, Competitor, Opportunity
from smallcrm.areas.pipeline.rules import ready, setting_up, stages
from smallcrm.areas.pipeline.rules.stages import Way
from smallcrm.base import clock
from smallcrm.base.i18n import speaking
from smallcrm.identity.actor import SYSTEM, actor_of
from smallcrm.records import change, changesets

CHUNK = 500
PER_CUSTOMER = 2  # customers to an opportunity
MOST = 4000
OPEN = 0.3  # of them; of the others, so many were won
WON = 0.55


@dataclass(frozen=True)
class Goods:
    """What is sold in one language: (name, group, price), and the competitors (name, good at, weak at, what we answer)."""

    products: Sequence[tuple[str, str, int]]
    rivals: Sequence[tuple[str, str, str, str]]
    steps: Sequence[str]


GOODS: Mapping[str, Goods] = {
    "en": Goods(
        (("Gift hamper, small", "Hampers", 45), ("Gift hamper, large", "Hampers", 120), ("Tea subscription, a year", "Subscriptions", 480),
         ("Own-label blend, 500 tins", "Own label", 3900), ("Counter display", "Display", 260), ("Tasting day", "Service", 750)),
        (("Northgate Teas", "Cheap, next-day delivery", "No own label", "Our blends sell again and again"),
         ("Ellery & Rowe", "Known name", "Slow answers", "We call back the same day")),
        ("Send the offer", "Agree a tasting", "Talk to the buyer", "Wait for the order number", "Show the new display"),
    ),
    "zh": Goods(
        (("商务礼盒（小）", "礼盒", 268), ("商务礼盒（大）", "礼盒", 688), ("年度订茶", "订阅", 3600), ("定制拼配茶 500 罐", "定制", 28_000),
         ("展示柜", "展具", 1980), ("品鉴会", "服务", 5600)),
        (("清源茶业", "价格低、次日达", "不做定制", "我们的复购率更高"), ("盛世礼品", "品牌响", "响应慢", "我们当天回访")),
        ("发报价单", "约品鉴时间", "与采购沟通", "等订单号", "演示新展柜"),
    ),
    "el": Goods(
        (("Καλάθι δώρων, μικρό", "Καλάθια", 49), ("Καλάθι δώρων, μεγάλο", "Καλάθια", 135), ("Ετήσια συνδρομή", "Συνδρομές", 520),
         ("Ιδιωτική ετικέτα, 500 τεμ.", "Ιδιωτική ετικέτα", 4200), ("Σταντ πάγκου", "Σταντ", 280), ("Ημέρα γευσιγνωσίας", "Υπηρεσίες", 800)),
        (("Αφοί Βέργου", "Φθηνοί, άμεση παράδοση", "Όχι ιδιωτική ετικέτα", "Τα δικά μας τα ξαναπαραγγέλνουν"),
         ("Εκλεκτά Δώρα", "Γνωστό όνομα", "Αργούν να απαντήσουν", "Απαντάμε την ίδια μέρα")),
        ("Αποστολή προσφοράς", "Ραντεβού για γευσιγνωσία", "Μιλάμε με τον αγοραστή", "Περιμένουμε αριθμό παραγγελίας", "Παρουσίαση του σταντ"),
    ),
}  # fmt: skip


def tell(company: Company, rng: random.Random, days: Days, count: int) -> int:
    """Bring them in; how many opportunities there are then."""
    goods = GOODS[company.words.language]
    with speaking(company.words.language), clock.at(days.start), changesets.opened(SYSTEM, "demo"), store.writing():
        setting_up.make_first()
        products = _made(
            Product,
            [
                {"name": n, "series": group, "price": str(price), "cost": str(price * 6 // 10)}
                for n, group, price in goods.products
            ],
        )
        rivals = _made(
            Competitor,
            [dict(zip(("name", "strengths", "weaknesses", "answer"), rival, strict=True)) for rival in goods.rivals],
        )
    way = next(iter(stages.every().values()))
    sql = (
        "SELECT id, owner FROM customer WHERE deleted_at IS NULL AND owner IS NOT NULL AND instr(roles, '\"customer\"')"
        " ORDER BY id LIMIT ?"
    )
    customers = store.rows(sql, [count])
    rng.shuffle(customers)
    wanted = min(MOST, len(customers) // PER_CUSTOMER)
    drawn = [_draw(rng, days, way, goods, products, rivals, *customers[n]) for n in range(wanted)]
    for start in range(0, len(drawn), CHUNK):
        part = drawn[start : start + CHUNK]
        with speaking(company.words.language), changesets.opened(SYSTEM, "demo"), store.writing():
            change.create_many(SYSTEM, Opportunity, part, trusted=True)
    _plans(company, rng, days, goods)
    _people(rng)
    return len(drawn)


def _made(kind: Any, many: Sequence[dict[str, Any]]) -> list[int]:
    return [int(change.create(SYSTEM, kind, values, trusted=True).id) for values in many]


def _draw(
    rng: random.Random,
    days: Days,
    way: Way,
    goods: Goods,
    products: list[int],
    rivals: list[int],
    customer: int,
    owner: int,
) -> dict[str, Any]:
    """One opportunity as a form or a list would bring it."""
    is_open = rng.random() < OPEN
    age = rng.randint(2, 110) if is_open else rng.randint(20, YEARS - 5)
    opened = days.today - dt.timedelta(days=age)
    found: dict[str, Any] = {
        "customer": customer, "owner": owner, "opened_on": opened.isoformat(),
        "products": _lines(rng, products), "created_at": clock.iso(days.at_work(rng, opened)),
    }  # fmt: skip
    if is_open:
        step = rng.choices(way.open_steps, range(len(way.open_steps) + 1, 1, -1))[0]
        found |= {
            "stage": step.id,
            "expected_close": (days.today + dt.timedelta(days=rng.randint(-12, 95))).isoformat(),
        }
        if rng.random() < 0.6:
            found |= {
                "next_step": rng.choice(goods.steps),
                "next_follow_up_on": (days.today + dt.timedelta(days=rng.randint(-4, 20))).isoformat(),
            }
        if rng.random() < 0.25:
            found["competitors"] = [f"competitor/{rng.choice(rivals)}"]
        return found
    closed = opened + dt.timedelta(days=min(rng.randint(6, 90), age - 1))
    won = rng.random() < WON
    step = way.ending("won" if won else "lost") or way.steps[-1]
    found |= {"stage": step.id, "closed_on": closed.isoformat(), "expected_close": closed.isoformat()}
    if not won:
        found["close_reason"] = str(rng.choice(ready.LOSS_REASONS))
        if rng.random() < 0.4:
            found["lost_to"] = rng.choice(rivals)
        if rng.random() < 0.2:
            found["ask_again_on"] = (days.today + dt.timedelta(days=rng.randint(-10, 150))).isoformat()
    return found


def _lines(rng: random.Random, products: list[int]) -> list[dict[str, Any]]:
    chosen = rng.sample(products, rng.choice((1, 1, 2)))
    return [
        {"product": product, "quantity": rng.choice((1, 2, 5, 10, 20, 40)), "discount": rng.choice((None, None, 5, 10))}
        for product in chosen
    ]


def _plans(company: Company, rng: random.Random, days: Days, goods: Goods) -> None:
    """Some of the open ones have their next step in the calendar."""
    sql = (
        "SELECT id, customer, owner FROM opportunity WHERE state = 'open' AND deleted_at IS NULL ORDER BY id LIMIT 400"
    )
    found = store.rows(sql)
    many = [
        {
            "kind": rng.choice(("call", "meeting", "task")), "subject": rng.choice(goods.steps), "customer": customer, "owner": owner,
            "about": {"type": "opportunities", "id": number}, "due_at": clock.iso(days.ahead(rng, rng.randint(0, 14))),
        }
        for number, customer, owner in found
        if rng.random() < 0.35
    ]  # fmt: skip
    with speaking(company.words.language), changesets.opened(actor_of(company.users["manager"]) or SYSTEM, "demo"):
        change.create_many(SYSTEM, Activity, many, trusted=True)


def _people(rng: random.Random) -> None:
    """Who decides in the nearest ones."""
    sql = (
        "SELECT o.id, o.owner, k.id FROM opportunity o JOIN contact k ON k.customer = o.customer AND k.deleted_at IS NULL"
        " WHERE o.state = 'open' AND o.deleted_at IS NULL ORDER BY o.expected_close, o.id, k.id LIMIT 300"
    )
    parts, seen = ("decides", "uses", "buys", "technical"), dict[int, int]()
    many = []
    for number, owner, contact in store.rows(sql):
        place = seen[number] = seen.get(number, -1) + 1
        many.append(
            {
                "opportunity": number, "contact": contact, "owner": owner, "part": parts[place % 4],
                "influence": "high" if not place else rng.choice(("low", "medium")),
                "attitude": rng.choice(("supporter", "neutral", "champion", "opponent")), "coverage": rng.choice(("some", "good")),
            }
        )  # fmt: skip
    with changesets.opened(SYSTEM, "demo"):
        change.create_many(SYSTEM, Buyer, many, trusted=True)
