"""The password once more before sensitive acts: asked for in time, with what was typed carried along."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from html import unescape

import pytest

from smallcrm.areas.people.records import Team, User
from smallcrm.areas.people.rules import own
from smallcrm.base import clock
from smallcrm.identity import passwords, throttle, tokens
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, change, changesets
from smallcrm.records.record import values
from tests.cast import PASSWORD, Cast
from tests.client import Browser, Web


@pytest.fixture(autouse=True)
def _nobody_has_guessed() -> Iterator[None]:
    throttle.forget()
    yield
    throttle.forget()


@pytest.fixture
def olga(cast: Cast, web: Web) -> Iterator[Browser]:
    """The owner, eleven minutes after signing in."""
    passwords.keep(cast.owner, passwords.hashed(PASSWORD))
    browser = web.browser("owner")
    browser.csrf()
    with clock.at(clock.now() + dt.timedelta(minutes=11)):
        yield browser


def carried(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}


def test_a_form_waits_for_the_password_and_goes_on(olga: Browser, cast: Cast) -> None:
    asked = olga.post("/settings/tokens", {"name": 'Website "<form>"', "read_only": ["", "1"]})
    page = asked.get_data(as_text=True)
    assert asked.status_code == 403
    assert not tokens.of_user(cast.owner)
    form = carried(page)
    assert form["name"] == 'Website "<form>"'
    assert re.search(r'<form method="post" action="/settings/tokens"', page)
    wrong = olga.post("/settings/tokens", {**form, "confirm_password": "no"})
    assert wrong.status_code == 403
    assert "This is not your password." in wrong.get_data(as_text=True)
    assert carried(wrong.get_data(as_text=True))["name"] == 'Website "<form>"'
    assert "no" not in carried(wrong.get_data(as_text=True)).values()
    assert not tokens.of_user(cast.owner)
    done = olga.post("/settings/tokens", {**form, "confirm_password": PASSWORD})
    assert done.status_code == 200
    assert [row[1] for row in tokens.of_user(cast.owner)] == ['Website "<form>"']
    assert olga.post("/settings/tokens", {"name": "Another"}).status_code == 200, "it counts for a while"


def test_a_page_waits_too(olga: Browser, cast: Cast) -> None:
    url = f"/users/{cast.anna}/edit"
    asked = olga.get(url)
    assert asked.status_code == 403
    form = carried(asked.get_data(as_text=True))
    assert form["next"] == url
    assert olga.post("/confirm", {**form, "confirm_password": "no"}).status_code == 403
    done = olga.post("/confirm", {**form, "confirm_password": PASSWORD})
    assert (done.status_code, done.headers["Location"]) == (303, url)
    assert olga.get(url).status_code == 200


def test_in_place_the_page_by_itself_is_opened(olga: Browser, cast: Cast) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://localhost/users/{cast.anna}?tab=1"}
    answer = olga.post(f"/users/{cast.anna}/sessions/end", headers=headers)
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == f"/confirm?next=/users/{cast.anna}?tab%3D1"
    assert olga.get(answer.headers["HX-Redirect"]).status_code == 403


def test_ten_minutes_after_it_counts_no_more(olga: Browser) -> None:
    assert olga.post("/confirm", {"next": "/", "confirm_password": PASSWORD}).status_code == 303
    with clock.at(clock.now() + dt.timedelta(minutes=9)):
        assert olga.get("/settings/totp").status_code == 200
    with clock.at(clock.now() + dt.timedelta(minutes=10)):
        assert olga.get("/settings/totp").status_code == 403


def test_guessing_is_slowed_here_as_everywhere(olga: Browser, cast: Cast) -> None:
    codes = [olga.post("/confirm", {"next": "/", "confirm_password": f"guess {n}"}).status_code for n in range(12)]
    assert codes[0] == 403
    assert codes[-1] == 429
    assert olga.post("/confirm", {"next": "/", "confirm_password": PASSWORD}).status_code == 429
    assert olga.get("/customers").status_code == 200


def test_roles_and_users_are_behind_it(olga: Browser, cast: Cast) -> None:
    before = values(own.record_of(cast.actor("anna")))
    for url in (
        f"/users/{cast.anna}/edit", f"/users/{cast.anna}/password", f"/users/{cast.anna}/invite",
        f"/users/{cast.anna}/switch-off", f"/users/{cast.anna}/totp/off", "/users/new", "/roles/3", "/roles/new",
        "/roles/ready/sales", "/roles/3/fields/customers", "/settings/totp", "/settings/tokens",
    ):  # fmt: skip
        assert olga.post(url, {"name": "x", "role": "1"}).status_code == 403, url
    assert values(own.record_of(cast.actor("anna"))) == before


def test_programs_do_not_get_there(cast: Cast, web: Web) -> None:
    api = web.api("owner")
    answer = api.client.post("/settings/tokens", headers=api.headers, data={"name": "x"})
    assert answer.status_code in (302, 403)
    assert len(tokens.of_user(cast.owner)) == 1


def test_who_sees_whose_takes_it_too(olga: Browser, cast: Cast) -> None:
    """A team's place and manager decide what people see; somebody out of the bin may sign in again."""
    with changesets.opened(SYSTEM, "test"):
        team = change.create(SYSTEM, Team, {"name": "Field sales", "manager": cast.manager}, trusted=True)
        change.delete(SYSTEM, access.find(SYSTEM, User, cast.bob))
    form = {"name": "Field sales", "manager": str(cast.anna), "parent": "", "version": str(team.version)}
    asked = olga.post(f"/teams/{team.id}/edit", form)
    assert asked.status_code == 403
    assert carried(asked.get_data(as_text=True))["manager"] == str(cast.anna)
    for url, sent in (
        (f"/teams/{team.id}/cell/manager", form), (f"/users/{cast.bob}/restore", {}),
        ("/users/bin/restore", {"id": str(cast.bob)}), (f"/teams/{team.id}/delete", {}),
    ):  # fmt: skip
        assert olga.post(url, sent).status_code == 403, url
    kept = access.find(SYSTEM, Team, int(team.id))
    assert values(kept)["manager"] == cast.manager
    assert access.fetch(SYSTEM, User, cast.bob) is None
    done = olga.post(f"/teams/{team.id}/edit", {**form, "confirm_password": PASSWORD})
    assert done.status_code == 303
    assert values(access.find(SYSTEM, Team, int(team.id)))["manager"] == cast.anna
    assert olga.post(f"/users/{cast.bob}/restore").status_code == 303
    assert access.fetch(SYSTEM, User, cast.bob) is not None
