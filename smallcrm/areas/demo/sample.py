"""Sample data for a company that was set up a moment ago: a handful of customers, marked by a tag, taken away by one undo."""

from __future__ import annotations

import random

from smallcrm import store
from smallcrm.areas.demo import agenda, customers, histories
from smallcrm.areas.demo.chronicle import Chronicle
from smallcrm.areas.demo.company import Company
from smallcrm.areas.demo.customers import Crowd
from smallcrm.areas.demo.days import Days
from smallcrm.areas.demo.words import LANGUAGES, words
from smallcrm.base.i18n import speaking
from smallcrm.identity.actor import actor_of
from smallcrm.records import cache, changesets, rows
from smallcrm.records.record import by_key

COUNT = 24
MOODS = {"new": 3, "steady": 10, "growing": 7, "fading": 4}


def fill(*, owner: int, language: str, preset: str) -> int:
    """Bring the sample in as ``owner``; the change-set that undoes it all."""
    table = words(language if language in LANGUAGES else "en")
    cache.current()
    actor = actor_of(owner)
    assert actor is not None, "the owner was made just now"
    parts = ("owner", "manager", "service", "marketing")
    here = Company(table, dict.fromkeys(parts, owner), {owner: actor.name}, sellers=[owner], managers=[owner])
    days, rng = Days.from_now(), random.Random(f"sample/{language}/{preset}")
    crowd = Crowd(here, days, persons=1.0 if preset == "education" else 0.05, moods=MOODS, tag=table.sample_tag)
    with speaking(language), changesets.opened(actor, "sample", table.sample_tag) as mine, store.writing():
        changesets.begin(mine)  # as of now, however old what it brings in is
        crowd.customer, crowd.contact = (rows.next_ids(by_key(key), 1).start - 1 for key in ("customer", "contact"))
        chronicle = Chronicle(days.start, 30, here.people())
        planned = crowd.block(rng, COUNT)
        for each in planned:
            each.imported = False
            customers.tell(each, here, rng, chronicle, days, mended=False)
            histories.tell(each, here, rng, chronicle, days)
        agenda.tell(planned, here, rng, chronicle, days, first=True)
        chronicle.write(chronicle.take())
    return mine.id
