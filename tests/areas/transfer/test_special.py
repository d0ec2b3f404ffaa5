"""Exports of a day gone by and of what is masked; imports straight into a pool: whole, through the pages."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest

from smallcrm import store
from smallcrm.areas.customers.records import Customer
from smallcrm.identity.actor import SYSTEM
from smallcrm.jobs import work
from smallcrm.records import access, change
from tests.areas.pool.scene import Company, day, on
from tests.areas.transfer.test_pages import finished, send
from tests.cast import Cast
from tests.client import Web


@pytest.fixture
def company(cast: Cast) -> Iterator[Company]:
    with on(0):
        yield Company(cast)


def sheet(data: bytes) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return list(book.worksheets[0].iter_rows(values_only=True))


def lines(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_a_list_as_of_a_day_is_exported_as_it_stood(company: Company, web: Web) -> None:
    number = company.customer("Before", city="Leeds")
    gone = company.customer("Gone since", city="York")
    with on(3):
        change.update(SYSTEM, access.find(SYSTEM, Customer, number), {"name": "After"}, trusted=True)
        change.delete(SYSTEM, access.find(SYSTEM, Customer, gone))
        company.customer("Made since")
    with on(5):
        browser, past = web.browser("anna"), day(0, 12).date().isoformat()
        url = f"columns=name,city&as_of={past}"
        told = browser.get(f"/customers/export.csv?{url}")
        assert [row["Name"] for row in lines(told.get_data())] == ["Before", "Gone since"]
        assert past in told.headers["Content-Disposition"], "the file says of which day it is"
        book = browser.get(f"/customers/export.xlsx?{url}").get_data()
        assert [row[0] for row in sheet(book)[1:]] == ["Before", "Gone since"]
        form = browser.get(f"/customers/export?as_of={past}").get_data(as_text=True)
        assert f'name="as_of" value="{past}"' in form
        # what comes back is no edit of today's records
        answer = send(browser, book, "old.xlsx")
        assert "/differences" not in browser.get(answer.headers["Location"]).headers.get("Location", "")


def test_what_is_masked_stays_masked_in_a_file(company: Company, web: Web) -> None:
    pool = company.pool(masked_fields=["phone", "email"])
    company.lying(pool, "Arkwright", phone="0113 496 0182", email="clara@arkwright.example", city="Leeds")
    company.customer("Mine", phone="0113 496 0199")
    browser = web.browser("anna")
    plain = browser.get("/customers/export.csv?columns=all&view=all").get_data()
    held = {row["Name"]: row for row in lines(plain)}
    assert held["Mine"]["Phone"] == "0113 496 0199"
    book = browser.get("/customers/export.xlsx?columns=all&view=all").get_data()
    for text in (plain.decode("utf-8-sig"), " ".join(str(cell) for row in sheet(book) for cell in row)):
        assert "496 0182" not in text
        assert "clara@" not in text
        assert "Arkwright" in text


@pytest.mark.parametrize("part", ["owner", "anna", "bob"])
def test_new_ones_go_straight_into_a_pool(company: Company, web: Web, part: str) -> None:
    pool = company.pool(admins=[company.cast.anna])
    browser = web.browser(part)
    url = send(browser, "Name,City\nLund,Leeds\nHolroyd,York\n").headers["Location"]
    page = browser.get(url).get_data(as_text=True)
    assert ('name="d-pool"' in page) == (part != "bob"), "only who runs it"
    answer = browser.post(f"{url}/columns", {"c0": "name", "c1": "city", "mode": "both", "d-pool": str(pool)})
    if part == "bob":
        browser.post(f"{url}/run")
        if key := store.value("SELECT max(id) FROM work"):
            work.join(key, 30)
        assert store.value("SELECT count(*) FROM customer") == 0
        return
    assert answer.status_code < 400
    browser.post(f"{url}/run")
    finished(url)
    assert store.rows("SELECT owner, pool, entered_pool_at IS NULL FROM customer") == [(None, pool, 0)] * 2
    assert "Lund" in browser.get("/pool").get_data(as_text=True)


def test_an_unknown_owner_is_given_a_person_and_taken_back(company: Company, web: Web) -> None:
    browser = web.browser("manager")
    url = send(browser, "Name,Owner,Turnover last year\nLund,Jonny Nobody,USD 300\nSelby,Jonny Nobody,20\n").headers[
        "Location"
    ]
    browser.post(f"{url}/columns", {"c0": "name", "c1": "owner", "c2": "annual_revenue", "mode": "both"})
    assert "Nobody here is called “Jonny Nobody”." in browser.get(url).get_data(as_text=True)
    said = {"field": "owner", "t0": "Jonny Nobody"}
    browser.post(f"{url}/values", {**said, "v0": str(company.cast.bob)})
    page = browser.get(url).get_data(as_text=True)
    assert "Bob North" in page
    assert f"#{company.cast.bob}<" not in page
    assert ("$300.00" in page, "$20.00" in page) == (True, True), "what an amount is read in is shown"
    dialog = browser.get(f"{url}/values?field=owner").get_data(as_text=True)
    assert f'<option value="{company.cast.bob}" selected>Bob North</option>' in dialog
    browser.post(f"{url}/values", {**said, "v0": ""})
    assert "Nobody here is called “Jonny Nobody”." in browser.get(url).get_data(as_text=True)
    browser.post(f"{url}/values", {**said, "v0": str(company.cast.bob)})
    browser.post(f"{url}/run")
    finished(url)
    assert store.rows("SELECT owner, currency FROM customer") == [(company.cast.bob, "USD")] * 2
