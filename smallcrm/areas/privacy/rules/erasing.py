"""Erasing a person: from the record, its history, everything around it and every text, for good.

All of it is one transaction; what is outside the database is noted before it is committed, so that a backup brought
back later is erased again (``replay``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from smallcrm import store
from smallcrm.areas.privacy.rules import person, requests, suppression, traces
from smallcrm.base import clock
from smallcrm.base.errors import Invalid, WrongState
from smallcrm.base.i18n import L
from smallcrm.base.redaction import Words
from smallcrm.identity.actor import Actor
from smallcrm.records import audit, change, changesets, personal, redacting, rows, search
from smallcrm.records.custom import fields_of
from smallcrm.records.personal import Subject
from smallcrm.records.record import Record, RecordType, by_key
from smallcrm.store import erasures

CHUNK = 250
Step = Callable[[int, int], None]


def is_erased(record: Record) -> str | None:
    """When the person was erased; None where they were not, or somebody wrote a name into the record since."""
    if getattr(record, record.card.title) != person.mark(int(record.id)):
        return None
    sql = "SELECT at FROM privacy_erased WHERE record_type = ? AND record = ?"
    found = store.value(sql, [record.card.key, record.id])
    return str(found) if found else None


def check(actor: Actor, record: Record, confirm: str) -> None:
    """Whether it may begin: ``confirm`` is the name, typed. Raises Forbidden, Invalid, WrongState where it was done before."""
    _need(actor, record)
    if confirm.split() != str(getattr(record, record.card.title)).split():
        raise Invalid({"confirm": [str(L("Type the name as it stands there."))]})


def _need(actor: Actor, record: Record) -> None:
    person.need(actor)
    if is_erased(record):
        raise WrongState(L("This person was erased already."))


def erase(
    actor: Actor, record: Record, *, also: Sequence[Record] = (), step: Step = lambda _done, _total: None
) -> dict[str, int]:
    """Erase the person, and the other records of the same person; what was done, in numbers.

    Raises Forbidden, WrongState where it was done before.
    """
    _need(actor, record)
    several = [record, *(each for each in also if personal.is_person(each) and not is_erased(each))]
    total: dict[str, int] = {}
    for place, each in enumerate(several):
        step(place, len(several))
        done = _erase_one(actor, person.of(type(each), int(each.id)))
        total = {name: total.get(name, 0) + done.get(name, 0) for name in {*total, *done}}
    search.forget_deleted()
    store.forget_freed()
    step(len(several), len(several))
    return total


def _erase_one(actor: Actor, subject: Subject) -> dict[str, int]:
    found = traces.look(subject)  # the long look, before anybody has to wait
    hashes = suppression.hashes_of(subject)
    with changesets.opened(actor, "erase"), store.writing():
        done = take_out(actor, subject, found)
        suppression.suppress(hashes)
        note(subject, hashes)
    return done


def note(subject: Subject, hashes: Sequence[str]) -> None:
    """Remember outside the database that the person is being erased."""
    for number, held in rows.load(subject.kind, subject.ids).items():
        erasures.note("person", f"{subject.kind.card.key}:{number}@{held['created_at']}")
    for each in hashes:
        erasures.note("suppressed", each)


def take_out(actor: Actor, subject: Subject, found: traces.Look) -> dict[str, int]:
    """Everything inside the database. Inside ``writing`` and a change-set of erasure."""
    kind = subject.kind
    close = traces.around(subject)
    linked = traces.linked(subject)
    same_reach = traces.same_reach(subject)
    for provider in personal.providers():
        provider.erase(subject)
    near = Words(subject.words.names, subject.words.codes, subject.words.numbers, subject.words.mark, parts=True)
    texts = 0
    for key, ids in linked.items():
        if personal.keeping(key) is None:
            _empty_linked(actor, by_key(key), ids)
            texts += redact(actor, by_key(key), ids, near)
    for key, ids in close.items():
        if personal.keeping(key) is None:
            texts += redact(actor, by_key(key), ids - linked.get(key, set()), subject.words)
    for key, ids in found.records.items():
        if personal.keeping(key) is None:
            texts += redact(actor, by_key(key), ids, found.words)
    if same_reach:
        change.update_many(actor, by_key("customer"), list(same_reach.items()), trusted=True)
        for number, fields in same_reach.items():
            columns = {column for name in fields for column in fields_of(by_key("customer"))[name].columns}
            redacting.history(by_key("customer"), [number], drop=columns)
    _empty(actor, subject)
    changes = redacting.history(kind, subject.ids, drop=_columns(kind), replace=near.out_of_all)
    changes += redacting.everywhere(found.places, found.words.out_of_all)
    texts += redacting.all_texts(found.words)
    requests.close_erased(actor, kind.card.key, subject.ids, str(L("The data were erased.")))
    for number in subject.ids:
        store.run(
            "INSERT OR IGNORE INTO privacy_erased (record_type, record, at, by) VALUES (?, ?, ?, ?)",
            [kind.card.key, number, clock.stamp(), actor.id],
        )
        store.run("DELETE FROM privacy_restriction WHERE record_type = ? AND record = ?", [kind.card.key, number])
    audit.log(actor, "personal data erased", record_type=kind.card.key, record=subject.id)
    return {"records": len(subject.ids), "texts": texts, "changes": changes}


def _columns(kind: RecordType) -> set[str]:
    """Every column of a person's record that says something about the person."""
    names = [kind.card.title, *personal.personal_fields(kind)]
    fields = fields_of(kind)
    return {column for name in names for column in fields[name].columns} | {f"{name}_base" for name in names}


def _empty(actor: Actor, subject: Subject) -> None:
    """The record itself, and what was merged into it."""
    blank: dict[str, Any] = dict.fromkeys(personal.personal_fields(subject.kind))
    title = subject.kind.card.title
    changes = [(number, {**blank, title: person.mark(number)}) for number in subject.ids]
    outcome = change.update_many(actor, subject.kind, changes, trusted=True)
    if outcome.errors:
        raise Invalid(next(iter(outcome.errors.values())))


def _empty_linked(actor: Actor, kind: RecordType, ids: set[int]) -> None:
    """The personal fields of records that are about the person only because they link to them (a delivery address)."""
    fields = [name for name, each in fields_of(kind).items() if each.personal and not each.derived]
    if not fields or kind.card.key in personal.subject_types():
        return
    blank: dict[str, Any] = dict.fromkeys(fields)
    for chunk in _chunks(ids):
        change.update_many(actor, kind, [(number, blank) for number in chunk], trusted=True)
    columns = {column for name in fields for column in fields_of(kind)[name].columns}
    redacting.history(kind, ids, drop=columns)


def redact(actor: Actor, kind: RecordType, ids: set[int], words: Words) -> int:
    """Take the words out of the texts of these records and of their history; how many records changed."""
    count = 0
    for chunk in _chunks(ids):
        found = {number: traces.redacted(kind, held, words) for number, held in rows.load(kind, chunk).items()}
        changes = [(number, fields) for number, fields in found.items() if fields]
        if changes:
            count += len(change.update_many(actor, kind, changes, trusted=True).written)
    redacting.history(kind, ids, replace=words.out_of_all)
    return count


def _chunks(ids: set[int]) -> list[list[int]]:
    ordered = sorted(ids)
    return [ordered[start : start + CHUNK] for start in range(0, len(ordered), CHUNK)]
