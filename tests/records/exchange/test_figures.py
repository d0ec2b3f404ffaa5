"""Figures as people type them, and the decimal mark of a whole column."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm.records.exchange import figures
from smallcrm.records.exchange.problem import Unfit


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,56", "1234.56"), ("1,234.56", "1234.56"), ("1 234,56", "1234.56"), ("1\u00a0234,56", "1234.56"),
        ("1\u202f234.56", "1234.56"),
        ("1'234.50", "1234.50"), ("1’234.50", "1234.50"), ("1,23,456.78", "123456.78"), ("12,5", "12.5"),
        ("0.125", "0.125"), ("0,125", "0.125"),
        ("1.234.567", "1234567"), ("1,234,567", "1234567"), ("1234", "1234"), ("-5", "-5"), ("- 5", "-5"),
        ("−5", "-5"), ("(123)", "-123"),
        ("123-", "-123"), ("(¥1,200.00)", "-1200"), ("+7", "7"), ("１２３．５", "123.5"), (".5", "0.5"),
        (",5", "0.5"), ("007", "7"),
        ("1.2万", "12000"), ("3亿", "300000000"), ("50k", "50000"), ("1.5M", "1500000"), ("1.5E+3", "1500"),
        ("1E3", "1000"), ("12345.678", "12345.678"),
    ],
)  # fmt: skip
def test_figures(text: str, value: str) -> None:
    assert figures.parse(text).value == Decimal(value)


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("¥892,358.48", "892358.48", "CNY"), ("￥1,200.5", "1200.5", "CNY"), ("€ 1.234,50", "1234.50", "EUR"),
        ("1.234,50 €", "1234.50", "EUR"),
        ("$5", "5", "USD"), ("£ 99.90", "99.90", "GBP"), ("EUR 12", "12", "EUR"), ("12 usd", "12", "USD"),
        ("123元", "123", "CNY"),
        ("1234,5 ευρώ", "1234.5", "EUR"), ("HK$ 5", "5", "HKD"), ("5", "5", ""),
        ("RMB 1,000.00", "1000", "CNY"), ("¥5.5元", "5.5", "CNY"),
    ],
)  # fmt: skip
def test_currencies(text: str, value: str, currency: str) -> None:
    found = figures.parse(text)
    assert (found.value, found.currency) == (Decimal(value), currency)


def test_percentages() -> None:
    assert figures.parse("12,5 %") == figures.Number(Decimal("12.5"), percent=True)
    assert figures.parse("24%").percent


@pytest.mark.parametrize("text", ["1,234", "1.234", "$1,000", "12,345", "-1.234"])
def test_what_could_be_two_figures_needs_the_mark(text: str) -> None:
    with pytest.raises(Unfit) as unfit:
        figures.parse(text)
    assert unfit.value.problem.code == "ambiguous_number"
    assert figures.parse(text, ".").value != figures.parse(text, ",").value


def test_the_mark_of_the_column_decides() -> None:
    assert figures.parse("1.234", ",").value == 1234
    assert figures.parse("1.234", ".").value == Decimal("1.234")
    assert figures.parse("1.234,5", ",").value == Decimal("1234.5")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_a_number"), ("-", "not_a_number"), ("abc", "not_a_number"), ("12 34", "not_a_number"),
        ("1.2.3", "not_a_number"),
        ("1,234,5", "not_a_number"), ("NaN", "not_a_number"), ("Infinity", "not_a_number"),
        ("1/2", "not_a_number"), ("5-10", "not_a_number"),
        ("100+", "not_a_number"), ("约100", "not_a_number"), ("9" * 200, "not_a_number"),
        ("1e308", "digits_lost"), ("1.38E+10", "digits_lost"),
        ("9" * 20, "number_too_large"), ("1e99999999", "not_a_number"), ("90000000亿", "number_too_large"),
        ("1.2.3,4", "not_a_number"),
    ],
)  # fmt: skip
def test_what_is_no_figure(text: str, code: str) -> None:
    with pytest.raises(Unfit) as unfit:
        figures.parse(text)
    assert unfit.value.problem.code == code


def test_a_figure_against_its_column_is_no_figure() -> None:
    with pytest.raises(Unfit):
        figures.parse("12.50", ",")


def test_float_noise_is_gone() -> None:
    assert figures.of_float(0.1 + 0.2) == Decimal("0.3")
    assert figures.of_float(892358.48) == Decimal("892358.48")


amounts = st.decimals(-(10**12), 10**12, places=2)


@given(amounts, st.sampled_from([",", ".", " ", "\u00a0", "'", ""]), st.sampled_from([".", ","]))
def test_every_amount_is_read_in_every_country_s_writing(amount: Decimal, group: str, mark: str) -> None:
    if group == mark:
        return
    text = f"{amount:,.2f}".replace(",", "\0").replace(".", mark).replace("\0", group)
    assert figures.parse(text, mark).value == amount
    assert figures.parse(text).value == amount


@given(st.text(max_size=150))
def test_any_text_is_a_figure_or_a_problem(text: str) -> None:
    try:
        assert figures.parse(text).value.is_finite()
    except Unfit as unfit:
        sentence = str(unfit.problem)
    else:
        sentence = "fine"
    assert sentence


# ---------------------------------------------------------------- columns


def test_a_column_decides_by_the_values_that_leave_no_doubt() -> None:
    vote = figures.vote({"977.299,48": 1, "1.234": 5, "12": 3})
    assert (vote.decimal, vote.sure, vote.unclear) == (",", True, 5)
    vote = figures.vote({"1,234": 1, "5.5": 1})
    assert (vote.decimal, vote.sure) == (".", True)


def test_a_column_that_proves_nothing_is_asked_about() -> None:
    vote = figures.vote({"1,234": 2, "5,600": 1, "12": 3})
    assert vote.asks
    assert vote.examples == ("1,234", "5,600")


def test_whole_figures_can_only_be_grouped() -> None:
    assert figures.vote({"1,234": 1}, whole=True).decimal == "."
    assert figures.vote({"1.234": 1}, whole=True).decimal == ","


def test_several_amounts_of_money_are_hardly_all_of_three_decimals() -> None:
    assert figures.vote({"1.234": 3, "5.600": 2}, money=True).decimal == ","
    assert figures.vote({"1.234": 1}, money=True).asks


def test_a_column_that_contradicts_itself_is_asked_about() -> None:
    assert figures.vote({"1,5": 3, "1.5": 3}).asks
    assert not figures.vote({"1,5": 300, "1.5": 3}).asks


def test_columns_where_the_mark_does_not_matter() -> None:
    assert not figures.vote({"12": 1, "1234": 1, "x": 4}).asks
    assert not figures.vote({}).asks
