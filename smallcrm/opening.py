"""Opening a data folder for a command: who may, is it sound, is it ours, is it up to date.

``alone`` is for the server and for what exchanges or makes a whole database; ``beside`` for every other command, which
works while a server runs.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from smallcrm import store
from smallcrm.base.errors import BadUsage, Damaged, WrongState
from smallcrm.base.i18n import L
from smallcrm.config import Config
from smallcrm.store import durable, guard, integrity, lock, migrations, snapshot, swap

log = logging.getLogger("smallcrm.opening")


@dataclass(frozen=True)
class Opened:
    """What opening did. ``fresh``: the schema was made just now. ``copy``: the database as it was before migrating."""

    folder: Path
    fresh: bool
    migrated: tuple[str, ...] = ()
    copy: Path | None = None


@contextmanager
def alone(config: Config, *, create: bool = False) -> Iterator[Opened]:
    """Hold the data folder for this process, open it and bring it up to date; ``create`` makes what is not there.

    Raises FolderInUse, Damaged, BadUsage for a folder that holds nothing or lies on a share, DiskFull, Busy.
    """
    with holding(config, create=create), held(config, create=create) as opened:
        yield opened


@contextmanager
def held(config: Config, *, create: bool = False) -> Iterator[Opened]:
    """The same for a folder that is being held."""
    path = config.data_folder
    try:
        with durable.disk_words():
            snapshot.clean(path)
            _refuse_nothing(path, create)
            store.open_folder(path, create=create)
            integrity.at_start()
            opened = _bring_up_to_date()
            register(config)
            _hold_key(path, opened.fresh)
            settle()
        yield opened
    finally:
        store.close()


@contextmanager
def holding(config: Config, *, create: bool = False) -> Iterator[None]:
    """Hold the data folder without opening its database."""
    path = config.data_folder
    refuse_share(path)
    if not create and not path.is_dir():
        raise _nothing_there(path)
    with ExitStack() as stack:
        with durable.disk_words():
            durable.make_folder(path)
            stack.enter_context(lock.holding(path))
            stack.enter_context(_intermediate(path, swept=True))
        yield


@contextmanager
def beside(config: Config) -> Iterator[None]:
    """Open a data folder for a command that works beside a running server. Raises WrongState for an older schema."""
    from smallcrm.records import settings

    with database_only(config):
        if migrations.pending():
            raise WrongState(
                L("This database is of an older smallcrm. Bring it up to date first: smallcrm migrate, or serve.")
            )
        register(config)
        settings.apply()
        yield


@contextmanager
def database_only(config: Config) -> Iterator[None]:
    """Open the database whatever its schema, for backups and for looking at it."""
    path = config.data_folder
    refuse_share(path)
    _refuse_nothing(path, False)
    with ExitStack() as stack:
        with durable.disk_words():
            stack.enter_context(_intermediate(path))
            store.open_folder(path)
            stack.callback(store.close)
        yield


def is_there(path: Path) -> bool:
    """Whether the folder holds, or ever held, a database of ours."""
    return any((path / name).exists() for name in ("smallcrm.db", "smallcrm.db-wal", "backups", "files", swap.MARKER))


def register(config: Config) -> None:
    """Make every area, job and hook known to those that ask for them. Needs no database."""
    from smallcrm import app  # every area, so every table and rule
    from smallcrm.areas.admin import means
    from smallcrm.jobs import registry, standard

    means.provide(config)
    standard.register()
    for area in app.AREAS:
        for job in area.jobs:
            registry.register(job)


def settle() -> None:
    """What comes after the schema, at a start and after a restore: settings, and the indexes that follow flags."""
    from smallcrm.records import cache, indexes, settings

    cache.forget()
    settings.apply()
    indexes.ensure()


def note_restored(name: str) -> None:
    """Write down, in the data that are in place now, that they come from a backup."""
    from smallcrm.identity.actor import SYSTEM
    from smallcrm.records import audit

    audit.log(SYSTEM, "restored", detail={"backup": name})


@contextmanager
def _intermediate(path: Path, *, swept: bool = False) -> Iterator[None]:
    """Intermediate files lie on the disk that is meant for the data, not on a small one of the system's."""
    place = path / "tmp"
    durable.make_folder(place)
    if swept:
        for old in place.iterdir():
            if old.is_file() and not old.is_symlink():
                old.unlink(missing_ok=True)
    before = tempfile.tempdir
    tempfile.tempdir = os.environ["SQLITE_TMPDIR"] = str(place)
    try:
        yield
    finally:
        tempfile.tempdir = before
        os.environ.pop("SQLITE_TMPDIR", None)


def _bring_up_to_date() -> Opened:
    path, pending, fresh = store.folder(), migrations.pending(), migrations.is_fresh()
    if not pending:
        return Opened(path, False)
    copy = None if fresh else snapshot.before_migrating()
    return Opened(path, fresh, tuple(migrations.apply()), copy)


def refuse_share(path: Path) -> None:
    """Raises BadUsage for a folder on a network share."""
    nearest = next(each for each in (path, *path.parents) if each.exists())
    if guard.is_network(nearest):
        raise BadUsage(
            L(
                "%(folder)s lies on a network share (%(kind)s), where a database gets damaged. Use a local disk.",
                folder=str(path),
                kind=guard.file_system(nearest),
            )
        )


def _refuse_nothing(path: Path, create: bool) -> None:
    if not create and not is_there(path):
        raise _nothing_there(path)


def _nothing_there(path: Path) -> BadUsage:
    return BadUsage(L("There are no data of smallcrm in %(folder)s. Say where they are with --data.", folder=str(path)))


def _hold_key(path: Path, fresh: bool) -> None:
    """Data without their key: a new one would sign everybody out and lose kept passwords, so it is not made unasked."""
    from smallcrm.identity import key

    file = path / key.FILE
    if file.exists():
        if file.stat().st_mode & 0o077:
            file.chmod(0o600)
            log.warning("secret.key could be read by others on this machine; now it cannot")
        if not file.stat().st_size:
            key.begin_anew()
    elif not fresh and store.value('SELECT 1 FROM "user" LIMIT 1'):
        raise Damaged(
            L(
                "%(file)s is missing. Bring it back: every backup has it. Without one, make an empty file of that"
                " name: then everybody signs in again, and kept passwords (of the mail server) must be typed anew.",
                file=str(file),
            )
        )
    key.check()
