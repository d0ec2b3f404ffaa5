"""The states of a lead: who may lead it where, and what holds in each, whoever writes it.

unassigned → to do (an owner) → being followed up (the first follow-up) → converted, once and for good; invalid and back; void,
from which only those who may change everything bring it back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from smallcrm.areas.leads.records import OPEN, Lead
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.base.i18n import L
from smallcrm.base.text import tidy
from smallcrm.identity.actor import SYSTEM, Actor, Scope
from smallcrm.records import access, bulk, change, changesets, leaving, questions, rows, settings
from smallcrm.records.change import Wrong
from smallcrm.records.drafts import Draft
from smallcrm.records.fields import Texts
from smallcrm.records.record import Record, values
from smallcrm.records.states import Machine, Transition

MACHINE = Machine(
    "status",
    (
        Transition("convert", OPEN, "converted"),
        Transition("invalidate", OPEN, "invalid"),
        Transition("reopen", ("invalid",), "todo"),
        Transition("void", (*OPEN, "invalid"), "void"),
        Transition("unvoid", ("void",), "todo"),
    ),
)
# What a converted lead may still have written by whoever hands records over.
_STILL = frozenset({"owner", "team", "previous_owner", "owned_since", "deleted_at"})

settings.declare(
    "leads",
    {
        "leads.invalid_reasons": (
            Texts(L("Reasons for being invalid"), help=L("They are proposed; any other may be typed.")), None,
        )
    },
)  # fmt: skip


def reasons() -> list[str]:
    """The reasons that are proposed."""
    ready = (
        L("Cannot be reached"), L("No interest"), L("Wrong contact data"), L("Not our kind of customer"), L("Only asked for a price"),
        L("Advertising or spam"), L("Came in twice"),
    )  # fmt: skip
    return list(settings.get("leads.invalid_reasons") or map(str, ready))


def resting(values_: Mapping[str, Any]) -> str:
    """The open state of a lead by its owner and its follow-ups."""
    if not values_.get("owner"):
        return "unassigned"
    return "following" if spoken_to(values_) else "todo"


def spoken_to(values_: Mapping[str, Any]) -> bool:
    """Whether it was followed up since its owner has it; what an earlier owner did leaves the first touch to the new one."""
    last = values_.get("last_follow_up_at")
    return bool(last) and (not values_.get("previous_owner") or str(last) >= str(values_.get("owned_since") or ""))


# ---------------------------------------------------------------- whoever writes


@change.before("lead")
def settle(drafts: list[Draft]) -> None:
    """The state follows the owner; what was converted stays as it is."""
    for draft in drafts:
        if draft.before is None:
            begun = draft.after.get("status") == "following" and draft.trusted and draft.after.get("owner")
            if draft.after.get("status") in (None, *OPEN) and not begun:
                draft.after["status"] = "todo" if draft.after.get("owner") else "unassigned"
            continue
        _read_only(draft)
        if draft.why == "undo":
            continue
        status = draft.after.get("status")
        if draft.touches("owner") and status in OPEN and not draft.touches("status"):
            if not draft.after.get("owner"):
                draft.after["status"] = "unassigned"
            elif status == "unassigned":
                draft.after["status"] = "todo"


def _read_only(draft: Draft) -> None:
    if draft.was("status") != "converted" or draft.after.get("status") != "converted" or draft.why in ("undo", "erase"):
        return
    if draft.trusted and not draft.touches("converted_at"):
        return
    if draft.changed - changesets.SYSTEM_KEYS - _STILL:
        raise Wrong(draft, {"": [str(L("This lead was converted; it stays as it was then."))]})


_LOOKED_AT = ("id", "status", "last_follow_up_at", "owner", "owned_since", "previous_owner")


@questions.on_change("lead")
def followed(ids: list[int]) -> None:
    """The first follow-up makes of what is to do what is being done."""
    held = rows.load(Lead, ids, "t.deleted_at IS NULL", only=_LOOKED_AT)
    begun = [i for i, each in held.items() if each["status"] == "todo" and spoken_to(each)]
    if not begun:
        return
    mine = changesets.current()
    if mine is not None and mine.why == "undo":
        return  # the state comes back by itself
    actor = mine.actor if mine is not None else SYSTEM
    change.update_many(actor, Lead, [(i, {"status": "following"}) for i in begun], trusted=True)


# ---------------------------------------------------------------- verbs


def invalidate(actor: Actor, lead: Record, *, reason: str) -> Record:
    """It leads nowhere, and why. Raises Forbidden, Invalid without a reason, WrongState."""
    said = tidy(reason)[:200]
    access.need(actor, lead, "edit")
    target = MACHINE.target(actor, lead, "invalidate")
    if not said:
        raise Invalid({"reason": [str(L("Say why; figures per source are made of it."))]})
    changed = {"status": target, "invalid_reason": said, "closed_at": clock.stamp(), "pool": None}
    return change.update(actor, lead, changed, trusted=True, note=said)


def reopen(actor: Actor, lead: Record) -> Record:
    """It may lead somewhere after all. Raises Forbidden, WrongState."""
    access.need(actor, lead, "edit")
    MACHINE.target(actor, lead, "reopen")
    return _open_again(actor, lead)


def void(actor: Actor, lead: Record) -> Record:
    """It should never have been one. Raises Forbidden, WrongState."""
    access.need(actor, lead, "delete")
    target = MACHINE.target(actor, lead, "void")
    return change.update(actor, lead, {"status": target, "closed_at": clock.stamp(), "pool": None}, trusted=True)


def may_unvoid(actor: Actor) -> bool:
    """Whether the actor brings back what was made void: those who may change every lead."""
    return actor.scope("lead", "edit") is Scope.ALL


def unvoid(actor: Actor, lead: Record) -> Record:
    """It is one after all. Raises Forbidden for who may not change every lead, WrongState."""
    if not may_unvoid(actor):
        raise Forbidden(access.refusal(actor, "edit"))
    MACHINE.target(actor, lead, "unvoid")
    return _open_again(actor, lead)


def _open_again(actor: Actor, lead: Record) -> Record:
    changed = {"status": resting(values(lead)), "invalid_reason": None, "closed_at": None}
    return change.update(actor, lead, changed, trusted=True)


def invalidate_many(reason: str) -> bulk.Act:
    """The same for many at once. Raises Invalid without a reason."""
    said = tidy(reason)[:200]
    if not said:
        raise Invalid({"reason": [str(L("Say why; figures per source are made of it."))]})

    def act(actor: Actor, ids: Sequence[int], result: bulk.Result) -> None:
        allowed = access.within(actor, Lead, ids, "edit")
        held = rows.load(Lead, ids, only=("id", "status"))
        fit = [i for i in ids if i in allowed and held[i]["status"] in OPEN]
        for number in set(ids) - set(fit):
            why = access.refusal(actor, "edit") if number not in allowed else L("It is closed already.")
            result.refuse(number, str(why))
        changed = {"status": "invalid", "invalid_reason": said, "closed_at": clock.stamp(), "pool": None}
        outcome = change.update_many(actor, Lead, [(i, changed) for i in fit], trusted=True)
        result.changed += len(outcome.written)

    return act


leaving.goes_along("lead", "status IN ('unassigned', 'todo', 'following')")
