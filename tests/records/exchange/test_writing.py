"""What we write: real types, no formula, nothing a workbook cannot hold; and it reads back as it was."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smallcrm.base import clock
from smallcrm.base.i18n import speaking
from smallcrm.records.exchange import worker
from smallcrm.records.exchange.cells import Row
from smallcrm.records.exchange.reading import open_workbook
from smallcrm.records.exchange.sheets_out import CUT_MARK, LONGEST, clean, legal, title, was_cut
from smallcrm.records.exchange.values import Amount, ColumnReader
from smallcrm.records.exchange.writing import Column, write_csv, write_template, write_workbook

COLUMNS = [
    Column("Name", "text", "name", required=True), Column("Phones", "phones"), Column("Since", "date"),
    Column("Turnover", "money", decimals=2),
    Column("Rate", "percent"), Column("When", "moment"), Column("Grade", "choice", choices=("A", "B", "C")),
    Column("Notes", "long_text"),
    Column("Active", "flag"), Column("Staff", "integer"), Column("Code", "code"),
]  # fmt: skip
ROW: list[Any] = [
    "Καφές Α.Ε.", ["+30 210 1234567", "6971234567"], dt.date(2026, 1, 2), Decimal("-1234.50"), Decimal("12.5"),
    dt.datetime(2026, 1, 2, 3, 4),
    "A", "one\ntwo", True, -5, "055857350",
]  # fmt: skip
DANGEROUS = ["=1+1", "+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", " =1", ";=1", '"=1', "＝1", "=cmd|' /C calc'!A0", "'=1"]


def rows_of(path: Path) -> list[Row]:
    with open_workbook(path) as book:
        return [row for _, row in book.sheets[0].rows()]


def read_back(path: Path, kinds: list[str]) -> list[list[Any]]:
    """The rows below the header, each cell read as its column's kind; nothing may be wrong with any."""
    readers = [ColumnReader(kind) for kind in kinds]
    found = []
    for row in rows_of(path)[1:]:
        read = [reader(cell) for reader, cell in zip(readers, [*row, *[None] * (len(kinds) - len(row))], strict=True)]
        assert not [problem for _, problem in read if problem]
        found.append([value for value, _ in read])
    return found


EXPECTED = [*ROW[:3], Amount(Decimal("-1234.50")), *ROW[4:]]


@pytest.mark.parametrize("worker_from", [2_000, 1])
def test_a_workbook_reads_back_as_it_was(tmp_path: Path, worker_from: int) -> None:
    path = tmp_path / "out.xlsx"
    empty: list[Any] = ["Only a name", *[None] * 10]
    written = write_workbook(path, COLUMNS, iter([ROW, empty]), title="Customers", worker_from=worker_from)
    assert (written.rows, written.cut) == (2, ())
    assert read_back(path, [column.kind for column in COLUMNS]) == [EXPECTED, empty]
    assert not list(tmp_path.glob("*.part"))


def test_csv_reads_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    assert write_csv(path, COLUMNS, iter([ROW])).rows == 1
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbfName,Phones,")
    assert data.endswith(b"\r\n")
    assert read_back(path, [column.kind for column in COLUMNS]) == [EXPECTED]


