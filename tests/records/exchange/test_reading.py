"""Workbooks of every make: what their cells hold, what is hidden, formulas, formats, a worker that can be stopped."""

from __future__ import annotations

import datetime as dt
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula

from smallcrm.records.exchange import worker
from smallcrm.records.exchange.cells import CellError, Row
from smallcrm.records.exchange.formulas import constant
from smallcrm.records.exchange.reading import open_workbook
from smallcrm.records.exchange.refusals import Limits, Unreadable
from smallcrm.records.exchange.sheet_details import padded, zero_padding

from .conftest import Make


def rows_of(path: Path, sheet: int = 0) -> list[Row]:
    with open_workbook(path) as book:
        return [row for _, row in book.sheets[sheet].rows()]


def cell_of(path: Path) -> Any:
    return rows_of(path)[0][0]


# ---------------------------------------------------------------- xlsx


def test_kinds_of_cells(book_file: Make) -> None:
    row = [
        1,
        1.5,
        True,
        "text",
        dt.date(2026, 1, 2),
        dt.datetime(2026, 1, 2, 3, 4, 5),
        dt.time(3, 4),
        18204199051,
        None,
        " x ",
    ]
    assert rows_of(book_file([row])) == [
        [1, 1.5, True, "text", dt.date(2026, 1, 2), dt.datetime(2026, 1, 2, 3, 4, 5), "03:04", 18204199051, None, " x "]
    ]


def test_rows_keep_their_numbers(book_file: Make) -> None:
    def far(book: Any) -> None:
        book.active["C5"] = "x"
        book.active["B8"] = "y"

    with open_workbook(book_file([], far)) as book:
        assert book.sheets[0].head(5) == [(5, [None, None, "x"]), (8, [None, "y"])]
        assert [number for number, _ in book.sheets[0].rows()] == list(range(1, 9))
        assert book.sheets[0].tail(2) == [(7, []), (8, [None, "y"])]


@pytest.mark.parametrize("mac", [False, True])
def test_both_calendars(book_file: Make, mac: bool) -> None:
    def epoch(book: Any) -> None:
        if mac:
            book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
        book.active["A1"] = dt.date(2026, 1, 2)

    path = book_file([], epoch)
    assert cell_of(path) == dt.date(2026, 1, 2)
    with open_workbook(path) as book:
        assert book.sheets[0].facts.epoch_1904 is mac


@pytest.mark.parametrize(
    ("value", "code", "cell"),
    [
        (55857350, "000000000", "055857350"),
        (13800138000, "000-0000-0000", "138-0013-8000"),
        (2101234567, "0000000000", "2101234567"),
        (104, "00000", "00104"),
        (0.125, "0.0%", "12.5%"),
        (0.07, "0%", "7%"),
        (45000, 'yyyy"年"m"月"d"日"', dt.date(2023, 3, 15)),
        (45000, "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", dt.date(2023, 3, 15)),
        (1234.5, "#,##0.00", 1234.5),
        (1234.5, "[Red]#,##0.00", 1234.5),
        (13800138000, "0.00E+00", 13800138000),
        (5, "@", 5),
    ],
)
def test_number_formats_that_change_what_a_figure_says(book_file: Make, value: float, code: str, cell: object) -> None:
    def style(book: Any) -> None:
        book.active["A1"] = value
        book.active["A1"].number_format = code

    assert cell_of(book_file([], style)) == cell


def test_zero_padding() -> None:
    assert zero_padding("000000000")
    assert zero_padding("0000\\-000\\-000")
    assert not zero_padding("0")
    assert not zero_padding("#,##0")
    assert not zero_padding("0.00")
    assert padded(123456789012, "000\\-000") == "123456789-012"


def test_formulas_are_read_by_their_value(book_file: Make, repacked: Make) -> None:
    """Kept results are taken; a sum of figures is worked out; anything else says that it has no result."""
    path = book_file([["=36*7", "=SUM(A1:A9)", "=(1+2)/4-1", "=1/0", "=A1"]])
    assert rows_of(path)[0] == [
        252, CellError("", "SUM(A1:A9)"), -0.25, CellError("", "1/0"), CellError("", "A1"),
    ]  # fmt: skip
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
        b'<c r="A1"><f>B1*2</f><v>84</v></c><c r="B1" t="str"><f>"a"&amp;"b"</f><v>ab</v></c>'
        b'<c r="C1" t="str"><f>IF(1,"","")</f><v></v></c><c r="D1" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
        b'<c r="E1" t="b"><v>1</v></c></row></sheetData></worksheet>'
    )
    assert rows_of(repacked(path, {"xl/worksheets/sheet1.xml": sheet}))[0] == [
        84, "ab", None, CellError("#DIV/0!", "1/0"), True,
    ]  # fmt: skip


def test_formulas_without_results_are_counted(book_file: Make) -> None:
    with open_workbook(book_file([["Sum"], ["=A9+1"], ["=A9+2"]])) as book:
        assert book.sheets[0].facts.unsolved == {"0": 2}
        assert book.sheets[0].facts.rows == 3


