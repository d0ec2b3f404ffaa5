"""Grades: a rule proposes, people decide.

A proposal changes nothing: it is accepted one by one or all at once, or turned down; a grade set by hand stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from smallcrm import store
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.customers.rules.grade_rule import Proposal, Rule, by_sales, held, potential, propose, rule
from smallcrm.base import formats
from smallcrm.base.i18n import L
from smallcrm.identity.actor import SYSTEM, Actor
from smallcrm.records import access, bulk, cache, change, derive, settings
from smallcrm.records.drafts import Draft
from smallcrm.records.record import Record, values

CHUNK = 1000


def propose_all() -> dict[str, int]:
    """Bring every proposal up to date; how many were looked at and changed, and how many differ from the grade."""
    wanted = propose(rule(), known := held())
    standing = dict(store.rows("SELECT id, grade_proposed FROM customer WHERE deleted_at IS NULL"))
    changed = {
        number: {"grade_proposed": wanted[number].grade if number in wanted else None}
        for number in standing
        if (wanted[number].grade if number in wanted else None) != standing[number]
    }
    numbers = list(changed)
    for start in range(0, len(numbers), CHUNK):
        with store.writing():
            derive.put(Customer, {number: changed[number] for number in numbers[start : start + CHUNK]})
    return {"looked_at": len(known), "changed": len(changed), "differ": count_differing(SYSTEM)}


@derive.on("customer")
def propose_for(drafts: list[Draft]) -> None:
    """A customer whose figures change is looked at at once where no comparison with all others is needed."""
    touched = [draft for draft in drafts if draft.live_after and draft.touches(*_FIGURES)]
    if not touched or (by := rule()).grade_by == "off" or (by.grade_by == "auto" and by_sales()):
        return
    found: dict[int, dict[str, Any]] = {}
    for draft in touched:
        graded = "customer" in (draft.after.get("roles") or ["customer"])
        possible = potential(by, draft.after.get("annual_revenue_base"), draft.after.get("employees"))
        grade = possible.grade if possible and graded else None
        if grade != draft.after.get("grade_proposed"):
            found[draft.id] = {"grade_proposed": grade}
            draft.after["grade_proposed"] = grade
    derive.put(Customer, found)


_FIGURES = ("annual_revenue_base", "employees", "roles")


# ---------------------------------------------------------------- what people do with them


_DIFFERS = "t.grade_proposed IS NOT NULL AND t.grade_proposed IS NOT t.grade AND t.grade_proposed IS NOT t.grade_kept"


def count_differing(actor: Actor) -> int:
    """How many customers within the actor's reach to change have a proposal that differs from their grade."""
    where, params = access.reach(actor, Customer, "edit").where()
    sql = f"SELECT count(*) FROM customer t WHERE t.deleted_at IS NULL AND {_DIFFERS} AND {where}"
    return int(store.value(sql, params))


def differing(actor: Actor, *, limit: int | None = None) -> list[tuple[int, str | None, str]]:
    """(customer, grade, proposal) of those, the best proposals first."""
    where, params = access.reach(actor, Customer, "edit").where()
    sql = (
        f"SELECT t.id, t.grade, t.grade_proposed FROM customer t WHERE t.deleted_at IS NULL AND {_DIFFERS} AND {where}"
        " ORDER BY t.grade_proposed, t.name_key, t.id LIMIT ?"
    )
    return store.rows(sql, [*params, limit if limit is not None else -1])


def differs(record: Record) -> bool:
    """Whether there is a proposal to decide on."""
    mine = values(record)
    return bool(mine["grade_proposed"]) and mine["grade_proposed"] not in (mine["grade"], mine["grade_kept"])


def accept(actor: Actor, record: Record) -> Record:
    """Take the proposal over."""
    return change.update(actor, record, {"grade": values(record)["grade_proposed"]}, note="grade")


def keep(actor: Actor, record: Record) -> Record:
    """Turn the proposal down: it is not made again until another grade is proposed."""
    access.need(actor, record, "edit")
    return change.update(actor, record, {"grade_kept": values(record)["grade_proposed"]}, trusted=True, note="grade")


def accept_all(actor: Actor, ids: Sequence[int] | None = None, *, step: bulk.Step = lambda _d, _t: True) -> bulk.Result:
    """Take over the proposals of these customers, or of all within reach that differ; one undoable change-set."""
    wanted = [number for number, _, _ in differing(actor)] if ids is None else list(ids)
    return bulk.run(actor, bulk.Selection(Customer, tuple(wanted)), _take_over, note="grade", step=step)


