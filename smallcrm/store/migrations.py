"""Bringing the schema up to date: the numbered files of ``migrations/``, then the indexes the declarations ask for."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import apsw
import peewee
from playhouse.migrations import Runner as PlayhouseRunner

from smallcrm.base import clock
from smallcrm.base.errors import Damaged
from smallcrm.base.i18n import L
from smallcrm.store.database import connection, db
from smallcrm.store.table import Table, statements, statements_of


class SchemaMigration(Table):
    """Which files have run here."""

    name = peewee.TextField(unique=True)
    applied = peewee.TextField(default=clock.stamp)

    class Meta:
        table_name = "schema_migration"


class Runner(PlayhouseRunner):
    """peewee's runner with a history table that SQLite's STRICT mode takes."""

    def __init__(self, database: peewee.Database, directory: str) -> None:
        super().__init__(database, directory)
        self.History = SchemaMigration


def declared() -> list[str]:
    """The SQL that makes every imported table, but for the runner's own: what the first file has to run."""
    made_by_the_runner = set(statements_of(SchemaMigration))
    return [each for each in statements() if each not in made_by_the_runner]


def directory() -> Path:
    """Where the numbered files lie: beside the package in a checkout, inside it in a wheel or binary."""
    packed = files("smallcrm").joinpath("_migrations")
    if packed.is_dir():
        return Path(str(packed))
    return Path(str(files("smallcrm"))).parent / "migrations"


def _runner() -> Runner:
    connection()
    return Runner(db, str(directory()))


def status() -> list[dict[str, Any]]:
    """Every migration with the moment it was applied, or None."""
    return [{"name": each.name, "applied": each.applied} for each in _runner().status()]


def known() -> list[str]:
    """The names of the files that this program brings."""
    return sorted(path.stem for path in directory().glob("[0-9]*.py"))


def pending() -> list[str]:
    """Files that have not run here. Raises Damaged when the database was written by a newer version."""
    found = _runner().status()
    if newer := [each.name for each in found if each.path is None]:
        raise Damaged(
            L("This database was written by a newer smallcrm (%(name)s). Start that one.", name=", ".join(newer))
        )
    return [each.name for each in found if not each.applied]


def is_fresh() -> bool:
    """Whether no migration has ever run in the open database."""
    return not any(each["applied"] for each in status())


def apply() -> list[str]:
    """Run what is pending, each file in its own transaction; their names. Raises Damaged when one cannot be run."""
    pending()
    try:
        return list(_runner().up())
    except (apsw.Error, peewee.PeeweeException) as error:
        raise Damaged(
            L("The database could not be brought up to date: %(error)s. It is as it was.", error=str(error))
        ) from error
