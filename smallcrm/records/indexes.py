"""Indexes that follow the declarations' flags: made and dropped as flags change, never written into a migration.

Every list type has, over live rows only, an index by scope in its default order, and for each field flagged sort or
filter one that carries the scope columns, so that a list is read along it without touching the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from smallcrm import store
from smallcrm.records import cache
from smallcrm.records.custom import custom_fields, fields_of
from smallcrm.records.fields import Field
from smallcrm.records.record import Attached, RecordType, Through, all_types

LARGE = 10_000  # rows from which a custom field earns an index


def scope_columns(kind: RecordType) -> list[str]:
    """The columns by which a branch of reach selects."""
    columns = ["owner", "team"]
    if kind.card.pooled:
        columns.append("pool")
    if issubclass(kind, Through):
        columns += ["via_owner", "via_team", "via_pool"]
    if issubclass(kind, Attached):
        columns += ["about_owner", "about_team", "about_pool"]
    return [] if kind.card.reach == "open" else columns


def declared_indexes(kind: RecordType) -> dict[str, str]:
    """Name → statement of every index the type's declarations ask for."""
    table = kind._meta.table_name
    found: dict[str, str] = {}
    scope = scope_columns(kind)
    default = kind.card.order.split(",")[0]
    order_field = fields_of(kind).get(default.lstrip("-"))
    order = order_field.sort_expr("") if order_field is not None else "id"
    for column in scope:
        found[f"sx_{table}_{column}"] = _statement(f"sx_{table}_{column}", table, [column, _bare(order), "id"])
    carried = ["id", *scope]
    for name, each in fields_of(kind).items():
        if _indexed(kind, name, each):
            columns = [_bare(each.sort_expr("")), *(c for c in carried if c != name)]
            found[f"ix_{table}_{name}"] = _statement(f"ix_{table}_{name}", table, columns)
    for name, each in fields_of(kind).items():
        if (
            each.kind in ("link", "anylink")
            and f"ix_{table}_{name}" not in found
            and name not in scope
            and not each.custom
        ):
            found[f"ix_{table}_{name}"] = _statement(f"ix_{table}_{name}", table, [name, "id"])
    found[f"bx_{table}"] = f'CREATE INDEX bx_{table} ON "{table}" (deleted_at, id) WHERE deleted_at IS NOT NULL'
    return found


def _indexed(kind: RecordType, name: str, each: Field) -> bool:
    if each.custom:
        return False
    if (
        each.is_list
        or name in ("owner", "team", "pool")
        or name in kind.card.unsorted
        or name in dict(kind.card.own_index)
    ):
        return False
    return each.sort or each.filter


def _bare(expression: str) -> str:
    """A column or expression without table alias."""
    return (
        expression.replace('."', '"', 1) if expression.startswith('."') else expression.replace("(.custom", "(custom")
    )


def _statement(name: str, table: str, columns: list[str]) -> str:
    return f'CREATE INDEX {name} ON "{table}" ({", ".join(columns)}) WHERE deleted_at IS NULL'


def _custom_indexes(kind: RecordType) -> dict[str, str]:
    """Indexes for flagged custom fields of a large table; the JSON path stands as a literal, or it would not be used."""
    table = kind._meta.table_name
    wanted = {n: f for n, f in custom_fields(kind.card.key).items() if f.filter and not f.is_list and f.kind != "text"}
    if not wanted or int(store.value(f'SELECT count(*) FROM (SELECT 1 FROM "{table}" LIMIT {LARGE + 1})')) <= LARGE:
        return {}
    found = {}
    for name, each in wanted.items():
        columns = [_bare(each.sort_expr("")), "id", *scope_columns(kind)]
        found[f"ix_{table}_{name}"] = _statement(f"ix_{table}_{name}", table, columns)
    return found


@cache.kept
def _present() -> frozenset[str]:
    return frozenset(row[0] for row in store.rows("SELECT name FROM sqlite_master WHERE type = 'index'"))


def field_index(kind: RecordType, name: str) -> str | None:
    """The index along which one can sort or filter by the field, if there is one."""
    index = dict(kind.card.own_index).get(name, f"ix_{kind._meta.table_name}_{name}")
    return index if index in _present() else None


def scope_index(kind: RecordType, column: str) -> str | None:
    """The index over one scope column in the type's default order."""
    index = f"sx_{kind._meta.table_name}_{column}"
    return index if index in _present() else None


def ensure() -> list[str]:
    """Make what is missing, drop what no flag asks for; the names of what changed. Runs after the migrations."""
    cache.current()
    wanted: dict[str, str] = {}
    for kind in all_types():
        wanted |= declared_indexes(kind) | _custom_indexes(kind)
    present = dict(store.rows("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"))
    ours = {name: sql for name, sql in present.items() if name.startswith(("ix_", "sx_", "bx_"))}
    kernel = {name for name in ours if not name.startswith("bx_") and not _of_type(name)}
    stale = [name for name, sql in ours.items() if name not in kernel and wanted.get(name) != sql]
    missing = [name for name in wanted if ours.get(name) != wanted[name]]
    if not stale and not missing:
        return []
    with store.writing():
        for name in stale:
            store.run(f"DROP INDEX {name}")
        for name in missing:
            store.run(wanted[name])
        cache.bump()
    return [*stale, *missing]


@contextmanager
def made_at_the_end(*kinds: RecordType) -> Iterator[None]:
    """A load of a whole folder leaves out what only lists are read along: made at once it costs a fraction.

    What breaks off meanwhile leaves that to the next start.
    """
    names = [name for kind in kinds for name in _for_lists(kind) if name in _present()]
    with store.writing():
        for name in names:
            store.run(f"DROP INDEX {name}")
        cache.bump()
    yield
    ensure()


def _for_lists(kind: RecordType) -> list[str]:
    """The indexes that no rule and no check looks anything up by: neither links nor what is unique nor the bin's."""
    table = kind._meta.table_name
    looked_up = {n for n, f in fields_of(kind).items() if f.unique_live or f.kind in ("link", "anylink")}
    kept = {f"bx_{table}", *(f"ix_{table}_{name}" for name in looked_up)}
    return [name for name in declared_indexes(kind) if name not in kept]


def _of_type(name: str) -> bool:
    rest = name[3:]
    return any(rest == k._meta.table_name or rest.startswith(f"{k._meta.table_name}_") for k in all_types())


def analyze() -> None:
    """Refresh SQLite's statistics, after an import or a demo."""
    with store.writing():
        store.run("PRAGMA analysis_limit = 1000")
        store.run("ANALYZE")
