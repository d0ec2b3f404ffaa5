"""A lead is about a person: what is kept of them beside the record, and what an erasure takes."""

from __future__ import annotations

from collections.abc import Iterable

from smallcrm import store
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import personal, redacting
from smallcrm.records.personal import Item, Provider, Subject, Table

personal.subject("lead")
redacting.free_text("lead_mail", "sender", "subject", "body")


def _mails(subject: Subject) -> list[tuple[int, str, str, str, str]]:
    """(id, at, sender, subject, body) of the mails that became this lead, or came from an address of this person."""
    addresses = [code.casefold() for code in subject.words.codes if "@" in code]
    leads = subject.ids if subject.kind.card.key == "lead" else ()
    sql = (
        "SELECT id, at, sender, subject, body FROM lead_mail WHERE lead IN (SELECT value FROM json_each(?))"
        " OR lower(sender) IN (SELECT value FROM json_each(?)) ORDER BY id"
    )
    return store.rows(sql, [store.json_list(leads), store.json_list(addresses)])


def _tables(_actor: Actor, subject: Subject) -> Iterable[Table]:
    found = _mails(subject)
    if found:
        heads = (L("When"), L("From"), L("Subject"), L("Text"))
        data = [{"at": at, "from": sender, "subject": about, "text": body} for _, at, sender, about, body in found]
        yield Table("lead_mails", L("Mails that came in"), heads, [tuple(each.values()) for each in data], data)


def _items(subject: Subject) -> Iterable[Item]:
    n = len(_mails(subject))
    if n:
        yield Item("erased", L("Mails that came in"), n)


def _erase(subject: Subject) -> None:
    with store.writing():
        wanted = store.json_list(number for number, *_ in _mails(subject))
        sql = (
            "UPDATE lead_mail SET sender = '', subject = '', body = '', state = CASE state WHEN 'unread' THEN 'dismissed' ELSE state END"
            " WHERE id IN (SELECT value FROM json_each(?))"
        )
        store.run(sql, [wanted])


personal.add(Provider("lead mails", tables=_tables, items=_items, erase=_erase))
