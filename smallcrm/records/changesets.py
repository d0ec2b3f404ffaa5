"""Who changed what, when and why: a change-set, and a slim row for each record in it.

A single edit keeps before and after in its row; a batch keeps them in one compressed blob a chunk. A creation keeps no
``after``: the record and later befores give it. Kept for ever (erasure redacts); undo is offered for 30 days.
"""

from __future__ import annotations

import datetime as dt
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import peewee

from smallcrm import store
from smallcrm.base import clock
from smallcrm.base.errors import WrongState
from smallcrm.base.i18n import L, Label
from smallcrm.identity.actor import Actor
from smallcrm.records.drafts import Draft
from smallcrm.records.fields import AnyLink
from smallcrm.records.record import declared

UNDO_DAYS = 30
SYSTEM_KEYS = frozenset({"id", "version", "created_at", "updated_at", "custom"})

WHY: dict[str, Label] = {
    "form": L("by hand"),
    "api": L("through the API"),
    "command": L("by a command"),
    "import": L("import"),
    "round trip": L("workbook brought back"),
    "bulk": L("several at once"),
    "merge": L("merge"),
    "transfer": L("handover"),
    "delete": L("deletion"),
    "restore": L("brought back"),
    "rule": L("by a rule"),
    "job": L("by smallcrm"),
    "undo": L("undo"),
    "demo": L("demo"),
    "sample": L("sample data"),
    "claim": L("claimed from the pool"),
    "release": L("returned to the pool"),
    "recycle": L("fell into the pool"),
    "move": L("moved along"),
    "erase": L("erasure of a person's data"),
    "convert": L("conversion of a lead"),
    "web form": L("web form"),
    "mail": L("mail that came in"),
}

BY_ITSELF = ("rule", "job", "recycle")  # what smallcrm did without anybody's doing


class ChangeSet(store.Table):
    """One act. ``state``: done; running and stopped for acts over several transactions."""

    id = peewee.AutoField(constraints=[peewee.SQL("AUTOINCREMENT")])
    at = peewee.TextField()
    actor = peewee.IntegerField()
    name = peewee.TextField()  # the actor's name then
    why = peewee.TextField()
    note = peewee.TextField(null=True)
    state = peewee.TextField(default="done")
    count = peewee.IntegerField(default=0)
    undoes = peewee.IntegerField(null=True)
    undone_by = peewee.IntegerField(null=True)

    ddl = (
        "CREATE INDEX ix_change_set_at ON change_set (at)",
        "CREATE INDEX ix_change_set_actor ON change_set (actor, at)",
    )

    class Meta:
        table_name = "change_set"


class Change(store.Table):
    """One record in a set. ``data``: JSON ``[before, after]``; NULL for a creation and where ``pack`` holds it."""

    id = peewee.AutoField(constraints=[peewee.SQL("AUTOINCREMENT")])
    set = peewee.IntegerField(column_name="set_id")
    record_type = peewee.TextField()
    record = peewee.IntegerField()
    version = peewee.IntegerField()
    act = peewee.TextField()
    data = peewee.TextField(null=True)
    pack = peewee.IntegerField(null=True)

    ddl = (
        "CREATE INDEX ix_change_of ON change (record_type, record, id)",
        "CREATE INDEX ix_change_in ON change (set_id, id)",
    )

    class Meta:
        table_name = "change"


class ChangePack(store.Table):
    """Befores and afters of up to a thousand records: zlib over JSON ``{record: [before, after]}``."""

    id = peewee.AutoField()
    set = peewee.IntegerField(column_name="set_id")
    record_type = peewee.TextField()
    data = peewee.BlobField()

    ddl = ("CREATE INDEX ix_change_pack_set ON change_pack (set_id)",)

    class Meta:
        table_name = "change_pack"


@dataclass
class OpenSet:
    """The change-set under way. It gets its row, and its id, with the first change."""

    actor: Actor
    why: str
    note: str = ""
    undoes: int | None = None
    lasting: bool = False  # spans several transactions
    id: int = 0
    count: int = 0
    written_in: int = 0  # the transaction that wrote the row, 0 once it has been committed


_open: ContextVar[OpenSet | None] = ContextVar("open_set", default=None)


def current() -> OpenSet | None:
    """The change-set that is open in this context."""
    return _open.get()


