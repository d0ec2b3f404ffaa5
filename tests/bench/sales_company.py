"""A company with very many opportunities: ``python -m tests.bench.sales_company FOLDER COUNT``, into a folder that ``demo`` has filled.

They come in by the product's own door, as the demo's do. The stages that they passed on their way are then written between, in the
order of time: played through one by one they would take three times as long.
"""

from __future__ import annotations

import datetime as dt
import gc
import random
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from smallcrm import opening, store
from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.areas.pipeline.rules import ready, stages
from smallcrm.areas.pipeline.rules.stages import Way
from smallcrm.base import clock
from smallcrm.base.i18n import speaking
from smallcrm.config import Config
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import change, changesets, indexes, search

BLOCK, DAYS = 2000, 3 * 365
OPEN, WON, SHARED = 0.2, 0.55, 0.05
SOURCES = ("网站", "展会", "转介绍", "电话", "广告")
COLUMNS = (
    "opportunity", "at", "until", "by", "pipeline", "stage", "from_stage", "from_since", "entered", "state", "amount", "chance", "forecast",
    "expected_close", "closed_on", "owner", "team", "reason",
)  # fmt: skip


def main() -> None:
    """Add as many as are missing."""
    folder, count = sys.argv[1], int(sys.argv[2])
    begun = time.perf_counter()
    gc.disable()
    with opening.alone(Config(data_folder=Path(folder))), speaking("zh"):
        missing = max(0, count - int(store.value("SELECT count(*) FROM opportunity")))
        if missing:
            way = next(iter(stages.every().values()))
            with store.loading(), indexes.made_at_the_end(Opportunity):
                _bring_in(random.Random(f"sales/{count}"), way, missing)
                _walk(random.Random(f"history/{count}"), way)
            search.optimize()
            indexes.analyze()
    print(f"{missing:,} opportunities added in {time.perf_counter() - begun:.0f} s")


def _bring_in(rng: random.Random, way: Way, missing: int) -> None:
    products = [number for (number,) in store.rows("SELECT id FROM product WHERE deleted_at IS NULL")]
    rivals = [number for (number,) in store.rows("SELECT id FROM competitor WHERE deleted_at IS NULL")]
    customers = store.rows("SELECT id, owner FROM customer WHERE deleted_at IS NULL AND owner IS NOT NULL")
    sellers = sorted({owner for _number, owner in customers})
    for start in range(0, missing, BLOCK):
        many = [
            _draw(rng, way, *rng.choice(customers), products, rivals, sellers)
            for _ in range(min(BLOCK, missing - start))
        ]
        with changesets.opened(SYSTEM, "demo"), store.writing():
            change.create_many(SYSTEM, Opportunity, many, trusted=True)


def _draw(
    rng: random.Random, way: Way, customer: int, owner: int, products: list[int], rivals: list[int], sellers: list[int]
) -> dict[str, Any]:
    """One opportunity as a form or a list would bring it."""
    today, is_open = clock.today(), rng.random() < OPEN
    age = rng.randint(2, 300) if is_open else rng.randint(8, DAYS)
    opened = today - dt.timedelta(days=age)
    chosen = rng.sample(products, min(len(products), rng.choice((1, 1, 2, 3))))
    found: dict[str, Any] = {
        "customer": customer, "owner": owner, "opened_on": opened.isoformat(), "source": rng.choice(SOURCES),
        "products": [{"product": product, "quantity": rng.randint(1, 40), "discount": rng.choice((None, 5))} for product in chosen],
    }  # fmt: skip
    if rng.random() < SHARED:
        other = rng.choice([each for each in sellers if each != owner])
        found["shares"] = [{"user": other, "percent": rng.choice((20, 30, 50))}]
    if is_open:
        close = today + dt.timedelta(days=rng.randint(-20, 330))
        return found | {"stage": rng.choice(way.open_steps).id, "expected_close": close.isoformat()}
    won = rng.random() < WON
    closed = (opened + dt.timedelta(days=min(rng.randint(6, 120), age - 1))).isoformat()
    step = way.ending("won" if won else "lost") or way.steps[-1]
    found |= {"stage": step.id, "closed_on": closed, "expected_close": closed}
    if not won:
        found |= {"close_reason": str(rng.choice(ready.LOSS_REASONS)), "lost_to": rng.choice([None, *rivals])}
    return found


def _walk(rng: random.Random, way: Way) -> None:
    """Write the history anew with the stages between, a row a stage, numbered in the order of time."""
    names = ", ".join(COLUMNS)
    held = [
        dict(zip(COLUMNS, row, strict=True))
        for row in store.rows(f"SELECT {names} FROM stage_history ORDER BY opportunity, id")
    ]
    ended = {row["opportunity"] for row in held if row["state"] != "open"}
    made: list[dict[str, Any]] = []
    for row in held:
        before = made[-1] if made and made[-1]["opportunity"] == row["opportunity"] else None
        if before and row["entered"]:
            row["from_stage"] = before["stage"]
        made += _steps(rng, way, row, over=row["opportunity"] in ended)
    made.sort(key=lambda row: row["at"])
    with store.writing():
        store.run("DELETE FROM stage_history")
        store.run_many(
            f"INSERT INTO stage_history ({names}) VALUES ({', '.join('?' * len(COLUMNS))})",
            [[row[name] for name in COLUMNS] for row in made],
        )


def _steps(rng: random.Random, way: Way, row: dict[str, Any], *, over: bool) -> Iterator[dict[str, Any]]:
    """What an open row stands for: the stages up to its own, or up to any where it has ended since."""
    begun, until = dt.datetime.fromisoformat(row["at"]), dt.datetime.fromisoformat(row["until"] or clock.stamp())
    stages_ = list(way.open_steps)
    place = rng.randrange(len(stages_)) if over else next((n for n, s in enumerate(stages_) if s.id == row["stage"]), 0)
    if row["state"] != "open" or not place or until - begun < dt.timedelta(days=2):
        yield row
        return
    moments = sorted(begun + (until - begun) * rng.random() for _ in range(place))
    border = [row["at"], *(clock.iso(each) for each in moments), row["until"]]
    for n, (at, end) in enumerate(pairwise(border)):
        step = stages_[n]
        yield row | {
            "at": at, "until": end, "stage": step.id, "from_stage": stages_[n - 1].id if n else row["from_stage"],
            "chance": step.chance, "forecast": step.forecast,
        }  # fmt: skip


if __name__ == "__main__":
    main()
