"""Which of these records are about people, and what happens to their relations when one of them is erased."""

from __future__ import annotations

from collections.abc import Iterable

from smallcrm import store
from smallcrm.areas.customers.records import Relation
from smallcrm.areas.customers.rules.relations import touching
from smallcrm.base.i18n import L
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import change, changesets, personal
from smallcrm.records.personal import Item, Provider, Subject

personal.subject("contact")
personal.subject("customer", lambda held: held.get("kind") == "person")


def _relations(subject: Subject) -> list[int]:
    return [row[0] for row in touching([(subject.kind.card.key, number) for number in subject.ids])]


def _items(subject: Subject) -> Iterable[Item]:
    n = len(_relations(subject))
    if n:
        yield Item("erased", L("Relations to others"), n)


def _erase(subject: Subject) -> None:
    mine = changesets.current()
    actor = mine.actor if mine else SYSTEM
    with store.writing():
        change.bin_with_children(actor, Relation, _relations(subject))


personal.add(Provider("relations", items=_items, erase=_erase, takes=("relation",)))
