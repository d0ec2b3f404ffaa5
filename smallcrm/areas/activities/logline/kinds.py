"""What kind of act or plan a clause speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smallcrm.areas.activities.logline.clauses import SMALL, Clause
from smallcrm.areas.activities.logline.tokens import Item

OPEN = ("talk", "write", "send")
CHANNELS = ("call", "meeting", "visit", "email", "message")
_BY_OUTCOME = {"not_there": "visit", "no_reply": "write"}


@dataclass(frozen=True)
class Context:
    """What the line has said so far: the kind of the last act and whether it failed."""

    kind: str = ""
    failed: bool = False


def _noun(items: Sequence[Item]) -> str:
    """The channel that a noun names, if any does."""
    return next((str(i.tags["noun"]) for i in items if i.tags.get("noun") in CHANNELS), "")


def _settle(kind: str, clause: Clause) -> str:
    """A channel for talk, write and send where the clause leaves it open."""
    if kind not in OPEN:
        return kind
    named = _noun([item for item in clause.items if not item.has("did", "came")])
    if named and not (kind == "send" and named in ("call", "meeting", "visit")):
        return named
    if kind == "talk":
        return "meeting" if clause.has("in_person") else "call"
    if kind == "send" and clause.has("goods") and not clause.has("noun"):
        return "note"
    return "message" if any(item.han for item in clause.items) else "email"


def of_done(clause: Clause) -> str:
    """The kind of an act."""
    if clause.head:
        return _settle(str(next(i.tags["noun"] for i in clause.items if "noun" in i.tags)), clause)
    verb = next((i for i in clause.items if i.has("did", "came")), None)
    if verb is not None:
        return _settle(str(verb.tags.get("did") or verb.tags["came"]), clause)
    if clause.find("(?:had|got) any* noun"):
        return _settle(_noun(clause.items) or "note", clause)
    named = next((i for i in clause.items if i.has("noun", "verb")), None)
    outcome = clause.first("outcome")
    if named is not None and (outcome is None or named.tags.get("noun") != "note"):
        kind = str(
            named.tags.get("verb")
            if named.han and "verb" in named.tags
            else named.tags.get("noun") or named.tags["verb"]
        )
        return _settle(kind, clause)
    if outcome is not None:
        return _settle(_BY_OUTCOME.get(str(outcome.tags["outcome"]), "call"), clause)
    return "note" if not (clause.has("person") and clause.has("duration")) else "call"


def of_plan(clause: Clause, context: Context) -> str:
    """The kind of a plan: that of its first verb or noun; sending and other work is a task."""
    for item in clause.items:
        if item.has("todo"):
            work = item.tags["todo"]
            named = _noun(clause.items)
            if work == "send" and named in ("email", "message"):
                return named
            if work == "arrange":
                rest = clause.items[clause.items.index(item) + 1 :]
                verb = next((str(i.tags["verb"]) for i in rest if "verb" in i.tags), "")
                if named or verb:
                    return _planned(named or verb, clause, context)
                return "meeting" if any("person" in i.tags for i in rest[:1]) else "task"
            return "task"
        if item.has("arranged") and not clause.has("verb", "noun", "todo", "came"):
            if not clause.find(f"^(?:{SMALL}|person|arranged|date|time|again|me)+$"):
                return "task"
            return context.kind if context.kind in ("call", "meeting", "visit") else "meeting"
        if item.has("verb", "came", "noun"):
            kind = str(item.tags.get("verb") or item.tags.get("came") or item.tags["noun"])
            return _planned(kind, clause, context)
        if item.has("theirs"):
            return _noun(clause.items) or "task"
    if clause.has("again"):
        return context.kind if context.kind in CHANNELS else "call"
    return "task"


def _planned(kind: str, clause: Clause, context: Context) -> str:
    if kind == "note":
        return "task"
    if kind == "talk" and context.failed and context.kind in CHANNELS and not _noun(clause.items):
        return context.kind
    if kind == "write" and context.kind in ("email", "message") and not _noun(clause.items):
        return context.kind
    return _settle(kind, clause)
