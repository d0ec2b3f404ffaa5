"""What may be done with users, teams and roles; what must hold whoever writes them; and proving who somebody is."""

from smallcrm.areas.people.rules import checks  # noqa: F401  its rules are registered by being imported
from smallcrm.areas.people.rules.rights import copy_role, make_ready_roles, restore_ready, save_rights
from smallcrm.areas.people.rules.teams import team_named, teams_named, user_named
from smallcrm.areas.people.rules.users import (
    add_user,
    away,
    end_sessions,
    remove_second_factor,
    set_password,
    switch_off,
    switch_on,
)

__all__ = [
    "add_user",
    "away",
    "copy_role",
    "end_sessions",
    "make_ready_roles",
    "remove_second_factor",
    "restore_ready",
    "save_rights",
    "set_password",
    "switch_off",
    "switch_on",
    "team_named",
    "teams_named",
    "user_named",
]
