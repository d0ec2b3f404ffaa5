"""How text is compared, sorted and found, whatever it is written in.

One ``fold`` stands on both sides of every comparison: full-width forms, case, accents and final sigma make no
difference. Han characters are found one by one, by pinyin and by initials; Greek also by its Latin letters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files
from itertools import islice, product

from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import L

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_han_char = re.compile(f"[{HAN}]")
_han_run = re.compile(f"[{HAN}]+")
_piece = re.compile(f"[{HAN}]+|[^\\W_{HAN}]+", re.UNICODE)
_control = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_unseen = re.compile(r"[\u200b\u2060\ufeff]")  # space of no width; joiners stay, emoji and Persian need them
_joiners = "\u00ad\u034f\u115f\u1160\u180e\u200c\u200d\u3164\ufe0e\ufe0f\uffa0"
_half = re.compile("[\ud800-\udfff]")  # of a pair
_spaces = re.compile(r"[^\S\n]+")


class Unkeepable(BadRequest, ValueError):
    """A text with characters that no database holds. Forms and programs send such; people do not type them."""


@lru_cache(maxsize=16384)
def fold(text: str) -> str:
    """``text`` without case, accents, width and doubled spaces: Παπαδόπουλος and ΠΑΠΑΔΟΠΟΥΛΟΣ become one."""
    if text.isascii():
        return " ".join(text.lower().split())
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(unicodedata.normalize("NFC", plain).casefold().split())


def tidy(text: str, *, lines: bool = False) -> str:
    """``text`` as it is kept: NFC, no control, direction-override or widthless characters, ends trimmed, runs of space joined.

    Raises Unkeepable for a lone surrogate or NUL, which no database text can hold.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    if "\0" in text or _half.search(text):
        raise Unkeepable(L("This holds characters that cannot be kept."))
    text = _unseen.sub("", _control.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    text = unicodedata.normalize("NFC", text)
    if not text.strip(_joiners + " \t\n\u3000"):
        return ""  # nothing that anybody could see
    if lines:
        return "\n".join(_spaces.sub(" ", line).rstrip() for line in text.split("\n")).strip()
    return " ".join(text.split())


# ---------------------------------------------------------------- pinyin and Latin letters


@lru_cache(maxsize=1)
def _readings() -> dict[str, tuple[str, ...]]:
    """Han character → its readings without tones, the usual one first. Made by ``packaging/build.py``."""
    table: dict[str, tuple[str, ...]] = {}
    source = files("smallcrm.base").joinpath("pinyin.txt")
    if not source.is_file():
        return table
    for line in source.read_text("utf-8").splitlines():
        syllable, _, characters = line.partition(" ")
        for character in characters:
            table[character] = (*table.get(character, ()), syllable)
    return table


@lru_cache(maxsize=1)
def _syllables() -> frozenset[str]:
    return frozenset(s for readings in _readings().values() for s in readings)


def pinyin(han: str) -> list[tuple[str, ...]]:
    """The likely readings of a run of Han characters, each a tuple of syllables; at most four."""
    table = _readings()
    options = [table.get(c, (c,)) for c in han]
    return list(islice(product(*options), 4))


_GREEK = {
    "ου": "ou", "αυ": "av", "ευ": "ev", "μπ": "b", "ντ": "nt", "γκ": "gk", "τζ": "tz", "τσ": "ts", "αι": "ai",
    "ει": "ei", "οι": "oi", "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th",
    "ι": "i", "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s", "τ": "t",
    "υ": "y", "φ": "f", "χ": "ch", "ψ": "ps", "ω": "o",
}  # fmt: skip
_greek = re.compile("|".join(sorted(_GREEK, key=len, reverse=True)))
_greek_word = re.compile(r"[\u0370-\u03ff]+")


def latin_of_greek(folded: str) -> str:
    """How a Greek word is usually typed with Latin letters; ``folded`` has been through ``fold``."""
    return _greek.sub(lambda m: _GREEK[m.group()], folded)


# ---------------------------------------------------------------- search text and search queries


def _pairs(run: re.Match[str]) -> str:
    """A run of Han characters as its overlapping pairs and its last character: 王伟科 → 王伟 伟科 科."""
    text = run.group()
    return f" {' '.join(text[i : i + 2] for i in range(len(text)))} "


def index_words(text: str) -> str:
    """The words under which a name is found: itself, its pairs of Han characters, pinyin, initials, Latin for Greek."""
    folded = fold(text)
    if folded.isascii():
        return folded
    words = [_han_run.sub(_pairs, folded)]
    for run in _han_run.findall(folded):
        for syllables in pinyin(run):
            initials = "".join(s[0] for s in syllables)
            words.append(" ".join(syllables))
            words.extend(initials[i:] for i in range(max(1, len(initials) - 1)))
    words.extend(latin_of_greek(word) for word in _greek_word.findall(folded))
    return " ".join(words)


def index_body(text: str) -> str:
    """The words of a longer text: itself and its pairs of Han characters. No pinyin: nobody types a note's initials."""
    folded = fold(text[:20_000])
    return folded if folded.isascii() else _han_run.sub(_pairs, folded)


def index_digits(*numbers: str) -> str:
    """Every ending of at least three digits, so that any part of a phone number finds it."""
    endings: dict[str, None] = {}
    for number in numbers:
        found = "".join(filter(str.isdigit, number))
        endings.update(dict.fromkeys([found[start:] for start in range(len(found) - 2)]))
    return " ".join(endings)


def index_address(text: str) -> str:
    """An e-mail or web address: its parts, and every ending of the part before the @ from three letters on."""
    folded = fold(text)
    local = folded.partition("@")[0]
    return " ".join([folded, *(local[i:] for i in range(1, max(1, len(local) - 2)))])


def _split_pinyin(word: str) -> list[list[str]]:
    """Every way to read ``word`` as two or more syllables, the last one perhaps unfinished; at most six."""
    known = _syllables()
    found: list[list[str]] = []

    def walk(rest: str, done: list[str]) -> None:
        if len(found) >= 6 or len(done) > 12:
            return
        for size in range(min(6, len(rest)), 0, -1):
            head, tail = rest[:size], rest[size:]
            if not tail and done:
                found.append([*done, head])
                break
            if tail and head in known:
                walk(tail, [*done, head])

    if word.isascii() and word.isalpha() and len(word) <= 40:
        walk(word, [])
    return found


def _phrase(han: str) -> str:
    """The pairs that stand one after the other where the run stands."""
    return " ".join(han[i : i + 2] for i in range(len(han) - 1))


def match_query(typed: str) -> str:
    """The FTS5 expression for what somebody typed, without column filter; empty when it holds no word.

    Words are joined by AND. A Han run matches as a substring, anything else from a word's beginning, digits anywhere
    in a phone number.
    """
    parts: list[str] = []
    compact = re.sub(r"(?<=\d)[\s()./-]+(?=\d)", "", fold(typed[:200]).replace("+", " "))
    for piece in _piece.findall(compact)[:12]:
        if _han_run.fullmatch(piece):
            parts.append(f'"{_phrase(piece)}"' if len(piece) > 1 else f'"{piece}"*')
            continue
        number = piece.lstrip("0") if piece.isdigit() and piece.startswith("00") else piece
        options = [f'"{number}"*']
        options += [f'"{" ".join(syllables)}"*' for syllables in _split_pinyin(piece)]
        parts.append(options[0] if len(options) == 1 else f"({' OR '.join(options)})")
    return " AND ".join(parts)


def matches(typed: str, words: str) -> bool:
    """Whether ``words`` (from the ``index_`` functions) would be found by ``typed``: the check behind each hit."""
    haystack = f" {' '.join(_piece.findall(words))} "
    compact = re.sub(r"(?<=\d)[\s()./-]+(?=\d)", "", fold(typed[:200]).replace("+", " "))
    for piece in _piece.findall(compact)[:12]:
        if _han_run.fullmatch(piece):
            if (f" {_phrase(piece)} " if len(piece) > 1 else f" {piece}") not in haystack:
                return False
            continue
        number = piece.lstrip("0") if piece.isdigit() and piece.startswith("00") else piece
        if f" {number}" not in haystack and not any(f" {' '.join(s)}" in haystack for s in _split_pinyin(piece)):
            return False
    return True


@lru_cache(maxsize=8192)
def sort_key(text: str) -> str:
    """What a name is sorted by: folded, Han characters at the place of their pinyin."""
    folded = fold(text)[:120]
    if folded.isascii():
        return folded
    table = _readings()
    return _han_char.sub(lambda m: f"{table.get(m.group(), ('',))[0]}{m.group()}", folded)


# ---------------------------------------------------------------- keys by which two records are the same

_LEGAL = re.compile(
    r"\b(ltd|limited|llc|llp|inc|incorporated|corp|corporation|co|company|plc|gmbh|ag|kg|sa|sas|srl|bv|nv|oy|ab|pte|pty"
    r"|group|holding|holdings|the|and|αε|επε|οε|εε|ικε|ανωνυμη|εταιρεια|εταιρια|μονοπροσωπη|ομιλοσ|αφοι|υιοι|και)\b"
)
_LEGAL_HAN = re.compile("股份有限公司|有限责任公司|有限公司|责任公司|股份公司|分公司|公司|股份|集团|控股|中国")
_REGION_HAN = re.compile(
    "^(?:北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃"
    "|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|广州|深圳|东莞|佛山|杭州|宁波|温州|南京|苏州|无锡|常州|武汉|长沙|成都|西安|郑州"
    "|青岛|济南|大连|沈阳|厦门|福州|合肥|昆明|珠海|中山|惠州|泉州|义乌)(?:省|市)?"
)
_INITIALS = re.compile(r"\b(\w)\.\s*(?=\w\b)")
_NOT_WORD = re.compile(r"[\W_]+")


@lru_cache(maxsize=8192)
def name_core(name: str) -> str:
    """The part of a company's name that tells it from others: no legal form, no region, no punctuation.

    Two names with one core are likely the same; the full name is returned folded when nothing would be left.
    """
    folded = _INITIALS.sub(r"\1", fold(name))
    core = _LEGAL_HAN.sub("", _LEGAL.sub(" ", folded.replace(".", "")))
    core = _NOT_WORD.sub("", core)
    shorter = _REGION_HAN.sub("", core)
    return (shorter if len(shorter) >= 2 else core) or _NOT_WORD.sub("", folded)


def only_digits(text: str) -> str:
    """The digits of ``text``, full-width ones included."""
    if text.isascii():
        return "".join(filter(str.isdigit, text))
    return "".join(str(unicodedata.digit(c)) for c in text if c.isdigit())
