"""The mapping's JSON: strict, complete, remembered."""

from __future__ import annotations

import json
from typing import Any

import pytest

from smallcrm.base.errors import BadRequest
from smallcrm.records.exchange.mapping import Mapping, find_column, for_column, parse, resolve, shape

WHOLE = {
    "sheet": "Sheet1", "header_rows": [3, 4], "encoding": "gb18030", "separator": ";", "date_order": "dmy",
    "decimal": ",",
    "columns": {"公司": "name", "C": None}, "values": {"grade": {"重点": "A"}}, "match": ["tax_number"],
    "mode": "both",
    "defaults": {"owner": "sales1@demo.test"}, "create_missing": ["customer"],
}  # fmt: skip


def test_the_contract_s_example() -> None:
    mapping = parse(WHOLE)
    assert mapping.header_rows == (3, 4)
    assert mapping.match == ("tax_number",)
    assert json.loads(json.dumps(mapping.as_json())) == WHOLE


def test_every_part_may_be_left_out() -> None:
    assert parse({}) == Mapping()
    assert parse({}).as_json() == {}
    assert parse({"header_rows": []}).header_rows == ()
    assert parse({"sheet": None}).sheet is None


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ([], "object"), ({"colums": {}}, "colums"), ({"sheet": 5}, "sheet"),
        ({"header_rows": 3}, "header_rows"), ({"header_rows": [0]}, "header_rows"),
        ({"header_rows": [1, 2, 3]}, "header_rows"), ({"header_rows": [1, 1]}, "header_rows"),
        ({"header_rows": [True]}, "header_rows"),
        ({"encoding": "klingon"}, "klingon"), ({"encoding": 5}, "encoding"), ({"separator": "x"}, "x"),
        ({"date_order": "dym"}, "date_order"),
        ({"date_order": {"Since": "x"}}, "date_order.Since"), ({"decimal": "'"}, "decimal"),
        ({"columns": ["a"]}, "columns"),
        ({"columns": {"a": 5}}, "columns.a"), ({"columns": {"a": ""}}, "columns.a"),
        ({"values": {"grade": "A"}}, "values.grade"),
        ({"values": {"grade": {"x": 5}}}, "values.grade"), ({"match": "name"}, "match"),
        ({"match": [""]}, "match"), ({"mode": "merge"}, "mode"),
        ({"defaults": []}, "defaults"), ({"create_missing": [5]}, "create_missing"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(data: Any, named: str) -> None:
    with pytest.raises(BadRequest, match=named.replace(".", r"\.")):
        parse(data)


def test_what_was_said_stands_over_the_guess() -> None:
    said = parse({"columns": {"A": "name"}, "values": {"grade": {"x": "A"}}, "mode": "create"})
    guess = parse({"columns": {"A": None, "B": "phone"}, "values": {"grade": {"x": "B", "y": "C"}}, "decimal": ","})
    whole = said.over(guess)
    assert whole.columns == {"A": "name", "B": "phone"}
    assert whole.values == {"grade": {"x": "A", "y": "C"}}
    assert (whole.mode, whole.decimal) == ("create", ",")


def test_what_is_remembered_is_not_where_the_table_lay() -> None:
    kept = parse(WHOLE).to_remember()
    assert kept.sheet is kept.header_rows is kept.encoding is kept.separator is None
    assert kept.columns == WHOLE["columns"]


NAMES = ("客户 / 公司", "Phone", "Phone (2)", "Τηλέφωνο *", "B")


@pytest.mark.parametrize(
    ("said", "index"),
    [
        ("客户 / 公司", 0),
        ("公司", 0),
        ("phone", 1),
        ("PHONE (2)", 2),
        ("τηλεφωνο", 3),
        ("B", 4),
        ("C", 2),
        ("a", 0),
        ("F", None),
        ("x y", None),
    ],
)
def test_columns_are_found_by_name_or_letter(said: str, index: int | None) -> None:
    assert find_column(said, NAMES) == index


def test_unknown_columns_and_fields_are_named() -> None:
    assert resolve({"Phone": "phone", "B": None}, NAMES, ["phone"]) == {1: "phone", 4: None}
    with pytest.raises(BadRequest, match="Fax"):
        resolve({"Fax": "phone"}, NAMES, ["phone"])
    with pytest.raises(BadRequest, match="fax"):
        resolve({"Phone": "fax"}, NAMES, ["phone"])


def test_parts_for_single_columns() -> None:
    assert for_column("dmy", 1, NAMES) == "dmy"
    assert for_column({"Phone": "mdy"}, 1, NAMES) == "mdy"
    assert for_column({"Phone": "mdy"}, 2, NAMES) == ""
    assert for_column(None, 0, NAMES) == ""


def test_the_shape_of_a_file() -> None:
    assert shape(["Name", "Phone"]) == shape(["phone", "NAME *"]) == shape(["Name", "Phone", "Problem (smallcrm)"])
    assert shape(["Name", "Phone"]) != shape(["Name", "Fax"])
    assert shape(["A", "B"], {0, 1}) != shape(["A", "B", "C"], {0, 1, 2})
    assert len(shape(["Name"])) == 16
