"""Signing in and out: what is let in, what is slow, and that nothing tells who exists."""

from __future__ import annotations

import datetime as dt
import json
import re
import threading

import pyotp
import pytest

from smallcrm import store
from smallcrm.areas.people import rules, signing
from smallcrm.areas.people.records import User
from smallcrm.base import clock
from smallcrm.identity import key, passwords, sessions, totp
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access
from tests.areas.people.conftest import Person, audited, give_password, text_of
from tests.cast import PASSWORD, Cast
from tests.client import Web

ANNA = "anna@example.com"


def user(number: int) -> User:
    return access.find(SYSTEM, User, number)  # type: ignore[return-value]


def test_in_and_out(person: Person, company: Cast) -> None:
    assert person.get("/customers").headers["Location"] == "/login?next=/customers"
    answer = person.sign_in(ANNA, to="/customers")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/customers")
    assert person.get("/customers").status_code == 200
    cookie = person.cookie()
    assert person.send("/logout", page="/customers").status_code == 303
    assert person.get("/customers").status_code == 302
    person.client.set_cookie("session", cookie or "")
    assert person.get("/customers").status_code == 302, "the old cookie is dead on the server"
    assert [row[:2] for row in audited("sign-in")] == [(company.anna, company.anna)]
    assert [row[:2] for row in audited("sign-out")] == [(company.anna, company.anna)]


@pytest.mark.parametrize("email", ["ANNA@EXAMPLE.COM", "  anna@example.com ", "ａｎｎａ@example.com"])
def test_an_address_is_read_as_it_is_meant(email: str, person: Person) -> None:
    assert person.sign_in(email).status_code == 303


def test_spaces_in_a_password_count(person: Person) -> None:
    assert person.sign_in(ANNA, f" {PASSWORD}").status_code == 401


@pytest.mark.parametrize(("email", "password"), [
    (ANNA, "wrong"), ("nobody@example.com", PASSWORD), ("", ""), (ANNA, ""), ("' OR 1=1 --", "x"), ("\x00", "x" * 100000),
    ("Anna North", PASSWORD), ("sam@example.com", ""), ("sam@example.com", PASSWORD),
])  # fmt: skip
def test_wrong_is_wrong(email: str, password: str, person: Person) -> None:
    answer = person.sign_in(email, password)
    assert answer.status_code == 401
    assert person.cookie() is None


def test_whoever_is_switched_off_hears_what_everybody_hears(person: Person, company: Cast) -> None:
    rules.switch_off(company.actor("owner"), user(company.anna))
    assert person.sign_in(ANNA).status_code == 401


def test_the_same_answer_whether_or_not_one_exists(company: Cast, web: Web) -> None:
    """Bytes and headers are those of any other failure; only what was typed differs."""
    seen = []
    for email in (ANNA, "nobody.at.all@example.com"):
        person = Person(web)
        answer = person.sign_in(email, "wrong wrong wrong")
        page = answer.get_data(as_text=True).replace(email, "EMAIL")
        page = re.sub(r"[0-9a-f]{64}", "TOKEN", page)
        headers = sorted(
            (name, re.sub(r"visitor=[^;]+", "", value)) for name, value in answer.headers if name != "Content-Length"
        )
        seen.append((answer.status_code, page, headers))
    assert seen[0] == seen[1]


def test_guessing_is_slowed_with_any_address_written_in_headers(person: Person) -> None:
    codes = [
        person.sign_in("AnNa@example.com" if n % 2 else ANNA, f"guess {n}", headers=None).status_code
        if n % 3
        else person.send(
            "/login",
            {"email": ANNA, "password": f"guess {n}"},
            headers={"X-Forwarded-For": f"10.1.1.{n}", "Forwarded": f"for=10.2.2.{n}"},
        ).status_code
        for n in range(20)
    ]
    assert codes[0] == 401
    assert codes.count(401) <= 10
    assert set(codes) == {401, 429}
    refused = person.sign_in(ANNA)
    assert refused.status_code == 429, "not even the right password: a refusal tells nothing"
    assert int(refused.headers["Retry-After"]) > 0
    assert "Wait" in text_of(refused)
    assert len(audited("sign-in throttled")) == 1, "a row of refusals is one line"


