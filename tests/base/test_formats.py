"""Numbers, sums and days as each language writes and reads them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm.base import clock, formats
from smallcrm.base.i18n import speaking

NOW = dt.datetime(2026, 3, 4, 9, 0, tzinfo=dt.UTC)  # a Wednesday
SPACE = "\u00a0"


@pytest.mark.parametrize(
    ("language", "number", "money", "short"),
    [
        ("en", "1,234,567.5", "€1,234.50", "€123.5k"),
        ("zh", "1,234,567.5", "€1,234.50", f"€12.35{SPACE}万"),
        ("el", "1.234.567,5", f"1.234,50{SPACE}€", f"123,5{SPACE}χιλ.{SPACE}€"),
    ],
)
def test_figures(language: str, number: str, money: str, short: str) -> None:
    with speaking(language):
        assert formats.number(Decimal("1234567.5")) == number
        assert formats.currency(123450, "EUR") == money
        assert formats.currency_short(12345678, "EUR") == short


@given(value=st.decimals(-(10**9), 10**9, places=2), language=st.sampled_from(["en", "zh", "el"]))
def test_what_is_written_is_read_again(value: Decimal, language: str) -> None:
    with speaking(language):
        assert formats.parse_number(formats.number(value, 2)) == value


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("en", "1.234,56", "1234.56"),
        ("en", "1,234", "1234"),
        ("el", "1.234", "1234"),
        ("el", "1,234", "1.234"),
        ("en", "1,5", "1.5"),
        ("zh", "１２.５", "12.5"),
        ("en", "−7", "-7"),
        ("en", "1 234", "1234"),
    ],
)
def test_a_number_is_read_as_the_language_writes_it(language: str, text: str, value: str) -> None:
    with speaking(language):
        assert formats.parse_number(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "abc", "1,2,3.4.5", "1.2.3,4,5", "12a", "-"])
def test_what_can_be_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        formats.parse_number(text)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-09", dt.date(2026, 3, 9)),
        ("9/3/2026", dt.date(2026, 3, 9)),
        ("9.3.26", dt.date(2026, 3, 9)),
        ("2026年3月9日", dt.date(2026, 3, 9)),
        ("3月9日", dt.date(2026, 3, 9)),
        ("9 Apr 2026", dt.date(2026, 4, 9)),
        ("24 Νοε", dt.date(2025, 11, 24)),
        ("24 April", dt.date(2026, 4, 24)),
    ],
)
def test_days_are_read(text: str, day: dt.date) -> None:
    with clock.at(NOW):
        assert formats.parse_date(text) == day


@pytest.mark.parametrize("text", ["", "31/2/2026", "2026-13-01", "soon", "9/3", "40 Mar 2026"])
def test_no_days(text: str) -> None:
    with clock.at(NOW), pytest.raises(ValueError, match=r".*"):
        formats.parse_date(text)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["yesterday", "today", "tomorrow", "Fri 6 Mar"]),
        ("zh", ["昨天", "今天", "明天", "03-06 周五"]),
        ("el", ["χθες", "σήμερα", "αύριο", "Παρ 6 Μαρ"]),
    ],
)
def test_days_near(language: str, words: list[str]) -> None:
    days = [dt.date(2026, 3, n) for n in (3, 4, 5, 6)]
    with clock.at(NOW), speaking(language):
        assert [formats.near_date(day) for day in days] == words
