"""When two students are likely one: the same name and date of birth, or a guardian with the same telephone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smallcrm.areas.admissions import settings
from smallcrm.areas.admissions.rules import family
from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.base.text import fold
from smallcrm.identity.actor import Actor
from smallcrm.records import duplicates
from smallcrm.records.clean import clean
from smallcrm.records.duplicates import Match

Likely = tuple[int, str, tuple[str, ...]]  # id, name, the kinds of key that agree


@duplicates.also("customer", "name", "birthday")
def born(values: Mapping[str, Any]) -> set[tuple[str, str]]:
    """A person's name, its words in any order, with the day they were born."""
    name, day = values.get("name"), values.get("birthday")
    if not (name and day and settings.on()):
        return set()
    return {("born", f"{' '.join(sorted(fold(str(name)).split()))} {day}")}


def students(actor: Actor, *, name: str, birthday: str | None, mobile: str | None) -> list[Likely]:
    """(id, name, kinds of key) of students within reach that are likely the one meant, the likeliest first."""
    found: dict[int, tuple[str, tuple[str, ...]]] = {}
    for match in duplicates.find(
        actor, Customer, {"name": name, "birthday": birthday, "kind": "person"}, types=["customer"]
    ):
        found[match.id] = (match.title, match.by)
    for match in guardians(actor, mobile):
        for number, called in family.in_care_of(actor, match.id).items():
            title, by = found.get(number, (called, ()))
            found[number] = (title, ("guardian", *by))
    return [(number, title, by) for number, (title, by) in sorted(found.items(), key=lambda each: -len(each[1][1]))]


def guardians(actor: Actor, mobile: str | None) -> list[Match]:
    """The contacts within reach who have this telephone."""
    columns, errors = clean(actor, Contact, {"mobile": mobile}, trusted=True) if mobile else ({}, {})
    return duplicates.find(actor, Contact, columns, types=["contact"]) if columns.get("mobile") and not errors else []