@contextmanager
def opened(
    actor: Actor, why: str, note: str = "", *, undoes: int | None = None, lasting: bool = False
) -> Iterator[OpenSet]:
    """Everything written inside belongs to one change-set. An inner one joins the outer.

    A ``lasting`` set spans transactions: it is marked running, then done, or stopped when it broke off; either way what
    it wrote can be undone. Any other is one transaction.
    """
    outer = _open.get()
    if outer is not None:
        yield outer
        return
    mine = OpenSet(actor, why, note, undoes, lasting)
    token = _open.set(mine)
    try:
        if lasting:
            try:
                yield mine
            except BaseException:
                _finish(mine, "stopped")
                raise
            _finish(mine, "done")
        else:
            with store.writing():
                yield mine
                _finish(mine, "done")
    finally:
        _open.reset(token)


@contextmanager
def continued(actor: Actor, set_id: int) -> Iterator[OpenSet]:
    """A set that was begun before goes on: what is written inside belongs to it and is taken back with it.

    Raises WrongState where it was undone meanwhile.
    """
    before = info(set_id)
    if before is None or before.undone_by:
        raise WrongState(L("This was undone already."))
    mine = OpenSet(actor, before.why, before.note or "", lasting=True, id=set_id)
    with store.writing():
        store.run("UPDATE change_set SET state = 'running' WHERE id = ?", [set_id])
    token = _open.set(mine)
    try:
        yield mine
    except BaseException:
        _finish(mine, "stopped")
        raise
    else:
        _finish(mine, "done")
    finally:
        _open.reset(token)


def cut_off(why: str = "", *, besides: Sequence[int] = ()) -> None:
    """Sets (of one kind) that still say "running" broke off with the process that wrote them, but for ``besides``.

    For whoever knows that no other is under way. What they wrote stays and can be undone.
    """
    young = clock.iso(clock.now() - dt.timedelta(days=UNDO_DAYS))
    lost = "at >= ?1 AND state = 'running' AND (?2 = '' OR why = ?2) AND id NOT IN (SELECT value FROM json_each(?3))"
    given = [young, why, store.json_list(besides)]
    if store.row(f"SELECT 1 FROM change_set WHERE {lost} LIMIT 1", given):
        with store.writing():
            store.run(
                "UPDATE change_set SET state = 'stopped',"
                f" count = (SELECT count(*) FROM change WHERE set_id = change_set.id) WHERE {lost}",
                given,
            )


def _finish(mine: OpenSet, state: str) -> None:
    if not mine.id or (mine.lasting and mine.written_in):
        return
    with store.writing():
        count = mine.count
        if mine.lasting:
            count = int(store.value("SELECT count(*) FROM change WHERE set_id = ?", [mine.id]))
        store.run("UPDATE change_set SET state = ?, count = ? WHERE id = ?", [state, count, mine.id])
        if mine.undoes and state == "done":
            store.run("UPDATE change_set SET undone_by = ? WHERE id = ?", [mine.id, mine.undoes])


def begin(mine: OpenSet) -> int:
    """The set's id; writes its row if it has none yet (or the transaction that wrote it was rolled back)."""
    if mine.id and mine.written_in in (0, store.transaction()):
        return mine.id
    store.run(
        "INSERT INTO change_set (at, actor, name, why, note, state, count, undoes) VALUES (?,?,?,?,?,?,0,?)",
        [
            clock.stamp(),
            mine.actor.id,
            mine.actor.name,
            mine.why,
            mine.note or None,
            "running" if mine.lasting else "done",
            mine.undoes,
        ],
    )
    mine.id = int(store.connection().last_insert_rowid())
    mine.written_in = store.transaction()
    store.after_commit(lambda: setattr(mine, "written_in", 0))
    return mine.id


def record_drafts(mine: OpenSet, drafts: Sequence[Draft]) -> None:
    """Write the change rows of these drafts. Inside ``writing``."""
    set_id = begin(mine)
    mine.count += len(drafts)
    packs: dict[str, int] = {}
    if len(drafts) > 1:
        packs = _write_packs(set_id, drafts)
    rows = []
    for draft in drafts:
        key = draft.kind.card.key
        data = None
        if draft.before is not None and key not in packs:
            data = _json(difference(draft))
        pack = packs.get(key) if draft.before is not None else None
        rows.append((set_id, key, draft.id, draft.after["version"], draft.act, data, pack))
    store.run_many(
        "INSERT INTO change (set_id, record_type, record, version, act, data, pack) VALUES (?,?,?,?,?,?,?)", rows
    )


