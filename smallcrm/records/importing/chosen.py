"""What was chosen of a workbook that came back, written: cells, new rows, and what is missing in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from smallcrm import store
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, change, changesets, rows
from smallcrm.records.drafts import UPDATE, Draft
from smallcrm.records.importing.applying import write_many
from smallcrm.records.importing.returning import CHUNK, MISSING, NEW, WRONG, Comparison, RowDiff
from smallcrm.records.record import RecordType


@dataclass
class Choice:
    """What is to be applied: rows (by key), cells that are left out (key, field), and which value a conflict gets."""

    rows: frozenset[str] = frozenset()
    left: frozenset[tuple[str, str]] = frozenset()
    conflicts: Mapping[tuple[str, str], str] = field(default_factory=dict)  # → file or exported
    versions: Mapping[str, int] = field(default_factory=dict)


@dataclass
class Applied:
    """What came of it."""

    set: int = 0
    changed: int = 0
    created: int = 0
    deleted: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)  # title, why
    added: dict[str, int] = field(default_factory=dict)  # key of a new row → the record it became


Step = Callable[[int, int], None]
Keep = Callable[[Mapping[str, int]], None]


def apply(
    actor: Actor,
    kind: RecordType,
    found: Comparison,
    choice: Choice,
    *,
    note: str = "",
    step: Step = lambda _d, _t: None,
    keep: Keep = lambda _added: None,
) -> Applied:
    """Write what was chosen, in one change-set; rows that somebody changed since the page was drawn are left.

    ``keep`` is told, in the transaction that writes them, what new rows became: broken off, it goes on where it was.
    """
    done = Applied()
    wanted = [row for row in found.rows if row.key in choice.rows and row.sort != WRONG]
    with changesets.opened(actor, "round trip", note, lasting=True) as mine:
        for start in range(0, len(wanted), CHUNK):
            part = wanted[start : start + CHUNK]
            with store.writing():
                added = len(done.added)
                _write(actor, kind, part, choice, done)
                if len(done.added) > added:
                    keep(done.added)
            step(start + len(part), len(wanted))
        done.set = mine.id
    return done


def _write(actor: Actor, kind: RecordType, part: list[RowDiff], choice: Choice, done: Applied) -> None:
    where, params = access.reach(actor, kind, "edit").where()
    ids = [row.record for row in part if row.record]
    now = rows.load(kind, ids, f"t.deleted_at IS NULL AND {where}", params)
    drafts: dict[int, Draft] = {}
    delete: list[RowDiff] = []
    for place, row in enumerate(part):
        if row.sort == NEW:
            draft, errors = change.draft_new(actor, kind, row.values)
            if errors:
                done.refused.append((row.title, "; ".join(text for said in errors.values() for text in said)))
            else:
                drafts[place] = draft
            continue
        held = now.get(row.record)
        seen = choice.versions.get(row.key, row.version)
        if row.sort == MISSING:
            delete.append(row)
        elif held is None or held["version"] != seen:
            done.refused.append((row.title, str(L("Somebody changed this meanwhile."))))
        elif columns := _chosen(row, choice):
            drafts[place] = Draft(kind, UPDATE, actor, held, {**held, **columns})
    outcome = write_many(drafts)
    for place, errors in outcome.errors.items():
        done.refused.append((part[place].title, "; ".join(text for said in errors.values() for text in said)))
    written = {id(draft) for draft in outcome.written}
    for place, draft in drafts.items():
        if id(draft) in written:
            if part[place].sort == NEW:
                done.created += 1
                done.added[part[place].key] = draft.id
            done.changed += part[place].sort != NEW
    allowed = access.within(actor, kind, [row.record for row in delete], "delete")
    if allowed:
        done.deleted += change.bin_with_children(actor, kind, sorted(allowed))


def _chosen(row: RowDiff, choice: Choice) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name, cell in row.cells.items():
        if cell.conflict:
            taken = choice.conflicts.get((row.key, name), "now")
            columns |= cell.columns if taken == "file" else cell.back if taken == "exported" else {}
        elif (row.key, name) not in choice.left:
            columns |= cell.columns
    return columns
