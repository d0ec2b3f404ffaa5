"""What smallcrm itself keeps beside records: messages, notices, the audit log, answers kept for a day, saved lists."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from smallcrm import store
from smallcrm.base import formats
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.jobs import notices, outbox
from smallcrm.records import personal, redacting
from smallcrm.records.personal import Item, Provider, Subject, Table
from smallcrm.web.api.idempotency import IdempotentAnswer

redacting.free_text("audit", "detail", as_json=("detail",))
redacting.free_text("change_set", "note")
redacting.free_text("notice", "title", "body")
redacting.free_text(
    "outbox", "recipient", "subject", "body_text", "body_html", "payload", "last_error", as_json=("payload",)
)
redacting.free_text("work", "title", "message", "detail", "result", as_json=("detail", "result"))
redacting.free_text("job_slot", "result", "error", as_json=("result",))
redacting.free_text("saved_view", "name", "filter", as_json=("filter",))
redacting.free_text("privacy_request", "identity", "note", "outcome")

ANSWERS = IdempotentAnswer._meta.table_name


def _addresses(subject: Subject) -> list[str]:
    return [code for code in subject.words.codes if "@" in code]


# ---------------------------------------------------------------- giving out


def _messages(_actor: Actor, subject: Subject) -> Iterable[Table]:
    found = store.rows(
        "SELECT created_at, channel, recipient, subject, body_text, state FROM outbox"
        " WHERE recipient IN (SELECT value FROM json_each(?)) OR related = ? ORDER BY id",
        [store.json_list(_addresses(subject)), subject.path],
    )
    if found:
        names = ("at", "channel", "recipient", "subject", "text", "state")
        yield Table(
            "messages", L("Messages"), (L("When"), L("To whom"), L("Subject"), L("Text")),
            [(formats.moment_full(row[0]), row[2], row[3], row[4]) for row in found],
            [dict(zip(names, row, strict=True)) for row in found],
        )  # fmt: skip


def _log(_actor: Actor, subject: Subject) -> Iterable[Table]:
    found = store.rows(
        "SELECT at, name, act, detail FROM audit WHERE record_type = ? AND record IN (SELECT value FROM json_each(?)) ORDER BY id",
        [subject.kind.card.key, store.json_list(subject.ids)],
    )
    if found:
        yield Table(
            "log", L("Log"), (L("When"), L("Who"), L("What"), L("Details")),
            [(formats.moment_full(at), name, act, detail or "") for at, name, act, detail in found],
            [{"at": at, "by": name, "act": act, "detail": json.loads(detail) if detail else None} for at, name, act, detail in found],
        )  # fmt: skip


# ---------------------------------------------------------------- saying what happens


def _items(subject: Subject) -> Iterable[Item]:
    sent = int(
        store.value(
            "SELECT count(*) FROM outbox WHERE recipient IN (SELECT value FROM json_each(?)) OR related = ?",
            [store.json_list(_addresses(subject)), subject.path],
        )
    )
    if sent:
        yield Item("erased", L("Text and address of messages sent or waiting; what waits is not sent"), sent)
    told = int(store.value("SELECT count(*) FROM notice WHERE link = ?", [f"/{subject.path}"]))
    if told:
        yield Item("erased", L("Notices under the bell"), told)
    yield Item("redacted", L("Mentions in the audit log, in notes of changes, in saved lists and long works"))


# ---------------------------------------------------------------- erasing


def _erase(subject: Subject) -> None:
    outbox.erase(related=subject.path)
    for address in _addresses(subject):
        outbox.erase(address=address)
    notices.erase(f"/{subject.path}")
    _answers(subject)
    ids = store.json_list(subject.ids)
    for number, detail in store.rows(
        "SELECT id, detail FROM audit WHERE record_type = ? AND record IN (SELECT value FROM json_each(?)) AND detail IS NOT NULL",
        [subject.kind.card.key, ids],
    ):
        kept = json.dumps(subject.words.out_of_all(json.loads(detail)), ensure_ascii=False)
        store.run("UPDATE audit SET detail = ? WHERE id = ?", [kept, number])


def _answers(subject: Subject) -> None:
    """The API's answers that are kept for a day, to be given again to the same key."""
    gone = [rowid for rowid, body in store.rows(f"SELECT rowid, body FROM {ANSWERS}") if _speaks(subject, body)]
    store.run_many(f"DELETE FROM {ANSWERS} WHERE rowid = ?", [(rowid,) for rowid in gone])


def _speaks(subject: Subject, body: bytes) -> bool:
    try:
        held = json.loads(body)
    except ValueError:
        return True
    mine = isinstance(held, Mapping) and held.get("id") in subject.ids
    return mine or subject.words.found_in(json.dumps(held, ensure_ascii=False))


personal.add(
    Provider(
        "own",
        tables=lambda actor, subject: [*_messages(actor, subject), *_log(actor, subject)],
        items=_items,
        erase=_erase,
    )
)
