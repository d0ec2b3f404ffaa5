"""Which encoding a text file is in: every candidate is tried, and judged by whether people write like that.

A guess says how sure it is and what else it could be. It is never "sure" while another reading looks nearly as good.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from smallcrm.records.exchange.letters import plausibility
from smallcrm.records.exchange.refusals import Unreadable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip

# In order of how often they are met; a tie goes to the earlier one.
CANDIDATES = (
    "gb18030", "cp1253", "cp1252", "cp1250", "cp1251", "big5", "iso8859-7", "cp737", "iso8859-2",
)  # fmt: skip
_HOME = {"zh": ("gb18030",), "el": ("cp1253", "iso8859-7"), "en": ("cp1252",)}
_CODEC = {"big5": "cp950"}
_CENTRAL = frozenset({"cp1250", "iso8859-2"})

NAMES = {
    "utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "utf-16-le": "UTF-16 LE", "utf-16-be": "UTF-16 BE",
    "utf-32": "UTF-32", "ascii": "ASCII", "gb18030": "GB18030 (简体中文)", "big5": "Big5 (繁體中文)",
    "cp1253": "Windows-1253 (Ελληνικά)", "iso8859-7": "ISO-8859-7 (Ελληνικά)", "cp737": "DOS 737 (Ελληνικά)",
    "cp1252": "Windows-1252 (Western)", "cp1250": "Windows-1250 (Central European)",
    "iso8859-2": "ISO-8859-2 (Central European)",
    "cp1251": "Windows-1251 (Кириллица)", "koi8-r": "KOI8-R (Кириллица)", "mac-roman": "Macintosh", "cp850": "DOS 850",
    "iso8859-1": "ISO-8859-1", "iso8859-15": "ISO-8859-15", "cp1254": "Windows-1254 (Türkçe)", "shift_jis": "Shift JIS",
    "euc_kr": "EUC-KR", "cp866": "DOS 866", "gbk": "GBK", "gb2312": "GB 2312",
}  # fmt: skip


@dataclass(frozen=True)
class Encoding:
    """A guess. ``confidence`` 0–1; ``runner_up`` is the next best with another text; ``bad_lines`` do not fit."""

    name: str
    confidence: float
    sure: bool
    runner_up: str = ""
    bad_lines: tuple[int, ...] = ()


def known_encoding(name: str) -> str:
    """``name`` as Python calls that text encoding. Raises ``Unreadable`` where there is none of that name."""
    try:
        info = codecs.lookup(name.strip())
    except (LookupError, ValueError, UnicodeError):
        raise Unreadable("encoding_unknown", encoding=name[:40]) from None
    if not getattr(info, "_is_text_encoding", True) or info.name in _UNFIT:
        raise Unreadable("encoding_unknown", encoding=name[:40])
    return _SPELT.get(info.name, info.name)


_UNFIT = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "unicode-escape", "raw-unicode-escape",
                    "utf-7", "undefined", "mbcs", "oem", "cp65000"})  # fmt: skip
_SPELT = {"cp950": "big5", "big5hkscs": "big5hkscs", "gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030"}


def codec(name: str) -> str:
    """The codec behind one of our names: ``big5`` is read as Windows reads it."""
    return _CODEC.get(name, name)


# ---------------------------------------------------------------- guessing

_WHOLE = 8 * 2**20


def guess_file(path: Path, language: str = "en") -> Encoding:
    """``guess_encoding`` for a file; of a very large one by its beginning, then the rest is checked against it."""
    with path.open("rb") as handle:
        data = handle.read(_WHOLE)
        more = bool(handle.read(1))
    guess = guess_encoding(data, language)
    if more:
        try:
            check_encoding(path, guess.name)
        except Unreadable as fault:
            return Encoding(guess.name, 0.4, False, guess.runner_up, (int(fault.values["line"]),))
    return guess


def guess_encoding(data: bytes, language: str = "en") -> Encoding:
    """The encoding of a whole file's bytes, for somebody who works in ``language``."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            return _by_bom(data, name)
    if wide := _wide(data):
        return wide
    if data.isascii():
        return Encoding("utf-8", 1.0, True)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as fault:
        if _cut_off(data, fault) and len(_SEQUENCE.findall(data[:65536])) >= 4:
            return Encoding("utf-8", 0.98, True)
        return _narrow(data, language)
    return _likely_utf8(data, language)


