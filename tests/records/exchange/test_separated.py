"""Rows out of text, whatever quotes, line ends and separators do."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm.records.exchange.cells import Row
from smallcrm.records.exchange.reading import open_workbook
from smallcrm.records.exchange.refusals import Unreadable
from smallcrm.records.exchange.separated import Notes, guarded, guess_separator, records, unguarded

from .conftest import Make


def rows_of(path: Path, separator: str = "") -> list[Row]:
    with open_workbook(path, separator=separator) as book:
        return [row for _, row in book.sheets[0].rows()]


@pytest.mark.parametrize(
    ("lines", "rows"),
    [
        (["a,b", "1,2"], [["a", "b"], ["1", "2"]]),
        (['"a,b",c'], [["a,b", "c"]]),
        (['"he said ""no""",x'], [['he said "no"', "x"]]),
        (['"one', 'two",x', "y,z"], [["one\ntwo", "x"], ["y", "z"]]),
        (['12" pipe,5'], [['12" pipe', "5"]]),
        (['a, "b, c" ,d'], [["a", "b, c", "d"]]),
        (['"abc"def,x'], [["abcdef", "x"]]),
        (["a,b,", ",,", ""], [["a", "b", ""], ["", "", ""], [""]]),
        (['"",x'], [["", "x"]]),
        (['"Acme Ltd,210,Athens', "Beta,211,Patra"], [['"Acme Ltd', "210", "Athens"], ["Beta", "211", "Patra"]]),
    ],
)
def test_records(lines: list[str], rows: list[list[str]]) -> None:
    assert list(records(lines, ",")) == rows


def test_a_lone_quote_swallows_nothing() -> None:
    """One quote that is never closed, and much later one that could be mistaken for its end."""
    lines = [
        "Name,Phone,City",
        '"Acme Ltd,2101,Athens',
        *(f"Beta {i},21,Patra" for i in range(5000)),
        'Pipe 5",22,Volos',
    ]
    notes = Notes()
    rows = list(records(lines, ",", notes))
    assert len(rows) == 5003
    assert rows[1] == ['"Acme Ltd', "2101", "Athens"]
    assert rows[-1] == ['Pipe 5"', "22", "Volos"]
    assert notes.lone_quotes == [2]


def test_many_lone_quotes_do_not_look_ahead_for_ever() -> None:
    """Were each looked for to the end of the file, this would not end today."""
    lines = [f'"Acme {i}, x' for i in range(20_000)]
    assert sum(1 for _ in records(lines, ",")) <= 20_000


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(text_file: Make, end: str) -> None:
    text = end.join(["Name,Notes", 'Acme,"one' + end + 'two"', "Beta,x", ""])
    assert rows_of(text_file(text)) == [["Name", "Notes"], ["Acme", "one\ntwo"], ["Beta", "x"]]


def test_zero_characters_are_dropped_and_told(text_file: Make) -> None:
    with open_workbook(text_file(b"Name,Ph\0one\r\nA\0cme,12345\r\n")) as book:
        assert [row for _, row in book.sheets[0].rows()] == [["Name", "Phone"], ["Acme", "12345"]]
        assert book.facts.zeros == 2


def test_one_huge_cell(text_file: Make) -> None:
    cell = "x" * 1_000_000 + "\n" + "line\n" * 20_000 + "end"
    rows = rows_of(text_file(f'Name,Notes\nAcme,"{cell}"\nBeta,ok\n'))
    assert rows == [["Name", "Notes"], ["Acme", cell], ["Beta", "ok"]]


def test_fifty_thousand_columns(text_file: Make) -> None:
    path = text_file(",".join(f"c{i}" for i in range(50_000)) + "\n")
    with pytest.raises(Unreadable) as refusal, open_workbook(path):
        pass
    assert refusal.value.code == "columns"
    assert refusal.value.values["count"] == 50_000


def test_only_blank_lines(text_file: Make) -> None:
    with pytest.raises(Unreadable) as refusal, open_workbook(text_file(b"\r\n\r\n")):
        pass
    assert refusal.value.code == "no_table"


@pytest.mark.parametrize(
    ("lines", "char"),
    [
        (["Name,Phone", "a,1", "b,2"], ","),
        (["Name;Sum", "a;977.299,48", "b;1,5"], ";"),
        (["Name\tCity", "Acme, Ltd\tRome", "Beta, Inc\tOslo"], "\t"),
        (["Name|City", "a|b", "c|d"], "|"),
        (["Name;City;Note", '"a;b";c;"x, y, z"', "d;e;f"], ";"),
        (["Customers 2024", "", "Name;City;Sum", "a;b;1", "c;d;2", "e;f;3"], ";"),
        (["sep=;", "a,b;c,d"], ";"),
        (["Name", "Acme", "Beta"], ","),
    ],
)
def test_the_separator_is_found(lines: list[str], char: str) -> None:
    guess = guess_separator(lines)
    assert guess.char == char
    assert guess.sure


def test_a_separator_that_cannot_be_told_is_asked_about() -> None:
    assert not guess_separator(["a,b;c", "d,e;f", "g,h;i"]).sure


def test_the_line_that_names_the_separator_is_no_row(text_file: Make) -> None:
    assert rows_of(text_file("sep=;\r\nName;City\r\nA;B\r\n")) == [[], ["Name", "City"], ["A", "B"]]


def test_a_separator_somebody_named(text_file: Make) -> None:
    assert rows_of(text_file("a,b;c\n1,2;3\n"), ";")[0] == ["a,b", "c"]
    with pytest.raises(Unreadable):
        rows_of(text_file("a,b\n"), "x")


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", " =1", ";=1", '"=1', "＝1", "'=1", "''=1", "-", "\tx"]
)
def test_formulas_are_guarded(text: str) -> None:
    assert guarded(text) == "'" + text
    assert unguarded(guarded(text)) == text


@given(st.text())
def test_guarding_can_be_taken_back(text: str) -> None:
    assert unguarded(guarded(text)) == text


def test_a_formula_that_only_keeps_zeros_is_the_text_it_keeps(text_file: Make) -> None:
    rows = rows_of(text_file('Name,Phone,Code\nAcme,="0755123","=""007"""\nBeta,="",="a"&"b"\n'))
    assert rows == [["Name", "Phone", "Code"], ["Acme", "0755123", "007"], ["Beta", None, '="a"&"b"']]


@pytest.mark.parametrize("text", ["O'Neil", "'t Hof", "a=b", "plain", "", "5-6"])
def test_other_texts_stay(text: str) -> None:
    assert guarded(text) == text == unguarded(text)
