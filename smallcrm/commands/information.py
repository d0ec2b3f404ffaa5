"""``healthcheck``, ``config`` and ``version``: questions that need no database."""

from __future__ import annotations

import argparse
import json
from typing import Any

from smallcrm import __version__
from smallcrm.base.errors import BadUsage
from smallcrm.base.i18n import L, _
from smallcrm.commands.output import say, say_json, table
from smallcrm.commands.parsing import Commands
from smallcrm.config import Config, Loaded, shown

_PATIENCE = 5.0  # seconds


def add(commands: Commands) -> None:
    """The three."""
    one = commands.add(
        "healthcheck", _("ask a running server how it is; the exit code is 0 when all is well, else 1"), run_health
    )
    one.add_argument("url", metavar="URL", nargs="?", help=_("where it answers; without it as the settings say"))
    commands.add("config", _("every setting with its value and where it comes from; secrets are masked"), run_config)
    commands.add("version", _("print the version"), run_version)


def run_version(args: argparse.Namespace, _loaded: Loaded) -> int:
    """``smallcrm X.Y.Z``."""
    if getattr(args, "json", False):
        say_json({"version": __version__})
    else:
        say(f"smallcrm {__version__}")
    return 0


def run_config(args: argparse.Namespace, loaded: Loaded) -> int:
    """The settings in force."""
    found = shown(loaded)
    if getattr(args, "json", False):
        say_json(found)
    else:
        table(
            [_("Setting"), _("Value"), _("From")], [[one["name"], _plain(one["value"]), one["source"]] for one in found]
        )
    return 0


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(value) if isinstance(value, list) else str("" if value is None else value)


def run_health(args: argparse.Namespace, loaded: Loaded) -> int:
    """Ask ``/healthz``."""
    url = args.url or _own_url(loaded.config)
    status, said = _ask(url)
    if getattr(args, "json", False):
        say_json({"ok": status == 200, "status": said})
    else:
        say(said)
    return 0 if status == 200 else 1


def _own_url(config: Config) -> str:
    everywhere = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104
    host = everywhere.get(config.server_host, config.server_host)
    return f"http://[{host}]:{config.server_port}" if ":" in host else f"http://{host}:{config.server_port}"


def _ask(url: str) -> tuple[int, str]:
    """The status and what it says. Raises BadUsage for an address that is none."""
    import http.client
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadUsage(L("“%(url)s” is no address. Write it as http://127.0.0.1:8070", url=url))
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    path = parts.path if parts.path.rstrip("/") else "/healthz"
    try:
        connection = kind(parts.hostname, parts.port, timeout=_PATIENCE)
        connection.request("GET", path, headers={"Connection": "close"})
        answer = connection.getresponse()
        body = answer.read(4096)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return 0, _("%(url)s does not answer: %(error)s", url=url, error=str(error) or type(error).__name__)
    try:
        return answer.status, str(json.loads(body)["status"])
    except (ValueError, KeyError, TypeError):
        return 0, _("%(url)s answers, but not as smallcrm does.", url=url)
