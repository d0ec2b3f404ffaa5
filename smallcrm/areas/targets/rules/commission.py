"""The commission sheet: each person's won value of a month, how far their target was reached, the rate of that band, the amount."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from smallcrm import store
from smallcrm.areas.people import roles
from smallcrm.areas.reports.rules import people
from smallcrm.areas.targets.records import CommissionPlan
from smallcrm.areas.targets.rules import checking, plans
from smallcrm.areas.targets.rules.progress import achievement
from smallcrm.base import money
from smallcrm.identity.actor import SYSTEM, Actor
from smallcrm.records import access, settings
from smallcrm.records.fields.links import parts
from smallcrm.records.record import Record, values

Band = tuple[Decimal, Decimal]  # from an achievement of, rate


@dataclass(frozen=True)
class Line:
    """One person's month."""

    user: int
    name: str
    plan: str
    target: Decimal | None
    won: Decimal
    reached: Decimal | None
    rate: Decimal
    amount: Decimal


def rate(bands: Sequence[Band], reached: Decimal | None, untargeted: Decimal) -> Decimal:
    """The rate of the highest band that is reached; below the first none; without a target that of its own."""
    if reached is None:
        return untargeted
    return max(((start, each) for start, each in bands if start <= reached), default=(Decimal(0), Decimal(0)))[1]


def commission(won: Decimal, percent: Decimal, currency: str) -> Decimal:
    """Won value × rate, half up to the currency's decimals."""
    from smallcrm.areas.targets.rules.progress import half_up

    return half_up(won * percent / 100, money.digits(currency))


def _plans() -> list[Record]:
    ids = [
        n for (n,) in store.rows("SELECT id FROM commission_plan WHERE enabled = 1 AND deleted_at IS NULL ORDER BY id")
    ]
    return access.fetch_many(SYSTEM, CommissionPlan, ids)


def plan_of(user: int, every: Sequence[Record]) -> Record | None:
    """The plan that names the person, else the one that names their team, else the first for everybody."""
    team = store.value('SELECT team FROM "user" WHERE id = ?', [user])
    by_team = by_all = None
    for plan in every:
        named = list(map(parts, values(plan).get("members") or ()))
        if ("user", user) in named:
            return plan
        if by_team is None and any(key == "team" and team in roles.below({number}) for key, number in named):
            by_team = plan
        if by_all is None and not named:
            by_all = plan
    return by_team or by_all


def sheet(actor: Actor, month: str) -> list[Line]:
    """The month's lines of everybody within reach who has a plan."""
    metric = plans.find_metric("won_value")
    span = checking.span_of(month)
    every, targets = _plans(), plans.held(metric.key, span[0].year)
    counted = metric.count(None, *span)
    found = []
    for user, name in people.people(actor):
        plan = plan_of(user, every)
        if plan is None:
            continue
        won = checking.unit(metric, sum(v for (who, _), v in counted.items() if who == user))
        target = plans.total(targets[f"u{user}"][1], checking.months_of(span)) if f"u{user}" in targets else None
        if target is None and not won:
            continue
        found.append(_line(user, name, values(plan), target, won))
    return found


def _line(user: int, name: str, plan: dict[str, object], target: Decimal | None, won: Decimal) -> Line:
    rows: list[dict[str, int]] = plan.get("bands") or []  # type: ignore[assignment]
    bands = [(Decimal(row["reached"]) / 100, Decimal(row["rate"]) / 100) for row in rows]
    reached = achievement(won, target)
    percent = rate(bands, reached, Decimal(int(plan.get("untargeted") or 0)) / 100)  # type: ignore[call-overload]
    return Line(
        user,
        name,
        str(plan["name"]),
        target,
        won,
        reached,
        percent,
        commission(won, percent, settings.money_currency()),
    )
