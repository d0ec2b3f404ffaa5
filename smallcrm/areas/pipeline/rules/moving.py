"""Where an opportunity stands: through every door its stage says its state, the gates of a stage hold, and what is over stays over.

``move`` ``win`` ``lose`` ``invalidate`` ``reopen`` ``tick`` are the verbs; forms, lists, the API and imports end in the same rule.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from smallcrm import store
from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.areas.pipeline.rules import setting_up, stages, value  # noqa: F401  lines are summed before a gate asks for the amount
from smallcrm.areas.pipeline.rules.stages import Step
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden, Invalid, Stale, WrongState
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, change, changesets, labels
from smallcrm.records.change import Wrong
from smallcrm.records.custom import fields_of
from smallcrm.records.drafts import CREATE, UPDATE, Draft
from smallcrm.records.record import Record, values

# Doors through which what happened elsewhere or before comes in: no gate is asked of them.
BROUGHT = ("import", "round trip", "undo", "merge", "restore", "demo")

_reopening: ContextVar[str] = ContextVar("reopening", default="")


@contextmanager
def reopening(reason: str) -> Iterator[None]:
    """Inside, what is over may become open again."""
    token = _reopening.set(reason)
    try:
        yield
    finally:
        _reopening.reset(token)


def why_reopened() -> str:
    """The reason given by whoever is reopening."""
    return _reopening.get()


# ---------------------------------------------------------------- before it is saved


@change.before("opportunity")
def settle(drafts: list[Draft]) -> None:
    """Make pipeline, stage, state, chance and dates agree."""
    if not stages.every():
        setting_up.make_first()  # a company set up before there were opportunities
    for draft in drafts:
        if draft.act in (CREATE, UPDATE) and draft.why != "undo":
            _place(draft)


def _place(draft: Draft) -> None:
    before = stages.step(draft.was("stage"))
    now = _stage(draft, before)
    if now is None:
        raise Wrong(
            draft, {"stage": [str(L("There is no pipeline with an open stage. Make one in the settings first."))]}
        )
    after = draft.after
    after.update(stage=now.id, pipeline=now.pipeline, state=now.kind)
    moved = before is None or before.id != now.id
    if moved and before is not None and not (draft.trusted or draft.why in BROUGHT):
        _gates(draft, before, now)
    if moved:
        _take_over(draft, now)
    _dates(draft, now, moved)
    if moved:
        after["stage_since"] = _since(draft, now)
    if moved and now.kind == "lost" and not (draft.trusted or draft.why in BROUGHT):
        way = stages.pipeline(now.pipeline)
        if way and way.reason_needed and not after.get("close_reason"):
            raise Wrong(draft, {"close_reason": [str(L("Say why it was lost."))]})
    if not moved or draft.before is None:
        _put_off(draft)


def _stage(draft: Draft, before: Step | None) -> Step | None:
    """The stage meant: the one given, else the first of the pipeline given, else where it stands."""
    given = stages.step(draft.after.get("stage"))
    way = stages.pipeline(draft.after.get("pipeline"))
    if (
        way
        and way.first()
        and draft.touches("pipeline")
        and (given is None or given == before)
        and before != way.first()
    ):
        return way.first()
    if given is not None:
        return given
    if draft.after.get("stage"):
        return before  # it was deleted meanwhile
    usual = way if way and way.first() else stages.usual(draft.actor)
    return before or (usual.first() if usual else None)


def _take_over(draft: Draft, now: Step) -> None:
    after = draft.after
    if now.ended or after.get("chance") is None or not draft.touches("chance"):
        after["chance"] = now.chance
    if now.ended or after.get("forecast") is None or not draft.touches("forecast"):
        after["forecast"] = now.forecast


def _since(draft: Draft, now: Step) -> str:
    """What is brought in stands where it stands since it began, or since it ended."""
    day = draft.after["closed_on" if now.ended else "opened_on"] if draft.before is None else None
    stamp = clock.stamp()
    return (
        min(clock.iso(clock.start_of(dt.date.fromisoformat(day))), stamp)
        if day and day < clock.today().isoformat()
        else stamp
    )


def _dates(draft: Draft, now: Step, moved: bool) -> None:
    after, today = draft.after, clock.today().isoformat()
    if not after.get("opened_on"):
        after["opened_on"] = str(clock.day_of(clock.moment(after["created_at"]))) if after.get("created_at") else today
        if after.get("closed_on") and after["closed_on"] < after["opened_on"] and draft.why in BROUGHT:
            after["opened_on"] = after["closed_on"]
    if not now.ended:
        if after.get("closed_on") and not after.get("expected_close"):
            after["expected_close"] = after["closed_on"]  # a list's one date column says when an open one is to close
        after["closed_on"] = None
        if moved and draft.before is not None:
            after.update(close_reason=None, lost_to=None, ask_again_on=None)
        return
    if not after.get("closed_on"):
        after["closed_on"] = today
    if after["closed_on"] > today and not draft.trusted:
        raise Wrong(draft, {"closed_on": [str(L("This day has not come yet."))]})
    if after["closed_on"] < after["opened_on"]:
        if draft.touches("closed_on") and not draft.trusted:
            raise Wrong(draft, {"closed_on": [str(L("It began on a later day."))]})
        after["opened_on"] = after["closed_on"]
    if now.kind != "lost":
        after.update(lost_to=None, ask_again_on=None)


def _put_off(draft: Draft) -> None:
    if draft.before is None:
        draft.after["pushed"] = draft.after.get("pushed") or 0
    elif (draft.was("expected_close") or "9999") < (draft.after.get("expected_close") or ""):
        draft.after["pushed"] = (draft.was("pushed") or 0) + 1


# ---------------------------------------------------------------- the gates


def _gates(draft: Draft, before: Step, now: Step) -> None:
    """Raises Wrong with everything that keeps it from moving there."""
    if before.ended and not why_reopened():
        raise Wrong(draft, {"stage": [str(L("It is over. Reopen it first."))]})
    said = gate(draft.actor, draft.after, before, now).words
    if said:
        raise Wrong(draft, {"stage": said})


@dataclass(frozen=True)
class Gate:
    """What stands between an opportunity and a stage: why it may not go there at all, fields to fill in, items to tick off."""

    refused: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    items: tuple[tuple[str, str], ...] = ()  # how the tick is kept, what is to be done

    @property
    def words(self) -> list[str]:
        """All of it in words; empty for nothing."""
        said = list(self.refused)
        if self.fields:
            named = ", ".join(labels.field(Opportunity, name) for name in self.fields)
            said.append(str(L("First fill in: %(fields)s.", fields=named)))
        if self.items:
            said.append(str(L("First tick off: %(items)s.", items=", ".join(item for _, item in self.items))))
        return said


def gate(actor: Actor, held: Mapping[str, Any], before: Step, now: Step) -> Gate:
    """What keeps an opportunity with these values from moving from one stage to another; nothing for losing it."""
    refused: list[str] = []
    if now.roles and role_id(actor) not in now.roles and not actor.may("everything"):
        names = access.names(actor, "role", sorted(now.roles))
        refused.append(str(L("Only these roles move something here: %(roles)s.", roles=", ".join(names.values()))))
    way = stages.pipeline(now.pipeline)
    if now.kind in ("lost", "invalid") or before.ended or way is None or before.pipeline != now.pipeline:
        lacking = _lacking(held, [now]) if now.kind not in ("lost", "invalid") else ()
        return Gate(tuple(refused), lacking)
    if not now.ended and now.position < before.position:
        if not way.back_moves:
            refused.append(str(L("Stages of this pipeline are not gone back.")))
        return Gate(tuple(refused))
    passed = [
        each
        for each in way.open_steps
        if each.position > before.position and (now.ended or each.position < now.position)
    ]
    refused += _asked_elsewhere(held, [*passed, now])
    ticked = set(held.get("ticked") or ())
    items = [(tick_key(each, item), item) for each in (before, *passed) for item in each.checklist]
    return Gate(tuple(refused), _lacking(held, [*passed, now]), tuple(each for each in items if each[0] not in ticked))


Waits = Callable[[Mapping[str, Any], Sequence[Step]], list[str]]
_waits: list[Waits] = []


def also_asked(function: Waits) -> Waits:
    """Another area keeps something from coming into stages: it gets the values and the stages entered, and says why in words."""
    _waits.append(function)
    return function


def _asked_elsewhere(held: Mapping[str, Any], entered: Sequence[Step]) -> list[str]:
    return [said for function in _waits for said in function(held, entered)]


def _lacking(held: Mapping[str, Any], entered: list[Step]) -> tuple[str, ...]:
    wanted = dict.fromkeys(name for each in entered for name in each.required)
    return tuple(name for name in wanted if name in fields_of(Opportunity) and held.get(name) in (None, "", [], {}))


def tick_key(step: Step, item: str) -> str:
    """How a ticked item of a stage's checklist is kept."""
    return f"{step.id}:{item}"


