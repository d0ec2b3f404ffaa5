"""Which column is which field."""

from __future__ import annotations

from typing import Any

import pytest

from smallcrm.records.exchange.columns import SURE, ColumnGuess, Field, Labels, guess_columns, profiles

from .conftest import CUSTOMERS

LABELS = Labels(CUSTOMERS)


def guessed(names: list[str], rows: list[list[Any]], **more: Any) -> dict[str, ColumnGuess]:
    return {found.name: found for found in guess_columns(names, profiles(rows, len(names)), LABELS, **more)}


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Name", "name"), ("name *", "name"), ("公司名称", "name"), ("公司名称（必填）", "name"),
        ("Επωνυμία", "name"), ("ΕΠΩΝΥΜΙΑ", "name"), ("客户 / 公司", "name"),
        ("Account Name", "name"), ("tax_number", "tax_number"), ("ΑΦΜ", "tax_number"), ("Α.Φ.Μ.", "tax_number"),
        ("annual_revenue", "annual_revenue"),
        ("年采购额（元）", "annual_revenue"), ("Τζίρος", "annual_revenue"), ("E-Mail", "email"),
        ("Tel / Mob", "phone"), ("联系方式 / 手机", "contact.mobile"),
        ("联系人", "contact.name"), ("Υπεύθυνος", "contact.name"), ("Contact / Name", "contact.name"),
        ("contact.mobile", "contact.mobile"),
        ("Rep", "owner"), ("Cat.", "grade"), ("下次联系", "next_follow_up_on"), ("subsidiary_of", "parent"),
        ("office_location", "country"), ("Πελάτης από", "since"),
    ],
)  # fmt: skip
def test_headers_people_use(header: str, field: str) -> None:
    found = guessed([header], [])[header]
    assert found.field == field
    assert found.sure


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Telephon", "phone"),
        ("Adress of company name", None),
        ("Anual revenue", "annual_revenue"),
        ("客户联系电话", "phone"),
    ],
)
def test_headers_that_are_nearly_known_are_asked_about(header: str, field: str | None) -> None:
    found = guessed([header], [])[header]
    if field:
        assert found.field == field
        assert not found.sure
        assert found.confidence < SURE


@pytest.mark.parametrize("header", ["Pallet type", "身份证号", "x", "单价×数量", "year_established", "ΔΟΥ", "2024"])
def test_headers_nobody_knows_are_left_out(header: str) -> None:
    assert guessed([header], [["a"], ["b"], ["c"]])[header].field is None


def test_each_field_once() -> None:
    found = guessed(["Name", "Company", "Company name"], [["a", "b", "c"]])
    assert [guess.field for guess in found.values()].count("name") == 1
    assert found["Name"].field == "name"


def test_lists_take_several_columns() -> None:
    found = guessed(["电话1", "电话2"], [["0755-23385382", "010-12345678"]])
    assert [guess.field for guess in found.values()] == ["phone", "phone"]


def test_the_content_can_speak_against_the_header() -> None:
    """A column called Since that holds names is not the date."""
    found = guessed(["Since"], [["Maria"], ["Nikos"], ["Eleni"]] * 5)["Since"]
    assert not (found.field == "since" and found.sure)


def test_the_content_can_speak_without_a_header() -> None:
    rows = [[f"maria{i}@firm.test", f"69712345{i:02d}", f"Street {i}"] for i in range(20)]
    found = guessed(["A", "B", "C"], rows, unnamed={0, 1, 2})
    assert found["A"].field == "email"
    assert found["B"].field == "phone"
    assert found["C"].field is None
    assert not found["A"].sure
    assert not found["B"].sure


def test_amounts_and_years_are_no_phones() -> None:
    rows = [[1_200_000 + i, 20260101 + i] for i in range(20)]
    found = guessed(["A", "B"], rows, unnamed={0, 1})
    assert found["A"].field is None
    assert found["B"].field is None


def test_phones_whose_digits_are_lost_are_still_phones() -> None:
    found = guessed(["手机"], [["1.38E+10"], ["1.39E+10"], ["13800138000"]])["手机"]
    assert (found.field, found.sure) == ("contact.mobile", True)


def test_hidden_columns_are_not_filled_in_by_guess() -> None:
    found = guessed(["Name", "Phone"], [["a", "2101234567"]], hidden={1})
    assert found["Phone"].field is None
    assert found["Phone"].hidden


def test_what_somebody_said_holds() -> None:
    found = guessed(["Name", "Company"], [["a", "b"]], taken={1: "name"})
    assert found["Company"].field == "name"
    assert found["Company"].confidence == 1
    assert found["Name"].field == "contact.name"
    assert guessed(["Name"], [["a"]], taken={0: None})["Name"].field is None


def test_our_own_columns_are_left_alone() -> None:
    assert guessed(["Problem (smallcrm)"], [["bad"]])["Problem (smallcrm)"].field is None


def test_two_fields_that_are_equally_likely_are_asked_about() -> None:
    labels = Labels([Field("billing", "text", {"en": "Address"}), Field("delivery", "text", {"en": "Address"})])
    (found,) = guess_columns(["Address"], profiles([["x"]], 1), labels)
    assert not found.sure
    assert {found.field, *found.others} == {"billing", "delivery"}


def test_samples_and_fits_are_for_the_preview() -> None:
    found = guessed(["Since"], [["2026-01-02"], ["2026-01-02"], ["31/02/2020"], [None], ["2026-03-04"]])["Since"]
    assert found.samples == ("2026-01-02", "31/02/2020", "2026-03-04")
    assert found.filled == 4
    assert found.fits == 0.75
