"""Rules of users, teams and roles, whoever writes them: no circle, never without an owner, rights follow at once."""

from __future__ import annotations

from typing import Any

from smallcrm import store
from smallcrm.areas.people import roles
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.identity import passwords, sessions, tokens
from smallcrm.identity.actor import SYSTEM, Actor
from smallcrm.records import audit, cache, change, derive
from smallcrm.records.change import Wrong
from smallcrm.records.drafts import Draft
from smallcrm.records.record import Record, values


@change.before("user")
def check_users(drafts: list[Draft]) -> None:
    """Nobody is given more rights than the giver has; the last owner stays one."""
    for draft in drafts:
        if not draft.trusted and draft.touches("role") and draft.after.get("role"):
            wanted = roles.role_values(draft.after["role"])
            if wanted is None or not roles.grants_at_most(draft.actor.role, wanted):
                raise Wrong(draft, {"role": [str(L("You cannot give more rights than you have."))]})
        lost = draft.before is not None and draft.touches("role", "active", "deleted_at")
        if lost and not _an_owner_stays(draft):
            raise Wrong(draft, {"role": [str(L("smallcrm needs at least one active owner."))]})


def _an_owner_stays(draft: Draft) -> bool:
    still = draft.live_after and draft.after.get("active") and roles.is_owner_role(draft.after.get("role"))
    if still:
        return True
    was = roles.is_owner_role(draft.was("role")) and draft.was("active") and draft.live_before
    if not was:
        return True
    ids = roles.owner_roles()
    marks = ", ".join("?" * len(ids))
    sql = f'SELECT 1 FROM "user" WHERE active = 1 AND deleted_at IS NULL AND id <> ? AND role IN ({marks}) LIMIT 1'
    return bool(ids and store.row(sql, [draft.id, *ids]))


@change.before("team")
def check_teams(drafts: list[Draft]) -> None:
    """A team is not under itself."""
    parents = {team: parent for team, (parent, _) in roles.tree().items()}
    for draft in drafts:
        if draft.before is None or not draft.touches("parent"):
            continue
        parents[draft.id] = draft.after.get("parent")
        seen, here = {draft.id}, draft.after.get("parent")
        while here:
            if here in seen:
                raise Wrong(draft, {"parent": [str(L("A team cannot be under itself."))]})
            seen.add(here)
            here = parents.get(here)


@change.before("role")
def check_roles(drafts: list[Draft]) -> None:
    """Nobody makes a role mightier than their own; the ready-made owner stays as it is; a role in use stays."""
    for draft in drafts:
        if draft.trusted:
            continue
        if draft.was("key") == "owner":
            raise Wrong(draft, {"": [str(L("The owner's role stays as it is."))]})
        if not roles.grants_at_most(draft.actor.role, draft.after):
            raise Wrong(draft, {"grants": [str(L("You cannot give more rights than you have."))]})
        if not draft.live_after and store.value(
            'SELECT 1 FROM "user" WHERE role = ? AND deleted_at IS NULL LIMIT 1', [draft.id]
        ):
            raise Wrong(draft, {"": [str(L("Somebody still has this role. Give them another one first."))]})


@derive.on("user")
def users_changed(drafts: list[Draft]) -> None:
    """Names, rights and teams are looked up anew; what a user owns follows into another team; the gone are signed out."""
    cache.bump()
    for draft in drafts:
        if draft.before is not None and draft.touches("team"):
            derive.follow_team(draft.id, draft.after.get("team"))
        if draft.before is not None and (not draft.after.get("active") or not draft.live_after):
            sessions.end_all(draft.id)
            tokens.revoke_all(draft.id)


@derive.on("team")
@derive.on("role")
def teams_and_roles_changed(_drafts: list[Draft]) -> None:
    """Rights are looked up anew."""
    cache.bump()


def make_ready_roles(actor: Actor = SYSTEM) -> dict[str, int]:
    """The six ready-made roles; key → id. Those that exist stay."""
    from smallcrm.areas.people.records import Role

    made = dict(store.rows("SELECT key, id FROM role WHERE key IS NOT NULL AND deleted_at IS NULL"))
    for key in roles.READY:
        if key not in made:
            made[key] = int(change.create(actor, Role, roles.ready_values(key), trusted=True, why="rule").id)
    return made


def add_user(
    actor: Actor, *, name: str, email: str | None, role: int | str, team: int | None = None, password: str | None = None,
    must_change: bool = False, **more: Any,
) -> Record:  # fmt: skip
    """A new user, with a password at once where one is given. Raises Invalid, Forbidden."""
    from smallcrm.areas.people.records import User

    role_id = role if isinstance(role, int) else roles.role_id(role)
    if role_id is None:
        raise Invalid({"role": [str(L("There is no role “%(role)s”.", role=str(role)))]})
    hashed = None
    if password is not None:
        passwords.refuse_weak(password, about=(name, email or ""))
        hashed = passwords.hashed(password)
    with store.writing():
        user = change.create(actor, User, {"name": name, "email": email, "role": role_id, "team": team, **more})
        if hashed:
            passwords.keep(int(user.id), hashed, must_change=must_change)
    return user


def set_password(actor: Actor, user: Record, password: str, *, keep_session: str = "") -> None:
    """Give a user another password; every other session of theirs ends."""
    held = values(user)
    passwords.refuse_weak(password, about=(str(held["name"]), str(held["email"] or "")))
    hashed = passwords.hashed(password)
    with store.writing():
        passwords.keep(int(user.id), hashed)
        sessions.end_all(int(user.id), but=keep_session)
        audit.log(actor, "password changed", record_type="user", record=int(user.id))
