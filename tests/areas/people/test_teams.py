"""Teams and users found by name or made, as a users' file has them; and the tree."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from smallcrm import store
from smallcrm.areas.people import roles, rules
from smallcrm.areas.people.records import Team, User
from smallcrm.areas.people.rules.teams import team_id
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.identity.actor import SYSTEM, Actor
from smallcrm.records import access, change
from smallcrm.records.record import values
from tests.areas.people.conftest import text_of
from tests.cast import Cast
from tests.client import Web


@pytest.fixture
def olga(cast: Cast) -> Actor:
    return cast.actor("owner")


def team(number: int) -> dict[str, object]:
    return values(access.find(SYSTEM, Team, number))


def counts() -> tuple[int, int]:
    users, teams = store.row('SELECT (SELECT count(*) FROM "user"), (SELECT count(*) FROM team)') or (0, 0)
    return int(users), int(teams)


def test_found_by_name_whatever_its_case(olga: Actor, cast: Cast) -> None:
    before = counts()
    assert rules.team_named(olga, "  NORTH ") == cast.north
    assert rules.user_named(olga, "anna north") == cast.anna
    assert rules.user_named(olga, "ANNA@example.com") == cast.anna
    assert rules.team_named(olga, "") is None
    assert rules.user_named(olga, "  ") is None
    assert rules.team_named(olga, "Nowhere", make=False) is None
    assert rules.user_named(olga, "Nobody Known", make=False) is None
    assert counts() == before


def test_made_where_there_is_none(olga: Actor, cast: Cast) -> None:
    made = rules.team_named(olga, "Central", manager="Dustin Brinkmann")
    assert made
    boss = rules.user_named(olga, "dustin  brinkmann")
    held = team(made)
    assert (held["name"], held["manager"], held["parent"]) == ("Central", boss, None)
    user = values(access.find(SYSTEM, User, boss or 0))
    assert (user["email"], user["role"], user["active"]) == (None, roles.role_id("manager"), True)
    assert rules.team_named(olga, "central", manager="Dustin Brinkmann") == made


def test_a_standing_team_takes_a_manager_once(olga: Actor, cast: Cast) -> None:
    assert rules.team_named(olga, "North", manager="Max Manager") == cast.north
    assert team(cast.north)["manager"] == cast.manager
    other = rules.team_named(olga, "North", manager="Bob North")
    assert other != cast.north
    assert team(cast.north)["manager"] == cast.manager, "it keeps the one it has"
    held = team(other or 0)
    assert (held["name"], held["parent"], held["manager"]) == ("North · Bob North", cast.north, cast.bob)


PAIRS = [("West", "Ada"), ("West", "Ben"), ("East", "Cy"), ("West", "Ada"), ("east", "cy "), ("Port", ""), ("", "Ada")]


def test_a_whole_file(olga: Actor, cast: Cast) -> None:
    found = rules.teams_named(olga, PAIRS)
    assert set(found) == set(PAIRS) - {("", "Ada")}
    west = team_id("West") or 0
    assert team(west)["manager"] is None
    assert {team(found["West", each])["parent"] for each in ("Ada", "Ben")} == {west}
    assert found["West", "Ada"] != found["West", "Ben"]
    assert found["East", "Cy"] == found["east", "cy "] == team_id("East")
    assert team(found["Port", ""])["manager"] is None


@given(order=st.permutations(PAIRS))
@trying(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_in_any_order_and_twice_the_same_teams(order: list[tuple[str, str]], cast: Cast) -> None:
    actor = cast.actor("owner")
    first = rules.teams_named(actor, order)
    after = counts()
    assert rules.teams_named(actor, order) == first
    assert counts() == after
    assert rules.teams_named(actor, PAIRS, make=False) == first


def test_two_of_one_name_are_told(olga: Actor, cast: Cast) -> None:
    rules.add_user(SYSTEM, name="Anna North", email="anna2@example.com", role="sales")
    with pytest.raises(Invalid, match="Anna North"):
        rules.user_named(olga, "Anna North")
    assert rules.user_named(olga, "anna2@example.com") != cast.anna


@pytest.mark.parametrize("part", ["manager", "anna"])
def test_only_with_the_right(part: str, cast: Cast) -> None:
    before = counts()
    with pytest.raises((Forbidden, Invalid)):
        rules.team_named(cast.actor(part), "Mine", manager="Somebody Else")
    assert counts() == before
    assert rules.team_named(cast.actor(part), "North") == cast.north


def test_the_tree(cast: Cast, web: Web) -> None:
    page = web.browser("owner").get("/teams/tree").get_data(as_text=True)
    text = re.sub(r"\s+", " ", text_of(web.browser("owner").get("/teams/tree")))
    assert text.index("Sales") < text.index("North") < text.index("Anna North")
    assert "Manager: Max Manager" in text
    assert "4 members" not in text
    assert "3 below" in text
    assert "Sam Service" in text.partition("In no team")[2]
    assert f"/teams/new?parent={cast.north}" in page
    plain = web.browser("anna").get("/teams/tree").get_data(as_text=True)
    assert "/teams/new" not in plain
    assert "North" in plain


def test_a_team_in_the_bin_is_not_in_the_tree(cast: Cast, web: Web) -> None:
    change.delete(cast.actor("owner"), access.find(SYSTEM, Team, cast.sales))
    text = text_of(web.browser("owner").get("/teams/tree"))
    assert "Manager: Max Manager" not in text
    assert "Anna North" in text, "those under it are there still"
