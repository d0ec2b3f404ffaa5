"""The backups there are, what is known of each, and whether that is good enough.

What is known stands in ``backups/backups.json``, not in the database: it must be there to read when the database is
damaged or has just been exchanged. It may be lost without harm: the files themselves are listed, as not checked yet.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from smallcrm.base import clock, formats
from smallcrm.base.i18n import L, Lazy
from smallcrm.store import durable

LEDGER = "backups.json"
_NAME = re.compile(r"(\d{8}T\d{6}Z)-[\w.+-]+?\.zip(\.enc)?")
_MOMENT = "%Y%m%dT%H%M%SZ"
_RUNS_KEPT = 20

Level = Literal["ok", "warn", "bad"]


@dataclass(frozen=True)
class Listed:
    """One backup of the folder. ``good`` is None until it has been checked; ``words`` are the check's."""

    path: Path
    size: int
    moment: dt.datetime
    good: bool | None = None
    checked_at: str = ""
    words: tuple[Lazy, ...] = ()
    encrypted: bool = False
    sha256: str = ""
    version: str = ""
    label: str = ""
    files: int = 0
    plain: bool = False  # the copy of a database, made before a migration
    ours: bool = False  # named by us, so ours to delete


@dataclass(frozen=True)
class Run:
    """One attempt to back up."""

    at: str
    ok: bool
    words: tuple[Lazy, ...] = ()
    name: str = ""


@dataclass(frozen=True)
class Health:
    """Green, yellow or red, and why."""

    level: Level
    words: tuple[Lazy, ...]


def folder_of(data: Path) -> Path:
    """Where the backups of a data folder lie."""
    return data / "backups"


def moment_of(name: str) -> dt.datetime | None:
    """The moment in a backup's name; None where it is not a name that we give."""
    found = _NAME.fullmatch(name)
    try:
        return dt.datetime.strptime(found[1], _MOMENT).replace(tzinfo=dt.UTC) if found else None
    except ValueError:
        return None


def listing(folder: Path) -> list[Listed]:
    """Every backup in ``folder``, the newest first, the copies made before migrations included."""
    if not folder.is_dir():
        return []
    known = _read(folder)["backups"]
    paths = [*folder.glob("*.zip"), *folder.glob("*.zip.enc"), *folder.glob("before-*.db")]
    return sorted((_listed(path, known.get(path.name, {})) for path in paths), key=lambda one: one.moment, reverse=True)


def _listed(path: Path, known: dict[str, Any]) -> Listed:
    stat = path.stat()
    named = moment_of(path.name)
    if known.get("size") != stat.st_size:  # another file of the same name: what was known is not about this one
        known = {}
    return Listed(
        path=path,
        size=stat.st_size,
        moment=named or dt.datetime.fromtimestamp(stat.st_mtime, dt.UTC),
        good=known.get("good"),
        checked_at=known.get("checked_at", ""),
        words=_revived(known.get("words", [])),
        encrypted=known.get("encrypted", path.name.endswith(".enc")),
        sha256=known.get("sha256", ""),
        version=known.get("version", ""),
        label=known.get("label", ""),
        files=known.get("files", 0),
        plain=path.suffix == ".db",
        ours=named is not None,
    )


def last_good(data: Path) -> Listed | None:
    """The newest backup known to be good; where none is, the newest that has not been checked."""
    found = [one for one in listing(folder_of(data)) if not one.plain]
    return next((one for one in found if one.good), next((one for one in found if one.good is None), None))


def advice(data: Path) -> Lazy:
    """What to do when the database is damaged, for the end of that message."""
    try:
        found = last_good(data)
    except (OSError, ValueError):
        found = None
    if found is None:
        return L("There is no backup in %(folder)s.", folder=str(folder_of(data)))
    if found.good:
        return L("The last good backup is %(file)s: bring it back with smallcrm restore.", file=str(found.path))
    return L("The last backup is %(file)s, not checked yet: bring it back with smallcrm restore.", file=str(found.path))


# ---------------------------------------------------------------- keeping the ledger


def note(folder: Path, name: str, **facts: Any) -> None:
    """Remember facts of one backup (the fields of ``Listed``); ``words`` as Lazy."""
    if "words" in facts:
        facts["words"] = _stored(facts["words"])
    with _changing(folder) as ledger:
        ledger["backups"].setdefault(name, {}).update(facts)


def note_run(folder: Path, run: Run) -> None:
    """Remember an attempt."""
    with _changing(folder) as ledger:
        found = {"at": run.at, "ok": run.ok, "name": run.name, "words": _stored(run.words)}
        ledger["runs"] = [*ledger["runs"], found][-_RUNS_KEPT:]


def note_copy(folder: Path, name: str, sha256: str) -> None:
    """Remember that a copy of ours lies in the second folder, so that it is ours to delete there."""
    with _changing(folder) as ledger:
        ledger["copies"][name] = sha256


