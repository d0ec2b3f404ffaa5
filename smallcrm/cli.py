"""``smallcrm``: the command line. Parses, reads the settings, runs one command, turns every error into one line and a code.

0 done · 1 the work failed · 2 bad usage or configuration · 3 the data folder is in use · 4 the database is damaged or
was written by a newer version.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from smallcrm.base import i18n
from smallcrm.base.errors import SmallcrmError
from smallcrm.base.i18n import _
from smallcrm.commands import backup, check, exchange, information, job, parsing, schema, serve, setup, user
from smallcrm.config import load

log = logging.getLogger("smallcrm.cli")

_EXCHANGE_WORKER = "--exchange-worker"  # = records.exchange.worker.FLAG: how the single binary starts its own worker
_SETTINGS = (("data", "data.folder"), ("host", "server.host"), ("port", "server.port"))


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    argv = sys.argv[1:] if argv is None else list(argv)
    os.umask(0o077)
    if argv[:1] == [_EXCHANGE_WORKER]:
        from smallcrm.records.exchange import reader

        return reader.main()
    i18n.set_language(_language())
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        args = parser().parse_args(argv)
        return _run(args)
    except SystemExit as end:
        return int(end.code or 0)
    except KeyboardInterrupt:
        return _failed(_("Stopped."), 1)
    except BrokenPipeError:  # smallcrm user list | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0


def _run(args: argparse.Namespace) -> int:
    folder: Path | None = None
    try:
        file = getattr(args, "config", None)
        loaded = load(Path(file) if file else None, parsing.flags_of(args, _SETTINGS))
        folder = loaded.config.data_folder
        return int(args.run(args, loaded))
    except SmallcrmError as error:
        return _failed(_in_words(error), error.exit_code)
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except Exception as error:
        return _unforeseen(error, folder)


def _in_words(error: SmallcrmError) -> str:
    """The message, with the field it speaks of where it says no more than that something is wrong with it."""
    errors = getattr(error, "errors", None)
    if not errors:
        return str(error)
    return " ".join(f"{field}: {each}" if field else each for field, found in errors.items() for each in found)


def _unforeseen(error: Exception, folder: Path | None) -> int:
    """What we did not think of: the trace goes into the log, a line to the person."""
    from smallcrm.base import logbook
    from smallcrm.store import integrity

    damaged = integrity.damage_in(error)
    if damaged is not None:
        return _failed(str(damaged), damaged.exit_code)
    where = ""
    if folder is not None and folder.is_dir():
        logbook.begin("warning", folder)
        log.error("unforeseen", exc_info=error)
        logbook.end()
        where = " " + _("More stands in %(file)s.", file=logbook.path_of(folder))
    told = " ".join(str(error).split())[:300]
    return _failed(_("Something went wrong: %(error)s.", error=f"{type(error).__name__}: {told}") + where, 1)


def _failed(text: str, code: int) -> int:
    sys.stderr.write(f"smallcrm: {' '.join(text.split())}\n")
    return code


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    found = parsing.Parser(
        prog="smallcrm",
        description=_("smallcrm: the CRM a small business puts on its own NAS and then simply uses."),
        epilog=_(
            "Begin with: smallcrm serve. Then open the address that it prints. Settings come from flags, the"
            " environment (SMALLCRM_SECTION_KEY), a file, in this order. Exit codes: 0 done, 1 the work failed,"
            " 2 bad usage or settings, 3 the data folder is in use, 4 the database is damaged or newer than this program."
        ),
        parents=[parsing.common(acting=True)],
        allow_abbrev=False,
    )
    commands = parsing.Commands(found, "command")
    for group in (serve, setup, schema, backup, check, user, job, exchange, information):
        group.add(commands)
    return found


def _language() -> str:
    """The language of the terminal."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return os.environ[name][:2].lower()
    return "en"


if __name__ == "__main__":
    raise SystemExit(main())
