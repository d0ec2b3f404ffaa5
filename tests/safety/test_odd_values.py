"""U1–U3: texts, figures and dates that nobody means, through every door, in the reader's language; what was typed stays."""

from __future__ import annotations

import html
import io
import json
import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from smallcrm import store
from smallcrm.areas.customers.records import Customer
from smallcrm.base import i18n
from smallcrm.records import cache, custom
from smallcrm.records.custom import fields_of
from smallcrm.records.fields import Cleaning, FieldError
from tests.cast import Cast
from tests.client import Api, Browser, Web

MB = 10**6
HAN = re.compile(r"[\u4e00-\u9fff]")
CHOSEN = (
    "choice",
    "choices",
    "flag",
    "link",
)  # nobody types these: a value that is not offered need not be shown again
OPTIONS = {
    "options": [{"key": "a", "labels": {"en": "A"}}, {"key": "b", "labels": {"en": "B"}}],
    "to": "customer",
    "places": 2,
}
ODD = (
    "1e999", "NaN", "-Infinity", "-0", "٣", "²", str(2**63), "9" * 400, "29.02.2023", "0000-01-01", "10000-01-01", "30 Feb",
    "2026-01-01T25:61", "\u202eabc", "\ufeff", "a\u0308" * 200, "😀👨‍👩‍👧", "\x00a", "\ud800", "=1+1", "http://[",
)  # fmt: skip
LONG = ("x" * MB, "9" * MB + "x", "1-" * (MB // 2), "a." * (MB // 2), "e\u0301" * (MB // 4), " " * MB + "(")


class Doors:
    """A customer with a field of every kind, and Anna before its forms."""

    def __init__(self, web: Web, cast: Cast) -> None:
        owner = cast.actor("owner")
        self.keys = {
            kind: custom.define(
                owner,
                Customer,
                field_kind=kind,
                labels={"en": f"Own {kind}"},
                options=OPTIONS,
                flags=("column", "filter"),
            )
            for kind in custom.KINDS
        }
        self.cast = cast
        self.browser: Browser = web.browser("anna")
        self.api: Api = web.api("anna")
        self.customer = int(self.api.post("/customers", {"name": "Ridley"}).get_json()["id"])

    def speak(self, language: str) -> None:
        with store.writing():
            store.run('UPDATE "user" SET language = ? WHERE id = ?', [language, self.cast.anna])
            cache.bump()

    def page(self, url: str, form: dict[str, str]) -> TestResponse:
        """A form as octets, so that it may hold what no text can."""
        sent = {name: value.encode("utf-8", "surrogatepass") for name, value in form.items()}
        return self.browser.post(url, sent)

    def json(self, method: str, path: str, body: Any, **headers: str) -> TestResponse:
        raw = json.dumps(body).encode()
        return self.api.client.open(
            f"/api/v1{path}", method=method, data=raw, headers={**self.api.headers, **headers}, content_type="application/json", buffered=True
        )  # fmt: skip


@pytest.fixture
def doors(web: Web, cast: Cast) -> Doors:
    return Doors(web, cast)


def messages(page: str, name: str) -> list[str]:
    """What is said at a field."""
    return [html.unescape(each) for each in re.findall(rf'id="[^"]*{name}-error">.*?<span>(.*?)</span>', page, re.S)]


def shows(page: str, typed: str) -> bool:
    """Whether the page still has what was typed; no browser sends half a character."""
    return typed == "\ud800" or typed in html.unescape(page)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", custom.KINDS)
def test_a_form_and_the_api(kind: str, language: str, doors: Doors) -> None:
    """Kept, or refused at the field in words of the reader's, with what was typed still there."""
    doors.speak(language)
    key = doors.keys[kind]
    mine = ODD[::2] if language == "en" else (*ODD[1::2], *(() if kind in CHOSEN else LONG))
    for n, typed in enumerate(mine):
        answer = doors.page("/customers/new", {"name": f"Firm {n}", key: typed})
        page = answer.get_data(as_text=True)
        assert answer.status_code in (303, 422), (typed[:30], answer.status_code)
        if answer.status_code == 422:
            [said] = messages(page, key)
            assert said
            assert bool(HAN.search(said.replace(typed[:30], ""))) is (language == "zh"), (typed[:30], said)
            assert kind in CHOSEN or shows(page, typed), (typed[:30], "is lost")
            assert 'value="Firm' in page
        sent = doors.json("POST", "/customers", {"name": f"Api {n}", "custom": {key: typed}})
        assert sent.status_code in (201, 400, 422), (typed[:30], sent.status_code)
        if sent.status_code == 422:
            assert list(sent.get_json()["errors"]) == [key]
    assert store.value("SELECT count(*) FROM customer WHERE json_valid(custom) = 0") == 0
    stored = store.value("SELECT group_concat(coalesce(custom, '')) FROM customer")
    assert not re.search(r"NaN|Infinity|\\u0000|\\ud800|\\ufeff|\\u202e|\ufeff|\u202e|\x00", stored) or kind in (
        "text",
        "long_text",
        "texts",
    )


def test_a_cell_a_selection_and_a_filter(doors: Doors) -> None:
    for n, (kind, key) in enumerate(doors.keys.items()):
        inline = fields_of(Customer)[key].inline
        for typed in (*ODD[n % 3 :: 3], LONG[1]):
            cell = doors.page(f"/customers/{doors.customer}/cell/{key}", {key: typed})
            assert cell.status_code in ((200, 422) if inline else (403,)), (kind, typed[:30], cell.status_code)
            bulk = doors.page("/customers/bulk/edit", {"id": str(doors.customer), "field": key, key: typed})
            assert bulk.status_code in (204, 303, 422), (kind, typed[:30], bulk.status_code)
            for answer in (cell, bulk):
                if answer.status_code == 422:
                    page = answer.get_data(as_text=True)
                    assert messages(page, key), (kind, typed[:30], page[-800:])
                    assert kind in CHOSEN or shows(page, typed), (kind, typed[:30])
            for op in ("eq", "contains" if n % 2 else "gt"):
                asked = json.dumps({"field": key, "op": op, "value": typed[:1000]})
                for found in (
                    doors.browser.get("/customers", query_string={"filter": asked}),
                    doors.api.client.get(
                        "/api/v1/customers", query_string={"filter": asked}, headers=doors.api.headers
                    ),
                ):
                    assert found.status_code in (200, 400), (kind, op, typed[:30], found.status_code)


def test_a_file_with_them_all(doors: Doors) -> None:
    """One row each: kept or left out with a reason, none lost, nothing half."""
    odd = [typed for typed in ODD if typed not in ("\x00a", "\ud800")]
    head = ",".join(["Name", *(f"Own {kind}" for kind in doors.keys)])
    quoted = ['"' + typed.replace('"', '""') + '"' for typed in odd]
    rows = "\n".join(",".join([f"Row {n}", *[typed] * len(doors.keys)]) for n, typed in enumerate(quoted))
    for language in ("en", "zh"):
        doors.speak(language)
        sent = {"file": (io.BytesIO(f"{head}\n{rows}\n".encode()), "odd.csv")}
        answer = doors.browser.post("/customers/import", sent, content_type="multipart/form-data")
        assert answer.status_code == 303
        page = doors.browser.get(answer.headers["Location"])
        assert page.status_code == 200
        assert bool(HAN.search(page.get_data(as_text=True))) is (language == "zh")


def test_the_line_of_what_happened(doors: Doors) -> None:
    """Odd words are kept as a note; more than it holds is said, and stays where it was typed."""
    url = f"/activities/line/customers/{doors.customer}"
    for typed in (*ODD, "call on 30 Feb at 25:61", "明天25点打电话", "called 9999-12-31 for 1e999 EUR " * 20):
        answer = doors.page(url, {"text": typed})
        assert answer.status_code in (200, 303, 422), (typed[:30], answer.status_code)
        assert (
            doors.browser.get(
                f"{url}/preview", query_string={"text": typed.encode("utf-8", "surrogatepass")}
            ).status_code
            == 200
        )
    before = store.value("SELECT count(*) FROM activity")
    for language in ("en", "zh"):
        doors.speak(language)
        with i18n.speaking(language):
            words = i18n.translate("At most %(most)s characters; these are %(found)s.", most=20_000, found=20_001)
        answer = doors.page(url, {"text": "y" * 20_001})
        assert answer.status_code == 422
        assert words in html.unescape(answer.get_data(as_text=True))
        assert shows(answer.get_data(as_text=True), "y" * 20_001)
    assert store.value("SELECT count(*) FROM activity") == before


# what is typed → what is kept, None where it is refused
READ: list[tuple[str, str, Any]] = [
    ("number", "-0", 0), ("number", "٣", 300), ("number", "１２３", 12300), ("number", "1 234,5", 123450),
    ("number", "29.02.2024", None), ("number", "1e3", None), ("number", "1.2345.678", None),
    ("money", "€ 1.200,50", 120050), ("money", "1200€", 120000), ("money", "$5", 500), ("money", "-5", -500),
    ("money", "1e999", None), ("money", "30 Feb", None), ("money", "=1+1", None), ("money", "(5)", None),
    ("money", "javascript:alert(1)", None), ("money", "29.02.2024", None), ("money", "USD 300", None),
    ("date", "29.02.2024", "2024-02-29"), ("date", "29.02.2023", None), ("date", "0000-01-01", None), ("date", "10000-01-01", None),
    ("date", "2026-01-01T25:61", None),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "typed", "kept"), READ)
def test_what_is_typed_is_read_or_refused_never_bent(kind: str, typed: str, kept: Any, doors: Doors) -> None:
    answer = doors.page("/customers/new", {"name": "Exactly", doors.keys[kind]: typed})
    if kept is None:
        assert answer.status_code == 422
        assert store.value("SELECT count(*) FROM customer WHERE name = 'Exactly'") == 0
        return
    assert answer.status_code == 303
    assert json.loads(store.value("SELECT custom FROM customer WHERE name = 'Exactly'"))[doors.keys[kind]] == kept


def test_a_date_with_a_time_that_is_none() -> None:
    each = fields_of(Customer)["since"]
    assert each.clean("2026-03-09T10:00:00Z", Cleaning()) == "2026-03-09"
    with pytest.raises(FieldError):
        each.clean("2026-03-09T25:61", Cleaning())


@pytest.mark.parametrize("name", ["\ufeff", "\u200b\u200b", "\u200d", "\u2060\u00ad", "\u3164", "\ufe0f \u200c"])
def test_a_name_that_nobody_can_see_is_none(name: str, doors: Doors) -> None:
    answer = doors.page("/customers/new", {"name": name})
    assert answer.status_code == 422
    assert messages(answer.get_data(as_text=True), "name") == ["This is needed."]


def test_what_is_seen_is_kept_as_it_is(doors: Doors) -> None:
    for name in ("👨‍👩‍👧 Family", "می‌خواهم", "Ä" * 200, "A\u0308x"):
        made = doors.json("POST", "/customers", {"name": name})
        assert made.status_code == 201
        assert made.get_json()["name"] == name.replace("A\u0308", "Ä")
