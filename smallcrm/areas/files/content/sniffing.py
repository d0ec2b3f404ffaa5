"""A file's type by what it holds. Whoever sent it also sent a type and an ending; both may lie, so neither decides.

The ending only tells apart texts that look alike (csv, a log, a letter): every one of them is served as plain text.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

HEAD = 8192  # octets that are looked at
UNKNOWN = "application/octet-stream"


@dataclass(frozen=True)
class Content:
    """``kind`` is a key of ``records.KINDS``."""

    media_type: str
    kind: str


_SIGNATURES: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png", "picture"),
    (0, b"\xff\xd8\xff", "image/jpeg", "picture"),
    (0, b"GIF87a", "image/gif", "picture"),
    (0, b"GIF89a", "image/gif", "picture"),
    (0, b"BM", "image/bmp", "picture"),
    (0, b"II*\x00", "image/tiff", "picture"),
    (0, b"MM\x00*", "image/tiff", "picture"),
    (0, b"\x00\x00\x01\x00", "image/x-icon", "picture"),
    (0, b"8BPS", "image/vnd.adobe.photoshop", "picture"),
    (0, b"%PDF-", "application/pdf", "pdf"),
    (0, b"%!PS-Adobe", "application/postscript", "document"),
    (0, b"{\\rtf", "application/rtf", "document"),
    (0, b"ID3", "audio/mpeg", "audio"),
    (0, b"fLaC", "audio/flac", "audio"),
    (0, b"#!AMR", "audio/amr", "audio"),
    (0, b"MThd", "audio/midi", "audio"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed", "archive"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar", "archive"),
    (0, b"\x1f\x8b", "application/gzip", "archive"),
    (0, b"BZh", "application/x-bzip2", "archive"),
    (0, b"\xfd7zXZ\x00", "application/x-xz", "archive"),
    (0, b"\x28\xb5\x2f\xfd", "application/zstd", "archive"),
    (257, b"ustar", "application/x-tar", "archive"),
    (0, b"MSCF", "application/vnd.ms-cab-compressed", "archive"),
    (0, b"SQLite format 3\x00", "application/vnd.sqlite3", "other"),
    (0, b"\x7fELF", "application/x-executable", "other"),
    (0, b"AC10", "image/vnd.dwg", "other"),
)

# Boxes of "ftyp": the brand says what the container holds.
_BRANDS: dict[bytes, tuple[str, str]] = {
    b"M4A ": ("audio/mp4", "audio"), b"M4B ": ("audio/mp4", "audio"), b"qt  ": ("video/quicktime", "video"),
    b"heic": ("image/heic", "picture"), b"heix": ("image/heic", "picture"), b"mif1": ("image/heif", "picture"),
    b"avif": ("image/avif", "picture"), b"3gp4": ("video/3gpp", "video"), b"3gp5": ("video/3gpp", "video"),
}  # fmt: skip

_OPEN_XML = {
    "word/": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "document"),
    "xl/": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "table"),
    "ppt/": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "slides"),
}
_OPEN_DOCUMENT = {"text": "document", "spreadsheet": "table", "presentation": "slides", "graphics": "picture"}

_COMPOUND = (
    ("WordDocument", "application/msword", "document"),
    ("Workbook", "application/vnd.ms-excel", "table"),
    ("Book\0", "application/vnd.ms-excel", "table"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint", "slides"),
    ("__properties_version", "application/vnd.ms-outlook", "mail"),
    ("__nameid_version", "application/vnd.ms-outlook", "mail"),
)

_MARKUP = re.compile(
    rb"<(?:!doctype|html|head|body|script|style|svg|iframe|object|embed|img|table|div|p|a|meta|link|title|form|base"
    rb"|math|xml|\?xml|\?php|!--)[\s>/!?]",
    re.IGNORECASE,
)
_HEADER = re.compile(rb"([A-Za-z][\w-]*):|[ \t]")
_OF_MAIL = frozenset({b"from", b"received", b"return-path", b"message-id"})
_BY_ENDING = {
    "csv": ("text/csv", "table"), "tsv": ("text/tab-separated-values", "table"), "json": ("application/json", "text"),
    "md": ("text/markdown", "text"),
}  # fmt: skip
_RUN_BY_WINDOWS = (b"\x4c\x00\x00\x00\x01\x14\x02\x00",)  # a shortcut


def sniff(path: Path, name: str) -> Content:
    """What the file at ``path`` is."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        return Content("application/x-empty", "other")
    return _by_signature(head) or _container(path, head) or _text(head, name) or Content(UNKNOWN, "other")


