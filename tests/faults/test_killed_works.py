"""F5, F6, F7: kill -9 in the middle of an import, of a merge and of the pool's run. Whole or not at all, said after the restart, done
again without doubles."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from smallcrm import store
from smallcrm.areas.activities.records import Activity
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.pool.records import Pool
from smallcrm.base import clock
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import cache, change, changesets, settings
from tests.cast import Cast
from tests.command import Server
from tests.visiting import Visitor, keys_of

pytestmark = pytest.mark.slow
ROWS = 1500


def count(data: Path, sql: str) -> int:
    """A figure out of the database as it lies there."""
    reading = sqlite3.connect(data / "smallcrm.db", timeout=20)
    try:
        return int(reading.execute(sql).fetchone()[0])
    finally:
        reading.close()


def sound(data: Path) -> None:
    """What must hold whatever was killed."""
    reading = sqlite3.connect(data / "smallcrm.db")
    try:
        assert reading.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert reading.execute("PRAGMA foreign_key_check").fetchall() == []
    finally:
        reading.close()


def opened(data: Path) -> None:
    """The company in this process, to be made ready; ``store.close`` ends it."""
    store.open_folder(data)
    cache.forget()
    settings.apply()


def a_list() -> bytes:
    rows = "".join(f"Firm {n},0113 496 {n:04d},Person {n}\n" for n in range(ROWS))
    return f"Name,Phone,Contact name\n{rows}".encode()


def bring_in(visitor: Visitor) -> str:
    """Send the list and start its import; where it stands."""
    url = visitor.send("/customers/import", a_list()).headers["Location"]
    visitor.post(f"{url}/columns", {"c0": "name", "c1": "phone", "c2": "contact.name", "mode": "both"})
    assert visitor.post(f"{url}/run").status == 303
    return str(url)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.8], ids=["reading", "early", "late"])
def test_an_import(share: float, company: Path, company_template: tuple[Path, Cast]) -> None:
    keys = keys_of(company, company_template[1], "anna")
    server = Server(company)
    anna = Visitor(server.port, *keys["anna"])
    url = bring_in(anna)
    until = time.monotonic() + 120
    while share and count(company, "SELECT count(*) FROM customer") < share * ROWS and time.monotonic() < until:
        time.sleep(0.02)
    server.kill()
    sound(company)
    written = count(company, "SELECT count(*) FROM customer")
    assert share * ROWS <= written < ROWS
    lonely = "SELECT count(*) FROM customer c WHERE NOT EXISTS (SELECT 1 FROM contact WHERE customer = c.id) OR c.phone IS NULL"
    assert count(company, lonely) == 0, "a row comes in whole"

    again = Server(company)
    try:
        anna.port = again.port
        page = anna.get(url)
        assert page.status == 200
        assert "smallcrm was stopped during this import" in page.text
        assert count(company, "SELECT count(*) FROM work WHERE state = 'running'") == 0
        assert count(company, "SELECT count(*) FROM change_set WHERE state = 'running'") == 0
        second = bring_in(anna)
        while "left out." not in anna.get(second).text and time.monotonic() < until:
            time.sleep(0.2)
        assert f"{ROWS - written:,} new" in anna.get(second).text
        for table in ("customer", "contact"):
            assert count(company, f"SELECT count(*) FROM {table}") == ROWS, f"no {table} twice"
            assert count(company, f"SELECT count(DISTINCT name) FROM {table}") == ROWS
    finally:
        again.stop()
    sound(company)


PAIRS, CHILDREN = 4, 250


def test_a_merge(company: Path, company_template: tuple[Path, Cast]) -> None:
    """Killed at four moments: both as they were, or one that has everything; never a child without its customer."""
    cast = company_template[1]
    keys = keys_of(company, cast, "anna")
    opened(company)
    pairs = []
    with changesets.opened(SYSTEM, "demo"):
        for n in range(PAIRS):
            pair = [
                int(change.create(SYSTEM, Customer, {"name": f"Firm {n} {side}", "owner": cast.anna}, trusted=True).id)
                for side in "ab"
            ]
            body = {"kind": "call", "subject": "A call", "owner": cast.anna, "done_at": clock.stamp()}
            change.create_many(SYSTEM, Activity, [{**body, "customer": pair[1]} for _ in range(CHILDREN)], trusted=True)
            pairs.append(pair)
    store.close()
    seen = set()
    for (kept, gone), pause in zip(pairs, (0.0, 0.03, 0.08, 5.0), strict=True):
        server = Server(company)
        anna = Visitor(server.port, *keys["anna"])

        def merge(anna: Visitor = anna, kept: int = kept, gone: int = gone) -> None:
            with suppress(Exception):  # cut off
                anna.api("POST", f"/customers/{kept}/merge", {"with": gone})

        asking = threading.Thread(target=merge)
        asking.start()
        asking.join(pause)
        server.kill()
        asking.join()
        sound(company)
        done = count(company, f"SELECT merged_into IS NOT NULL FROM customer WHERE id = {gone}")
        assert count(company, f"SELECT deleted_at IS NOT NULL FROM customer WHERE id = {gone}") == done
        assert count(company, f"SELECT count(*) FROM activity WHERE customer = {kept}") == (CHILDREN if done else 0)
        assert count(company, f"SELECT count(*) FROM activity WHERE customer = {gone}") == (0 if done else CHILDREN)
        assert count(company, f"SELECT count(*) FROM change_set WHERE why = 'merge' AND note = '{gone}'") == done
        seen.add(done)
    assert 1 in seen, "given time it is done"
    server = Server(company)  # what was not done can be done now
    try:
        anna = Visitor(server.port, *keys["anna"])
        for kept, gone in pairs:
            assert anna.api("POST", f"/customers/{kept}/merge", {"with": gone}).status in (200, 404, 409)
            assert count(company, f"SELECT count(*) FROM activity WHERE customer = {kept}") == CHILDREN
    finally:
        server.stop()


NEGLECTED = 2000


def test_the_pools_run(company: Path, company_template: tuple[Path, Cast]) -> None:
    """Killed again and again while hundreds fall in: each falls once, with its history, and none is in two hands."""
    cast = company_template[1]
    keys = keys_of(company, cast, "owner")
    opened(company)
    with clock.at(clock.now() - dt.timedelta(days=40)), changesets.opened(SYSTEM, "demo"):
        pool = change.create(
            SYSTEM, Pool, {"name": "Everybody's", "members": [cast.anna], "days_without_follow_up": 10}, trusted=True
        )
        rows = [{"name": f"Neglected {n}", "owner": cast.anna} for n in range(NEGLECTED)]
        change.create_many(SYSTEM, Customer, rows, trusted=True)
    store.close()
    fallen = f"SELECT count(*) FROM customer WHERE pool = {pool.id}"
    seen = [0]
    for _ in range(3):
        server = Server(company)
        owner = Visitor(server.port, *keys["owner"])
        assert owner.post("/admin/jobs/pool-recycle/run").status == 303
        until = time.monotonic() + 120
        while count(company, fallen) == seen[-1] and time.monotonic() < until:
            time.sleep(0.005)
        server.kill()
        sound(company)
        seen.append(count(company, fallen))
        assert count(company, "SELECT count(*) FROM owner_history WHERE kind = 'auto'") == seen[-1]
        assert count(company, "SELECT count(*) FROM customer WHERE pool IS NOT NULL AND owner IS NOT NULL") == 0
    assert 0 < seen[1] < NEGLECTED, "it was killed on the way"

    server = Server(company)
    try:
        owner = Visitor(server.port, *keys["owner"])
        assert owner.post("/admin/jobs/pool-recycle/run").status == 303
        until = time.monotonic() + 240
        while count(company, fallen) < NEGLECTED and time.monotonic() < until:
            time.sleep(0.1)
    finally:
        server.stop()
    sound(company)
    assert count(company, fallen) == NEGLECTED
    once = "SELECT count(*) FROM (SELECT record FROM owner_history WHERE kind = 'auto' GROUP BY record HAVING count(*) = 1)"
    assert count(company, once) == NEGLECTED
    assert count(company, "SELECT count(*) FROM change_set WHERE state = 'running'") == 0
