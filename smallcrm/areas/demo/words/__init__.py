"""The words a demo company is made of, one table a language. Text with ``{slots}`` is filled by ``telling``."""

from __future__ import annotations

import importlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

LANGUAGES = ("en", "zh", "el")
Texts = Sequence[tuple[str, str]]  # (subject, what was said)


@dataclass(frozen=True)
class Place:
    """A town: its region, how its postcodes begin, its dialling code, how many customers it has beside the others."""

    city: str
    region: str
    postcode: str
    dial: str
    weight: int = 1


@dataclass(frozen=True)
class Firm:
    """A company's name, what its web address is made of, and its trade."""

    name: str
    slug: str
    industry: str
    short: str = ""
    city: str = ""  # where its name says it is


@dataclass(frozen=True)
class Person:
    """A person's name, the part before the @, and how one writes to them."""

    name: str
    slug: str
    salutation: str = ""
    surname: str = ""


@dataclass(frozen=True)
class Words:
    """One language's table."""

    language: str
    company: str
    country: str  # the two letters
    country_name: str
    currency: str
    timezone: str
    address: str
    staff: Mapping[str, tuple[str, str]]  # part → (name, job title)
    teams: Sequence[str]  # sales as a whole, then the teams of three
    pools: Sequence[str]
    places: Sequence[Place]
    firm: Callable[[random.Random], Firm]
    person: Callable[[random.Random], Person]
    street: Callable[[random.Random], str]
    postcode: Callable[[random.Random, Place], str]
    phone: Callable[[random.Random, Place], str]
    mobile: Callable[[random.Random], str]
    tax_number: Callable[[random.Random], str]
    tax_offices: Sequence[str]
    banks: Sequence[str]
    invoice_kind: str
    jobs: Sequence[tuple[str, str]]  # (job title, part played)
    sources: Sequence[str]
    statuses: Sequence[str]  # new, active, growing, fading, lost
    tags: Sequence[str]
    products: Sequence[str]
    colleagues: Sequence[str]  # whom one speaks of
    calls: Texts
    visits: Texts
    meetings: Texts
    messages: Texts
    emails: Texts
    notes: Texts
    tasks: Texts
    plans: Mapping[str, Sequence[str]]  # kind → subjects of what is to come
    late: Sequence[tuple[str, str]]  # (kind, subject) of what should have been done
    outcomes: Sequence[str]
    remarks: Sequence[str]  # a customer's notes
    reasons: Sequence[str]  # why somebody returns a customer
    consent_how: Sequence[str]
    duplicate: Callable[[str], str]  # the same firm as somebody else typed it
    views: Mapping[str, str]
    custom: Mapping[str, Sequence[str]]
    papers: Mapping[str, str]  # file names and sentences of papers
    import_file: str
    sample_tag: str


def words(language: str) -> Words:
    """The table of a language."""
    found = importlib.import_module(f"{__name__}.{language}").WORDS
    assert isinstance(found, Words)
    return found


def lines(text: str) -> tuple[str, ...]:
    """The lines of a block that are not empty."""
    return tuple(line.strip() for line in text.strip().splitlines() if line.strip())


def pairs(text: str) -> tuple[tuple[str, str], ...]:
    """Lines of ``one | other``."""
    found = []
    for line in lines(text):
        first, _, second = line.partition("|")
        found.append((first.strip(), second.strip()))
    return tuple(found)


def places(text: str) -> tuple[Place, ...]:
    """Lines of ``city | region | postcode | dialling code | weight``."""
    split = [[part.strip() for part in line.split("|")] for line in lines(text)]
    return tuple(Place(city, region, postcode, dial, int(weight)) for city, region, postcode, dial, weight in split)
