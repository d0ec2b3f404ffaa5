"""The audit log as it is read: what was done (``records.audit``) and what was changed (change-sets), in one row of time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from smallcrm import store
from smallcrm.base import clock
from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import L, Label, _, ngettext
from smallcrm.identity.actor import Actor
from smallcrm.records import access, audit, changesets, labels, settings
from smallcrm.records.record import find_type

_DONE: dict[str, Label] = {
    "create": L("Made"), "update": L("Changed"), "delete": L("Put into the bin"), "restore": L("Brought back"),
}  # fmt: skip
_HOW: dict[str, Label] = {
    "password": L("with the password"), "code": L("with password and code"), "invite": L("by an invitation"),
    "reset": L("by a mailed link"), "file": L("by the file in the data folder"), "set-up": L("at set-up"),
}  # fmt: skip
_KEYS: dict[str, Label] = {
    "how": L("how"), "count": L("count"), "name": L("name"), "read_only": L("read only"), "mailed": L("by mail"),
    "must_change": L("to be changed at sign-in"), "preset": L("preset"), "view": L("view"), "scope": L("for"),
    "filter": L("filter"), "labels": L("labels"), "names": L("names"), "undone": L("taken back"), "kept": L("left alone"),
}  # fmt: skip

CHANGES = "changes"  # the kind of line that stands for every change-set


@dataclass(frozen=True)
class Line:
    """One line. ``set``: the change-set it stands for, 0 for an act; ``about``: type and id of the one record it is about."""

    at: str
    source: str  # "a" act, "s" change-set
    id: int
    actor: int
    name: str
    act: str
    about: tuple[str, int] | None
    address: str
    detail: Any
    count: int = 1
    undone: bool = False
    done: str = ""  # what a change-set of one record did with it: create, update, delete, restore
    fields: tuple[str, ...] = ()  # which of its fields that changed

    @property
    def key(self) -> str:
        """Where the page after this line begins."""
        return f"{self.at}~{self.source}~{self.id}"

    @property
    def words(self) -> str:
        """What was done, in the reader's language."""
        if self.source == "a":
            return audit.words(self.act)
        if self.done:
            return str(_DONE[self.done])
        return ngettext("%(n)s record changed", "%(n)s records changed", self.count)

    @property
    def how(self) -> str:
        """By which door a change came."""
        return str(changesets.WHY.get(self.act, self.act)) if self.source == "s" else ""


@dataclass(frozen=True)
class Which:
    """What is asked for; empty asks for all. Dates are the business's, both included."""

    who: int | None = None
    what: str = ""
    since: str = ""
    until: str = ""
    type: str = ""
    record: int | None = None
    before: str = ""


def page(which: Which, *, limit: int) -> list[Line]:
    """Lines, the latest first. Raises BadRequest for a place or date that makes no sense."""
    parts, params = [], list[Any]()
    if which.what != CHANGES:
        sql, values = _acts(which)
        parts.append(f"SELECT * FROM ({sql} ORDER BY at DESC, id DESC LIMIT ?)")
        params += [*values, limit]
    if which.what in ("", CHANGES) or which.what in changesets.WHY:
        sql, values = _sets(which)
        parts.append(f"SELECT * FROM ({sql} ORDER BY at DESC, id DESC LIMIT ?)")
        params += [*values, limit]
    found = store.rows(f"{' UNION ALL '.join(parts)} ORDER BY 1 DESC, 2 DESC, 3 DESC LIMIT ?", [*params, limit])
    return _with_records([_line(row) for row in found])


def everything(which: Which, *, most: int, chunk: int = 2000) -> Iterator[Line]:
    """All lines that fit, at most ``most``."""
    here, left = which, most
    while left > 0:
        found = page(here, limit=min(chunk, left))
        yield from found
        left -= len(found)
        if len(found) < chunk:
            return
        here = replace(here, before=found[-1].key)


def _acts(which: Which) -> tuple[str, list[Any]]:
    where, params = _common(which, "a")
    if which.what:
        where.append("act = ?")
        params.append(which.what)
    if which.type:
        where.append("record_type = ?")
        params.append(_type_key(which.type))
        if which.record:
            where.append("record = ?")
            params.append(which.record)
    return (
        "SELECT at, 'a' AS source, id, actor, name, act, record_type, record, address, detail, 1, 0 FROM audit"
        f" WHERE {' AND '.join(where) or '1'}",
        params,
    )


def _sets(which: Which) -> tuple[str, list[Any]]:
    where, params = _common(which, "s")
    if which.what in changesets.WHY:
        where.append("why = ?")
        params.append(which.what)
    if which.type:
        one = " AND record = ?" if which.record else ""
        where.append(f"id IN (SELECT set_id FROM change WHERE record_type = ?{one})")
        params += [_type_key(which.type), *([which.record] if which.record else [])]
    return (
        "SELECT at, 's' AS source, id, actor, name, why, NULL, NULL, '', note, count, undone_by IS NOT NULL"
        f" FROM change_set WHERE {' AND '.join(where) or '1'}",
        params,
    )


