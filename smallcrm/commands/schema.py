"""``migrate``."""

from __future__ import annotations

import argparse

from smallcrm.base.i18n import _
from smallcrm.commands.output import say, say_json, table
from smallcrm.commands.parsing import Commands
from smallcrm.config import Loaded


def add(commands: Commands) -> None:
    """The command."""
    parser = commands.add("migrate", _("bring the database's schema up to date; the old file is kept in backups/"), run)
    parser.add_argument("--status", action="store_true", help=_("only say where it stands"))


def run(args: argparse.Namespace, loaded: Loaded) -> int:
    """Migrate, or say where it stands."""
    from smallcrm import opening
    from smallcrm.store import migrations

    if args.status:
        with opening.database_only(loaded.config):
            found = migrations.status()
            migrations.pending()
        if getattr(args, "json", False):
            say_json(found)
        else:
            table([_("Migration"), _("Applied")], [[one["name"], one["applied"] or _("not yet")] for one in found])
        return 0
    with opening.alone(loaded.config) as opened:
        pass
    if getattr(args, "json", False):
        say_json({"migrated": list(opened.migrated), "copy": str(opened.copy) if opened.copy else None})
    elif opened.migrated:
        say(_("Up to date now: %(names)s.", names=", ".join(opened.migrated)))
        if opened.copy:
            say(_("The database as it was before: %(file)s", file=opened.copy))
    else:
        say(_("The schema is up to date."))
    return 0
