"""What a timeline's entries and a history's rows look like: areas draw their own, changes are drawn here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from smallcrm.base import clock, formats
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, changesets, labels, present, rows
from smallcrm.records.changesets import Entry
from smallcrm.records.custom import fields_of
from smallcrm.records.fields import Reading
from smallcrm.records.record import Record, RecordType, by_key
from smallcrm.records.timeline import Item
from smallcrm.web.drawn import filled

ACT_ICONS = {"create": "plus", "update": "pencil", "delete": "trash", "restore": "arrow-back-up"}


@dataclass
class Drawn:
    """One entry: an icon, what happened (HTML), more of it, who and when; what other areas put beside it."""

    icon: str
    what: Markup | str
    more: Markup | str = ""
    when: str = ""
    state: str = ""
    id: str = ""
    beside: str = ""  # HTML


Drawer = Callable[[Actor, Record, Sequence[Item]], Mapping[int, Drawn]]
Beside = Callable[[Actor, Sequence[int]], Mapping[int, Markup]]

_drawers: dict[str, Drawer] = {}
_beside: dict[str, list[Beside]] = {}


def draws(source: str) -> Callable[[Drawer], Drawer]:
    """Register how the entries of a timeline source are drawn, all of a page at once."""

    def keep(function: Drawer) -> Drawer:
        _drawers[source] = function
        return function

    return keep


def beside(source: str) -> Callable[[Beside], Beside]:
    """Register what else stands under the entries of another area's source, all of a page at once: an activity's files."""

    def keep(function: Beside) -> Beside:
        _beside.setdefault(source, []).append(function)
        return function

    return keep


def _put_beside(actor: Actor, source: str, drawn: Mapping[int, Drawn]) -> None:
    for function in _beside.get(source, ()) if drawn else ():
        for number, more in function(actor, list(drawn)).items():
            drawn[number].beside += more


def by_day(actor: Actor, record: Record, items: Sequence[Item]) -> list[tuple[str, list[Drawn]]]:
    """The entries under their days; what is planned first, under a heading of its own."""
    drawn: dict[tuple[str, int], Drawn] = {}
    for source in dict.fromkeys(item.source for item in items):
        mine = [item for item in items if item.source == source]
        if source in _drawers:
            made = _drawers[source](actor, record, mine)
            _put_beside(actor, source, made)
            drawn.update({(source, number): each for number, each in made.items()})
    groups: list[tuple[str, list[Drawn]]] = []
    now = clock.stamp()
    for item in items:
        one = drawn.get((item.source, item.id))
        if one is None:
            continue
        heading = str(L("Planned")) if one.state == "plan" or item.at > now else day_heading(item.at)
        if not groups or groups[-1][0] != heading:
            groups.append((heading, []))
        groups[-1][1].append(one)
    return groups


def day_heading(at: str) -> str:
    """The business day of a moment, as a heading."""
    return formats.date_long(formats.local(at).date())


@dataclass(frozen=True)
class ChangeRow:
    """A change in a history: its head and the fields."""

    entry: Entry
    info: changesets.SetInfo
    fields: list[tuple[str, str, str]]  # label, before, after
    when: str
    icon: str


def changes(actor: Actor, record: Record, found: Sequence[Entry]) -> list[ChangeRow]:
    """Changes of one record, field by field; hidden and masked fields are left out."""
    heads = changesets.infos({entry.set for entry in found})
    kind = type(record)
    reading = access.reading(actor, record)
    return [
        ChangeRow(
            entry,
            heads[entry.set],
            differences(actor, kind, entry, reading),
            formats.moment(heads[entry.set].at),
            ACT_ICONS.get(entry.act, "pencil"),
        )
        for entry in found
        if entry.set in heads
    ]


def differences(actor: Actor, kind: RecordType, entry: Entry, reading: Reading) -> list[tuple[str, str, str]]:
    """(label, before, after) of the fields the actor may read."""
    found = []
    for name, each in access.readable(actor, kind).items():
        column = each.columns[0]
        if column in entry.after and name not in reading.masked and not each.hidden_always:
            before = present.shown(each, entry.before, reading) if entry.before.get(column) is not None else ""
            after = present.shown(each, entry.after, reading) if entry.after.get(column) is not None else ""
            found.append((labels.field(kind, name), before, after))
    return found


@draws("change")
def _draw_changes(actor: Actor, record: Record, items: Sequence[Item]) -> Mapping[int, Drawn]:
    from smallcrm import store

    found = changesets.read_rows(
        store.rows(
            "SELECT id, set_id, record_type, record, version, act, data, pack FROM change"
            " WHERE id IN (SELECT value FROM json_each(?))",
            [store.json_list(item.id for item in items)],
        )
    )
    return {row.entry.id: _draw_change(row, record) for row in changes(actor, record, found)}


def _draw_change(row: ChangeRow, record: Record) -> Drawn:
    when = f"{row.info.name} {formats.time(row.info.at)}"
    why = row.info.why_words if row.info.why not in ("form", "api") else ""
    if row.info.note and row.info.why in ("transfer", "claim", "release", "recycle"):
        why = f"{why}: {row.info.note}"
    heading = {
        "create": L("Created"), "delete": L("Put into the bin"), "restore": L("Brought back from the bin"),
    }.get(row.entry.act)  # fmt: skip
    if heading is not None:
        return Drawn(row.icon, filled("<b>{}</b>", str(heading)), why, when)
    if any(name in row.entry.after for name in ("owner", "pool")):
        return Drawn("user-share", _owner_change(row, record), why, when)
    if row.info.why == "erase" and not row.fields:
        return Drawn("shield", str(L("Personal data were erased.")), "", when)
    if not row.fields:
        return Drawn(row.icon, str(L("Something changed that you may not see.")), why, when)
    shown = Markup(", ").join(
        filled("{} <del>{}</del> <b>{}</b>", label, before, after or "–")
        if before
        else filled("{} <b>{}</b>", label, after or "–")
        for label, before, after in row.fields[:4]
    )
    more = f" +{len(row.fields) - 4}" if len(row.fields) > 4 else ""
    return Drawn(row.icon, shown + more, why, when)


def _owner_change(row: ChangeRow, record: Record) -> Markup:
    before, after = row.entry.before.get("owner"), row.entry.after.get("owner")
    pool = row.entry.after.get("pool")
    user_names = access._open_names("user")
    if pool:
        name = access._open_names("pool").get(pool, "")
        return filled("{}: <b>{}</b>", str(L("Into the pool")), name)
    if before and after:
        return filled(
            "{}: {} → <b>{}</b>",
            labels.field(type(record), "owner"),
            user_names.get(before, "–"),
            user_names.get(after, "–"),
        )
    return filled("{}: <b>{}</b>", labels.field(type(record), "owner"), user_names.get(after or 0, "–"))


def planned_heading() -> str:
    """The heading over what is still to be done."""
    return str(L("Planned"))


def days_between(first: dt.date, last: dt.date) -> int:
    """Whole days from ``first`` to ``last``."""
    return (last - first).days


__all__ = ["Drawn", "by_day", "by_key", "changes", "draws", "fields_of", "rows"]