def _type_key(word: str) -> str:
    kind = find_type(word)
    if kind is None:
        raise BadRequest(L("There is no type “%(type)s”.", type=word[:60]))
    return kind.card.key


def _common(which: Which, source: str) -> tuple[list[str], list[Any]]:
    where: list[str] = []
    params: list[Any] = []
    if which.who is not None:
        where.append("actor = ?")
        params.append(which.who)
    if which.since:
        where.append("at >= ?")
        params.append(_border(which.since))
    if which.until:
        where.append("at < ?")
        params.append(_border(which.until, after=True))
    if which.before:
        at, their_source, number = _place(which.before)
        where.append("at <= ? AND (at, ?, id) < (?, ?, ?)")
        params += [at, source, at, their_source, number]
    return where, params


def _border(day: str, *, after: bool = False) -> str:
    import datetime as dt

    try:
        date = dt.date.fromisoformat(day)
        return clock.iso(clock.start_of(date + dt.timedelta(days=1) if after else date))
    except (ValueError, OverflowError):
        raise BadRequest(L("“%(day)s” is no day.", day=day[:40])) from None


def _place(text: str) -> tuple[str, str, int]:
    at, _sep, rest = text.partition("~")
    source, _sep, number = rest.partition("~")
    if not (at and source in ("a", "s") and number.isdecimal() and len(number) < 16):
        raise BadRequest(L("This page is none of the log's."))
    return at, source, int(number)


def _line(row: tuple[Any, ...]) -> Line:
    at, source, number, actor, name, act, kind, record, address, detail, count, undone = row
    about = (kind, record) if kind and record else None
    held = detail if source == "s" else json.loads(detail) if detail else None
    return Line(at, source, number, actor, name, act, about, address, held, count, bool(undone))


def _with_records(lines: list[Line]) -> list[Line]:
    """Change-sets of a single record name it, and the fields it changed."""
    single = [line.id for line in lines if line.source == "s" and line.count == 1]
    found = {
        entry.set: entry
        for entry in changesets.read_rows(
            store.rows(
                "SELECT id, set_id, record_type, record, version, act, data, pack FROM change"
                " WHERE set_id IN (SELECT value FROM json_each(?))",
                [store.json_list(single)],
            )
        )
    }
    return [_told(line, found[line.id]) if line.source == "s" and line.id in found else line for line in lines]


def _told(line: Line, entry: changesets.Entry) -> Line:
    fields = tuple(name for name in entry.after if entry.act == "update")
    return replace(line, about=(entry.record_type, entry.record), done=entry.act, fields=fields)


# ---------------------------------------------------------------- in words


def names_of(reader: Actor, lines: list[Line]) -> dict[tuple[str, int], str]:
    """What the records that lines are about are called, those within the reader's reach."""
    wanted: dict[str, set[int]] = {}
    for line in lines:
        if line.about and find_type(line.about[0]) is not None:
            wanted.setdefault(line.about[0], set()).add(line.about[1])
    return {(key, i): name for key, ids in wanted.items() for i, name in access.names(reader, key, ids).items()}


def detail_words(reader: Actor, line: Line) -> str:
    """What more is known of a line, within what the reader may read."""
    if line.source == "s":
        return "; ".join(part for part in (str(line.detail or ""), _fields_changed(reader, line)) if part)
    held = line.detail
    if not held:
        return ""
    if line.act == "setting":
        return _("%(setting)s: %(before)s → %(after)s", setting=_setting(str(held.get("setting"))),
                 before=_plain(held.get("before")), after=_plain(held.get("after")))  # fmt: skip
    if isinstance(held, dict):
        return "; ".join(f"{_KEYS.get(key, key)}: {_value(key, value)}" for key, value in held.items())
    return str(held)


def _value(key: str, value: Any) -> str:
    return str(_HOW[value]) if key == "how" and value in _HOW else _plain(value)


def _fields_changed(reader: Actor, line: Line) -> str:
    kind = find_type(line.about[0]) if line.about and line.fields else None
    if kind is None:
        return ""
    readable = access.readable(reader, kind)
    return ", ".join(labels.field(kind, name) for name in line.fields if name in readable)


def _setting(key: str) -> str:
    return next((str(each.field.label) for each in settings.declared() if each.key == key), key)


def _plain(value: Any) -> str:
    if value in (None, "", [], {}):
        return "–"
    if value is True:
        return _("yes")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def who_words(line: Line) -> str:
    """Who it was."""
    return line.name or _("not signed in")


def kinds() -> list[tuple[str, str]]:
    """What lines can be asked for: (key, words), changes first."""
    acts = sorted(((key, str(label)) for key, label in audit.ACTS.items()), key=lambda pair: pair[1])
    return [(CHANGES, _("Every change of records")), *acts]


def type_label(key: str) -> str:
    """A type's name for one record."""
    kind = find_type(key)
    return labels.one(kind) if kind is not None else key
