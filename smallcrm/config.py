"""Every setting of the server, once: it feeds the parser, the environment, the example file and ``--help``.

A flag beats the environment, which beats the file, which beats the default. What is set up in the page (company, mail, rules) stands in
the database and nowhere here.
"""

from __future__ import annotations

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from smallcrm.base.errors import BadUsage
from smallcrm.base.i18n import L, Label


@dataclass(frozen=True)
class Option:
    """One setting. ``kind``: text, number, flag, list, address or path, or the words allowed, with bars between.

    ``secret`` ones may come from a file named by ``…_FILE``.
    """

    section: str
    key: str
    kind: str
    default: Any
    help: str
    secret: bool = False
    least: int = 0
    most: int = 10**9

    @property
    def name(self) -> str:
        """``server.port``."""
        return f"{self.section}.{self.key}"

    @property
    def variable(self) -> str:
        """``SMALLCRM_SERVER_PORT``."""
        return f"SMALLCRM_{self.section}_{self.key}".upper()

    @property
    def attribute(self) -> str:
        """``server_port``, the field of Config."""
        return f"{self.section}_{self.key}"


OPTIONS = (
    Option("data", "folder", "path", "data", "Where everything is kept: database, files, backups, key, logs."),
    Option("server", "host", "text", "0.0.0.0", "The address to listen on. 127.0.0.1 allows this machine only."),  # noqa: S104
    Option("server", "port", "number", 8070, "The port to listen on.", least=1, most=65535),
    Option("server", "threads", "number", 8, "How many requests are answered at the same time.", least=2, most=64),
    Option("server", "allowed_hosts", "list", [], "Names browsers may use beside private addresses, single names and .local ones."),
    Option("server", "trusted_proxy", "address", "", "The address of the reverse proxy whose X-Forwarded headers are believed."),
    Option("limits", "upload_mb", "number", 50, "The largest file that may be uploaded, in MB.", least=1, most=2000),
    Option("backup", "second_folder", "path", "", "A second folder for each backup: another disk or a mounted share."),
    Option("backup", "passphrase", "text", "", "Encrypts backups. Keep it somewhere else: without it they cannot be read.", secret=True),
    Option("log", "level", "debug|info|warning|error", "info", "How much is written down: debug, info, warning or error."),
    Option("log", "file", "flag", True, "Whether to keep logs in the data folder beside printing them."),
)  # fmt: skip

_FLAGS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_ALIASES = {"SMALLCRM_DATA": "data.folder"}


@dataclass(frozen=True)
class Config:
    """The settings in force."""

    data_folder: Path = Path("data")
    server_host: str = "0.0.0.0"  # noqa: S104
    server_port: int = 8070
    server_threads: int = 8
    server_allowed_hosts: tuple[str, ...] = ()
    server_trusted_proxy: str = ""
    limits_upload_mb: int = 50
    backup_second_folder: Path | None = None
    backup_passphrase: str = ""
    log_level: str = "info"
    log_file: bool = True

    def get(self, name: str) -> Any:
        """By dotted name."""
        return getattr(self, name.replace(".", "_"))


@dataclass(frozen=True)
class Loaded:
    """The settings and where each came from: flag, environment, file or default."""

    config: Config
    sources: Mapping[str, str]


def load(
    file: Path | None = None, flags: Mapping[str, Any] | None = None, environment: Mapping[str, str] | None = None
) -> Loaded:
    """Read the settings. ``flags``: by dotted name, None where not given. Raises BadUsage naming line, key or variable."""
    environment = os.environ if environment is None else environment
    if file is None and environment.get("SMALLCRM_CONFIG"):
        file = Path(environment["SMALLCRM_CONFIG"])
    in_file = _read_file(file) if file else {}
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for option in OPTIONS:
        value, source = _find(option, flags or {}, environment, in_file, str(file))
        values[option.attribute] = _typed(option, value, source)
        sources[option.name] = source
    return Loaded(Config(**values), sources)


def _find(
    option: Option, flags: Mapping[str, Any], environment: Mapping[str, str], in_file: Mapping[str, Any], file: str
) -> tuple[Any, str]:
    if flags.get(option.name) is not None:
        return flags[option.name], "flag"
    names = [option.variable, *(alias for alias, name in _ALIASES.items() if name == option.name)]
    for name in names:
        if environment.get(name):
            return environment[name], f"environment ({name})"
        if option.secret and environment.get(f"{name}_FILE"):
            return _secret_file(name, environment[f"{name}_FILE"]), f"environment ({name}_FILE)"
    if option.name in in_file:
        return in_file[option.name], f"file ({file})"
    return option.default, "default"