def test_how_a_workbook_looks(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    columns = [*COLUMNS, Column("Secret", "code", hidden=True)]
    with speaking("zh"):
        write_workbook(path, columns, [[*ROW, "x"]] * 3, title="客户/2026", notes=["导出"])
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    assert sheet.title == "客户 2026"
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == "A1:L4"
    assert sheet["A1"].font.b
    assert sheet["C2"].number_format == "yyyy-mm-dd"
    assert sheet["D2"].number_format == "#,##0.00"
    assert sheet["E2"].value == 0.125
    assert sheet["B2"].number_format == "@"
    assert sheet.column_dimensions["L"].hidden
    assert sheet.column_dimensions["B"].width > sheet.column_dimensions["I"].width
    (rule,) = sheet.data_validations.dataValidation
    assert str(rule.sqref).startswith("G2:G")
    lists = book[rule.formula1.split("'")[1]]
    assert lists.sheet_state == "hidden"
    assert [cell.value for cell in lists["A"]] == ["A", "B", "C"]
    explanation = book.worksheets[1]
    assert explanation["A1"].value == "导出"
    assert [row[0].value for row in explanation.iter_rows(min_row=4)] == [column.title for column in COLUMNS]
    book.close()


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_text_becomes_a_formula(tmp_path: Path, text: str) -> None:
    path = tmp_path / "out.xlsx"
    columns = [Column(text, "text"), Column("Grade", "choice", choices=(text,))]
    write_workbook(path, columns, [[text, text]], title=text, notes=[text])
    with zipfile.ZipFile(path) as bundle:
        sheets = [bundle.read(name).decode() for name in bundle.namelist() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == 3
    for xml in sheets:
        assert "<f>" not in xml
        assert all('t="inlineStr"' in cell for cell in re.findall(r"<c [^>]*>", xml))
    expected = text.replace("\r", "\n")
    assert rows_of(path)[1][0] == expected
    path = tmp_path / "out.csv"
    write_csv(path, columns, [[text, text]])
    raw = path.read_bytes().decode("utf-8-sig").split("\r\n")[1].split(",")[0].lstrip('"')
    assert raw.startswith("'")
    assert rows_of(path)[1][0] == expected


def test_negative_figures_stay_figures_in_csv(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    write_csv(
        path, [Column("A", "integer"), Column("B", "money"), Column("C", "number")], [[-5, Decimal("-1.50"), -2.5]]
    )
    assert path.read_text("utf-8-sig").splitlines()[1] == "-5,-1.50,-2.5"


def test_another_program_s_separator_never_splits_a_cell(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    write_csv(path, [Column("A"), Column("B")], [["a;=1", "b\tc|d"]])
    assert path.read_text("utf-8-sig").splitlines()[1] == '"a;=1","b\tc|d"'


def test_what_a_workbook_cannot_hold(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    columns = [Column("A"), Column("B", "integer"), Column("C", "number")]
    rows = [
        ["bad\x0b\x07\ud800\uffff!", 12345678901234567, Decimal("12345678901234567.5")],
        ["x" * 40_000, 5, Decimal("NaN")],
    ]
    written = write_workbook(path, columns, rows, title="[x]:*?/\\" + "y" * 50)
    assert written.cut == ((2, 0),)
    _, first, second = rows_of(path)
    assert first == ["bad!", "12345678901234567", "12345678901234567.5"]
    assert len(str(second[0])) == LONGEST
    assert was_cut(str(second[0]))
    assert not was_cut("y" * 40 + CUT_MARK)


@pytest.mark.parametrize("text", ["😀" * 20_000, "x" * (LONGEST + 1), "x" * LONGEST, "ж😀" * 11_000])
def test_texts_are_cut_as_excel_counts(text: str) -> None:
    kept = clean(text)
    assert len(kept.encode("utf-16-le")) // 2 <= LONGEST
    assert was_cut(kept) == (kept != text)


@pytest.mark.parametrize(
    ("text", "name"), [("", "Sheet"), ("''", "Sheet"), ("a/b", "a b"), ("x" * 40, "x" * 31), ("'Name'", "Name")]
)
def test_sheet_titles(text: str, name: str) -> None:
    assert title(text) == name


def test_moments_are_written_on_the_business_s_clock(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    before = str(clock.business_zone())
    clock.set_business_zone("Asia/Shanghai")
    try:
        write_workbook(path, [Column("When", "moment")], [[dt.datetime(2026, 1, 2, 22, tzinfo=dt.UTC)]], title="x")
    finally:
        clock.set_business_zone(before)
    assert rows_of(path)[1] == [dt.datetime(2026, 1, 3, 6)]


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=8))
def test_any_text_comes_back_from_csv(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    path = tmp_path / "out.csv"
    write_csv(path, [Column("A"), Column("B")], rows)
    with open_workbook(path, encoding="utf-8", separator=",") as book:
        found = [[*row, None, None][:2] for _, row in book.sheets[0].rows()][1:]
    plain = [[legal(cell) or None for cell in row] for row in rows]
    while plain and plain[-1] == [None, None]:
        plain.pop()
    assert found == plain


cells = st.one_of(
    st.none(), texts, st.booleans(), st.integers(-(10**14), 10**14), st.decimals(-(10**9), 10**9, places=3),
    st.dates(dt.date(1901, 1, 1), dt.date(2199, 1, 1)),
    st.datetimes(dt.datetime(1901, 1, 1), dt.datetime(2199, 1, 1)).map(lambda m: m.replace(microsecond=0)),
)  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=40))
def test_any_value_comes_back_from_a_workbook(tmp_path: Path, rows: list[list[Any]]) -> None:
    path = tmp_path / "out.xlsx"
    write_workbook(path, [Column(name, "any") for name in "ABC"], rows, title="x")
    found = [[*row, None, None, None][:3] for row in rows_of(path)[1:]]
    plain = [[_as_read(cell) for cell in row] for row in rows]
    while plain and plain[-1] == [None, None, None]:
        plain.pop()
    assert found == plain


def _as_read(cell: Any) -> Any:
    """What a workbook makes of a value: one kind of figure, midnight is a date, LF ends lines."""
    if isinstance(cell, str):
        return clean(cell) or None
    if isinstance(cell, Decimal):
        return int(cell) if cell == int(cell) else float(cell)
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date()
    return cell


def test_a_template_is_an_empty_table_that_reads_itself(tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    columns = [*COLUMNS, Column("Last seen", "moment", read_only=True)]
    write_template(path, columns, title="Customers", notes=["Fill in one row per customer."])
    (header,) = rows_of(path)
    assert header == ["Name *", *(column.title for column in COLUMNS[1:])]
    book = openpyxl.load_workbook(path)
    assert book.worksheets[0].data_validations.dataValidation
    assert book.worksheets[0].column_dimensions["K"].number_format == "@"
    book.close()


def test_progress_counts_and_cancelling_leaves_nothing(tmp_path: Path) -> None:
    shares: list[float] = []
    path = tmp_path / "out.xlsx"
    rows = [[f"Customer {i}", i] for i in range(3_000)]
    columns = [Column("Name"), Column("Nr", "integer")]
    assert write_workbook(path, columns, rows, title="x", expected=3_000, progress=shares.append).rows == 3_000
    assert shares == sorted(shares)
    assert shares[-1] > 0.9
    path.unlink()

    class Stop(Exception):
        pass

    def stop(share: float) -> None:
        if share > 0.8:
            raise Stop

    for worker_from in (1, 10_000):
        with pytest.raises(Stop):
            write_workbook(path, columns, rows, title="x", expected=3_000, progress=stop, worker_from=worker_from)
    with pytest.raises(Stop):
        write_csv(tmp_path / "out.csv", columns, rows, expected=3_000, progress=stop)
    assert not list(tmp_path.iterdir())


def test_a_failing_row_leaves_no_half_file(tmp_path: Path) -> None:
    def rows() -> Any:
        yield ["a"]
        raise LookupError

    for worker_from in (1, 10_000):
        with pytest.raises(LookupError):
            write_workbook(tmp_path / "out.xlsx", [Column("Name")], rows(), title="x", worker_from=worker_from)
    assert not list(tmp_path.iterdir())


def test_thousands_of_rows_are_written_beside_us(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    run = worker.run
    monkeypatch.setattr(worker, "run", lambda task, settings, **more: asked.append(task) or run(task, settings, **more))
    columns = [Column("Name"), Column("Phone", "code"), Column("Since", "date"), Column("Sum", "money"), Column("Note")]
    for count in (1_999, 2_000):
        rows = ([f"公司{i}", 13800138000 + i, dt.date(2026, 1, 1), Decimal(i), "text"] for i in range(count))
        assert write_workbook(tmp_path / "out.xlsx", columns, rows, title="x").rows == count
    assert asked == ["write"]
    with open_workbook(tmp_path / "out.xlsx") as book:
        assert book.sheets[0].facts.filled == 2_001
