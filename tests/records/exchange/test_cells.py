"""Cells travel between processes as they are."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm.records.exchange.cells import (
    CellError,
    column_of,
    letter,
    number_text,
    pack_row,
    plain,
    shown,
    trimmed,
    unpack_row,
)

any_cell = st.one_of(
    st.none(), st.text(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.dates(),
    st.datetimes(), st.decimals(allow_nan=False, allow_infinity=False), st.builds(CellError, st.text(), st.text()),
)  # fmt: skip


@given(st.lists(any_cell))
def test_a_row_comes_out_as_it_went_in(row: list[object]) -> None:
    found = unpack_row(pack_row(row))
    assert found == row
    assert [type(cell) for cell in found] == [type(cell) for cell in row]


def test_a_packed_row_is_one_line() -> None:
    assert pack_row(["a\nb", "\u2028", "\ud800"]).count(b"\n") == 1


@given(st.integers(0, 16_383))
def test_letters_and_columns_are_each_other_s_way_back(index: int) -> None:
    assert column_of(letter(index)) == index


def test_letters() -> None:
    assert [letter(i) for i in (0, 25, 26, 701, 702, 16_383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
    assert column_of("Name") is None
    assert column_of("é") is None
    assert column_of("") is None


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (18204199051.0, 18204199051),
        (1.5, 1.5),
        (1e15, 1e15),
        ("", None),
        (dt.time(3, 4), "03:04"),
        (dt.time(3, 4, 5), "03:04:05"),
        (dt.timedelta(hours=30), "30:00"),
        (float("nan"), CellError("#NUM!")),
        (float("inf"), CellError("#NUM!")),
        (True, True),
        (Decimal("2.50"), 2.5),
        (dt.datetime(2026, 1, 2, tzinfo=dt.UTC), dt.datetime(2026, 1, 2)),
    ],
)
def test_plain(value: object, cell: object) -> None:
    assert plain(value) == cell
    assert type(plain(value)) is type(cell)


def test_figures_are_shown_in_full() -> None:
    assert number_text(18204199051) == "18204199051"
    assert number_text(0.1 + 0.2) == "0.3"
    assert number_text(1.5e20) == "150000000000000000000"
    assert shown(dt.datetime(2026, 1, 2)) == "2026-01-02"
    assert shown(CellError("", "A1+B1")) == "=A1+B1"


def test_trimmed() -> None:
    assert trimmed([1, None, "a", None, None]) == [1, None, "a"]
    assert trimmed([None]) == []
