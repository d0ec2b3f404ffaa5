"""Where the table is: titles above, two header rows, blank rows, sums and remarks below."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from smallcrm.records.exchange import words
from smallcrm.records.exchange.cells import Row
from smallcrm.records.exchange.column_words import COLUMNS, column_words, plain_header, scale_of
from smallcrm.records.exchange.layout import Layout, data_rows, guess_layout, is_total, layout_with
from smallcrm.records.exchange.reading import open_workbook

from .conftest import Make

Rows = list[list[Any]]


@pytest.fixture
def laid_out(book_file: Make) -> Callable[..., tuple[Layout, list[tuple[int, Row]]]]:
    """The layout of a sheet with these rows, and its rows of data."""

    def find(rows: Rows, change: Callable[[Any], None] | None = None, header: tuple[int, ...] | None = None) -> Any:
        path: Path = book_file(rows, change)
        with open_workbook(path) as book:
            sheet = book.sheets[0]
            layout = guess_layout(sheet) if header is None else layout_with(sheet, header)
            return layout, list(data_rows(sheet, layout))

    return find


PEOPLE: Rows = [
    [f"Customer {i} Ltd", f"Jane {i}", f"0113 496 01{i:02d}", 1000 + i, dt.date(2026, 1, i)] for i in range(1, 8)
]
HEAD: Rows = [["Company", "Contact", "Phone", "Turnover", "Since"]]


def test_a_plain_table(laid_out: Any) -> None:
    layout, rows = laid_out(HEAD + PEOPLE)
    assert layout.header_rows == (1,)
    assert layout.names == ("Company", "Contact", "Phone", "Turnover", "Since")
    assert (layout.first, layout.last, layout.left_out) == (2, 8, ())
    assert [number for number, _ in rows] == [2, 3, 4, 5, 6, 7, 8]
    assert layout.confidence > 0.9


def test_a_title_and_blank_rows_above(laid_out: Any) -> None:
    layout, rows = laid_out([["Customers of the north, 2026"], [], [], *HEAD, *PEOPLE[:2], [], *PEOPLE[2:]])
    assert layout.header_rows == (4,)
    assert layout.left_out == ((1, "title"),)
    assert [number for number, _ in rows] == [5, 6, 8, 9, 10, 11, 12]


def test_several_lines_of_title(laid_out: Any) -> None:
    above: Rows = [["Export of the old system"], ["Printed:", "3 March 2026"], ["User:", "Maria"], []]
    layout, rows = laid_out(above + HEAD + PEOPLE)
    assert layout.header_rows == (5,)
    assert len(rows) == 7


def test_two_header_rows_with_merged_groups(laid_out: Any) -> None:
    def merge(book: Any) -> None:
        book.active.merge_cells("A1:B1")
        book.active.merge_cells("C1:D1")
        book.active.merge_cells("E1:E2")

    rows: Rows = [["Customer", None, "Reach", None, "Since"], ["Company", "Contact", "Phone", "E-mail"]]
    rows += [[f"Firm {i}", f"Jane {i}", "0113 496 0182", f"j{i}@firm.test", dt.date(2026, 1, 1)] for i in range(5)]
    layout, data = laid_out(rows, merge)
    assert layout.header_rows == (1, 2)
    assert layout.names == ("Customer / Company", "Customer / Contact", "Reach / Phone", "Reach / E-mail", "Since")
    assert len(data) == 5


def test_two_header_rows_without_merging(text_file: Make) -> None:
    text = "客户,,联系方式,,等级\n公司,联系人,手机,邮箱,\n" + "".join(
        f"嘉诚{i}有限公司,王伟,1380013800{i},a{i}@b.cn,A\n" for i in range(5)
    )
    with open_workbook(text_file(text)) as book:
        layout = guess_layout(book.sheets[0])
    assert layout.header_rows == (1, 2)
    assert layout.names == ("客户 / 公司", "客户 / 联系人", "联系方式 / 手机", "联系方式 / 邮箱", "等级")


def test_a_first_row_of_texts_is_no_second_header(laid_out: Any) -> None:
    rows: Rows = [
        ["Company", "Contact", "City"],
        ["Acme", "Jane Doe", None],
        ["Beta", "John Roe", "Leeds"],
        ["Gamma", "Al", "York"],
    ]
    layout, data = laid_out(rows)
    assert layout.header_rows == (1,)
    assert len(data) == 3


@pytest.mark.parametrize(
    "total",
    [
        ["Total", None, None, 7028],
        ["TOTAL:", None, None, 7028],
        [None, None, "合 计", 7028],
        ["合计：7家", None, None, 7028],
        ["Σύνολο πελατών", None, None, 7028],
        ["Γενικό σύνολο", None, None, "7.028,00 €"],
        ["Sum", 7, None, 7028],
        ["小计", None, None, 3000],
        ["华北区小计", None, None, 3000],
        ["North total", None, None, 3000],
    ],
)
def test_a_row_of_sums_is_left_out(laid_out: Any, total: list[Any]) -> None:
    layout, rows = laid_out(HEAD + PEOPLE + [total])
    assert len(rows) == 7
    assert layout.last == 8
    assert layout.left_out == ((9, "total"),)


def test_a_company_called_total_stays(laid_out: Any) -> None:
    layout, rows = laid_out(
        HEAD + PEOPLE + [["Total Energies", "Marie Curie", "0113 496 0199", 5, dt.date(2026, 2, 2)]]
    )
    assert len(rows) == 8
    assert layout.left_out == ()


def test_remarks_below_are_left_out(laid_out: Any) -> None:
    below: Rows = [["Total", None, None, 7028], [], ["Prepared by Maria"], ["* estimated"]]
    layout, rows = laid_out(HEAD + PEOPLE + below)
    assert len(rows) == 7
    assert layout.left_out == ((9, "total"), (11, "note"), (12, "note"))


def test_a_last_customer_with_only_a_name_stays(laid_out: Any) -> None:
    _, rows = laid_out(HEAD + PEOPLE + [["Omega Bakery"]])
    assert rows[-1] == (9, ["Omega Bakery"])


def test_sums_in_between_and_headers_printed_again(laid_out: Any) -> None:
    layout, rows = laid_out(
        HEAD + PEOPLE[:3] + [["小计", None, None, 3006]] + HEAD + PEOPLE[3:] + [["合计", None, None, 7028]]
    )
    assert [number for number, _ in rows] == [2, 3, 4, 7, 8, 9, 10]
    assert layout.last == 10


@pytest.mark.parametrize(
    "line", ["共 420 条记录", "第 3 页", "Page 3 of 7", "Generated by the old system", "导出时间：2026-03-01"]
)
def test_footers_of_printed_lists_are_left_out(laid_out: Any, line: str) -> None:
    layout, rows = laid_out([*HEAD, *PEOPLE, [line]])
    assert len(rows) == 7
    assert layout.left_out == ((9, "note"),)


@pytest.mark.parametrize("name", ["共创科技有限公司", "第一汽车", "Page Industries", "Generali"])
def test_companies_whose_names_begin_like_footers_stay(laid_out: Any, name: str) -> None:
    _, rows = laid_out([*HEAD, *PEOPLE, [name]])
    assert len(rows) == 8


def test_headings_merged_over_the_table_are_left_out(laid_out: Any) -> None:
    def merge(book: Any) -> None:
        book.active.merge_cells("A4:E4")

    layout, rows = laid_out([*HEAD, *PEOPLE[:2], ["North"], *PEOPLE[2:]], merge)
    assert layout.left_out == ((4, "section"),)
    assert [number for number, _ in rows] == [2, 3, 5, 6, 7, 8, 9]


def test_rows_that_are_only_numbered_are_blank(laid_out: Any) -> None:
    rows: Rows = [["序号", "公司", "手机"]]
    rows += [[i, f"嘉诚{i}", 13800138000 + i] for i in range(1, 6)] + [[i] for i in range(6, 200)]
    _, data = laid_out(rows)
    assert len(data) == 5


def test_a_row_of_units(laid_out: Any) -> None:
    rows: Rows = [["公司", "年采购额", "员工"], [None, "(万元)", "人"], ["嘉诚", 5, 3], ["远泰", 6, 4]]
    layout, data = laid_out(rows)
    assert layout.left_out == ((2, "units"),)
    assert [number for number, _ in data] == [3, 4]


def test_no_header_at_all(laid_out: Any) -> None:
    layout, rows = laid_out(PEOPLE)
    assert layout.header_rows == ()
    assert layout.names == ("A", "B", "C", "D", "E")
    assert len(rows) == 7
    assert layout.confidence < 0.6


def test_names_are_unique_and_unnamed_columns_are_called_by_letter(laid_out: Any) -> None:
    rows: Rows = [
        ["Phone", "Phone", None, "phone", "C"],
        ["1134960182", "x", "y", "z", 5],
        ["1134960183", "x", "y", "z", 6],
    ]
    layout, _ = laid_out(rows, header=(1,))
    assert layout.names == ("Phone", "Phone (2)", "C", "phone (3)", "C (2)")
    assert layout.unnamed == {2}


def test_header_only(laid_out: Any) -> None:
    layout, rows = laid_out(HEAD)
    assert layout.header_rows == (1,)
    assert rows == []


def test_a_single_column(text_file: Make) -> None:
    with open_workbook(text_file("E-mail\na@b.gr\nc@d.gr\n")) as book:
        layout = guess_layout(book.sheets[0])
    assert layout.header_rows == (1,)
    assert layout.names == ("E-mail",)


def test_a_text_merged_downwards_counts_for_each_row_and_a_figure_once(laid_out: Any) -> None:
    def merge(book: Any) -> None:
        book.active.merge_cells("A2:A4")
        book.active.merge_cells("D2:D4")

    rows: Rows = [
        *HEAD,
        ["Acme", "Jane", "0113 496 0182", 500],
        [None, "John", "0113 496 0183"],
        [None, "Al", "0113 496 0184"],
    ]
    _, data = laid_out(rows + PEOPLE, merge)
    assert [(row[0], row[3] if len(row) > 3 else None) for _, row in data[:4]] == [
        ("Acme", 500), ("Acme", None), ("Acme", None), ("Customer 1 Ltd", 1001),
    ]  # fmt: skip


def test_given_header_rows_hold(laid_out: Any) -> None:
    layout, rows = laid_out([["x", "y"], *HEAD, *PEOPLE], header=(2,))
    assert layout.header_rows == (2,)
    assert len(rows) == 7
    layout, rows = laid_out(PEOPLE, header=())
    assert len(rows) == 7


@pytest.mark.parametrize(
    ("row", "total"),
    [
        (["Total", 5], True), (["合计", "¥1,000.00"], True), (["Total", "Jane"], False), ([5, 6], False),
        (["Totally Spices Ltd", 5], False), (["共计：12 人", None, 5.5], True), (["Σύνολα", "x@y.gr"], False),
    ],
)  # fmt: skip
def test_is_total(row: Row, total: bool) -> None:
    assert is_total(row) is total


@pytest.mark.parametrize(
    ("sheet", "explains"),
    [
        ("说明", True),
        ("Readme", True),
        ("Οδηγίες", True),
        ("填写说明(1)", True),
        ("客户", False),
        ("Sheet1", False),
        ("Information desk", False),
    ],
)
def test_sheets_that_explain(sheet: str, explains: bool) -> None:
    assert words.means_explanation(sheet) is explains


@pytest.mark.parametrize(
    ("header", "plain"),
    [
        ("Name *", "name"), ("年采购额（元）", "年采购额"), ("E-Mail:", "e mail"), ("tax_number", "tax number"),
        ("Α.Φ.Μ.", "α φ μ"),
        ("Τηλέφωνο (κινητό)", "τηλεφωνο"), ("公司名称（必填）", "公司名称"), ("姓  名", "姓名"),
        ("联系\n电话", "联系电话"), ("(x)", "(x)"),
        ("Tel. /\nMob.", "tel mob"),
    ],
)  # fmt: skip
def test_plain_header(header: str, plain: str) -> None:
    assert plain_header(header) == plain


@pytest.mark.parametrize(
    ("header", "power"),
    [
        ("年采购额（万元）", 4), ("营业额(亿)", 8), ("Revenue (k€)", 3), ("Revenue (in thousands)", 3),
        ("Revenue / m€", 6),
        ("Τζίρος (χιλ. €)", 3), ("Revenue (€)", 0), ("Length (m)", 0), ("万科", 0), ("Revenue (EUR million)", 6),
        ("营业额（元）", 0), ("", 0),
    ],
)  # fmt: skip
def test_units_of_a_header(header: str, power: int) -> None:
    assert scale_of(header) == power


def test_every_concept_has_words_and_a_stranger_is_refused() -> None:
    assert all(len(found) > 1 for found in COLUMNS.values())
    assert "επωνυμία" in column_words("company")
    with pytest.raises(KeyError):
        column_words("no such concept")
