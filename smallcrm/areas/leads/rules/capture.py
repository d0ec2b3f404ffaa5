"""What the sources of leads cost and brought in a period: for their pages and for reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from smallcrm import store
from smallcrm.base import clock
from smallcrm.base.i18n import L, Label
from smallcrm.base.text import sort_key
from smallcrm.identity.actor import Actor
from smallcrm.records import access, warnings
from smallcrm.records.record import by_key


def names() -> list[str]:
    """The sources in use: what an open list of sources offers."""
    return [
        name
        for (name,) in store.rows(
            "SELECT name FROM lead_source WHERE active = 1 AND deleted_at IS NULL ORDER BY name_key"
        )
    ]


@dataclass(frozen=True)
class Brought:
    """What a source cost and brought between two days. ``cost`` is in hundredths of the source's currency."""

    leads: int
    converted: int
    cost: int

    @property
    def per_lead(self) -> int | None:
        """Cost per lead; None where there is none to divide by."""
        return _per(self.cost, self.leads)

    @property
    def per_converted(self) -> int | None:
        """Cost per lead that was converted."""
        return _per(self.cost, self.converted)


def _per(cost: int, n: int) -> int | None:
    return int((Decimal(cost) / n).to_integral_value("ROUND_HALF_UP")) if n else None


def cost_between(lines: Iterable[Mapping[str, Any]] | None, since: dt.date, until: dt.date) -> int:
    """The part of what the lines cost that falls between two days, by days, in hundredths."""
    total = Decimal(0)
    for line in lines or ():
        first, last = (dt.date.fromisoformat(line[name]) for name in ("since", "until"))
        days = (last - first).days + 1
        shared = (min(last, until) - max(first, since)).days + 1
        if days > 0 and shared > 0:
            total += Decimal(str(line["amount"] or 0)) * shared / days
    return int(total.to_integral_value("ROUND_HALF_UP"))


def brought(actor: Actor, source: Mapping[str, Any], since: dt.date, until: dt.date) -> Brought:
    """What a source cost and brought of the leads within the actor's reach that came between two days."""
    where, params = access.reach(actor, by_key("lead")).where()
    first, after = (clock.iso(clock.start_of(day)) for day in (since, until + dt.timedelta(days=1)))
    sql = (
        "SELECT count(*), coalesce(sum(t.status = 'converted'), 0) FROM lead t WHERE t.source_key = ? AND t.created_at >= ?"
        f" AND t.created_at < ? AND t.deleted_at IS NULL AND t.status <> 'void' AND {where}"
    )
    leads, converted = store.row(sql, [sort_key(str(source["name"])), first, after, *params]) or (0, 0)
    return Brought(int(leads), int(converted), cost_between(source.get("costs"), since, until))


@warnings.on("lead_source")
def odd(held: Mapping[str, Any]) -> Iterable[tuple[str, Label]]:
    """A period that ends before it begins costs nothing."""
    for line in held.get("costs") or ():
        if line.get("since") and line.get("until") and line["until"] < line["since"]:
            yield "costs", L("A period ends before it begins.")
            return
