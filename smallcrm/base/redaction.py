"""Taking somebody out of texts: names whatever case and accents they are written in, phones whatever stands between digits.

Pure functions over text; what belongs to whom is decided elsewhere.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from smallcrm.base.text import HAN, only_digits

_HAN = re.compile(f"[{HAN}]")
_BETWEEN = r"[\s().\-/–]*"
SIGNS = " \u00a0().-/–"  # what people write between a number's digits
SHORTEST_PART = 3  # letters of a name's part that is looked for by itself; Han names are looked for whole
FEWEST_DIGITS = 6


@dataclass(frozen=True)
class Words:
    """What is looked for: names as written, codes (e-mail, chat name, tax number) and numbers, and what takes their place."""

    names: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    mark: str = "–"
    parts: bool = False  # the parts of names as well: "called Bob" beside "Bob Miller"

    @cached_property
    def _patterns(self) -> tuple[re.Pattern[str], ...]:
        wanted = [_name(name) for name in self.names]
        if self.parts:
            wanted += [_name(part) for name in self.names for part in parts_of(name)]
        wanted += [_code(code) for code in self.codes]
        # longer ones first, so that nothing is left of a name whose part was found
        ordered = sorted({each for each in wanted if each}, key=lambda each: -len(each))
        found = [re.compile("|".join(ordered))] if ordered else []
        numbers = sorted({each for number in self.numbers if (each := _number(number))}, key=lambda each: -len(each))
        return (*found, *([re.compile("|".join(numbers))] if numbers else ()))

    def found_in(self, text: str) -> bool:
        """Whether ``text`` speaks of them."""
        folded = _Folded(text)
        return any(pattern.search(folded.text) for pattern in self._patterns)

    def out_of(self, text: str) -> str:
        """``text`` with the mark in the place of everything that is looked for."""
        for pattern in self._patterns:
            folded = _Folded(text)
            spans = [folded.span(found.start(), found.end()) for found in pattern.finditer(folded.text)]
            for start, end in reversed(spans):
                text = text[:start] + self.mark + text[end:]
        return text

    def out_of_all(self, value: Any) -> Any:
        """The same in every text of a JSON value, the keys of its objects included."""
        if isinstance(value, str):
            return self.out_of(value)
        if isinstance(value, list):
            return [self.out_of_all(each) for each in value]
        if isinstance(value, dict):
            return {self.out_of(str(key)): self.out_of_all(each) for key, each in value.items()}
        return value

    def literal(self) -> list[str]:
        """The forms in which a database may hold them word for word, to find candidates quickly; none is empty."""
        forms: dict[str, None] = {}
        for text in (*self.names, *self.codes):
            for each in (text, text.lower(), text.upper(), unicodedata.normalize("NFC", text)):
                forms[each] = None
        return [each for each in forms if len(each) > 1]

    def digits(self) -> list[str]:
        """The ends of the numbers, to be looked for in texts from which spaces and signs were taken out (``SIGNS``)."""
        return list(dict.fromkeys(core[-FEWEST_DIGITS:] for number in self.numbers if (core := _core(number))))


@dataclass
class _Folded:
    """A text without case and accents, and where each of its characters came from."""

    source: str
    text: str = field(init=False)
    places: list[int] = field(init=False)

    def __post_init__(self) -> None:
        chars: list[str] = []
        places: list[int] = []
        for place, char in enumerate(self.source):
            for plain in unicodedata.normalize("NFKD", char):
                if not unicodedata.combining(plain):
                    for each in plain.casefold():
                        chars.append(each)
                        places.append(place)
        self.text = "".join(chars)
        self.places = places

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The same stretch in the source; an accent that follows it goes along."""
        last = self.places[end - 1] + 1
        while last < len(self.source) and unicodedata.combining(self.source[last]):
            last += 1
        return self.places[start], last


def _plain(text: str) -> str:
    return _Folded(text).text


def _name(name: str) -> str:
    tokens = _plain(name).split()
    if not tokens:
        return ""
    inside = r"\s+".join(map(re.escape, tokens))
    if _HAN.search(inside):
        return inside
    return rf"(?<!\w){inside}(?!\w)"


def _code(code: str) -> str:
    inside = re.escape(_plain(code.strip()))
    return rf"(?<![\w]){inside}(?![\w])" if inside else ""


def _number(number: str) -> str:
    """The digits of a phone number with anything between them; country code and trunk zero may stand before or be missing."""
    core = _core(number)
    if not core:
        return ""
    return rf"(?<!\d)\+?(?:\d{{1,4}}{_BETWEEN})?(?:0{_BETWEEN})?{_BETWEEN.join(core)}(?!\d)"


def _core(number: str) -> str:
    """A number's digits without country code, trunk zero and extension; empty where too few are left to be somebody's own."""
    from phonenumbers import NumberParseException, parse

    main = re.split(r"(?i)\s*(?:ext\.?|x|#|转|εσωτ\.?)\s*", number, maxsplit=1)[0].strip()
    digits = only_digits(main).lstrip("0")
    if main.startswith(("+", "00")):
        with contextlib.suppress(NumberParseException):
            digits = str(parse(f"+{digits}").national_number)
    return digits if len(digits) >= FEWEST_DIGITS else ""


def parts_of(name: str) -> list[str]:
    """The parts of a name by which people call somebody; none of a Han name, whose parts are everybody's."""
    if _HAN.search(name):
        return []
    return [part for part in re.split(r"[\s,.]+", name) if len(part) >= SHORTEST_PART]


def is_telling(name: str) -> bool:
    """Whether a name is so much somebody's own that it may be looked for everywhere."""
    if len(_HAN.findall(name)) >= 3:
        return True
    letters = sum(char.isalpha() for char in name)
    return letters >= 8 or (len(name.split()) > 1 and letters >= 6)


def joined(*several: Iterable[str | None]) -> tuple[str, ...]:
    """The texts of all of them that hold anything, each once."""
    return tuple(dict.fromkeys(text.strip() for texts in several for text in texts if text and text.strip()))
