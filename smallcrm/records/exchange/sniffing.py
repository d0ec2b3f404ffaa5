"""What a file is by its content, never by its name, and whether it is safe to open."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from smallcrm.records.exchange.refusals import LIMITS, Limits, Unreadable

Kind = Literal["xlsx", "xls", "ods", "text"]

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "picture"), (b"\xff\xd8\xff", "picture"), (b"GIF8", "picture"), (b"BM\x00\x00", "picture"),
    (b"II*\x00", "picture"), (b"MM\x00*", "picture"), (b"\x00\x00\x01\x00", "picture"),
    (b"\x1f\x8b", "archive"), (b"Rar!", "archive"), (b"7z\xbc\xaf\x27\x1c", "archive"), (b"BZh", "archive"),
    (b"\xfd7zXZ", "archive"), (b"MZ", "program"), (b"\x7fELF", "program"), (b"\xca\xfe\xba\xbe", "program"),
    (b"#!", "program"), (b"SQLite format 3\x00", "database"), (b"{\\rtf", "word"),
)  # fmt: skip

_TEXTUAL: tuple[tuple[tuple[bytes, ...], str], ...] = (
    ((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta"), "html"),
    ((b"begin:vcard",), "vcard"),
    ((b"begin:vcalendar",), "calendar"),
    ((b"mime-version:",), "mail"),
)

# The oldest workbooks begin with a BIFF record instead of a compound file.
_OLD_EXCEL = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00")


def kind_of(path: Path, limits: Limits = LIMITS) -> Kind:
    """Which reader the file is for. Raises ``Unreadable`` for everything that is no table or not safe to open."""
    try:
        size = path.stat().st_size
        with path.open("rb") as handle:
            head = handle.read(8192)
    except OSError:
        raise Unreadable("missing") from None
    if not size:
        raise Unreadable("empty")
    if size > limits.file_size:
        raise Unreadable("too_large", size=size >> 20, limit=limits.file_size >> 20)
    if head.startswith(b"PK\x03\x04"):
        return _zipped(path, limits)
    if head.startswith((b"PK\x05\x06", b"PK\x07\x08")):
        raise Unreadable("archive")
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _compound(path)
    if head.startswith(_OLD_EXCEL):
        raise Unreadable("old_excel")
    _refuse_by_head(head)
    return "text"


def _refuse_by_head(head: bytes) -> None:
    for magic, code in _MAGIC:
        if head.startswith(magic) and not (magic in (b"#!", b"MZ", b"BM\x00\x00") and _mostly_text(head)):
            raise Unreadable(code)
    if head[:4] == b"RIFF" or head[4:8] == b"ftyp":
        raise Unreadable("picture")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        start = start.replace(b"\0", b"")[2:]
    for starts, code in _TEXTUAL:
        if start.startswith(starts):
            raise Unreadable(code)
    if start.startswith(b"<?xml"):
        known = b"urn:schemas-microsoft-com:office:spreadsheet" in start
        raise Unreadable("excel_xml" if known else "html" if b"<html" in start else "binary")
    if start.startswith((b"{", b"[{")) and b'":' in start:
        raise Unreadable("json")
    if not _mostly_text(head):
        raise Unreadable("binary")


def _mostly_text(head: bytes) -> bool:
    """Whether the bytes may be text in some encoding: hardly any control characters, except UTF-16's zeros."""
    body = head[2:] if head[:2] in (b"\xff\xfe", b"\xfe\xff") else head
    zeros = (body[0::2].count(0), body[1::2].count(0))
    if max(zeros) > len(body) * 0.02 and min(zeros) * 10 <= max(zeros):
        body = body[1::2] if zeros[0] > zeros[1] else body[0::2]
    controls = sum(body.count(bytes([code])) for code in range(32) if code not in (0, 9, 10, 11, 12, 13, 26, 27))
    return controls <= len(body) * 0.01 + 1 and body.count(0) <= len(body) * 0.25


# ---------------------------------------------------------------- zip containers


