"""My settings: what everybody may change about themselves, and nothing else."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pyotp
import pytest

from smallcrm import store
from smallcrm.areas.people import roles
from smallcrm.areas.people.rules import own
from smallcrm.base import clock
from smallcrm.base.errors import Invalid
from smallcrm.identity import passwords, sessions, tokens, totp
from smallcrm.jobs import directory, notices
from smallcrm.records import access
from tests.areas.people.conftest import Person, audited, letters, text_of
from tests.cast import PASSWORD, Cast
from tests.client import Browser, Web
from tests.jobs.outbox.mailserver import MailServer

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

NEW = "a new password of mine"


@pytest.fixture
def anna(company: Cast, web: Web) -> Browser:
    return web.browser("anna")


def row(user: int) -> dict[str, Any]:
    from smallcrm.records.record import values

    return values(access.find(roles.actor_for(user), own.User, user))  # type: ignore[arg-type]


# ---------------------------------------------------------------- profile


def test_profile(anna: Browser, company: Cast) -> None:
    page = anna.get("/settings")
    assert page.status_code == 200
    assert 'value="Anna North"' in page.get_data(as_text=True)
    done = anna.post(
        "/settings/profile", {"name": "Anna N.", "phone": "0113 496 0182", "title": "Sales", "language": "el"}
    )
    assert done.status_code == 303
    assert (row(company.anna)["name"], row(company.anna)["language"]) == ("Anna N.", "el")
    assert 'lang="el"' in anna.get("/settings/profile").get_data(as_text=True)


def test_a_profile_that_fails_keeps_what_was_typed(anna: Browser, company: Cast) -> None:
    bad = anna.post("/settings/profile", {"name": "", "away_until": "31/02/2026", "title": "typed <b>"})
    assert bad.status_code == 422
    assert "typed &lt;b&gt;" in bad.get_data(as_text=True)
    assert row(company.anna)["name"] == "Anna North"


FORBIDDEN = {
    "role": "1", "team": "3", "active": "", "email": "evil@example.com", "id": "1", "owner": "1", "owner_id": "1", "version": "1",
    "created_at": "2000-01-01T00:00:00.000Z", "deleted_at": "2000-01-01T00:00:00.000Z", "password_hash": "x", "totp_secret": "x",
    "is_admin": "1", "must_change": "0", "custom": "{}", "merged_into": "1", "name_key": "x", "email_key": "x", "c1": "x",
}  # fmt: skip


def test_nothing_else_is_taken_along(anna: Browser, company: Cast) -> None:
    before = row(company.anna)
    for url in ("/settings/profile", "/settings/notifications", "/settings/theme", "/settings/password"):
        anna.post(url, {**FORBIDDEN, "version": str(row(company.anna)["version"]), "title": "Boss"})
    after = row(company.anna)
    for name in (
        "role",
        "team",
        "active",
        "email",
        "id",
        "owner",
        "created_at",
        "deleted_at",
        "merged_into",
        "email_key",
    ):
        assert after.get(name) == before.get(name), name
    assert after["title"] == "Boss"
    assert passwords.check(company.anna, PASSWORD)


def test_the_rule_refuses_what_is_not_ones_own(company: Cast) -> None:
    for name in FORBIDDEN:
        with pytest.raises(Invalid):
            own.change_own(company.actor("anna"), {name: "1"})


def test_the_look(anna: Browser, company: Cast) -> None:
    for chosen, drawn in (("dark", 'data-bs-theme="dark"'), ("light", 'data-bs-theme="light"')):
        assert anna.post("/settings/theme", {"theme": chosen}, headers={"X-Requested-With": "fetch"}).status_code == 204
        assert drawn in anna.get("/settings").get_data(as_text=True)
    assert anna.post("/settings/theme", {"theme": ""}).status_code == 303
    assert "data-bs-theme" not in anna.get("/settings").get_data(as_text=True)
    assert anna.post("/settings/theme", {"theme": "<script>"}).status_code == 303
    assert own.theme(company.actor("anna")) == ""


# ---------------------------------------------------------------- notices


def test_channels_by_kind(anna: Browser, company: Cast) -> None:
    assert anna.get("/settings/notifications").status_code == 200
    form = {"notify": ["mail", "bot"], "digest_at": "7.30", "chat_name": "13800138000", "kind-work": "page"}
    assert anna.post("/settings/notifications", form).status_code == 303
    person = directory.lookup(company.anna)
    assert person is not None
    assert set(person.told_by("anything")) == {"mail", "bot"}
    assert person.told_by("work") == ()
    assert person.mobile == "13800138000"
    assert row(company.anna)["digest_at"] == "07:30"
    anna.post("/settings/notifications", {"notify": "", "kind-work": "both"})
    person = directory.lookup(company.anna)
    assert person is not None
    assert person.told_by("anything") == ()
    assert set(person.told_by("work")) == {"mail", "bot"}
    anna.post("/settings/notifications", {"notify": "mail", "kind-work": "as"})
    person = directory.lookup(company.anna)
    assert person is not None
    assert person.told_by("work") == ("mail",)


@pytest.mark.parametrize("wrong", ["25:00", "8:99", "noon", "-1:00", "٨:٠٠x"])
def test_a_time_of_day_is_one(wrong: str, anna: Browser) -> None:
    assert anna.post("/settings/notifications", {"notify": "mail", "digest_at": wrong}).status_code == 422


def test_choices_reach_the_mail(anna: Browser, company: Cast, mailserver: MailServer) -> None:
    notices.notify(company.anna, "work", title="First", link="/works/1")
    anna.post("/settings/notifications", {"notify": "mail", "kind-work": "page"})
    notices.notify(company.anna, "work", title="Second", link="/works/2")
    assert ["First" in letter for letter in letters(mailserver)] == [True]


# ---------------------------------------------------------------- password


def test_another_password(company: Cast, web: Web) -> None:
    here, there = Person(web), Person(web)
    for each in (here, there):
        each.sign_in("anna@example.com")
    token = tokens.make(company.anna, name="t")
    page = "/settings/sign-in"
    wrong = here.send("/settings/password", {"password_now": "wrong", "new_password": NEW}, page=page)
    assert wrong.status_code == 422
    missing = here.send("/settings/password", {"new_password": NEW}, page=page)
    assert missing.status_code == 422
    weak = here.send("/settings/password", {"password_now": PASSWORD, "new_password": "anna.north"}, page=page)
    assert weak.status_code == 422
    before = here.cookie()
    done = here.send("/settings/password", {"password_now": PASSWORD, "new_password": NEW}, page=page)
    assert done.status_code == 303
    assert here.cookie() != before
    assert sessions.find(before or "") is None, "the cookie of before is dead"
    assert here.get("/customers").status_code == 200
    assert there.get("/customers").status_code == 302
    assert tokens.find(token), "programs go on"
    assert [line[:2] for line in audited("password changed")] == [(company.anna, company.anna)]
    assert len(audited("password confirmed wrongly")) == 2


def test_the_present_password_is_guessed_slowly(anna: Browser) -> None:
    codes = [
        "Too many attempts"
        in text_of(anna.post("/settings/password", {"password_now": f"guess {n}", "new_password": NEW}))
        for n in range(12)
    ]
    assert codes[-1]
    assert not codes[0]


# ---------------------------------------------------------------- the second step


def enrol(browser: Browser) -> tuple[pyotp.TOTP, str]:
    """Go through the page; the phone, and the page of recovery codes."""
    page = browser.get("/settings/totp").get_data(as_text=True)
    secret = re.search(r'id="totp-key">([^<]+)<', page)[1].replace(" ", "")  # type: ignore[index]
    seed = unescape(re.search(r'name="seed" value="([^"]+)"', page)[1])  # type: ignore[index]
    assert "<svg" in page
    assert "style=" not in page
    phone = pyotp.TOTP(secret)
    assert browser.post("/settings/totp", {"seed": seed, "code": "000000"}).status_code == 422
    done = browser.post("/settings/totp", {"seed": seed, "code": phone.at(clock.now())})
    assert done.status_code == 200
    return phone, done.get_data(as_text=True)


def test_set_up_and_switched_off(anna: Browser, company: Cast, web: Web) -> None:
    other = web.browser("anna")
    _phone, page = enrol(anna)
    codes = re.findall(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}", page)
    assert len(set(codes)) == totp.RECOVERY
    assert totp.on(company.anna)
    assert other.get("/customers").status_code == 302, "other sessions are over"
    anna._csrf = ""
    assert anna.get("/settings/sign-in").status_code == 200
    assert codes[0] not in anna.get("/settings/sign-in").get_data(as_text=True)
    for wrong in ({}, {"password_totp": "wrong"}):
        assert anna.post("/settings/totp/off", wrong).status_code == 422
        assert totp.on(company.anna)
    fresh = anna.post("/settings/totp/recovery")
    assert fresh.status_code == 200
    assert codes[0] not in fresh.get_data(as_text=True)
    assert anna.post("/settings/totp/off", {"password_totp": PASSWORD}).status_code == 303
    assert not totp.on(company.anna)


def test_a_seed_of_somebody_elses_is_refused(company: Cast, web: Web) -> None:
    from smallcrm.identity import seal

    secret = totp.new_secret()
    seed = seal.seal(secret, f"enrol {company.bob}")
    answer = web.browser("anna").post("/settings/totp", {"seed": seed, "code": pyotp.TOTP(secret).at(clock.now())})
    assert answer.status_code == 400
    assert not totp.on(company.anna)


# ---------------------------------------------------------------- sessions and tokens


def test_sessions_are_listed_and_ended(company: Cast, web: Web) -> None:
    here = web.browser("anna")
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18 Mobile Safari/604"
    phone = sessions.begin(company.anna, address="10.1.1.1", agent=agent)
    strange = sessions.begin(company.bob, address="10.2.2.2", agent="x")
    text = text_of(here.get("/settings/sign-in"))
    assert "Safari on iPhone" in text
    assert "10.1.1.1" in text
    assert "10.2.2.2" not in text
    bobs = sessions.of_user(company.bob)[0][0]
    assert here.post(f"/settings/sessions/{bobs}/end").status_code == 404
    assert sessions.find(strange)
    number = next(held[0] for held in sessions.of_user(company.anna) if held[4] == "10.1.1.1")
    assert here.post(f"/settings/sessions/{number}/end").status_code == 303
    assert sessions.find(phone) is None
    more = [sessions.begin(company.anna, address="x", agent="x") for _ in range(3)]
    assert here.post("/settings/sessions/end").status_code == 303
    assert not any(sessions.find(each) for each in more)
    assert here.get("/customers").status_code == 200


def test_tokens(anna: Browser, company: Cast, web: Web) -> None:
    assert anna.post("/settings/tokens", {"name": " "}).status_code == 422
    made = anna.post("/settings/tokens", {"name": "Website <form>", "read_only": ["", "1"]})
    found = re.search(r'id="token">([^<]+)<', made.get_data(as_text=True))
    assert found
    token = found[1]
    page = anna.get("/settings/tokens").get_data(as_text=True)
    assert token not in page
    assert "Website &lt;form&gt;" in page
    client = web.app.test_client()
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/customers", headers=headers).status_code == 200
    assert client.post("/api/v1/customers", headers=headers, json={"name": "X"}).status_code == 403
    number = tokens.of_user(company.anna)[0][0]
    bobs = tokens.make(company.bob, name="t")
    assert anna.post(f"/settings/tokens/{tokens.of_user(company.bob)[0][0]}/revoke").status_code == 404
    assert tokens.find(bobs)
    assert anna.post(f"/settings/tokens/{number}/revoke").status_code == 303
    assert client.get("/api/v1/customers", headers=headers).status_code == 401
    assert token not in str(store.rows("SELECT * FROM api_token"))
    assert [line[:2] for line in audited("token made")] == [(company.anna, company.anna)]
    assert len(audited("token revoked")) == 1


def test_a_token_changes_nothing_about_its_user(company: Cast, web: Web) -> None:
    api = web.api("anna")
    for url in ("/settings/profile", "/settings/password", "/settings/tokens", "/settings/totp/off"):
        answer = api.client.post(url, headers=api.headers, data={"name": "x"})
        assert answer.status_code in (302, 403), url


def test_wrong_tokens_are_slowed(company: Cast, web: Web) -> None:
    client = web.app.test_client()
    codes = [
        client.get("/api/v1/customers", headers={"Authorization": f"Bearer scrm_{n}"}).status_code for n in range(20)
    ]
    assert codes[0] == 401
    assert codes[-1] == 429
    assert web.api("anna").get("/customers").status_code == 200, "a right one is not kept out by wrong ones"