def forget_copies(folder: Path, names: Sequence[str]) -> None:
    """The copies of these names are gone."""
    with _changing(folder) as ledger:
        for name in names:
            ledger["copies"].pop(name, None)


def copies(folder: Path) -> dict[str, str]:
    """Name → SHA-256 of every copy that we put into a second folder."""
    return dict(_read(folder)["copies"])


def runs(folder: Path) -> list[Run]:
    """The last attempts, the newest first."""
    found = _read(folder)["runs"]
    return [Run(one["at"], one["ok"], _revived(one["words"]), one["name"]) for one in reversed(found)]


@contextmanager
def _changing(folder: Path) -> Iterator[dict[str, Any]]:
    """The ledger, to be changed by one process at a time; facts about files that are gone are dropped."""
    durable.make_folder(folder)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        ledger = _read(folder)
        yield ledger
        ledger["backups"] = {name: facts for name, facts in ledger["backups"].items() if (folder / name).exists()}
        durable.write(folder / LEDGER, json.dumps(ledger, indent=1, ensure_ascii=False).encode())
    finally:
        os.close(handle)


def _read(folder: Path) -> dict[str, Any]:
    empty: dict[str, Any] = {"backups": {}, "runs": [], "copies": {}}
    try:
        found = json.loads((folder / LEDGER).read_bytes())
        return {key: found[key] if isinstance(found[key], type(value)) else value for key, value in empty.items()}
    except (OSError, ValueError, KeyError, TypeError):
        return empty


def _stored(words: Sequence[Lazy]) -> list[list[Any]]:
    """Sentences as they are kept: untranslated, to be read in any language later."""

    def value(found: Any) -> Any:
        if isinstance(found, Lazy):
            return sentence(found)
        return found if isinstance(found, int) else str(found)

    def sentence(word: Lazy) -> list[Any]:
        return [word.message, {name: value(found) for name, found in word.values.items()}]

    return [sentence(word) for word in words]


def _revived(words: Any) -> tuple[Lazy, ...]:
    def sentence(message: str, values: dict[str, Any]) -> Lazy:
        filled: dict[str, Any] = {name: sentence(*v) if isinstance(v, list) else v for name, v in values.items()}
        return Lazy(message, **filled)

    try:
        return tuple(sentence(message, values) for message, values in words)
    except (TypeError, ValueError, AttributeError):
        return ()


# ---------------------------------------------------------------- is it good enough?


def health(data: Path, *, now: dt.datetime | None = None, oldest: dt.timedelta = dt.timedelta(hours=36)) -> Health:
    """Whether the backups of a data folder are recent, checked and plausible. ``oldest`` is the age still fine."""
    now = now or clock.now()
    folder = folder_of(data)
    found = [one for one in listing(folder) if not one.plain]
    checks: list[Callable[[], tuple[Level, Lazy] | None]] = [
        lambda: _age(found, now, oldest),
        lambda: _last_run(runs(folder)),
        lambda: _size(found),
        lambda: _newest_red(found),
    ]
    bad = [one for one in (check() for check in checks) if one]
    if not bad:
        return Health("ok", (L("The last backup is of %(moment)s and good.", moment=_when(found[0])),))
    level: Level = "bad" if any(level == "bad" for level, _ in bad) else "warn"
    return Health(level, tuple(words for _, words in bad))


def _age(found: list[Listed], now: dt.datetime, oldest: dt.timedelta) -> tuple[Level, Lazy] | None:
    good = [one for one in found if one.good]
    if not found:
        return "bad", L("There is no backup yet.")
    if not good:
        return "bad", L("No backup has been checked and found good.")
    if now - good[0].moment > oldest:
        return "bad", L("The last good backup is of %(moment)s. That is too long ago.", moment=_when(good[0]))
    return None


def _last_run(found: list[Run]) -> tuple[Level, Lazy] | None:
    if found and not found[0].ok:
        why = found[0].words[0] if found[0].words else L("The reason is not known.")
        return "bad", L("The last attempt to back up failed. %(why)s", why=why)
    if found and found[0].words:
        return "warn", found[0].words[0]
    return None


def _size(found: list[Listed]) -> tuple[Level, Lazy] | None:
    """Half of the one before: something is missing in it, or somebody deleted a great deal."""
    whole = [one for one in found if one.good is not False]
    if len(whole) > 1 and whole[0].size * 2 < whole[1].size:
        return "warn", L(
            "The last backup is much smaller than the one before: %(size)s after %(before)s.",
            size=formats.size(whole[0].size),
            before=formats.size(whole[1].size),
        )
    return None


def _newest_red(found: list[Listed]) -> tuple[Level, Lazy] | None:
    if found and found[0].good is False:
        return "bad", L("The last backup, %(name)s, is not usable.", name=found[0].path.name)
    return None


def _when(one: Listed) -> str:
    return formats.moment_full(one.moment)
