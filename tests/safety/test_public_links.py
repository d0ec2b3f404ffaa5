"""Links that need no sign-in: whatever stands where the token should, the answer is one and the same, and nothing is done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from smallcrm import store
from smallcrm.identity import onetime, passwords, sessions, throttle, tokens
from tests.areas.people.conftest import Person, give_password
from tests.cast import PASSWORD, Cast
from tests.client import Web

NEW = "a new password of mine"
MAGIC = ("", "null", "None", "0", "-1", "1", "true", "false", "shared", "public", "admin", "[]", "{}", "*", "%", "undefined", "NaN", "..", "\x00",
         "a" * 3000, "' OR 1=1--", "é", "\r\nX-Evil: 1")  # fmt: skip


@pytest.fixture(autouse=True)
def _nobody_has_guessed() -> Iterator[None]:
    throttle.forget()
    yield
    throttle.forget()


def feed_of(web: Web, part: str) -> str:
    """The token in somebody's calendar address."""
    browser = web.browser(part)
    browser.post("/settings/calendar/feed")
    found = re.search(r"/calendar/feed/([^\"]+)\.ics", browser.get("/settings/calendar").get_data(as_text=True))
    assert found
    return found[1]


def altered(token: str) -> list[str]:
    """The token, not quite."""
    middle = len(token) // 2
    other = "a" if token[middle] != "a" else "b"
    return [token.upper() if token.upper() != token else token.lower(), token + "a", token + "=", token + ".ics", token + " ", token[:-1],
            token[1:], f" {token}", token + "\x00", token[:middle] + other + token[middle + 1 :], token[::-1], token * 2]  # fmt: skip


def writes() -> int:
    return store.connection().total_changes()


def test_a_calendar_s_address(web: Web, cast: Cast) -> None:
    """404 with the same bytes for all that is not quite it, also another's number before one's own signature."""
    token, bobs = feed_of(web, "anna"), feed_of(web, "bob")
    number, _, signature = token.partition("-")
    visitor = web.visitor()
    assert visitor.get(f"/calendar/feed/{token}.ics").status_code == 200
    crossed = [f"{cast.bob}-{signature}", f"{cast.owner}-{signature}", f"0{number}-{signature}", f"{number}-", f"-{signature}", f"+{token}",
               f"{number}-{bobs.partition('-')[2]}"]  # fmt: skip
    known = visitor.get(f"/calendar/feed/{cast.anna}-{'0' * 64}.ics")
    at = writes()
    for each in (*MAGIC, *altered(token), *crossed):
        answer = visitor.get(f"/calendar/feed/{quote(each, safe='')}.ics")
        if each:  # without a token it is another address
            assert answer.status_code == 404, each
            assert answer.get_data() == known.get_data(), each
        assert "X-Evil" not in answer.headers
        for ask in (f"/calendar/feed/.ics?token={quote(each)}", f"/calendar/feed?token={quote(each)}"):
            assert visitor.get(ask).status_code in (302, 404), ask
    assert writes() == at


def opened(web: Web, token: str) -> tuple[int, bytes]:
    """What stands behind a link of that token, for somebody new."""
    throttle.forget()
    person = Person(web)
    first = person.get(f"/link/{quote(token, safe='')}")
    assert "X-Evil" not in first.headers
    page = person.get("/link")
    form = person.send("/link", {"new_password": NEW}, page="/login")
    assert form.status_code == (303 if page.status_code == 200 else page.status_code)
    return page.status_code, re.sub(rb"[0-9a-f]{64}", b"TOKEN", page.get_data())


