"""``smallcrm import`` and ``smallcrm export``: the same reading, planning and writing as the pages, in one go."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from smallcrm import store
from smallcrm.areas.transfer import exports
from smallcrm.areas.transfer.cards_in import as_table, is_cards
from smallcrm.base.errors import BadUsage, Forbidden
from smallcrm.base.i18n import L, _
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import audit, settings
from smallcrm.records.exchange.mapping import parse
from smallcrm.records.exchange.reading import open_workbook
from smallcrm.records.importing import guessing, running
from smallcrm.records.importing.guessing import Reading
from smallcrm.records.importing.planning import Plan
from smallcrm.records.query import Ask
from smallcrm.records.record import RecordType


def import_file(
    actor: Actor,
    kind: RecordType,
    file: Path,
    *,
    mapping: Mapping[str, Any] | None = None,
    match: Sequence[str] | None = None,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Import a file; the contract's JSON. Raises BadUsage with the question where a guess is not sure."""
    if not kind.card.importable or actor.scope(kind.card.key, "import") is Scope.NONE:
        raise Forbidden(L("You may not import these."))
    given = parse(dict(mapping or {}))
    if match is not None:
        given = replace(given, match=tuple(match))
    scratch = Path(tempfile.mkdtemp(prefix="import-", dir=_place()))
    try:
        source = file
        if is_cards(file):
            source = as_table(kind, file, scratch / "cards.csv")
        with open_workbook(
            source, file.name, scratch=scratch / "rows", encoding=given.encoding or "",
            separator=given.separator or "", language=actor.language,
        ) as book:  # fmt: skip
            currency = settings.get("company.currency")
            reading = guessing.read(actor, kind, book, given=given, currency=currency)
            return _import(actor, kind, file, reading, scratch, dry_run)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _place() -> Path:
    """Big files are unpacked beside the data, where there is room, not in a small /tmp."""
    place = store.folder() / "transfer"
    place.mkdir(mode=0o700, exist_ok=True)
    return place


def _import(
    actor: Actor, kind: RecordType, file: Path, reading: Reading, scratch: Path, dry_run: bool
) -> dict[str, Any]:
    guessed = reading.as_json()
    if not reading.guess.sure and not dry_run:
        raise BadUsage(_question(reading))
    if not reading.used:
        counts = {"created": 0, "updated": 0, "skipped": 0, "failed": 0, "changeset": None}
        return {**counts, "errors_file": None, "guessed": guessed}
    plan = Plan(actor, kind, reading, scratch)
    summary = plan.make()
    if dry_run:
        counts = vars(summary.counts)
        problems = [{"code": code, "field": name, "rows": n} for code, name, n in summary.problems]
        return {**counts, "changeset": None, "errors_file": None, "guessed": guessed, "problems": problems}
    result = running.run(plan, note=file.name)
    errors_file: str | None = None
    if result.counts.failed:
        target = file.with_name(str(L("%(name)s to mend.xlsx", name=file.stem)))
        running.write_failed(plan, target)
        errors_file = str(target)
    audit.log(actor, "import", record_type=kind.card.key, detail={"file": file.name, **result.as_json()})
    return {**result.as_json(), "errors_file": errors_file, "guessed": guessed}


def _question(reading: Reading) -> str:
    """The open questions, and where their answers go."""
    lines = [_("The file leaves questions open. Answer them in a mapping (--mapping); nothing was written.")]
    for question in reading.guess.questions:
        options = ", ".join(repr(option.value) for option in question.options)
        examples = ", ".join(question.examples[:5])
        lines.append(f"{question} [{'.'.join(question.part)}: {options}]" + (f" ({examples})" if examples else ""))
    return "\n".join(lines)


def export_file(
    actor: Actor, kind: RecordType, file: Path, *, filter: Any = None, columns: Sequence[str] | None = None
) -> dict[str, Any]:
    """Write records into a file, xlsx or csv by its ending; how many rows."""
    if file.suffix.lower() not in (".xlsx", ".csv"):
        raise BadUsage(L("The file must end in .xlsx or .csv."))
    from smallcrm.records import exporting

    unknown = [name for name in columns or () if name not in exporting.exportable(actor, kind)]
    if unknown:
        raise BadUsage(L("There is no field “%(field)s”.", field=unknown[0]))
    return {"rows": exports.write(file, Ask(actor, kind, filter=filter), columns)}


__all__ = ["export_file", "import_file"]
