"""Records into workbooks and csv: exactly what a list shows, or everything within reach, masked as everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from smallcrm import store
from smallcrm.base import clock, formats, money
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, labels, present, query, settings
from smallcrm.records.exchange import writing
from smallcrm.records.exchange.writing import Column, RoundTrip, Written
from smallcrm.records.fields import AnyLink, Choice, Choices, Field, Lines, Link, Money, Number, Reading
from smallcrm.records.importing.extras import concepts_of
from smallcrm.records.importing.targets import kind_of
from smallcrm.records.query import Ask, Condition
from smallcrm.records.record import RecordType

CHUNK = 500
_COMPARED = 50_000  # records of which an export notes the ids
_CHOICES = 200  # a list longer than this is no drop-down

Progress = Callable[[float], None]


def exportable(actor: Actor, kind: RecordType) -> dict[str, Field]:
    """The fields that the actor may write into a file."""
    return {name: each for name, each in access.readable(actor, kind).items() if each.exported}


def chosen(actor: Actor, kind: RecordType, names: Sequence[str] | None) -> list[str]:
    """The columns of an export: those asked for, else all; the title first. Unknown ones are left out."""
    known = exportable(actor, kind)
    wanted = [name for name in (names or known) if name in known]
    title = kind.card.title
    return [title, *(name for name in dict.fromkeys(wanted) if name != title)] if title in known else wanted


def columns(actor: Actor, kind: RecordType, names: Sequence[str]) -> list[Column]:
    """The columns of a file, headers in the reader's language and unique."""
    known = exportable(actor, kind)
    writable = access.writable(actor, kind)
    used: dict[str, int] = {}
    found = []
    for name in names:
        each = known[name]
        title = labels.field(kind, name)
        used[title] = used.get(title, 0) + 1
        if used[title] > 1:
            title = f"{title} ({used[title]})"
        found.append(column(kind, name, each, title, read_only=name not in writable or each.derived))
    return found


def column(kind: RecordType, name: str, each: Field, title: str, *, read_only: bool = False) -> Column:
    """A field as a column of a workbook."""
    options: tuple[str, ...] = ()
    if isinstance(each, Choice | Choices):
        options = tuple(str(option.label) for option in each.options)
    decimals = None
    if isinstance(each, Money):
        decimals = money.digits(settings.get("company.currency"))
    elif isinstance(each, Number):
        decimals = each.places
    return Column(
        title,
        kind_of(each, concepts_of(kind.card.key, name)) or "long_text",
        name,
        str(each.help),
        each.required,
        read_only or isinstance(each, Lines),
        decimals=decimals,
        choices=options if len(options) <= _CHOICES and isinstance(each, Choice) else (),
    )


def of_ids(ask: Ask, ids: Sequence[int]) -> Ask:
    """The ask narrowed to some records."""
    return replace(
        ask,
        extra=(*ask.extra, Condition("t.id IN (SELECT value FROM json_each(?))", (store.json_list(ids),), op="ids")),
    )


def without(ask: Ask, ids: Sequence[int]) -> Ask:
    """The ask but some records."""
    if not ids:
        return ask
    sql = "t.id NOT IN (SELECT value FROM json_each(?))"
    return replace(ask, extra=(*ask.extra, Condition(sql, (store.json_list(ids),))))


def rows(ask: Ask, names: Sequence[str], *, marks: bool) -> Iterator[list[Any]]:
    """Each record as cells, in the list's order; with ``marks`` the id and version stand in front."""
    asked = replace(ask, columns=list(names), limit=CHUNK, cursor=None)
    pools = access.masked_pools(ask.actor, ask.kind)
    while True:
        page = query.page(asked)
        reading = _reading(ask.actor, page)
        for row in page.rows:
            masked = frozenset[str]()
            if pools and "pool_of" in page.at:
                masked = access.masked_in(ask.kind, pools.get(row[page.at["pool_of"]] or 0))
            mine = replace(reading, masked=masked) if masked else reading
            values = _values(page, row)
            cells = [present.cell(each, values, mine) for each in page.fields]
            yield [row[0], row[1], *cells] if marks else cells
        if not page.next:
            return
        asked = replace(asked, cursor=page.next)


