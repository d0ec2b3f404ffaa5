"""What an erasure does, said before it is done: what goes, what is redacted, what stays, why and until when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from smallcrm import store
from smallcrm.areas.privacy.rules import person, traces
from smallcrm.base.i18n import L
from smallcrm.base.redaction import is_telling
from smallcrm.identity.actor import Actor
from smallcrm.records import duplicates, labels, personal, rows
from smallcrm.records.custom import fields_of
from smallcrm.records.duplicates import Match
from smallcrm.records.personal import Item, Subject
from smallcrm.records.record import Record, RecordType, by_key


@dataclass(frozen=True)
class Preview:
    """The list, and records that are likely the same person."""

    erased: list[Item]
    redacted: list[Item]
    kept: list[Item]
    same: list[Match]


def of(actor: Actor, record: Record) -> Preview:
    """What would happen to everything known of the person. Nothing is written."""
    person.need(actor)
    subject = person.of(type(record), int(record.id))
    found = [*_record(subject), *_linked(subject), *_named(subject)]
    for provider in personal.providers():
        found += provider.items(subject)
    found += _always()
    by_act = {act: [each for each in found if each.act == act] for act in ("erased", "redacted", "kept")}
    return Preview(by_act["erased"], by_act["redacted"], by_act["kept"], _same(actor, subject))


def _record(subject: Subject) -> Iterable[Item]:
    held = list(rows.load(subject.kind, subject.ids).values())
    filled = [
        labels.field(subject.kind, name)
        for name in personal.personal_fields(subject.kind)
        if any(each.get(fields_of(subject.kind)[name].columns[0]) for each in held)
    ]
    title = labels.field(subject.kind, subject.kind.card.title)
    yield Item(
        "erased",
        L("%(fields)s", fields=", ".join([title, *filled])),
        why=L("“%(mark)s” stands there instead.", mark=subject.words.mark),
    )
    if len(subject.ids) > 1:
        yield Item("erased", L("The same in what was merged into it"), len(subject.ids) - 1)
    changes = int(
        store.value(
            "SELECT count(*) FROM change WHERE record_type = ? AND record IN (SELECT value FROM json_each(?))",
            [subject.kind.card.key, store.json_list(subject.ids)],
        )
    )
    yield Item("redacted", L("Its history: that something was changed stays, what stood there goes"), changes)


def _linked(subject: Subject) -> Iterable[Item]:
    taken = {key for provider in personal.providers() for key in provider.takes}
    for key, ids in traces.linked(subject).items():
        if key in taken:
            continue
        kind = by_key(key)
        keeping = personal.keeping(key)
        if keeping is not None:
            yield Item("kept", labels.many(kind), len(ids), keeping.why, keeping.until())
        elif key in personal.subject_types():
            yield Item("kept", labels.many(kind), len(ids), L("They are people or companies of their own."))
        else:
            yield Item(
                "kept",
                labels.many(kind),
                len(ids),
                L("What was done stays, without the name and without ways to reach the person."),
            )
    same = traces.same_reach(subject)
    if same:
        yield Item("erased", L("The same number or address where it stands as the company's"), len(same))


def _named(subject: Subject) -> Iterable[Item]:
    spoken = sum(_speaking(by_key(key), ids, subject) for key, ids in traces.around(subject).items())
    if spoken:
        yield Item("redacted", L("Texts around the person that speak of them"), spoken)
    everywhere = traces.everywhere(subject)
    yield Item("redacted", L("Mentions by e-mail address, number or code anywhere else, looked for while erasing"))
    left = [name for name in subject.words.names if name not in everywhere.names]
    if left:
        told = L("Others go by it.") if any(map(is_telling, left)) else L("It is too short to be somebody's own.")
        yield Item(
            "kept", L("The name “%(name)s” in texts that have nothing to do with the person", name=left[0]), why=told
        )


def _speaking(kind: RecordType, ids: Iterable[int], subject: Subject) -> int:
    held = rows.load(kind, ids)
    return sum(1 for values in held.values() if traces.redacted(kind, values, subject.words))


def _always() -> Iterable[Item]:
    yield Item(
        "kept", L("Backups"), why=L("They cannot be changed. Whenever one is brought back, the person is erased from it again."),
        until=L("They go by themselves, the last after six months."),
    )  # fmt: skip
    yield Item(
        "kept", L("A mark that nobody can read back"),
        why=L("So that an import does not bring the person back without anybody noticing."),
    )  # fmt: skip
    yield Item("kept", L("That, when and by whom it was erased"), why=L("To be able to show that it was done."))


def _same(actor: Actor, subject: Subject) -> list[Match]:
    """Other records that are likely the same person, by more than the name."""
    found = duplicates.find(
        actor, subject.kind, subject.values, except_id=subject.id, types=personal.subject_types(), bin=True
    )
    return [
        each
        for each in found
        if personal.is_subject(each.kind.card.key, each.values)
        and not (each.kind is subject.kind and each.id in subject.ids)
        and set(each.by) & {"email", "phone", "wechat", "tax", "name"}
    ]
