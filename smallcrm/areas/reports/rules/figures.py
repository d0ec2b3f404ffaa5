"""Figures by reference: ``won-value`` is a ready-made one, ``12`` a saved one; both give a spec, a name and how it is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from smallcrm.areas.reports.records import Figure
from smallcrm.areas.reports.rules import sharing
from smallcrm.base.errors import BadRequest, Invalid, NotFound
from smallcrm.base.i18n import L
from smallcrm.base.text import tidy
from smallcrm.identity.actor import Actor
from smallcrm.records import access, change, figures
from smallcrm.records.figures import Spec, ready
from smallcrm.records.record import Record, values

COLUMNS = {"filter": "conditions", "then": "then_by", "when": "date_field"}  # part of a spec → column where it differs
PARTS = ("about", "filter", "measure", "by", "then", "when", "period", "compare", "chart")


@dataclass(frozen=True)
class Named:
    """A figure ready to be asked. ``record`` is the saved one, with ``mine`` where it may be changed."""

    ref: str
    name: str
    spec: Spec
    how: str = ""
    record: Record | None = None
    mine: bool = False


def find(actor: Actor, ref: str) -> Named:
    """The figure. Raises NotFound where there is none or it is out of reach, BadRequest where it no longer makes sense."""
    if ref.isascii() and ref.isdigit() and len(ref) < 16:
        return of_record(actor, access.find(actor, Figure, int(ref)))
    made = ready.find(ref)
    if made is None or not ready.may_see(actor, made):
        raise NotFound(L("There is no such figure, or you may not see it."))
    return Named(ref, str(made.name), made.spec, str(made.how))


def of_record(actor: Actor, record: Record) -> Named:
    """A saved figure."""
    held = values(record)
    spec = figures.parse({part: held.get(COLUMNS.get(part, part)) or "" for part in PARTS})
    return Named(str(record.id), str(held["name"]), spec, record=record, mine=access.may(actor, record, "edit"))


def saved(actor: Actor) -> list[Named]:
    """Every saved figure the actor may look at, those that make no sense any more left out."""
    found = []
    for record in sharing.seen(actor, Figure):
        try:
            found.append(of_record(actor, record))
        except BadRequest:
            continue
    return found


def offered(actor: Actor) -> list[tuple[str, str]]:
    """(reference, name) of every figure, one's own first."""
    mine = [(each.ref, each.name) for each in saved(actor)]
    return [*mine, *((each.key, str(each.name)) for each in ready.figures(actor))]


def keep(
    actor: Actor, spec: Spec, *, name: str, shared: str = "mine", over: Record | None = None, version: int | None = None
) -> Record:
    """Save a figure, a new one or over another. Raises Invalid, BadRequest for one that cannot be worked out, Stale."""
    if not tidy(name):
        raise Invalid({"name": [str(L("Give the figure a name."))]})
    figures.ask(actor, spec)
    given: Mapping[str, Any] = {
        "name": name, "shared": shared, **{COLUMNS.get(part, part): value for part, value in spec.values().items()},
    }  # fmt: skip
    if over is None:
        return change.create(actor, Figure, given)
    return change.update(actor, over, given, version=version)
