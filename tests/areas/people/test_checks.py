"""What must hold whoever writes users, teams and roles, through whichever door."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from smallcrm import store
from smallcrm.areas.people import roles, rules
from smallcrm.areas.people.records import Role, Team, User
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.identity import onetime, sessions, tokens
from smallcrm.identity.actor import SYSTEM, VERBS, Actor
from smallcrm.records import access, change, changesets, undo
from smallcrm.records.record import Record
from tests.cast import Cast
from tests.client import Web


def user(number: int) -> Record:
    return access.find(SYSTEM, User, number, bin=True)


def role(key: str) -> Record:
    return access.find(SYSTEM, Role, int(roles.role_id(key) or 0))


@pytest.fixture
def clerk(cast: Cast) -> Actor:
    """Looks after users, sees her own team's records, and may nothing else."""
    grants = [{"type": "*", **dict.fromkeys(VERBS, "team")}]
    mine = change.create(SYSTEM, Role, {"name": "Clerk", "grants": grants, "rights": ["people", "views"]}, trusted=True)
    made = rules.add_user(SYSTEM, name="Cleo Clerk", email="cleo@example.com", role=int(mine.id), team=cast.north)
    return cast.actor(int(made.id))


# ---------------------------------------------------------------- who may write at all


@pytest.mark.parametrize("part", ["manager", "anna", "reader", "nobody"])
@pytest.mark.parametrize("name", ["users", "teams", "roles"])
def test_read_by_all_written_by_none_but_those_with_the_right(part: str, name: str, cast: Cast, web: Web) -> None:
    api = web.api(part)
    number = {"users": cast.bob, "teams": cast.north, "roles": int(roles.role_id("sales") or 0)}[name]
    read = api.get(f"/{name}/{number}")
    assert read.status_code == 200
    assert api.get(f"/{name}").get_json()["items"]
    before = store.rows('SELECT * FROM "user"') + store.rows("SELECT * FROM team") + store.rows("SELECT * FROM role")
    for answer in (
        api.patch(f"/{name}/{number}", {"name": "Mine"}, read.get_json()["version"]),
        api.post(f"/{name}", {"name": "New"}),
        api.delete(f"/{name}/{number}"),
    ):
        assert answer.status_code == 403, answer.get_json()
    browser = web.browser(part)
    for url, form in (
        (f"/{name}/{number}/edit", {"name": "Mine"}), (f"/{name}/{number}/delete", {}), (f"/{name}/new", {"name": "x"}),
        (f"/{name}/bulk/delete", {"id": str(number)}), (f"/{name}/{number}/cell/name", {"name": "Mine"}),
    ):  # fmt: skip
        assert browser.post(url, form).status_code in (303, 403, 422), url
    after = store.rows('SELECT * FROM "user"') + store.rows("SELECT * FROM team") + store.rows("SELECT * FROM role")
    assert after == before


def test_the_owner_writes_them_through_the_api(cast: Cast, web: Web) -> None:
    api = web.api("owner")
    team = api.post("/teams", {"name": "West", "parent": cast.sales}).get_json()
    body = {"name": "Wanda West", "email": "wanda@example.com", "role": roles.role_id("sales"), "team": team["id"]}
    made = api.post("/users", body)
    assert made.status_code == 201, made.get_json()
    assert not {"password", "password_hash", "totp_secret"} & set(made.get_json())
    changed = api.patch(f"/users/{made.get_json()['id']}", {"active": False}, made.get_json()["version"])
    assert changed.get_json()["active"] is False


def test_a_token_that_only_reads_writes_no_user(cast: Cast, web: Web) -> None:
    api = web.api("owner", read_only=True)
    assert api.get("/users").status_code == 200
    assert api.post("/users", {"name": "X", "role": roles.role_id("reader")}).status_code == 403


# ---------------------------------------------------------------- nobody gives more than they have


def test_a_clerk_gives_no_more_than_her_own(cast: Cast, clerk: Actor) -> None:
    for key in ("owner", "manager", "reader"):  # the reader sees all, she only her team
        with pytest.raises(Invalid):
            rules.add_user(clerk, name="Friend", email="f@example.com", role=key)
        with pytest.raises(Invalid):
            change.update(clerk, user(clerk.id), {"role": roles.role_id(key)})
    made = rules.add_user(clerk, name="Friend", email="f@example.com", role="sales", team=cast.north)
    with pytest.raises(Invalid):
        change.update(clerk, made, {"role": roles.role_id("owner")})


def test_a_clerk_reaches_no_further_by_teams(cast: Cast, clerk: Actor) -> None:
    with pytest.raises(Invalid):
        change.update(clerk, user(clerk.id), {"team": cast.sales})
    for team in (cast.sales, cast.south):
        with pytest.raises(Invalid):
            change.update(clerk, access.find(clerk, Team, team), {"manager": clerk.id})
    # a salesperson sees their own records in whatever team
    change.update(clerk, user(cast.carl), {"team": cast.north})


