"""The beginning of a text, in whatever encoding it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from smallcrm.records.exchange.decoding import codec, guess_encoding

MOST = 100 * 1024  # octets shown
_WEB_NAMES = {"utf-8-sig": "utf-8", "cp737": "utf-8", "cp950": "big5"}


@dataclass(frozen=True)
class Beginning:
    """``whole``: nothing was left out."""

    text: str
    whole: bool
    encoding: str


def read(path: Path, language: str) -> Beginning:
    """The first 100 KB."""
    with path.open("rb") as file:
        data = file.read(MOST + 1)
    whole = len(data) <= MOST
    guess = guess_encoding(data[:MOST], language)
    text = data[:MOST].decode(codec(guess.name), "replace" if whole else "ignore")
    return Beginning(text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""), whole, guess.name)


def encoding_of(path: Path) -> str:
    """What a browser calls the encoding, told from the beginning."""
    with path.open("rb") as file:
        found = guess_encoding(file.read(MOST)).name
    return _WEB_NAMES.get(found, found).replace("cp125", "windows-125").replace("iso8859-", "iso-8859-")
