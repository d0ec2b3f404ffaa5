"""From items to clauses: at marks, at "and then", and where a second verb or a coming date begins something new."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from smallcrm.areas.activities.logline.lexicon import pattern, shape
from smallcrm.areas.activities.logline.tokens import Item

DONE, PLAN, FACT, BITS = "done", "plan", "fact", "bits"
SMALL = "then|conj|filler|about|open|close|art|prep|from|title|of|at|to|for|in|on"
# Where a clause goes on without a mark: (what stands before, what begins the next one).
_RUN_ON = [
    # called Bob and sent …, met Anna and will call; but not "met Anna and Bob", "to call and visit Anna"
    (
        "(?:did|came|outcome|noun|fact)",
        "conj (?=please? me? (?:did|came|outcome|future|remind|arranged|(?:todo|verb) any+))",
    ),
    # 打了电话没人接明天再打, called Bob tomorrow send price
    (
        "(?:did|came|outcome|verb)",
        "(?=(?:date time?|time) (?!to) (?:again|future|me)* prep? person? (?:again|verb|todo|future))",
    ),
    # called Bob send price Tue
    ("(?:did|came|outcome)", "(?=(?:todo|remind) any* (?:date|time|again))"),
    # Bob called asking for a quote by Friday, 王总来电说下周下单: a day in the report is not the call's
    ("(?:did|came|noun)", "(?=(?:conj)? says)"),
    # no answer try again in 3 days
    ("(?:outcome)", "(?=(?:again|verb|future|todo|remind) any*)"),
]  # fmt: skip


@dataclass
class Clause:
    """A run of items that says one thing, and what ``tense`` made of it: done, plan, fact or bits of a neighbour."""

    items: list[Item]
    head: bool = False  # "wechat:", "note:"
    role: str = ""
    stopped: bool = False  # by a full stop, not by a comma
    told: bool = False  # what was said follows
    retold: bool = False  # it is what was said
    led: int = 0  # how many items in front are bits typed ahead of it: "Bob - called"

    @property
    def start(self) -> int:
        return self.items[0].start

    @property
    def end(self) -> int:
        return self.items[-1].end

    def shape(self) -> str:
        """The signs of its items."""
        return shape(self.items)

    def find(self, source: str) -> re.Match[str] | None:
        """Where ``source`` (a pattern over tags) first matches."""
        return pattern(source).search(self.shape())

    def at(self, *tags: str) -> int:
        """The place of the first item with one of ``tags``; -1 without."""
        return next((n for n, item in enumerate(self.items) if item.has(*tags)), -1)

    def first(self, tag: str) -> Item | None:
        """The first item with ``tag``."""
        return next((item for item in self.items if tag in item.tags), None)

    def before(self, place: int, *tags: str, within: int = 99) -> bool:
        """Whether one of ``tags`` stands in the ``within`` items before ``place``."""
        return any(item.has(*tags) for item in self.items[max(0, place - within) : place])

    def negated(self, place: int) -> bool:
        """Whether the first verb from ``place`` on is denied: no need to call."""
        for n, item in enumerate(self.items):
            if n >= place and item.has("verb", "todo", "theirs"):
                return self.before(n, "neg", within=3)
        return False

    def says_something(self) -> bool:
        """Whether it holds anything but marks and small words."""
        small = ("filler", "conj", "then", "prep", "art", "mark", "quote", "open", "close")
        return any(not item.has(*small) for item in self.items)

    def has(self, *tags: str) -> bool:
        """Whether any item carries one of ``tags``."""
        return any(item.has(*tags) for item in self.items)


def split(items: Sequence[Item]) -> list[Clause]:
    """The clauses of a text. Marks between them belong to none."""
    spaced = _spaced_han(items)
    found: list[Clause] = []
    run: list[Item] = []

    def close(*, head: bool = False) -> None:
        if run:
            found.extend(_parts(run, head=head))
            run.clear()

    for place, item in enumerate(items):
        following = items[place + 1] if place + 1 < len(items) else None
        if _stops(item, following):
            close()
            if found:
                found[-1].stopped = item.has("stop")
        elif item.has("colon") and _is_head(run) and not (following and following.has("phone", "num", "amount")):
            run.append(item)
            close(head=True)
        elif item.has("then") and not item.has("in", "later") and run:
            close()
            run.append(item)
        else:
            if spaced and item.gap and run and item.han and run[-1].han:
                close()
            run.append(item)
    close()
    return found


def _stops(item: Item, following: Item | None) -> bool:
    """Whether a mark ends a clause. A full stop inside a word, a hyphen without blanks and a list's 、 do not."""
    if item.has("comma") or item.text in ("->", "→", "=>"):
        return True
    if item.has("stop"):
        return item.text != "." or following is None or following.gap or following.han or following.start > item.end
    return item.has("dashmark") and item.gap and (following is None or following.gap)


def _is_head(run: Sequence[Item]) -> bool:
    """Whether what stands before a colon is only a kind, perhaps with a person, a date or a length."""
    light = (
        "noun",
        "person",
        "date",
        "time",
        "duration",
        "prep",
        "from",
        "art",
        "filler",
        "verb",
        "topical",
        "conj",
        "title",
    )
    return 0 < len(run) <= 7 and any(i.has("noun") for i in run) and all(i.has(*light) for i in run)


def _spaced_han(items: Sequence[Item]) -> bool:
    """Whether blanks between Chinese words are meant as marks: 没人接 明天再打, but not 给 王总 打了 电话."""
    sizes: list[int] = [0]
    for before, item in zip([None, *items], items, strict=False):
        if before is not None and (item.gap or item.has("comma", "stop")) and sizes[-1]:
            sizes.append(0)
        sizes[-1] += len(item.text) if not item.has("comma", "stop") else 0
    return min(sizes[:-1] or [0]) >= 3 or (len(sizes) < 4 and min(sizes) >= 3)


def _parts(run: list[Item], *, head: bool) -> list[Clause]:
    """``run`` cut once more where it runs on without a mark."""
    if head:
        return [Clause(list(run), head=True)]
    parts: list[Clause] = []
    rest = list(run)
    retold = False
    while (cut := _run_on(rest)) is not None:
        told = rest[cut].has("says")
        parts.append(Clause(rest[:cut], told=told, retold=retold))
        rest, retold = rest[cut:], told
    return [*parts, Clause(rest, retold=retold)]


def _run_on(run: Sequence[Item]) -> int | None:
    """Where the first part of ``run`` ends, if a second one begins inside it."""
    row = shape(run)
    cuts: list[int] = []
    for before, begin in _RUN_ON:
        first = pattern(before).search(row)
        if first is None:
            continue
        cuts.extend(
            match.start() for match in pattern(begin).finditer(row, first.end()) if _may_cut(run, match.start())
        )
    return min(cuts, default=None)


def _may_cut(run: Sequence[Item], place: int) -> bool:
    """Not between a small word and what it leads ("about sending", "the visit", "to call"), nor in a report."""
    before = run[place - 1]
    if before.has(
        "to", "art", "prep", "from", "topical", "mine", "future", "neg", "of", "at", "had"
    ) and not before.has("filler"):
        return False
    return not any(item.has("fact") and not item.has("filler") for item in run[:place])
