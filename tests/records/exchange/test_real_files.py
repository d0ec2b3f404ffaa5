"""The files of README's "real input", looked at by eye and written down here."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from smallcrm.records.exchange.cleaning import Cleaner, CleanRow
from smallcrm.records.exchange.column_words import column_words as words
from smallcrm.records.exchange.columns import Field
from smallcrm.records.exchange.guessing import Guess, guess
from smallcrm.records.exchange.reading import open_workbook
from smallcrm.records.exchange.values import Amount

from .conftest import CUSTOMERS


def cleaned(path: Path, fields: list[Field], language: str = "en") -> tuple[Guess, list[CleanRow]]:
    with open_workbook(path, language=language) as book:
        found = guess(book, fields, language)
        return found, list(Cleaner.of(found, fields).rows())


@pytest.mark.parametrize("language", ["en", "zh", "el"])
def test_the_workbook_kept_by_hand(real: Path, language: str) -> None:
    found, rows = cleaned(real / "messy/customers-by-hand.xlsx", CUSTOMERS, language)
    assert found.sure
    assert found.mapping.sheet == "客户 2019-2026"
    assert found.mapping.header_rows == (3, 4)
    assert found.layout.names == (
        "客户 / 公司", "客户 / 联系人", "联系方式 / 手机", "联系方式 / 电话", "联系方式 / 邮箱", "等级",
        "年采购额", "下次联系", "单价×数量", "身份证号",
    )  # fmt: skip
    assert found.mapping.columns == {
        "客户 / 公司": "name", "客户 / 联系人": "contact.name", "联系方式 / 手机": "contact.mobile",
        "联系方式 / 电话": "phone",
        "联系方式 / 邮箱": "email", "等级": "grade", "年采购额": "annual_revenue",
        "下次联系": "next_follow_up_on", "单价×数量": None, "身份证号": None,
    }  # fmt: skip
    assert found.layout.left_out == ((1, "title"), (421, "total"))
    assert [remark.code for remark in found.remarks] == ["other_sheets", "named_currency", "hidden_columns", "left_out"]
    assert found.remarks[1].values == {"column": "年采购额", "currency": "CNY", "count": 275}
    assert len(rows) == found.rows == 400
    assert (rows[0].number, rows[-1].number) == (5, 420)
    assert not [row for row in rows if row.problems]


def test_its_phones_dates_and_sums(real: Path) -> None:
    _, rows = cleaned(real / "messy/customers-by-hand.xlsx", CUSTOMERS)
    assert rows[0].values == {
        "name": "杭州嘉泰餐饮管理股份有限公司", "contact.name": "盖杰", "contact.mobile": ["18204199051"],
        "phone": ["0755-23385382"],
        "email": ["sales5@example.cn"], "grade": "A", "annual_revenue": Amount(Decimal("892358.48"), "CNY"),
        "next_follow_up_on": dt.date(2026, 9, 7),
    }  # fmt: skip
    by_number = {row.number: row for row in rows}
    assert by_number[7].values["next_follow_up_on"] == dt.date(2026, 3, 12)
    assert by_number[17].values["contact.mobile"] == ["14005053022"]
    assert all(len("".join(filter(str.isdigit, row.values["contact.mobile"][0]))) in (11, 13, 15) for row in rows)
    # The total row, which is left out, says what the amounts must add up to.
    assert sum(row.values["annual_revenue"].value for row in rows) == Decimal("188355455.69")
    assert by_number[5].cells[8] == 252
    assert all(isinstance(row.cells[8], int) for row in rows)


def test_the_export_of_the_old_system(real: Path) -> None:
    found, rows = cleaned(real / "messy/old-system-export.csv", CUSTOMERS)
    assert found.sure
    assert found.mapping.encoding == "gb18030"
    assert found.mapping.separator == ","
    assert found.layout.names == ("公司名称", "联系人", "手机", "城市", "客户级别", "备注", "最近联系")
    assert len(rows) == 800
    assert rows[0].values["notes"] == "要求月底前回复\n下午打电话"
    assert rows[0].values["grade"] == "C"
    assert rows[5].values["contact.mobile"] == ["15748906828"]
    assert rows[12].values["name"] == "苏州远信装饰工程有限公司"
    assert any(row.values.get("notes") == '他说:"太贵了",再谈' for row in rows)
    assert Counter(row.values.get("grade") for row in rows).keys() == {"A", "B", "C", None}
    assert not [row for row in rows if row.problems]


def test_the_greek_list(real: Path) -> None:
    found, rows = cleaned(real / "messy/pelates.csv", CUSTOMERS)
    assert found.sure
    assert (found.mapping.encoding, found.mapping.separator) == ("cp1253", ";")
    assert (found.mapping.date_order, found.mapping.decimal) == ("dmy", ",")
    assert len(rows) == 400
    assert rows[0].values == {
        "name": "Οικονόμου Εκδόσεις Ο.Ε.", "contact.name": "Ιωάννης Οικονόμου", "tax_number": "750208162",
        "phone": ["+30 2102251664"],
        "annual_revenue": Amount(Decimal("977299.48")), "since": dt.date(2024, 8, 5), "notes": "πελάτης του Γιώργου",
    }  # fmt: skip
    assert rows[7].values["tax_number"] == "055857350"
    assert rows[6].values["annual_revenue"].value == Decimal("1298468.41")
    assert not [row for row in rows if row.problems]


def test_the_accounts_of_maven(real: Path) -> None:
    found, rows = cleaned(real / "maven-sales/accounts.csv", CUSTOMERS)
    assert found.sure
    assert len(rows) == 85
    assert found.mapping.columns == {
        "account": "name", "sector": "industry", "year_established": None, "revenue": "annual_revenue",
        "employees": "employees",
        "office_location": "country", "subsidiary_of": "parent",
    }  # fmt: skip
    assert rows[0].values["annual_revenue"] == Amount(Decimal("1100.04"))
    assert rows[0].values["employees"] == 2822
    assert sum("parent" in row.values for row in rows) == 15


PIPELINE = [
    Field("name", "text", {"en": "Name"}, words("number")), Field("owner", "person", {"en": "Owner"}, words("owner")),
    Field("product", "link", {"en": "Product"}, words("product")),
    Field("customer", "link", {"en": "Customer"}, words("company")),
    Field("stage", "choice", {"en": "Stage"}, words("stage")),
    Field("closed_at", "date", {"en": "Closed"}, words("closed")),
    Field("created", "date", {"en": "Created"}, words("opened")),
    Field("amount", "money", {"en": "Amount"}, words("amount")),
]  # fmt: skip


def test_the_opportunities_of_maven(real: Path) -> None:
    found, rows = cleaned(real / "maven-sales/sales_pipeline.csv", PIPELINE)
    assert found.sure
    assert found.mapping.date_order == "mdy"
    assert len(rows) == 8800
    assert Counter(row.values["stage"] for row in rows) == {
        "Won": 4238,
        "Lost": 2473,
        "Engaging": 1589,
        "Prospecting": 500,
    }
    assert sum(row.values["amount"].value for row in rows if row.values["stage"] == "Won") == 10_005_534
    assert sum("customer" not in row.values for row in rows) == 1425
    assert rows[0].values["closed_at"] == dt.date(2017, 3, 1)
    assert not [row for row in rows if row.problems]


def test_the_teams_and_products_of_maven(real: Path) -> None:
    people = [
        Field("name", "text", {"en": "Name"}, words("owner")),
        Field("team", "text", {"en": "Team"}, (*words("team"), *words("region"))),
        Field("team.manager", "text", {"en": "Manager"}, words("manager")),
    ]  # fmt: skip
    found, rows = cleaned(real / "maven-sales/sales_teams.csv", people)
    assert found.sure
    assert len(rows) == 35
    assert rows[0].values == {"name": "Anna Snelling", "team.manager": "Dustin Brinkmann", "team": "Central"}
    assert len({row.values["team.manager"] for row in rows}) == 6
    products = [
        Field("name", "text", {"en": "Name"}, words("product")),
        Field("family", "choice", {"en": "Family"}, words("series")),
        Field("price", "money", {"en": "Price"}, words("price")),
    ]  # fmt: skip
    found, rows = cleaned(real / "maven-sales/products.csv", products)
    assert found.sure
    assert len(rows) == 7
    assert rows[1].values == {"name": "GTX Pro", "family": "GTX", "price": Amount(Decimal(4821))}
