"""The demo company: alive in each language, true to the rules it lives under, the same for the same seed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import smallcrm.app  # noqa: F401  every area, so every table
from smallcrm import store
from smallcrm.areas.demo import commands
from smallcrm.base import clock
from smallcrm.identity import passwords
from smallcrm.records import cache, indexes, settings
from smallcrm.store import table

NOW = dt.datetime(2026, 11, 24, 13, 20, tzinfo=dt.UTC)  # a Tuesday, after lunch
SELLERS = [f"sales{n}@demo.test" for n in range(1, 7)]
SECRET = {("password", "hash")}  # salted: never twice the same


def fill(folder: Path, *, customers: int = 90, seed: int = 1, language: str = "en") -> dict[str, int]:
    """A demo in a new folder, left open."""
    store.open_folder(folder, create=True)
    with store.writing():
        for statement in table.statements():
            store.run(statement)
    cache.forget()
    settings.apply()
    indexes.ensure()
    with clock.at(NOW):
        return commands.fill(customers=customers, seed=seed, language=language, say=lambda text: None)


def dump() -> dict[str, list[Any]]:
    """Every table, but for what is random on purpose."""
    found = {}
    for model in table.all_tables():
        name = model._meta.table_name
        columns = [c for c in table.columns(model) if "hash" not in c and "secret" not in c and "token" not in c]
        quoted = ", ".join(f'"{column}"' for column in columns)
        found[name] = store.rows(f'SELECT {quoted} FROM "{name}" ORDER BY {quoted}') if columns else []
    return found


@pytest.fixture(params=["en", "zh", "el"])
def company(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, int]]:
    """A demo in each language."""
    yield fill(tmp_path / "data", language=request.param)
    store.close()


def test_the_company_is_alive(company: dict[str, int]) -> None:
    assert company["customers"] == 90
    assert company["contacts"] > 90
    assert company["activities"] > 300
    assert company["relations"] > 5
    today = clock.iso(NOW)[:10]
    for email in SELLERS:
        user = store.value('SELECT id FROM "user" WHERE email = ?', [email])
        assert passwords.check(user, "demo-demo-demo")
        sql = "SELECT count(*) FROM activity WHERE owner = ? AND deleted_at IS NULL AND %s"
        assert store.value(sql % "substr(due_at, 1, 10) = ?", [user, today]) >= 2, email
        assert store.value(sql % "done_at IS NULL AND substr(due_at, 1, 10) < ?", [user, today]) >= 1, email
        assert store.value(sql % "done_at IS NULL AND substr(due_at, 1, 10) > ?", [user, today]) >= 1, email
    assert store.value("SELECT count(*) FROM saved_view") >= 6
    assert store.value("SELECT count(*) FROM custom_field") == 3
    assert store.value("SELECT count(DISTINCT at) FROM change_set") > 100


def test_nothing_happened_in_the_future_or_before_its_customer(company: dict[str, int]) -> None:
    for name in ("customer", "contact", "activity", "relation"):
        assert not store.value(
            f"SELECT count(*) FROM {name} WHERE created_at > ? OR updated_at > ?", [clock.iso(NOW)] * 2
        )
    sql = (
        "SELECT count(*) FROM activity a JOIN customer c ON c.id = a.customer"
        " WHERE a.done_at > ? OR a.done_at < c.created_at OR a.created_at < c.created_at"
    )
    assert not store.value(sql, [clock.iso(NOW)])
    sql = "SELECT count(*) FROM activity a JOIN contact c ON c.id = a.contact WHERE a.created_at < c.created_at"
    assert not store.value(sql)
    assert not store.value("SELECT count(*) FROM change_set WHERE at > ? OR state <> 'done'", [clock.iso(NOW)])


def test_the_pool_has_stories_and_the_next_night_empties_nobody(company: dict[str, int]) -> None:
    reasons = store.rows("SELECT DISTINCT pool_reason FROM customer WHERE pool IS NOT NULL AND deleted_at IS NULL")
    assert len(reasons) > 3
    assert not store.value("SELECT count(*) FROM customer WHERE owner IS NOT NULL AND pool IS NOT NULL")
    kinds = {kind for (kind,) in store.rows("SELECT DISTINCT kind FROM owner_history")}
    assert {"new", "auto", "manual", "claim"} <= kinds
    overdue = "SELECT count(*) FROM customer WHERE owner IS NOT NULL AND deleted_at IS NULL AND recycle_on < ?"
    assert not store.value(overdue, [clock.iso(NOW)[:10]])
    soon = (NOW + dt.timedelta(days=15)).date().isoformat()
    assert store.value(overdue, [soon]) >= 2


def test_the_same_seed_makes_the_same_company(tmp_path: Path) -> None:
    dumps = []
    for turn in range(2):
        fill(tmp_path / str(turn), customers=40, seed=7)
        dumps.append(dump())
        store.close()
    for name, rows in dumps[0].items():
        assert rows == dumps[1][name], name
    fill(tmp_path / "other", customers=40, seed=8)
    names = "SELECT name FROM customer ORDER BY id"
    other = store.rows(names)
    store.close()
    store.open_folder(tmp_path / "0")
    assert store.rows(names) != other
    store.close()