def test_a_clerk_makes_no_mightier_role(cast: Cast, clerk: Actor) -> None:
    for values in (
        {"name": "R1", "grants": [{"type": "*", "view": "all"}]},
        {"name": "R2", "grants": [{"type": "customer", "view": "all"}]},
        {"name": "R3", "rights": ["settings"]},
        {"name": "R4", "rights": ["everything"]},
    ):
        with pytest.raises(Invalid):
            change.create(clerk, Role, values)
    change.create(clerk, Role, {"name": "Small", "grants": [{"type": "*", "view": "team"}], "rights": ["views"]})


def test_a_field_kept_from_the_maker_is_kept_from_the_made(cast: Cast, clerk: Actor) -> None:
    mine = access.find(SYSTEM, Role, int(roles.role_id("Clerk") or 0))
    hidden = [{"type": "customer", "field": "tax_number", "right": "hidden"}]
    change.update(SYSTEM, mine, {"field_rights": hidden}, trusted=True)
    now = cast.actor(clerk.id)
    grants = [{"type": "*", "view": "own"}]
    with pytest.raises(Invalid):
        change.create(now, Role, {"name": "Peek", "grants": grants})
    read = [{"type": "customer", "field": "tax_number", "right": "read"}]
    with pytest.raises(Invalid):
        change.create(now, Role, {"name": "Peek", "grants": grants, "field_rights": read})
    change.create(now, Role, {"name": "Blind", "grants": grants, "field_rights": hidden})


def test_a_clerk_leaves_the_mightier_alone(cast: Cast, clerk: Actor) -> None:
    for values in ({"email": "mine@example.com"}, {"active": False}, {"role": roles.role_id("sales")}):
        with pytest.raises(Invalid):
            change.update(clerk, user(cast.owner), values)
    with pytest.raises(Invalid):
        change.delete(clerk, user(cast.owner))
    for act in (
        lambda: rules.set_password(clerk, user(cast.owner), "correct horse battery"),
        lambda: rules.switch_off(clerk, user(cast.owner)),
        lambda: rules.end_sessions(clerk, user(cast.owner)),
        lambda: rules.remove_second_factor(clerk, user(cast.owner)),
    ):
        with pytest.raises(Forbidden):
            act()
    with pytest.raises(Invalid):
        change.update(clerk, role("manager"), {"name": "Tamed"})


def test_everything_is_given_by_those_with_everything_only(cast: Cast) -> None:
    grants = [{"type": "*", **dict.fromkeys(VERBS, "all")}]
    rights = ["settings", "people", "audit", "backup", "views", "privacy"]
    near = change.create(SYSTEM, Role, {"name": "Nearly", "grants": grants, "rights": rights}, trusted=True)
    made = rules.add_user(SYSTEM, name="Nina", email="nina@example.com", role=int(near.id))
    nina = cast.actor(int(made.id))
    with pytest.raises(Invalid):
        change.update(nina, user(nina.id), {"role": roles.role_id("owner")})
    with pytest.raises(Invalid):
        change.update(nina, access.find(nina, Role, int(near.id)), {"rights": [*rights, "everything"]})


# ---------------------------------------------------------------- undo is no way round


def test_undo_gives_nobody_rights_back(cast: Cast) -> None:
    with changesets.opened(cast.actor("owner"), "form") as promoted:
        change.update(cast.actor("owner"), user(cast.anna), {"role": roles.role_id("owner")})
    with changesets.opened(cast.actor("owner"), "form") as demoted:
        change.update(cast.actor("owner"), user(cast.anna), {"role": roles.role_id("sales")})
    manager = cast.actor("manager")
    assert manager.may("audit")
    for done in (demoted, promoted):
        result = undo.undo(manager, done.id)
        assert result.undone == 0
    assert not cast.actor("anna").may("everything")
    assert undo.undo(cast.actor("owner"), demoted.id).undone == 1
    assert cast.actor("anna").may("everything")


def test_undo_of_roles_and_teams_takes_the_right(cast: Cast) -> None:
    owner = cast.actor("owner")
    with changesets.opened(owner, "form") as mine:
        change.update(owner, role("sales"), {"grants": [{"type": "*", "view": "own"}]})
        change.update(owner, access.find(owner, Team, cast.north), {"name": "Northern"})
    assert undo.undo(cast.actor("manager"), mine.id).undone == 0
    assert store.value("SELECT name FROM team WHERE id = ?", [cast.north]) == "Northern"


# ---------------------------------------------------------------- there is always an owner


def test_the_last_owner_stays(cast: Cast) -> None:
    owner = cast.actor("owner")
    for values in ({"active": False}, {"role": roles.role_id("sales")}):
        with pytest.raises(Invalid, match="at least one active owner"):
            change.update(owner, user(cast.owner), values)
    with pytest.raises(Invalid):
        change.delete(owner, user(cast.owner))


def test_two_owners_do_not_leave_together(cast: Cast) -> None:
    second = rules.add_user(SYSTEM, name="Otto", email="otto@example.com", role="owner")
    both = [(cast.owner, {"active": False}), (int(second.id), {"active": False})]
    with changesets.opened(SYSTEM, "bulk"):
        change.update_many(cast.actor("owner"), User, both)
    assert len(roles.owners()) == 1


