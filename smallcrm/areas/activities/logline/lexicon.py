"""All languages' words in one table, and patterns over tags: a set of tags is one character, a pattern a regex."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any, NamedTuple

from smallcrm.areas.activities.logline.tokens import MARKS, Item, Tags, Token, known, split
from smallcrm.base.i18n import LANGUAGES

# Sets of tags that no table holds: forms of tokens, and what the passes put in the place of what they understood.
_ALONE = (
    "url iso dmy phone clock dm dash amount num code word mark person quantity duration date time did came verb outcome"
)
FORMS = [{form} for form in _ALONE.split()] + [{"dot", "num"}, {"num", "one"}, {"num", "anno"}, {"time", "duration"}]


class Lexicon:
    """Every phrase with its tags, how long phrases can be that begin with a word, and the sign of every set of tags."""

    def __init__(self, modules: Sequence[Any]) -> None:
        self.phrases: dict[tuple[str, ...], Tags] = {}
        self.sizes: dict[str, list[int]] = {}
        self.signs: dict[frozenset[str], str] = {}
        for module in modules:
            for tag, table in module.WORDS.items():
                for value, phrases in table.items() if isinstance(table, Mapping) else [(True, table)]:
                    self._learn(tag, value, phrases)
        for words, tags in self.phrases.items():
            if len(words) == 1 and (mark := MARKS.get(words[0])):
                tags[mark] = words[0]
            if not tags:
                tags["word"] = " ".join(words)
            self._sign(frozenset(tags))
        for form in [*FORMS, *({mark} for mark in MARKS.values())]:
            self._sign(frozenset(form))

    def _learn(self, tag: str, value: Any, phrases: str) -> None:
        """Add a comma-separated list; what is said first of a phrase stands."""
        for phrase in phrases.split(","):
            words = tuple(token.text for token in split(phrase.strip()))
            if not words:
                continue
            tags = self.phrases.setdefault(words, {})
            if tag != "block":
                tags.setdefault(tag, value)
            sizes = self.sizes.setdefault(words[0], [])
            if len(words) not in sizes:
                sizes.append(len(words))
                sizes.sort(reverse=True)

    def _sign(self, tags: frozenset[str]) -> None:
        self.signs.setdefault(tags, chr(0xE000 + len(self.signs)))

    def longest(self, words: Sequence[str], at: int) -> tuple[int, Tags] | None:
        """How many of ``words`` from ``at`` on are the longest known phrase, and what it is."""
        for size in self.sizes.get(words[at], ()):
            phrase = tuple(words[at : at + size])
            tags = self.phrases.get(phrase)
            if tags is not None:
                return len(phrase), tags
        return None

    def single(self, word: str) -> Tags:
        """What one word alone is known as; empty when unknown."""
        return self.phrases.get((word,), {})

    def item(self, start: int, end: int, text: str, tags: Tags, *, gap: bool = False) -> Item:
        """An item with its sign."""
        return Item(start, end, text, tags, self.signs.get(frozenset(tags), "\uf8ff"), gap)

    def read(self, tokens: Sequence[Token]) -> list[Item]:
        """The items of a run of tokens."""
        words = [token.text for token in tokens]
        items: list[Item] = []
        at = 0
        while at < len(tokens):
            first = tokens[at]
            found = self.longest(words, at) if first.form in ("word", "han", "mark") else None
            size, tags = found or (1, known(first))
            last = tokens[at + size - 1]
            items.append(self.item(first.start, last.end, "".join(words[at : at + size]), tags, gap=first.gap))
            at += size
        return items


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The table of every language that smallcrm speaks."""
    return Lexicon(language_modules())


@lru_cache(maxsize=1)
def language_modules() -> list[Any]:
    """The files of words, in the order of the languages."""
    return [import_module(f"{__package__}.words_{code}") for code in LANGUAGES]


def sign(tags: set[str]) -> str:
    """The character that stands for a set of tags."""
    return lexicon().signs.get(frozenset(tags), "\uf8ff")


def topics_in(text: str) -> list[str]:
    """The topics whose words stand in ``text``."""
    return [str(item.tags["topic"]) for item in lexicon().read(split(text)) if "topic" in item.tags]


_NAME = re.compile(r"[a-z][a-z_]*")


@lru_cache(maxsize=512)
def pattern(source: str) -> re.Pattern[str]:
    """A regex over signs: a name in ``source`` stands for any item that carries this tag, ``any`` for every item."""

    def signs(match: re.Match[str]) -> str:
        if match[0] == "any":
            return "."
        found = [sign for tags, sign in lexicon().signs.items() if match[0] in tags]
        if not found:
            raise LookupError(match[0])
        return f"[{''.join(found)}]"

    return re.compile(_NAME.sub(signs, source).replace(" ", ""))


def shape(items: Sequence[Item]) -> str:
    """The signs of ``items``, one a character."""
    return "".join(item.sign for item in items)


class Rule(NamedTuple):
    """Where ``source`` matches, ``make`` says which tags the items become together; ``None`` leaves them alone.

    A group in ``source`` marks which part is replaced, the rest is context.
    """

    source: str
    make: Callable[[list[Item]], Tags | None]


def reduce(items: list[Item], rules: Sequence[Rule]) -> list[Item]:
    """``items`` with every rule applied in its turn."""
    row = shape(items)
    for rule in rules:
        regex = pattern(rule.source)
        cut: list[tuple[int, int, Item]] = []
        for match in regex.finditer(row):
            start, end = match.span(1 if regex.groups else 0)
            part = items[start:end]
            tags = rule.make(part) if part else None
            if tags is not None:
                text = "".join(item.text for item in part)
                one = lexicon().item(part[0].start, part[-1].end, text, tags, gap=part[0].gap)
                one.parts = part
                cut.append((start, end, one))
        for start, end, one in reversed(cut):
            items[start:end] = [one]
        if cut:
            row = shape(items)
    return items


def values(items: Sequence[Item], tag: str) -> list[Any]:
    """The values of ``tag`` among ``items``, in order."""
    return [item.tags[tag] for item in items if tag in item.tags]
