"""Sharing out leads that come without an owner: the first rule that fits and has somebody free decides.

Passed over are those who are away (their deputy stands in), switched off, without the right, or have as many open leads as the
rule allows. Why somebody got a lead is kept beside it, in codes: the words are the reader's.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from smallcrm import store
from smallcrm.areas.leads.records import AssignmentRule
from smallcrm.areas.leads.rules import absences, conditions
from smallcrm.areas.pool.rules import pools
from smallcrm.base import clock
from smallcrm.base.errors import BadRequest, Forbidden, Invalid
from smallcrm.base.i18n import L, Label
from smallcrm.base.text import fold
from smallcrm.identity.actor import Actor, Scope, actor_of
from smallcrm.records import access, bulk, cache, change, derive, rows
from smallcrm.records.drafts import Draft
from smallcrm.records.fields.links import parts
from smallcrm.records.query import Condition

NOT_SHARED = ("undo", "merge", "restore", "demo", "erase", "round trip")

WHY_NOT: dict[str, Label] = {
    "left": L("has left or is switched off"),
    "away": L("is away"),
    "role": L("looks after no leads"),
    "full": L("has as many open leads as the rule allows"),
}


@dataclass(frozen=True)
class Rule:
    """An assignment rule as it is used. ``trouble`` says why it is passed over altogether."""

    id: int
    name: str
    values: Mapping[str, Any] = field(repr=False)
    conditions: tuple[Condition, ...] = field(default=(), repr=False)
    trouble: str = ""


@dataclass(frozen=True)
class Passed:
    """Somebody who was passed over, and why (a key of ``WHY_NOT``); ``deputy`` stood in."""

    user: int
    why: str
    deputy: int | None = None


@dataclass(frozen=True)
class Choice:
    """Who gets it, by which rule and how, and who was passed over; ``owner`` is None where nobody does."""

    owner: int | None = None
    rule: Rule | None = None
    passed: tuple[Passed, ...] = ()
    turn: int | None = None  # whose turn it was, where a deputy got it
    tried: tuple[tuple[Rule, str], ...] = ()  # rules before it: "no fit", "nobody", "trouble"


@dataclass
class Tally:
    """What this very batch has given already, so that turns are taken inside it too."""

    open: Counter[int] = field(default_factory=Counter)
    turns: dict[tuple[int, int], int] = field(default_factory=dict)  # (rule, user) → when, counted up
    held: dict[int, int] = field(default_factory=dict)
    n: int = 0

    def open_of(self, user: int) -> int:
        """How many open leads somebody has."""
        if user not in self.held:
            sql = "SELECT count(*) FROM lead WHERE owner = ? AND status IN ('todo', 'following') AND deleted_at IS NULL"
            self.held[user] = int(store.value(sql, [user]))
        return self.held[user] + self.open[user]

    def turn_of(self, rule: int, user: int) -> int:
        """When somebody last had a turn by the rule; 0 for never."""
        if (rule, user) not in self.turns:
            sql = "SELECT max(id) FROM lead_assignment WHERE rule = ? AND turn = ?"
            self.turns[rule, user] = int(store.value(sql, [rule, user]) or 0)
        return self.turns[rule, user]

    def give(self, rule: int, user: int, turn: int | None) -> None:
        """One more; the ``turn`` is that of whoever was meant, also where a deputy got it."""
        self.open[user] += 1
        self.n += 1
        self.turns[rule, turn or user] = 2**40 + self.n


# ---------------------------------------------------------------- the rules


def of_values(values: Mapping[str, Any]) -> Rule:
    """A rule out of its columns, also of one that is not kept yet."""
    try:
        found = tuple(conditions.compiled(values))
    except BadRequest as error:
        return Rule(int(values.get("id") or 0), str(values.get("name") or ""), values, (), str(error))
    return Rule(int(values.get("id") or 0), str(values.get("name") or ""), values, found)


def every(*, also_off: bool = False) -> list[Rule]:
    """The rules in their order. Compiled anew: a condition may speak of today."""
    return [of_values(values) for values in _stored() if values.get("active") or also_off]


@cache.kept
def _stored() -> tuple[dict[str, Any], ...]:
    ids = [i for (i,) in store.rows("SELECT id FROM assignment_rule WHERE deleted_at IS NULL ORDER BY position, id")]
    held = rows.load(AssignmentRule, ids)
    return tuple(held[i] for i in ids)


@derive.on("assignment_rule")
def rules_changed(_drafts: list[Draft]) -> None:
    """Looked up anew."""
    cache.bump()


def named_by(values: Mapping[str, Any]) -> list[int]:
    """The users a rule names, in the order in which they take turns."""
    if values.get("method") == "table":
        return list(dict.fromkeys(int(line["user"]) for line in values.get("table") or () if line.get("user")))
    found: list[int] = []
    for token in values.get("people") or ():
        users = sorted(pools.people_of([token]))
        found += [user for user in users if user not in found]
    return found


def gone_from(values: Mapping[str, Any]) -> list[int]:
    """The users a rule names who have left or are switched off."""
    if values.get("method") == "table":
        return [user for user in named_by(values) if not pools.is_active(user)]
    named = [parts(str(token)) for token in values.get("people") or ()]
    singles = [number for key, number in named if key == "user"]
    return [user for user in singles if not pools.is_active(user)]


# ---------------------------------------------------------------- choosing


def choose(lead: Mapping[str, Any], tally: Tally | None = None, rules: Sequence[Rule] | None = None) -> Choice:
    """Who would get a lead with these columns."""
    tally = tally or Tally()
    tried: list[tuple[Rule, str]] = []
    passed: list[Passed] = []
    for rule in every() if rules is None else rules:
        if rule.trouble:
            tried.append((rule, "trouble"))
        elif not conditions.fits(rule.conditions, lead):
            tried.append((rule, "no fit"))
        else:
            owner, turn, over = _of_rule(rule, lead, tally)
            passed += over
            if owner is not None:
                tally.give(rule.id, owner, turn)
                return Choice(owner, rule, tuple(passed), turn, tuple(tried))
            tried.append((rule, "nobody"))
    return Choice(None, None, tuple(passed), None, tuple(tried))


def _of_rule(rule: Rule, lead: Mapping[str, Any], tally: Tally) -> tuple[int | None, int | None, list[Passed]]:
    """(who gets it, whose turn it was, who was passed over)."""
    passed: list[Passed] = []
    for user in _in_order(rule, lead, tally):
        why = why_not(user, rule.values, tally)
        if not why:
            return user, None, passed
        deputy = absences.away().get(user) if why == "away" else None
        if deputy and not why_not(deputy, rule.values, tally):
            passed.append(Passed(user, why, deputy))
            return deputy, user, passed
        passed.append(Passed(user, why))
    return None, None, passed


def _in_order(rule: Rule, lead: Mapping[str, Any], tally: Tally) -> list[int]:
    method = rule.values.get("method")
    if method == "table":
        value = fold(str(lead.get(str(rule.values.get("by") or "")) or ""))
        lines = rule.values.get("table") or ()
        return [int(each["user"]) for each in lines if value and each.get("user") and fold(str(each["value"])) == value]
    people = named_by(rule.values)
    if method == "person":
        return people
    places = {user: place for place, user in enumerate(people)}
    if method == "least_busy":
        return sorted(people, key=lambda user: (tally.open_of(user), tally.turn_of(rule.id, user), places[user]))
    return sorted(people, key=lambda user: (tally.turn_of(rule.id, user), places[user]))


def why_not(user: int, values: Mapping[str, Any], tally: Tally) -> str:
    """Why somebody gets nothing by a rule now; empty where they can."""
    if not pools.is_active(user):
        return "left"
    who = actor_of(user)
    if who is None or who.granted("lead", "edit") is Scope.NONE:
        return "role"
    if user in absences.away():
        return "away"
    most = int(values.get("most_open") or 0)
    return "full" if most and tally.open_of(user) >= most else ""


# ---------------------------------------------------------------- on arrival


@change.before("lead")
def share_out(drafts: list[Draft]) -> None:
    """Whoever comes without an owner gets one by the rules; where none fits, nobody."""
    new = [
        d for d in drafts
        if d.before is None and not d.after.get("owner") and not d.after.get("pool") and d.why not in NOT_SHARED
    ]  # fmt: skip
    if not new or not (rules := every()):
        return
    tally = Tally()
    given = []
    for draft in new:
        found = choose(draft.after, tally, rules)
        if found.owner is not None:
            draft.after["owner"] = found.owner
            draft.told["assigned"] = found
            given.append(draft)
    if given:
        derive.amend(given[0].kind, given)


@derive.on("lead")
def keep_reason(drafts: list[Draft]) -> None:
    """Why they got it."""
    lines = [_line(d.id, d.told["assigned"]) for d in drafts if d.told.get("assigned")]
    if lines:
        _keep(lines)


def _keep(lines: Sequence[tuple[Any, ...]]) -> None:
    store.run_many(
        "INSERT INTO lead_assignment (lead, at, owner, turn, rule, rule_name, method, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        lines,
    )


def _line(lead: int, found: Choice) -> tuple[Any, ...]:
    assert found.rule is not None
    detail = [{"user": each.user, "why": each.why, "deputy": each.deputy} for each in found.passed]
    rule = found.rule
    return (
        lead,
        clock.stamp(),
        found.owner,
        found.turn or found.owner,
        rule.id,
        rule.name,
        str(rule.values.get("method")),
        json.dumps(detail),
    )


@dataclass(frozen=True)
class Given:
    """Why the present owner has a lead by a rule."""

    at: str
    owner: int
    rule: int
    rule_name: str
    method: str
    passed: tuple[Passed, ...]


def given(lead: int, owner: int | None) -> Given | None:
    """The latest assignment of a lead, where it still explains its owner."""
    sql = (
        "SELECT at, owner, rule, rule_name, method, detail FROM lead_assignment WHERE lead = ? ORDER BY id DESC LIMIT 1"
    )
    row = store.row(sql, [lead])
    if row is None or row[1] != owner:
        return None
    passed = tuple(Passed(each["user"], each["why"], each.get("deputy")) for each in json.loads(row[5]))
    at, by, rule, rule_name, method, _ = row
    return Given(at, by, rule, rule_name, method, passed)


def by_rules() -> bulk.Act:
    """Share out many that have no owner, by the rules."""

    def act(actor: Actor, ids: Sequence[int], result: bulk.Result) -> None:
        if actor.scope("lead", "assign") is Scope.NONE:
            raise Forbidden(access.refusal(actor, "assign"))
        from smallcrm.areas.leads.records import Lead

        allowed = access.within(actor, Lead, ids, "assign")
        held = rows.load(Lead, ids, "t.deleted_at IS NULL")
        tally, rules = Tally(), every()
        changes: list[tuple[int, dict[str, Any]]] = []
        chosen: list[tuple[Any, ...]] = []
        for number in ids:
            values = held.get(number)
            if (
                number not in allowed
                or values is None
                or values["owner"]
                or values["pool"]
                or values["status"] != "unassigned"
            ):
                text = (
                    access.refusal(actor, "assign")
                    if number not in allowed
                    else L("It has an owner, lies in a pool or is closed.")
                )
                result.refuse(number, str(text))
                continue
            found = choose(values, tally, rules)
            if found.owner is None:
                result.refuse(number, str(L("No rule has anybody for it.")))
                continue
            changes.append((number, {"owner": found.owner}))
            chosen.append(_line(number, found))
        outcome = change.update_many(actor, Lead, changes, trusted=True)
        _keep(chosen)
        result.changed += len(outcome.written)

    return act


def check_receiver(owner: int) -> None:
    """Raise Invalid unless somebody active looks after leads."""
    who = actor_of(owner) if owner else None
    if who is None or not pools.is_active(owner):
        raise Invalid({"owner": [str(L("There is no such user, or it is switched off."))]})
    if who.granted("lead", "edit") is Scope.NONE:
        raise Invalid({"owner": [str(L("Their role looks after no records of this kind."))]})
