"""Names of files: as somebody's computer sent them, cleaned for keeping, for downloads and for an archive."""

from __future__ import annotations

import mimetypes
import re
import unicodedata
from collections.abc import Iterable, Iterator

from smallcrm.base import clock, formats
from smallcrm.base.text import tidy

MOST = 200  # characters kept
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,10}\Z")
_UNSEEN = re.compile("[\u200b\u2060\ufeff\u00ad]")  # without width and without use; joiners of emoji and scripts stay
_WINDOWS = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
_NOT_ON_DISKS = re.compile(r'[<>:"|?*\\/\x00-\x1f]')
# What phones and the clipboard call every picture.
_NAMELESS = re.compile(r"(?i)(image|blob|photo|capture)(\.(png|jpe?g|webp|heic))?")


def clean(sent: str) -> str:
    """The name under which an upload is kept: its last part, without what is unseen or turns the reading direction.

    Never empty; at most ``MOST`` characters, the ending kept.
    """
    last = re.split(r"[\\/]", sent.replace("\0", ""))[-1]
    name = _visible(last).strip(". ")
    if _NAMELESS.fullmatch(name):
        now = formats.local(clock.now())
        stem, dot, ending = name.rpartition(".")
        name = f"{stem or ending} {now:%Y-%m-%d %H.%M.%S}{dot}{ending if dot else ''}"
    return _short(name, MOST) or "file"


def renamed(typed: str) -> str:
    """A name that somebody typed: what separates folders becomes a dash, so that no part of it is lost."""
    return _short(re.sub(r"[\\/]", "-", _visible(typed)).strip(". "), MOST)


def _visible(text: str) -> str:
    whole = text.encode("utf-8", "ignore").decode("utf-8")  # without halves of surrogate pairs
    return _UNSEEN.sub("", tidy(whole.replace("\0", "")))


def _short(name: str, most: int) -> str:
    if len(name) <= most:
        return name
    ending = found[0] if (found := _ENDING.search(name)) else ""
    return name[: most - len(ending)].rstrip(". ") + ending


def for_download(name: str, media_type: str) -> str:
    """The name a browser is told, with an ending where it has none, so that the file opens by a click."""
    if _ENDING.search(name):
        return name
    return name + (mimetypes.guess_extension(media_type, strict=False) or "")


def for_archive(named: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Names for one archive out of (name, media type): fit for any disk, each only once, in the same order."""
    taken: set[str] = set()
    for name, media_type in named:
        plain = _NOT_ON_DISKS.sub("_", for_download(name, media_type))
        plain = _fitting(f"_{plain}" if _WINDOWS.fullmatch(plain) else plain.rstrip(". ") or "file")
        ending = found[0] if (found := _ENDING.search(plain)) else ""
        stem, number, free = plain.removesuffix(ending), 1, plain
        while unicodedata.normalize("NFC", free).casefold() in taken:
            number += 1
            free = f"{stem} ({number}){ending}"
        taken.add(unicodedata.normalize("NFC", free).casefold())
        yield free


def _fitting(name: str) -> str:
    """Short enough for a disk that counts octets, with room for a number."""
    ending = found[0] if (found := _ENDING.search(name)) else ""
    stem = name.removesuffix(ending)
    while len((stem + ending).encode()) > 240:
        stem = stem[:-1]
    return stem.rstrip(". ") + ending
