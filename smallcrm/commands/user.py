"""``user``: who may sign in."""

from __future__ import annotations

import argparse
from typing import Any

from smallcrm.base.errors import BadUsage
from smallcrm.base.i18n import L, _
from smallcrm.commands import acting
from smallcrm.commands.output import say, say_json, secret, table
from smallcrm.commands.parsing import Commands
from smallcrm.config import Loaded


def add(commands: Commands) -> None:
    """The group."""
    parser = commands.add("user", _("add users, list them, set passwords, switch them off, make API tokens"))
    group = Commands(parser, "user_command")
    one = group.add(
        "add", _("add a user; the password comes on the standard input, as one line"), run_add, acting=True,
        more=_("Ready-made roles: owner manager sales service marketing reader"),
    )  # fmt: skip
    one.add_argument("email", metavar="EMAIL", help=_("the address to sign in with"))
    one.add_argument("--name", metavar="N", required=True, help=_("what the user is called"))
    one.add_argument("--role", metavar="R", required=True, help=_("the role, by its key or name"))
    one.add_argument("--team", metavar="T", help=_("the team, by its name"))
    group.add("list", _("list all users"), run_list, acting=True)
    one = group.add(
        "password", _("set a user's password, from the standard input; their sessions end"), run_password, acting=True
    )
    one.add_argument("email", metavar="EMAIL", help=_("whose"))
    one = group.add(
        "disable", _("switch a user off: they are signed out and their tokens end"), run_disable, acting=True
    )
    one.add_argument("email", metavar="EMAIL", help=_("whom"))
    one = group.add("token", _("make an API token; it is printed once, alone"), run_token, acting=True)
    one.add_argument("email", metavar="EMAIL", help=_("for whom; the token may do what this user may"))
    one.add_argument("--read-only", action="store_true", help=_("the token may only read"))


def run_add(args: argparse.Namespace, loaded: Loaded) -> int:
    """Add one."""
    from smallcrm import opening
    from smallcrm.areas.people import rules

    with opening.beside(loaded.config):
        who = acting.actor(args)
        acting.need(who, "people")
        team = _team(args.team) if args.team else None
        made = rules.add_user(
            who, name=args.name, email=args.email, role=args.role, team=team, password=secret(_("Password"))
        )
        if getattr(args, "json", False):
            say_json({"id": made.id, "email": args.email, "name": args.name})
        else:
            say(_("%(name)s can sign in as %(email)s.", name=args.name, email=args.email))
    return 0


def _team(name: str) -> int:
    from smallcrm import store
    from smallcrm.base.text import sort_key

    found = store.value("SELECT id FROM team WHERE name_key = ? AND deleted_at IS NULL", [sort_key(name)])
    if found is None:
        known = [each for (each,) in store.rows("SELECT name FROM team WHERE deleted_at IS NULL ORDER BY name_key")]
        raise BadUsage(L("There is no team %(name)s. Teams: %(known)s.", name=name, known=", ".join(known) or "–"))
    return int(found)


def run_list(args: argparse.Namespace, loaded: Loaded) -> int:
    """All of them."""
    from smallcrm import opening, store

    with opening.beside(loaded.config):
        acting.need(acting.actor(args), "people")
        rows = store.rows(
            'SELECT u.id, u.name, u.email, coalesce(r.key, r.name), t.name, u.active FROM "user" u'
            " LEFT JOIN role r ON r.id = u.role LEFT JOIN team t ON t.id = u.team"
            " WHERE u.deleted_at IS NULL ORDER BY u.id"
        )
    if getattr(args, "json", False):
        names = ("id", "name", "email", "role", "team", "active")
        say_json([{**dict(zip(names, row, strict=True)), "active": bool(row[5])} for row in rows])
        return 0
    head = [_("E-mail"), _("Name"), _("Role"), _("Team"), _("Active")]
    table(head, [_line(row) for row in rows])
    return 0


def _line(row: tuple[Any, ...]) -> list[str]:
    _id, name, email, role, team, active = row
    return [email or "–", name, role or "–", team or "–", _("yes") if active else _("no")]


def run_password(args: argparse.Namespace, loaded: Loaded) -> int:
    """Set one."""
    from smallcrm import opening
    from smallcrm.areas.people import rules

    with opening.beside(loaded.config):
        who = acting.actor(args)
        found = acting.user(args.email)
        if found.id != who.id:
            acting.need(who, "people")
        rules.set_password(who, found, secret(_("New password")))
    _done(args, _("The password is set. Every session of this user has ended."))
    return 0


def run_disable(args: argparse.Namespace, loaded: Loaded) -> int:
    """Switch one off."""
    from smallcrm import opening
    from smallcrm.records import change

    with opening.beside(loaded.config):
        who = acting.actor(args)
        acting.need(who, "people")
        change.update(who, acting.user(args.email), {"active": False})
    _done(args, _("%(email)s is switched off and signed out.", email=args.email))
    return 0


def run_token(args: argparse.Namespace, loaded: Loaded) -> int:
    """Make one."""
    from smallcrm import opening, store
    from smallcrm.areas.people import roles
    from smallcrm.identity import tokens
    from smallcrm.records import audit

    with opening.beside(loaded.config):
        who = acting.actor(args)
        found = acting.user(args.email)
        if found.id != who.id:
            acting.need(who, "people")
        if roles.actor_for(int(found.id)) is None:
            raise BadUsage(L("The user %(email)s is switched off.", email=args.email))
        with store.writing():
            token = tokens.make(int(found.id), name=_("made by a command"), read_only=args.read_only)
            audit.log(who, "token made", record_type="user", record=int(found.id), detail={"read_only": args.read_only})
    if getattr(args, "json", False):
        say_json({"token": token, "read_only": args.read_only})
    else:
        say(token)
    return 0


def _done(args: argparse.Namespace, text: str) -> None:
    if getattr(args, "json", False):
        say_json({"email": args.email, "done": True})
    else:
        say(text)
