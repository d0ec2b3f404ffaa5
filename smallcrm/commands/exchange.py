"""``import``, ``export`` and ``undo``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from smallcrm.base.errors import BadUsage
from smallcrm.base.i18n import L, _, ngettext
from smallcrm.commands import acting
from smallcrm.commands.output import say, say_json
from smallcrm.commands.parsing import Commands, separate
from smallcrm.commands.setup import supplied
from smallcrm.config import Loaded

_TRANSFER = "smallcrm.areas.transfer.commands"


def add(commands: Commands) -> None:
    """The three."""
    one = commands.add(
        "import", _("bring records in from an Excel or CSV file"), run_import, acting=True,
        more=_(
            "Prints how many were created, updated, skipped and failed. Rows that failed are written beside FILE, to be\n"
            "mended and imported again. The exit code is 0 only if none failed; 2 when something had to be guessed and\n"
            "the guess is not sure: say it in the mapping then."
        ),
    )  # fmt: skip
    one.add_argument("type", metavar="TYPE", help=_("what the rows are: customers, contacts, users …"))
    one.add_argument("file", metavar="FILE", help=_("the file: xlsx, xls, ods or csv"))
    one.add_argument("--mapping", metavar="FILE", help=_("a JSON file that says what the columns mean"))
    one.add_argument("--match", metavar="FIELD", help=_("the fields by which known records are recognised: a,b"))
    one.add_argument("--dry-run", action="store_true", help=_("only say what would happen"))

    one = commands.add("export", _("write records into an Excel or CSV file"), run_export, acting=True)
    one.add_argument("type", metavar="TYPE", help=_("what to write: customers, contacts, users …"))
    one.add_argument("file", metavar="FILE", help=_("the file; its ending, xlsx or csv, says which kind"))
    one.add_argument("--filter", metavar="JSON", help=_("which records, in the language of the API's filters"))
    one.add_argument("--columns", metavar="a,b", help=_("which fields, in this order"))

    one = commands.add(
        "undo", _("take back an import, a bulk edit, a merge or a handover"), run_undo, acting=True,
        more=_("What was edited since is left alone, and listed."),
    )  # fmt: skip
    one.add_argument("changeset", metavar="CHANGESET", type=int, help=_("its number, as import prints it"))


def kind(word: str) -> Any:
    """The record type of that name. Raises BadUsage naming those there are."""
    from smallcrm.records.record import all_types, find_type

    found = find_type(word)
    if found is None:
        known = ", ".join(each.card.name for each in all_types() if each.card.importable)
        raise BadUsage(L("There is no record type %(name)s. There are: %(known)s.", name=word, known=known))
    return found


def run_import(args: argparse.Namespace, loaded: Loaded) -> int:
    """Import; 0 only if no row failed."""
    from smallcrm import opening

    file = Path(args.file).absolute()
    if not file.is_file():
        raise BadUsage(L("There is no file %(file)s.", file=args.file))
    mapping = _json_file(args.mapping) if args.mapping else {}
    bring_in = supplied(_TRANSFER, "import_file")
    with opening.beside(loaded.config):
        done = bring_in(
            acting.actor(args),
            kind(args.type),
            file,
            mapping=mapping,
            match=separate(args.match) if args.match else None,
            dry_run=args.dry_run,
        )
    if getattr(args, "json", False):
        say_json(done)
    else:
        _say_counts(done, args.dry_run)
    return 1 if done.get("failed") else 0


def _say_counts(done: Any, dry_run: bool) -> None:
    words = {
        "created": _("created"), "updated": _("updated"), "skipped": _("skipped"), "failed": _("failed"),
    }  # fmt: skip
    say(", ".join(f"{word} {done.get(name, 0)}" for name, word in words.items()))
    if dry_run:
        say(_("Nothing was written: this was a dry run."))
    if done.get("changeset"):
        say(_("Take it back with: smallcrm undo %(number)s", number=done["changeset"]))
    if done.get("errors_file"):
        say(_("The rows that failed: %(file)s", file=done["errors_file"]))


def run_export(args: argparse.Namespace, loaded: Loaded) -> int:
    """Export."""
    from smallcrm import opening

    file = Path(args.file).absolute()
    if file.suffix.lower() not in (".xlsx", ".csv"):
        raise BadUsage(L("The file must end in .xlsx or .csv."))
    write_out = supplied(_TRANSFER, "export_file")
    with opening.beside(loaded.config):
        done = write_out(
            acting.actor(args),
            kind(args.type),
            file,
            filter=_json(args.filter, "--filter") if args.filter else None,
            columns=separate(args.columns) if args.columns else None,
        )
    if getattr(args, "json", False):
        say_json({"file": str(file), **done})
    else:
        n = int(done.get("rows", 0))
        rows = ngettext("%(n)s row", "%(n)s rows", n)
        say(_("%(rows)s written to %(file)s", rows=rows, file=file))
    return 0


def _json_file(path: str) -> dict[str, Any]:
    try:
        text = Path(path).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadUsage(L("%(file)s cannot be read: %(error)s", file=path, error=str(error))) from None
    return _json(text, path)


def _json(text: str, where: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadUsage(L("%(where)s is no JSON: %(error)s", where=where, error=str(error))) from None
    if not isinstance(found, dict):
        raise BadUsage(L("%(where)s must be a JSON object.", where=where))
    return found


def run_undo(args: argparse.Namespace, loaded: Loaded) -> int:
    """Take a change-set back, and list what was left alone."""
    from smallcrm import opening
    from smallcrm.records import undo

    with opening.beside(loaded.config):
        done = undo.undo(acting.actor(args), args.changeset)
    if getattr(args, "json", False):
        say_json({"changeset": done.set, "undone": done.undone, "kept": [vars(each) for each in done.kept]})
        return 0
    say(ngettext("%(n)s change was taken back.", "%(n)s changes were taken back.", done.undone))
    for each in done.kept:
        say(f"{each.record_type} {each.record} {each.title} ({', '.join(each.fields) or '–'}): {each.why}")
    if done.kept:
        say(ngettext("%(n)s record was left alone.", "%(n)s records were left alone.", len(done.kept)))
    return 0
