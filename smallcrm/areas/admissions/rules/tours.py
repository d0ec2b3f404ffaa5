"""Tours and trial lessons: planned as any follow-up is, about an application. One that took place moves the application on.

It goes to the stage that stands for it, never back and never past what that stage asks for: where something is missing the
application stays, and its page says what.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from smallcrm import store
from smallcrm.areas.activities.records import Activity
from smallcrm.areas.activities.rules import acts
from smallcrm.areas.admissions import settings
from smallcrm.areas.admissions.rules.milestones import ORDER, stage_of
from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.areas.pipeline.rules import moving, stages
from smallcrm.base.errors import Invalid, WrongState
from smallcrm.base.i18n import LANGUAGES, L, speaking
from smallcrm.base.text import fold
from smallcrm.identity.actor import Actor
from smallcrm.records import access, changesets, derive, fields, rows
from smallcrm.records import settings as all_settings
from smallcrm.records.drafts import Draft
from smallcrm.records.fields.choice import Option
from smallcrm.records.record import Record, added, values

TOURS = (
    Option("tour", L("Campus tour")), Option("trial", L("Trial lesson")), Option("open_day", L("Open day")),
    Option("interview", L("Interview or placement test")),
)  # fmt: skip
STANDS_FOR = {"tour": "tour", "trial": "tour", "open_day": "tour", "interview": "interview"}
DID_NOT_COME = L("Did not come")

added(
    Activity,
    tour=fields.Choice(L("Tour or trial lesson"), TOURS, filter=True, present=settings.on),
)


def called(key: str) -> str:
    """What a kind of tour is called."""
    return next((str(each.label) for each in TOURS if each.key == key), "")


def _stayed_away(outcome: str | None) -> bool:
    if not outcome:
        return False
    words = set()
    for code in LANGUAGES:
        with speaking(code):
            words.add(fold(str(DID_NOT_COME)))
    return fold(outcome) in words


# ---------------------------------------------------------------- the rule


@derive.on("activity")
def took_place(drafts: list[Draft]) -> None:
    """Applications whose tour is over go on. Undo, imports and the like move nothing."""
    if not (settings.on() and all_settings.get(settings.MOVE)):
        return
    for draft in drafts:
        after = draft.after
        if (
            after.get("tour") and after.get("about_type") == "opportunity" and after.get("done_at") and draft.live_after
            and draft.touches("done_at") and draft.why not in moving.BROUGHT and not _stayed_away(after.get("outcome"))
        ):  # fmt: skip
            move_on(draft.actor, int(after["about"]), STANDS_FOR[after["tour"]])


def aim(held: dict[str, Any], milestone: str) -> int | None:
    """The stage an application would go to; None where it is over or has come as far."""
    here = stages.step(held.get("stage"))
    wanted = stages.step(stage_of(held.get("pipeline"), milestone))
    if here is None or wanted is None or here.ended or here.position >= wanted.position:
        return None
    if held.get("furthest") in ORDER and ORDER.index(held["furthest"]) > ORDER.index(milestone):
        return None
    return wanted.id


def move_on(actor: Actor, number: int, milestone: str) -> bool:
    """Move an application to what a tour stands for, where it may go there; whether it went."""
    record = access.fetch(actor, Opportunity, number)
    stage = aim(values(record), milestone) if record is not None else None
    if record is None or stage is None or not access.may(actor, record, "edit"):
        return False
    try:
        moving.move(actor, record, stage=stage)
    except (Invalid, WrongState):
        return False
    return True


# ---------------------------------------------------------------- verbs


def plan(
    actor: Actor, record: Record, *, tour: str, due: dt.date | dt.datetime, minutes: int | None = None, note: str = "",
    contact: int | None = None,
) -> Record:  # fmt: skip
    """Plan one for an application. Raises Invalid, Forbidden."""
    if not called(tour):
        raise Invalid({"tour": [str(L("Choose what it is."))]})
    held = values(record)
    given: dict[str, Any] = {
        "tour": tour, "about": {"type": "opportunity", "id": int(record.id)}, "customer": held.get("customer"),
        "contact": _at(contact or held.get("contact"), held.get("customer")), "duration_minutes": minutes, "body": note or None,
    }  # fmt: skip
    return acts.plan(
        actor, kind="meeting", subject=called(tour), due=due, **{name: value for name, value in given.items() if value}
    )


def _at(contact: int | None, customer: int | None) -> int | None:
    """A contact at this student: a guardian of several is a contact at one of them, and a plan names only the student's own."""
    return store.value("SELECT id FROM contact WHERE id = ? AND customer = ?", [contact, customer]) if contact else None


def end(actor: Actor, activity: Record, *, came: bool, outcome: str = "", note: str = "") -> bool:
    """It is over; whether the application moved on with it. Raises Forbidden, Invalid, WrongState."""
    before = _stage(activity)
    said = outcome.strip() or str(L("Came") if came else DID_NOT_COME)
    if not came and not _stayed_away(said):
        note, said = "\n".join(part for part in (said, note) if part), str(DID_NOT_COME)
    with changesets.opened(actor, actor.via):
        if note:
            acts.done(actor, activity, outcome=said, body=note)
        else:
            acts.done(actor, activity, outcome=said)
    return _stage(activity) != before


def _stage(activity: Record) -> int | None:
    return store.value("SELECT stage FROM opportunity WHERE id = ?", [values(activity).get("about")])


def of(actor: Actor, record: Record) -> list[dict[str, Any]]:
    """The tours of an application within reach, the next ones first."""
    where, params = access.reach(actor, Activity).where()
    sql = (
        "SELECT t.id FROM activity t WHERE t.about_type = 'opportunity' AND t.about = ? AND t.tour IS NOT NULL AND t.deleted_at IS NULL"
        f" AND {where} ORDER BY t.done_at IS NOT NULL, coalesce(t.due_at, t.done_at) LIMIT 50"
    )
    ids = [number for (number,) in store.rows(sql, [int(record.id), *params])]
    held = rows.load(Activity, ids)
    return [held[number] for number in ids]
