"""The lines of the preview: "Call · 5 min · Wang Jianguo", "24 Nov Tue · send price · me"."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from smallcrm.base import clock, formats
from smallcrm.base.i18n import L, speaking, translate
from smallcrm.base.i18n import language as current_language

if TYPE_CHECKING:
    from smallcrm.areas.activities.logline.understood import Act, Plan, Understood

KINDS = {
    "call": L("Call"),
    "meeting": L("Meeting"),
    "visit": L("Visit"),
    "message": L("Message"),
    "email": L("E-mail"),
    "note": L("Note"),
    "task": L("Task"),
}
RECEIVED = {
    "call": L("Call received"),
    "message": L("Message received"),
    "email": L("E-mail received"),
    "visit": L("Visit to us"),
}
OUTCOMES = {
    "no_answer": L("no answer"),
    "voicemail": L("voicemail"),
    "busy": L("line busy"),
    "switched_off": L("phone switched off"),
    "wrong_number": L("wrong number"),
    "hung_up": L("hung up"),
    "not_in": L("not in"),
    "not_there": L("nobody there"),
    "no_reply": L("no reply"),
}


def chips(understood: Understood, language: str) -> list[str]:
    """A line for each act, then for each plan, in ``language``."""
    with speaking(language), clock.at(understood.now):
        acts = [*([understood.done] if understood.done else []), *understood.also]
        return [*(_act(act, understood) for act in acts), *(_plan(plan, understood) for plan in understood.planned)]


def outcome_label(code: str) -> str:
    """An outcome in the words of whoever is spoken to; empty without one."""
    return str(OUTCOMES[code]) if code else ""


def day(date: dt.date) -> str:
    """24 Nov Tue; 11月24日 周二."""
    if current_language() == "zh":
        return formats.date_long(date)
    return translate("%(date)s %(weekday)s", date=formats.date(date), weekday=formats.weekday(date))


def _act(act: Act, understood: Understood) -> str:
    parts = [str((RECEIVED if act.direction == "in" else KINDS).get(act.kind, KINDS[act.kind]))]
    if act.outcome:
        parts.append(outcome_label(act.outcome))
    if act.duration_minutes:
        parts.append(formats.duration(act.duration_minutes))
    parts.extend(understood.contact_names[number] for number in act.contacts)
    local = act.at.astimezone(understood.zone)
    if act.has_day:
        parts.append(day(local.date()))
    if act.has_time:
        parts.append(f"{local:%H:%M}")
    if act.by is not None:
        parts.append(understood.colleague_names[act.by])
    return " · ".join(parts)


def _plan(plan: Plan, understood: Understood) -> str:
    parts = [day(plan.due) if plan.due else translate("no date yet")]
    if plan.at:
        parts[0] += f" {plan.at.astimezone(understood.zone):%H:%M}"
    parts.append(plan.subject)
    parts.append(translate("me") if plan.who is None else understood.colleague_names[plan.who])
    return " · ".join(parts)
