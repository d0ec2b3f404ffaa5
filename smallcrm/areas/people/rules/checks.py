"""What holds whoever writes users, teams and roles, and through whichever door.

Nobody hands out more than they have, smallcrm never loses its last owner, teams form no circle, and rights follow at once.
"""

from __future__ import annotations

from smallcrm import store
from smallcrm.areas.people import roles
from smallcrm.base.i18n import L, Label
from smallcrm.identity import onetime, sessions, tokens
from smallcrm.records import cache, change, derive
from smallcrm.records.change import Wrong
from smallcrm.records.drafts import Draft

_GUARDED = ("role", "team", "active", "email", "deleted_at")  # what decides who somebody is and what they may do

MORE = L("You cannot give more rights than you have.")
MIGHTIER = L("This user may do more than you. Somebody who may do as much has to change that.")
NOT_YOURS = L("Users, teams and roles are kept by those with the right for it.")
LAST_OWNER = L("smallcrm needs at least one active owner.")


def _refuse(draft: Draft, field: str, message: Label) -> Wrong:
    return Wrong(draft, {field: [str(message)]})


# ---------------------------------------------------------------- users


@change.before("user")
def check_users(drafts: list[Draft]) -> None:
    """Rights are given within one's own, the mightier are left alone, an owner stays."""
    for draft in drafts:
        if draft.touches(*_GUARDED):
            _check_giving(draft)
        elif draft.why == "undo" and not draft.actor.may("people") and draft.id != draft.actor.id:
            raise _refuse(draft, "", NOT_YOURS)
    _keep_an_owner(drafts)


def _check_giving(draft: Draft) -> None:
    actor = draft.actor
    if not actor.may("people"):
        raise _refuse(draft, "", NOT_YOURS)
    if draft.before is not None and not _at_most(draft, draft.was("role")):
        raise _refuse(draft, "", MIGHTIER)
    if not _at_most(draft, draft.after.get("role")):
        raise _refuse(draft, "role", MORE)
    theirs = roles.rights(draft.after.get("role") or 0)
    teams = roles.own_teams(draft.id, draft.after.get("team"))
    if draft.touches("role", "team") and theirs is not None and not roles.within_teams(actor, theirs, teams):
        raise _refuse(draft, "team", L("In this team they would reach more than you do."))


def _at_most(draft: Draft, role: int | None) -> bool:
    theirs = roles.rights(role or 0)
    return theirs is None or roles.at_most(draft.actor.role, theirs)


def _keep_an_owner(drafts: list[Draft]) -> None:
    losing = [draft for draft in drafts if draft.before is not None and draft.touches("role", "active", "deleted_at")]
    if not losing:
        return
    mighty = set(roles.owner_roles())
    stay = roles.owners(roles=mighty)
    lost = None
    for draft in drafts:
        if draft.live_after and draft.after.get("active") and draft.after.get("role") in mighty:
            stay.add(draft.id)
        elif draft.id in stay:
            stay.discard(draft.id)
            lost = draft
    if lost is not None and not stay:
        raise _refuse(lost, "role", LAST_OWNER)


@derive.on("user")
def users_changed(drafts: list[Draft]) -> None:
    """What a user owns follows into another team; who lost or changed rights signs in anew; links to old addresses die."""
    cache.bump()
    for draft in drafts:
        if draft.before is None:
            continue
        if draft.touches("team"):
            derive.follow_team(draft.id, draft.after.get("team"))
        gone = not draft.after.get("active") or not draft.live_after
        if gone:
            tokens.revoke_all(draft.id)
        if gone or draft.touches("role"):
            sessions.end_all(draft.id)
        if gone or draft.touches("email"):
            onetime.drop(draft.id)


# ---------------------------------------------------------------- teams


@change.before("team")
def check_teams(drafts: list[Draft]) -> None:
    """A team is not under itself, and no manager comes to reach more than whoever sets them."""
    parents = {team: parent for team, (parent, _) in roles.tree().items()}
    for draft in drafts:
        if not draft.actor.may("people"):
            raise _refuse(draft, "", NOT_YOURS)
        if draft.before is not None and draft.touches("parent"):
            parents[draft.id] = draft.after.get("parent")
            _refuse_circle(draft, parents)
        if draft.touches("parent", "manager"):
            _check_managers(draft, parents)


def _refuse_circle(draft: Draft, parents: dict[int, int | None]) -> None:
    seen, here = {draft.id}, draft.after.get("parent")
    while here:
        if here in seen:
            raise _refuse(draft, "parent", L("A team cannot be under itself."))
        seen.add(here)
        here = parents.get(here)


def _check_managers(draft: Draft, parents: dict[int, int | None]) -> None:
    """The team's manager, and those of the teams above it, who come to reach it."""
    above, here = [draft.after.get("manager")], draft.after.get("parent")
    while here and len(above) < 100:
        above.append(roles.tree().get(here, (None, None))[1])
        here = parents.get(here)
    for manager in above:
        role = store.value('SELECT role FROM "user" WHERE id = ?', [manager]) if manager else None
        theirs = roles.rights(role or 0)
        if theirs is not None and draft.id and not roles.within_teams(draft.actor, theirs, {draft.id}):
            raise _refuse(draft, "manager", L("As its manager they would reach more than you do."))


# ---------------------------------------------------------------- roles


@change.before("role")
def check_roles(drafts: list[Draft]) -> None:
    """The owner's stays as it is, none gets mightier than its maker's, one in use stays, and so does an owner."""
    for draft in drafts:
        if not draft.actor.may("people"):
            raise _refuse(draft, "", NOT_YOURS)
        if draft.was("key") == "owner":
            raise _refuse(draft, "", L("The owner's role stays as it is."))
        before = roles.rights_of(draft.before) if draft.before is not None else None
        if before is not None and not roles.at_most(draft.actor.role, before):
            raise _refuse(draft, "", L("This role may do more than yours."))
        if not roles.at_most(draft.actor.role, roles.rights_of(draft.after)):
            raise _refuse(draft, "grants", MORE)
        if not draft.live_after and draft.live_before and _in_use(draft.id):
            raise _refuse(draft, "", L("Somebody still has this role. Give them another one first."))
        if draft.before is not None and "everything" in (draft.was("rights") or ()):
            left = set(roles.owner_roles())
            if "everything" not in (draft.after.get("rights") or ()):
                left.discard(draft.id)
            if not roles.owners(roles=left):
                raise _refuse(draft, "rights", LAST_OWNER)


def _in_use(role: int) -> bool:
    return bool(store.value('SELECT 1 FROM "user" WHERE role = ? AND deleted_at IS NULL LIMIT 1', [role]))


@derive.on("team")
@derive.on("role")
def teams_and_roles_changed(_drafts: list[Draft]) -> None:
    """Rights are looked up anew."""
    cache.bump()
