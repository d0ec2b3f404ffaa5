"""What a file is follows from its content; name and browser may say what they like."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm.areas.files.content import serving
from smallcrm.areas.files.content.sniffing import sniff

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 30
SCRIPT = b"<script>window.__x=1</script>"


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        for name, data in members.items():
            bundle.writestr(name.replace("__", "/").replace("Content_Types", "[Content_Types].xml"), data)
    return out.getvalue()


CASES: list[tuple[str, bytes, str]] = [
    ("photo.png", PNG, "image/png"),
    ("a.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 20, "image/jpeg"),
    ("a.gif", b"GIF89a" + b"\0" * 20, "image/gif"),
    ("a.webp", b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
    ("x.pdf", b"%PDF-1.7\n", "application/pdf"),
    ("liar.png", b"<!DOCTYPE html><html>" + SCRIPT, "text/html"),
    ("liar.pdf", b"<html><body onload=x()>", "text/html"),
    ("a.htm\0.png", SCRIPT, "text/html"),
    ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>', "image/svg+xml"),
    ("a.xml", b"<?xml version='1.0'?><x/>", "application/xml"),
    ("a.xhtml", b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>", "text/html"),
    ("wide.txt", "\ufeff<html><script>x()</script>".encode("utf-16-le"), "text/html"),
    ("notes.txt", "Καλημέρα\nαύριο".encode("cp1253"), "text/plain"),
    ("阶梯价.csv", "品名,单价\n主板,12\n".encode("gb18030"), "text/csv"),
    ("data.json", b'{"a": 1}', "application/json"),
    ("card.vcf", b"BEGIN:VCARD\r\nVERSION:3.0\r\n", "text/vcard"),
    ("mail.eml", b"From: a@b.c\r\nTo: d@e.f\r\nSubject: x\r\n\r\n<html>hello", "message/rfc822"),
    ("run.exe", b"MZ\x90\0\x03\0\0\0" + b"\0" * 60, "application/x-executable"),
    ("sound.mp3", b"ID3\x04" + b"\0" * 30, "audio/mpeg"),
    ("film.mp4", b"\0\0\0\x18ftypisom" + b"\0" * 20, "video/mp4"),
    ("what", bytes(range(256)), "application/octet-stream"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "media_type"), CASES, ids=[case[0].replace("\0", "0") for case in CASES])
def test_by_content(tmp_path: Path, name: str, content: bytes, media_type: str) -> None:
    (tmp_path / "x").write_bytes(content)
    assert sniff(tmp_path / "x", name).media_type == media_type


@pytest.mark.parametrize(
    ("member", "media_type"),
    [("xl__workbook.xml", "spreadsheetml"), ("word__document.xml", "wordprocessingml"), ("a__b", "application/zip")],
)
def test_inside_a_zip(tmp_path: Path, member: str, media_type: str) -> None:
    (tmp_path / "x").write_bytes(zipped(**{"Content_Types": b"<Types/>", member: b"<x/>"}))
    assert media_type in sniff(tmp_path / "x", "x.bin").media_type


def test_markup_is_never_shown_in_place() -> None:
    for media_type in ("text/html", "image/svg+xml", "application/xml", "application/octet-stream", "message/rfc822"):
        assert not serving.may_be_inline(media_type)
        assert serving.told_as(media_type, inline=False) == "application/octet-stream"
    for media_type in serving.PLAIN:
        assert serving.told_as(media_type, inline=True) == "text/plain"


@given(st.binary(max_size=300))
def test_anything_is_something(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(content)
    found = sniff(path, "any")
    assert found.media_type
    if serving.may_be_inline(found.media_type):
        assert not found.media_type.startswith(("text/html", "image/svg"))
