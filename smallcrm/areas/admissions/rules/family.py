"""A student's guardians, with who pays and who may be contacted, and the siblings found through them.

A guardian is a contact at the student, or anybody who is *guardian of* the student; one guardian cares for several. Where nothing
was said of a contact at the student, they may be contacted like any contact, and pay nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from smallcrm import store
from smallcrm.areas.customers.records import Contact, Customer, Relation
from smallcrm.areas.customers.rules import consent, relations
from smallcrm.areas.customers.rules.relations import End
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import SYSTEM, Actor, Scope
from smallcrm.records import access, change, changesets, rows
from smallcrm.records.record import Record, by_key, values

MOST = 200
# What a sibling takes over from the student it is added to.
SHARED = ("address", "postcode", "city", "region", "country", "language", "source", "owner", "parent")


@dataclass(frozen=True)
class Guardian:
    """Somebody who cares for a student. ``relation`` is None while only a contact at the student."""

    end: End
    name: str
    relation: int | None
    pays: bool
    may_contact: bool
    note: str
    why_not: str = ""  # why nobody writes to them, where something stands against it

    @property
    def url(self) -> str:
        """Where they are."""
        return f"/{by_key(self.end[0]).card.name}/{self.end[1]}"


@dataclass(frozen=True)
class Sibling:
    """Another student with the same guardian. ``through``: the names of the guardians they share."""

    id: int
    name: str
    birthday: str | None
    intake: int | None
    through: tuple[str, ...]


def guardians(actor: Actor, student: Record) -> list[Guardian]:
    """Everybody within reach who cares for a student: who pays first."""
    found: dict[End, Guardian] = {}
    for each in relations.guardians(actor, student):
        found[each.other] = Guardian(each.other, each.name, each.id, each.pays, each.may_contact, each.note or "")
    for end in relations.contacts_of(actor, int(student.id)):
        if end not in found:
            found[end] = Guardian(end, "", None, False, True, "")
    names = relations.names_of(actor, found)
    made = [_told(each, names.get(end, each.name)) for end, each in found.items() if names.get(end, each.name)]
    return sorted(made, key=lambda each: (not each.pays, not each.may_contact, each.name))


def _told(each: Guardian, name: str) -> Guardian:
    """With what consent says of writing to them."""
    record = access.fetch(SYSTEM, relations.ENDS[each.end[0]], each.end[1])
    why = _withdrawn(record) if record is not None else ""
    return Guardian(each.end, name, each.relation, each.pays, each.may_contact and not why, each.note, why)


def _withdrawn(record: Record) -> str:
    """Why a guardian is not approached at all: they asked for it, or withdrew every consent about the school's own matters."""
    held = values(record)
    said = [
        consent.may_contact(record, "service", channel)
        for channel, names in (("phone", ("phone", "mobile")), ("email", ("email",)))
        if any(held.get(name) for name in names)
    ]
    return str(said[0][1]) if said and not any(may for may, _ in said) else ""


def in_care_of(actor: Actor, contact: int) -> dict[int, str]:
    """The students within reach whom a contact cares for: student → name."""
    return _students(actor, _cared_for([("contact", contact)]).keys())


def siblings(actor: Actor, student: Record) -> list[Sibling]:
    """Students within reach who share a guardian with this one, by name."""
    mine = {each.end: each.name for each in guardians(actor, student)}
    shared = _cared_for(mine)
    shared.pop(int(student.id), None)
    names = _students(actor, list(shared)[:MOST])
    held = rows.load(Customer, list(names))
    readable = access.readable(actor, Customer)
    found = [
        Sibling(
            number, names[number], each["birthday"] if "birthday" in readable else None, each.get("intake"),
            tuple(sorted({mine[end] for end in shared[number]})),
        )
        for number, each in held.items()
    ]  # fmt: skip
    return sorted(found, key=lambda each: each.name)


def _cared_for(ends: Iterable[End]) -> dict[int, set[End]]:
    """Student → those of ``ends`` who care for them, whoever may see it: callers narrow by reach."""
    wanted = set(ends)
    found: dict[int, set[End]] = {}
    for row in relations.touching(wanted):
        _, kind, source_type, source, target_type, target, *_rest = row
        if kind == "guardian_of" and target_type == "customer" and (source_type, source) in wanted:
            found.setdefault(target, set()).add((source_type, source))
    contacts = [number for key, number in wanted if key == "contact"]
    sql = (
        "SELECT t.customer, t.id FROM contact t JOIN customer c ON c.id = t.customer WHERE t.deleted_at IS NULL AND c.kind = 'person'"
        " AND t.id IN (SELECT value FROM json_each(?))"
    )
    for student, number in store.rows(sql, [store.json_list(contacts)]):
        found.setdefault(student, set()).add(("contact", number))
    return found


def _students(actor: Actor, ids: Iterable[int]) -> dict[int, str]:
    wanted = list(ids)
    alive = access.within(actor, Customer, wanted)
    return dict(access.names(actor, "customer", alive))


# ---------------------------------------------------------------- verbs


def add_guardian(
    actor: Actor, student: Record, *, contact: int | None = None, given: Mapping[str, Any] | None = None, pays: bool = False,
    may_contact: bool = True, note: str = "",
) -> int:  # fmt: skip
    """Somebody who is known, or (``given``) a new contact at the student, becomes its guardian; the contact's id."""
    _need(actor, student)
    with changesets.opened(actor, actor.via), store.writing():
        if contact is None:
            if not str((given or {}).get("name") or "").strip():
                raise Invalid({"name": [str(L("Say who it is."))]})
            contact = int(change.create(actor, Contact, {**(given or {}), "customer": int(student.id)}).id)
        elif not access.within(actor, Contact, [contact]):
            raise Invalid({"contact": [str(L("Choose who it is."))]})
        relations.add(
            actor,
            student,
            kind="guardian_of",
            other=("contact", contact),
            outgoing=False,
            note=note,
            pays=pays,
            may_contact=may_contact,
        )
    return contact


def add_sibling(actor: Actor, student: Record, *, given: Mapping[str, Any]) -> Record:
    """A new student with the same guardians, who pay and may be contacted as they do for this one. Raises Invalid, Forbidden."""
    _need(actor, student)
    if actor.scope("customer", "create") is Scope.NONE:
        raise Forbidden(access.refusal(actor, "create"))
    held = values(student)
    writable = access.writable(actor, Customer)
    taken = {name: held[name] for name in SHARED if held.get(name) and name in writable}
    with changesets.opened(actor, actor.via), store.writing():
        made = change.create(actor, Customer, {**taken, "kind": "person", **given})
        for each in guardians(actor, student):
            pays, may, note = _said_of(actor, student, each)
            relations.add(
                actor, made, kind="guardian_of", other=each.end, outgoing=False, note=note, pays=pays, may_contact=may
            )
    return made


def _said_of(actor: Actor, student: Record, each: Guardian) -> tuple[bool, bool, str]:
    """As it is written down, not as consent leaves it."""
    if each.relation is None:
        return False, True, ""
    held = access.find(SYSTEM, Relation, each.relation)
    return bool(held.__data__["pays"]), bool(held.__data__["may_contact"]), held.__data__["note"] or ""


def _need(actor: Actor, student: Record) -> None:
    if not access.may(actor, student, "edit"):
        raise Forbidden(access.refusal(actor, "edit"))
    if actor.scope("relation", "create") is Scope.NONE:
        raise Forbidden(access.refusal(actor, "create"))
