"""The customers and their people: who they are, whose they are, how they have been doing."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from smallcrm.areas.customers.records import Contact, Customer, Relation
from smallcrm.areas.demo import points
from smallcrm.areas.demo.chronicle import CHANGE, Chronicle
from smallcrm.areas.demo.company import Company
from smallcrm.areas.demo.days import YEARS, Days
from smallcrm.areas.demo.words import Firm, Person, Place, Words
from smallcrm.base import clock

GRADES = ("A", "B", "C")
MOODS = {"new": 7, "steady": 44, "growing": 18, "fading": 9, "pooled": 16, "lost": 6}
MOOD_STATUS = {"new": 0, "steady": 1, "growing": 2, "fading": 3, "pooled": 3, "lost": 4}
TURNOVER = {"A": (90_000, 900_000), "B": (18_000, 90_000), "C": (900, 18_000)}
SCALE = {"GBP": 1, "EUR": 1, "CNY": 9}
CONTACTS = {"A": (2, 3, 4), "B": (1, 2, 2, 3), "C": (1, 1, 1, 1, 2)}


@dataclass(slots=True)
class Planned:
    """A customer to be: ``seller`` is the one who has it now, or had it last; ``last``: days since the last follow-up."""

    id: int
    made: dt.datetime
    maker: int
    seller: int
    grade: str
    mood: str
    last: int
    person: bool
    name: str
    place: Place
    values: dict[str, Any]
    contacts: list[tuple[int, Person, dt.datetime]] = field(default_factory=list)  # (id, who, since when known)
    imported: bool = False
    busy: bool = False  # has been given something to do already
    first: int = 0  # who had it before ``seller``, until ``taken``
    taken: dt.datetime | None = None

    def whose(self, at: dt.datetime) -> int:
        """Whose it was then."""
        return self.first if self.first and self.taken and at < self.taken else self.seller


class Crowd:
    """Plans customers block by block, ids ascending; remembers names, so that no two firms are called the same.

    ``persons``: the share of those who are no firm; ``moods``: how they may be doing; ``tag``: what all of them carry.
    """

    def __init__(
        self, company: Company, days: Days, *, persons: float = 0.05, moods: Mapping[str, int] = MOODS, tag: str = ""
    ) -> None:
        self.company, self.days = company, days
        self.persons, self.moods, self.tag = persons, moods, tag
        self.names: set[str] = set()
        self.customer = self.contact = 0

    def block(self, rng: random.Random, count: int) -> list[Planned]:
        """The next ``count`` customers, oldest first."""
        planned = sorted((self._one(rng) for _ in range(count)), key=lambda each: each.made)
        for each in planned:
            self.customer += 1
            each.id = self.customer
            for _ in range(0 if each.person else rng.choice(CONTACTS[each.grade])):
                self.contact += 1
                known = (
                    each.made
                    if each.imported or not each.contacts
                    else each.made + dt.timedelta(days=rng.randint(0, 90))
                )
                each.contacts.append((self.contact, self.company.words.person(rng), min(known, self.days.now)))
        self._families(rng, planned)
        return planned

    def _one(self, rng: random.Random) -> Planned:
        words, company = self.company.words, self.company
        grade = rng.choices(GRADES, (8, 27, 65))[0]
        mood = rng.choices(list(self.moods), list(self.moods.values()))[0]
        seller = self._seller(rng, grade)
        limit = company.limit(seller, grade)
        person = rng.random() < self.persons
        firm = self._firm(rng, person)
        place = next((each for each in words.places if each.city == firm.city), None) or _somewhere(rng, words)
        age = _age(rng, mood, limit)
        imported = mood != "new" and rng.random() < 0.35
        made = self.days.start + dt.timedelta(hours=4) if imported else self.days.ago(rng, age)
        values = _values(rng, words, firm, place, grade, mood, person, self.days)
        if self.tag:
            values["tags"] = [*values["tags"], self.tag]
        maker = company.users["manager"] if imported else seller
        last = _last(rng, mood, limit, age)
        return Planned(0, made, maker, seller, grade, mood, last, person, firm.name, place, values, imported=imported)

    def _seller(self, rng: random.Random, grade: str) -> int:
        company, dice = self.company, rng.random()
        if dice < {"A": 0.4, "B": 0.09, "C": 0.0}[grade]:
            return rng.choice((*company.managers, *company.managers, company.owner))
        if dice < 0.02:
            return company.users["service"]
        if dice < 0.03:
            return company.users["marketing"]
        return rng.choices(company.sellers, [1.5 - (each % 3) / 4 for each in range(len(company.sellers))])[0]

    def _firm(self, rng: random.Random, person: bool) -> Firm:
        words = self.company.words
        for _ in range(60):
            if person:
                who = words.person(rng)
                firm = Firm(who.name, who.slug, "")
                break
            firm = words.firm(rng)
            if firm.name not in self.names:
                break
        self.names.add(firm.name)
        return firm

    def _families(self, rng: random.Random, planned: list[Planned]) -> None:
        """Some belong to a larger one that was there before."""
        heads = [each for each in planned if each.grade == "A" and not each.person and each.mood != "lost"]
        for each in planned:
            elder = [head for head in heads if (each.made - head.made).days > 35][
                :20
            ]  # written before, whatever the span
            if elder and not each.person and each.grade != "A" and rng.random() < 0.12:
                head = rng.choice(elder)
                each.values["parent"] = head.id
                each.seller = each.maker = head.seller


def _age(rng: random.Random, mood: str, limit: int) -> int:
    """Days since the customer was made."""
    if mood == "new":
        return rng.randint(0, 28)
    least = limit + 40 if mood in ("pooled", "lost") else 45
    return rng.randint(least, YEARS - 2) if rng.random() < 0.5 else rng.randint(least, least + 320)


def _last(rng: random.Random, mood: str, limit: int, age: int) -> int:
    """Days since somebody last called: what the pool's rules look at."""
    if mood == "fading":
        return limit - rng.randint(0, 14)
    if mood in ("pooled", "lost"):
        return min(age - 5, limit + rng.randint(2, 60))
    usual = {"new": age, "growing": limit // 4}.get(mood, limit // 2)
    return min(age, int(rng.triangular(0, max(1, usual), 1)))


def _somewhere(rng: random.Random, words: Words) -> Place:
    return rng.choices(words.places, [each.weight for each in words.places])[0]


def _values(
    rng: random.Random, words: Words, firm: Firm, place: Place, grade: str, mood: str, person: bool, days: Days
) -> dict[str, Any]:  # fmt: skip
    least, most = TURNOVER[grade]
    turnover = round(rng.triangular(least, most, least) * SCALE.get(words.currency, 1), -2)
    domain = f"{slug(firm.slug)}.example"
    values: dict[str, Any] = {
        "name": firm.name, "kind": "person" if person else "company", "grade": grade, "industry": firm.industry or None,
        "roles": _roles(rng), "source": rng.choice(words.sources), "status": words.statuses[MOOD_STATUS[mood]],
        "country": words.country_name, "region": place.region, "city": place.city, "address": words.street(rng),
        "postcode": words.postcode(rng, place), **points.of(place.city, firm.name), "currency": words.currency, "annual_revenue": f"{turnover:.2f}",
        "language": words.language, "phone": words.mobile(rng) if person else words.phone(rng, place),
        "email": f"{slug(firm.slug)}@mail.example" if person else f"info@{domain}",
        "website": None if person or rng.random() < 0.3 else f"www.{domain}",
        "tags": sorted(set(rng.choices([*words.tags[:4], *words.tags[5:]], k=rng.randint(1, 3)))) if rng.random() < 0.45 else [],
        "notes": rng.choice(words.remarks) if rng.random() < 0.4 else None,
    }  # fmt: skip
    if grade == "A" and rng.random() < 0.08:
        values["tags"] = [*values["tags"], words.tags[4]]
    if person:
        values["birthday"] = dt.date(rng.randint(1955, 2002), rng.randint(1, 12), rng.randint(1, 28)).isoformat()
        return values
    values |= {"short_name": firm.short or None, "employees": max(1, int(rng.triangular(1, least // 120 + 8, 4)))}
    if rng.random() < (0.8 if grade != "C" else 0.45):
        values["tax_number"] = words.tax_number(rng)
        values["invoice_data"] = [_invoice(rng, words, firm, values)]
    if grade != "C" and rng.random() < 0.25:
        values["addresses"] = [
            {"label": rng.choice(words.custom["delivery"]), "address": words.street(rng), "city": place.city}
        ]
    if rng.random() < 0.5:
        values["consents"] = _consents(rng, words, days)
    return values


def _roles(rng: random.Random) -> list[str]:
    dice = rng.random()
    return (
        ["supplier"]
        if dice < 0.03
        else ["partner"]
        if dice < 0.05
        else ["customer", "supplier"]
        if dice < 0.08
        else ["customer"]
    )


def _invoice(rng: random.Random, words: Words, firm: Firm, values: dict[str, Any]) -> dict[str, Any]:
    found = {
        "title": firm.name,
        "tax_number": values["tax_number"],
        "address": values["address"],
        "email": f"invoices@{slug(firm.slug)}.example",
    }
    if words.invoice_kind:
        found |= {"kind": words.invoice_kind, "phone": values["phone"], "activity": firm.industry}
    if words.banks:
        found |= {"bank": rng.choice(words.banks), "account": f"{rng.randint(10**15, 10**16 - 1)}"}
    if words.tax_offices:
        found["tax_office"] = rng.choice(words.tax_offices)
    return found


def _consents(rng: random.Random, words: Words, days: Days) -> list[dict[str, Any]]:
    found = []
    for purpose, channel in rng.sample(
        (("service", "email"), ("newsletter", "email"), ("marketing", "phone")), rng.randint(1, 2)
    ):
        on = (days.today - dt.timedelta(days=rng.randint(10, 700))).isoformat()
        state = "withdrawn" if rng.random() < 0.12 else "given"
        found.append(
            {"purpose": purpose, "channel": channel, "state": state, "on": on, "how": rng.choice(words.consent_how)}
        )
    return found


def slug(text: str) -> str:
    """A name as part of an address: plain letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9.]+", "-", text.casefold()).strip("-.") or "post"


# ---------------------------------------------------------------- as records


def tell(
    planned: Planned, company: Company, rng: random.Random, chronicle: Chronicle, days: Days, *, mended: bool = True
) -> None:  # fmt: skip
    """The customer and its contacts are written down, and ``mended`` later: one undo takes back what was only made."""
    words = company.words
    values = dict(planned.values)
    earlier: dict[str, Any] = {}
    if not mended:
        pass
    elif planned.mood == "growing" and planned.grade != "C":
        earlier = {"grade": "C" if planned.grade == "B" else "B", "status": words.statuses[1]}
    elif rng.random() < 0.12:
        earlier = {"phone": words.phone(rng, planned.place)}
    elif rng.random() < 0.08:
        earlier = {"address": words.street(rng)}
    values |= _fields(rng, company)
    values |= {"owner": planned.first or planned.seller, "id": planned.id, "since": planned.made.date().isoformat()}
    values |= {"owned_since": _iso(planned.made)} | earlier
    note = words.import_file if planned.imported else ""
    chronicle.made(
        planned.made, planned.maker, Customer, values, why="import" if planned.imported else "form", note=note
    )
    age = (days.now - planned.made).days
    if earlier and age > 8:
        at = days.ago(rng, rng.randint(2, max(2, age - 3)) if planned.mood != "pooled" else age - 4)
        chronicle.done(
            at, planned.whose(at), Customer, planned.id, CHANGE, {name: planned.values[name] for name in earlier}
        )
    for place, (number, person, known) in enumerate(planned.contacts):
        _contact(planned, number, person, rng, words, chronicle, known, place, note)


def _fields(rng: random.Random, company: Company) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if company.fields and rng.random() < 0.55:
        found[company.fields["terms"]] = f"o{rng.choices((1, 2, 3, 4), (3, 6, 2, 1))[0]}"
        found[company.fields["ramp"]] = rng.random() < 0.6
        if rng.random() < 0.5:
            found[company.fields["delivery"]] = sorted(rng.sample(("o1", "o2", "o3"), rng.randint(1, 2)))
    return found


def _contact(
    planned: Planned, number: int, person: Person, rng: random.Random, words: Words, chronicle: Chronicle, at: dt.datetime,
    place: int, note: str,
) -> None:  # fmt: skip
    title, role = rng.choice(words.jobs)
    domain = planned.values["email"].partition("@")[2]
    values: dict[str, Any] = {
        "id": number, "name": person.name, "customer": planned.id, "title": title, "role": role, "mobile": words.mobile(rng),
        "email": f"{slug(person.slug)}@{domain}", "language": words.language, "salutation": person.salutation,
        "owner": planned.whose(at),
    }  # fmt: skip
    if rng.random() < 0.3:
        values["phone"] = f"{planned.values['phone']}"
    if words.language == "zh":
        values |= {
            "wechat": f"{slug(person.slug)}{rng.randint(10, 99)}",
            "preferred_channel": rng.choice(("wechat", "phone")),
        }
    elif rng.random() < 0.4:
        values["preferred_channel"] = rng.choice(("email", "phone"))
    if rng.random() < 0.15:
        values["birthday"] = dt.date(rng.randint(1960, 2000), rng.randint(1, 12), rng.randint(1, 28)).isoformat()
    if not place:
        values["is_main"] = True
    imported = planned.imported
    chronicle.made(at, planned.maker, Contact, values, why="import" if imported else "form", note=note)


def relate(planned: list[Planned], rng: random.Random, chronicle: Chronicle, days: Days) -> None:
    """Who reports to whom, and which firms know each other."""
    there = [each for each in planned if each.mood != "lost"]
    for each in there:
        people = [number for number, _, _ in each.contacts]
        at = min(each.made + dt.timedelta(days=95), days.now)
        if len(people) > 1 and rng.random() < 0.5:
            for other in people[1:3]:
                kind = rng.choices(("reports_to", "influences", "assistant_of", "conflict"), (5, 3, 2, 1))[0]
                ends = {"source": {"type": "contacts", "id": other}, "target": {"type": "contacts", "id": people[0]}}
                chronicle.made(at, each.seller, Relation, {**ends, "kind": kind, "owner": each.seller})
        if rng.random() < 0.07:
            friend = rng.choice(there)
            if friend.id != each.id:
                ends = {
                    "source": {"type": "customers", "id": each.id},
                    "target": {"type": "customers", "id": friend.id},
                }
                kind = rng.choices(("referred", "supplier_of", "partner_of"), (5, 3, 2))[0]
                later = max(at, min(friend.made + dt.timedelta(days=40), days.now))
                chronicle.made(later, each.seller, Relation, {**ends, "kind": kind, "owner": each.seller})


def _iso(moment: dt.datetime) -> str:
    return clock.iso(moment)