def role_id(actor: Actor) -> int:
    """The id of the actor's role; 0 for a job."""
    return int(store.value('SELECT role FROM "user" WHERE id = ?', [actor.id]) or 0)


# ---------------------------------------------------------------- verbs


def move(actor: Actor, record: Record, *, stage: int, version: int | None = None, **more: Any) -> Record:
    """To another stage, with what has to be said there. Raises Invalid, Forbidden, Stale, WrongState for the stage it is in."""
    if stages.step(stage) is None:
        raise Invalid({"stage": [str(L("There is no such stage any more."))]})
    if values(record)["stage"] == stage:
        raise WrongState(L("It stands there already."))
    return change.update(actor, record, {"stage": stage, **more}, version=version, why="move")


def win(actor: Actor, record: Record, *, version: int | None = None, **more: Any) -> Record:
    """Won: ``closed_on``, ``amount``, ``close_reason``, ``close_note`` may be given."""
    return _end(actor, record, "won", version, more)


def lose(actor: Actor, record: Record, *, version: int | None = None, **more: Any) -> Record:
    """Lost: ``close_reason`` where the pipeline asks for one; ``lost_to``, ``ask_again_on``, ``close_note`` may be given."""
    return _end(actor, record, "lost", version, more)


def invalidate(actor: Actor, record: Record, *, version: int | None = None, **more: Any) -> Record:
    """Never was one: counts nowhere."""
    return _end(actor, record, "invalid", version, more)


