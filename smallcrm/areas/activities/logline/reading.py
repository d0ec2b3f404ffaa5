"""``parse``: the passes in their order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from smallcrm.areas.activities.logline import clauses, dates, people, quantities, tense
from smallcrm.areas.activities.logline.acts import acts_of
from smallcrm.areas.activities.logline.clauses import BITS, DONE, FACT, PLAN, Clause
from smallcrm.areas.activities.logline.clock_times import TIMES
from smallcrm.areas.activities.logline.days import Working, weekdays
from smallcrm.areas.activities.logline.lexicon import lexicon, reduce
from smallcrm.areas.activities.logline.marking import rest_of, spans_of
from smallcrm.areas.activities.logline.plans import plans_of
from smallcrm.areas.activities.logline.tokens import Item, Token, split
from smallcrm.areas.activities.logline.understood import Person, Understood
from smallcrm.areas.activities.logline.when import Moment, mentioned

READ = 500  # characters; what comes later in a pasted text stays in the note unread
Names = tuple[people.Index, people.Index]


def parse(
    text: str,
    *,
    language: str,
    contacts: Sequence[Person],
    colleagues: Sequence[Person],
    now: dt.datetime,
    zone: dt.tzinfo,
    working: Working = weekdays,
) -> Understood:
    """What ``text`` says. ``now`` is aware; ``zone`` draws the days; ``working`` knows the business's days off.

    ``contacts`` come most recently touched first. ``language`` breaks ties (5/3 alone) and words a nameless plan.
    """
    here = Moment(now.astimezone(zone), zone, working)
    names = people.index(contacts), people.index(colleagues)
    found = clauses_of(text[:READ], language, names, here)
    acts = acts_of(found, text, here)
    return Understood(
        text=text,
        done=acts[0] if acts else None,
        also=tuple(acts[1:]),
        planned=tuple(plans_of(found, text, here, acts, language)),
        spans=tuple(spans_of(found)),
        rest=_settled(rest_of(text[:READ], found), language, names, here) + text[READ:],
        topics=tuple(dict.fromkeys(str(i.tags["topic"]) for c in found for i in c.items if "topic" in i.tags)),
        mentioned=tuple(mentioned(found, here)),
        now=now,
        zone=zone,
        contact_names={p.id: p.name for p in contacts},
        colleague_names={p.id: p.name for p in colleagues},
    )


def _settled(rest: str, language: str, names: Names, here: Moment) -> str:
    """``rest`` without pieces that would be understood if they stood alone: reading it again finds nothing new."""
    while rest:
        again = rest_of(rest, clauses_of(rest, language, names, here))
        if again == rest:
            break
        rest = again if len(again) < len(rest) else ""
    return rest


def clauses_of(text: str, language: str, names: Names, here: Moment) -> list[Clause]:
    """The clauses of ``text``, each with its role."""
    items = _items(split(text), names)
    for rules in (
        quantities.NUMBERS,
        quantities.QUANTITIES,
        tense.PERSON_VERBS,
        quantities.DURATIONS,
        dates.HAN_DATES if _month_first(items, language) else [],
        dates.DATES,
        dates.LEADS,
        TIMES,
    ):
        items = reduce(items, rules)
    found = clauses.split(items)
    for clause in found:
        clause.role = tense.classify(clause, here.now)
        if clause is not found[0] and clause.role == DONE and tense.left_to_colleague(clause):
            clause.role = PLAN
    return _joined(found)


def _month_first(items: Sequence[Item], language: str) -> bool:
    """Whether 3/5 is the 5th of March: in Chinese text, and in text that shows no language to a Chinese reader."""
    return any(item.han for item in items) or (language == "zh" and not any(item.greek for item in items))


def _items(tokens: list[Token], names: Names) -> list[Item]:
    """Items, with everybody who is named as one item each."""
    words = lexicon()
    items: list[Item] = []
    at = 0
    for hit in people.find(tokens, *names):
        items.extend(words.read(tokens[at : hit.start]))
        part = tokens[hit.start : hit.end]
        text = "".join(token.text for token in part)
        items.append(words.item(part[0].start, part[-1].end, text, {"person": hit}, gap=part[0].gap))
        at = hit.end
    return [*items, *words.read(tokens[at:])]


# ---------------------------------------------------------------- bits of clauses


def _joined(found: list[Clause]) -> list[Clause]:
    """Clauses with their bits: "met Anna, Bob and Chris", "called Bob, 5 min", "Tuesday, send price"."""
    joined: list[Clause] = []
    for clause in found:
        last = joined[-1] if joined else None
        if last is not None and clause.role == BITS and last.role in (DONE, PLAN, BITS) and _takes(last, clause):
            last.items.extend(clause.items)
        elif last is not None and last.role == BITS and not last.stopped and _leads(last, clause):
            last.led = len(last.items)
            last.items.extend(clause.items)
            last.head, last.role, last.told, last.stopped = clause.head, clause.role, clause.told, clause.stopped
        else:
            joined.append(clause)
    for clause in joined:
        if clause.role == BITS:  # 20 min with Anna
            clause.role = DONE if clause.has("duration") and clause.has("person") else FACT
    return joined


def _takes(clause: Clause, bits: Clause) -> bool:
    """Whether a neighbour lacks what the bits say."""
    if clause.role != PLAN and any(part.has("future") for item in bits.items for part in item.parts):  # "…, due 30 Nov"
        return False
    if bits.has("date", "time"):
        return not clause.has("date") if bits.has("date") else not clause.has("time")
    return not bits.has("duration") or not clause.has("duration")


def _leads(bits: Clause, clause: Clause) -> bool:
    """Whether bits belong to what follows: a day or a person to anything, a length to what is done."""
    return clause.role in (DONE, BITS) or (clause.role == PLAN and not bits.has("duration") and _takes(clause, bits))