def test_array_formulas(book_file: Make) -> None:
    def arrays(book: Any) -> None:
        book.active["A1"] = ArrayFormula("A1", "=SUM(B1:B2*C1:C2)")

    assert isinstance(cell_of(book_file([], arrays)), CellError)


@pytest.mark.parametrize(
    ("formula", "value"),
    [("36*7", 252), ("=2+2", 4), ("-(3-5)", 2), ("007*2", 14), ("1.5*2", 3.0), ("10/4", 2.5), ("A1", None),
     ("2**9999999", None),
     ("9" * 150 + "*9", None), ("(", None), ("1//2", None), ("7(8)", None), ("", None), ("()", None), ("1/0", None)],
)  # fmt: skip
def test_constant(formula: str, value: float | None) -> None:
    assert constant(formula) == value


def test_hidden_columns_rows_and_sheets(book_file: Make) -> None:
    def hide(book: Any) -> None:
        book.active.column_dimensions["B"].hidden = True
        book.active.row_dimensions[3].hidden = True
        book.create_sheet("secret").append(["x"])
        book["secret"].sheet_state = "hidden"
        book.create_sheet("deep").append(["x"])
        book["deep"].sheet_state = "veryHidden"

    with open_workbook(book_file([["Name", "ID"], ["A", 1], ["B", 2]], hide)) as book:
        assert book.sheets[0].facts.hidden_columns == [1]
        assert book.sheets[0].facts.hidden_rows == 1
        assert [sheet.facts.hidden for sheet in book.sheets] == [False, True, True]


def test_merged_areas_and_currencies(book_file: Make) -> None:
    def style(book: Any) -> None:
        book.active.merge_cells("A1:C1")
        for row in (2, 3):
            book.active.cell(row, 1).number_format = "[$$-409]#,##0.00"
            book.active.cell(row, 2).number_format = '#,##0.00\\ "€"'

    with open_workbook(book_file([["T"], [1, 2, 3], [4, 5, 6]], style)) as book:
        assert book.sheets[0].facts.merged == [(0, 0, 0, 2)]
        assert book.sheets[0].facts.currencies == {"0": "USD", "1": "EUR"}


def test_long_and_odd_texts(book_file: Make) -> None:
    long = "ж" * 32_767
    assert rows_of(book_file([[long, "a\nb", "<&>", "=x".replace("=", "\u200b="), "😀"]]))[0][0] == long


def test_errors_typed_as_such(book_file: Make) -> None:
    def error(book: Any) -> None:
        book.active["A1"].value = "#REF!"
        book.active["A1"].data_type = "e"

    assert cell_of(book_file([], error)) == CellError("#REF!")


def test_too_many_columns_in_a_sheet(book_file: Make) -> None:
    def wide(book: Any) -> None:
        book.active["XFD2"] = "stray"

    with pytest.raises(Unreadable) as refusal:
        rows_of(book_file([["Name"], ["A"]], wide))
    assert refusal.value.code == "columns"


def test_an_empty_workbook(book_file: Make) -> None:
    with pytest.raises(Unreadable) as refusal:
        rows_of(book_file([]))
    assert refusal.value.code == "no_table"


# ---------------------------------------------------------------- xls and ods, as LibreOffice writes them


@pytest.fixture(scope="session")
def in_office(office: Callable[[Path, str], Path], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    path = tmp_path_factory.mktemp("golden") / "golden.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Πελάτες 客户"
    sheet.append(["Name", "Phone", "Since", "When", "Sum", "Share", "Formula", "Flag", "Hidden"])
    for i in range(1, 4):
        moment = dt.datetime(2026, 1, i, 10, 30)
        sheet.append(
            [f"Καφές {i} 有限公司", f"021044{i}", dt.date(2026, 1, i), moment, 1234.5, 0.24, "=36*7", True, "secret"]
        )
    for row in (2, 3, 4):
        sheet.cell(row, 6).number_format = "0%"
    sheet.column_dimensions["I"].hidden = True
    book.create_sheet("hidden").append(["x"])
    book["hidden"].sheet_state = "hidden"
    book.save(path)
    return lambda ending: office(path, ending)


@pytest.mark.parametrize("ending", ["ods", "xls"])
def test_files_of_libreoffice(in_office: Callable[[str], Path], ending: str) -> None:
    with open_workbook(in_office(ending)) as book:
        assert book.facts.kind == ending
        first, second = book.sheets
        assert first.name == "Πελάτες 客户"
        assert (first.facts.hidden, second.facts.hidden) == (False, True)
        assert first.facts.hidden_columns == ([8] if ending == "ods" else [])
        (_, header), (number, row), *_ = first.head(9)
        assert header[:2] == ["Name", "Phone"]
        assert number == 2
        assert row[:4] == ["Καφές 1 有限公司", "0210441", dt.date(2026, 1, 1), dt.datetime(2026, 1, 1, 10, 30)]
        assert row[4:8] == [1234.5, 0.24, 252, True]


# ---------------------------------------------------------------- scratch folders, progress, cancelling


def test_an_upload_is_read_once(book_file: Make, tmp_path: Path) -> None:
    path, scratch = book_file([["Name"], ["Acme"]]), tmp_path / "rows"
    with open_workbook(path, scratch=scratch) as book:
        assert book.sheets[0].head(2) == [(1, ["Name"]), (2, ["Acme"])]
    kept = (scratch / "0.rows").stat().st_mtime_ns
    with open_workbook(path, scratch=scratch) as book:
        assert book.sheets[0].head(2) == [(1, ["Name"]), (2, ["Acme"])]
    assert (scratch / "0.rows").stat().st_mtime_ns == kept


def test_another_encoding_reads_again(text_file: Make, tmp_path: Path) -> None:
    path, scratch = text_file("Name\nΆννα\nΈλενα\n", "cp1253"), tmp_path / "rows"
    for encoding, name in (("cp1253", "Άννα"), ("cp1251", "ўннб"), ("cp1253", "Άννα")):
        with open_workbook(path, scratch=scratch, encoding=encoding) as book:
            assert book.sheets[0].head(2)[1] == (2, [name])


def test_a_changed_file_is_read_again(text_file: Make, tmp_path: Path) -> None:
    scratch = tmp_path / "rows"
    with open_workbook(text_file("Name\nA\n"), scratch=scratch):
        pass
    path = text_file("Name\nBB\n")
    with open_workbook(path, scratch=scratch) as book:
        assert book.sheets[0].head(2)[1] == (2, ["BB"])


def test_without_a_scratch_folder_nothing_is_left(
    book_file: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "t"))
    (tmp_path / "t").mkdir()
    monkeypatch.setattr("tempfile.tempdir", None)
    with open_workbook(book_file([["Name"], ["Acme"]])):
        assert list((tmp_path / "t").iterdir())
    assert not list((tmp_path / "t").iterdir())
    with pytest.raises(Unreadable), open_workbook(book_file([])):
        pass
    assert not list((tmp_path / "t").iterdir())


