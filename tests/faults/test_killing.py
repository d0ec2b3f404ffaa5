"""F1, F8, L3: kill -9 in the middle of writing, again and again on the same folder; every acknowledged write is there."""

from __future__ import annotations

import os
import random
import signal
import threading
from pathlib import Path

import pytest

from tests.command import Server, smallcrm
from tests.faults.writers import Account, Writer, invariants, stop, write_for

pytestmark = pytest.mark.slow
TIMES = int(os.environ.get("SOAK_KILLS", "10"))


def test_killed_while_writing(company: Path, token: str) -> None:
    """SIGKILL at random moments under eight writers; it starts again by itself each time, and all is there."""
    account = Account()
    chance = random.Random(20260101)
    for n in range(TIMES):
        server = Server(company)
        writers = write_for(server.port, token, account, chance.uniform(0.2, 1.6), seed=n)
        server.kill()
        stop(writers)
        invariants(company, account)
    assert len(account.records) > 10 * TIMES / 2
    server = Server(company)
    account_after = Account()
    stop(write_for(server.port, token, account_after, 0.5, clients=2, seed=999))
    assert account_after.records, "it goes on writing without any manual step"
    assert server.stop(signal.SIGTERM) == 0
    assert smallcrm("check", "--data", company, "--json").code in (0, 1)


def test_asked_to_end_while_writing(company: Path, token: str) -> None:
    """SIGTERM under load: what was answered is kept, the rest is refused cleanly, exit 0, no journal left."""
    account = Account()
    server = Server(company)
    writers = write_for(server.port, token, account, 1.0, clients=12)
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(60) == 0
    server.stop()
    stop(writers)
    invariants(company, account)
    journal = company / "smallcrm.db-wal"
    assert not journal.exists() or journal.stat().st_size == 0
    assert "Traceback" not in server.err.read_text()


def test_the_same_request_twice_at_once(company: Path, token: str) -> None:
    """Twenty times the same key at once: one record, everybody the same answer; again after a kill."""
    server = Server(company)
    account = Account()
    answers: list[tuple[int, int]] = []
    body = {"name": "Twenty times"}

    def send(port: int) -> None:
        import http.client

        writer = Writer(port, token, account, 1)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        status, made = writer.call(connection, "POST", "/customers", body, Idempotency_Key="the same key")
        answers.append((status, made["id"]))
        connection.close()

    threads = [threading.Thread(target=send, args=(server.port,)) for _ in range(20)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(answers) == 20
    assert len(set(answers)) == 1, answers
    server.kill()
    again = Server(company)
    send(again.port)
    assert len(set(answers)) == 1
    again.stop()
    assert not account.odd


def test_lost_updates(company: Path, token: str) -> None:
    """Thirty clients adding one to three records by If-Match: the sum is the number of yeses, the rest are told 412 or 428."""
    import http.client

    server = Server(company)
    account = Account()
    first = Writer(server.port, token, account, 0)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    ids = [
        first.call(connection, "POST", "/customers", {"name": f"Counted {n}", "employees": 0})[1]["id"]
        for n in range(3)
    ]
    said: list[int] = []

    def add(seed: int) -> None:
        mine = Writer(server.port, token, account, seed)
        line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        for _ in range(6):
            number = mine.random.choice(ids)
            _, now = mine.call(line, "GET", f"/customers/{number}")
            body = {"employees": (now["employees"] or 0) + 1}
            status, _ = mine.call(line, "PATCH", f"/customers/{number}", body, If_Match=f'"{now["version"]}"')
            said.append(status)
        line.close()

    threads = [threading.Thread(target=add, args=(n,)) for n in range(30)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    total = sum(first.call(connection, "GET", f"/customers/{n}")[1]["employees"] for n in ids)
    assert set(said) <= {200, 412}, set(said)
    assert total == said.count(200) > 0
    assert first.call(connection, "PATCH", f"/customers/{ids[0]}", {"employees": 1})[0] == 428
    connection.close()
    server.stop()
    assert not account.odd