def test_the_role_of_the_last_owner_stays_mighty(cast: Cast) -> None:
    boss = change.create(SYSTEM, Role, {"name": "Boss", "rights": ["everything"]}, trusted=True)
    change.update(cast.actor("owner"), user(cast.owner), {"role": int(boss.id)})
    owner = cast.actor("owner")
    with pytest.raises(Invalid):
        change.update(owner, access.find(owner, Role, int(boss.id)), {"rights": ["settings"]})
    with pytest.raises(Invalid):
        change.delete(owner, access.find(owner, Role, int(boss.id)))
    assert roles.owners() == {cast.owner}


def test_the_owners_role_stays_as_it_is(cast: Cast) -> None:
    with pytest.raises(Invalid):
        change.update(cast.actor("owner"), role("owner"), {"name": "Servant"})


def test_twenty_races_leave_an_owner(cast: Cast) -> None:
    """Ten owners each switch off another at the same moment, and each themselves."""
    owners = [cast.owner] + [
        int(rules.add_user(SYSTEM, name=f"Owner {n}", email=f"o{n}@example.com", role="owner").id) for n in range(9)
    ]
    gate = threading.Barrier(20)
    done: list[str] = []

    def leave(actor: Actor, target: int) -> None:
        gate.wait()
        try:
            change.update(actor, user(target), {"active": False})
            done.append("off")
        except (Invalid, Forbidden) as error:
            done.append(type(error).__name__)
        finally:
            store.close_thread()

    actors = [cast.actor(number) for number in owners]
    pairs = [(actor, owners[(i + 1) % 10]) for i, actor in enumerate(actors)] + [(a, a.id) for a in actors]
    threads = [threading.Thread(target=leave, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 20
    assert len(roles.owners()) == 1


# ---------------------------------------------------------------- what follows at once


def lost(cast: Cast) -> tuple[str, str, str]:
    """Anna's session, token and link."""
    return (
        sessions.begin(cast.anna, address="10.0.0.1", agent="t"),
        tokens.make(cast.anna, name="t"),
        onetime.make(cast.anna, onetime.INVITE),
    )


@pytest.mark.parametrize("how", ["off", "bin"])
def test_whoever_goes_is_out_at_once(how: str, cast: Cast, web: Web) -> None:
    browser, api = web.browser("anna"), web.api("anna")
    session, token, link = lost(cast)
    owner = cast.actor("owner")
    if how == "off":
        rules.switch_off(owner, user(cast.anna))
    else:
        change.delete(owner, user(cast.anna))
    assert sessions.find(session) is None
    assert tokens.find(token) is None
    assert onetime.find(link) is None
    assert browser.get("/customers").status_code == 302
    assert api.get("/customers").status_code == 401
    # coming back opens nothing of before
    if how == "off":
        rules.switch_on(owner, user(cast.anna))
    else:
        change.restore(owner, user(cast.anna))
    assert browser.get("/customers").status_code == 302
    assert api.get("/customers").status_code == 401


def test_another_role_signs_out_and_another_address_kills_links(cast: Cast) -> None:
    session, token, link = lost(cast)
    owner = cast.actor("owner")
    change.update(owner, user(cast.anna), {"title": "Head of North"})
    assert sessions.find(session)
    change.update(owner, user(cast.anna), {"email": "anna.new@example.com"})
    assert onetime.find(link) is None
    assert sessions.find(session)
    change.update(owner, user(cast.anna), {"role": roles.role_id("service")})
    assert sessions.find(session) is None
    assert tokens.find(token)  # acts with the rights of now


def test_rights_follow_at_the_next_request(cast: Cast, web: Web) -> None:
    from smallcrm.areas.customers.records import Customer
    from tests import samples

    record = samples.make(cast.actor("anna"), Customer, cast, minimal=True)
    api = web.api("anna")
    assert api.get(f"/customers/{record.id}").status_code == 200
    change.update(cast.actor("owner"), role("sales"), {"grants": [{"type": "*", "view": "none"}]})
    assert api.get(f"/customers/{record.id}").status_code == 404


# ---------------------------------------------------------------- teams


def test_no_circle(cast: Cast) -> None:
    owner = cast.actor("owner")
    for parent in (cast.sales, cast.north):
        with pytest.raises(Invalid):
            change.update(owner, access.find(owner, Team, cast.sales), {"parent": parent})


def test_a_role_in_use_stays(cast: Cast) -> None:
    with pytest.raises(Invalid, match="Somebody still has this role"):
        change.delete(cast.actor("owner"), role("sales"))


def test_email_is_one_whatever_its_case_and_width(cast: Cast, web: Web) -> None:
    api: Any = web.api("owner")
    for twin in ("ANNA@EXAMPLE.COM", "ａｎｎａ@example.com", " anna@example.com "):
        answer = api.post("/users", {"name": "Twin", "email": twin, "role": roles.role_id("sales")})
        assert answer.status_code == 422, twin
        assert "email" in answer.get_json()["errors"]
