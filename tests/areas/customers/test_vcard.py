"""Contact cards: what goes out comes back; only what one may see and take."""

from __future__ import annotations

from pathlib import Path

from smallcrm import store
from smallcrm.areas.customers.rules import vcard
from smallcrm.records.exchange.cards import read_cards
from smallcrm.records.record import values
from tests.areas.customers.making import again, contact, customer
from tests.cast import Cast
from tests.client import Web

FULL = {
    "title": "Head; of, buying", "mobile": "+44 7700 900123", "phone": "0113 4960000", "phones": ["0113 4961111"],
    "email": "bob@example.com", "emails": ["b.miller@example.org"], "wechat": "bob-w", "birthday": "1980-02-29",
    "notes": "Two\nlines, with; signs",
}  # fmt: skip


def test_out_and_in_again(cast: Cast, web: Web, tmp_path: Path) -> None:
    company = customer(cast, "Acme & Söhne")
    person = contact(cast, company, "王小明 Miller", **FULL)
    answer = web.browser("anna").get(f"/contacts/{person.id}.vcf")
    assert answer.headers["Content-Type"] == "text/vcard; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    file = tmp_path / "one.vcf"
    file.write_bytes(answer.data)
    [card] = read_cards(file).cards
    back = vcard.values_of(card)
    assert back.pop("customer.name") == "Acme & Söhne"
    assert back.pop("name") == "王小明 Miller"
    held = values(again(person))
    assert back == {name: held[name] for name in FULL}


def test_a_company_has_a_card_too(cast: Cast) -> None:
    company = customer(
        cast, "Acme", phone="0113 4960000", address="1 High St", city="Leeds", website="acme.example.com", tags=["fair"],
        addresses=[{"address": "2 Low St", "city": "York"}],
    )  # fmt: skip
    card = vcard.card_of(cast.actor("anna"), again(company))
    assert card["company"] == card["name"] == "Acme"
    assert card["addresses"] == [{"street": "1 High St", "city": "Leeds"}, {"street": "2 Low St", "city": "York"}]
    assert card["tags"] == ["fair"]
    assert "END:VCARD" in vcard.text([card])


def test_what_fits_no_field_goes_into_the_notes() -> None:
    card = {
        "name": "Ann", "company": "Acme", "department": "Buying", "phones": [("fax", "1234567"), ("home", "2345678"), ("mobile", "3456789")],
        "emails": [("work", "a@example.com"), ("home", "a@example.com")], "addresses": [{"street": "1 High St", "city": "Leeds"}],
        "website": "ann.example.com", "notes": "Nice",
    }  # fmt: skip
    assert vcard.values_of(card) == {
        "name": "Ann", "customer.name": "Acme", "title": "Buying", "mobile": "3456789", "phone": "2345678", "phones": ["1234567"],
        "email": "a@example.com", "notes": "Nice\n1 High St Leeds\nann.example.com",
    }  # fmt: skip


def test_the_list_the_selection_and_everything(cast: Cast, web: Web, tmp_path: Path) -> None:
    company = customer(cast)
    people = [contact(cast, company, f"Person {n}", title="x" if n % 2 else "y") for n in range(4)]
    theirs = contact(cast, customer(cast, "Theirs", "carl"), "Not Hers", "carl")
    browser = web.browser("anna")

    def names(answer: object) -> set[str]:
        file = tmp_path / "some.vcf"
        file.write_bytes(answer.data)  # type: ignore[attr-defined]
        return {card["name"] for card in read_cards(file).cards}

    every = browser.get("/contacts/export.vcf")
    assert names(every) == {f"Person {n}" for n in range(4)}
    some = browser.get('/contacts/export.vcf?filter={"all":[{"field":"title","op":"eq","value":"x"}]}')
    assert names(some) == {"Person 1", "Person 3"}
    chosen = browser.post("/contacts/export.vcf", {"id": [people[0].id, theirs.id]})
    assert names(chosen) == {"Person 0"}
    rest = browser.post("/contacts/export.vcf", {"everything": "1", "without": people[0].id})
    assert names(rest) == {"Person 1", "Person 2", "Person 3"}
    dialog = browser.post("/contacts/vcards", {"id": [people[0].id, people[1].id]})
    assert "2 cards" in dialog.get_data(as_text=True)
    assert store.value("SELECT count(*) FROM audit WHERE act = 'export'") == 4


def test_rights(cast: Cast, web: Web) -> None:
    person = contact(cast, customer(cast))
    assert web.browser("carl").get(f"/contacts/{person.id}.vcf").status_code == 404
    assert web.browser("reader").get(f"/contacts/{person.id}.vcf").status_code == 200
    for method in ("get", "post"):
        assert getattr(web.browser("reader"), method)("/contacts/export.vcf").status_code == 403
    assert web.browser("reader").post("/contacts/vcards", {"id": person.id}).status_code == 403
    assert web.visitor().get("/contacts/export.vcf").status_code in (302, 401)


def test_hidden_and_masked_fields_stay_out(cast: Cast) -> None:
    from dataclasses import replace

    from smallcrm.records import access

    person = again(contact(cast, customer(cast), "Bob", **FULL))
    anna = cast.actor("anna")
    blind = replace(
        anna, role=replace(anna.role, fields={("contact", "mobile"): "hidden", ("contact", "notes"): "hidden"})
    )
    text = vcard.text([vcard.card_of(blind, person)])
    assert "7700" not in text
    assert "NOTE" not in text
    person.via_pool = 1  # type: ignore[attr-defined]
    held = access._pool_rights
    access.set_pool_rights(
        lambda _a: access.PoolRights(member=(1,), masked={1: frozenset({"phone", "email", "wechat"})})
    )
    try:
        text = vcard.text([vcard.card_of(anna, person)])
    finally:
        access.set_pool_rights(held)
    assert "TEL" not in text
    assert "EMAIL" not in text
    assert "bob-w" not in text
