"""Dates as people type them, and the order of a whole column."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm.base import clock
from smallcrm.records.exchange import dates
from smallcrm.records.exchange.problem import Unfit

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
FEBRUARY = dt.date(2026, 2, 19)


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-19", "2026/2/19", "2026.2.19", "2026.02.19", "2026年2月19日", "2026 年 2 月 19 日",
        "２０２６年２月１９日", "20260219",
        "26年2月19日", "19 Feb 2026", "19-Feb-26", "Feb 19, 2026", "February 19 2026", "19th February 2026",
        "19 Φεβ 2026",
        "19 Φεβρουαρίου 2026", "19 ΦΕΒΡΟΥΑΡΙΟΣ 2026", "19. Feb. 2026", "2026-Feb-19", "Thu, 19 Feb 2026",
        "2026年2月19日 星期四",
        "2026-02-19 14:30", "2026-02-19T14:30:00Z", " 2026-02-19 ", "'2026-02-19", "2026年2月19号",
        "Πέμπτη 19 Φεβρουαρίου 2026",
    ],
)  # fmt: skip
def test_dates_that_leave_no_doubt(text: str) -> None:
    assert dates.parse(text).days == {"": FEBRUARY}


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-02-19 14:30", dt.time(14, 30)), ("2026/2/19 下午2:30", dt.time(14, 30)),
        ("2026年2月19日上午9点", dt.time(9)),
        ("19/2/2026 2:30 μ.μ.", dt.time(14, 30)), ("19/2/2026 2:30 PM", dt.time(14, 30)),
        ("2026-02-19 12:05 am", dt.time(0, 5)),
        ("2026-02-19T14:30:15", dt.time(14, 30, 15)), ("2026-02-19T14:30:00Z", dt.time(14, 30, tzinfo=dt.UTC)),
        ("2026-02-19T14:30+02:00", dt.time(14, 30, tzinfo=dt.timezone(dt.timedelta(hours=2)))), ("2026-02-19", None),
        ("2026-02-19 00:00:00.0", dt.time()),
        ("2026-02-19T14:30:00.000+0000", dt.time(14, 30, tzinfo=dt.timezone(dt.timedelta()))),
    ],
)  # fmt: skip
def test_times(text: str, time: dt.time | None) -> None:
    assert dates.parse(text).time == time


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("3/4/2019", {"dmy": dt.date(2019, 4, 3), "mdy": dt.date(2019, 3, 4)}),
        ("13/4/2019", {"dmy": dt.date(2019, 4, 13), "mdy": None}),
        ("10.20.2016", {"dmy": None, "mdy": dt.date(2016, 10, 20)}),
        ("4-4-2020", {"": dt.date(2020, 4, 4)}),
        ("03-04-19", {"dmy": dt.date(2019, 4, 3), "mdy": dt.date(2019, 3, 4), "ymd": dt.date(2003, 4, 19)}),
        ("31/12/99", {"dmy": dt.date(1999, 12, 31), "mdy": None, "ymd": None}),
    ],
)
def test_dates_whose_order_matters(text: str, days: dict[str, dt.date | None]) -> None:
    with clock.at(NOW):
        assert dates.parse(text).days == days


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("31/02/2020", "no_such_date"), ("2026-02-30", "no_such_date"), ("2026-13-01", "no_such_date"),
        ("30 Feb 2026", "no_such_date"),
        ("2026年2月", "day_missing"), ("Feb 2026", "day_missing"), ("2026", "day_missing"), ("2/3", "year_missing"),
        ("3月5日", "year_missing"), ("19 Feb", "year_missing"), ("0001-01-01", "date_out_of_range"),
        ("9999-12-31", "date_out_of_range"),
        ("soon", "not_a_date"), ("12", "not_a_date"), ("1.5", "year_missing"), ("19 Foo 2026", "not_a_date"),
        ("x" * 500, "not_a_date"),
        ("2026-02-19 25:00", "not_a_date"), ("1234567", "not_a_date"), ("19 Ιου 2026", "not_a_date"),
    ],
)  # fmt: skip
def test_what_is_no_date_is_a_problem_not_a_guess(text: str, code: str) -> None:
    with pytest.raises(Unfit) as unfit:
        dates.parse(text)
    assert unfit.value.problem.code == code


def test_two_digits_of_a_year() -> None:
    with clock.at(NOW):
        assert dates.parse("1 Jan 46").days[""] == dt.date(2046, 1, 1)
        assert dates.parse("1 Jan 47").days[""] == dt.date(1947, 1, 1)


def test_serials() -> None:
    assert dates.of_serial(46072, False) == dt.datetime(2026, 2, 19)
    assert dates.of_serial(46072 - 1462, True) == dt.datetime(2026, 2, 19)
    assert dates.of_serial(46072.5, False) == dt.datetime(2026, 2, 19, 12)
    assert dates.of_serial(1996, False) is None
    assert dates.of_serial(1e9, False) is None


days = st.dates(dt.date(1950, 1, 1), dt.date(2045, 12, 31))


@given(days, st.sampled_from(["{d}/{m}/{y}", "{d:02d}.{m:02d}.{y}", "{d}-{m}-{y}", "{d} {m} {y}"]))
def test_every_date_is_read_in_its_order(day: dt.date, pattern: str) -> None:
    found = dates.parse(pattern.format(d=day.day, m=day.month, y=day.year)).days
    assert found.get("dmy", found.get("")) == day
    turned = dates.parse(pattern.format(d=day.month, m=day.day, y=day.year)).days
    assert turned.get("mdy", turned.get("")) == day


@given(st.text(max_size=120))
def test_any_text_is_a_date_or_a_problem(text: str) -> None:
    try:
        assert dates.parse(text).days
    except Unfit as unfit:
        sentence = str(unfit.problem)
    else:
        sentence = "fine"
    assert sentence


# ---------------------------------------------------------------- columns


def column(*texts: str) -> dict[str, int]:
    return {text: texts.count(text) for text in texts}


def test_one_impossible_reading_decides_a_small_column() -> None:
    vote = dates.vote(column("3/4/2019", "13/4/2019"))
    assert (vote.order, vote.sure) == ("dmy", True)
    vote = dates.vote(column("3/4/2019", "4/13/2019"))
    assert (vote.order, vote.sure) == ("mdy", True)


def test_a_column_that_proves_nothing_is_asked_about() -> None:
    vote = dates.vote(column("3/4/2019", "5/6/2019"))
    assert vote.asks
    assert vote.fits == {"dmy": 2, "mdy": 2, "ymd": 0}
    assert vote.examples == ("3/4/2019", "5/6/2019")


def test_a_column_that_contradicts_itself_is_asked_about() -> None:
    vote = dates.vote(column("13/4/2019", "4/13/2019", "3/4/2019"))
    assert vote.asks
    assert vote.fits["dmy"] == vote.fits["mdy"] == 2


def test_one_slip_among_many_is_no_proof() -> None:
    """19 of 20 could be either: the one that could not may be the mistake."""
    texts = [f"{i % 9 + 1}/{i % 7 + 2}/2019" for i in range(60)]
    assert dates.vote(column(*texts, "25/3/2019")).asks


def test_an_impossible_date_does_not_stop_a_clear_column() -> None:
    texts = [f"{i % 28 + 1}/{i % 12 + 1}/2019" for i in range(300)]
    vote = dates.vote(column(*texts, "31/02/2020"))
    assert (vote.order, vote.sure) == ("dmy", True)


def test_columns_where_the_order_does_not_matter() -> None:
    assert not dates.vote(column("2026-01-02", "2026年3月4日", "5/5/2026", "soon")).asks
    assert not dates.vote({}).asks


def test_short_years_first() -> None:
    vote = dates.vote(column(*[f"{y}-{m:02d}-{d:02d}" for y in (26, 35) for m in range(1, 13) for d in (13, 24, 28)]))
    assert (vote.order, vote.sure) == ("ymd", True)
