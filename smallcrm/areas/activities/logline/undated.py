"""Clauses that name no day: imperatives are plans, nouns and Chinese verbs are what just happened, all else is told."""

from __future__ import annotations

from smallcrm.areas.activities.logline.clauses import DONE, FACT, PLAN, Clause

_START = "^(?:then|conj|please|me|past|filler|open|quote)*"
_LEADING = "(?:person|prep|art|title|from|mine|conj|other|in_person|duration|todo|filler|colon)*"
_OPENING = f"{_START} word?word? {_LEADING} (?:verb|noun)"  # Quick call with, στην Άννα mail
# What may follow "call" or "visit" as a noun, and as a verb.
_OF_NOUN = (
    "prep",
    "from",
    "duration",
    "person",
    "topical",
    "in_person",
    "for",
    "noun",
    "about",
    "did",
    "filler",
    "colon",
)
_OF_VERB = ("person", "other", "again", "topic", "art", "to", "mine", "goods")


def nounish(clause: Clause, place: int) -> bool:
    """Whether "call", "visit" or "email" is the noun here: a call with Bob, call about the order; not "call Bob"."""
    item = clause.items[place]
    if not item.has("noun") or not item.has("verb"):
        return item.has("noun")
    following = clause.items[place + 1 : place + 3]
    if not following:
        return not clause.before(place, "to", "future", "again", "todo", "neg", "please")
    if following[0].has("prep", "from", "duration", "topical", "noun", "for") and following[0].text != "to":
        return True
    if following[0].has("date", "time"):
        return len(following) > 1 and following[1].has("prep", "duration", "from")
    return not following[0].has(*_OF_VERB, "todo")


def without_day(clause: Clause) -> str:
    """The role of a clause in which nothing says when."""
    place = clause.at("verb", "noun")
    if place >= 0:
        if clause.before(place, "fact", "neg", "if") or clause.find("noun colon? (?:phone|num|amount|code)"):
            return FACT
        return _han(clause, place) if clause.items[place].han else _lettered(clause, place)
    if clause.find("again any* todo"):
        told = clause.has("neg", "if") or clause.find("^person colon") or clause.before(clause.at("again"), "fact")
        return FACT if told else PLAN
    work = clause.first("todo")
    if work is None or work.han or work.tags["todo"] == "noun":
        return FACT
    return PLAN if clause.find(f"{_START} todo any") else FACT


def _han(clause: Clause, place: int) -> str:
    """拜访王总 and 电话沟通 are records, 再联系 is not; 电话 must open the clause and lead to a person or talk."""
    item = clause.items[place]
    subject = clause.at("other")
    theirs = 0 <= subject < place and not clause.before(subject, "prep", within=1)
    if clause.has("again", "future") or theirs:
        return PLAN if clause.has("again") and item.has("verb") else FACT
    if item.has("verb"):
        return DONE
    tail = clause.items[place + 1 : place + 3]
    spoken = not tail or any(i.has("person", "verb", "did", "duration", "fact", "outcome", "filler") for i in tail)
    return DONE if spoken and clause.find(_OPENING) else FACT


def _lettered(clause: Clause, place: int) -> str:
    """Call Bob, να καλέσω: planned. Call with Bob, τηλ με Νίκο: done. Phone broken: told."""
    item = clause.items[place]
    if clause.has("again") and item.has("verb"):
        return PLAN
    following = clause.items[place + 1 : place + 2]
    if item.has("verb") and not nounish(clause, place):
        clear = not item.has("noun") or not following or following[0].has(*_OF_VERB)
        return PLAN if clear and clause.find(f"{_START} (?:todo|verb)") else FACT
    if clause.find(f"{_START} todo") and not item.has("verb"):
        return PLAN
    spoken = not following or following[0].has(*_OF_NOUN)
    return DONE if spoken and clause.find(_OPENING) else FACT