def _take_over(actor: Actor, ids: Sequence[int], result: bulk.Result) -> None:
    sql = f"SELECT id, grade_proposed FROM customer t WHERE t.id IN (SELECT value FROM json_each(?)) AND {_DIFFERS}"
    found = [(number, {"grade": grade}) for number, grade in store.rows(sql, [store.json_list(ids)])]
    outcome = change.update_many(actor, Customer, found)
    result.changed += len(outcome.written)
    result.unchanged += outcome.unchanged
    for position, errors in outcome.errors.items():
        result.refuse(found[position][0], "; ".join(text for texts in errors.values() for text in texts))


def why(actor: Actor, record: Record) -> list[tuple[str, bool]]:
    """What led to the proposal, in words; figures that the actor may not read are left out."""
    grade = values(record)["grade"]
    proposal = propose(rule(), held("id = ?", [record.id])).get(int(record.id))
    readable = access.readable(actor, Customer)
    if proposal is None:
        return [(str(L("Neither sales nor turnover nor employees are known.")), False)]
    found = [(_words(proposal, "annual_revenue" in readable, "employees" in readable), True)]
    if grade and grade != proposal.grade:
        found.append((str(L("The grade was set to %(grade)s; it stays until somebody takes the proposal over.", grade=grade)), True))  # fmt: skip
    return found


def _words(proposal: Proposal, turnover: bool, employees: bool) -> str:
    grade, figure, limit = proposal.grade, proposal.figure, proposal.limit
    if proposal.by == "share":
        share = formats.number(round(figure, 1))
        return str(L("%(grade)s: with those who bought more, it makes %(share)s %% of the sales of twelve months.", grade=grade, share=share))  # fmt: skip
    if proposal.by == "none":
        return str(L("%(grade)s: nothing was bought for twelve months.", grade=grade))
    if proposal.by == "turnover" and turnover:
        currency = str(settings.get("company.currency"))
        shown, border = (formats.with_sign(formats.number(round(each)), currency) for each in (figure, limit))
        return str(
            L("%(grade)s: a turnover of %(figure)s, from %(limit)s on.", grade=grade, figure=shown, limit=border)
        )
    if proposal.by == "employees" and employees:
        shown = formats.number(round(figure))
        return str(L("%(grade)s: %(figure)s employees, from %(limit)s on.", grade=grade, figure=shown, limit=formats.number(limit)))  # fmt: skip
    if proposal.by == "little":
        return str(L("%(grade)s: turnover and employees reach no border of the rule.", grade=grade))
    return str(L("%(grade)s: by figures that you may not see.", grade=grade))


# ---------------------------------------------------------------- changing the rule


@dataclass(frozen=True)
class Preview:
    """What a rule would do: how many of each proposal, and how many would be proposed something else than today."""

    counts: Mapping[str, int]
    moves: Mapping[tuple[str, str], int]  # (grade now, "" for none; proposal) → how many, where they differ
    other_than_today: int


def preview(by: Rule) -> Preview:
    """What the rule would propose, without writing anything."""
    known = held()
    wanted = {number: each.grade for number, each in propose(by, known).items()}
    today = {number: each.grade for number, each in propose(rule(), known).items()}
    grades = dict(store.rows("SELECT id, coalesce(grade, '') FROM customer WHERE deleted_at IS NULL"))
    moves = Counter((grades.get(number, ""), grade) for number, grade in wanted.items() if grades.get(number) != grade)
    other = sum(1 for number in {*wanted, *today} if wanted.get(number) != today.get(number))
    return Preview(dict(Counter(wanted.values())), dict(moves), other)


def rule_from(changes: Mapping[str, Any]) -> Rule:
    """The rule in force with some of its settings changed (as ``put`` would clean them). Raises Invalid."""
    cleaned = settings.cleaned({f"customers.{name}": value for name, value in changes.items()})
    return replace(rule(), **{key.removeprefix("customers."): value for key, value in cleaned.items()})


def save(actor: Actor, changes: Mapping[str, Any]) -> dict[str, int]:
    """Keep another rule and propose anew at once."""
    settings.put(actor, {f"customers.{name}": value for name, value in changes.items()})
    cache.current()
    return propose_all()
