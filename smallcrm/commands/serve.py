"""``serve``."""

from __future__ import annotations

import argparse

from smallcrm.base.i18n import _
from smallcrm.commands.output import say
from smallcrm.commands.parsing import Commands
from smallcrm.commands.stepping_down import step_down
from smallcrm.config import Loaded


def add(commands: Commands) -> None:
    """The command."""
    parser = commands.add(
        "serve",
        _("bring the data up to date, start the web server and the timed jobs"),
        run,
        more=_(
            "A new data folder opens the set-up page, which asks for a code: it is printed, and kept in setup-code.txt"
            " of the data folder until it has been used. Ctrl+C or SIGTERM ends the server in an orderly way."
        ),
    )
    parser.add_argument("--host", metavar="H", help=_("the address to listen on; 127.0.0.1 allows this machine only"))
    parser.add_argument("--port", metavar="P", help=_("the port to listen on; 8070 without it"))


def run(_args: argparse.Namespace, loaded: Loaded) -> int:
    """Serve until a signal ends it."""
    from smallcrm import server

    step_down(loaded.config.data_folder)
    return server.serve(loaded.config, say)
