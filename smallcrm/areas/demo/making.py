"""Making the whole company: settings and people, then block by block the customers and what happened with them."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from smallcrm import store
from smallcrm.areas.activities.records import Activity
from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.areas.demo import (
    agenda,
    company,
    customers,
    deals,
    extras,
    histories,
    leads,
    looking,
    outside,
    papers,
    reports,
    stories,
)
from smallcrm.areas.demo.ahead import ahead
from smallcrm.areas.demo.chronicle import Act, Chronicle
from smallcrm.areas.demo.company import Company
from smallcrm.areas.demo.customers import Crowd
from smallcrm.areas.demo.days import Days
from smallcrm.areas.demo.words import words
from smallcrm.base import clock
from smallcrm.records import cache, indexes, later, search

BLOCK = 5000
Progress = Callable[[int, int], None]  # (customers made, customers wanted)


def make(*, count: int, seed: int, language: str, progress: Progress) -> dict[str, int]:
    """Fill an empty data folder whose schema stands; records written by type. The same ``seed`` and now: the same company."""
    table = words(language)
    password_hash = company.password_hash()
    company.settle(table)
    days = Days.from_now()
    with clock.at(days.now):
        with clock.at(company.founded_at(days.start)):
            here = company.found(table, _dice(seed, language, "company"), count, password_hash)
        cache.forget()
        span = 1 if count <= 2000 else 7 if count <= 20_000 else 30
        by = here.users["manager"] if span == 30 else 0
        chronicle = Chronicle(days.start, span, here.people(), by)
        with _no_sweeping(), store.loading(), indexes.made_at_the_end(Customer, Contact, Activity):
            made = 0
            for acts in ahead(_blocks(here, count, seed, language, days, chronicle)):
                with later.gathering():
                    chronicle.write(acts)
                if made == 0 and count > BLOCK:
                    indexes.analyze()  # what follows is planned by the sizes of tables, not by guesses
                made = min(made + BLOCK, count)
                progress(made, count)
        made_deals = deals.tell(here, _dice(seed, language, "deals"), days, count)
        outside.tell(_dice(seed, language, "outside"), days)
        reports.tell(here, _dice(seed, language, "reports"), days)
        extras.tell(here, _dice(seed, language, "extras"), days)
        made_leads = leads.tell(here, _dice(seed, language, "leads"), days, count)
        looking.tell(here, _dice(seed, language, "looking"), days)
    search.optimize()
    indexes.analyze()
    return {
        "users": len(here.users),
        "teams": len(here.teams),
        "pools": len(here.pools) + 1,
        "leads": made_leads,
        "opportunities": made_deals,
        **chronicle.written,
    }


@contextmanager
def _no_sweeping() -> Iterator[None]:
    """A million drafts come and go without a cycle among them: looking for cycles takes a sixth of the time."""
    swept = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if swept:
            gc.enable()


def _dice(seed: int, language: str, what: str) -> random.Random:
    return random.Random(f"{seed}/{language}/{what}")


def _blocks(
    here: Company, count: int, seed: int, language: str, days: Days, chronicle: Chronicle
) -> Iterator[list[Act]]:
    """What happened to the customers, a block of them at a time. Only the first one writes files, and looks up settings that
    all need; the others have no database."""
    crowd = Crowd(here, days)
    for made in range(0, count, BLOCK):
        rng = _dice(seed, language, str(made))
        planned = crowd.block(rng, min(BLOCK, count - made))
        for each in planned:
            stories.tell(each, here, rng, chronicle, days)
            customers.tell(each, here, rng, chronicle, days)
            histories.tell(each, here, rng, chronicle, days)
        customers.relate(planned, rng, chronicle, days)
        agenda.tell(planned, here, rng, chronicle, days, first=not made)
        papers.tell(planned, here, rng, chronicle, days)
        yield chronicle.take()
