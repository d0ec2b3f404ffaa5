"""The guess as a whole: what it asks, what it settles, what it says; and rows cleaned by it."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest

from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import speaking
from smallcrm.records.exchange.cleaning import Cleaner, CleanRow
from smallcrm.records.exchange.columns import Field
from smallcrm.records.exchange.guessing import Guess, guess
from smallcrm.records.exchange.mapping import Mapping, parse
from smallcrm.records.exchange.questions import ASKED, WARNED
from smallcrm.records.exchange.reading import open_workbook
from smallcrm.records.exchange.values import Amount

from .conftest import CUSTOMERS, Make


def guessed(
    path: Any, fields: list[Field] = CUSTOMERS, language: str = "en", **more: Any
) -> tuple[Guess, list[CleanRow]]:
    said = more.get("given", Mapping())
    with open_workbook(path, encoding=said.encoding or "", separator=said.separator or "", language=language) as book:
        found = guess(book, fields, language, **more)
        return found, list(Cleaner.of(found, fields).rows())


def codes(found: Guess) -> list[str]:
    return [question.code for question in found.questions]


def test_a_plain_file_leaves_no_question(text_file: Make) -> None:
    found, rows = guessed(text_file("Name,Phone,Customer since\nAcme,0113 496 0182,2019-04-03\nBeta,-,n/a\n"))
    assert found.sure
    assert found.mapping.columns == {"Name": "name", "Phone": "phone", "Customer since": "since"}
    assert found.rows == 2
    assert rows[0].values == {"name": "Acme", "phone": ["0113 496 0182"], "since": dt.date(2019, 4, 3)}
    assert rows[1].values == {"name": "Beta"}
    assert [row.number for row in rows] == [2, 3]
    assert json.dumps(found.as_json())


def test_an_open_date_order_is_one_question_for_all_columns(text_file: Make) -> None:
    path = text_file("Name,Customer since,Next follow-up\nAcme,03/04/2019,05/06/2026\nBeta,04/05/2019,01/02/2026\n")
    found, rows = guessed(path)
    (question,) = found.questions
    assert (question.code, question.part) == ("date_order", ("date_order",))
    assert question.columns == ("Customer since", "Next follow-up")
    assert [(option.value, option.label, option.fits, option.fails) for option in question.options] == [
        ("dmy", "3 Apr 2019", 4, 0), ("mdy", "4 Mar 2019", 4, 0),
    ]  # fmt: skip
    assert str(question) == "How is “03/04/2019” meant?"
    with speaking("zh"):
        assert "03/04/2019" in str(question)
    assert found.confidence["date_order"] < 0.6
    answered, rows = guessed(path, given=parse({"date_order": "mdy"}))
    assert answered.sure
    assert rows[0].values["since"] == dt.date(2019, 3, 4)


def test_a_column_that_proves_nothing_follows_one_that_does(text_file: Make) -> None:
    found, rows = guessed(
        text_file("Name,Customer since,Next follow-up\nAcme,03/04/2019,25/06/2026\nBeta,04/05/2019,13/02/2026\n")
    )
    assert found.sure
    assert found.mapping.date_order == "dmy"
    assert rows[0].values["since"] == dt.date(2019, 4, 3)


def test_columns_that_differ_keep_their_own_order(text_file: Make) -> None:
    found, rows = guessed(
        text_file("Name,Customer since,Next follow-up\nAcme,13/04/2019,06/25/2026\nBeta,14/05/2019,02/13/2026\n")
    )
    assert found.mapping.date_order == {"Customer since": "dmy", "Next follow-up": "mdy"}
    assert rows[0].values["since"] == dt.date(2019, 4, 13)
    assert rows[0].values["next_follow_up_on"] == dt.date(2026, 6, 25)
    assert parse(json.loads(json.dumps(found.mapping.as_json()))).date_order == found.mapping.date_order


def test_what_was_said_last_time_settles_what_is_open(text_file: Make) -> None:
    last = parse(
        {"date_order": "mdy", "columns": {"Seit": "since"}, "values": {"grade": {"Prima": "A"}}, "mode": "both"}
    )
    path = text_file("Name,Seit,Grade\nAcme,03/04/2019,Prima\n")
    found, rows = guessed(path, remembered=last)
    assert found.sure
    assert rows[0].values == {"name": "Acme", "since": dt.date(2019, 3, 4), "grade": "A"}
    assert found.mapping.mode == "both"
    assert codes(guessed(path)[0])


def test_what_was_said_last_time_gives_way_to_proof(text_file: Make) -> None:
    found, _ = guessed(text_file("Name,Customer since\nAcme,25/04/2019\n"), remembered=parse({"date_order": "mdy"}))
    assert found.mapping.date_order == "dmy"


def test_an_open_decimal_mark_is_asked_about(text_file: Make) -> None:
    path = text_file("Name;Turnover\nAcme;1.250\nBeta;3.400\n")
    found, _ = guessed(path, language="el")
    (question,) = found.questions
    assert question.code == "decimal"
    assert [(option.value, option.label) for option in question.options] == [(".", "1.25"), (",", "1,250")]
    answered, rows = guessed(path, given=parse({"decimal": ","}))
    assert answered.sure
    assert rows[0].values["annual_revenue"] == Amount(Decimal(1250))


NAMED = "Name,Annual revenue\nAcme,USD 300\nBeta,200\nGamma,100\n"
TWO = NAMED + "Delta,€ 5\n"


@pytest.mark.parametrize(
    ("text", "given", "read", "asked"),
    [
        (NAMED, {}, ["USD", "USD", "USD"], []),
        (NAMED, {"defaults": {"currency": "GBP"}}, ["USD", "", ""], []),
        (NAMED, {"currency": "GBP"}, ["USD", "GBP", "GBP"], []),
        (TWO, {}, ["USD", "USD", "USD", "EUR"], ["USD", "EUR", "GBP"]),
        (TWO, {"currency": {"Annual revenue": "GBP"}}, ["USD", "GBP", "GBP", "EUR"], []),
        ("Name,Annual revenue,Currency\nAcme,USD 300,EUR\nBeta,200,EUR\n", {}, ["USD", ""], []),
        ("Name,Annual revenue\nAcme,€ 300\nBeta,USD 200\n", {}, ["EUR", "USD"], []),
        ("Name,Annual revenue\nAcme,300\nBeta,200\n", {}, ["", ""], []),
    ],
)
def test_bare_amounts_take_the_currency_that_their_column_names(
    text_file: Make, text: str, given: dict[str, Any], read: list[str], asked: list[str]
) -> None:
    found, rows = guessed(text_file(text), currency="GBP", given=parse(given))
    assert [row.values["annual_revenue"].currency for row in rows] == read
    assert [str(option.value) for question in found.questions for option in question.options] == asked
    told = [str(remark) for remark in found.remarks if remark.code == "named_currency"]
    assert bool(told) == (text == NAMED and not given)


def test_the_currency_chosen_last_time_is_not_asked_about_again(text_file: Make) -> None:
    found, rows = guessed(text_file(TWO), currency="GBP", remembered=parse({"currency": {"Annual revenue": "EUR"}}))
    assert (codes(found), rows[1].values["annual_revenue"].currency) == ([], "EUR")


@pytest.mark.parametrize(
    ("company", "given", "remembered", "read", "asked"),
    [
        ("EUR", {}, {}, "USD", ["USD", "EUR"]),
        ("EUR", {"currency": {"Turnover": "EUR"}}, {}, "EUR", []),
        ("EUR", {"currency": "USD"}, {}, "USD", []),
        ("EUR", {}, {"currency": {"Turnover": "USD"}}, "USD", []),
        ("USD", {}, {}, "", []),
    ],
)
def test_a_currency_that_only_the_format_shows_is_asked_about(
    book_file: Make, company: str, given: dict[str, Any], remembered: dict[str, Any], read: str, asked: list[str]
) -> None:
    def dress(book: Any) -> None:
        for row in (2, 3):
            book.active.cell(row, 2).number_format = "[$$-409]#,##0.00"

    path = book_file([["Name", "Turnover"], ["Acme", 5], ["Beta", 7.5]], dress)
    found, rows = guessed(path, currency=company, given=parse(given), remembered=parse(remembered))
    assert [row.values["annual_revenue"].currency for row in rows] == [read, read]
    assert [str(option.value) for question in found.questions for option in question.options] == asked
    if asked:
        assert str(found.questions[0]) == "The figures of “Turnover” are formatted in USD. Which currency are they in?"


def test_figures_of_a_workbook_take_the_currency_named_beside_them(book_file: Make) -> None:
    _, rows = guessed(book_file([["Name", "Annual revenue"], ["Acme", "USD 300"], ["Beta", 200.5]]), currency="EUR")
    assert [row.values["annual_revenue"] for row in rows] == [
        Amount(Decimal(300), "USD"),
        Amount(Decimal("200.5"), "USD"),
    ]


def test_unknown_values_of_a_closed_list_are_asked_about(text_file: Make) -> None:
    path = text_file("Name,Grade\n" + "Acme,A\nBeta,Gold\n" * 3 + "Gamma,Silver\nDelta,Silver\nEta,Bronze\n")
    found, rows = guessed(path)
    (question,) = found.questions
    assert question.part == ("values", "grade")
    assert question.examples == ("Silver", "Bronze")
    assert [option.value for option in question.options] == ["A", "B", "C"]
    assert found.confidence["values"]["grade"] == round(6 / 9, 3)
    assert rows[-1].fails
    answered, rows = guessed(path, given=parse({"values": {"grade": {"Silver": "B", "Bronze": None}}}))
    assert answered.sure
    assert [row.values.get("grade") for row in rows[-3:]] == ["B", "B", None]
    assert not any(row.fails for row in rows)


def test_an_unsure_encoding_is_asked_about_with_both_readings(text_file: Make) -> None:
    path = text_file("Name,Nr\nΌνομα,1\n", "cp1253")
    found, _ = guessed(path)
    assert codes(found) == ["encoding"]
    assert all(option.label for option in found.questions[0].options)
    assert guessed(path, given=parse({"encoding": "cp1253"}))[0].sure


def test_an_unsure_header_is_asked_about(text_file: Make) -> None:
    found, _ = guessed(
        text_file(
            "Acme Ltd,0113 496 0182,j@acme.test\nBeta Ltd,0113 496 0183,k@beta.test\nGamma,0113 496 0184,l@g.test\n"
        )
    )
    assert "header_rows" in codes(found)
    found, rows = guessed(
        text_file("Acme Ltd,0113 496 0182\nBeta Ltd,0113 496 0183\n"),
        given=parse({"header_rows": [], "columns": {"A": "name", "B": "phone"}}),
    )
    assert found.sure
    assert len(rows) == 2
    assert rows[0].values == {"name": "Acme Ltd", "phone": ["0113 496 0182"]}


def test_who_says_where_columns_go_is_not_asked_about_the_others(text_file: Make) -> None:
    path = text_file("Bezeichnung,Our telephone list,E-mail\nAcme,0113 496 0182,a@b.gr\n")
    assert codes(guessed(path)[0]) == ["columns"]
    found, rows = guessed(path, given=parse({"columns": {"Bezeichnung": "name"}}))
    assert found.sure
    assert rows[0].values == {"name": "Acme", "email": ["a@b.gr"]}


def test_two_sheets_that_could_both_be_meant(book_file: Make) -> None:
    def more(book: Any) -> None:
        book.active.title = "2025"
        sheet = book.create_sheet("2026")
        for row in [["Name", "Phone"], ["Beta", "0113 496 0183"], ["Gamma", "0113 496 0184"]]:
            sheet.append(row)

    path = book_file([["Name", "Phone"], ["Acme", "0113 496 0182"], ["Delta", "0113 496 0185"]], more)
    found, _ = guessed(path)
    assert codes(found) == ["sheet"]
    assert {option.value for option in found.questions[0].options} == {"2025", "2026"}
    found, rows = guessed(path, given=parse({"sheet": "2026"}))
    assert found.sure
    assert [row.values["name"] for row in rows] == ["Beta", "Gamma"]


def test_hidden_and_explaining_sheets_are_not_meant(book_file: Make) -> None:
    def more(book: Any) -> None:
        for name in ("Old", "Readme"):
            sheet = book.create_sheet(name, 0)
            for i in range(30):
                sheet.append(["Name", "Phone"] if not i else [f"x{i}", f"0113 496 01{i:02d}"])
        book["Old"].sheet_state = "hidden"

    path = book_file([["Name", "Phone"], *([f"Acme {i}", f"0113 496 02{i:02d}"] for i in range(30))], more)
    found, _ = guessed(path)
    assert found.mapping.sheet == "Sheet"
    assert any("Old" in str(remark) for remark in found.remarks)


def test_the_company_s_own_question_of_names(book_file: Make) -> None:
    with pytest.raises(BadRequest, match="Sheet9"):
        guessed(book_file([["Name"], ["Acme"]]), given=parse({"sheet": "Sheet9"}))
    with pytest.raises(BadRequest, match="99"):
        guessed(book_file([["Name"], ["Acme"]]), given=parse({"header_rows": [99]}))
    with pytest.raises(BadRequest, match="several columns"):
        guessed(book_file([["A1", "B1"], ["x", "y"]]), given=parse({"columns": {"A1": "name", "B1": "name"}}))
    with pytest.raises(BadRequest, match="fax"):
        guessed(book_file([["Name"], ["Acme"]]), given=parse({"columns": {"Name": "fax"}}))


def test_nothing_recognised_is_a_question(text_file: Make) -> None:
    assert "no_columns" in codes(guessed(text_file("foo,bar\nx,y\nz,w\n"))[0])


def test_what_is_told_without_asking(book_file: Make) -> None:
    def dress(book: Any) -> None:
        sheet = book.active
        sheet.column_dimensions["C"].hidden = True
        sheet.row_dimensions[4].hidden = True
        sheet.merge_cells("A3:A4")
        for row in (3, 4, 5):
            sheet.cell(row, 2).number_format = "[$$-409]#,##0.00"

    rows: list[list[Any]] = [
        ["Customers 2026"],
        ["Name", "Turnover", "Email", "Employees"],
        ["Acme", 5, "a@b.gr", "=A1"],
        [None, 6, "c@d.gr"],
        ["Beta", 7],
    ]
    found, _ = guessed(book_file(rows, dress), currency="EUR")
    assert "formatted" in codes(found)
    said = {remark.code for remark in found.remarks}
    assert {"hidden_columns", "hidden_rows", "merged", "no_results", "left_out"} <= said


def test_shares_for_percentages(book_file: Make) -> None:
    fields = [Field("name", "text", {"en": "Name"}), Field("rate", "percent", {"en": "Rate"})]
    found, rows = guessed(book_file([["Name", "Rate"], ["a", 0.24], ["b", 0.13]]), fields)
    assert [row.values["rate"] for row in rows] == [24, 13]
    assert [remark.code for remark in found.remarks] == ["fractions"]
    found, rows = guessed(book_file([["Name", "Rate"], ["a", 24], ["b", 0.5]]), fields)
    assert [row.values["rate"] for row in rows] == [24, Decimal("0.5")]


def test_figures_in_units_of_ten_thousand(text_file: Make) -> None:
    """A header that counts in 万元 means ten thousand times as much; a figure with a unit of its own does not."""
    found, rows = guessed(text_file("公司,年采购额（万元）,员工数\n嘉诚,12.5,3\n远泰,300万,4\n"))
    assert [row.values["annual_revenue"].value for row in rows] == [125_000, 3_000_000]
    assert [row.values["employees"] for row in rows] == [3, 4]
    (remark,) = found.remarks
    assert str(remark) == "“年采购额（万元）” counts in units of 10,000; its figures are read so."


def test_units_in_a_row_of_their_own(book_file: Make) -> None:
    _, rows = guessed(book_file([["公司", "年采购额"], [None, "万元"], ["嘉诚", 12.5], ["远泰", 3]]))
    assert [row.values["annual_revenue"].value for row in rows] == [125_000, 30_000]


@pytest.mark.parametrize(
    ("header", "row", "name"),
    [
        ("Last Name,First Name", "Doe,Jane", "Jane Doe"), ("First name,Surname", "Jane,Doe", "Jane Doe"),
        ("姓,名", "王,小明", "王小明"), ("Όνομα,Επώνυμο", "Άννα,Βλάχου", "Άννα Βλάχου"),
        ("Surname,Phone", "Doe,2101234567", "Doe"),
        ("Contact,First name,Surname", "Jane Doe,Jane,Doe", "Jane Doe"),
    ],
)  # fmt: skip
def test_names_in_two_columns(text_file: Make, header: str, row: str, name: str) -> None:
    found, rows = guessed(text_file(f"Company,{header}\nAcme,{row}\n"))
    assert rows[0].values["contact.name"] == name
    assert found.sure


def test_two_columns_into_one_list(text_file: Make) -> None:
    _, rows = guessed(text_file("Name,Phone 1,Phone 2\nAcme,0113 496 0182,0113 496 0183\n"))
    assert rows[0].values["phone"] == ["0113 496 0182", "0113 496 0183"]


def test_problems_say_where_they_are(text_file: Make) -> None:
    _, rows = guessed(text_file("Name,Phone,Customer since\nAcme,1.38E+10,31/02/2020\nBeta,0113 496 0182,13/04/2020\n"))
    first = rows[0]
    assert [(p.column, p.field, p.problem.code) for p in first.problems] == [
        (1, "phone", "digits_lost"),
        (2, "since", "no_such_date"),
    ]
    assert first.fails
    assert first.values == {"name": "Acme"}
    assert first.cells == ["Acme", "1.38E+10", "31/02/2020"]


def test_every_sentence_takes_its_values() -> None:
    values = dict.fromkeys(
        (
            "lines",
            "encoding",
            "text",
            "column",
            "columns",
            "count",
            "row",
            "rows",
            "sheet",
            "others",
            "currency",
            "unit",
        ),
        "x",
    )
    for sentence in (*ASKED.values(), *WARNED.values()):
        assert "%(" not in sentence.message % values


def test_header_only(text_file: Make) -> None:
    found, rows = guessed(text_file("Name,Phone\n"))
    assert found.rows == 0
    assert rows == []
    assert [remark.code for remark in found.remarks] == ["no_rows"]
