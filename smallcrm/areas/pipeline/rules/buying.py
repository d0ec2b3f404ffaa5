"""Who decides at the customer's: the people with a part in an opportunity, who reports to whom among them, and what is missing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from smallcrm import store
from smallcrm.areas.activities import touch
from smallcrm.areas.pipeline.records import Buyer, Opportunity
from smallcrm.base import clock
from smallcrm.base.errors import Invalid, NotFound
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import Actor
from smallcrm.records import access, change, rows
from smallcrm.records.change import Wrong
from smallcrm.records.drafts import CREATE, UPDATE, Draft
from smallcrm.records.record import Record, values

SILENT = 14  # days after which a key person counts as not spoken to
KEY = ("decides", "approves")


@change.before("buyer")
def check(drafts: list[Draft]) -> None:
    """Somebody plays one part in an opportunity, and belongs to its customer or to none that is known."""
    wanted = [draft for draft in drafts if draft.act in (CREATE, UPDATE) and draft.touches("contact", "opportunity")]
    if not wanted:
        return
    pairs = {(draft.after["opportunity"], draft.after["contact"]) for draft in wanted}
    sql = "SELECT id, opportunity, contact FROM buyer WHERE deleted_at IS NULL AND opportunity IN (SELECT value FROM json_each(?))"
    held = {(o, c): i for i, o, c in store.rows(sql, [store.json_list({o for o, _ in pairs})])}
    for draft in wanted:
        known = held.get((draft.after["opportunity"], draft.after["contact"]))
        if known and known != draft.id:
            raise Wrong(draft, {"contact": [str(L("This person has a part in it already."))]})


@dataclass(frozen=True)
class Person:
    """Somebody with a part. ``boss``: the contact they report to, if that one plays a part too; ``level``: steps below the top."""

    id: int
    contact: int
    name: str
    title: str
    part: str | None
    influence: str
    attitude: str
    coverage: str
    note: str
    touched: dt.date | None
    boss: int | None = None
    level: int = 0


def people(actor: Actor, record: Record) -> list[Person]:
    """Everybody with a part whose contact the actor sees, the top of the tree first."""
    sql = "SELECT id FROM buyer WHERE opportunity = ? AND deleted_at IS NULL ORDER BY id"
    held = rows.load(Buyer, [i for (i,) in store.rows(sql, [int(record.id)])])
    contacts = [each["contact"] for each in held.values()]
    names = access.names(actor, "contact", contacts)
    from smallcrm.records.record import by_key

    facts = rows.load(by_key("contact"), list(names), only=("id", "title"))
    touched = touch.last_touches(actor, list(names))
    bosses = _bosses(set(names))
    levels = _levels(bosses)
    found = [
        Person(
            each["id"], each["contact"], names[each["contact"]], facts.get(each["contact"], {}).get("title") or "", each["part"],
            each["influence"] or "medium", each["attitude"] or "neutral", each["coverage"] or "none", each["note"] or "",
            clock.day_of(clock.moment(touched[each["contact"]])) if each["contact"] in touched else None,
            bosses.get(each["contact"]), levels.get(each["contact"], 0),
        )
        for each in held.values()
        if each["contact"] in names
    ]  # fmt: skip
    return sorted(found, key=lambda person: (person.level, person.id))


def _bosses(contacts: set[int]) -> dict[int, int]:
    """Contact → whom they report to, among these; a ring is cut where it closes."""
    sql = (
        "SELECT source, target FROM relation WHERE kind = 'reports_to' AND source_type = 'contact' AND target_type = 'contact'"
        " AND deleted_at IS NULL AND source IN (SELECT value FROM json_each(?)) ORDER BY id"
    )
    found: dict[int, int] = {}
    for source, target in store.rows(sql, [store.json_list(contacts)]):
        if target in contacts and source not in found and not _above(found, target, source):
            found[source] = target
    return found


def _above(bosses: dict[int, int], start: int, wanted: int) -> bool:
    current: int | None = start
    while current is not None:
        if current == wanted:
            return True
        current = bosses.get(current)
    return False


def _levels(bosses: dict[int, int]) -> dict[int, int]:
    def level(contact: int) -> int:
        return 1 + level(bosses[contact]) if contact in bosses else 0

    return {contact: level(contact) for contact in {*bosses, *bosses.values()}}


def influences(actor: Actor, contacts: set[int]) -> list[tuple[int, int, str]]:
    """(from, to, kind) of the other relations among these people."""
    sql = (
        "SELECT source, target, kind FROM relation WHERE source_type = 'contact' AND target_type = 'contact' AND deleted_at IS NULL"
        " AND kind <> 'reports_to' AND source IN (SELECT value FROM json_each(?1)) AND target IN (SELECT value FROM json_each(?1))"
    )
    return [(s, t, k) for s, t, k in store.rows(sql, [store.json_list(contacts)])]


def gaps(found: list[Person], *, open_: bool) -> list[str]:
    """What is missing on the map, in words."""
    if not open_:
        return []
    said: list[str] = []
    if not any(person.part == "decides" for person in found):
        said.append(str(L("Nobody is known who decides.")))
    approvers = [person for person in found if person.part in KEY]
    if approvers and not any(person.attitude in ("champion", "supporter") for person in approvers):
        said.append(str(L("Nobody who decides or approves is for us.")))
    today = clock.today()
    for person in found:
        if person.part in KEY or person.influence == "high":
            days = (today - person.touched).days if person.touched else None
            if days is None:
                said.append(str(L("%(name)s has not been spoken to.", name=person.name)))
            elif days > SILENT:
                said.append(
                    ngettext(
                        "%(name)s was last spoken to %(n)s day ago.",
                        "%(name)s was last spoken to %(n)s days ago.",
                        days,
                        name=person.name,
                    )
                )
    against = [
        person.name for person in found if person.attitude in ("opponent", "enemy") and person.influence == "high"
    ]
    if against:
        said.append(str(L("Against us, with much influence: %(names)s.", names=", ".join(against))))
    return said


def put(actor: Actor, record: Record, *, contact: int, **given: Any) -> Record:
    """Give somebody a part, or change the one they have. Raises Invalid, Forbidden."""
    access.need(actor, record, "edit")
    if not contact:
        raise Invalid({"contact": [str(L("Choose a contact."))]})
    known = store.value(
        "SELECT id FROM buyer WHERE opportunity = ? AND contact = ? AND deleted_at IS NULL", [int(record.id), contact]
    )
    if known:
        return change.update(actor, access.find(actor, Buyer, known), given)
    owner = values(record)["owner"]
    return change.create(
        actor, Buyer, {"opportunity": int(record.id), "contact": contact, "owner": owner or actor.id, **given}
    )


def opportunity_of(actor: Actor, number: int) -> Record:
    """The opportunity, which may be changed. Raises NotFound, Forbidden."""
    return access.find(actor, Opportunity, number, "edit")


def take_out(actor: Actor, record: Record, *, buyer: int) -> None:
    """Somebody plays no part after all. Raises NotFound."""
    found = access.find(actor, Buyer, buyer)
    if values(found)["opportunity"] != record.id:
        raise NotFound(L("There is nothing here, or you may not see it."))
    change.delete(actor, found)
