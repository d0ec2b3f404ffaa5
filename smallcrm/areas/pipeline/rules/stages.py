"""The stages as the rules need them, who uses which pipeline, and what must hold for both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from smallcrm import store
from smallcrm.areas.people import roles
from smallcrm.areas.pipeline.records import Pipeline, Stage
from smallcrm.areas.pipeline.records.choices import ENDED
from smallcrm.areas.pipeline.records.stages import MOST_STAGES
from smallcrm.base.errors import WrongState
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import Actor
from smallcrm.records import cache, change, changesets, derive, rows
from smallcrm.records.change import Wrong
from smallcrm.records.drafts import DELETE, UPDATE, Draft
from smallcrm.records.fields.links import parts


@dataclass(frozen=True)
class Step:
    """A stage as it is set up."""

    id: int
    name: str
    pipeline: int
    position: int
    kind: str
    chance: int
    forecast: str
    longest_days: int | None
    checklist: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    roles: frozenset[int] = frozenset()

    @property
    def ended(self) -> bool:
        """Whether an opportunity here is over."""
        return self.kind in ENDED


@dataclass(frozen=True)
class Way:
    """A pipeline with its stages, in order; those that end it come last."""

    id: int
    name: str
    enabled: bool
    members: tuple[str, ...]
    back_moves: bool
    reason_needed: bool
    quiet_days: int
    steps: tuple[Step, ...] = field(default=(), repr=False)

    @property
    def open_steps(self) -> tuple[Step, ...]:
        """The stages an opportunity passes before it ends."""
        return tuple(step for step in self.steps if not step.ended)

    def first(self) -> Step | None:
        """Where a new opportunity begins."""
        return next(iter(self.open_steps), None)

    def ending(self, kind: str) -> Step | None:
        """The first stage that means won, lost or invalid."""
        return next((step for step in self.steps if step.kind == kind), None)


_ORDER = "CASE kind WHEN 'open' THEN 0 WHEN 'won' THEN 1 WHEN 'lost' THEN 2 ELSE 3 END, coalesce(position, 1), id"


@cache.kept
def every() -> dict[int, Way]:
    """Every live pipeline by id, in order."""
    ids = [
        i for (i,) in store.rows("SELECT id FROM pipeline WHERE deleted_at IS NULL ORDER BY coalesce(position, 1), id")
    ]
    held = rows.load(Pipeline, ids)
    found: dict[int, list[Step]] = {i: [] for i in ids}
    order = [i for (i,) in store.rows(f"SELECT id FROM stage WHERE deleted_at IS NULL ORDER BY {_ORDER}")]
    stages = rows.load(Stage, order)
    for number in order:
        each = stages[number]
        if each["pipeline"] in found:
            found[each["pipeline"]].append(_step(each))
    return {i: _way(held[i], found[i]) for i in ids}


def _step(each: Mapping[str, Any]) -> Step:
    return Step(
        each["id"], each["name"], each["pipeline"], each["position"] or 0, each["kind"] or "open", each["chance"] or 0,
        each["forecast"] or "pipeline", each["longest_days"], tuple(each["checklist"] or ()), tuple(each["required_fields"] or ()),
        frozenset(parts(token)[1] for token in each["roles"] or ()),
    )  # fmt: skip


def _way(each: Mapping[str, Any], steps: Sequence[Step]) -> Way:
    return Way(
        each["id"], each["name"], bool(each["enabled"]), tuple(each["members"] or ()), bool(each["back_moves"]),
        bool(each["reason_needed"]), each["quiet_days"] or 14, tuple(steps),
    )  # fmt: skip


@cache.kept
def steps() -> dict[int, Step]:
    """Every live stage by id."""
    return {step.id: step for way in every().values() for step in way.steps}


def step(number: int | None) -> Step | None:
    """A live stage."""
    return steps().get(number or 0)


def pipeline(number: int | None) -> Way | None:
    """A live pipeline."""
    return every().get(number or 0)


def used_by(actor: Actor) -> list[Way]:
    """The pipelines in which the actor's new opportunities may stand, in order."""
    tokens = {f"user/{actor.id}"} | {f"team/{team}" for team in actor.teams}
    above = {f"team/{each}" for each in _above(actor.teams)}
    return [
        way for way in every().values()
        if way.enabled and way.first() and (not way.members or tokens & set(way.members) or above & set(way.members))
    ]  # fmt: skip


def usual(actor: Actor) -> Way | None:
    """Where the actor's new opportunity begins; anybody's first where none is the actor's own."""
    mine = used_by(actor)
    return mine[0] if mine else next((way for way in every().values() if way.enabled and way.first()), None)


def _above(teams: Sequence[int]) -> set[int]:
    found: set[int] = set()
    for team in teams:
        current: int | None = team
        while current and current not in found:
            found.add(current)
            current = roles.tree().get(current, (None, None))[0]
    return found


def standing_in(stage: int) -> int:
    """How many opportunities stand in a stage, those in the bin too."""
    live, gone = rows.with_bin("SELECT count(*) FROM opportunity WHERE {here} AND stage = ?", [stage])
    return int(live[0][0]) + int(gone[0][0])


# ---------------------------------------------------------------- what must hold


@change.before("stage")
def check_stages(drafts: list[Draft]) -> None:
    """A stage in use keeps its kind and its pipeline, and is not deleted; a pipeline has an open stage and not too many."""
    for draft in drafts:
        if draft.before is None:
            _give_place(draft)
        elif draft.act == UPDATE and draft.touches("kind", "pipeline") and (n := standing_in(draft.id)):
            name = "kind" if draft.touches("kind") else "pipeline"
            raise Wrong(draft, {name: [_in_use(n)]})
        elif draft.act == DELETE and (n := standing_in(draft.id)):
            raise WrongState(_in_use(n))
        if draft.live_after:
            _ends(draft)
    _check_pipelines(drafts)


