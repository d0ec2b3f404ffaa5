"""The files of README's "real input", imported whole: counts that add up, figures and duplicates checked by eye."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from smallcrm import store
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.people.records import User
from smallcrm.records import undo
from smallcrm.records.exchange.mapping import parse
from smallcrm.records.exchange.reading import open_workbook
from smallcrm.records.importing import guessing, running
from smallcrm.records.importing.planning import Plan
from smallcrm.records.importing.running import Result
from tests.cast import Cast

REAL = Path(os.environ.get("SMALLCRM_REAL_DATA") or Path(__file__).resolve().parents[4] / "shared" / "data")
GRADES = {"values": {"grade": {"重点": "A", "普通": "C"}}}


@pytest.fixture
def real() -> Path:
    if not REAL.is_dir():
        pytest.skip(f"the real customer files are not at {REAL}; SMALLCRM_REAL_DATA may name their folder")
    return REAL


def bring(cast: Cast, tmp_path: Path, kind: Any, file: Path, said: dict[str, Any] | None = None) -> Result:
    """Import a file as the owner."""
    folder = tmp_path / f"import-{len(list(tmp_path.iterdir()))}"
    folder.mkdir()
    with open_workbook(file, scratch=folder / "rows") as book:
        reading = guessing.read(cast.actor("owner"), kind, book, given=parse(said or {}))
        assert reading.guess.sure, reading.guess.questions
        plan = Plan(cast.actor("owner"), kind, reading, folder)
        planned = plan.make()
        result = running.run(plan, note=file.name)
    assert result.counts == planned.counts
    assert result.counts.rows == planned.rows
    return result


def live() -> list[Any]:
    """Everything that can be seen of customers and contacts, but for versions and stamps."""
    sql = "SELECT id, name, owner, grade, phone, phones, email, annual_revenue, notes, parent FROM customer"
    people = "SELECT id, name, customer, mobile, phone FROM contact"
    return [store.rows(f"{each} WHERE deleted_at IS NULL ORDER BY id") for each in (sql, people)]


def test_accounts_with_their_parents(real: Path, cast: Cast, tmp_path: Path) -> None:
    """85 companies, 15 of them linked to their parents, which stand in the same file; again: nothing new."""
    result = bring(cast, tmp_path, Customer, real / "maven-sales/accounts.csv")
    assert (result.counts.created, result.counts.failed) == (85, 0)
    sql = "SELECT c.name, p.name FROM customer c JOIN customer p ON p.id = c.parent"
    parents = dict(store.rows(sql))
    assert len(parents) == 15
    assert parents["Bluth Company"] == "Acme Corporation"
    figures = store.row("SELECT annual_revenue, employees FROM customer WHERE name = 'Acme Corporation'")
    assert figures == (110004, 2822)
    again = bring(cast, tmp_path, Customer, real / "maven-sales/accounts.csv")
    assert (again.counts.created, again.counts.updated, again.counts.skipped) == (0, 0, 85)
    assert again.changeset == 0


def test_agents_in_teams_under_their_managers(real: Path, cast: Cast, tmp_path: Path) -> None:
    """35 agents without e-mail, in the teams of six managers, two in each region; the managers are made."""
    result = bring(cast, tmp_path, User, real / "maven-sales/sales_teams.csv")
    assert (result.counts.created, result.counts.failed) == (35, 0)
    sql = (
        "SELECT u.name, t.name, p.name, m.name FROM user u JOIN team t ON t.id = u.team JOIN user m ON m.id = t.manager"
        " LEFT JOIN team p ON p.id = t.parent WHERE u.name = 'Anna Snelling'"
    )
    _name, team, region, manager = store.rows(sql)[0]
    assert (region, manager) == ("Central", "Dustin Brinkmann")
    assert team == "Central, Dustin Brinkmann"
    assert store.value("SELECT count(*) FROM user WHERE email IS NULL AND deleted_at IS NULL") == 41
    again = bring(cast, tmp_path, User, real / "maven-sales/sales_teams.csv")
    assert (again.counts.created, again.counts.skipped) == (0, 35)


@pytest.mark.parametrize(
    ("file", "said", "rows", "created", "contacts"),
    [
        ("customers-by-hand.xlsx", GRADES, 400, 371, 371),
        ("old-system-export.csv", GRADES, 800, 724, 724),
        ("pelates.csv", {}, 400, 400, 400),
    ],
)
def test_messy_files_with_duplicates_joined(
    real: Path, cast: Cast, tmp_path: Path, file: str, said: dict[str, Any], rows: int, created: int, contacts: int
) -> None:
    """The same mobile, however it is written, is the same customer; a tax number tells namesakes apart."""
    before = live()
    result = bring(cast, tmp_path, Customer, real / "messy" / file, said)
    assert result.counts.rows == rows
    assert (result.counts.created, result.counts.failed) == (created, 0)
    assert store.value("SELECT count(*) FROM contact WHERE deleted_at IS NULL") == contacts
    again = bring(cast, tmp_path, Customer, real / "messy" / file, said)
    assert (again.counts.created, again.counts.updated, again.counts.skipped) == (0, 0, rows)
    undone = undo.undo(cast.actor("owner"), result.changeset)
    assert not undone.kept
    assert live() == before
    third = bring(cast, tmp_path, Customer, real / "messy" / file, said)
    assert third.counts.created == created


def test_figures_and_dates_of_the_greek_list(real: Path, cast: Cast, tmp_path: Path) -> None:
    bring(cast, tmp_path, Customer, real / "messy/pelates.csv")
    sql = "SELECT tax_number, phone, annual_revenue, since, notes FROM customer WHERE name = 'Οικονόμου Εκδόσεις Ο.Ε.' AND tax_number LIKE '750208162'"
    assert store.rows(sql) == [("750208162", "+30 2102251664", 97729948, "2024-08-05", "πελάτης του Γιώργου")]
    person = "SELECT k.name FROM contact k JOIN customer c ON c.id = k.customer WHERE c.tax_number = '750208162'"
    assert store.value(person) == "Ιωάννης Οικονόμου"


def test_figures_of_the_workbook_kept_by_hand(real: Path, cast: Cast, tmp_path: Path) -> None:
    bring(cast, tmp_path, Customer, real / "messy/customers-by-hand.xlsx", GRADES)
    sql = "SELECT grade, phone, email, annual_revenue, currency, next_follow_up_on FROM customer WHERE name = ?"
    found = store.rows(sql, ["杭州嘉泰餐饮管理股份有限公司"])
    assert found == [("A", "0755-23385382", "sales5@example.cn", 89235848, "CNY", "2026-09-07")]
