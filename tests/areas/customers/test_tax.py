"""Tax numbers and phones are looked at and never refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm.areas.customers.rules import invoices, tax
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import settings
from smallcrm.records.fields.phone import implausible
from tests.areas.customers.making import customer
from tests.cast import Cast
from tests.client import Web

GOOD_CODES = ("91110000600037341L", "91440300708461136T", "914403001922038216")


@pytest.mark.parametrize("code", GOOD_CODES)
def test_credit_codes(code: str) -> None:
    assert tax.credit_code(code)
    for place in range(18):
        other = "A" if code[place] != "A" else "B"
        assert not tax.credit_code(code[:place] + other + code[place + 1 :]), place


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17))
def test_each_body_has_exactly_one_last_character(body: str) -> None:
    assert sum(tax.credit_code(body + last) for last in tax._CREDIT) == 1


@pytest.mark.parametrize(
    ("number", "country", "fine"),
    [
        ("EL 094259216", "Greece", True), ("GR094259216", None, True), ("094259216", "Ελλάδα", True), ("94259216", "GR", True),
        ("094259217", "GR", False), ("000000000", "GR", False), ("EL094259217", "CN", False),
        ("91110000600037341L", "中国", True), ("91110000600037341K", "CN", False), ("440301192203821", "CN", True), ("12345", "CN", False),
        ("DE136695976", None, True), ("DE136695978", None, False), ("136695976", "Germany", True),
        ("GB980780684", "GB", True), ("980780684", "United Kingdom", True), ("980780685", "GB", False),
        ("XI110305878", None, True), ("12-3456789", "US", True), ("anything", "Nowhere", False), ("", "GR", True), (None, None, True),
    ],
)  # fmt: skip
def test_by_country(cast: Cast, number: str | None, country: str | None, fine: bool) -> None:
    """The company's own country (GB here) decides where none is said; a country that is not known is not judged."""
    assert (tax.odd(number, country) is None) is fine or country == "Nowhere"


def test_a_person_in_china_may_give_the_number_of_the_identity_card(cast: Cast) -> None:
    assert tax.odd("110101199003070732", "CN", person=True) is None or tax._is_resident("11010119900307073X") is False
    assert tax.odd("360426199101010071", "CN", person=True) is None
    assert tax.odd("360426199101010071", "CN") is not None


def test_phones(cast: Cast) -> None:
    settings.put(SYSTEM, {"company.country": "CN"})
    for number in (
        "13800138000",
        "+30 210 1234567",
        "0755-86423317",
        "400 800 1234",
        "86423317",
        "+86 138 0013 8000 转 12",
    ):
        assert not implausible(number), number
    for number in ("138001380", "1380013800", "+30 210 123456", "+30 21012", "+44 1", "138001380001234"):
        assert implausible(number), number


def test_said_in_the_api_the_form_and_the_page_but_kept(cast: Cast, web: Web) -> None:
    api = web.api("anna")
    made = api.post("/customers", {"name": "Warn", "tax_number": "EL094259217", "phone": "01134", "country": "GR"})
    assert made.status_code == 201
    body = made.get_json()
    assert body["tax_number"] == "EL094259217"
    assert set(body["warnings"]) == {"tax_number", "phone"}
    assert "warnings" not in api.get(f"/customers/{body['id']}").get_json()
    mended = api.patch(
        f"/customers/{body['id']}", {"tax_number": "EL094259216", "phone": "2101234567"}, body["version"]
    )
    assert "warnings" not in mended.get_json()
    double = api.post("/customers", {"name": "Warn & Co", "tax_number": "094259216", "country": "GR"}).get_json()
    assert [(d["type"], d["id"]) for d in double["duplicates"]] == [("customers", body["id"])]
    browser = web.browser("anna")
    page = browser.get(f"/customers/{double['id']}").get_data(as_text=True)
    assert "Perhaps the same" in page
    live = browser.get("/customers/duplicates?tax_number=EL094259217&name=Fresh").get_data(as_text=True)
    assert "ΑΦΜ" in live
    assert "It can be kept all the same." in live
    assert browser.get("/customers/duplicates?name=Fresh").get_data(as_text=True) == ""
    bad = customer(cast, "Bad", tax_number="EL094259217")
    assert "ΑΦΜ" in browser.get(f"/customers/{bad.id}").get_data(as_text=True)
    assert "ΑΦΜ" not in browser.get(f"/customers/{body['id']}").get_data(as_text=True)
    assert json.dumps(web.api("anna").get("/openapi.json").get_json()).count('"warnings"') > 1


def test_invoice_data_as_text(cast: Cast, web: Web) -> None:
    row = {
        "title": "云帆科技", "kind": "special", "tax_number": "91110000600037341L", "address": "朗山路 16 号", "phone": "0755 1",
        "bank": "招商银行", "account": "7559 1",
    }  # fmt: skip
    assert invoices.as_text(row) == (
        "名称：云帆科技\n纳税人识别号：91110000600037341L\n地址、电话：朗山路 16 号 0755 1\n开户行及账号：招商银行 7559 1"
    )
    assert invoices.as_text({**row, "kind": "plain"}) == "名称：云帆科技\n纳税人识别号：91110000600037341L"
    greek = {
        "title": "Παππάς ΑΕ",
        "kind": "invoice",
        "tax_number": "094259216",
        "tax_office": "ΦΑΕ Αθηνών",
        "registry": "1234",
    }
    assert invoices.as_text(greek) == "Επωνυμία: Παππάς ΑΕ\nΑ.Φ.Μ.: 094259216\nΔ.Ο.Υ.: ΦΑΕ Αθηνών\nΑρ. Γ.Ε.ΜΗ.: 1234"
    assert (
        invoices.as_text({"title": "Acme", "kind": None, "account": "12"}) == "Name on the invoice: Acme\nAccount: 12"
    )
    mine = customer(cast, "云帆", country="CN", invoice_data=[row, {"title": "Short", "kind": "special"}])
    page = web.browser("anna").get(f"/customers/{mine.id}").get_data(as_text=True)
    assert "The usual one" in page
    assert "开户行及账号：招商银行 7559 1" in page  # in the button that copies it
    assert "Short: a special invoice needs" in page
