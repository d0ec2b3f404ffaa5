"""Done, planned or neither: what a clause is, told by verbs, small words and days.

The rules in their order stand in the package's own docstring. Clauses with a day go on in ``dated``, those without in
``undated``.
"""

from __future__ import annotations

import datetime as dt

from smallcrm.areas.activities.logline.clauses import BITS, DONE, FACT, PLAN, SMALL, Clause
from smallcrm.areas.activities.logline.dated import by_day, pointing
from smallcrm.areas.activities.logline.lexicon import Rule, sign
from smallcrm.areas.activities.logline.tokens import Item, Tags
from smallcrm.areas.activities.logline.undated import without_day

_BITS = f"^(?:{SMALL}|date|time|duration|person|in_person)+$"


def _becomes(source: str, target: str) -> Rule:
    """A verb that counts only beside a person becomes a plain one there, whatever small words stand between."""

    def make(part: list[Item]) -> Tags:
        return {target: part[0].tags[source]}

    return Rule(f"({source}) (?:art|title|filler|to)* (?:person|other)", make)


def _came(part: list[Item]) -> Tags:
    return {"came": part[0].tags["came_who"]}


def _away(part: list[Item]) -> Tags:
    return {"outcome": part[0].tags["absent"]}


# πήρα τον Νίκο, saw Bob, 见王总; ήρθε ο Νίκος, ο Νίκος ήρθε; 王总不在, but not 不在预算内.
PERSON_VERBS = [
    _becomes("did_who", "did"),
    _becomes("verb_who", "verb"),
    _becomes("came_who", "came"),
    Rule("(absent) (?:comma|stop|$)", _away),
    Rule("person (came_who)", _came),
]


def classify(clause: Clause, now: dt.datetime) -> str:
    """The role of a clause by itself. ``now`` is local."""
    _by_colleague(clause)
    if clause.head or _is_note(clause):
        return DONE
    if clause.find("^(?:then|conj)* if"):
        return FACT
    if clause.find(_BITS) and clause.has("date", "time", "person", "duration", "in_person"):
        return BITS
    when = pointing(clause, now)
    if clause.has("off") and not (clause.has("arranged") and when):
        return FACT
    return _finished(clause, when) or _intended(clause, when) or by_day(clause, when) or without_day(clause)


def _is_note(clause: Clause) -> bool:
    """FYI, note …: what follows is kept as it is."""
    return clause.items[0].tags.get("noun") == "note" and not clause.items[0].has("verb") and len(clause.items) > 1


def _by_colleague(clause: Clause) -> None:
    """Ο Δημήτρης επισκέφτηκε …: with one of us before it, a third person is our act."""
    for place, item in enumerate(clause.items):
        if item.has("did_theirs") and _colleague(clause, place) and not clause.before(place, "future"):
            item.tags = {"did": item.tags["did_theirs"]}
            item.sign = sign({"did"})


def _colleague(clause: Clause, before: int | None = None) -> bool:
    """Whether a colleague is named, before a place."""
    return any(item.tags["person"].colleague is not None for item in clause.items[:before] if "person" in item.tags)


# ---------------------------------------------------------------- done


def _finished(clause: Clause, when: str) -> str:
    """An outcome, a past verb, "had a meeting", "got a mail"."""
    outcome = clause.at("outcome")
    if outcome >= 0 and when != "future" and not clause.before(outcome, "if", "future", "did"):
        return FACT if clause.before(outcome, "fact") and not clause.items[outcome].han else DONE
    place = clause.at("did", "came")
    if place < 0:
        place = _light(clause, when)
    if place < 0:
        return ""
    if clause.before(place, "fact", "if") and not 0 <= clause.at("noun") < place:
        return "" if when == "future" else FACT
    if clause.before(place, "neg", within=2):
        return FACT
    if clause.before(place, "future", within=3) or _tenseless(clause.items[place], when):
        return ""
    return DONE


def _light(clause: Clause, when: str) -> int:
    """Had a meeting, 开了会: the place of the verb that says nothing by itself; -1 without."""
    found = clause.find("(?:had|got) any* noun")
    if found is None or (clause.items[found.start()].han and when == "future"):
        return -1
    return found.start()


def _tenseless(verb: Item, when: str) -> bool:
    """来访 and the imperative τηλεφώνησε are past only as long as no day lies ahead."""
    if verb.has("did"):
        return verb.has("verb") and when == "future"
    return (verb.has("verb") or verb.han) and when in ("future", "either")


# ---------------------------------------------------------------- planned


def _intended(clause: Clause, when: str) -> str:
    """Remind me; agreed for a day; ask Dimitris to; will, to, 要, θα."""
    if clause.has("remind") or (clause.has("arranged") and when in ("future", "either", "today")):
        return PLAN
    if clause.find("delegate (?:art|prep)* person") and _colleague(clause) and when != "past":
        return PLAN
    if clause.find("^(?:then|conj|art|title)* (?:atmark person colon?|person colon) (?:verb|todo)") and _colleague(
        clause
    ):
        return PLAN
    future = _marker(clause)
    if future < 0:
        return ""
    if clause.negated(future) or when == "past" or (not when and _wish(clause, future)):
        return FACT
    ours = _something_to_do(clause, future)
    if when and (ours or len(clause.items) > 2):
        return PLAN
    return PLAN if ours and not _theirs(clause, future) else FACT


def _wish(clause: Clause, marker: int) -> bool:
    """要新报价, 需要一份报价, 要试用: what somebody would like, not what we shall do. 我们要 is ours."""
    if not clause.items[marker].han or clause.before(marker, "me"):
        return False
    following = clause.items[marker + 1 : marker + 2]
    return bool(following) and following[0].has("wished", "quantity", "hancount", "num")


def _marker(clause: Clause) -> int:
    """The place of what says that it lies ahead: a word of the tables, or "to" at the front or behind a person."""
    place = clause.at("future")
    if place < 0 and (found := clause.find("(?:^|person|fact me|fact person|conj|then) (to) (?:verb|todo)")):
        return found.start(1)
    return place


def _something_to_do(clause: Clause, marker: int) -> bool:
    """Whether a verb, work or kind stands behind the marker; in Chinese before it as well (样品要准备)."""
    if any(item.has("verb", "todo", "noun", "arranged") for item in clause.items[marker + 1 :]):
        return True
    return clause.items[marker].han and clause.has("verb", "todo")


def _theirs(clause: Clause, marker: int) -> bool:
    """Whether it is the other side that will: he will think about it, 客户会考虑."""
    if clause.before(marker, "me") or _colleague(clause, marker):
        return False
    return clause.before(marker, "other") or (clause.before(marker, "person") and not clause.before(marker, "fact"))


def left_to_colleague(clause: Clause) -> bool:
    """…，小李跟进: behind something else, a Chinese verb without 了 says whose turn it is."""
    turn = clause.find("^(?:then|conj|filler)* person (?:verb|todo)")
    return turn is not None and _colleague(clause) and not clause.has("did")