def test_a_link_that_works_once(web: Web, cast: Cast) -> None:
    """Invitation and reset: 404 with the same bytes; the password stays and the true link still works after all of it."""
    give_password(cast.anna)
    for purpose in (onetime.RESET, onetime.INVITE):
        token = onetime.make(cast.anna, purpose)
        strangers = {
            "a session": sessions.begin(cast.owner, address="x", agent="x"),
            "a program's token": tokens.make(cast.owner, name="x"),
            "a calendar": feed_of(web, "owner"),
            "its hash": store.value("SELECT token_hash FROM one_time WHERE user = ?", [cast.anna]),
        }
        answers = {opened(web, each) for each in (*MAGIC, *altered(token), *strangers.values()) if each != token + " "}
        assert {status for status, _body in answers} == {404}
        assert len({body for _status, body in answers}) == 1
        assert passwords.check(cast.anna, PASSWORD)
        assert onetime.find(token)
        assert opened(web, token)[0] == 200
        give_password(cast.anna)


def test_one_kind_opens_nothing_of_another(web: Web, cast: Cast) -> None:
    """Each secret at each other's door: a session's, a program's, a calendar's, a link's."""
    held = {
        "session": sessions.begin(cast.owner, address="x", agent="x"),
        "program": tokens.make(cast.owner, name="x"),
        "calendar": feed_of(web, "owner"),
        "reset": onetime.make(cast.owner, onetime.RESET),
    }
    held |= {f"{name}'s hash": each for name, each in (
        ("session", store.value("SELECT max(token_hash) FROM session")), ("program", store.value("SELECT max(token_hash) FROM api_token")),
    )}  # fmt: skip
    for name, each in held.items():
        client = web.app.test_client()
        if name != "session":
            for cookie in ("session", "signin", "__Host-session"):
                client.set_cookie(cookie, each)
            assert client.get("/customers").status_code == 302, name
        if name != "program":
            throttle.forget()
            for scheme in ("Bearer", "Basic", "Token"):
                headers = {"Authorization": f"{scheme} {each}"}
                assert web.app.test_client().get("/api/v1/customers", headers=headers).status_code == 401, name
        if name != "calendar":
            assert web.visitor().get(f"/calendar/feed/{each}.ics").status_code == 404, name
        for parameter in ("token", "api_key", "access_token", "key", "session", "auth"):
            asked = f"/api/v1/customers?{parameter}={quote(each)}"
            assert web.app.test_client().get(asked).status_code == 401, (name, parameter)


def test_tokens_cannot_be_guessed(cast: Cast) -> None:
    """At least 128 bits, all different, no bit preferred; none stands anywhere as it was given out."""
    found = [sessions.begin(cast.anna, address="x", agent="x") for _ in range(100)]
    found += [tokens.make(cast.bob, name="x").removeprefix(tokens.PREFIX) for _ in range(100)]
    made = onetime.make(cast.carl, onetime.INVITE)
    assert len(set(found)) == 200
    assert all(len(each) >= 43 for each in (*found, made))  # 256 bits in base64
    letters = "".join(found)
    assert all(60 < letters.count(letter) < 230 for letter in set(letters)), "some letter is preferred"
    assert len(set(letters)) == 64
    everything = "".join(map(str, (store.rows(f'SELECT * FROM "{n}"') for n in ("session", "api_token", "one_time"))))
    assert not [each for each in (*found, made) if each in everything]


@pytest.mark.parametrize("path", ["/setup", "/setup?code=", "/setup?code=null", "/setup/guess?timezone=Europe/Athens"])
def test_set_up_is_over(path: str, web: Web, cast: Cast) -> None:
    """Once there is an owner neither the page nor its form is there, with or without a code."""
    visitor = Person(web)
    assert visitor.get(path).status_code == 404
    users = store.value('SELECT count(*) FROM "user"')
    form = {
        "code": "",
        "company": "Evil",
        "owner_name": "Eve",
        "owner_email": "eve@example.com",
        "password": NEW,
        "preset": "sales",
    }
    for code in ("", "null", "0", "AAAAA-AAAAA"):
        assert visitor.send("/setup", {**form, "code": code}).status_code == 404
    assert store.value('SELECT count(*) FROM "user"') == users
