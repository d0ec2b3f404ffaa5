"""A first inquiry as a secretary takes it down: student, guardian and application in one act, or an application of a known student."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smallcrm import store
from smallcrm.areas.admissions.rules import family, same
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.areas.pipeline.rules import stages
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, change, changesets
from smallcrm.records.record import Record


def need(actor: Actor) -> None:
    """Raise Forbidden for whoever makes neither students nor applications."""
    for key in ("customer", "opportunity"):
        if actor.scope(key, "create") is Scope.NONE:
            raise Forbidden(access.refusal(actor, "create"))


def take(
    actor: Actor, *, student: Mapping[str, Any], application: Mapping[str, Any], guardian: Mapping[str, Any], pays: bool = False,
    known: int | None = None,
) -> Record:  # fmt: skip
    """The application. ``known``: a student there is already; then nothing is changed but a guardian added who is new.

    A guardian whose telephone a contact within reach has is that contact. Raises Forbidden, Invalid by the forms' names.
    """
    need(actor)
    with changesets.opened(actor, actor.via), store.writing():
        record = access.find(actor, Customer, known) if known else _student(actor, student)
        contact = _guardian(actor, record, guardian, pays)
        return change.create(
            actor, Opportunity, {**application, "customer": int(record.id), **({"contact": contact} if contact else {})}
        )


def _student(actor: Actor, student: Mapping[str, Any]) -> Record:
    return change.create(actor, Customer, {**student, "kind": "person"})


def _guardian(actor: Actor, student: Record, given: Mapping[str, Any], pays: bool) -> int | None:
    if not any(given.values()):
        return None
    known = same.guardians(actor, given.get("mobile"))
    cares = {each.end[1]: each for each in family.guardians(actor, student) if each.end[0] == "contact"}
    held = next((match.id for match in known if match.id in cares), None)
    if held is not None:
        return held
    if not given.get("name") and not known:
        raise Invalid({"guardian_name": [str(L("Say who it is."))]})
    if not access.may(actor, student, "edit"):
        return known[0].id if known else None
    try:
        return family.add_guardian(
            actor, student, contact=known[0].id if known else None, given=None if known else given, pays=pays
        )
    except Invalid as error:
        raise Invalid({f"guardian_{name}" if name else "": said for name, said in error.errors.items()}) from None


def first_stage(pipeline: int | None) -> int | None:
    """Where an application of a pipeline begins."""
    way = stages.pipeline(pipeline)
    first = way.first() if way else None
    return first.id if first else None
