"""The teaching company's 8,800 opportunities, through the product's own import: every figure equals what the files say."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from smallcrm import store
from smallcrm.areas.catalog.records import Product
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.people.records import User
from smallcrm.areas.pipeline.records import Opportunity, Pipeline, Stage
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import change, undo
from smallcrm.records.exchange.mapping import parse
from smallcrm.records.exchange.reading import open_workbook
from smallcrm.records.importing import guessing
from smallcrm.records.importing.planning import Plan
from tests.cast import Cast
from tests.records.importing.test_real_files import bring, real

__all__ = ["real"]

STAGES = (("Prospecting", "open", 10), ("Engaging", "open", 50), ("Won", "won", 100), ("Lost", "lost", 0))
SAID = {"values": {"product": {"GTXPro": "GTX Pro"}}}


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def won_by(rows: list[dict[str, str]], key: Any) -> dict[str, tuple[int, int]]:
    """What is asked → (won deals, their value in hundredths)."""
    found: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for row in rows:
        if row["deal_stage"] == "Won":
            n, total = found[key(row)]
            found[key(row)] = (n + 1, total + int(row["close_value"]) * 100)
    return dict(found)


def asked(select: str, joins: str = "") -> dict[str, tuple[int, int]]:
    sql = (
        f"SELECT {select}, count(*), sum(o.amount_base) FROM opportunity o {joins}"
        " WHERE o.state = 'won' AND o.deleted_at IS NULL GROUP BY 1"
    )
    return {key: (n, total) for key, n, total in store.rows(sql)}


@pytest.fixture
def teaching(real: Path, cast: Cast, tmp_path: Path) -> Path:
    """Its accounts, agents in teams, products, and a pipeline with its stages."""
    folder = real / "maven-sales"
    bring(cast, tmp_path, Customer, folder / "accounts.csv")
    bring(cast, tmp_path, User, folder / "sales_teams.csv")
    assert bring(cast, tmp_path, Product, folder / "products.csv").counts.created == 7
    way = int(change.create(SYSTEM, Pipeline, {"name": "Selling"}, trusted=True).id)
    for place, (name, kind, chance) in enumerate(STAGES, 1):
        made = {"name": name, "pipeline": way, "position": place, "kind": kind, "chance": chance}
        change.create(SYSTEM, Stage, made, trusted=True)
    return folder


def test_a_flaw_is_told(teaching: Path, cast: Cast, tmp_path: Path) -> None:
    """“GTXPro” is no product: 1,480 rows say so, and nothing else is wrong."""
    with open_workbook(teaching / "sales_pipeline.csv", scratch=tmp_path / "rows") as book:
        reading = guessing.read(cast.actor("owner"), Opportunity, book, given=parse({}))
        (tmp_path / "plan").mkdir()
        plan = Plan(cast.actor("owner"), Opportunity, reading, tmp_path / "plan")
        planned = plan.make()
    wrong = Counter(row["product"] for row in rows_of(teaching / "sales_pipeline.csv"))["GTXPro"]
    assert planned.counts.failed == wrong
    assert planned.counts.created == 8800 - wrong


def test_every_figure(teaching: Path, cast: Cast, tmp_path: Path) -> None:
    """Won 4,238 deals, 10,005,534 in value; each agent's, manager's, region's, product's and quarter's share; and all of it undone."""
    file = teaching / "sales_pipeline.csv"
    result = bring(cast, tmp_path, Opportunity, file, SAID)
    assert (result.counts.created, result.counts.failed) == (8800, 0)
    states = dict(store.rows("SELECT state, count(*) FROM opportunity GROUP BY 1"))
    assert states == {"won": 4238, "lost": 2473, "open": 1589 + 500}
    assert store.value("SELECT sum(amount_base) FROM opportunity WHERE state = 'won'") == 10_005_534_00
    rows, agents = rows_of(file), {row["sales_agent"]: row for row in rows_of(teaching / "sales_teams.csv")}
    assert asked("u.name", "JOIN user u ON u.id = o.owner") == won_by(rows, lambda row: row["sales_agent"])
    by_manager = asked("m.name", "JOIN team t ON t.id = o.team JOIN user m ON m.id = t.manager")
    assert by_manager == won_by(rows, lambda row: agents[row["sales_agent"]]["manager"])
    by_region = asked("p.name", "JOIN team t ON t.id = o.team JOIN team p ON p.id = t.parent")
    assert by_region == won_by(rows, lambda row: agents[row["sales_agent"]]["regional_office"])
    product = "SELECT p.name, count(*), sum(l.amount) FROM opportunity o JOIN opportunity_line l ON l.opportunity = o.id JOIN product p ON p.id = l.product WHERE o.state = 'won' GROUP BY 1"
    by_product = {name: (n, total) for name, n, total in store.rows(product)}
    assert by_product == won_by(rows, lambda row: row["product"].replace("GTXPro", "GTX Pro"))

    def quarter(text: str) -> str:
        day = dt.datetime.strptime(text, "%m/%d/%Y").date()
        return f"{day.year}-{(day.month + 2) // 3}"

    by_quarter = asked("substr(o.closed_on, 1, 4) || '-' || ((CAST(substr(o.closed_on, 6, 2) AS INTEGER) + 2) / 3)")
    assert by_quarter == won_by(rows, lambda row: quarter(row["close_date"]))
    entered = (
        "SELECT count(*) FROM stage_history h JOIN stage s ON s.id = h.stage WHERE h.entered = 1 AND s.kind = 'won'"
    )
    assert store.value(entered) == 4238
    again = bring(cast, tmp_path, Opportunity, file, SAID)
    assert (again.counts.created, again.counts.updated, again.counts.skipped) == (0, 0, 8800)
    undone = undo.undo(cast.actor("owner"), result.changeset)
    assert not undone.kept
    assert store.value("SELECT count(*) FROM opportunity WHERE deleted_at IS NULL") == 0
