"""An import from end to end: plan, write in steps, say what came of every row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from smallcrm.records import changesets, indexes
from smallcrm.records.changesets import OpenSet
from smallcrm.records.exchange.mending import BadRow, write_mending
from smallcrm.records.importing.applying import Writer
from smallcrm.records.importing.plan import FAILED, WRITES, Counts, Summary, tally, unpack_read
from smallcrm.records.importing.planning import Plan, Step, no_step
from smallcrm.records.importing.problem import ROW, Finding, unpack

MANY = 5_000  # rows after which the planner's figures are taken anew


class Stopped(Exception):
    """Somebody asked the import to stop; what was written until then stays, and can be undone."""


@dataclass
class Result:
    """What came of an import. ``counts`` add up to the rows read; ``summary`` counts them by outcome and problem."""

    counts: Counts = field(default_factory=Counts)
    summary: Summary = field(default_factory=Summary)
    changeset: int = 0
    stopped: bool = False

    def as_json(self) -> dict[str, Any]:
        """The contract's four figures and the change-set."""
        return {
            "created": self.counts.created, "updated": self.counts.updated, "skipped": self.counts.skipped,
            "failed": self.counts.failed, "changeset": self.changeset or None,
        }  # fmt: skip


def run(
    plan: Plan,
    *,
    note: str = "",
    why: str = "import",
    step: Step = no_step,
    begun: Callable[[OpenSet], None] = lambda _set: None,
) -> Result:
    """Write a plan that was made. ``step`` raises ``Stopped`` to stop between two transactions.

    Rows not reached when it was stopped count as failed, so that the workbook to mend holds them.
    """
    result = Result()
    total = plan.summary.rows
    done = total - plan.summary.writes
    writer = Writer(plan, begun)
    try:
        with changesets.opened(plan.actor, why, note, lasting=True) as mine:
            step(done, total)
            for rows in writer.run():
                done += rows
                step(min(done, total), total)
    except Stopped:
        result.stopped = True
        for place, entry in enumerate(plan.entries):
            if entry.outcome in WRITES and place not in writer.dealt:
                entry.fail(Finding("unreached"))
    result.changeset = mine.id
    _finish(plan, result)
    if total > MANY:
        indexes.analyze()
    return result


def _finish(plan: Plan, result: Result) -> None:
    """Count every row by what became of it, and keep that."""
    heads = list(plan.heads())
    plan.keep(heads)
    result.summary = tally((head[0], [unpack(each) for each in head[4]]) for head in heads)
    result.summary.made = plan.summary.made
    result.counts = result.summary.counts


def write_failed(plan: Plan, path: Path) -> int:
    """The rows that do not come in, as a workbook to mend; how many. None is written where none failed."""
    rows = []
    for head, line in zip(plan.heads(), plan.lines.each(), strict=True):
        if head[0] == FAILED:
            row = unpack_read(line)
            findings = [unpack(each) for each in head[4]]
            said = [(each.column, str(each)) for each in findings if each.drops == ROW] or [(None, "")]
            rows.append(BadRow(row.number, row.cells, said))
    if rows:
        write_mending(path, plan.reading.guess.layout.names, rows, expected=len(rows))
    return len(rows)
