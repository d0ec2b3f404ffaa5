"""Everything kept of one person as a ZIP: ``data.json`` for programs, ``index.html`` to be read, the files beside them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Any

from smallcrm.areas.privacy.rules import person, traces
from smallcrm.base import clock, formats
from smallcrm.base.i18n import HTML_LANG, L, language
from smallcrm.identity.actor import SYSTEM, Actor
from smallcrm.records import access, audit, changesets, labels, personal, rows, settings
from smallcrm.records.custom import fields_of
from smallcrm.records.fields import Field, Reading
from smallcrm.records.personal import File, Subject, Table
from smallcrm.records.record import Record, RecordType, by_key

if TYPE_CHECKING:
    from jinja2 import Environment

MOST_CHANGES = 5000


def write(actor: Actor, record: Record, out: IO[bytes]) -> dict[str, int]:
    """Write the ZIP; how many records, changes and files it holds. Raises Forbidden.

    The person is entitled to all of it, so the actor's own limits on fields do not count; the right to do this does.
    """
    person.need(actor)
    subject = person.of(type(record), int(record.id))
    tables = [*_own(subject), *_linked(subject), *_history(subject)]
    files: list[File] = []
    for provider in personal.providers():
        tables += provider.tables(actor, subject)
        files += provider.files(actor, subject)
    names = _free_names(files)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", _json(actor, subject, tables, names))
        archive.writestr("index.html", _html(actor, subject, tables, names))
        for each, name in zip(files, names, strict=True):
            with each.open() as source, archive.open(name, "w", force_zip64=True) as target:
                while chunk := source.read(1 << 16):
                    target.write(chunk)
    counts = {"records": sum(len(each.rows) for each in tables if each.key != "history"), "files": len(files)}
    audit.log(actor, "personal data exported", record_type=record.card.key, record=int(record.id), detail=counts)
    return counts


def file_name(record: Record) -> str:
    """What the ZIP is called: without the name, it may lie about in a download folder."""
    return f"{record.card.key}-{record.id}-{clock.today().isoformat()}.zip"


# ---------------------------------------------------------------- parts


def _own(subject: Subject) -> Iterable[Table]:
    yield _table(subject.kind, list(rows.load(subject.kind, subject.ids).values()), key="person", upright=True)


def _linked(subject: Subject) -> Iterable[Table]:
    for key, ids in traces.linked(subject).items():
        kind = by_key(key)
        held = rows.load(kind, ids)
        if held:
            yield _table(kind, [held[number] for number in sorted(held)])


def _table(kind: RecordType, held: Sequence[Mapping[str, Any]], *, key: str = "", upright: bool = False) -> Table:
    """Records of a type; ``upright`` writes one below the other, a line a field."""
    reading = access.reading(SYSTEM)
    fields = {name: each for name, each in fields_of(kind).items() if not each.hidden_always}
    filled = {name: each for name, each in fields.items() if any(_has(each, values) for values in held)}
    data = [_programs(filled, values, reading) for values in held]
    if upright:
        lines = [
            (labels.field(kind, name), _said(each, values, reading))
            for values in held
            for name, each in filled.items()
            if _has(each, values)
        ]
        return Table(key or kind.card.name, labels.one(kind), (L("Field"), L("Value")), lines, data)
    heads = [labels.field(kind, name) for name in filled]
    body = [[_said(each, values, reading) for each in filled.values()] for values in held]
    return Table(key or kind.card.name, labels.many(kind), heads, body, data)


def _has(each: Field, values: Mapping[str, Any]) -> bool:
    return values.get(each.columns[0]) not in (None, [], "")


def _said(each: Field, values: Mapping[str, Any], reading: Reading) -> str:
    return each.show(values.get(each.columns[0]), values, reading) if _has(each, values) else ""


def _programs(fields: Mapping[str, Field], values: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    found = {name: each.api(values.get(each.columns[0]), values, reading) for name, each in fields.items()}
    return {"id": values["id"], "deleted_at": values.get("deleted_at"), **found}


def _history(subject: Subject) -> Iterable[Table]:
    reading = access.reading(SYSTEM)
    fields = fields_of(subject.kind)
    lines: list[tuple[str, str, str, str]] = []
    data: list[dict[str, Any]] = []
    for number in subject.ids:
        entries = changesets.history(subject.kind.card.key, number, limit=MOST_CHANGES)
        heads = changesets.infos({entry.set for entry in entries})
        for entry in entries:
            head = heads[entry.set]
            said = []
            for name, each in fields.items():
                if each.columns[0] in entry.after and not each.hidden_always:
                    before, after = _said(each, entry.before, reading), _said(each, entry.after, reading)
                    said.append(f"{labels.field(subject.kind, name)}: {before or '–'} → {after or '–'}")
            lines.append((formats.moment_full(head.at), head.name, head.why_words, "\n".join(said) or entry.act))
            data.append({"at": head.at, "by": head.name, "why": head.why, "act": entry.act, "before": entry.before, "after": entry.after})  # fmt: skip
    if lines:
        yield Table("history", L("Changes"), (L("When"), L("Who"), L("How"), L("What")), lines, data)


def _free_names(files: Sequence[File]) -> list[str]:
    """Names under ``files/`` that no two share and that lead nowhere else."""
    taken: set[str] = set()
    found = []
    for number, each in enumerate(files, 1):
        plain = each.name.replace("\\", "/").rsplit("/", 1)[-1].strip(". ")[:120] or "file"
        name = f"files/{plain}" if f"files/{plain}" not in taken else f"files/{number}-{plain}"
        taken.add(name)
        found.append(name)
    return found


# ---------------------------------------------------------------- writing


def _json(actor: Actor, subject: Subject, tables: Sequence[Table], files: Sequence[str]) -> str:
    body = {
        "made_at": clock.stamp(),
        "made_by": actor.name,
        "company": settings.get("company.name"),
        "type": subject.kind.card.name,
        "id": subject.id,
        "tables": {each.key: each.data for each in tables},
        "files": list(files),
    }
    return json.dumps(body, ensure_ascii=False, indent=1, default=str)


def _html(actor: Actor, subject: Subject, tables: Sequence[Table], files: Sequence[str]) -> str:
    return (
        _environment()
        .get_template("export.html")
        .render(
            lang=HTML_LANG[language()],
            title=str(subject.values.get(subject.kind.card.title) or f"#{subject.id}"),
            heading=str(L("What %(company)s keeps about you", company=settings.get("company.name"))),
            made=str(L("Made on %(day)s by %(name)s.", day=formats.moment_full(clock.now()), name=actor.name)),
            tables=[
                (
                    str(each.title),
                    [str(head) for head in each.heads],
                    [[str(cell) for cell in row] for row in each.rows],
                )
                for each in tables
            ],
            files_title=str(L("Files")),
            files=files,
        )
    )


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("smallcrm.areas.privacy", "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
