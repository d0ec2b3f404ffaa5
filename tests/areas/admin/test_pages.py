"""The administration's pages: who may open them, what they keep, what they never show, what they refuse."""

from __future__ import annotations

import re

import pytest

from smallcrm import store
from smallcrm.areas.admin import settings as outward
from smallcrm.areas.customers.records import Customer
from smallcrm.jobs import outbox, registry, slots
from smallcrm.records import custom, labels, settings
from tests.cast import Cast
from tests.client import Browser, Web

PAGES = (
    "", "/jobs", "/jobs/nightly-backup", "/backups", "/mail", "/bots", "/outbox", "/company", "/terms", "/fields",
    "/fields/customers/new", "/fields/customers/new?kind=choice", "/log",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_for_those_who_may(web: Web, olga: Browser, path: str) -> None:
    answer = olga.get(f"/admin{path}")
    assert answer.status_code == 200, answer.get_data(as_text=True)[:500]
    assert web.browser("anna").get(f"/admin{path}").status_code == 403


@pytest.mark.parametrize("language", ["en", "zh", "el"])
def test_about_is_for_everybody(web: Web, language: str) -> None:
    answer = web.browser("anna").get("/admin/about", headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert "SQLite" in answer.get_data(as_text=True)


def test_nobody_else_writes(web: Web) -> None:
    anna = web.browser("anna")
    for path in ("backups", "mail", "bots", "outbox", "company", "terms", "fields/customers/new", "jobs/outbox/run"):
        assert anna.post(f"/admin/{path}", {}).status_code == 403, path


# ---------------------------------------------------------------- company, terms


def test_the_company_is_kept_and_rates_are_checked(olga: Browser) -> None:
    form = dict(
        re.findall(r'name="(company_\w+)"[^>]*value="([^"]*)"', olga.get("/admin/company").get_data(as_text=True))
    )
    wrong = olga.post("/admin/company", {**form, "company_name": "Hartley", "company_rates": "USD = dear"})
    assert wrong.status_code == 422
    assert "USD = dear" in wrong.get_data(as_text=True)
    assert settings.get("company.name") == "Testing &amp; Sons".replace("&amp;", "&")
    kept = olga.post(
        "/admin/company",
        {"company_name": "Hartley", "company_rates": "USD = 0.92", "company_timezone": "Asia/Shanghai"},
    )
    assert kept.status_code == 303, kept.get_data(as_text=True)[:800]
    assert settings.get("company.name") == "Hartley"


def test_a_type_is_renamed_everywhere_and_back(olga: Browser) -> None:
    names = {"type": "customers", "one-en-": "Student", "many-en-": "Students", "one-zh-": "学员"}
    assert olga.post("/admin/terms", names).status_code == 303
    assert labels.many(Customer) == "Students"
    assert "Students" in olga.get("/customers").get_data(as_text=True)
    assert olga.post("/admin/terms", {"type": "customers", "reset": "1"}).status_code == 303
    assert labels.many(Customer) == "Customers"


def test_two_types_of_one_name_are_refused(olga: Browser) -> None:
    answer = olga.post("/admin/terms", {"type": "customers", "one-en-": "Activity", "many-en-": "Activities"})
    assert answer.status_code == 422
    assert labels.many(Customer) == "Customers"
    assert "Activities" in answer.get_data(as_text=True), "what was typed stays"


# ---------------------------------------------------------------- custom fields


def make_choice(olga: Browser) -> str:
    form = {
        "kind": "choice", "label-en": "Wingspan", "label-zh": "规模", "flags": ["column", "filter"], "section": "main",
        "options-a-en": "Small", "options-b-en": "Large", "options-__n__-en": "the template row",
    }  # fmt: skip
    answer = olga.post("/admin/fields/customers/new", form)
    assert answer.status_code == 303, answer.get_data(as_text=True)[:800]
    (field,) = custom.definitions(Customer)
    assert [each["labels"]["en"] for each in field["options"]["options"]] == ["Small", "Large"]
    return str(field["key"])


def test_a_custom_field_from_making_to_switching_off(web: Web, olga: Browser) -> None:
    key = make_choice(olga)
    api = web.api("anna")
    small = custom.definitions(Customer)[0]["options"]["options"][0]["key"]
    made = api.post("/customers", {"name": "Arkwright", "custom": {key: small}})
    assert made.status_code == 201, made.get_json()
    assert "Wingspan" in web.browser("anna").get("/customers/new").get_data(as_text=True)

    lost = olga.post(
        f"/admin/fields/customers/{key}", {"label-en": "Wingspan", "options-a-en": "Large", "options-a-key": "x"}
    )
    assert lost.status_code == 422, "a choice that a record holds cannot be taken away"
    assert "Small" in lost.get_data(as_text=True)
    assert olga.post(f"/admin/fields/customers/{key}/switch", {"active": "0"}).status_code == 303
    assert "Wingspan" not in web.browser("anna").get("/customers/new").get_data(as_text=True)
    assert olga.post(f"/admin/fields/customers/{key}/switch", {"active": "1"}).status_code == 303
    assert api.get(f"/customers/{made.get_json()['id']}").get_json()["custom"][key] == small


def test_a_field_without_a_name_is_refused(olga: Browser) -> None:
    answer = olga.post("/admin/fields/customers/new", {"kind": "text", "label-en": " "})
    assert answer.status_code == 422
    assert not custom.definitions(Customer)


def test_fields_are_ordered(olga: Browser) -> None:
    for name in ("First", "Second"):
        assert olga.post("/admin/fields/customers/new", {"kind": "text", "label-en": name}).status_code == 303
    second = custom.definitions(Customer)[1]["key"]
    assert olga.post(f"/admin/fields/customers/{second}/move", {"to": "up"}).status_code == 303
    assert [each["labels"]["en"] for each in custom.definitions(Customer)] == ["Second", "First"]


# ---------------------------------------------------------------- what goes out

MAIL = {
    "mail_host": "127.0.0.1", "mail_port": "9", "mail_security": "none", "mail_user": "office",
    "mail_password": "tell-nobody-7", "mail_sender": "office@example.com", "mail_per_minute": "0",
}  # fmt: skip


def test_the_mail_password_goes_in_and_never_out(web: Web, olga: Browser) -> None:
    kept = olga.post("/admin/mail", MAIL)
    assert kept.status_code == 303, kept.get_data(as_text=True)[:800]
    assert outward.mail().password == "tell-nobody-7"
    assert outward.mail().ready
    assert "tell-nobody-7" not in olga.get("/admin/mail").get_data(as_text=True)
    assert olga.post("/admin/mail", {**MAIL, "mail_password": "", "mail_sender_name": "Office"}).status_code == 303
    assert outward.mail().password == "tell-nobody-7", "left empty it stays"
    assert "tell-nobody-7" not in str(store.rows("SELECT detail FROM audit"))


def test_a_mail_test_says_why_it_failed_and_keeps_nothing(olga: Browser) -> None:
    answer = olga.post("/admin/mail", {**MAIL, "test": "1", "test_to": "olga@example.com"})
    assert answer.status_code == 200
    assert "tell-nobody-7" not in answer.get_data(as_text=True)
    assert not outward.mail().ready


def test_a_server_without_a_sender_is_refused(olga: Browser) -> None:
    assert olga.post("/admin/mail", {**MAIL, "mail_sender": ""}).status_code == 422


def test_a_bots_address_and_secret_go_in_and_never_out(olga: Browser) -> None:
    bot = {
        "kind": "feishu",
        "name": "Sales group",
        "url": "https://open.feishu.cn/hook/s3cr3t-hook",
        "secret": "sign-7",
        "enabled": "1",
    }
    assert olga.post("/admin/bots", bot).status_code == 303
    (kept,) = outward.bots()
    assert (kept.url, kept.secret) == (bot["url"], "sign-7")
    page = olga.get(f"/admin/bots?edit={kept.key}").get_data(as_text=True)
    assert "Sales group" in page
    assert "s3cr3t-hook" not in page
    assert "sign-7" not in page
    assert (
        olga.post(
            "/admin/bots", {"key": kept.key, "kind": "feishu", "name": "All", "url": "", "enabled": "1"}
        ).status_code
        == 303
    )
    assert (outward.bots()[0].name, outward.bots()[0].url) == ("All", bot["url"])
    assert olga.post("/admin/bots", {**bot, "url": "http://plain.example/"}).status_code == 422
    assert olga.post(f"/admin/bots/{kept.key}/delete").status_code == 303
    assert outward.bots() == []


def test_messages_that_wait_are_seen_and_given_up(cast: Cast, olga: Browser) -> None:
    with store.writing():
        outbox.mail("somebody@example.com", subject="A word", text="Private link inside", key="one")
    page = olga.get("/admin/outbox?state=queued").get_data(as_text=True)
    assert "A word" in page
    assert "Private link" not in page
    number = re.search(r'name="id" value="(\d+)"', page)
    assert number
    assert olga.post("/admin/outbox", {"act": "cancel", "id": number[1], "state": "queued"}).status_code == 303
    assert outbox.counts()["queued"] == 0
    assert olga.post("/admin/outbox", {"act": "cancel"}).status_code == 400


# ---------------------------------------------------------------- jobs


def test_a_job_gets_another_time_and_its_own_again(olga: Browser) -> None:
    assert olga.post("/admin/jobs/nightly-backup/time", {"time": "25:00"}).status_code == 422
    assert olga.post("/admin/jobs/nightly-backup/time", {"time": "03:15"}).status_code == 303
    assert registry.get("nightly-backup").timing().time == "03:15"  # type: ignore[attr-defined]
    assert "03:15" in olga.get("/admin/jobs").get_data(as_text=True)
    assert olga.post("/admin/jobs/nightly-backup/time", {"time": ""}).status_code == 303
    assert registry.get("nightly-backup").timing().time == "02:00"  # type: ignore[attr-defined]


def test_the_nightly_backup_runs_and_is_shown(olga: Browser) -> None:
    did = slots.run_now("nightly-backup", None, by=None)
    assert did["file"] in olga.get("/admin/backups").get_data(as_text=True)
    assert did["file"] in olga.get("/admin/jobs/nightly-backup").get_data(as_text=True)
    again = slots.run_now("backup-check", None, by=None)
    assert again["file"] == did["file"]
