"""What must hold for a report whoever writes it: its period, one a period, who changes and deletes it; its state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from smallcrm import store
from smallcrm.areas.workreports.records import COMMENTED, DRAFT, HANDED_IN, KINDS, READ, WorkReport
from smallcrm.areas.workreports.rules import owing, periods
from smallcrm.base import clock
from smallcrm.base.i18n import L, speaking
from smallcrm.identity.actor import Actor
from smallcrm.records import access, change, derive, leaving, settings
from smallcrm.records.change import Wrong
from smallcrm.records.drafts import CREATE, DELETE, UPDATE, Draft
from smallcrm.records.fields import Cleaning
from smallcrm.records.record import Record, by_key, declared

DELETABLE = dt.timedelta(hours=72)
BY_HAND = ("undo", "merge", "restore")

leaving.goes_along("work_report")


def is_admin(actor: Actor) -> bool:
    """Whether the actor looks after reports in general; smallcrm itself does."""
    return not actor.id or actor.may("settings")


@change.before("work_report")
def check(drafts: list[Draft]) -> None:
    """Fill in the period; refuse a second report about it, and changes that are no longer the author's to make."""
    for draft in drafts:
        if draft.act == DELETE:
            _deletable(draft)
        elif draft.act in (CREATE, UPDATE) and draft.why not in BY_HAND:
            _changeable(draft)
            _period(draft)


def _changeable(draft: Draft) -> None:
    if draft.trusted or draft.before is None or is_admin(draft.actor):
        return
    if draft.before.get("owner") != draft.actor.id:
        raise Wrong(draft, {"": [str(L("Only the author changes a report. You may comment on it."))]})
    if draft.before.get("state") == COMMENTED:
        raise Wrong(draft, {"": [str(L("Somebody has commented on it: it stays as it is. Answer with a comment."))]})


def _deletable(draft: Draft) -> None:
    assert draft.before is not None
    if is_admin(draft.actor) or draft.why in BY_HAND:
        return
    if draft.before.get("owner") != draft.actor.id:
        raise Wrong(draft, {"": [str(L("Only the author deletes a report, later an administrator."))]})
    at = draft.before.get("handed_in_at")
    if at and clock.now() - clock.moment(at) > DELETABLE:
        raise Wrong(
            draft, {"": [str(L("It was handed in more than 72 hours ago: only an administrator deletes it now."))]}
        )


def _period(draft: Draft) -> None:
    after = draft.after
    if not after.get("day") or not after.get("kind"):
        return
    if draft.before is None or draft.touches("kind", "day"):
        if draft.before is not None and after.get("handed_in_at") and not draft.trusted:
            raise Wrong(draft, {"day": [str(L("It has been handed in: what it is about stays."))]})
        first, last = periods.of(after["kind"], dt.date.fromisoformat(after["day"]))
        after.update(first_day=first.isoformat(), last_day=last.isoformat())
        _once(draft)
    if draft.before is None:
        _defaults(draft)
    if not after.get("name") or (draft.touches("kind", "day") and not draft.touches("name") and draft.before):
        after.update(declared(by_key("work_report"))["name"].fill(_heading(after), Cleaning()))


def _once(draft: Draft) -> None:
    after = draft.after
    sql = "SELECT id FROM work_report WHERE owner = ? AND kind = ? AND first_day = ? AND deleted_at IS NULL AND id <> ? LIMIT 1"
    if store.row(sql, [after.get("owner"), after["kind"], after["first_day"], draft.id]):
        raise Wrong(draft, {"day": [str(L("There is a report about this already: go on writing that one."))]})


def _defaults(draft: Draft) -> None:
    after = draft.after
    after["state"] = HANDED_IN if after.get("handed_in_at") else DRAFT
    if after.get("readers") is None and after.get("owner") and draft.why != "demo":
        rule = owing.rule_for(int(after["owner"]), after["kind"])
        after["readers"] = (owing.readers_of(rule, int(after["owner"])) if rule else []) or None


def _heading(after: dict[str, object]) -> str:
    """Daily report, Mon 2 March: in the company's language."""
    with speaking(str(settings.get("company.language"))):
        kind = str(after["kind"])
        period = (dt.date.fromisoformat(str(after["first_day"])), dt.date.fromisoformat(str(after["last_day"])))
        return f"{dict(KINDS)[kind]}, {periods.words(kind, period)}"


# ---------------------------------------------------------------- the state


@derive.on("work_report")
def states_changed(drafts: list[Draft]) -> None:
    """New ones and those handed in, or taken back by an undo."""
    refresh(draft.id for draft in drafts if draft.before is None or draft.touches("handed_in_at"))


def refresh(ids: Iterable[int]) -> None:
    """Bring state and first reading up to date. Inside ``writing``."""
    wanted = store.json_list(ids)
    if wanted == "[]":
        return
    sql = (
        "SELECT r.id, r.handed_in_at, (SELECT min(at) FROM work_report_reading x WHERE x.report = r.id AND x.user <> r.owner),"
        " EXISTS (SELECT 1 FROM work_report_comment c WHERE c.report = r.id AND c.author <> r.owner)"
        " FROM work_report r WHERE r.id IN (SELECT value FROM json_each(?))"
    )
    found = {}
    for number, handed_in, read, commented in store.rows(sql, [wanted]):
        state = DRAFT if not handed_in else COMMENTED if commented else READ if read else HANDED_IN
        found[number] = {"state": state, "read_at": read if handed_in else None}
    derive.put(WorkReport, found)


def may_write(actor: Actor, report: Record) -> bool:
    """Whether the form is the actor's to fill in."""
    held = report.__data__
    mine = held.get("owner") == actor.id and not actor.read_only and not held.get("deleted_at")
    return mine and held.get("state") != COMMENTED and access.may(actor, report, "edit")
