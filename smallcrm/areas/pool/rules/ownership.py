"""What must hold for owner and pool whoever writes them, and the history of who owned what: every path comes through here.

A record has an owner or lies in a pool, never both. Taking an owner takes it out of the pool; coming into a pool takes the
owner. ``owned_since``, ``previous_owner``, ``entered_pool_at`` and the contacts' owners follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from smallcrm import store
from smallcrm.areas.pool.rules import checks, pooled, pools
from smallcrm.base import clock
from smallcrm.base.errors import WrongState
from smallcrm.base.i18n import L
from smallcrm.records import change, changesets, derive, redacting
from smallcrm.records.change import Wrong
from smallcrm.records.drafts import Draft
from smallcrm.records.record import by_key


@dataclass(frozen=True)
class Doing:
    """The verb under way: it has checked what is to be checked. ``causes``: record → (rule, days) by which it falls in."""

    reason: str = ""
    causes: Mapping[int, tuple[str, int | None]] = field(default_factory=dict)


# What follows from owner and pool, and is stored with them.
redacting.free_text("owner_history", "reason")

HANGS_ON = ("owned_since", "previous_owner", "entered_pool_at", "pool_reason")

_doing: ContextVar[Doing | None] = ContextVar("pool_doing", default=None)


@contextmanager
def doing(reason: str = "", causes: Mapping[int, tuple[str, int | None]] | None = None) -> Iterator[None]:
    """Inside, owners and pools are changed by one of the pool's own verbs."""
    token = _doing.set(Doing(reason, causes or {}))
    try:
        yield
    finally:
        _doing.reset(token)


# ---------------------------------------------------------------- before it is saved


def settle(drafts: list[Draft]) -> None:
    """Make owner, pool and what hangs on them agree."""
    taken: dict[int, int] = {}  # receiver → how many this very batch gives them already
    for draft in drafts:
        if draft.live_after and draft.before is not None and not draft.live_before:
            _out_of_the_bin(draft)
        if draft.why == "undo" and not draft.touches("owner", "pool"):
            _leave_alone(draft)
        if draft.touches("owner", "pool"):
            _either_or(draft)
            _refuse(draft, taken)
            if draft.why != "undo":  # that brings back what stood there
                _stamp(draft)


def _leave_alone(draft: Draft) -> None:
    """An undo that found another owner: what says since when and whose it was stays with that owner too."""
    mine = [name for name in HANGS_ON if draft.touches(name)]
    for name in mine:
        draft.after[name] = draft.was(name)
    if mine and not draft.changed - changesets.SYSTEM_KEYS:
        raise Wrong(draft, {"owner": [str(L("It was moved since."))]})


def _out_of_the_bin(draft: Draft) -> None:
    """What comes back from the bin comes into a pool that still is one."""
    if draft.after.get("pool") and pools.get(draft.after["pool"]) is None:
        open_ = pools.enabled(draft.kind.card.name)
        draft.after["pool"] = open_[0].id if open_ else None


def _either_or(draft: Draft) -> None:
    after = draft.after
    if after.get("owner") and after.get("pool"):
        comes_in = draft.before is None or draft.was("pool") != after["pool"]
        after["owner" if comes_in else "pool"] = None
        if comes_in:
            derive.amend(draft.kind, [draft])  # the team follows the owner


def _refuse(draft: Draft, taken: dict[int, int]) -> None:
    """Taking a record out of its pool by another door than the pool's verbs: what holds for assigning holds there too."""
    owner = draft.after.get("owner")
    if _doing.get() is not None or not draft.was("pool") or not owner or draft.why == "merge":
        return
    try:
        checks.need_outside(draft, owner, already=taken.get(owner, 0))
    except WrongState as refused:
        raise Wrong(draft, {"owner": [str(refused)]}) from None
    taken[owner] = taken.get(owner, 0) + 1


