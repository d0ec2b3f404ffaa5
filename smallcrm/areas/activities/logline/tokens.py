"""From what was typed to a row of items: words, numbers, marks, each with what the tables know about it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from smallcrm.areas.activities.logline.words_zh import TRADITIONAL
from smallcrm.base.text import HAN

Tags = dict[str, Any]

_KEEP = {
    "，": "，",
    "；": "；",
    "。": "。",
    "、": "、",
    "\u2019": "'",
    "\u2032": "'",
    "\u00b4": "'",
    "`": "'",
    "—": "–",
}

_TOKEN = re.compile(
    rf"""
    (?P<url>https?://\S+|www\.\S+|[\w.+-]+@[\w-]+\.[\w.-]*\w)
  | (?P<iso>\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}(?!\d))
  | (?P<dmy>\d{{1,2}}[-/.]\d{{1,2}}[-/.](?:\d{{4}}|\d{{2}})(?![\d]))
  | (?P<phone>\+\d[\d ()-]{{5,}}\d|\d{{2,4}}(?:[ -]\d{{3,4}}){{2,}}(?!\d)|\d{{3,4}}[ -]\d{{5,}}|\d{{5,}}(?![.,]\d))
  | (?P<clock>\d{{1,2}}:\d{{2}}(?!\d))
  | (?P<dm>\d{{1,2}}/\d{{1,2}}(?![\d/]))
  | (?P<dash>\d{{1,2}}[-–~]\d{{1,2}}(?![\d:-]))
  | (?P<dot>\d{{1,2}}\.\d{{1,2}}(?![\d]))
  | (?P<decimal>\d+[.,]\d{{1,2}}(?!\d))
  | (?P<amount>\d+(?:[.,]\d+)+)
  | (?P<num>\d+)
  | (?P<code>(?<!\d)[^\W\d_{HAN}]+(?:[-_]?\d+)+(?:[-_/]\w+)*)
  | (?P<word>[^\W\d_{HAN}]+(?:'[^\W\d_{HAN}]+)*'?)
  | (?P<han>[{HAN}])
  | (?P<line>\n)
  | (?P<space>\s+)
  | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)  # fmt: skip

_MARKS = {
    "comma": ",，",
    "stop": "\n.!?;；。…|·•",
    "colon": ":",
    "open": "([【",
    "close": ")]】",
    "hash": "#",
    "prime": "'",
    "dashmark": "-–",
    "atmark": "@",
    "quote": '"“”「」',
}
MARKS: dict[str, str] = {mark: tag for tag, marks in _MARKS.items() for mark in marks}


@dataclass(slots=True)
class Token:
    """A word, number, Han character or mark: its place in the typed text and its folded form."""

    start: int
    end: int
    text: str
    form: str
    gap: bool
    capital: bool = False


@dataclass(slots=True)
class Item:
    """One or more tokens that mean something together. ``tags`` hold what, ``sign`` is their set as one character."""

    start: int
    end: int
    text: str
    tags: Tags
    sign: str = ""
    gap: bool = False
    parts: list[Item] = field(default_factory=list)

    def has(self, *tags: str) -> bool:
        """Whether any of ``tags`` is known of it."""
        return any(tag in self.tags for tag in tags)

    @property
    def han(self) -> bool:
        """Whether it is written in Chinese."""
        return bool(self.text) and "\u3400" <= self.text[0] <= "\U0003134f"

    @property
    def tenseless(self) -> bool:
        """Whether it is Chinese, or holds Chinese words."""
        return any("\u3400" <= char <= "\U0003134f" for char in self.text)

    @property
    def greek(self) -> bool:
        """Whether it is written in Greek."""
        return "\u0370" <= self.text[:1] <= "\u03ff"


@lru_cache(maxsize=8192)
def _fold_char(char: str) -> str:
    """A character without case, accent and width, one for one; empty for a combining mark."""
    if char in _KEEP:
        return _KEEP[char]
    if unicodedata.combining(char):
        return ""
    plain = "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c)).casefold()
    plain = plain if len(plain) == 1 else char
    return plain.translate(TRADITIONAL)


def fold(text: str) -> tuple[str, list[int]]:
    """``text`` as it is compared, and for each folded character its place in ``text`` (one more for the end)."""
    if text.isascii():
        return text.lower(), list(range(len(text) + 1))
    folded: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        plain = _fold_char(char)
        if plain:
            folded.append(plain)
            places.append(place)
    places.append(len(text))
    return "".join(folded), places


def split(text: str) -> list[Token]:
    """The tokens of ``text``; blanks are dropped but remembered as ``gap`` of what follows."""
    folded, places = fold(text)
    tokens: list[Token] = []
    gap = False
    for match in _TOKEN.finditer(folded):
        form = match.lastgroup or "mark"
        if form == "space":
            gap = True
            continue
        start, end = places[match.start()], places[match.end()]
        word = match.group()
        if form == "word" and word.endswith("'"):
            word = word[:-1]
        tokens.append(Token(start, end, word, form, gap, text[start].isupper()))
        gap = form == "line"
    return tokens


def known(token: Token) -> Tags:
    """What is plain from the token's form, before any table is asked."""
    text = token.text
    if token.form in ("mark", "line"):
        return {MARKS.get(text, "mark"): text}
    if token.form == "num":
        return {"num": int(text), "anno": True} if 1990 < int(text) < 2100 else {"num": int(text)}
    if token.form == "decimal":
        return {"num": float(text.replace(",", "."))}
    if token.form == "dot":
        return {"num": float(text), "dot": _pair(text)}
    if token.form in ("dm", "dash", "clock"):
        return {token.form: _pair(text)}
    if token.form in ("iso", "dmy"):
        return {token.form: tuple(int(n) for n in re.split(r"\D", text))}
    return {"word" if token.form == "han" else token.form: text}


def _pair(text: str) -> tuple[int, int]:
    first, second = re.split(r"\D", text)
    return int(first), int(second)