def _secret_file(name: str, path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadUsage(
            L("%(name)s: cannot read %(path)s: %(error)s", name=f"{name}_FILE", path=path, error=str(error))
        ) from None


def _read_file(file: Path) -> dict[str, Any]:
    try:
        text = file.read_text("utf-8-sig")
    except OSError as error:
        raise BadUsage(
            L("Cannot read %(path)s: %(error)s", path=str(file), error=error.strerror or str(error))
        ) from None
    except UnicodeDecodeError:
        raise BadUsage(L("%(path)s is not UTF-8 text.", path=str(file))) from None
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadUsage(L("%(path)s: %(error)s", path=str(file), error=str(error))) from None
    known = {option.name for option in OPTIONS}
    flat: dict[str, Any] = {}
    for section, held in found.items():
        if not isinstance(held, dict):
            raise BadUsage(L("%(path)s: “%(key)s” stands outside a section.", path=str(file), key=section))
        for key, value in held.items():
            name = f"{section}.{key}"
            if name not in known:
                raise BadUsage(L("%(path)s: there is no setting “%(key)s”.", path=str(file), key=name))
            flat[name] = value
    return flat


def _typed(option: Option, value: Any, source: str) -> Any:
    try:
        return _convert(option, value)
    except (TypeError, ValueError):
        raise BadUsage(
            L(
                "%(name)s, set by %(source)s: %(value)s does not fit. It takes %(kind)s.",
                name=option.name,
                source=source,
                value="•••" if option.secret else repr(value),
                kind=_takes(option),
            )
        ) from None


def _takes(option: Option) -> Label:
    """What fits an option, in words."""
    if option.kind == "number":
        return L("a whole number from %(least)s to %(most)s", least=option.least, most=option.most)
    if "|" in option.kind:
        return L("one of %(words)s", words=option.kind.replace("|", ", "))
    return {
        "flag": L("true or false"),
        "list": L("a list of texts"),
        "address": L("the number of an address, such as 192.168.1.10"),
        "path": L("a folder"),
    }.get(option.kind, L("a text"))


def _convert(option: Option, value: Any) -> Any:
    if option.kind == "number":
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise TypeError
        number = int(value)
        if not option.least <= number <= option.most:
            raise ValueError
        return number
    if option.kind == "flag":
        if isinstance(value, bool):
            return value
        word = _text(value).lower()
        if word not in _FLAGS:
            raise ValueError
        return _FLAGS[word]
    if option.kind == "list":
        items = value if isinstance(value, list) else [part.strip() for part in _text(value).split(",")]
        return tuple(_text(item).lower() for item in items if item)
    if option.kind == "path":
        text = _text(value)
        if not text and option.default:
            raise ValueError
        return Path(text).expanduser().absolute() if text else None
    text = _text(value)
    if option.kind == "address":
        return str(ipaddress.ip_address(text)) if text else ""
    if "|" in option.kind and text.lower() not in option.kind.split("|"):
        raise ValueError
    return text.lower() if "|" in option.kind else text


def _text(value: Any) -> str:
    if not isinstance(value, str | Path):
        raise TypeError
    return str(value)


def example() -> str:
    """``config.example.toml``: every setting, commented out, with its default."""
    lines = [
        "# smallcrm: the server's settings. Everything here may be left out.",
        "# A flag beats the environment (SMALLCRM_SECTION_KEY), which beats this file.",
    ]
    section = ""
    for option in OPTIONS:
        if option.section != section:
            section = option.section
            lines += ["", f"[{section}]"]
        lines += ["", f"# {option.help}"]
        if option.secret:
            lines.append(f"# Better kept in {option.variable} or in a file named by {option.variable}_FILE.")
        lines.append(f"# {option.key} = {_toml(option.default)}")
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(f'"{each}"' for each in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def shown(loaded: Loaded) -> list[dict[str, Any]]:
    """Every setting with its value and source, secrets masked."""
    found = []
    for option in OPTIONS:
        value = loaded.config.get(option.name)
        if option.secret:
            value = "•••" if value else ""
        found.append({"name": option.name, "value": _plain(value), "source": loaded.sources[option.name]})
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, Path) else value


assert {option.attribute for option in OPTIONS} == {field.name for field in fields(Config)}
