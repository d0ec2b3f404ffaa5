"""Switched off, binned, another role, another team, another password: what was open before is shut at the very next request."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pyotp
import pytest

from smallcrm import store
from smallcrm.areas.activities.rules import acts
from smallcrm.areas.people.roles import role_id
from smallcrm.areas.transfer import exports
from smallcrm.base import clock
from smallcrm.identity import throttle, totp
from smallcrm.jobs import work
from smallcrm.records.record import by_key
from tests import samples
from tests.areas.people.conftest import Person, give_password
from tests.cast import Cast
from tests.client import Web

Ask = Callable[[], int]


@pytest.fixture(autouse=True)
def _nobody_has_guessed() -> Iterator[None]:
    throttle.forget()
    yield
    throttle.forget()


def export_link(web: Web, part: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where a finished background export lies."""
    monkeypatch.setattr(exports, "AT_ONCE", 0)
    made = web.browser(part).post("/customers/export", {"format": "csv", "rows": "all"}).headers["Location"]
    assert work.join(int(made.rpartition("/")[2]), 30).state == "done"
    return f"/exports/{store.value('SELECT token FROM transfer_file ORDER BY at DESC LIMIT 1')}/file"


def doors(web: Web, cast: Cast, part: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Ask]:
    """Everything somebody holds that opens without asking who they are once more."""
    kind = by_key("customer")
    owner = cast.anna if part == "manager" else getattr(cast, part)
    number = int(samples.make(cast.actor(owner), kind, cast, minimal=True, name="Canary Ltd").id)
    acts.plan(cast.actor(part), kind="task", subject="Canary", due=clock.now())
    browser, api, reading = web.browser(part), web.api(part), web.api(part, read_only=True)
    browser.post("/settings/calendar/feed")
    feed = re.search(
        r'value="http://[^/]+(/calendar/feed/[^"]+)"', browser.get("/settings/calendar").get_data(as_text=True)
    )
    assert feed is not None
    link, visitor, url = export_link(web, part, monkeypatch), web.visitor(), feed[1]
    return {
        "page": lambda: browser.get(f"/customers/{number}").status_code,
        "fragment": lambda: browser.get(f"/customers/{number}", headers={"HX-Request": "true"}).status_code,
        "form": lambda: browser.post(f"/customers/{number}/edit", {"name": "Changed", "version": "1"}).status_code,
        "api": lambda: api.get(f"/customers/{number}").status_code,
        "reading": lambda: reading.get(f"/customers/{number}").status_code,
        "list": lambda: api.get("/customers").get_data(as_text=True).count("Canary"),
        "feed": lambda: visitor.get(url).get_data(as_text=True).count("SUMMARY:Canary"),
        "export": lambda: browser.get(link).status_code,
        "export anew": lambda: web.browser(part).get(link).status_code,
    }


GONE = {
    "page": 302,
    "fragment": 401,
    "form": 302,
    "api": 401,
    "reading": 401,
    "list": 0,
    "feed": 0,
    "export": 302,
    "export anew": 302,
}
BLIND = {
    "page": 302,
    "fragment": 401,
    "form": 302,
    "api": 404,
    "reading": 404,
    "list": 0,
    "feed": 0,
    "export": 302,
    "export anew": 403,
}
MOVED = {
    "page": 404,
    "fragment": 404,
    "form": 404,
    "api": 404,
    "reading": 404,
    "list": 0,
    "feed": 1,
    "export": 404,
    "export anew": 404,
}


@pytest.mark.parametrize(
    ("part", "how", "after"),
    [
        ("anna", "off", GONE),
        ("anna", "bin", GONE),
        ("anna", "role", BLIND),
        ("manager", "team", MOVED),
        ("manager", "grants", MOVED),
    ],
)
def test_doors(
    part: str, how: str, after: dict[str, int], web: Web, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = doors(web, cast, part, monkeypatch)
    assert {name: ask() for name, ask in held.items() if name != "form"} == {
        "page": 200, "fragment": 200, "api": 200, "reading": 200, "list": 1, "feed": 1, "export": 200, "export anew": 200,
    }  # fmt: skip
    change(how, part, web, cast)
    names = dict(store.rows("SELECT id, name FROM customer"))
    assert {name: ask() for name, ask in held.items()} == after | {
        "form": 403 if after["form"] == 302 else after["form"]
    }
    assert dict(store.rows("SELECT id, name FROM customer")) == names


def change(how: str, part: str, web: Web, cast: Cast) -> None:
    """What the owner does, through the API."""
    api, user = web.api("owner"), getattr(cast, part)
    version = api.get(f"/users/{user}").get_json()["version"]
    if how == "off":
        assert api.patch(f"/users/{user}", {"active": False}, version).status_code == 200
    elif how == "bin":
        assert api.delete(f"/users/{user}").status_code == 204
    elif how == "role":
        assert api.patch(f"/users/{user}", {"role": role_id("Nothing") or none(web)}, version).status_code == 200
    elif how == "team":  # nobody's manager any more, in a team of his own
        west = api.post("/teams", {"name": "West"}).get_json()["id"]
        for team in (cast.sales, cast.north, cast.south):
            held = api.get(f"/teams/{team}").get_json()
            if held["manager"]:
                assert api.patch(f"/teams/{team}", {"manager": None}, held["version"]).status_code == 200
        assert api.patch(f"/users/{user}", {"team": west}, version).status_code == 200
    else:
        role = api.get(f"/roles/{role_id('manager')}").get_json()
        grants = [{"type": "*", "view": "own", "edit": "own", "export": "own"}]
        assert api.patch(f"/roles/{role['id']}", {"grants": grants}, role["version"]).status_code == 200


def none(web: Web) -> int:
    """A role without any right."""
    return int(
        web.api("owner")
        .post("/roles", {"name": "Nothing at all", "grants": [{"type": "*", "view": "none"}]})
        .get_json()["id"]
    )


@pytest.mark.parametrize("how", ["off", "bin"])
def test_half_way_through_signing_in(how: str, web: Web, cast: Cast) -> None:
    """The password was right, the code is awaited: whoever is gone meanwhile does not get in."""
    give_password(cast.anna)
    secret = totp.new_secret()
    phone = pyotp.TOTP(secret)
    with clock.at(clock.moment("2026-11-20T10:00:00.000Z")):
        totp.enable(cast.anna, secret, phone.at(clock.now()))
    with clock.at(clock.moment("2026-11-20T11:00:00.000Z")):
        person = Person(web)
        assert person.sign_in("anna@example.com").headers["Location"] == "/login/code"
        change(how, "anna", web, cast)
        answer = person.send("/login/code", {"code": phone.at(clock.now())}, page="/login/code")
        assert answer.headers["Location"].startswith("/login")
        assert person.cookie() is None
        assert person.get("/customers").status_code == 302