def _in_use(n: int) -> str:
    return ngettext(
        "%(n)s opportunity stands here. Move it to another stage first.",
        "%(n)s opportunities stand here. Move them to another stage first.",
        n,
    )


def _give_place(draft: Draft) -> None:
    """A new stage without a place of its own comes last."""
    after = draft.after
    way = pipeline(after.get("pipeline"))
    if way and after.get("position") in (None, 1):
        after["position"] = max((each.position for each in way.open_steps), default=0) + 1


def _ends(draft: Draft) -> None:
    fixed = {"won": (100, "commit"), "lost": (0, "omitted"), "invalid": (0, "omitted")}.get(draft.after["kind"])
    if fixed:
        draft.after["chance"], draft.after["forecast"] = fixed


def _check_pipelines(drafts: list[Draft]) -> None:
    after = {number: (each.pipeline, each.kind) for number, each in steps().items()}
    for draft in drafts:
        if draft.live_after:
            after[draft.id or -id(draft)] = (draft.after["pipeline"], draft.after["kind"])
        else:
            after.pop(draft.id, None)
    for draft in drafts:
        if draft.act == DELETE and pipeline(draft.was("pipeline")) is None:
            continue
        for number in {draft.after["pipeline"], draft.was("pipeline")} - {None}:
            kinds = [kind for place, kind in after.values() if place == number]
            if len(kinds) > MOST_STAGES:
                raise Wrong(draft, {"pipeline": [str(L("A pipeline has at most %(n)s stages.", n=MOST_STAGES))]})
            had = [each for each in steps().values() if each.pipeline == number and not each.ended]
            if had and "open" not in kinds and not _goes_whole(drafts, number):
                raise Wrong(draft, {"kind": [str(L("A pipeline needs an open stage."))]})


def _goes_whole(drafts: list[Draft], number: int) -> bool:
    """Whether every stage of the pipeline goes into the bin at once: the pipeline itself is deleted."""
    going = {draft.id for draft in drafts if draft.act == DELETE}
    return all(each.id in going for each in steps().values() if each.pipeline == number)


@change.before("pipeline")
def check_pipelines(drafts: list[Draft]) -> None:
    """A pipeline in which anything stands is not deleted."""
    for draft in drafts:
        if draft.act == DELETE:
            sql = "SELECT count(*) FROM opportunity WHERE {here} AND pipeline = ?"
            n = sum(int(found[0][0]) for found in rows.with_bin(sql, [draft.id]))
            if n:
                raise WrongState(
                    ngettext(
                        "%(n)s opportunity stands in this pipeline. Move it first, or switch the pipeline off.",
                        "%(n)s opportunities stand in this pipeline. Move them first, or switch the pipeline off.",
                        n,
                    )
                )


@derive.on("stage")
@derive.on("pipeline")
def changed(_drafts: list[Draft]) -> None:
    """What is kept of them is read anew."""
    cache.bump()


# ---------------------------------------------------------------- verbs


def add(actor: Actor, *, name: str, ready: str = "sales") -> int:
    """A pipeline with ready-made stages of a kind of business; its id."""
    from smallcrm.areas.pipeline.rules.ready import STAGES

    place = max((each.position for each in _places()), default=0) + 1
    with changesets.opened(actor, actor.via), store.writing():
        made = change.create(actor, Pipeline, {"name": name, "position": place})
        lines = [
            {
                "name": str(label), "pipeline": made.id, "position": number, "kind": kind, "chance": chance,
                "forecast": "best" if kind == "open" and chance >= 65 else "pipeline",
            }
            for number, (label, kind, chance) in enumerate(STAGES.get(ready, STAGES["sales"]), 1)
        ]  # fmt: skip
        for line in lines:
            change.create(actor, Stage, line, trusted=True)
    return int(made.id)


@dataclass(frozen=True)
class _Place:
    position: int


def _places() -> list[_Place]:
    return [_Place(n or 0) for (n,) in store.rows("SELECT position FROM pipeline WHERE deleted_at IS NULL")]


def reorder(actor: Actor, number: int, ids: Sequence[int]) -> None:
    """Put the stages of a pipeline in this order. Raises Forbidden, NotFound."""
    mine = [each.id for each in every()[number].steps]
    wanted = [each for each in ids if each in mine] + [each for each in mine if each not in ids]
    with changesets.opened(actor, actor.via):
        change.update_many(actor, Stage, [(each, {"position": place}) for place, each in enumerate(wanted, 1)])


def empty_into(actor: Actor, stage: int, target: int) -> int:
    """Move everything that stands in a stage to another one and delete the stage; how many were moved. One undoable act."""
    from smallcrm.areas.pipeline.records import Opportunity
    from smallcrm.records import access

    held, aim = step(stage), step(target)
    if held is None or aim is None or held.id == aim.id or held.kind != aim.kind:
        raise WrongState(L("Choose another stage that means the same: open, won, lost or invalid."))
    record = access.find(actor, Stage, stage)
    access.need(actor, record, "delete")
    live, gone = rows.with_bin("SELECT id FROM opportunity WHERE {here} AND stage = ?", [stage])
    ids = [number for (number,) in (*live, *gone)]
    with changesets.opened(actor, "bulk", held.name), store.writing():
        for start in range(0, len(ids), 500):
            change.update_many(
                actor, Opportunity, [(i, {"stage": target}) for i in ids[start : start + 500]], trusted=True
            )
        change.bin_with_children(actor, Stage, [stage])
    return len(ids)