def _write_packs(set_id: int, drafts: Sequence[Draft]) -> dict[str, int]:
    by_key: dict[str, dict[str, Any]] = {}
    for draft in drafts:
        if draft.before is not None:
            by_key.setdefault(draft.kind.card.key, {})[str(draft.id)] = difference(draft)
    packs: dict[str, int] = {}
    for key, held in by_key.items():
        if len(held) > 1:
            blob = zlib.compress(_json(held).encode(), 6)
            store.run("INSERT INTO change_pack (set_id, record_type, data) VALUES (?,?,?)", [set_id, key, blob])
            packs[key] = int(store.connection().last_insert_rowid())
    return packs


def difference(draft: Draft) -> list[dict[str, Any]]:
    """``[before, after]`` of what changed, without version and timestamps; a link to any record with both its columns."""
    assert draft.before is not None
    changed = draft.changed - SYSTEM_KEYS
    for each in declared(draft.kind).values():
        if isinstance(each, AnyLink) and changed & set(each.columns):
            changed |= set(each.columns)
    names = sorted(changed)
    return [{n: draft.before.get(n) for n in names}, {n: draft.after.get(n) for n in names}]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


# ---------------------------------------------------------------- reading


@dataclass(frozen=True)
class Entry:
    """One record's change, read back."""

    id: int
    set: int
    record_type: str
    record: int
    version: int
    act: str
    before: dict[str, Any]
    after: dict[str, Any]


def entries(set_id: int, *, newest_first: bool = False, chunk: int = 500) -> Iterator[list[Entry]]:
    """The changes of a set, in chunks."""
    last = 2**62 if newest_first else 0
    sign, direction = ("<", "DESC") if newest_first else (">", "ASC")
    while True:
        rows = store.rows(
            "SELECT id, set_id, record_type, record, version, act, data, pack FROM change"
            f" WHERE set_id = ? AND id {sign} ? ORDER BY id {direction} LIMIT ?",
            [set_id, last, chunk],
        )
        if rows:
            yield read_rows(rows)
        if len(rows) < chunk:
            return
        last = rows[-1][0]


def history(record_type: str, record: int, *, before: int = 2**62, limit: int = 50) -> list[Entry]:
    """A record's changes, newest first."""
    return read_rows(
        store.rows(
            "SELECT id, set_id, record_type, record, version, act, data, pack FROM change"
            " WHERE record_type = ? AND record = ? AND id < ? ORDER BY id DESC LIMIT ?",
            [record_type, record, before, limit],
        )
    )


def read_rows(rows: Iterable[Sequence[Any]]) -> list[Entry]:
    """Entries from change rows, packs opened once each."""
    packs: dict[int, dict[str, Any]] = {}
    found = []
    for number, set_id, key, record, version, act, data, pack in rows:
        before: dict[str, Any] = {}
        after: dict[str, Any] = {}
        if pack is not None:
            if pack not in packs:
                packs[pack] = _unpack(pack)
            before, after = packs[pack].get(str(record), ({}, {}))
        elif data:
            before, after = json.loads(data)
        found.append(Entry(number, set_id, key, record, version, act, before, after))
    return found


def _unpack(pack: int) -> dict[str, Any]:
    blob = store.value("SELECT data FROM change_pack WHERE id = ?", [pack])
    return dict(json.loads(zlib.decompress(blob))) if blob else {}


@dataclass(frozen=True)
class SetInfo:
    """A change-set's head."""

    id: int
    at: str
    actor: int
    name: str
    why: str
    note: str
    state: str
    count: int
    undoes: int | None
    undone_by: int | None

    @property
    def why_words(self) -> str:
        """The reason in the reader's language."""
        return str(WHY.get(self.why, self.why))


_HEAD = "id, at, actor, name, why, coalesce(note, ''), state, count, undoes, undone_by"


def info(set_id: int) -> SetInfo | None:
    """A set's head, or None."""
    row = store.row(f"SELECT {_HEAD} FROM change_set WHERE id = ?", [set_id])
    return SetInfo(*row) if row else None


def infos(ids: Iterable[int]) -> dict[int, SetInfo]:
    """Several heads by id."""
    rows = store.rows(
        f"SELECT {_HEAD} FROM change_set WHERE id IN (SELECT value FROM json_each(?))", [store.json_list(ids)]
    )
    return {row[0]: SetInfo(*row) for row in rows}