def test_nobody_keeps_the_owner_out_of_a_browser_that_is_known(company: Cast, web: Web) -> None:
    home, stranger = Person(web), Person(web)
    assert home.sign_in("olga@example.com").status_code == 303
    home.send("/logout", page="/customers")
    for n in range(20):
        stranger.sign_in("olga@example.com", f"guess {n}", environ_overrides={"REMOTE_ADDR": f"10.3.3.{n}"})
    assert Person(web).sign_in("olga@example.com", environ_overrides={"REMOTE_ADDR": "10.4.4.4"}).status_code == 429
    assert home.sign_in("olga@example.com", environ_overrides={"REMOTE_ADDR": "10.5.5.5"}).status_code == 303


def test_a_made_up_mark_of_a_known_browser_is_none(company: Cast, web: Web) -> None:
    stranger = Person(web)
    for n in range(12):
        stranger.client.set_cookie("known", f"{company.owner}.{'a' * 22}.{'0' * 64}")
        stranger.sign_in("olga@example.com", f"guess {n}", environ_overrides={"REMOTE_ADDR": f"10.3.3.{n}"})
    assert stranger.sign_in("olga@example.com", environ_overrides={"REMOTE_ADDR": "10.9.9.9"}).status_code == 429


def test_parallel_guesses_count(company: Cast, web: Web) -> None:
    people = [Person(web) for _ in range(20)]
    tokens = [each.token() for each in people]
    codes: list[int] = []

    def guess(n: int) -> None:
        data = {"csrf_token": tokens[n], "email": ANNA, "password": f"guess {n}"}
        codes.append(people[n].client.post("/login", data=data).status_code)
        store.close_thread()

    threads = [threading.Thread(target=guess, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes.count(401) <= 10
    assert codes.count(429) >= 10


def test_a_new_session_at_every_sign_in(person: Person, company: Cast) -> None:
    person.client.set_cookie("session", "chosen-by-somebody-else-chosen-by-somebody-else")
    person.sign_in(ANNA)
    first = person.cookie()
    assert first
    assert first != "chosen-by-somebody-else-chosen-by-somebody-else"
    person.send("/login", {"email": "bob@example.com", "password": PASSWORD}, page="/customers")
    assert person.cookie() != first
    assert sessions.find(first) is None, "the one before is over"


def test_cookie_flags(person: Person, web: Web) -> None:
    for answer in (person.sign_in(ANNA),):
        for header in answer.headers.getlist("Set-Cookie"):
            assert "HttpOnly" in header, header
            assert "SameSite=Lax" in header, header
            assert "Path=/" in header, header
            assert "Domain" not in header, header
    secure = web.app.test_client()
    page = secure.get("/login", base_url="https://localhost").get_data(as_text=True)
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)[1]  # type: ignore[index]
    data = {"csrf_token": token, "email": ANNA, "password": PASSWORD}
    answer = secure.post("/login", data=data, base_url="https://localhost")
    assert answer.status_code == 303
    found = answer.headers.getlist("Set-Cookie")
    assert any(header.startswith("__Host-session=") for header in found)
    for header in found:
        assert header.startswith("__Host-"), header
        assert "Secure" in header, header
    assert secure.get("/customers", base_url="https://localhost").status_code == 200


def test_a_cookie_without_the_prefix_is_none_over_https(company: Cast, web: Web) -> None:
    client = web.app.test_client()
    client.set_cookie("session", sessions.begin(company.anna, address="x", agent="x"))
    assert client.get("/customers", base_url="https://localhost").status_code == 302


def test_signed_in_already_goes_on(company: Cast, web: Web) -> None:
    answer = web.browser("anna").get("/login?next=/customers")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/customers")


def test_a_full_disk_keeps_nobody_out(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    from smallcrm.store import guard

    monkeypatch.setattr(guard, "low_space", lambda _folder: True)
    assert person.sign_in(ANNA).status_code == 303
    assert person.get("/customers").status_code == 200
    assert Person.send(person, "/login", {"email": ANNA, "password": "wrong"}, page="/customers").status_code == 401


def test_language_before_signing_in(person: Person) -> None:
    assert 'lang="el"' in person.get("/login?language=el").get_data(as_text=True)
    assert 'lang="el"' in person.get("/login").get_data(as_text=True), "it is kept"
    assert 'lang="zh-CN"' in Person.get(person, "/login?language=zh").get_data(as_text=True)


# ---------------------------------------------------------------- a password of somebody else's choice


def test_a_first_password_is_changed_first(person: Person, company: Cast, web: Web) -> None:
    give_password(company.anna, must_change=True)
    person.sign_in(ANNA, to="/customers")
    assert person.get("/customers").headers["Location"] == "/first-password"
    assert person.client.get("/api/v1/customers").status_code == 403
    fragment = person.get("/status", headers={"HX-Request": "true"})
    assert fragment.headers["HX-Redirect"] == "/first-password"
    weak = person.send("/first-password", {"new_password": "short"}, page="/first-password")
    assert weak.status_code == 422
    before = person.cookie()
    done = person.send("/first-password", {"new_password": "my own long words"}, page="/first-password")
    assert done.status_code == 303
    assert person.cookie() != before
    assert person.get("/customers").status_code == 200
    assert passwords.check(company.anna, "my own long words")
    assert web.api("anna").get("/customers").status_code == 200


# ---------------------------------------------------------------- the second step

NOON = dt.datetime(2026, 11, 21, 12, 0, 5, tzinfo=dt.UTC)


@pytest.fixture
def phone(company: Cast) -> pyotp.TOTP:
    """Anna's, set up two minutes before noon."""
    secret = totp.new_secret()
    made = pyotp.TOTP(secret)
    with clock.at(NOON - dt.timedelta(minutes=2)):
        totp.enable(company.anna, secret, made.at(NOON - dt.timedelta(minutes=2)))
    return made


def test_two_steps(person: Person, phone: pyotp.TOTP) -> None:
    with clock.at(NOON):
        half = person.sign_in(ANNA, to="/customers")
        assert half.headers["Location"] == "/login/code?next=/customers"
        assert person.cookie() is None
        assert person.get("/customers").status_code == 302, "the password alone opens nothing"
        wrong = person.send("/login/code", {"code": "000000"}, page="/login/code")
        assert wrong.status_code == 401
        right = person.send("/login/code", {"code": phone.at(NOON), "next": "/customers"}, page="/login/code")
        assert (right.status_code, right.headers["Location"]) == (303, "/customers")
        assert person.get("/customers").status_code == 200
        assert json.loads(audited("sign-in")[0][2]) == {"how": "code"}


def test_a_code_is_not_used_twice(company: Cast, web: Web, phone: pyotp.TOTP) -> None:
    with clock.at(NOON):
        codes = []
        for _ in range(2):
            person = Person(web)
            person.sign_in(ANNA)
            codes.append(person.send("/login/code", {"code": phone.at(NOON)}, page="/login/code").status_code)
    assert codes == [303, 401]


def test_codes_are_guessed_slowly(company: Cast, web: Web, phone: pyotp.TOTP) -> None:
    with clock.at(NOON):
        codes = []
        for n in range(15):
            person = Person(web)
            person.client.set_cookie("signin", signing.half_way(company.anna))
            answer = person.send(
                "/login/code",
                {"code": f"{n:06d}"},
                page="/login/code",
                environ_overrides={"REMOTE_ADDR": f"10.6.6.{n}"},
            )
            codes.append(answer.status_code)
    assert codes.count(401) <= 10
    assert codes[-1] == 429


def test_half_way_is_over_soon_and_with_the_password(person: Person, company: Cast, phone: pyotp.TOTP) -> None:
    with clock.at(NOON):
        person.sign_in(ANNA)
    with clock.at(NOON + dt.timedelta(minutes=6)):
        late = person.send("/login/code", {"code": phone.at(NOON + dt.timedelta(minutes=6))}, page="/login")
        assert late.headers["Location"].startswith("/login")
        assert person.cookie() is None
    with clock.at(NOON):
        person.sign_in(ANNA)
        mark = person.cookie("signin") or ""
        assert signing.from_half_way(mark) == company.anna
        passwords.keep(company.anna, passwords.hashed("another password here"))
        assert signing.from_half_way(mark) is None
        assert signing.from_half_way(f"{company.owner}{mark[len(str(company.anna)) :]}") is None


def test_a_recovery_code_signs_in_once(company: Cast, web: Web, phone: pyotp.TOTP) -> None:
    spare = totp.renew_recovery(company.anna)[0]
    codes = []
    for _ in range(2):
        person = Person(web)
        person.sign_in(ANNA)
        codes.append(person.send("/login/code", {"code": spare}, page="/login/code").status_code)
    assert codes == [303, 401]


def test_the_key_signs_the_marks(company: Cast) -> None:
    mark = signing.half_way(company.anna)
    assert signing.from_half_way(mark) == company.anna
    (store.folder() / key.FILE).write_bytes(b"2" * 64)
    assert signing.from_half_way(mark) is None