def _stamp(draft: Draft) -> None:
    """When it was obtained, whose it was, since when it lies there; what is given along stays as it is."""
    after, now = draft.after, clock.stamp()
    if draft.touches("owner"):
        if draft.was("owned_since") == after.get("owned_since") or not after.get("owner"):
            after["owned_since"] = now if after.get("owner") else None
        if draft.was("owner") and draft.was("previous_owner") == after.get("previous_owner"):
            after["previous_owner"] = draft.was("owner")
    if draft.touches("pool"):
        if draft.was("entered_pool_at") == after.get("entered_pool_at") or not after.get("pool"):
            after["entered_pool_at"] = now if after.get("pool") else None
        if not after.get("pool"):
            after["pool_reason"] = None
        elif after.get("locked"):
            after["locked"], after["locked_until"] = 0, None
        _clear_team(draft)


def _clear_team(draft: Draft) -> None:
    if draft.before is None or not draft.after.get("members"):
        return
    into = bool(draft.after.get("pool"))
    pool = pools.get(draft.after.get("pool") if into else draft.was("pool"))
    if pool is not None and ("return" if into else "claim") in pool.texts("clear_team"):
        draft.after["members"] = None


# ---------------------------------------------------------------- once it is saved


def moved(drafts: list[Draft]) -> None:
    """Keep the history, and take the contacts along."""
    mine = [d for d in drafts if d.touches("owner", "pool")]
    if mine:
        _write_history(mine)
        _take_contacts_along(mine)


def _write_history(drafts: list[Draft]) -> None:
    now, verb = clock.stamp(), _doing.get() or Doing()
    key = drafts[0].kind.card.key
    store.run_many(
        "UPDATE owner_history SET ended_at = ? WHERE record_type = ? AND record = ? AND ended_at IS NULL",
        [(now, key, d.id) for d in drafts if d.before is not None],
    )
    lines = []
    for d in drafts:
        cause, days = verb.causes.get(d.id, (None, None))
        obtained = d.after.get("owned_since") or d.after.get("entered_pool_at") if d.before is None else None
        lines.append(
            (key, d.id, d.was("owner"), d.was("pool"), d.after.get("owner"), d.after.get("pool"), obtained or now,
             d.actor.id, _kind(d), verb.reason or d.note or None, cause, days)
        )  # fmt: skip
    store.run_many(
        "INSERT INTO owner_history (record_type, record, from_owner, from_pool, to_owner, to_pool, obtained_at, operator,"
        " kind, reason, cause, days) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        lines,
    )


def _kind(draft: Draft) -> str:
    if draft.before is None:
        return "new"
    if draft.why == "undo":
        return "undo"
    if draft.after.get("pool"):
        if draft.was("pool"):
            return "move"
        return "auto" if draft.why == "recycle" else "manual"
    if draft.was("pool"):
        return "claim" if draft.why == "claim" else "assign"
    return "transfer"


def _take_contacts_along(drafts: list[Draft]) -> None:
    """Into a pool: its contacts have no owner either. Out of it: those without one, or of the last owner, get the new one."""
    of_customers = [d for d in drafts if d.kind.card.key == "customer"]
    mine = [d for d in of_customers if d.before is not None and d.touches("pool") and d.why != "undo" and d.live_after]
    into = [d.id for d in mine if d.after.get("pool")]
    out = {d.id: d for d in mine if not d.after.get("pool") and d.after.get("owner")}
    changes: list[tuple[int, Mapping[str, int | None]]] = []
    sql = "SELECT id, customer, owner FROM contact WHERE customer IN (SELECT value FROM json_each(?)) AND deleted_at IS NULL"
    for number, customer, owner in store.rows(sql, [store.json_list([*into, *out])]) if into or out else ():
        if customer in out:
            draft = out[customer]
            if owner in (None, draft.after.get("previous_owner")) and owner != draft.after["owner"]:
                changes.append((number, {"owner": draft.after["owner"]}))
        elif owner is not None:
            changes.append((number, {"owner": None}))
    if changes:
        change.update_many(drafts[0].actor, by_key("contact"), changes, trusted=True)


@pooled.for_each
def _watch(key: str) -> None:
    change.before(key)(settle)
    derive.on(key)(moved)
