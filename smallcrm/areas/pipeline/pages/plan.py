"""The battle map (商机作战地图): one page an opportunity with its path, the decision map and its gaps, competitors, our plan, actions, risks."""

from __future__ import annotations

from typing import Any

from flask import render_template

from smallcrm import store
from smallcrm.areas.activities.records import Activity
from smallcrm.areas.pipeline.pages import buyers, opportunity, pipeline_pages
from smallcrm.areas.pipeline.records import Competitor, Opportunity
from smallcrm.areas.pipeline.rules import planned, score, warnings
from smallcrm.base import clock, formats
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, rows
from smallcrm.records.fields.links import parts
from smallcrm.records.record import Record, title, values
from smallcrm.web.context import actor


@pipeline_pages.get("/opportunities/<int:number>/plan")
def plan_page(number: int) -> str:
    """Everything one has to know to win it, on one page."""
    who = actor()
    record = access.find(who, Opportunity, number)
    held = values(record)
    shown = {name: held[name] for name in access.shown_of(who, Opportunity, held) if name in held}
    plan = planned.next_of(who, [number]).get(number)
    wrong = warnings.of(held, planned=plan.due if plan else None)
    around = buyers.described(who, record)
    return render_template(
        "pipeline/plan.html",
        record=record,
        kind=Opportunity,
        name=title(record),
        whose=opportunity.whose(who, record),
        path=opportunity.path(who, record),
        figures=opportunity.figures(who, record),
        wrong=wrong,
        shown=shown,
        rivals=_rivals(who, shown),
        actions=actions(who, record),
        score=score.of(held, around["people"], wrong) if held["state"] == "open" else None,
        may=not record.deleted_at and access.may(who, record, "edit"),
        **around,
    )


def _rivals(who: Actor, held: dict[str, Any]) -> list[dict[str, Any]]:
    ids = [parts(token)[1] for token in held.get("competitors") or ()]
    names = access.names(who, "competitor", ids)
    found = rows.load(Competitor, list(names))
    return [{**found[i], "name": names[i]} for i in ids if i in names]


def actions(who: Actor, record: Record) -> list[dict[str, Any]]:
    """What is planned about it, by whom and when; what is overdue first."""
    if who.scope("activity", "view") is Scope.NONE:
        return []
    where, params = access.reach(who, Activity).where()
    sql = (
        "SELECT t.id, t.subject, t.due_at, t.owner FROM activity t WHERE t.about_type = 'opportunity' AND t.about = ?"
        f" AND t.done_at IS NULL AND t.kind <> 'note' AND t.deleted_at IS NULL AND {where} ORDER BY t.due_at IS NULL, t.due_at LIMIT 50"
    )
    found = store.rows(sql, [int(record.id), *params])
    names = access.names(who, "user", [owner for *_, owner in found if owner])
    now = clock.now()

    return [
        {
            "id": number, "subject": subject, "when": formats.moment(due) if due else "", "who": names.get(owner, ""),
            "late": bool(due) and clock.moment(due) < now,
        }
        for number, subject, due, owner in found
    ]  # fmt: skip
