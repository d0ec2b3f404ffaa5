"""Which characters were understood, and what is left of the text for the note."""

from __future__ import annotations

import re
from collections.abc import Sequence

from smallcrm.areas.activities.logline.clauses import DONE, FACT, PLAN, Clause
from smallcrm.areas.activities.logline.tokens import Item
from smallcrm.areas.activities.logline.understood import Span

_WHAT = {
    "person": "person",
    "duration": "duration",
    "date": "when",
    "time": "when",
    "outcome": "outcome",
    "did": "kind",
    "came": "kind",
}
_SMALL_TAGS = "prep art from title for filler past me had got conj then about of colon other to again please"
_SMALL = tuple(_SMALL_TAGS.split())


def _labels(clause: Clause) -> list[str]:
    """What each item of a clause was understood as; empty for what stays in the note."""
    if clause.role == FACT or clause.role not in (DONE, PLAN):
        return [""] * len(clause.items)
    labels = [_label(clause, item) for item in clause.items]
    if clause.role == DONE and clause.items[0].tags.get("noun") == "note":
        labels = ["person" if label == "person" else "" for label in labels]
    if clause.role == PLAN:
        return [label or "plan" for label in labels]
    main = next((n for n, i in enumerate(clause.items) if i.has("did", "came")), -1)
    if main < 0:
        main = next((n for n, i in enumerate(clause.items) if i.has("noun", "verb")), -1)
    if light := clause.find("(?:had|got) any* noun") if main < 0 or not clause.items[main].has("did", "came") else None:
        labels[light.start() : light.end()] = ["kind"] * (light.end() - light.start())
    if main >= 0:
        labels[main] = "kind"
        if clause.items[main].has("did", "came"):
            noun = next((n for n, i in enumerate(clause.items) if n > main and i.has("noun")), -1)
            between = range(main + 1, noun)
            if noun > main and all(labels[n] or clause.items[n].has("quantity", *_SMALL) for n in between):
                for n in (*between, noun):
                    labels[n] = labels[n] or "kind"
    _absorb(clause.items, labels)
    return labels


def _label(clause: Clause, item: Item) -> str:
    for tag, what in _WHAT.items():
        if tag in item.tags and not (clause.role == PLAN and what in ("kind", "outcome")):
            return what
    return ""


def _absorb(items: Sequence[Item], labels: list[str]) -> None:
    """Small words belong to what they lead: with Bob, for 5 minutes, Anna and Bob, 打了…的."""
    for place in range(len(items) - 2, -1, -1):
        if not labels[place] and labels[place + 1] and items[place].has(*_SMALL):
            labels[place] = labels[place + 1]
    for place in range(1, len(items)):
        if not labels[place] and labels[place - 1] and items[place].has("filler", "colon", "close"):
            labels[place] = labels[place - 1]
    if not any(item for item, label in zip(items, labels, strict=True) if not label and not item.has(*_SMALL)):
        for place, label in enumerate(labels):
            labels[place] = label or "kind"


def spans_of(found: Sequence[Clause]) -> list[Span]:
    """The understood stretches, from left to right; neighbours of one sort are one."""
    spans: list[Span] = []
    for clause in found:
        for item, label in zip(clause.items, _labels(clause), strict=True):
            if not label:
                continue
            if (
                spans
                and spans[-1].what == label
                and spans[-1].end >= item.start - 1
                and clause.start <= spans[-1].start
            ):
                spans[-1] = Span(spans[-1].start, item.end, label)
            else:
                spans.append(Span(item.start, item.end, label))
    return spans


def leftover(clause: Clause) -> list[tuple[int, int]]:
    """The stretches of a clause that nothing understood."""
    pieces: list[tuple[int, int]] = []
    for item, label in zip(clause.items, _labels(clause), strict=True):
        if label:
            pieces.append((-1, -1))
        elif pieces and pieces[-1][0] >= 0:
            pieces[-1] = (pieces[-1][0], item.end)
        else:
            pieces.append((item.start, item.end))
    return [piece for piece in pieces if piece[0] >= 0]


_TRIM = " \t\n,，;；、。."


def rest_of(text: str, found: Sequence[Clause]) -> str:
    """What stays as the note: facts whole, of acts what was not understood, with the marks typed before it."""
    rest = ""
    last_end = 0
    for clause in found:
        for start, end in leftover(clause):
            piece = text[start:end].strip()
            if not any(char.isalnum() for char in piece):
                continue
            mark = re.sub(r"\s+", " ", text[last_end:start]) if last_end <= start else ""
            mark = mark if mark.strip(_TRIM + "-–—>→|:：") == "" and mark.strip() else ", "
            rest += (mark.rstrip() + " " if mark.strip().isascii() else mark.strip()) + piece if rest else piece
            last_end = end
        last_end = max(last_end, clause.end)
    return rest
