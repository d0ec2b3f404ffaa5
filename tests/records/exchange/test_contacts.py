"""Phones and mail addresses out of cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm.records.exchange.cells import Cell
from smallcrm.records.exchange.contacts import emails, phones
from smallcrm.records.exchange.problem import Unfit


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("13800138000", ["13800138000"]), (13800138000, ["13800138000"]), ("13800138000.0", ["13800138000"]),
        ("１５７４８９０６８２８", ["15748906828"]), ("+86 138 0013 8000", ["+86 138 0013 8000"]),
        ("'02101234567", ["02101234567"]),
        ("008618806360837", ["008618806360837"]), ("+49 0170 1234567", ["+49 0170 1234567"]),
        ("+49 (0)30 123456", ["+49 30 123456"]),
        ("030/1234567", ["030/1234567"]), ("(210) 123-4567", ["(210) 123-4567"]),
        ("(0755)23385382", ["(0755)23385382"]),
        ("Tel: 010-12345678", ["010-12345678"]), ("手机：13800138000", ["13800138000"]),
        ("张三 13800138000", ["13800138000"]),
        ("210 1234567 (Μαρία)", ["210 1234567"]), ("010-12345678 转 801", ["010-12345678 转 801"]),
        ("0113 496 0182", ["0113 496 0182"]),
        ("13800138000/13900139000", ["13800138000", "13900139000"]),
        ("2310 123 456 / 2310 654 321", ["2310 123 456", "2310 654 321"]),
        ("13800138000、13900139000", ["13800138000", "13900139000"]),
        ("210-1234567; 6971234567", ["210-1234567", "6971234567"]),
        ("+30 210 1234567 ή +30 6971234567", ["+30 210 1234567", "+30 6971234567"]),
        ("13800138000 13900139000", ["13800138000", "13900139000"]),
        ("13800138000\n13800138000", ["13800138000"]), ("210.123.4567", ["210.123.4567"]), ("12345", ["12345"]),
        ("\u200e+30 2101234567", ["+30 2101234567"]),
    ],
)  # fmt: skip
def test_phones(cell: Cell, found: list[str]) -> None:
    assert phones(cell) == (found, None)


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("0755-23385382/83/84", ["0755-23385382"]),
        ("0755-23385382,801", ["0755-23385382"]),
        ("tel 1: 2101234567, tel 2: 2107654321", None),
    ],
)
def test_pieces_of_numbers_are_told(cell: str, found: list[str] | None) -> None:
    numbers, problem = phones(cell)
    assert numbers == (found or ["2101234567", "2107654321"])
    assert problem is not None
    assert problem.code == "phone_shortened"


@pytest.mark.parametrize("cell", ["1.38E+10", "1,38E+10", "1.38013E+10", "1.38e10", 1.38013800138e15])
def test_lost_digits_are_told_and_nothing_is_made_up(cell: Cell) -> None:
    with pytest.raises(Unfit) as unfit:
        phones(cell)
    assert unfit.value.problem.code == "digits_lost"
    assert unfit.value.problem.drops == "value"


@pytest.mark.parametrize("cell", ["待补", "12", "1" * 16, True, 3.5, -13800138000, "x" * 5000, "9" * 5000])
def test_what_is_no_phone(cell: Cell) -> None:
    with pytest.raises(Unfit) as unfit:
        phones(cell)
    assert unfit.value.problem.code == "not_a_phone"


@given(st.from_regex(r"\+?[0-9]{5,15}", fullmatch=True))
def test_plain_numbers_stay_as_they_are(number: str) -> None:
    if number.isascii():
        assert phones(number) == ([number], None)


@given(st.text(max_size=300))
def test_any_text_has_phones_or_a_problem(text: str) -> None:
    try:
        numbers, _ = phones(text)
        assert numbers
    except Unfit as unfit:
        sentence = str(unfit.problem)
    else:
        sentence = "fine"
    assert sentence


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        (" SALES5@EXAMPLE.CN ", ["sales5@example.cn"]), ("mailto:a@b.gr", ["a@b.gr"]),
        ("a@b.gr; c@d.com", ["a@b.gr", "c@d.com"]),
        ("Maria <m@x.gr>, b@c.de", ["m@x.gr", "b@c.de"]), ("a＠b.com", ["a@b.com"]), ("x@y.com.", ["x@y.com"]),
        ("a@b.com/c@d.com", ["a@b.com", "c@d.com"]),
        ("用户@例子.公司", ["用户@例子.公司"]), ("a @ b.com", ["a@b.com"]), ("a@b.gr、A@B.GR", ["a@b.gr"]),
        ("first.last+tag@sub.domain.co.uk", ["first.last+tag@sub.domain.co.uk"]),
        ("\u200ba@b.gr", ["a@b.gr"]),
    ],
)  # fmt: skip
def test_emails(cell: str, found: list[str]) -> None:
    assert emails(cell) == found


@pytest.mark.parametrize(
    "cell",
    ["a@b", "a@@b.gr", "a..b@c.com", "none", "@x.gr", "a@-b.gr", "a@b.gr; c@d", 5, "x" * 100_000, "a" * 900 + "@b.gr"],
)
def test_what_is_no_address(cell: Cell) -> None:
    with pytest.raises(Unfit):
        emails(cell)
