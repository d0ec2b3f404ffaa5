"""What the demo company looks at: targets of this year and the last, a commission plan, a dashboard for all, segments, an alert, a
workbook by mail, a review with its action."""

from __future__ import annotations

import datetime as dt
import json
import random
from decimal import Decimal

from smallcrm.areas.demo.company import Company
from smallcrm.areas.demo.days import Days
from smallcrm.areas.reports.records import Alert, Dashboard, Figure, Mailing, Segment
from smallcrm.areas.reports.standard.customers import QUIET
from smallcrm.areas.targets.records import CommissionPlan
from smallcrm.areas.targets.rules import acts, checking, plans
from smallcrm.areas.targets.rules.plans import Months
from smallcrm.base.i18n import speaking
from smallcrm.identity.actor import SYSTEM, Actor, actor_of
from smallcrm.records import cache, change, changesets
from smallcrm.records.figures.metrics import Metric

# what a salesperson is to win in a month where nothing was won yet to go by, in whole units
USUAL = {"CNY": 300_000, "GBP": 30_000, "EUR": 30_000}
COUNTS = {"won_deals": 3, "new_customers": 2, "calls": 40, "visits": 8}
SEASON = (90, 90, 105, 100, 100, 105, 95, 70, 105, 110, 115, 115)

WORDS = {
    "en": ("Sales meeting", "Gone quiet, grade A", "Pipeline gets thin", "For the managers, monthly", "Commission", "Big ones open",
           "Too few visits to existing customers last month.", "Two visits a week to A customers", "Customers with a loading ramp"),
    "zh": ("销售例会", "久未联系的 A 类客户", "进行中金额偏低", "经理月报", "提成", "进行中的大单",
           "上月对老客户的拜访太少。", "每周拜访两家 A 类客户", "有装卸平台的客户"),
    "el": ("Συνάντηση πωλήσεων", "Πελάτες Α χωρίς επαφή", "Λιγοστεύουν οι ευκαιρίες", "Για τους προϊσταμένους, κάθε μήνα", "Προμήθεια",
           "Μεγάλες ανοιχτές", "Τον περασμένο μήνα λίγες επισκέψεις σε παλιούς πελάτες.", "Δύο επισκέψεις την εβδομάδα σε πελάτες Α",
           "Πελάτες με ράμπα"),
}  # fmt: skip


def tell(company: Company, rng: random.Random, days: Days) -> None:
    """Write it all, in the company's language."""
    words = WORDS[company.words.language]
    cache.current()
    owner, manager = actor_of(company.owner), actor_of(company.users["manager"])
    assert owner is not None
    assert manager is not None
    with speaking(company.words.language), changesets.opened(SYSTEM, "demo"):
        for metric in ("won_value", *COUNTS):
            _targets(owner, plans.find_metric(metric), company, rng, days)
        _commission(company, words[4])
        _reports(company, words)
        _acts(manager, company, words, days)


def _targets(owner: Actor, metric: Metric, company: Company, rng: random.Random, days: Days) -> None:
    """Everybody's, their team's a little more than theirs together, the company's as the teams'; last year a tenth less."""
    first = days.today - dt.timedelta(days=365)
    counted = metric.count(company.sellers, first, days.today)
    whole = company.teams[0]
    for year, share in ((days.today.year - 1, 90), (days.today.year, 100)):
        rows: dict[str, Months] = {}
        below: dict[int, list[Months]] = {}
        for seller in company.sellers:
            won = checking.unit(metric, sum(value for (who, _month), value in counted.items() if who == seller)) / 12
            usual = Decimal(USUAL.get(company.words.currency, 30_000) if metric.unit == "money" else COUNTS[metric.key])
            base = max(won, usual / 2) * rng.randint(95, 125) * share / 10_000
            step = Decimal(1000 if metric.unit == "money" else 1)
            months = tuple(max(step, (base * each / 100 / step).quantize(Decimal(1)) * step) for each in SEASON)
            rows[f"u{seller}"] = months
            below.setdefault(company.team_of[seller], []).append(months)
        teams = [_over(several) for several in below.values()]
        rows |= {f"t{team}": _over(several) for team, several in below.items()}
        rows |= {f"t{whole}": _sum(teams), "c": _sum(teams)}
        plans.keep(owner, metric, year, rows)


