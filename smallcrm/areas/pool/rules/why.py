"""Why a customer falls into the pool, on which day, or why it does not: in words."""

from __future__ import annotations

from smallcrm.areas.pool.rules import pooled, pools, words
from smallcrm.areas.pool.rules.due import Due, Facts, by_rules
from smallcrm.areas.pool.rules.pools import Rules
from smallcrm.areas.pool.rules.refresh import due_of, facts_of
from smallcrm.base import formats
from smallcrm.base.i18n import L, ngettext
from smallcrm.records.record import Record, values

Reason = tuple[str, bool]  # the words, and whether it speaks for staying


def reasons(record: Record) -> list[Reason]:
    """The reasons, the one that decides first."""
    held = values(record)
    if held.get("pool"):
        return [(str(L("It lies in a pool.")), False)]
    if not held.get("owner"):
        return [(str(L("Nobody owns it, so nobody neglects it.")), True)]
    kind = type(record)
    if not pooled.fits(kind, held):
        return [(str(pooled.else_why(kind)), True)]
    rules = pools.pool_for(held["owner"], kind.card.name)
    if rules is None:
        return [(str(L("Its owner belongs to no pool.")), True)]
    found = next(iter(facts_of([int(record.id)], kind=kind)), None)
    if found is None:
        return []
    return _said(rules, due_of(*found, kind=kind), found[1])


def _said(rules: Rules, due: Due, facts: Facts) -> list[Reason]:
    if due.kept:
        kept = str(words.KEPT[due.kept])
        said = [(str(L("An exemption of “%(pool)s” keeps it: %(why)s.", pool=rules.name, why=kept)), True)]
    elif due.day is None:
        said = [(str(L("No rule of “%(pool)s” lets it fall in.", pool=rules.name)), True)]
    elif due.why == "owner":
        said = [(str(L("Its owner is switched off: tonight it leaves them.")), False)]
    else:
        said = [(_decides(rules, due, facts), False)]
    if due.day is not None and due.day != (plain := by_rules(rules, facts)).day and plain.day:
        said.append(
            (str(L("A lock or the protection after claiming holds it until %(day)s.", day=formats.date(due.day))), True)
        )
    return said + _facts(rules, facts)


def _decides(rules: Rules, due: Due, facts: Facts) -> str:
    n = rules.number("longest_days") if due.why == "longest" else rules.limit(due.why, facts.grade)
    said = {"pool": rules.name, "day": formats.date(due.day)}
    if due.why == "follow_up":
        return ngettext(
            "“%(pool)s” takes in what has had no follow-up for %(n)s day; the last day is %(day)s.",
            "“%(pool)s” takes in what has had no follow-up for %(n)s days; the last day is %(day)s.",
            n, **said,
        )  # fmt: skip
    if due.why == "deal":
        return ngettext(
            "“%(pool)s” takes in what has brought no deal for %(n)s day; the last day is %(day)s.",
            "“%(pool)s” takes in what has brought no deal for %(n)s days; the last day is %(day)s.",
            n, **said,
        )  # fmt: skip
    if due.why == "opportunity":
        return ngettext(
            "“%(pool)s” takes in what has had no opportunity for %(n)s day; the last day is %(day)s.",
            "“%(pool)s” takes in what has had no opportunity for %(n)s days; the last day is %(day)s.",
            n, **said,
        )  # fmt: skip
    return ngettext(
        "“%(pool)s” lets nobody hold it for more than %(n)s day; the last day is %(day)s.",
        "“%(pool)s” lets nobody hold it for more than %(n)s days; the last day is %(day)s.",
        n, **said,
    )  # fmt: skip


def _facts(rules: Rules, facts: Facts) -> list[Reason]:
    said: list[Reason] = []
    if facts.followed_on and facts.followed_on >= facts.owned_on:
        said.append(
            (str(L("The last follow-up that counts was on %(day)s.", day=formats.date(facts.followed_on))), True)
        )
    else:
        said.append((str(L("No follow-up since it was obtained on %(day)s.", day=formats.date(facts.owned_on))), False))
    if rules.number("remind_days_before"):
        text = ngettext(
            "A reminder goes out %(n)s day before; without one nothing falls in.",
            "A reminder goes out %(n)s days before; without one nothing falls in.",
            rules.number("remind_days_before"),
        )
        said.append((text, True))
    return said
