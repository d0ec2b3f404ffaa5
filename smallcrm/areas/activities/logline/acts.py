"""What happened: acts out of the clauses that are done, notes out of those that only tell."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from smallcrm.areas.activities.logline import kinds, parties
from smallcrm.areas.activities.logline.clauses import DONE, FACT, PLAN, Clause
from smallcrm.areas.activities.logline.understood import Act
from smallcrm.areas.activities.logline.when import Moment, When, when

SUBJECT = 120  # characters
_EDGE = re.compile(r"^[\s,，;；、。.:：!！?？|·]*(?:(?:[-–—]+|->|→|=>)\s+)?\s*")
_SENTENCE = re.compile(r"[。！？；\n]|[.!?;](?=\s|$)")


def acts_of(found: list[Clause], text: str, here: Moment) -> list[Act]:
    """The acts of a line: the first is the one it is about, further ones stand on their own, details join theirs.

    Where nothing was done and nothing is planned, all of it is a note; so are facts told before the first plan.
    """
    made = _acts(found, text, here)
    if made:
        return made
    if not any(clause.role == PLAN for clause in found):
        return [_note(found, text, here)] if text.strip() else []
    before = _facts_first(found)
    return [_fact_note(before, text, here)] if before else []


def _acts(found: list[Clause], text: str, here: Moment) -> list[Act]:
    acts: list[Act] = []
    first: Clause | None = None
    for clause in [clause for clause in found if clause.role == DONE]:
        act = _act(clause, text, here)
        if first is None or (acts[0].kind == "note" and len(acts) == 1 and act.kind != "note"):
            acts, first = [act], clause
        elif _same(acts[-1], act, clause):
            acts[-1] = _merged(acts[-1], act)
        elif act.kind == "note":
            clause.role = FACT
        else:
            acts.append(act)
    acts = [_written(act) for act in acts]
    if first is not None:
        place = found.index(first)
        told = first.head and place + 1 < len(found) and found[place + 1].role == FACT  # wechat: he wants 500 pcs
        last = found[place + 1] if told else first
        contacts = acts[0].contacts or _named(found)
        if acts[0].outcome == "not_in" and not first.has("did", "noun", "verb") and _visit_planned(found):
            acts[0] = replace(acts[0], kind="visit", direction="")
        acts[0] = replace(_with_text(acts[0], first.start, last.end, text), contacts=contacts)
    return acts


def _named(found: list[Clause]) -> tuple[int, ...]:
    """The contacts that the facts name: whoever "wants 500 pcs" is the one that was called."""
    return tuple(dict.fromkeys(n for clause in found if clause.role == FACT for n in parties.contacts(clause)))


def _written(act: Act) -> Act:
    """Δεν απάντησε behind a letter is no reply, not an unanswered call."""
    if act.kind in ("email", "message") and act.outcome == "no_answer":
        return replace(act, outcome="no_reply")
    return act


def _visit_planned(found: list[Clause]) -> bool:
    """Έλειπε, ξαναπερνάω: whoever goes again has been there."""
    return any(
        "visit" in (item.tags.get("verb"), item.tags.get("noun")) for c in found if c.role == PLAN for item in c.items
    )


def _act(clause: Clause, text: str, here: Moment) -> Act:
    kind = kinds.of_done(clause)
    said = When() if kind == "note" else when(clause, here, past=True)
    at = _moment(said, here)
    outcome, duration = clause.first("outcome"), clause.first("duration")
    return Act(
        kind=kind,
        subject=text[clause.start : clause.end],
        direction=parties.direction(clause, kind),
        contacts=parties.contacts(clause),
        duration_minutes=duration.tags["duration"] if duration else None,
        at=at,
        has_day=said.date is not None and at.astimezone(here.zone).date() != here.today,
        has_time=said.time is not None,
        outcome=str(outcome.tags["outcome"]) if outcome else "",
        by=parties.doer(clause),
    )


def _moment(said: When, here: Moment) -> dt.datetime:
    """When it happened, never later than now: a time alone is the last such time, a past day alone its noon."""
    if said.date is None and said.time is None:
        return here.utc
    day = said.date or here.today
    if said.date is None and said.time is not None and said.time > here.now.time():
        day -= dt.timedelta(days=1)
    time = said.time or (here.now.time() if day == here.today else dt.time(12))
    return min(here.utc, here.at(day, time))


def _same(act: Act, other: Act, clause: Clause) -> bool:
    """Whether a further clause only adds to the act before it: its outcome, its length, "spoke to Anna" on a visit."""
    verb = clause.first("did") or clause.first("came")
    if verb is None and ((other.outcome and not other.contacts) or not clause.has("noun", "verb")):
        return True
    talk = verb is not None and verb.tags.get("did") == "talk" and not clause.has("noun")
    if talk and act.kind not in ("email", "note"):
        return True
    if {act.kind, other.kind} == {"visit", "meeting"}:
        return True
    one_way = act.direction == other.direction or act.kind == "visit"
    others = set(other.contacts) - set(act.contacts)
    return act.kind == other.kind and one_way and not (others and act.contacts)


def _merged(act: Act, other: Act) -> Act:
    later = not (act.has_day or act.has_time)
    return replace(
        act,
        contacts=tuple(dict.fromkeys((*act.contacts, *other.contacts))),
        duration_minutes=act.duration_minutes or other.duration_minutes,
        outcome=act.outcome or other.outcome,
        at=other.at if later else act.at,
        has_day=other.has_day if later else act.has_day,
        has_time=other.has_time if later else act.has_time,
        by=act.by or other.by,
    )


def _with_text(act: Act, start: int, end: int, text: str) -> Act:
    """The act with the whole text in subject and body: its own clause, then everything around it."""
    if end - start > SUBJECT:
        blank = text.rfind(" ", start + SUBJECT // 2, start + SUBJECT)
        end = blank if blank > 0 else start + SUBJECT
    before, after = text[:start].lstrip(), text[end:]
    return replace(act, subject=text[start:end].strip(), body=(before + _EDGE.sub("", after)).strip())


def _note(found: list[Clause], text: str, here: Moment) -> Act:
    """All of it as a note: the first sentence is its subject."""
    start = len(text) - len(text.lstrip())
    stop = _SENTENCE.search(text, start + 1)
    return _with_text(
        Act("note", "", at=here.utc, contacts=_named(found)), start, stop.start() if stop else len(text), text
    )


def _facts_first(found: list[Clause]) -> list[Clause]:
    """Facts told before anything is planned; behind a plan they are its details (visit tomorrow, wants a sample)."""
    plan = next(n for n, clause in enumerate(found) if clause.role == PLAN)
    return [clause for clause in found[:plan] if clause.role == FACT and clause.says_something()]


def _fact_note(facts: list[Clause], text: str, here: Moment) -> Act:
    note = Act("note", "", at=here.utc, contacts=_named(facts))
    return _with_text(note, facts[0].start, facts[0].end, text)