def _by_bom(data: bytes, name: str) -> Encoding:
    try:
        data.decode(name)
    except UnicodeDecodeError as fault:
        if not _cut_off(data, fault):
            return Encoding(name, 0.5, False, bad_lines=bad_lines(data, name))
    return Encoding(name, 1.0, True)


def _cut_off(data: bytes, fault: UnicodeDecodeError) -> bool:
    """Whether only the very last character is incomplete, as in a file that was cut."""
    return (
        len(data) > 2000
        and fault.start >= len(data) - 3
        and ("end of data" in fault.reason or "incomplete" in fault.reason or "truncated" in fault.reason)
    )


def _wide(data: bytes) -> Encoding | None:
    """UTF-16 without a mark: zeros stand on every second place, or hardly anywhere else."""
    sample = data[:65536]
    zeros = (sample[0::2].count(0), sample[1::2].count(0))
    if max(zeros) < max(2, len(sample) * 0.02) or min(zeros) * 10 > max(zeros):
        return None
    name = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    try:
        text = data[: len(data) // 2 * 2].decode(name)
    except UnicodeDecodeError:
        return None
    score, _ = plausibility(text[:100_000])
    return Encoding(name, max(0.5, score), score > 0.5) if "\n" in text or "\r" in text or len(text) < 2000 else None


def _likely_utf8(data: bytes, language: str) -> Encoding:
    """Text that is valid UTF-8 is UTF-8, unless it has so few such characters that chance explains them."""
    sequences = len(_SEQUENCE.findall(data[:65536]))
    if sequences >= 4:
        return Encoding("utf-8", 1.0, True)
    mine, _ = plausibility(data.decode("utf-8"))
    other = _narrow(data, language)
    if other.confidence > mine + 0.1:
        return Encoding("utf-8", max(0.5, mine), False, runner_up=other.name)
    return Encoding("utf-8", 0.97, True)


_SEQUENCE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")


def sample_of(data: bytes, size: int = 12_000) -> bytes:
    """The lines that hold more than ASCII, from all over the file, about ``size`` bytes of them."""
    lines = [line for line in re.split(rb"[\r\n]+", data) if not line.isascii()]
    step = max(1, sum(map(len, lines)) // size)
    return b"\n".join(lines[::step])[: size + size // 2]


def _narrow(data: bytes, language: str) -> Encoding:
    """The best of the encodings of one or two bytes a character."""
    sample = sample_of(data)
    tried: list[_Tried] = []
    for place, name in enumerate(CANDIDATES):
        text = _decoded(data, sample, name)
        if text is None:
            continue
        score, letters = plausibility(text, central=name in _CENTRAL)
        bonus = 0.06 if name in _HOME.get(language, ()) else -0.08 if name == "cp737" else 0.0
        tried.append((score + bonus - place * 0.002, letters, name, text))
    mixed = _mostly_utf8(data)
    if not tried or (mixed and max(tried)[0] < 0.75):
        name = "utf-8" if mixed or not tried else max(tried)[2]
        return Encoding(name, 0.4, False, runner_up=max(tried)[2] if tried else "", bad_lines=bad_lines(data, name))
    tried.sort(reverse=True)
    first, rivals = tried[0], _rivals(tried[0], tried)
    if rivals and rivals[0][0] < 0:
        # Over the whole text they are alike, but where they differ the other one reads better.
        first = next(entry for entry in tried if entry[2] == rivals[0][2])
        rivals = _rivals(first, tried)
    best, _, name, _ = first
    margin, letters, runner = rivals[0] if rivals else (1.0, 99, "")
    sure = best >= 0.5 and margin >= (0.15 if letters >= 4 else 0.3)
    confidence = max(0.05, min(1.0, best)) * max(0.3, min(1.0, 0.5 + margin * 2))
    return Encoding(name, round(confidence, 3), sure, runner_up=runner)


_Tried = tuple[float, int, str, str]  # score, letters, encoding, text


def _rivals(mine: _Tried, tried: list[_Tried]) -> list[tuple[float, int, str]]:
    """How far ahead ``mine`` is of each other good reading, over how many letters, the closest first."""
    others = [other for other in tried[:5] if other[3] != mine[3]]
    return sorted((*_compare(mine[3], other[3], mine[2], other[2]), other[2]) for other in others)


def _compare(mine: str, other: str, my_name: str, other_name: str) -> tuple[float, int]:
    """How much better ``mine`` reads than ``other`` where the two differ, and over how many characters."""
    whole = plausibility(mine, central=my_name in _CENTRAL)[0] - plausibility(other, central=other_name in _CENTRAL)[0]
    ours, theirs = mine.split("\n"), other.split("\n")
    if len(ours) == len(theirs):
        pairs = [_differing(a, b) for a, b in zip(ours, theirs, strict=True) if a != b]
        mine, other = "\n".join(a for a, _ in pairs), "\n".join(b for _, b in pairs)
    my_score, letters = plausibility(mine, central=my_name in _CENTRAL)
    other_score, _ = plausibility(other, central=other_name in _CENTRAL)
    return max(my_score - other_score, whole), letters


def _differing(mine: str, other: str) -> tuple[str, str]:
    """The words of two readings of a line that differ; the whole lines where they do not run in step."""
    ours, theirs = _PIECE.split(mine), _PIECE.split(other)
    if len(ours) != len(theirs):
        return mine, other
    apart = [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b]
    return " ".join(a for a, _ in apart), " ".join(b for _, b in apart)


_PIECE = re.compile(r"[\s;,|]+")


def _decoded(data: bytes, sample: bytes, name: str) -> str | None:
    """The sample's text, or None where the file does not fit the encoding."""
    try:
        text = sample.decode(codec(name))
    except UnicodeDecodeError as fault:
        if fault.start < len(sample) - 3 or len(data) <= 2000:
            return None
        text = sample[: fault.start].decode(codec(name), "ignore")
    try:
        if len(data) > len(sample):
            data.decode(codec(name))
    except UnicodeDecodeError as fault:
        if not _cut_off(data, fault):
            return None
    return text


def _mostly_utf8(data: bytes) -> bool:
    """Whether nearly every character beyond ASCII is good UTF-8: a file put together from two, or damaged."""
    sample = sample_of(data)
    good = sum(map(len, _SEQUENCE.findall(sample)))
    total = sum(1 for byte in sample if byte > 127)
    text = sample.decode("utf-8", "replace")
    return good > total * 0.6 and text.count("\ufffd") < len([c for c in text if not c.isascii()]) * 0.4


def bad_lines(data: bytes, name: str, most: int = 20) -> tuple[int, ...]:
    """The first lines (from 1) that do not fit the encoding."""
    found: list[int] = []
    if name.startswith(("utf-16", "utf-32")):
        return ()
    for number, line in enumerate(data.split(b"\n"), 1):
        try:
            line.decode(codec(name))
        except UnicodeDecodeError:
            found.append(number)
            if len(found) >= most:
                break
    return tuple(found)


# ---------------------------------------------------------------- reading


def text_lines(path: Path, name: str) -> Iterator[str]:
    """The file's lines without their ends, whatever ends they have; what does not fit becomes U+FFFD.

    Only CR, LF and CRLF end a line: text may hold the other characters that Python would split at.
    """
    with path.open("r", encoding=codec(name), errors="replace", newline=None) as handle:
        for line in handle:
            yield line[:-1] if line.endswith("\n") else line


def check_encoding(path: Path, name: str) -> None:
    """Raise ``Unreadable`` when the file is not written in the encoding somebody named."""
    decoder = codecs.getincrementaldecoder(codec(name))("strict")
    line = 1
    with path.open("rb") as handle:
        while block := handle.read(2**20):
            try:
                line += decoder.decode(block).count("\n")
            except UnicodeDecodeError as fault:
                line += block[: fault.start].count(b"\n")
                raise Unreadable("encoding_wrong", encoding=NAMES.get(name, name), line=line) from None


def previews(path: Path, *names: str) -> dict[str, list[str]]:
    """A few lines as each encoding reads them, for the person who must choose."""
    with path.open("rb") as handle:
        lines = [line for line in re.split(rb"[\r\n]+", handle.read(2**20)) if not line.isascii()][:3]
    return {name: [line.decode(codec(name), "replace")[:120] for line in lines] for name in names if name}
