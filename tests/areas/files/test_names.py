"""Names as they come from anywhere, cleaned."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm.areas.files.content import names


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("C:\\Users\\me\\Angebot.pdf", "Angebot.pdf"),
        ("/absolute/x.txt", "x.txt"),
        ("a\0.png", "a.png"),
        ("..", "file"),
        ("", "file"),
        ("   ", "file"),
        ("报价单 最终版.xlsx", "报价单 最终版.xlsx"),
        ("Τιμοκατάλογος.pdf", "Τιμοκατάλογος.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("two\r\nlines.txt", "two lines.txt"),
        ('"><img onerror=x>.png', '"><img onerror=x>.png'),
    ],
)
def test_clean(sent: str, kept: str) -> None:
    assert names.clean(sent) == kept


def test_a_long_name_keeps_its_ending() -> None:
    kept = names.clean("x" * 300 + ".pdf")
    assert len(kept) == names.MOST
    assert kept.endswith("x.pdf")


def test_a_pasted_picture_is_told_apart_by_its_moment() -> None:
    assert names.clean("image.png") != "image.png"
    assert names.clean("image.png").startswith("image 20")
    assert names.clean("image.png").endswith(".png")


@given(st.text(max_size=400))
def test_any_name_becomes_a_safe_one(sent: str) -> None:
    kept = names.clean(sent)
    assert 1 <= len(kept) <= names.MOST
    assert not set(kept) & set("/\\\0\r\n\u202e\u202a\u2066")
    assert kept not in (".", "..")
    kept.encode("utf-8")


@given(st.lists(st.text(alphabet="aA.é/漢<:\u0301 c1on", max_size=12), max_size=30))
def test_names_in_an_archive_are_unique_on_any_disk(sent: list[str]) -> None:
    made = list(names.for_archive((names.clean(name), "text/plain") for name in sent))
    assert len(made) == len(sent)
    assert len({name.casefold() for name in made}) == len(made)
    for name in made:
        assert not set(name) & set('<>:"|?*\\/')
        assert len(name.encode()) <= 255


def test_windows_devices_and_doubles_in_an_archive() -> None:
    made = list(names.for_archive([("con.txt", ""), ("a.txt", ""), ("A.txt", ""), ("plain", "application/pdf")]))
    assert made == ["_con.txt", "a.txt", "A (2).txt", "plain.pdf"]