def _by_signature(head: bytes) -> Content | None:
    for start, mark, media_type, kind in _SIGNATURES:
        if head.startswith(mark, start) and not (mark == b"BM" and head[6:10] != b"\0\0\0\0"):
            return Content(media_type, kind)
    if head[:4] == b"RIFF":
        found = {
            b"WEBP": ("image/webp", "picture"),
            b"WAVE": ("audio/wav", "audio"),
            b"AVI ": ("video/x-msvideo", "video"),
        }
        return Content(*found.get(head[8:12], (UNKNOWN, "other")))
    if head[4:8] == b"ftyp":
        return Content(*_BRANDS.get(head[8:12], ("video/mp4", "video")))
    if head.startswith(b"OggS"):
        return Content("video/ogg", "video") if b"theora" in head[:256] else Content("audio/ogg", "audio")
    if head.startswith(b"\x1aE\xdf\xa3"):
        return Content("video/webm" if b"webm" in head[:64] else "video/x-matroska", "video")
    if len(head) > 2 and head[0] == 0xFF and head[:2] not in _WIDE and (frame := _mpeg(head)):
        return frame
    if head.startswith((b"MZ", *_RUN_BY_WINDOWS)) and not _is_text(head):
        return Content("application/x-executable", "other")
    return None


_WIDE = (b"\xff\xfe", b"\xfe\xff")


def _mpeg(head: bytes) -> Content | None:
    """Sound that begins with a frame's header, without a tag before it."""
    if head[1] & 0xF6 == 0xF0:
        return Content("audio/aac", "audio")
    layer, version, rate = head[1] & 0x06, head[1] & 0x18, head[2] & 0xF0
    fits = head[1] & 0xE0 == 0xE0 and layer and version != 0x08 and rate != 0xF0
    return Content("audio/mpeg", "audio") if fits else None


def _container(path: Path, head: bytes) -> Content | None:
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zipped(path)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _compound(path)
    return None


def _zipped(path: Path) -> Content:
    archive = Content("application/zip", "archive")
    try:
        with zipfile.ZipFile(path) as bundle:
            names = bundle.namelist()[:2000]
            if "mimetype" in names and bundle.getinfo("mimetype").file_size < 100:
                said = bundle.read("mimetype").decode("ascii", "replace").strip()
                family = said.removeprefix("application/vnd.oasis.opendocument.").split("-")[0]
                known = said.startswith("application/vnd.oasis.opendocument.") and family in _OPEN_DOCUMENT
                return Content(said, _OPEN_DOCUMENT[family]) if known else archive
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        return archive
    if "[Content_Types].xml" in names:
        for start, (media_type, kind) in _OPEN_XML.items():
            if any(each.startswith(start) for each in names):
                return Content(media_type, kind)
    return archive


def _compound(path: Path) -> Content:
    """A compound file of Microsoft's: its directory, in UTF-16, names the streams."""
    with path.open("rb") as file:
        data = file.read(4 * 2**20)
        end = file.seek(0, 2)
        file.seek(max(0, end - 2**20))
        data += file.read()
    for stream, media_type, kind in _COMPOUND:
        if stream.encode("utf-16-le") in data:
            return Content(media_type, kind)
    return Content(UNKNOWN, "other")


# ---------------------------------------------------------------- text


def _text(head: bytes, name: str) -> Content | None:
    if not _is_text(head):
        return None
    plain = _narrow(head)
    start = plain.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for mark, found in (
        (b"begin:vcard", Content("text/vcard", "text")), (b"begin:vcalendar", Content("text/calendar", "text")),
    ):  # fmt: skip
        if start.startswith(mark):
            return found
    if _is_mail(plain):
        return Content("message/rfc822", "mail")
    if _MARKUP.search(plain):
        if b"<svg" in plain.lower():
            return Content("image/svg+xml", "other")
        declared = start.startswith(b"<?xml") and b"<html" not in plain.lower()
        return Content("application/xml" if declared else "text/html", "other")
    ending = PurePosixPath(name).suffix.lower().lstrip(".")
    return Content(*_BY_ENDING.get(ending, ("text/plain", "text")))


def _is_mail(plain: bytes) -> bool:
    """Whether it begins with headers, three at least, as only a mail has them."""
    names: set[bytes] = set()
    for line in plain.splitlines():
        header = _HEADER.match(line)
        if header is None:
            break
        names.add((header[1] or b"").lower())
    return len(names - {b""}) >= 3 and bool(names & _OF_MAIL)


def _narrow(head: bytes) -> bytes:
    """UTF-16 as one byte a character, so that marks are found in it too."""
    if head[:2] in _WIDE or b"\0" in head:
        return head.replace(b"\0", b"").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    return head


def _is_text(head: bytes) -> bool:
    """Hardly any control characters, except the zeros of UTF-16."""
    body = head[2:] if head[:2] in _WIDE else head
    if not body:
        return True
    zeros = (body[0::2].count(0), body[1::2].count(0))
    if max(zeros) > len(body) * 0.1 and min(zeros) * 10 <= max(zeros):
        body = body[1::2] if zeros[0] > zeros[1] else body[0::2]
    controls = sum(body.count(code) for code in range(32) if code not in (9, 10, 12, 13, 27))
    return controls <= len(body) // 200
