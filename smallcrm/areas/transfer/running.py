"""An import in the background: planned anew, written in steps, its counts and its workbook to mend kept for the page."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from smallcrm.areas.transfer import checking, staging
from smallcrm.areas.transfer.staging import Staged
from smallcrm.base import formats
from smallcrm.base.i18n import L, _
from smallcrm.identity.actor import Actor
from smallcrm.jobs import work
from smallcrm.records import audit, settings
from smallcrm.records.exchange.mapping import parse
from smallcrm.records.importing import guessing, running
from smallcrm.records.importing.guessing import Reading
from smallcrm.records.importing.planning import Plan
from smallcrm.records.importing.running import Stopped
from smallcrm.records.record import RecordType

MEND = "to-mend.xlsx"


def start(actor: Actor, kind: RecordType, found: Staged, reading: Reading) -> int:
    """Run the import of a reading; the work's id. Its mapping is remembered for the next file of this shape."""
    said = checking.complete(reading)
    staging.remember(actor, kind, reading.guess.shape, parse(said).to_remember().as_json())
    found.put(mapping=said)
    key = work.start(
        "import", L("Import of %(name)s", name=found.name), actor.id, _run, actor=actor, of=kind, found=found
    )
    found.put(work=key)
    return key


def _run(progress: work.Progress, actor: Actor, of: RecordType, found: Staged) -> dict[str, Any]:
    kind = of

    def planning(done: int, total: int) -> None:
        progress.step(0, total, _("Reading the file."))
        progress.check()

    def writing(done: int, total: int) -> None:
        progress.step(done, total, "")
        if progress.cancelled():
            raise Stopped

    folder = found.folder / "run"
    folder.mkdir(exist_ok=True)
    with checking.opened(found) as book:
        currency = settings.get("company.currency")
        reading = guessing.read(actor, kind, book, given=parse(found.mapping), currency=currency)
        plan = Plan(actor, kind, reading, folder)
        plan.make(planning)
        result = running.run(plan, note=found.name, step=writing, begun=lambda mine: progress.belongs_to(mine.id))
        failed = running.write_failed(plan, folder / MEND)
    kept = {**result.as_json(), "summary": result.summary.as_json(), "mend": bool(failed), "stopped": result.stopped}
    found.put(result=kept)
    audit.log(actor, "import", record_type=kind.card.key, detail={"file": found.name, **result.as_json()})
    links = [[_("See the result"), f"/{kind.card.name}/import/{found.token}"]]
    return {**asdict(result.counts), "message": told(kept), "links": links, "cancelled": result.stopped}


def told(result: dict[str, Any]) -> str:
    """The counts in a sentence."""
    return _(
        "%(created)s new, %(updated)s updated, %(skipped)s skipped, %(failed)s left out.",
        **{name: formats.number(result[name]) for name in ("created", "updated", "skipped", "failed")},
    )


def interrupted(found: work.Work) -> str:
    """An import that was cut off: its change-set can be taken back, and the file imported again."""
    return _(
        "smallcrm was stopped during this import. What was written can be taken back; importing the same file again"
        " makes no duplicates."
    )
