"""``job``: what runs by the clock, and running one of them now."""

from __future__ import annotations

import argparse
import datetime as dt

from smallcrm.base.errors import BadUsage
from smallcrm.base.i18n import L, _
from smallcrm.commands import acting
from smallcrm.commands.output import say, say_json, table
from smallcrm.commands.parsing import Commands
from smallcrm.config import Loaded


def add(commands: Commands) -> None:
    """The group."""
    parser = commands.add("job", _("list the timed jobs, or run one of them now"))
    group = Commands(parser, "job_command")
    group.add("list", _("every job with its schedule, last run, last result and next run"), run_list, acting=True)
    one = group.add("run", _("run one job now, beside its schedule"), run_one, acting=True)
    one.add_argument("name", metavar="NAME", help=_("the job, as job list names it"))
    one.add_argument(
        "--now", metavar="ISO8601",
        help=_("run it as if at that moment, such as 2026-11-21T08:30 (the company's time) or 2026-11-21T06:30Z"),
    )  # fmt: skip


def run_list(args: argparse.Namespace, loaded: Loaded) -> int:
    """All of them."""
    from smallcrm import opening
    from smallcrm.jobs import status

    with opening.beside(loaded.config):
        found = status.all()
    if getattr(args, "json", False):
        say_json([one.as_dict() for one in found])
        return 0
    head = [_("Job"), _("Schedule"), _("Last run (UTC)"), _("Result"), _("Next run (UTC)")]
    table(head, [[one.name, one.schedule, one.last_run or "–", _result(one), one.next_run] for one in found])
    return 0


def _result(one: object) -> str:
    state, error = getattr(one, "state", None), getattr(one, "last_error", None)
    if getattr(one, "running", False):
        return _("running")
    words = {"done": _("done"), "failed": _("FAILED"), "interrupted": _("cut off"), None: "–"}
    return words.get(state, str(state)) + (f": {error}" if error else "")


def run_one(args: argparse.Namespace, loaded: Loaded) -> int:
    """Run it; what it did."""
    from smallcrm import opening
    from smallcrm.jobs import slots

    with opening.beside(loaded.config):
        by = acting.actor(args).id if getattr(args, "acting", None) else None
        did = slots.run_now(args.name, moment(args.now) if args.now else None, by=by)
    if getattr(args, "json", False):
        say_json(did)
    elif did:
        for name, value in did.items():
            say(f"{name}: {value}")
    else:
        say(_("%(name)s found nothing to do.", name=args.name))
    return 0


def moment(text: str) -> dt.datetime:
    """The moment a person wrote; without a zone it is the company's time. Raises BadUsage."""
    from smallcrm.base import clock

    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise BadUsage(L("“%(text)s” is no moment. Write it as 2026-11-21T08:30Z.", text=text)) from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=clock.business_zone())
    return found.astimezone(dt.UTC)
