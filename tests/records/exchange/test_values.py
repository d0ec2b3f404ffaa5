"""Cells to values, kind by kind."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm.base.i18n import speaking
from smallcrm.records.exchange.cells import Cell, CellError
from smallcrm.records.exchange.problem import MESSAGES, Problem
from smallcrm.records.exchange.values import KINDS, Amount, Choice, ColumnReader, Conventions

from .test_cells import any_cell

GRADES = (Choice("A", ("A", "重点", "Σημαντικός")), Choice("none", ("None", "无")))


def read(kind: str, cell: Cell, **how: Any) -> Any:
    value, problem = ColumnReader(kind, Conventions(**how))(cell)
    assert problem is None, problem
    return value


def problem_of(kind: str, cell: Cell, **how: Any) -> str:
    value, problem = ColumnReader(kind, Conventions(**how))(cell)
    assert problem is not None, value
    assert value is None or problem.drops == "nothing"
    return problem.code


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("text", "  Acme \t Ltd ", "Acme Ltd"), ("text", "A\u0301", "Á"), ("text", "a\x07b\u202ec\x00", "abc"),
        ("text", 12, "12"), ("text", 1.5, "1.5"),
        ("text", dt.date(2026, 1, 2), "2026-01-02"), ("text", dt.datetime(2026, 1, 2), "2026-01-02"),
        ("text", True, "TRUE"), ("text", "a\ud800b", "ab"),
        ("text", "=1+1", "=1+1"), ("text", "unknown", "unknown"), ("long_text", "a \r\n\r\nb  ", "a\n\nb"),
        ("long_text", "x" * 40_000, "x" * 40_000),
        ("code", "055857350", "055857350"), ("code", 55857350, "55857350"), ("code", 55857350.0, "55857350"),
        ("code", "'0123", "0123"),
        ("code", " GR 249560426", "GR 249560426"), ("code", "55857350.0", "55857350"),
        ("code", "440301199001011234", "440301199001011234"),
        ("url", "www.acme.test", "www.acme.test"), ("integer", "2.822", 2822), ("integer", 2822, 2822),
        ("integer", 2822.0, 2822), ("integer", "12.0", 12),
        ("number", 0.1 + 0.2, Decimal("0.3")), ("number", "12%", Decimal("0.12")),
        ("percent", "12,5 %", Decimal("12.5")), ("percent", 24, Decimal(24)),
        ("money", "¥892,358.48", Amount(Decimal("892358.48"), "CNY")),
        ("money", 402935.17, Amount(Decimal("402935.17"))),
        ("date", dt.datetime(2026, 9, 7, 0, 0), dt.date(2026, 9, 7)),
        ("date", dt.date(2026, 9, 7), dt.date(2026, 9, 7)), ("date", "2026.03.12", dt.date(2026, 3, 12)),
        ("date", 20260907, dt.date(2026, 9, 7)), ("date", "13/4/2019", dt.date(2019, 4, 13)),
        ("moment", dt.date(2026, 1, 2), dt.datetime(2026, 1, 2)),
        ("moment", "2026-01-02 下午3:04", dt.datetime(2026, 1, 2, 15, 4)), ("flag", True, True),
        ("flag", "是", True), ("flag", "ναι", True), ("flag", "x", True),
        ("flag", "✓", True), ("flag", 1, True), ("flag", "否", False), ("flag", "ΌΧΙ", False),
        ("flag", 0, False), ("flag", "无", False),
        ("email", "A@B.GR", ["a@b.gr"]), ("phone", 18204199051, ["18204199051"]),
        ("texts", "VIP; 老客户、x，y", ["VIP", "老客户", "x", "y"]),
        ("choices", "a;b;a", ["a", "b"]), ("link", "Hart Group", "Hart Group"),
        ("person", "Joanne M.", "Joanne M."), ("choice", "retail", "retail"),
    ],
)  # fmt: skip
def test_values(kind: str, cell: Cell, value: Any) -> None:
    found = read(kind, cell, decimal="," if cell == "2.822" else "")
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("cell", [None, "", "   ", "-", "—", "n/a", "N/A", "暂无", "NULL", "--"])
def test_cells_that_mean_nothing(kind: str, cell: Cell) -> None:
    assert read(kind, cell) is None


def test_markers_of_nothing_can_be_taken_at_their_word() -> None:
    assert read("text", "n/a", empty_markers=False) == "n/a"
    assert problem_of("date", "n/a", empty_markers=False) == "not_a_date"
    assert read("phone", "待补") is None


@pytest.mark.parametrize(
    ("kind", "cell", "code"),
    [
        ("date", "31/02/2020", "no_such_date"), ("date", "3/4/2019", "ambiguous_date"),
        ("date", 1996, "day_missing"), ("date", 5, "not_a_date"),
        ("date", True, "not_a_date"), ("date", dt.date(1, 1, 1), "date_out_of_range"),
        ("date", 46072, "serial_date"), ("date", "46072", "serial_date"),
        ("number", "x", "not_a_number"), ("number", "1,234", "ambiguous_number"),
        ("number", True, "not_a_number"), ("number", dt.date(2026, 1, 1), "not_a_number"),
        ("number", 1e300, "number_too_large"), ("integer", "1.5", "not_whole"), ("integer", 1.5, "not_whole"),
        ("integer", "5%", "not_whole"), ("money", "5%", "not_a_number"),
        ("phone", "1.38E+10", "digits_lost"), ("code", 12345678901234567.0, "digits_lost"),
        ("code", "4.40301E+17", "digits_lost"), ("text", 12345678901234567.0, "digits_doubtful"),
        ("text", "1.38E+10", "digits_doubtful"), ("email", "nobody", "not_an_email"),
        ("flag", "perhaps", "not_a_flag"), ("url", "ask Maria", "not_a_url"),
        ("url", "javascript:alert(1).x", "not_a_url"), ("text", CellError("#REF!"), "cell_error"),
        ("money", CellError("", "SUM(A1)"), "no_result"),
        ("text", "M\ufffdller", "letters_lost"), ("number", "9" * 5000, "not_a_number"),
        ("date", "x" * 5000, "not_a_date"),
    ],
)  # fmt: skip
def test_problems(kind: str, cell: Cell, code: str) -> None:
    assert problem_of(kind, cell) == code


def test_an_excel_day_number_is_read_by_the_file_s_calendar() -> None:
    assert ColumnReader("date")(46072)[0] == dt.date(2026, 2, 19)
    assert ColumnReader("date", Conventions(epoch_1904=True))(46072 - 1462)[0] == dt.date(2026, 2, 19)


def test_the_order_of_the_column_decides() -> None:
    assert read("date", "3/4/2019", date_order="dmy") == dt.date(2019, 4, 3)
    assert read("date", "3/4/2019", date_order="mdy") == dt.date(2019, 3, 4)
    assert problem_of("date", "13/4/2019", date_order="mdy") == "no_such_date"
    assert read("date", "2026年3月4日", date_order="mdy") == dt.date(2026, 3, 4)


def test_shares_are_read_as_percentages_where_the_column_says_so() -> None:
    assert read("percent", 0.24, fractions=True) == 24
    assert read("percent", "24%", fractions=True) == 24


def test_choices_by_value_label_and_mapping() -> None:
    assert read("choice", "重点", choices=GRADES) == "A"
    assert read("choice", "ΣΗΜΑΝΤΙΚΌΣ", choices=GRADES) == "A"
    assert read("choice", "a", choices=GRADES) == "A"
    assert read("choice", "无", choices=GRADES) == "none"
    assert read("choice", "Gold", choices=GRADES, values={"gold": "A"}) == "A"
    assert read("choice", "A", choices=GRADES, values={"A": "none"}) == "none"
    assert read("choice", "skip", choices=GRADES, open=False, values={"skip": None}) is None
    assert problem_of("choice", "Gold", choices=GRADES, open=False) == "unknown_choice"
    assert problem_of("choices", "A; Gold", choices=GRADES, open=False) == "unknown_choice"
    assert read("choices", "重点; A", choices=GRADES, open=False) == ["A"]


@pytest.mark.parametrize("kind", ["person", "link", "text"])
def test_names_by_mapping(kind: str) -> None:
    values = {"Joanne M.": "joanne@firm.test", "nobody": None, "1": "one"}
    assert [read(kind, cell, values=values) for cell in ("JOANNE M.", "nobody", 1, "Gary")] == [
        "joanne@firm.test", None, "one", "Gary",
    ]  # fmt: skip


def test_a_flag_by_mapping() -> None:
    assert read("flag", "premium", values={"premium": "true", "basic": "false"}) is True
    assert read("flag", "basic", values={"premium": "true", "basic": "false"}) is False


def test_an_unknown_kind_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="colour"):
        ColumnReader("colour")


@given(st.sampled_from(sorted(KINDS)), any_cell)
def test_whatever_the_cell_there_is_a_value_or_a_problem(kind: str, cell: Cell) -> None:
    if isinstance(cell, Decimal):
        return
    value, problem = ColumnReader(kind)(cell)
    if problem is not None:
        assert value is None or problem.drops == "nothing"
        assert str(problem)
    if isinstance(value, str):
        assert value.encode()
        assert "\0" not in value


def test_every_problem_has_a_sentence() -> None:
    values = {"text": "x" * 500, "date": "2026-01-01", "limit": 5, "currency": "EUR"}
    for code, (drops, _) in MESSAGES.items():
        with speaking("en"):
            sentence = str(Problem(code, values))
        assert "%(" not in sentence
        assert len(sentence) < 250
        assert drops in ("row", "value", "nothing")
