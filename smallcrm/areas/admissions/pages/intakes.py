"""On an intake's page: how many apply, were offered a place and are enrolled, and the ways to them."""

from __future__ import annotations

from markupsafe import Markup

from smallcrm.areas.admissions.records.intake import Intake  # noqa: F401  its page is the generic one
from smallcrm.areas.admissions.rules.milestones import at_least
from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import labels, query
from smallcrm.records.record import Record, by_key
from smallcrm.web.templating import fragment


def panel(who: Actor, record: Record) -> Markup | str:
    """Counts that lead to their lists."""
    if who.scope("opportunity", "view") is Scope.NONE:
        return ""
    mine = {"field": "intake", "op": "eq", "value": int(record.id)}
    rows = []
    for label, more in (
        (labels.many(Opportunity), []),
        ("submitted", [{"field": "furthest", "op": "in", "value": at_least("submitted")}]),
        ("offer", [{"field": "furthest", "op": "in", "value": at_least("offer")}]),
        ("enrolled", [{"field": "state", "op": "eq", "value": "won"}]),
    ):
        tree = {"all": [mine, *more]}
        rows.append((label, query.count(query.Ask(who, Opportunity, [], tree)), tree))
    students = query.count(query.Ask(who, by_key("customer"), [], {"all": [mine]}))
    return fragment("admissions/_intake.html", record=record, rows=rows, students=students, mine={"all": [mine]})
