"""``check``: the doctor."""

from __future__ import annotations

import argparse

from smallcrm.base.i18n import _
from smallcrm.commands.output import say, say_json
from smallcrm.commands.parsing import Commands
from smallcrm.config import Loaded


def add(commands: Commands) -> None:
    """The command."""
    commands.add(
        "check",
        _("look at everything: data folder, database, disk, clock, mail, backups, jobs; 1 if anything is wrong"),
        run,
        acting=True,
    )


def run(args: argparse.Namespace, loaded: Loaded) -> int:
    """Look at everything."""
    from smallcrm import opening
    from smallcrm.areas.admin import condition

    with opening.beside(loaded.config):
        found = condition.thorough()
    if getattr(args, "json", False):
        say_json([{"name": one.name, "level": one.level, "text": str(one.words)} for one in found])
    else:
        marks = {"ok": "  ok", "warn": "warn", "bad": " BAD"}
        for one in found:
            say(f"{marks[one.level]}  {one.words}")
        bad = sum(one.level == "bad" for one in found)
        say(_("Something is wrong.") if bad else _("All is well."))
    return 1 if any(one.level == "bad" for one in found) else 0
