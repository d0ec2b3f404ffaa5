"""The document checklist of an application: what is asked for, where each stands, what is missing, and what a stage waits for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smallcrm import store
from smallcrm.areas.admissions import settings
from smallcrm.areas.admissions.records.document import ASKED, CHECKED, RECEIVED, REFUSED, Paper
from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.areas.pipeline.rules import moving, stages
from smallcrm.areas.pipeline.rules.stages import Step
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, cache, change, derive, rows
from smallcrm.records.change import Wrong
from smallcrm.records.drafts import CREATE, UPDATE, Draft
from smallcrm.records.record import Record, values

HERE = (RECEIVED, CHECKED)  # handed in and not refused
STATES = (ASKED, RECEIVED, CHECKED, REFUSED)
CHUNK = 5_000


@dataclass(frozen=True)
class Asked:
    """A document that is asked for."""

    id: int
    name: str
    pipeline: int | None
    before_stage: int | None
    note: str


@dataclass(frozen=True)
class Line:
    """A document and where one application stands with it; ``paper`` is None until something is known."""

    asked: Asked
    paper: Mapping[str, Any] | None = None

    @property
    def state(self) -> str:
        """Asked for, received, checked or refused."""
        return str(self.paper["state"]) if self.paper and self.paper["state"] else ASKED

    @property
    def missing(self) -> bool:
        """Whether the application still owes it."""
        return self.state not in HERE


@cache.kept
def every() -> list[Asked]:
    """Everything that is asked for, in order."""
    sql = (
        "SELECT id, name, pipeline, before_stage, coalesce(note, '') FROM document WHERE deleted_at IS NULL AND coalesce(enabled, 0)"
        " ORDER BY coalesce(position, 1), name_key, id"
    )
    return [Asked(*row) for row in store.rows(sql)]


def of_pipeline(pipeline: int | None) -> list[Asked]:
    """What applications of a pipeline bring."""
    return [each for each in every() if each.pipeline in (None, pipeline)]


def lines(opportunity: int, pipeline: int | None) -> list[Line]:
    """The checklist of an application."""
    ids = [n for (n,) in store.rows("SELECT id FROM paper WHERE opportunity = ? AND deleted_at IS NULL", [opportunity])]
    held = {each["document"]: each for each in rows.load(Paper, ids).values()}
    return [Line(each, held.get(each.id)) for each in of_pipeline(pipeline)]


# ---------------------------------------------------------------- what holds whoever writes


@change.before("document")
def check_documents(drafts: list[Draft]) -> None:
    """A document waits for a stage of its own pipeline."""
    for draft in drafts:
        stage = stages.step(draft.after.get("before_stage"))
        if draft.act not in (CREATE, UPDATE) or stage is None:
            continue
        if draft.after.get("pipeline") and stage.pipeline != draft.after["pipeline"]:
            raise Wrong(draft, {"before_stage": [str(L("This stage belongs to another pipeline."))]})


@change.before("paper")
def check_papers(drafts: list[Draft]) -> None:
    """One line for a document and an application; who set it so and when is written down."""
    for draft in drafts:
        after = draft.after
        if draft.act not in (CREATE, UPDATE):
            continue
        if draft.touches("state", "file") and draft.why != "undo":
            after.update(set_by=draft.actor.id or None, set_at=clock.stamp())
        if draft.touches("opportunity", "document") and _stands(draft):
            raise Wrong(draft, {"document": [str(L("This is written down already."))]})


def _stands(draft: Draft) -> bool:
    sql = "SELECT 1 FROM paper WHERE opportunity = ? AND document = ? AND id <> ? AND deleted_at IS NULL"
    return store.row(sql, [draft.after.get("opportunity"), draft.after.get("document"), draft.id]) is not None


@derive.on("paper")
def papers_changed(drafts: list[Draft]) -> None:
    """What is missing is counted again."""
    count_again(sorted(derive.linked_ids(drafts, "opportunity")))


@derive.on("document")
def documents_changed(_drafts: list[Draft]) -> None:
    """For every application that is open still; what is over keeps its count."""
    cache.bump()
    count_again([n for (n,) in store.rows("SELECT id FROM opportunity WHERE state = 'open' AND deleted_at IS NULL")])


@derive.on("opportunity")
def opportunities_changed(drafts: list[Draft]) -> None:
    """New applications and those that change their pipeline."""
    if settings.on():
        touched = [draft for draft in drafts if draft.before is None or draft.touches("pipeline")]
        now = count_again([draft.id for draft in touched])
        for draft in touched:
            draft.after["papers_missing"] = now.get(draft.id)


def count_again(ids: Sequence[int]) -> dict[int, int | None]:
    """How many documents these applications lack; nothing where none is asked for. Inside ``writing``."""
    kept: dict[int, int | None] = {}
    if not ids or not settings.on():
        return kept
    wanted = "d.deleted_at IS NULL AND coalesce(d.enabled, 0) AND (d.pipeline IS NULL OR d.pipeline = o.pipeline)"
    here = (
        "SELECT 1 FROM paper p WHERE p.opportunity = o.id AND p.document = d.id AND p.deleted_at IS NULL"
        " AND p.state IN ('received', 'checked')"
    )
    sql = (
        f"SELECT o.id, CASE WHEN EXISTS (SELECT 1 FROM document d WHERE {wanted}) THEN"
        f" (SELECT count(*) FROM document d WHERE {wanted} AND NOT EXISTS ({here})) END, o.papers_missing"
        " FROM opportunity o WHERE o.id IN (SELECT value FROM json_each(?))"
    )
    for start in range(0, len(ids), CHUNK):
        found = store.rows(sql, [store.json_list(ids[start : start + CHUNK])])
        derive.put(Opportunity, {number: {"papers_missing": now} for number, now, before in found if now != before})
        kept |= {number: now for number, now, _ in found}
    return kept


# ---------------------------------------------------------------- what a stage waits for


@moving.also_asked
def waited_for(held: Mapping[str, Any], entered: Iterable[Step]) -> list[str]:
    """Documents without which an application does not come into these stages."""
    here = {step.id for step in entered}
    if not settings.on() or not held.get("id") or not any(each.before_stage in here for each in every()):
        return []
    names = [
        line.asked.name
        for line in lines(int(held["id"]), held.get("pipeline"))
        if line.missing and line.asked.before_stage in here
    ]
    return [str(L("These documents are missing: %(names)s.", names=", ".join(names)))] if names else []


# ---------------------------------------------------------------- the verb


def put(
    actor: Actor, record: Record, *, document: int, state: str, file: int | None = None, note: str | None = None
) -> Record | None:
    """Say where an application stands with a document. Raises Forbidden, Invalid."""
    if not access.may(actor, record, "edit"):
        raise Forbidden(access.refusal(actor, "edit"))
    line = next((each for each in lines(int(record.id), values(record)["pipeline"]) if each.asked.id == document), None)
    if line is None:
        raise Invalid({"document": [str(L("This document is not asked for here."))]})
    if state not in STATES:
        raise Invalid({"state": [str(L("Choose where it stands."))]})
    given = {"state": state, "file": file, "note": note}
    if line.paper is None:
        return change.create(actor, Paper, {"opportunity": int(record.id), "document": document, **given})
    held = access.find(actor, Paper, int(line.paper["id"]), "edit")
    return change.update(actor, held, given)
