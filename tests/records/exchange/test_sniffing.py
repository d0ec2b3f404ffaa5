"""A file is what its bytes say, and what could hurt is not opened."""

from __future__ import annotations

import os
import struct
import zipfile
from pathlib import Path

import pytest

from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import speaking
from smallcrm.records.exchange.reading import open_workbook
from smallcrm.records.exchange.refusals import REASONS, Limits, Unreadable
from smallcrm.records.exchange.sniffing import kind_of

from .conftest import Make

CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


def utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in members.items():
            bundle.writestr(name, content)
    return path


def code_of(path: Path) -> str:
    with pytest.raises(Unreadable) as refusal, open_workbook(path):
        pass
    return refusal.value.code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "picture"),
        (b"\xff\xd8\xff\xe0" + b"x" * 50, "picture"),
        (b"RIFF1234WEBP" + b"\0" * 20, "picture"),
        (b"%PDF-1.7\n", "pdf"),
        (b"<html><table><tr><td>a</td></tr></table>", "html"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE html>", "html"),
        ("\ufeff<table>".encode("utf-16-le"), "html"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "excel_xml"),
        (b'[{"name": "x"}]', "json"),
        (b"BEGIN:VCARD\nVERSION:3.0\n", "vcard"),
        (b"BEGIN:VCALENDAR\n", "calendar"),
        (b"SQLite format 3\0" + b"\0" * 90, "database"),
        (b"MZ\x90\x00" + bytes(range(200)), "program"),
        (b"\x7fELF" + b"\0" * 90, "program"),
        (b"\x1f\x8b\x08", "archive"),
        (b"Rar!\x1a\x07", "archive"),
        (b"\x09\x04\x06\x00" + b"\0" * 30, "old_excel"),
        (CFB + utf16("EncryptedPackage"), "password"),
        (CFB + utf16("_VBA_PROJECT"), "macros"),
        (CFB + utf16("WordDocument"), "word"),
        (CFB, "binary"),
        (bytes(range(256)) * 20, "binary"),
    ],
)
@pytest.mark.parametrize("name", ["list.xlsx", "list.csv"])
def test_content_decides_not_the_name(text_file: Make, content: bytes, code: str, name: str) -> None:
    assert code_of(text_file(content, name=name)) == code


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"word/document.xml": b"", "[Content_Types].xml": b""}, "word"),
        ({"ppt/presentation.xml": b"", "[Content_Types].xml": b""}, "slides"),
        ({"Index/Document.iwa": b""}, "numbers"),
        ({"a.csv": b"a,b"}, "archive"),
        ({"xl/workbook.bin": b"", "[Content_Types].xml": b""}, "xlsb"),
        ({"xl/workbook.xml": b"", "[Content_Types].xml": b"", "xl/vbaProject.bin": b""}, "macros"),
        ({"mimetype": b"application/vnd.oasis.opendocument.text"}, "word"),
        (
            {
                "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
                "META-INF/manifest.xml": b"<manifest:encryption-data>",
            },
            "password",
        ),
        ({"xl/workbook.xml": b"x", "[Content_Types].xml": b""}, "damaged"),
    ],
)
def test_zip_containers(tmp_path: Path, members: dict[str, bytes], code: str) -> None:
    assert code_of(zipped(tmp_path / "list.xlsx", members)) == code


def test_a_workbook_under_another_name_is_read(book_file: Make) -> None:
    path = book_file([["Name"], ["Acme"]], name="list.csv")
    with open_workbook(path) as book:
        assert book.facts.kind == "xlsx"


def test_a_missing_file(tmp_path: Path) -> None:
    assert code_of(tmp_path / "gone.csv") == "missing"


def test_too_large(text_file: Make) -> None:
    with pytest.raises(Unreadable) as refusal:
        kind_of(text_file(b"a,b\n" * 1000), Limits(file_size=1000))
    assert refusal.value.code == "too_large"


def test_a_bomb_is_not_unpacked(book_file: Make, repacked: Make) -> None:
    """A little that would be 100 MB: refused at once, from what the directory says."""
    strings = b"<sst>" + b"<si><t>aaaaaaaaaaaaaaaaaaaaaaaa</t></si>" * 2_500_000
    path = repacked(book_file([["Name"], ["Acme"]]), {"xl/sharedStrings.xml": strings})
    assert path.stat().st_size < 500_000
    assert code_of(path) == "bomb"


def test_a_bomb_that_lies_about_its_size_is_not_unpacked(book_file: Make, repacked: Make, tmp_path: Path) -> None:
    content = b"<sst>" + b"a" * 20_000_000
    path = repacked(book_file([["Name"], ["Acme"]]), {"xl/sharedStrings.xml": content})
    lying = path.read_bytes().replace(struct.pack("<I", len(content)), struct.pack("<I", 900))
    path.write_bytes(lying)
    assert code_of(path) == "bomb"


def test_ten_thousand_parts(book_file: Make, repacked: Make) -> None:
    parts = {f"xl/worksheets/s{i}.xml": b"x" for i in range(10_000)}
    assert code_of(repacked(book_file([["Name"]]), parts)) == "members"


@pytest.mark.parametrize("what", ["entity", "external"])
def test_declared_entities_are_refused(book_file: Make, repacked: Make, what: str) -> None:
    declared = b'<!ENTITY a "aaaaaaaa">' if what == "entity" else b'<!ENTITY a SYSTEM "file:///etc/passwd">'
    sheet = (
        b'<?xml version="1.0"?><!DOCTYPE x [' + declared + b"]>"
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
        b'<c r="A1" t="inlineStr"><is><t>&a;</t></is></c></row></sheetData></worksheet>'
    )
    assert code_of(repacked(book_file([["Name"]]), {"xl/worksheets/sheet1.xml": sheet})) == "damaged"


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.9])
def test_a_workbook_cut_short(book_file: Make, cut: float) -> None:
    path = book_file([["Name"], *([f"Customer {i}"] for i in range(200))])
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * cut)])
    assert code_of(path) == "damaged"


def test_random_bytes_in_an_old_workbook(tmp_path: Path) -> None:
    path = tmp_path / "list.xls"
    path.write_bytes(CFB + utf16("Workbook\0") + os.urandom(4000))
    assert code_of(path) == "damaged"


def test_a_cell_in_the_farthest_corner_ends_only_the_worker(book_file: Make) -> None:
    """calamine aborts its whole process here; the file is refused and we are still alive."""

    def far(book: object) -> None:
        book.active["XFA1048570"] = 1  # type: ignore[attr-defined]

    assert code_of(book_file([["Name"], ["Acme"]], far)) in ("memory", "columns")


def test_a_refusal_is_an_error_of_the_file_in_the_reader_s_language(text_file: Make) -> None:
    with pytest.raises(Invalid) as refusal:
        kind_of(text_file(b""))
    assert list(refusal.value.errors) == ["file"]
    assert refusal.value.status == 422
    assert "empty" in str(refusal.value)


def test_every_reason_takes_its_values() -> None:
    values = dict.fromkeys(("size", "limit", "count", "sheet", "row", "encoding", "line", "separator"), 1)
    for code in REASONS:
        with speaking("en"):
            assert "%(" not in str(Unreadable(code, **values))