class Stop(Exception):
    pass


def test_progress_runs_up_and_can_cancel(book_file: Make, tmp_path: Path) -> None:
    path = book_file([["Name", "Nr"], *([f"Customer {i}", i] for i in range(3000))])
    shares: list[float] = []
    with open_workbook(path, progress=shares.append):
        pass
    assert shares == sorted(shares)
    assert shares[-1] == 1.0

    def stop(share: float) -> None:
        raise Stop

    scratch = tmp_path / "rows"
    with pytest.raises(Stop), open_workbook(path, scratch=scratch, progress=stop):
        pass
    assert not (scratch / "workbook.json").exists()
    with open_workbook(path, scratch=scratch) as book:
        assert book.sheets[0].facts.filled == 3001


def test_a_large_text_is_read_by_a_worker(text_file: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    path = text_file("公司,电话\n" + "嘉诚有限公司,13800138000\n" * 40_000, "gb18030")
    asked = []
    run = worker.run
    monkeypatch.setattr(worker, "run", lambda task, settings, **more: asked.append(task) or run(task, settings, **more))
    with open_workbook(path) as book:
        assert book.facts.encoding == "gb18030"
        assert book.sheets[0].facts.filled == 40_001
        assert book.sheets[0].tail(1) == [(40_001, ["嘉诚有限公司", "13800138000"])]
    assert asked == ["read"]


def test_a_worker_that_takes_too_long_is_ended(book_file: Make) -> None:
    path = book_file([[f"Customer {i}" for i in range(60)] for _ in range(2000)])
    with pytest.raises(Unreadable) as refusal, open_workbook(path, limits=Limits(seconds=0, memory=0)):
        pass
    assert refusal.value.code == "time"


def test_on_a_small_machine_a_worker_gets_half_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def installed(octets: int) -> int:
        monkeypatch.setattr(os, "sysconf", {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": octets // 4096}.__getitem__)
        return Limits().memory_here() // 2**20

    assert [installed(n * 2**30) for n in (8, 2, 1)] == [1200, 1024, 512]
    assert installed(400 * 2**20) == 300
    assert Limits(memory=7).memory_here() == 7


def test_a_worker_that_needs_too_much_memory_is_ended(book_file: Make) -> None:
    path = book_file([["Name"], ["Acme"]])
    with pytest.raises(Unreadable) as refusal, open_workbook(path, limits=Limits(memory=14 * 2**20)):
        pass
    assert refusal.value.code == "memory"


def test_the_worker_is_this_copy_of_the_program() -> None:
    assert worker.command()[0] == sys.executable
    assert os.path.isdir(worker._environment()["PYTHONPATH"].split(os.pathsep)[0] + "/smallcrm")


@pytest.mark.slow
def test_a_large_file_streams(tmp_path: Path) -> None:
    """Streams: this process stays small while 1,200,000 cells pass through it."""
    path = tmp_path / "large.csv"
    with path.open("w") as handle:
        handle.write(",".join(f"Column {i}" for i in range(30)) + "\n")
        for number in range(40_000):
            handle.write(
                ",".join([f"Customer {number}", f"210{number:07d}", "2026-01-02"] + [f"text {number % 97}"] * 27) + "\n"
            )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with open_workbook(path) as book:
        assert sum(1 for _, row in book.sheets[0].rows() if len(row) == 30) == 40_001
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000
