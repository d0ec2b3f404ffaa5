"""What is to be done: kind, day, who, and a subject without the words that say when and by whom."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from smallcrm.areas.activities.logline import kinds, parties
from smallcrm.areas.activities.logline.acts import SUBJECT
from smallcrm.areas.activities.logline.chips import KINDS
from smallcrm.areas.activities.logline.clauses import PLAN, Clause
from smallcrm.areas.activities.logline.lexicon import language_modules, lexicon
from smallcrm.areas.activities.logline.people import Hit
from smallcrm.areas.activities.logline.tokens import fold
from smallcrm.areas.activities.logline.understood import Act, Plan
from smallcrm.areas.activities.logline.when import Moment, When, when
from smallcrm.base.i18n import speaking, translate

_REMIND_AT = dt.time(9)
_ENDS = re.compile(r"\(\s*\)|（\s*）|\[\s*\]|^[\s,，;；、。.:：!！?？–—-]+|[\s,，;；、。.:：–—-]+$")


def plans_of(found: list[Clause], text: str, here: Moment, acts: list[Act], language: str) -> list[Plan]:
    """The plans of a line. Where nothing was done the first one carries the whole text."""
    last = acts[-1] if acts else None
    context = kinds.Context(last.kind, bool(last.outcome)) if last else kinds.Context()
    named = acts[0].contacts if acts else ()
    with speaking(language):
        planned = [_plan(clause, text, here, context, named) for clause in found if clause.role == PLAN]
    if planned and not acts:
        whole = text.strip()
        planned[0] = replace(planned[0], body="" if planned[0].subject == whole else whole)
    return planned


def _plan(clause: Clause, text: str, here: Moment, context: kinds.Context, named: tuple[int, ...]) -> Plan:
    said = _ahead(when(clause, here, past=False), here)
    place = parties.charged(clause)
    hit: Hit | None = clause.items[place].tags["person"] if place >= 0 else None
    duration = clause.first("duration")
    own = {id(item) for item in (*said.items, duration)}
    kind = kinds.of_plan(clause, context)
    typed = text[clause.start : clause.end].strip()
    subject = _subject(clause, text, own, place) or _nameless(clause, kind)
    at = here.at(said.date, said.time) if said.date is not None and said.time is not None else None
    reminder = None
    if clause.has("remind") and said.date is not None:
        reminder = at or here.at(said.date, _REMIND_AT)
    return Plan(
        kind=kind,
        subject=subject,
        body="" if subject == typed else typed,
        due=said.date,
        at=at,
        who=hit.colleague if hit else None,
        contacts=parties.contacts(clause, without=hit) or named,
        duration_minutes=duration.tags["duration"] if duration else None,
        reminder=reminder,
    )


def _ahead(said: When, here: Moment) -> When:
    """A time without a day is the next such time."""
    if said.date is not None or said.time is None:
        return said
    day = here.today if said.time > here.now.time() else here.today + dt.timedelta(days=1)
    return replace(said, date=day)


def _nameless(clause: Clause, kind: str) -> str:
    """The subject where only a day was said: "moved to Wednesday", "remind me in two weeks"."""
    return str(KINDS[kind]) if clause.has("arranged", "noun", "verb") else translate("Follow up")


def _subject(clause: Clause, text: str, own: set[int], place: int) -> str:
    """What is to be done, without when and by whom; empty where nothing else was said."""
    if all(id(item) in own or item.has("arranged", "comma", "filler") for item in clause.items):
        return ""
    dropped = own | _who(clause, place)
    if clause.retold and clause.items[0].has("says"):
        dropped.add(id(clause.items[0]))
    pieces: list[str] = []
    start = clause.start
    for before, item in zip([None, *clause.items], clause.items, strict=False):
        of_date = item.text == "的" and before is not None and id(before) in own
        if id(item) in dropped or of_date:
            pieces.append(text[start : item.start])
            start = item.end
    pieces.append(text[start : clause.end])
    subject = _stripped(_together(pieces))
    return subject[:SUBJECT].strip() if any(char.isalnum() for char in subject) else ""


def _who(clause: Clause, place: int) -> set[int]:
    """The items that say who shall do it: ask Dimitris to, @Maria, 让小李."""
    if place < 0:
        return set()
    low = high = place
    while low > 0 and clause.items[low - 1].has("art", "delegate", "atmark", "title", "prep", "for"):
        low -= 1
    while high + 1 < len(clause.items) and clause.items[high + 1].has("to", "colon"):
        high += 1
    return {id(item) for item in clause.items[low : high + 1]}


def _together(pieces: list[str]) -> str:
    """Pieces with what stood between them cut out: one blank between words, none between Han characters."""
    joined = ""
    for piece in pieces:
        between = joined[-1:], piece.lstrip()[:1]
        if all(between) and all(char.isalnum() and not "\u3400" <= char <= "\U0003134f" for char in between):
            joined += " "
        joined += piece
    return _ENDS.sub("", _ENDS.sub("", re.sub(r"\s+", " ", joined))).strip()


@lru_cache(maxsize=1)
def _leads() -> list[str]:
    """What is taken off a subject's front, in every language, folded, the longest first."""
    phrases = {fold(phrase)[0] for module in language_modules() for phrase in module.STRIP}
    return sorted(phrases, key=len, reverse=True)


def _stripped(subject: str) -> str:
    """Without "I will", "remind me to", 记得, πρέπει at its front."""
    for _ in range(8):
        shorter = next(_shorter(subject), subject)
        if shorter == subject:
            break
        subject = shorter
    return subject


def _shorter(subject: str) -> Iterator[str]:
    folded, places = fold(subject)
    found = lexicon().longest(folded, 0) if folded[:1] >= "\u3400" else None
    for phrase in _leads():
        if folded.startswith(phrase):
            following = folded[len(phrase) : len(phrase) + 1]
            whole = found is None or found[0] <= len(phrase) or "future" in found[1]  # 要 of 要准备, not of 要求
            if whole if phrase[0] >= "\u3400" else not following.isalnum():
                yield _ENDS.sub("", subject[places[len(phrase)] :]).strip()