def _values(page: query.Page, row: Sequence[Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for each in page.fields:
        at = page.at[each.key]
        kept = [column for column in each.columns if not column.endswith("_key")]
        for place, name in enumerate(kept):
            values[name] = row[at + place]
        values[each.columns[0]] = each.from_sql(row[at]) if row[at] is not None else None
        if each.kind == "money" and row[at + len(kept)]:
            values["currency"] = row[at + len(kept)]
    return values


def _reading(actor: Actor, page: query.Page) -> Reading:
    """The names of all linked records of a page, looked up at once."""
    wanted: dict[str, set[int]] = {}
    for each in page.fields:
        at = page.at[each.key]
        for row in page.rows:
            if isinstance(each, Link) and row[at]:
                wanted.setdefault(each.to, set()).add(row[at])
            elif isinstance(each, AnyLink) and row[at]:
                wanted.setdefault(row[at + 1], set()).add(row[at])
    found = {key: access.names(actor, key, ids) for key, ids in wanted.items()}
    plain = access.reading(actor)
    return replace(
        plain, name_of=lambda key, record: found[key].get(record) if key in found else plain.name_of(key, record)
    )


def write(
    path: Path,
    ask: Ask,
    names: Sequence[str] | None = None,
    *,
    progress: Progress | None = None,
    expected: int | None = None,
) -> Written:
    """Write a file, xlsx or csv by its ending; an xlsx may be edited and brought back, unless it shows a day gone by."""
    actor, kind = ask.actor, ask.kind
    names = chosen(actor, kind, names)
    made = columns(actor, kind, names)
    total = query.count(ask, cap=None) if expected is None else expected
    if path.suffix == ".csv":
        return writing.write_csv(path, made, rows(ask, names, marks=False), expected=total, progress=progress)
    if ask.as_of:
        stood = str(L("As it stood on %(day)s.", day=formats.moment_full(ask.as_of)))
        plain = rows(ask, names, marks=False)
        return writing.write_workbook(
            path, made, plain, title=labels.many(kind), notes=[stood], expected=total, progress=progress
        )
    return writing.write_workbook(
        path, made, rows(ask, names, marks=True), title=labels.many(kind), notes=_notes(),
        round_trip=RoundTrip(kind.card.key, clock.stamp(), _ids(ask, total)), expected=total, progress=progress,
    )  # fmt: skip


def _ids(ask: Ask, total: int) -> tuple[int, ...]:
    """The records of an export that may come back; none are noted for one that is too big to compare row by row."""
    return tuple(each for chunk in query.ids(ask) for each in chunk) if total <= _COMPARED else ()


def _notes() -> list[str]:
    return [
        str(
            L(
                "Change cells, add rows below, and bring the file back: smallcrm shows every difference before it writes."
            )
        ),
        str(L("An emptied cell empties the value. A row that is taken out deletes nothing unless you say so.")),
        str(L("The two hidden columns at the end tell which record a row is. Leave them as they are.")),
    ]


def write_template(path: Path, actor: Actor, kind: RecordType) -> None:
    """An empty workbook to fill in, with drop-downs and explanations."""
    from smallcrm.records.importing import extras
    from smallcrm.records.importing.targets import targets

    made = []
    for name, target in targets(actor, kind, extras.of(actor, kind)).items():
        if target.field is not None:
            made.append(column(kind, name, target.field, target.label))
        elif target.column.kind != "texts":
            made.append(Column(target.label, target.column.kind, name))
    made.sort(key=lambda each: (not each.required, each.field != kind.card.title))
    notes = [
        str(L("A star marks what is needed. Leave empty what you do not know; delete columns you do not need.")),
        str(L("Owners and other records are found by their name, colleagues also by their e-mail address.")),
    ]
    writing.write_template(path, made, title=labels.many(kind), notes=notes)
