"""The last day a record stays with its owner, and why: one function, for every path that asks.

Days are the business's calendar days. A record falls into the pool in the night after that day: when today is later.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from smallcrm.areas.pool.rules.pools import Rules


@dataclass(frozen=True)
class Facts:
    """What the rules look at. ``None`` where there is none."""

    owned_on: dt.date
    grade: str | None = None
    followed_on: dt.date | None = None  # the latest follow-up that counts
    deal_on: dt.date | None = None
    opportunity_on: dt.date | None = None  # when the latest was made
    opportunity_open: bool = False
    open_business: bool = False
    tags: frozenset[str] = frozenset()
    locked: bool = False
    locked_until: dt.date | None = None
    owner_active: bool = True
    gone_on: dt.date | None = None  # since when an inactive owner is known to be so


@dataclass(frozen=True)
class Due:
    """``day`` is the last one it stays, None for as long as anybody likes. ``why``: the rule that says so.

    ``kept`` says which exemption holds it, where a rule would otherwise let it fall.
    """

    day: dt.date | None = None
    why: str = ""
    kept: str = ""


NEVER = Due()


def due(rules: Rules, facts: Facts) -> Due:
    """The last day, after every exemption."""
    kept = exemption(rules, facts)
    if kept:
        return Due(kept=kept)
    found = by_rules(rules, facts)
    if found.day is None:
        return found
    safe = _safe_until(rules, facts)
    return Due(max(found.day, safe), found.why) if safe else found


def by_rules(rules: Rules, facts: Facts) -> Due:
    """What the rules say, without exemptions: the earliest of their days."""
    if not facts.owner_active and rules.values.get("inactive_owner") != "stay":
        return Due(facts.gone_on or facts.owned_on, "owner")
    followed = max(facts.owned_on, facts.followed_on or facts.owned_on)
    starts = {"follow_up": followed, "opportunity": facts.owned_on, "deal": facts.owned_on}
    if facts.deal_on is not None:
        del starts["deal"]
    if facts.opportunity_open or (facts.opportunity_on or dt.date.min) >= facts.owned_on:
        del starts["opportunity"]
    days = [
        (start + dt.timedelta(days=limit), why)
        for why, start in starts.items()
        if (limit := rules.limit(why, facts.grade))
    ]
    if longest := rules.number("longest_days"):
        days.append((facts.owned_on + dt.timedelta(days=longest), "longest"))
    return Due(*min(days, key=lambda pair: pair[0])) if days else NEVER


def exemption(rules: Rules, facts: Facts) -> str:
    """What keeps it out of the pool: locked, won, open, tag; empty for nothing."""
    if facts.locked and facts.locked_until is None:
        return "locked"
    if not facts.owner_active and rules.values.get("inactive_owner") != "stay":
        return ""
    if facts.deal_on is not None and rules.on("exempt_won"):
        return "won"
    if facts.open_business and rules.on("exempt_open_business"):
        return "open"
    if facts.tags & {tag.casefold() for tag in rules.texts("exempt_tags")}:
        return "tag"
    return ""


def _safe_until(rules: Rules, facts: Facts) -> dt.date | None:
    """The last day on which a lock or the protection after claiming still holds it."""
    days = [facts.locked_until] if facts.locked and facts.locked_until else []
    if (protection := rules.number("protection_days")) and facts.owner_active:
        days.append(facts.owned_on + dt.timedelta(days=protection))
    return max(days, default=None)
