"""The people area's own pages: signing in, set-up, one's own settings, users' accounts, teams, roles, the audit log."""

from __future__ import annotations

from flask import Blueprint

people = Blueprint("people", __name__)

# the modules put their routes onto ``people`` as they are imported
from smallcrm.areas.people.pages import (  # noqa: E402
    accounts,
    audit,
    by_link,
    first_run,
    forgotten,
    own_security,
    own_settings,
    role_rights,
    sign_in,
    team_tree,
    tokens,
)

__all__ = [
    "accounts", "audit", "by_link", "first_run", "forgotten", "own_security", "own_settings", "people", "role_rights",
    "sign_in", "team_tree", "tokens",
]  # fmt: skip
