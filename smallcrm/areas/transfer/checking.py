"""A staged file as it would be read now: its guess, and the plan of what would happen to each row. Nothing is written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from smallcrm import store
from smallcrm.areas.transfer import staging
from smallcrm.areas.transfer.cards_in import as_table, is_cards
from smallcrm.areas.transfer.staging import Staged
from smallcrm.base import ids
from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import L, language
from smallcrm.identity.actor import Actor
from smallcrm.jobs import work
from smallcrm.records import settings
from smallcrm.records.exchange.mapping import parse
from smallcrm.records.exchange.reading import Workbook, open_workbook
from smallcrm.records.importing import guessing
from smallcrm.records.importing.guessing import Reading
from smallcrm.records.importing.plan import Summary, summary_of
from smallcrm.records.importing.planning import Plan
from smallcrm.records.record import RecordType

AT_ONCE = 2_500  # rows that are checked while one waits


@contextmanager
def opened(found: Staged) -> Iterator[Workbook]:
    """The file, read once and then from the rows kept beside it."""
    given = found.mapping
    with open_workbook(
        found.path, found.name, scratch=found.folder / "rows", encoding=given.get("encoding") or "",
        separator=given.get("separator") or "", language=language(),
    ) as book:  # fmt: skip
        yield book


@dataclass
class Read:
    """A guess, and the date of the import whose mapping helped it."""

    reading: Reading
    since: str = ""


def read(actor: Actor, kind: RecordType, found: Staged, book: Workbook) -> Read:
    """Guess, with what was said for this file and for the last one of its shape. Parts that fit no more are dropped."""
    currency = settings.get("company.currency")
    try:
        first = _guess(actor, kind, book, found.mapping, {}, currency)
    except BadRequest:
        if not found.mapping:
            raise
        found.put(mapping={name: found.mapping[name] for name in ("encoding", "separator") if name in found.mapping})
        first = _guess(actor, kind, book, found.mapping, {}, currency)
    before, since = staging.remembered(actor, kind, first.guess.shape)
    if not before:
        return Read(first)
    try:
        return Read(_guess(actor, kind, book, found.mapping, before, currency), since)
    except BadRequest:  # a field that is gone
        return Read(first)


def _guess(
    actor: Actor, kind: RecordType, book: Workbook, said: dict[str, Any], before: dict[str, Any], currency: str
) -> Reading:
    """Where only some columns were settled, the others are still guessed and asked."""
    given, remembered = parse(said), parse(before)
    reading = guessing.read(actor, kind, book, given=given, remembered=remembered, currency=currency)
    if given.columns is None or set(reading.guess.layout.names) <= set(given.columns):
        return reading
    remembered = replace(remembered, columns={**(remembered.columns or {}), **given.columns})
    given = replace(given, columns=None)
    return guessing.read(actor, kind, book, given=given, remembered=remembered, currency=currency)


# ---------------------------------------------------------------- the plan


@dataclass
class Checked:
    """A plan on disk. ``work``: the one that is making it; ``wrong``: why there is none."""

    path: Path
    summary: Summary | None = None
    work: int | None = None
    wrong: str = ""


def _mark(reading: Reading) -> str:
    """What a plan was made for: the mapping, and the database as it stands."""
    said = json.dumps(reading.mapping.as_json(), sort_keys=True, default=str)
    return hashlib.sha256(f"{said}\n{store.data_version()}\n{store.commits()}".encode()).hexdigest()[:20]


def _said(reading: Reading) -> str:
    return hashlib.sha256(json.dumps(reading.mapping.as_json(), sort_keys=True, default=str).encode()).hexdigest()[:20]


def prepare(kind: RecordType, found: Staged) -> None:
    """Turn a file of contact cards into a table; anything else stays as it is."""
    if not is_cards(found.path):
        return
    table = as_table(kind, found.path, found.folder / "cards.csv")
    table.replace(found.path)
    found.mapping = {"encoding": "utf-8", "separator": ","}
    if kind.card.key == "contact":
        found.mapping["create_missing"] = ["customer"]


def check(actor: Actor, kind: RecordType, found: Staged, reading: Reading) -> Checked:
    """The plan for this reading: the one at hand, a fresh one, or one that a work is making."""
    folder = found.folder / "plan"
    folder.mkdir(exist_ok=True)
    state = _load(folder)
    big = reading.guess.rows > AT_ONCE
    mark = _said(reading) if big else _mark(reading)
    if state.get("mark") == mark:
        if "summary" in state:
            return Checked(folder / "plan.rows", summary_of(state["summary"]))
        if state.get("wrong"):
            return Checked(folder / "plan.rows", wrong=state["wrong"])
        if "work" in state and work.get(state["work"]).is_open:
            return Checked(folder / "plan.rows", work=state["work"])
    if not reading.used:
        return Checked(
            folder / "plan.rows", wrong=str(L("No column goes anywhere yet. Choose where the first one goes."))
        )
    if not big:
        return _make(actor, kind, reading, folder, mark)
    if "work" in state:
        work.cancel(state["work"])
    mapping = complete(reading)
    key = work.start(
        "check", L("Checking %(name)s", name=found.name), None, _check_work, quick=True,
        actor=actor, of=kind, found=found, mapping=mapping, mark=mark,
    )  # fmt: skip
    _save(folder, {"mark": mark, "work": key})
    return Checked(folder / "plan.rows", work=key)


def _make(actor: Actor, kind: RecordType, reading: Reading, folder: Path, mark: str) -> Checked:
    try:
        plan = Plan(actor, kind, reading, folder)
        with closing(plan):
            summary = plan.make()
    except BadRequest as error:
        _save(folder, {"mark": mark, "wrong": str(error)})
        return Checked(folder / "plan.rows", wrong=str(error))
    _save(folder, {"mark": mark, "summary": summary.as_json()})
    return Checked(folder / "plan.rows", summary)


def _check_work(
    progress: work.Progress, actor: Actor, of: RecordType, found: Staged, mapping: dict[str, Any], mark: str
) -> None:
    folder = found.folder / "plan"

    def step(done: int, total: int) -> None:
        progress.step(done, total)
        progress.check()

    with opened(found) as book:
        reading = guessing.read(actor, of, book, given=parse(mapping), currency=settings.get("company.currency"))
        try:
            plan = Plan(actor, of, reading, folder)
            with closing(plan):
                summary = plan.make(step)
        except BadRequest as error:
            _save(folder, {"mark": mark, "wrong": str(error)})
            return
    _save(folder, {"mark": mark, "summary": summary.as_json()})


def complete(reading: Reading) -> dict[str, Any]:
    """A reading's whole mapping as JSON. Keys that nobody chose stay unsaid, so that names stand in for them."""
    said = reading.mapping.as_json()
    if reading.match_guessed:
        said.pop("match", None)
    return said


def _load(folder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((folder / "plan.json").read_text("utf-8")))
    except (OSError, ValueError):
        return {}


def _save(folder: Path, state: dict[str, Any]) -> None:
    part = folder / f"{ids.token(6)}.part"
    part.write_text(json.dumps(state, default=str), "utf-8")
    part.replace(folder / "plan.json")