def _end(actor: Actor, record: Record, kind: str, version: int | None, more: dict[str, Any]) -> Record:
    held = values(record)
    if held["state"] != "open":
        raise WrongState(L("It is over already."))
    way = stages.pipeline(held["pipeline"])
    aim = stages.step(more.pop("stage", None)) or (way.ending(kind) if way else None)
    if aim is None or aim.kind != kind:
        raise WrongState(L("This pipeline has no such stage. Add one in the settings."))
    return move(actor, record, stage=aim.id, version=version, **more)


def may_reopen(actor: Actor, record: Record) -> bool:
    """Those who lead others, where they may change the opportunity."""
    wide = actor.scope("opportunity", "edit") not in (Scope.NONE, Scope.OWN)
    return wide and values(record)["state"] != "open" and access.may(actor, record, "edit")


def reopen(
    actor: Actor, record: Record, *, reason: str, stage: int | None = None, version: int | None = None
) -> Record:
    """Open again, where it stood last or in ``stage``. Raises Forbidden, Invalid, WrongState."""
    if values(record)["state"] == "open":
        raise WrongState(L("It is open."))
    if not may_reopen(actor, record):
        raise Forbidden(L("Only who leads others reopens what is over."))
    if not reason.strip():
        raise Invalid({"reason": [str(L("Say why."))]})
    aim = stages.step(stage or last_open(int(record.id)))
    way = stages.pipeline(values(record)["pipeline"])
    if aim is None or aim.ended:
        aim = way.first() if way else None
    if aim is None:
        raise WrongState(L("This pipeline has no such stage. Add one in the settings."))
    with reopening(reason.strip()):
        return change.update(actor, record, {"stage": aim.id}, version=version, why="move", note=reason.strip())


def last_open(number: int) -> int | None:
    """The open stage in which an opportunity stood last."""
    sql = "SELECT stage FROM stage_history WHERE opportunity = ? AND state = 'open' ORDER BY id DESC LIMIT 1"
    return store.value(sql, [number])


def tick(actor: Actor, record: Record, *, item: str, done: bool) -> Record:
    """Tick off an item of its stage's checklist, or take the tick off again."""
    here = stages.step(values(record)["stage"])
    if here is None or item not in here.checklist:
        raise Invalid({"item": [str(L("This is not on the checklist any more."))]})
    access.need(actor, record, "edit")
    with changesets.opened(actor, actor.via, item):
        _tick(actor, record, [tick_key(here, item)], done=done)
    return access.find(actor, Opportunity, int(record.id))


def advance(
    actor: Actor,
    record: Record,
    *,
    stage: int,
    given: Mapping[str, Any],
    ticks: Sequence[str] = (),
    version: int | None = None,
) -> Record:
    """Move it with what the stage asks for: fields filled in, items ticked off, in one act. Raises as ``move``."""
    access.need(actor, record, "edit")
    with changesets.opened(actor, "move"), store.writing():
        if version is not None and record.version != version:
            raise Stale(L("Somebody changed this meanwhile. Nothing was saved."), record=record)
        if ticks:
            aim, here = stages.step(stage), stages.step(values(record)["stage"])
            open_ = [key for key, _ in gate(actor, values(record), here, aim).items] if aim and here else []
            _tick(actor, record, [key for key in ticks if key in open_], done=True)
            record = access.find(actor, Opportunity, int(record.id))
        return move(actor, record, stage=stage, version=int(record.version), **given)


def _tick(actor: Actor, record: Record, keys: Sequence[str], *, done: bool) -> None:
    ticked = [each for each in values(record)["ticked"] or () if each not in keys] + (list(keys) if done else [])
    found = change.update_many(actor, Opportunity, [(int(record.id), {"ticked": ticked})], trusted=True)
    if found.errors:
        raise Invalid(found.errors[0])
