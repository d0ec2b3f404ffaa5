"""Where each opportunity stood when, its lines and shares as rows: written as it changes, read by every forecast and funnel.

What is brought in as already over stood in the first stage from the day it began, and ended on the day it was closed. An undone
move leaves no trace here: it never happened as far as the figures are concerned.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from smallcrm import store
from smallcrm.areas.pipeline.records.choices import ENDED
from smallcrm.areas.pipeline.rules import stages
from smallcrm.areas.pipeline.rules.moving import why_reopened
from smallcrm.areas.pipeline.rules.rated import alone, in_base
from smallcrm.areas.pipeline.rules.value import shares_of
from smallcrm.base import clock
from smallcrm.records import cache, derive, search
from smallcrm.records.drafts import Draft
from smallcrm.records.record import by_key

# History column → column of the opportunity.
KEPT = {
    "pipeline": "pipeline", "stage": "stage", "state": "state", "amount": "amount_base", "own": "amount", "currency": "currency", "chance": "chance", "forecast": "forecast",
    "expected_close": "expected_close", "closed_on": "closed_on", "owner": "owner", "team": "team",
}  # fmt: skip
_COLUMNS = ("opportunity", "at", "until", "by", "from_stage", "from_since", "entered", "reason", *KEPT)
_INSERT = f"INSERT INTO stage_history ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"

Row = dict[str, Any]


@derive.on("opportunity")
def keep(drafts: list[Draft]) -> None:
    """Write what follows from these opportunities."""
    stamp = clock.stamp()
    _stages(drafts, stamp)
    _lines([draft for draft in drafts if draft.touches("products", "product", "amount_base", "deleted_at")])
    _shares([draft for draft in drafts if draft.touches("shares", "owner", "deleted_at")])


# ---------------------------------------------------------------- stages


def _stages(drafts: Sequence[Draft], stamp: str) -> None:
    made: list[Row] = []
    for draft in drafts:
        if draft.before is None:
            made += _beginning(draft, stamp)
    moved = [draft for draft in drafts if draft.before is not None and draft.touches(*KEPT.values(), "deleted_at")]
    if moved:
        made += _going_on(moved, stamp)
    store.run_many(_INSERT, [[row.get(name) for name in _COLUMNS] for row in made])


def _row(draft: Draft, at: str, **more: Any) -> Row:
    held = {name: draft.after.get(column) for name, column in KEPT.items()}
    return {"opportunity": draft.id, "at": at, "by": draft.actor.id, "entered": 1, **held, **more}


def _beginning(draft: Draft, stamp: str) -> list[Row]:
    after = draft.after
    began = min(_start(after["opened_on"]), stamp) if after.get("opened_on") else stamp
    if after.get("state") not in ENDED:
        return [_row(draft, began)]
    way = stages.pipeline(after.get("pipeline"))
    first = way.first() if way else None
    ended = min(max(_end(after["closed_on"]), began), stamp)
    if first is None:
        return [_row(draft, ended)]
    before = _row(
        draft, began, until=ended, stage=first.id, state="open", chance=first.chance, forecast=first.forecast,
        expected_close=after.get("expected_close") or after.get("closed_on"), closed_on=None,
    )  # fmt: skip
    return [before, _row(draft, ended, from_stage=first.id, from_since=began)]


def _start(day: str) -> str:
    return clock.iso(clock.start_of(dt.date.fromisoformat(day)))


def _end(day: str) -> str:
    return clock.iso(clock.start_of(dt.date.fromisoformat(day) + dt.timedelta(days=1)) - dt.timedelta(seconds=1))


def _going_on(drafts: Sequence[Draft], stamp: str) -> list[Row]:
    last = _last(draft.id for draft in drafts)
    ended: list[int] = []
    dropped: list[int] = []
    reopened: list[int] = []
    made: list[Row] = []
    for draft in drafts:
        held = last.get(draft.id, [])
        now = held[0] if held else None
        if draft.why == "undo" and len(held) > 1 and _undoes(draft, held):
            dropped.append(held[0]["id"])
            reopened.append(held[1]["id"])
            continue
        if now and now["until"] is None:
            ended.append(now["id"])
        if draft.live_after:
            stage_moved = now is None or now["stage"] != draft.after.get("stage")
            made.append(
                _row(
                    draft, stamp, entered=int(stage_moved), reason=why_reopened() or None,
                    from_stage=now["stage"] if now and stage_moved else None,
                    from_since=now["since"] if now and stage_moved else None,
                )
            )  # fmt: skip
    for sql, ids in (
        ("UPDATE stage_history SET until = ?1 WHERE id IN (SELECT value FROM json_each(?2))", ended),
        ("DELETE FROM stage_history WHERE id IN (SELECT value FROM json_each(?2)) AND ?1 <> ''", dropped),
        ("UPDATE stage_history SET until = NULL WHERE id IN (SELECT value FROM json_each(?2)) AND ?1 <> ''", reopened),
    ):
        if ids:
            store.run(sql, [stamp, store.json_list(ids)])
    return made


def _undoes(draft: Draft, held: Sequence[Row]) -> bool:
    """Whether things are again as the row before the last one says, having been as the last one says."""
    return draft.live_after and all(
        held[0][name] == draft.was(column) and held[1][name] == draft.after.get(column)
        for name, column in KEPT.items()
        if name != "team"
    )


def _last(ids: Any) -> dict[int, list[Row]]:
    """Opportunity → its last two rows, the latest first; ``since``: when it had come into the stage."""
    names = ("id", "opportunity", "until", *KEPT)
    since = "SELECT e.at FROM stage_history e WHERE e.entered = 1 AND e.opportunity = h.opportunity AND e.id <= h.id"
    sql = (
        f"SELECT {', '.join(names)}, ({since} ORDER BY e.id DESC LIMIT 1) FROM (SELECT *, row_number() OVER (PARTITION BY opportunity ORDER BY id DESC) AS place"
        " FROM stage_history WHERE opportunity IN (SELECT value FROM json_each(?))) h WHERE place <= 2 ORDER BY id DESC"
    )
    found: dict[int, list[Row]] = {}
    for row in store.rows(sql, [store.json_list(ids)]):
        each = dict(zip((*names, "since"), row, strict=True))
        found.setdefault(each["opportunity"], []).append(each)
    return found


# ---------------------------------------------------------------- lines and shares


def _forget(table: str, drafts: Sequence[Draft]) -> None:
    known = [draft.id for draft in drafts if draft.before is not None]
    if known:
        store.run(
            f"DELETE FROM {table} WHERE opportunity IN (SELECT value FROM json_each(?))", [store.json_list(known)]
        )


def _lines(drafts: Sequence[Draft]) -> None:
    _forget("opportunity_line", drafts)
    store.run_many(
        "INSERT INTO opportunity_line (opportunity, line, product, quantity, amount) VALUES (?, ?, ?, ?, ?)",
        [
            (draft.id, row["id"], row.get("product"), row.get("quantity"), in_base(row.get("amount"), draft.after))
            for draft in drafts
            if draft.live_after
            for row in draft.after.get("products") or alone(draft.after)
        ],
    )


def _shares(drafts: Sequence[Draft]) -> None:
    _forget("opportunity_share", drafts)
    store.run_many(
        "INSERT INTO opportunity_share (opportunity, user, share) VALUES (?, ?, ?)",
        [
            (draft.id, user, share)
            for draft in drafts
            if draft.live_after
            for user, share in _whose(draft.after).items()
        ],
    )
    _let_in(drafts)


def _whose(held: Mapping[str, Any]) -> dict[int, int]:
    """The shares, the owner's row also where nothing is left for it: what is shared at all has a row below the whole."""
    found = shares_of(dict(held))
    if held.get("owner") and found:
        found.setdefault(int(held["owner"]), 0)
    return found


def _let_in(drafts: Sequence[Draft]) -> None:
    """Whoever sells it along reads and writes it."""
    touched = [
        draft for draft in drafts if draft.touches("shares") or (draft.after.get("shares") and draft.touches("owner"))
    ]
    if not touched:
        return
    ids = [draft.id for draft in touched]
    store.run(
        "DELETE FROM share WHERE record_type = 'opportunity' AND record IN (SELECT value FROM json_each(?))",
        [store.json_list(ids)],
    )
    store.run_many(
        "INSERT OR IGNORE INTO share (record_type, record, user, level) VALUES ('opportunity', ?, ?, 'write')",
        [(draft.id, row["user"]) for draft in touched if draft.live_after for row in draft.after.get("shares") or ()],
    )
    cache.bump()
    search.rewrite(by_key("opportunity"), [draft.id for draft in touched if draft.live_after])
