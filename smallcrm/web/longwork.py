"""Acts on very many records as long works: progress, cancel, a notice with Undo at the end."""

from __future__ import annotations

from typing import Any

from smallcrm.base.i18n import L, _, ngettext
from smallcrm.identity.actor import Actor
from smallcrm.jobs import work
from smallcrm.jobs.work import Progress
from smallcrm.records import bulk, undo
from smallcrm.records.bulk import Act, Result, Selection
from smallcrm.records.changesets import SetInfo


def start_bulk(actor: Actor, chosen: Selection, act: Act, *, why: str, title: str, note: str = "") -> int:
    """Run a bulk act in the background; the work's id."""

    def run(progress: Progress) -> dict[str, Any]:
        def step(done: int, total: int) -> bool:
            progress.step(done, total)
            return not progress.cancelled()

        result = bulk.run(actor, chosen, act, why=why, note=note, step=step)
        if result.set:
            progress.belongs_to(result.set)
        return {"message": told(result), "changeset": result.set, "cancelled": result.stopped}

    return work.start("bulk", title, actor.id, run)


def told(result: Result) -> str:
    """What came of a bulk act, in words."""
    parts = [ngettext("%(n)s changed.", "%(n)s changed.", result.changed)]
    for why, ids in list(result.refused.items())[:3]:
        parts.append(ngettext("%(n)s left alone: %(why)s", "%(n)s left alone: %(why)s", len(ids), why=why))
    return " ".join(parts)


def start_undo(actor: Actor, info: SetInfo) -> int:
    """Take a large change-set back in the background; the work's id."""

    def run(progress: Progress) -> dict[str, Any]:
        result = undo.undo(actor, info.id, step=lambda done, total: progress.step(done, total))
        if result.set:
            progress.belongs_to(result.set)
        parts = [ngettext("%(n)s taken back.", "%(n)s taken back.", result.undone)]
        if result.kept:
            kept = len(result.kept)
            parts.append(
                ngettext("%(n)s left alone, it was edited since.", "%(n)s left alone, they were edited since.", kept)
            )
        return {"message": " ".join(parts), "kept": [vars(each) for each in result.kept[:1000]]}

    return work.start("undo", L("Undo"), actor.id, run)


def words(found: work.Work) -> str:
    """How a work stands, in a line."""
    if found.state == "queued":
        return _("Waiting for its turn.")
    if found.state == "running":
        left = found.seconds_left()
        parts = [found.message] if found.message else []
        if found.total:
            parts.append(_("%(done)s of %(total)s.", done=f"{found.done:,}", total=f"{found.total:,}"))
        if left is not None:
            parts.append(ngettext("About %(n)s s left.", "About %(n)s s left.", left))
        return " ".join(parts) or _("Under way.")
    states = {
        "done": L("Done."),
        "failed": L("It failed."),
        "cancelled": L("Cancelled. What was done until then is kept."),
        "interrupted": L("Broken off: smallcrm was stopped meanwhile. What was done until then is kept."),
    }
    return f"{states[found.state]} {found.message or (found.result or {}).get('message', '')}".strip()


def percent(found: work.Work) -> int | None:
    """How far it has come; None where that is unknown."""
    return min(100, found.done * 100 // found.total) if found.total else None