def _zipped(path: Path, limits: Limits) -> Kind:
    try:
        with zipfile.ZipFile(path) as bundle:
            members = bundle.infolist()
            names = {member.filename.replace("\\", "/").lower() for member in members}
            _check_bundle(members, limits)
            kind = _bundle_kind(names, bundle)
            _check_sizes(bundle, members, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as fault:
        raise Unreadable("password" if "encrypted" in str(fault) else "damaged") from None
    return kind


def _check_bundle(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(members) > limits.members:
        raise Unreadable("members", count=len(members), limit=limits.members)
    if any(member.flag_bits & 1 for member in members):
        raise Unreadable("password")
    total = sum(member.file_size for member in members)
    if total > limits.unpacked_size:
        raise Unreadable("bomb", size=total >> 20)
    for member in members:
        if member.file_size > 5 * 2**20 and member.file_size > limits.ratio * max(1, member.compress_size):
            raise Unreadable("bomb", size=total >> 20)


def _bundle_kind(names: set[str], bundle: zipfile.ZipFile) -> Kind:
    if any(name.endswith("vbaproject.bin") for name in names):
        raise Unreadable("macros")
    if "xl/workbook.bin" in names:
        raise Unreadable("xlsb")
    if "[content_types].xml" in names and any(name.startswith("xl/") for name in names):
        return "xlsx"
    if "mimetype" in names:
        return _open_document(bundle)
    for start, code in (("word/", "word"), ("ppt/", "slides"), ("index/", "numbers")):
        if any(name.startswith(start) for name in names):
            raise Unreadable(code)
    raise Unreadable("archive")


def _open_document(bundle: zipfile.ZipFile) -> Kind:
    kind = bundle.read("mimetype")[:100]
    if b"spreadsheet" not in kind:
        raise Unreadable("slides" if b"presentation" in kind else "word" if b"text" in kind else "archive")
    try:
        with bundle.open("META-INF/manifest.xml") as manifest:
            if b"encryption-data" in manifest.read(2**20):
                raise Unreadable("password")
    except KeyError:
        pass
    return "ods"


def _check_sizes(bundle: zipfile.ZipFile, members: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Members that unpack to more than they claim are damaged or meant to hurt."""
    total = 0
    for member in members:
        for size in unpacked_sizes(bundle, member):
            total += size
            if size > member.file_size or total > limits.unpacked_size:
                raise Unreadable("bomb", size=total >> 20)


def unpacked_sizes(bundle: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[int]:
    """The true unpacked size of a member, once it is known not to exceed its claim by more than a step.

    ZipFile.open believes the claimed size and stops there; other readers go on, so this inflates by itself.
    """
    if member.compress_type == zipfile.ZIP_STORED:
        yield member.compress_size
        return
    if member.compress_type != zipfile.ZIP_DEFLATED:
        raise NotImplementedError("compression")
    handle = bundle.fp
    assert handle is not None
    handle.seek(member.header_offset)
    header = handle.read(30)
    handle.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    inflate = zlib.decompressobj(-15)
    left, size = member.compress_size, 0
    while left > 0 and not inflate.eof:
        packed = handle.read(min(65536, left))
        if not packed:
            raise EOFError
        left -= len(packed)
        made = 2**20
        while (packed or made == 2**20) and not inflate.eof:
            made = len(inflate.decompress(packed, 2**20))
            packed = inflate.unconsumed_tail
            size += made
            if size > member.file_size:
                yield size
                return
    if not inflate.eof:
        raise EOFError
    yield size


# ---------------------------------------------------------------- compound files (xls)


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-le")


def _compound(path: Path) -> Kind:
    data = path.read_bytes()
    if _utf16("EncryptedPackage") in data:
        raise Unreadable("password")
    if _utf16("_VBA_PROJECT") in data:
        raise Unreadable("macros")
    for stream, code in (("WordDocument", "word"), ("PowerPoint Document", "slides"), ("__properties_version", "mail")):
        if _utf16(stream) in data:
            raise Unreadable(code)
    if _utf16("Workbook\0") in data or _utf16("WORKBOOK\0") in data:
        return "xls"
    if _utf16("Book\0") in data:
        return "xls"
    raise Unreadable("binary")
