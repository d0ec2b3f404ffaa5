"""What counts as a follow-up, and since when a customer has had none: ``last_follow_up_at`` is kept here.

A follow-up is done, and no note or task: a call, a meeting, a visit, a message, a mail; with the customer itself, one of its
contacts, or about something that belongs to it. It counts from when it happened, never from later than it was last written
(a call of tomorrow is none yet). Who is no manager may enter one up to three days later; later ones are shown, but keep
nothing out of the pool.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from smallcrm import store
from smallcrm.areas.activities.records import FOLLOW_UPS
from smallcrm.areas.people import roles
from smallcrm.base import clock
from smallcrm.identity.actor import Scope, actor_of
from smallcrm.records import cache, derive, questions, rows
from smallcrm.records.drafts import Draft
from smallcrm.records.fields import Link
from smallcrm.records.record import all_types, by_key, declared

LATE = 3  # days after which a follow-up is written down too late to count

_KINDS = ", ".join(f"'{kind}'" for kind in FOLLOW_UPS)
_COUNTS = f"deleted_at IS NULL AND done_at IS NOT NULL AND kind IN ({_KINDS})"


def done_for(ids: Sequence[int]) -> Iterable[tuple[int, int | None, str, str, str]]:
    """(customer, owner, done at, entered at, last written at) of every follow-up of these customers."""
    among = store.json_list(ids)
    inside = "IN (SELECT value FROM json_each(?))"
    parts = [
        f"SELECT customer, owner, done_at, created_at, updated_at FROM activity WHERE customer {inside} AND {_COUNTS}"
    ]
    parts.append(
        "SELECT c.customer, a.owner, a.done_at, a.created_at, a.updated_at FROM contact c JOIN activity a ON a.contact = c.id"
        f" WHERE c.customer {inside} AND a.customer IS NULL AND a.{_COUNTS.replace(' AND ', ' AND a.')}"
    )
    for key, expression in _about():
        parts.append(
            f'SELECT {expression}, a.owner, a.done_at, a.created_at, a.updated_at FROM "{by_key(key)._meta.table_name}" x'
            f" JOIN activity a ON a.about = x.id AND a.about_type = '{key}'"
            f" WHERE {expression} {inside} AND a.customer IS NULL AND a.{_COUNTS.replace(' AND ', ' AND a.')}"
        )
    return store.rows(" UNION ALL ".join(parts), [among] * len(parts))


def _about() -> list[tuple[str, str]]:
    """(type, its customer's id in SQL) of every type that belongs to a customer."""
    found = [("customer", "x.id")]
    for kind in all_types():
        link = declared(kind).get("customer")
        if isinstance(link, Link) and link.to == "customer" and kind.card.key != "activity":
            found.append((kind.card.key, "x.customer"))
    return found


def latest(ids: Sequence[int]) -> dict[int, str]:
    """Customer → its last follow-up."""
    found: dict[int, str] = {}
    for customer, _, done, _, written in done_for(ids):
        found[customer] = max(min(done, written), found.get(customer, ""))
    return found


@questions.answers(questions.FOLLOWED_UP, "customer")
def counting(ids: Sequence[int]) -> Mapping[int, str]:
    """Customer → its last follow-up that was written down in time."""
    found: dict[int, str] = {}
    for customer, owner, done, entered, written in done_for(ids):
        at = min(done, written)
        if at > found.get(customer, "") and (not _late(done, entered) or leads(owner)):
            found[customer] = at
    return found


def _late(done: str, entered: str) -> bool:
    if done[:10] >= entered[:10]:
        return False
    return (clock.day_of(clock.moment(entered)) - clock.day_of(clock.moment(done))).days > LATE


@cache.kept
def leads(user: int | None) -> bool:
    """Whether the user is a manager: leads a team, or may change more than their own customers."""
    if any(manager == user for _, manager in roles.tree().values()):
        return True
    who = actor_of(user) if user else None
    return who is not None and who.granted("customer", "edit") > Scope.OWN


def customers_of(held: Iterable[Mapping[str, Any]]) -> set[int]:
    """The customers that these activities' values belong to."""
    found: set[int] = set()
    contacts: set[int] = set()
    others: dict[str, set[int]] = {}
    expressions = dict(_about())
    for values in held:
        if values.get("customer"):
            found.add(values["customer"])
        if values.get("contact"):
            contacts.add(values["contact"])
        if values.get("about") and values.get("about_type") in expressions:
            others.setdefault(values["about_type"], set()).add(values["about"])
    if contacts:
        others.setdefault("contact", set()).update(contacts)
    for key, ids in others.items():
        sql = f'SELECT {expressions[key]} FROM "{by_key(key)._meta.table_name}" x WHERE x.id IN (SELECT value FROM json_each(?))'
        found |= {i for (i,) in store.rows(sql, [store.json_list(ids)]) if i}
    return found


@derive.on("activity")
def activities_changed(drafts: list[Draft]) -> None:
    """One was done, moved, deleted or brought back: the last follow-up of its customer is looked up anew."""
    names = ("kind", "customer", "contact", "about", "about_type", "done_at", "owner", "deleted_at")
    changed = [d for d in drafts if d.touches(*names) and (_is_done(d.after) or _is_done(d.before))]
    if all(d.before is None for d in changed):
        _advance(changed)
    else:
        refresh(customers_of(held for d in changed for held in (d.before, d.after) if held))


def _advance(drafts: Sequence[Draft]) -> None:
    """New ones only: what they belong to need not be read again, the later moment stands."""
    found: dict[int, str] = {}
    for draft in drafts:
        at = min(draft.after["done_at"], draft.after["updated_at"])
        for customer in customers_of([draft.after]):
            found[customer] = max(at, found.get(customer, ""))
    held = rows.load(by_key("customer"), found, only=("id", "last_follow_up_at"))
    later = {i: {"last_follow_up_at": found[i]} for i in held if found[i] > (held[i]["last_follow_up_at"] or "")}
    derive.put(by_key("customer"), later)
    questions.changed("customer", later)


def _is_done(values: Mapping[str, Any] | None) -> bool:
    return bool(values and values.get("done_at") and values.get("kind") in FOLLOW_UPS)


def refresh(customers: Iterable[int]) -> None:
    """Bring ``last_follow_up_at`` up to date, and tell whoever asks about follow-ups. Inside ``writing``."""
    wanted = sorted(set(customers))
    if not wanted:
        return
    found = latest(wanted)
    derive.put(by_key("customer"), {i: {"last_follow_up_at": found.get(i)} for i in wanted})
    questions.changed("customer", wanted)
