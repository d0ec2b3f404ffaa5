"""Our own exports coming back, from Excel's hands or LibreOffice's; and the workbook of rows to mend."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from smallcrm.base.i18n import speaking
from smallcrm.records.exchange.cells import CellError
from smallcrm.records.exchange.cleaning import Cleaner
from smallcrm.records.exchange.guessing import Guess, guess
from smallcrm.records.exchange.mapping import shape
from smallcrm.records.exchange.mending import BadRow, write_mending
from smallcrm.records.exchange.reading import open_workbook
from smallcrm.records.exchange.round_trip import coming_back
from smallcrm.records.exchange.values import Amount
from smallcrm.records.exchange.writing import Column, RoundTrip, write_csv, write_workbook

from .conftest import CUSTOMERS, Make

COLUMNS = [
    Column("Firma", "text", "name"), Column("Phone", "phones", "phone"),
    Column("Grade", "choice", "grade", choices=("A", "B", "C")),
    Column("Turnover", "money", "annual_revenue"), Column("Since", "date", "since"),
    Column("Notes", "long_text", "notes"),
]  # fmt: skip
ROWS: list[list[Any]] = [
    [17, 3, "Acme", ["0113 496 0182"], "A", Decimal("1250.00"), dt.date(2019, 4, 3), "=not a formula"],
    [18, 1, "嘉诚", [], "B", Decimal("0.1"), None, "one\ntwo"],
    [1_234_567, 12, "Καφές", ["+30 210 1234567"], None, None, dt.date(2026, 1, 2), None],
]


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    path = tmp_path / "customers.xlsx"
    write_workbook(
        path, COLUMNS, ROWS, title="Customers", round_trip=RoundTrip("customers", "2026-11-21T08:00:00.000Z")
    )
    return path


def read(path: Path) -> tuple[Guess, list[Any]]:
    with open_workbook(path) as book:
        found = guess(book, CUSTOMERS)
        return found, list(Cleaner.of(found, CUSTOMERS).rows())


def check(found: Guess, rows: list[Any]) -> None:
    back = found.coming_back
    assert back is not None
    assert [back.record_of(row.cells) for row in rows[:3]] == [(17, 3), (18, 1), (1_234_567, 12)]
    assert rows[0].values == {
        "name": "Acme", "phone": ["0113 496 0182"], "grade": "A", "annual_revenue": Amount(Decimal(1250)),
        "since": dt.date(2019, 4, 3),
        "notes": "=not a formula",
    }  # fmt: skip
    assert rows[1].values == {
        "name": "嘉诚",
        "grade": "B",
        "annual_revenue": Amount(Decimal("0.1")),
        "notes": "one\ntwo",
    }
    assert not [row for row in rows if row.problems]


def test_an_export_knows_its_records(exported: Path) -> None:
    found, rows = read(exported)
    assert found.sure
    check(found, rows)
    assert found.coming_back is not None
    assert (found.coming_back.type, found.coming_back.exported_at) == ("customers", "2026-11-21T08:00:00.000Z")
    assert found.mapping.columns is not None
    assert found.mapping.columns["Firma"] == "name"


def test_rows_that_were_moved_added_and_emptied(exported: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(exported)
    sheet = book.worksheets[0]
    sheet.move_range("A2:H2", rows=4)
    sheet.delete_rows(2)
    sheet.append(["New one", "0113 496 0199", "C"])
    sheet["A2"] = "嘉诚 2"
    path = tmp_path / "edited.xlsx"
    book.save(path)
    book.close()
    found, rows = read(path)
    back = found.coming_back
    assert back is not None
    assert [back.record_of(row.cells) for row in rows] == [(18, 1), (1_234_567, 12), (17, 3), None]
    assert rows[0].values["name"] == "嘉诚 2"
    assert rows[3].values == {"name": "New one", "phone": ["0113 496 0199"], "grade": "C"}


@pytest.mark.parametrize("ending", ["xlsx", "ods"])
def test_through_libreoffice(exported: Path, office: Callable[[Path, str], Path], ending: str) -> None:
    saved = office(exported, ending)
    found, rows = read(saved)
    assert found.sure
    check(found, rows)
    with open_workbook(saved) as book:
        assert book.sheets[0].facts.hidden_columns == [6, 7]


def test_a_csv_keeps_only_the_columns(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    columns = [Column("Name"), Column("Phone"), Column("id (smallcrm)", "code"), Column("version (smallcrm)", "code")]
    write_csv(path, columns, [["Acme", "0113 496 0182", 17, 3], ["New", "", None, None], ["Odd", "", "x", ""]])
    found, rows = read(path)
    back = found.coming_back
    assert back is not None
    assert (back.type, back.fields) == ("", {})
    assert [back.record_of(row.cells) for row in rows] == [(17, 3), None, None]


def test_any_other_file_is_no_export(text_file: Make) -> None:
    with open_workbook(text_file("Name,id\nAcme,17\n")) as book:
        assert coming_back(book, ("Name", "id")) is None


# ---------------------------------------------------------------- rows to mend


def test_the_workbook_to_mend(tmp_path: Path, text_file: Make) -> None:
    """The first column says what is wrong; the rest is the file's own, so that mended it comes in as at first."""
    names = ("客户 / 公司", "手机", "下次联系", "年采购额")
    bad = [
        BadRow(12, ["=嘉诚", 13800138000, "31/02/2020", 5.5], [(2, "No such date."), (None, "Nobody is called Gary.")]),
        BadRow(17, [None, "1.38E+10", dt.date(2026, 1, 2), CellError("#REF!")], [(0, "It is needed."), (3, "error")]),
        BadRow(18, ["远泰"], [(9, "x")]),
    ]  # fmt: skip
    path = tmp_path / "mend.xlsx"
    assert write_mending(path, names, bad).rows == 3
    with open_workbook(path) as book:
        assert [row for _, row in book.sheets[0].rows()] == [
            ["Problem (smallcrm)", *names],
            ["下次联系: No such date.\nNobody is called Gary.", "=嘉诚", 13800138000, "31/02/2020", 5.5],
            ["客户 / 公司: It is needed.\n年采购额: error", None, "1.38E+10", dt.date(2026, 1, 2), "#REF!"],
            ["x", "远泰"],
        ]  # fmt: skip
        found = guess(book, CUSTOMERS)
        assert found.mapping.columns == {
            "Problem (smallcrm)": None, "客户 / 公司": "name", "手机": "contact.mobile",
            "下次联系": "next_follow_up_on", "年采购额": "annual_revenue",
        }  # fmt: skip
        assert found.shape == shape(names)
        assert found.coming_back is None
    sheet = openpyxl.load_workbook(path).worksheets[0]
    coloured = {
        cell.coordinate for row in sheet.iter_rows(min_row=2) for cell in row if cell.fill.fgColor.rgb == "00FBE0DE"
    }
    assert coloured == {"D2", "B3", "E3"}


def test_problems_are_ignored_in_every_language(tmp_path: Path) -> None:
    path = tmp_path / "mend.xlsx"
    for language in ("en", "zh", "el"):
        with speaking(language):
            write_mending(path, ("Name",), [BadRow(2, ["Acme"], [(0, "x")])])
        with open_workbook(path) as book:
            found = guess(book, CUSTOMERS)
            assert list((found.mapping.columns or {}).values()) == [None, "name"]


def test_many_rows_to_mend(tmp_path: Path) -> None:
    rows = (BadRow(i, [f"Customer {i}", i], [(1, "x")]) for i in range(5_000))
    assert write_mending(tmp_path / "mend.xlsx", ("Name", "Nr"), rows, expected=5_000).rows == 5_000
