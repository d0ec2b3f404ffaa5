"""Pieces of the parser: the options every command takes, and errors of one line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from smallcrm.base.i18n import _

Run = Callable[[argparse.Namespace, Any], int]


class Parser(argparse.ArgumentParser):
    """A wrong command line is answered with one line that says where to look."""

    def error(self, message: str) -> NoReturn:
        """End with 2."""
        sys.stderr.write(f"{self.prog}: {message}. {_('See %(command)s', command=f'{self.prog} --help')}\n")
        raise SystemExit(2)


def common(*, acting: bool = False) -> Parser:
    """``--config``, ``--data``, ``--json`` and perhaps ``--as``; they may stand before or after the command."""
    parser = Parser(add_help=False, argument_default=argparse.SUPPRESS)
    group = parser.add_argument_group(_("for every command"))
    group.add_argument("--config", metavar="FILE", help=_("the settings file (TOML); see config.example.toml"))
    group.add_argument("--data", metavar="DIR", help=_("the folder where everything is kept"))
    group.add_argument("--json", action="store_true", help=_("print what a program can read"))
    if acting:
        group.add_argument(
            "--as", dest="acting", metavar="EMAIL", help=_("act as this user; without it as the first owner")
        )
    return parser


class Commands:
    """The commands of one level, each with its help and what runs it."""

    def __init__(self, parser: argparse.ArgumentParser, dest: str) -> None:
        self._found = parser.add_subparsers(
            dest=dest, metavar=_("COMMAND"), required=True, title=_("commands"), parser_class=Parser
        )

    def add(self, name: str, help: str, run: Run | None = None, *, acting: bool = False, more: str = "") -> Parser:
        """A command. ``more`` is what its own help says below the options."""
        parser: Parser = self._found.add_parser(
            name,
            help=help,
            description=help[:1].upper() + help[1:] + ".",
            epilog=more or None,
            parents=[common(acting=acting)],
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        if run is not None:
            parser.set_defaults(run=run)
        return parser


def separate(text: str) -> list[str]:
    """``a,b`` → a and b."""
    return [part.strip() for part in text.split(",") if part.strip()]


def flags_of(args: argparse.Namespace, names: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Settings given as flags, by their dotted names."""
    return {setting: getattr(args, name) for name, setting in names if getattr(args, name, None) is not None}
