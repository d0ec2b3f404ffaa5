"""``init`` and ``demo``: a company without a browser, a believable one to try things with."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable
from typing import Any

from smallcrm.base.errors import BadUsage, WrongState
from smallcrm.base.i18n import LANGUAGES, L, _
from smallcrm.commands.output import say, say_json, secret
from smallcrm.commands.parsing import Commands
from smallcrm.config import Loaded

PRESETS = ("sales", "education", "services")


def add(commands: Commands) -> None:
    """Both commands."""
    init = commands.add(
        "init",
        _("set up a company without a browser"),
        run_init,
        more=_("The owner's password comes on the standard input, as one line."),
    )
    init.add_argument("--company", metavar="N", required=True, help=_("the company's name"))
    init.add_argument("--owner", metavar="EMAIL", required=True, help=_("the owner's address, to sign in with"))
    init.add_argument("--owner-name", metavar="N", help=_("what the owner is called; without it from the address"))
    init.add_argument("--language", choices=tuple(LANGUAGES), help=_("the company's language"))
    init.add_argument("--currency", metavar="CUR", help=_("the company's currency, such as EUR"))
    init.add_argument("--country", metavar="CC", help=_("the company's country, two letters"))
    init.add_argument("--timezone", metavar="TZ", help=_("the company's time zone, such as Europe/Athens"))
    init.add_argument("--preset", choices=PRESETS, help=_("for what kind of business to prepare it"))

    demo = commands.add(
        "demo",
        _("fill a new data folder with a believable company"),
        run_demo,
        more=_("Everybody's password is demo-demo-demo. The owner signs in as owner@demo.test."),
    )
    demo.add_argument("--customers", type=int, metavar="N", default=400, help=_("how many customers; 400 without it"))
    demo.add_argument("--seed", type=int, metavar="N", default=1, help=_("the same number makes the same company"))
    demo.add_argument("--language", choices=tuple(LANGUAGES), default="en", help=_("the language of names and texts"))
    demo.add_argument("--serve", action="store_true", help=_("start the server afterwards"))
    demo.add_argument("--host", metavar="H", help=_("with --serve: the address to listen on"))
    demo.add_argument("--port", metavar="P", help=_("with --serve: the port to listen on"))


def run_init(args: argparse.Namespace, loaded: Loaded) -> int:
    """Set up."""
    from smallcrm import opening
    from smallcrm.areas.people import setup

    given = ("company", "owner_name", "language", "currency", "country", "timezone", "preset")
    with opening.alone(loaded.config, create=True):
        if setup.is_set_up():
            raise WrongState(L("%(folder)s is set up already. Nothing was changed.", folder=loaded.config.data_folder))
        values = {name: getattr(args, name) for name in given if getattr(args, name) is not None}
        setup.set_up(owner_email=args.owner, password=secret(_("The owner's password")), **values)
    if getattr(args, "json", False):
        say_json({"data": str(loaded.config.data_folder), "owner": args.owner})
    else:
        say(_("%(company)s is set up. Start it with smallcrm serve.", company=args.company))
    return 0


def run_demo(args: argparse.Namespace, loaded: Loaded) -> int:
    """Fill, and perhaps serve."""
    from smallcrm import opening, server
    from smallcrm.areas.people import setup

    if not 1 <= args.customers <= 1_000_000:
        raise BadUsage(L("--customers takes a number from 1 to 1,000,000."))
    fill = supplied("smallcrm.areas.demo.commands", "fill")
    with opening.alone(loaded.config, create=True):
        if setup.is_set_up():
            raise WrongState(
                L("%(folder)s has data already. Choose a new folder with --data.", folder=loaded.config.data_folder)
            )
        made = dict(fill(customers=args.customers, seed=args.seed, language=args.language, say=_progress(args)))
        (loaded.config.data_folder / "setup-code.txt").unlink(missing_ok=True)
    if getattr(args, "json", False):
        say_json(made)
    else:
        say(_("The demo company is ready: owner@demo.test, password demo-demo-demo."))
    return server.serve(loaded.config, say) if args.serve else 0


def _progress(args: argparse.Namespace) -> Callable[[str], None]:
    return (lambda _text: None) if getattr(args, "json", False) else say


def supplied(module: str, name: str) -> Any:
    """A function that an area brings. Raises BadUsage where this build is without it."""
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        if isinstance(error, ImportError) and error.name and not module.startswith(error.name):
            raise
        raise BadUsage(L("This smallcrm was built without this command.")) from None
