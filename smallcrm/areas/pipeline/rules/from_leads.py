"""The opportunity that a lead becomes: what the lead said goes along."""

from __future__ import annotations

from smallcrm.areas.leads.rules import convert
from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import change
from smallcrm.records.record import Record, values


def make(actor: Actor, *, lead: Record, customer: Record, contact: Record | None, name: str) -> Record:
    """Inside the conversion's transaction and change-set."""
    held = values(lead)
    given = {
        "name": name, "customer": int(customer.id), "contact": int(contact.id) if contact is not None else None,
        "source": held.get("source"), "campaign": held.get("campaign"), "description": held.get("notes"),
        "owner": held.get("owner") or actor.id,
    }  # fmt: skip
    return change.create(actor, Opportunity, {key: value for key, value in given.items() if value is not None})


def may(actor: Actor) -> bool:
    """Whether the actor makes opportunities at all."""
    return actor.scope("opportunity", "create") is not Scope.NONE


convert.offer_opportunity(make, may)