def _sum(several: list[Months]) -> Months:
    return tuple(sum((months[n] or Decimal(0) for months in several), Decimal(0)) for n in range(12))


def _over(several: list[Months]) -> Months:
    """A twentieth above the sum of those below, as teams are given."""
    return tuple(((value or Decimal(0)) * 21 / 20).quantize(Decimal(1)) for value in _sum(several))


def _commission(company: Company, name: str) -> None:
    bands = [
        {"reached": "0", "rate": "1"},
        {"reached": "80", "rate": "2"},
        {"reached": "100", "rate": "3.5"},
        {"reached": "120", "rate": "5"},
    ]
    members = [f"team/{company.teams[0]}"]
    change.create(
        SYSTEM, CommissionPlan, {"name": name, "members": members, "bands": bands, "untargeted": "1"}, trusted=True
    )


def _reports(company: Company, words: tuple[str, ...]) -> None:
    manager, owner = company.users["manager"], company.owner
    big = {"all": [{"field": "state", "op": "eq", "value": "open"}, {"field": "chance", "op": "gte", "value": 50}]}
    figure = change.create(
        SYSTEM, Figure,
        {"name": words[5], "about": "opportunity", "conditions": json.dumps(big), "measure": "sum:amount", "by": "owner", "then_by": "stage",
         "shared": "all", "owner": manager}, trusted=True,
    )  # fmt: skip
    tiles = [
        ("won-value", "tile"), ("open-value", "tile"), ("win-rate", "tile"), ("follow-ups", "tile"), ("quiet", "tile"), ("won-by-month", "whole"),
        ("won-by-owner", "half"), ("activities-by-owner", "half"), (str(figure.id), "half"), ("quiet-by-owner", "half"),
    ]  # fmt: skip
    board = {"name": words[0], "shared": "all", "role": "manager", "owner": manager}
    change.create(
        SYSTEM,
        Dashboard,
        {**board, "tiles": [{"figure": ref, "size": size, "shown": "chart"} for ref, size in tiles]},
        trusted=True,
    )
    quiet = {"all": [{"field": "grade", "op": "eq", "value": "A"}, *QUIET["all"]]}
    change.create(
        SYSTEM,
        Segment,
        {"name": words[1], "about": "customer", "conditions": json.dumps(quiet), "shared": "all", "owner": manager},
        trusted=True,
    )
    ramp = {"field": company.fields["ramp"], "op": "eq", "value": True}
    change.create(
        SYSTEM,
        Segment,
        {"name": words[8], "about": "customer", "conditions": json.dumps(ramp), "shared": "all", "owner": owner},
        trusted=True,
    )
    threshold = str(USUAL.get(company.words.currency, 30_000) * len(company.sellers))
    change.create(
        SYSTEM,
        Alert,
        {
            "name": words[2],
            "figure": "open-value",
            "side": "below",
            "threshold": threshold,
            "enabled": True,
            "owner": manager,
        },
        trusted=True,
    )
    to = [f"user/{owner}", f"user/{manager}"]
    change.create(
        SYSTEM,
        Mailing,
        {"name": words[3], "day": 1, "period": "last_month", "recipients": to, "enabled": True, "owner": owner},
        trusted=True,
    )


def _acts(manager: Actor, company: Company, words: tuple[str, ...], days: Days) -> None:
    last = days.today.replace(day=1) - dt.timedelta(days=1)
    period, team = f"{last:%Y-%m}", f"t{company.teams[0]}"
    acts.review(manager, period, team, words[6])
    acts.act(
        manager,
        period,
        team,
        what=words[7],
        owner=company.sellers[0],
        due_on=(days.today + dt.timedelta(days=10)).isoformat(),
        metric="visits",
    )
