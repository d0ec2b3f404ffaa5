"""The base of every table of ours: strict, in our database, indexes named by us."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import peewee

from smallcrm.store.database import db

VIRTUAL: list[str] = []  # statements for tables that no model describes, in order


class Table(peewee.Model):
    """A table. ``ddl`` holds what peewee cannot say: partial and expression indexes, ``WITHOUT ROWID``."""

    ddl: ClassVar[tuple[str, ...]] = ()

    class Meta:
        database = db
        legacy_table_names = False
        strict_tables = True


def all_tables() -> list[type[Table]]:
    """Every concrete table that has been imported, by name."""

    def below(model: type[Table]) -> Iterator[type[Table]]:
        for child in model.__subclasses__():
            yield from below(child)
            if not getattr(child, "abstract", False) or "abstract" not in child.__dict__:
                yield child

    return sorted(set(below(Table)), key=lambda model: model._meta.table_name)


def statements() -> list[str]:
    """The SQL that makes every imported table in an empty database, indexes of lists left out (they follow flags)."""
    return [statement for model in all_tables() for statement in statements_of(model)] + VIRTUAL


def statements_of(model: type[Table]) -> list[str]:
    """The SQL that makes one table, with the unique indexes of its fields and what its ``ddl`` says."""
    schema: Any = model._schema  # type: ignore[attr-defined]
    indexes = [index.query()[0] for index in schema._create_indexes(safe=False)]
    return [schema._create_table(safe=False).query()[0], *indexes, *model.ddl]


def columns(model: type[peewee.Model]) -> dict[str, Any]:
    """Column name → peewee field, in the order of declaration."""
    return {field.column_name: field for field in model._meta.sorted_fields}
