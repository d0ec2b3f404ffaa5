"""Files that nobody sends by mistake, made where they are needed: small ones that would grow, and ones that are no table."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable, Iterator

import openpyxl

MB = 2**20
CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def book(sheets: int = 1) -> bytes:
    """An ordinary workbook."""
    made = openpyxl.Workbook()
    made.active.append(["Name", "Phone"])  # type: ignore[union-attr]
    made.active.append(["Ridley Ltd", "0113 496 0182"])  # type: ignore[union-attr]
    for n in range(1, sheets):
        made.create_sheet(f"S{n}").append(["Name"])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def repacked(**parts: bytes | Iterator[bytes]) -> bytes:
    """The workbook with members exchanged: ``sheet1``, ``sharedStrings``, ``workbook``."""
    folders = {
        "sheet1": "xl/worksheets/sheet1.xml",
        "sharedStrings": "xl/sharedStrings.xml",
        "workbook": "xl/workbook.xml",
    }
    new = {folders[name]: part for name, part in parts.items()}
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book())) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target,
    ):
        for name in old.namelist():
            if name not in new:
                target.writestr(name, old.read(name))
        for name, part in new.items():
            with target.open(name, "w") as member:
                for piece in [part] if isinstance(part, bytes) else part:
                    member.write(piece)
    return out.getvalue()


def sheet(inside: str, dimension: str = "A1:B2", before: str = "") -> bytes:
    """The XML of a sheet."""
    return f'<?xml version="1.0"?>{before}<worksheet {NS}><dimension ref="{dimension}"/><sheetData>{inside}</sheetData></worksheet>'.encode()


def _text(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def xxe() -> bytes:
    declared = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    return repacked(sheet1=sheet(f'<row r="1">{_text("A1", "&a;")}</row>', before=declared))


def laughs() -> bytes:
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return repacked(
        sheet1=sheet(f'<row r="1">{_text("A1", "&l9;")}</row>', before=f'<!DOCTYPE x [<!ENTITY l0 "lol">{lines}]>')
    )


def bomb() -> bytes:
    """About 1 MB that would be 400 MB."""

    def strings() -> Iterator[bytes]:
        piece = b"<si><t>aaaaaaaaaaaaaaaaaaaaaaaa</t></si>" * 26_000
        yield f"<sst {NS}>".encode()
        for _ in range(420):
            yield piece
        yield b"</sst>"

    return repacked(sharedStrings=strings())


def far_corner() -> bytes:
    rows = f'<row r="1">{_text("A1", "Name")}</row><row r="1048576">{_text("XFD1048576", "x")}</row>'
    return repacked(sheet1=sheet(rows, "A1:XFD1048576"))


def nested() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("inner.xlsx", book())
    return out.getvalue()


def encrypted() -> bytes:
    return CFB + bytes(500) + "EncryptedPackage".encode("utf-16-le") + bytes(4000)


def lines_of_quotes() -> bytes:
    return b"Name,Phone\nA,1\n" + b'"' * (5 * MB)


def unfinished_cards() -> bytes:
    """Each begins a card, none ends: whoever looks for every end looks through the whole file each time."""
    return b"BEGIN:VCARD\n" * 90_000


def _one_card(inside: bytes) -> bytes:
    return b"BEGIN:VCARD\nVERSION:3.0\nFN:Ridley\n" + inside + b"END:VCARD\n"


# name → (file name, content, code of the refusal)
REFUSED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "an external entity": ("a.xlsx", xxe, "damaged"),
    "a billion laughs": ("a.xlsx", laughs, "damaged"),
    "1 MB that is 400 MB": ("a.xlsx", bomb, "bomb"),
    "a cell in the farthest corner": ("a.xlsx", far_corner, "columns|memory"),
    "three hundred sheets": ("a.xlsx", lambda: book(300), "sheets"),
    "a zip in a zip": ("a.xlsx", nested, "archive"),
    "encrypted": ("a.xlsx", encrypted, "password"),
    "cut short": ("a.xlsx", lambda: book()[:-900], "damaged"),
    "a web page": ("a.xlsx", lambda: b"<html><table><tr><td>Name</td></tr></table></html>", "html"),
    "nothing": ("a.csv", lambda: b"", "empty"),
    "NULs": ("a.csv", lambda: bytes(200_000), "binary"),
    "a garbled xls": ("a.xls", lambda: CFB + "Workbook\0".encode("utf-16-le") + os.urandom(4000), "damaged"),
    "a garbled ods": ("a.ods", lambda: b"PK\x03\x04" + os.urandom(4000), "damaged"),
    "one line of 5 MB": ("a.csv", lambda: b"Name,Phone\nA,1\n" + b"x" * (5 * MB), "cell"),
    "5 MB of quotes": ("a.csv", lines_of_quotes, "cell"),
    "100,000 columns": ("a.csv", lambda: b"Name" + b"," * 100_000 + b"x\n", "columns"),
    "half a million rows": ("a.csv", lambda: b"Name\n" + b"x\n" * 510_000, "rows"),
    "cards without an end": ("a.vcf", unfinished_cards, "card"),
    "too many cards": ("a.vcf", lambda: _one_card(b"") * 20_001, "cards"),
}  # fmt: skip

# what is taken, with what cannot be kept left out
TAKEN: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a card with a large picture": ("a.vcf", lambda: _one_card(b"PHOTO;ENCODING=b:" + b"A" * (5 * MB) + b"\n")),
    "a card of 200,000 folded lines": ("a.vcf", lambda: _one_card(b"NOTE:x\n" + b" y\n" * 200_000)),
    "a card of 20,000 numbers": ("a.vcf", lambda: _one_card(b"".join(b"TEL:%d\n" % (10**7 + n) for n in range(20_000)))),
    "cards in cards": ("a.vcf", lambda: b"BEGIN:VCARD\n" * 3000 + b"FN:A\n" + b"END:VCARD\n" * 3000),
    "a parameter of 100,000 types": ("a.vcf", lambda: _one_card(b"TEL;" + b"TYPE=a," * 14_000 + b"b:1234567\n")),
    "a cell of 1 MB": ("a.csv", lambda: b"Name,Phone\nRidley,1\n" + b"x" * MB + b",2\n"),
    "a header of 1 MB": ("a.csv", lambda: b"Name," + b"y" * MB + b"\nRidley,1\n"),
    "a dimension that lies": ("a.xlsx", lambda: repacked(sheet1=sheet(f'<row r="1">{_text("A1", "Name")}</row>', "A1:XFD1048576"))),
    "two encodings": ("a.csv", lambda: "Name,City\nRidley,Αθήνα\n".encode() + "北京,上海\n".encode("gb18030") * 20),
    "half a UTF-16": ("a.csv", lambda: "Name\tCity\nRidley\tΑθήνα\n".encode("utf-16")[:-1]),
}  # fmt: skip
