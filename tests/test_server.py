"""The server's life: it starts, answers, rests, is asked to end, is killed, and starts again."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import threading
import time
from pathlib import Path

import pytest

from smallcrm import __version__
from tests.cast import Cast
from tests.command import Server, copy_company, smallcrm


@pytest.fixture
def company(company_template: tuple[Path, Cast], tmp_path: Path) -> Path:
    """A company's data folder of this test's own."""
    return copy_company(company_template[0], tmp_path / "data")


def asked(server: Server, path: str, token: str) -> int:
    """The status of an answer, read to its end."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        with connection.getresponse() as answer:
            answer.read()
            return answer.status
    finally:
        connection.close()


def test_asked_to_end_it_sends_what_it_is_making(company: Path) -> None:
    server = Server(company)
    assert server.health() == (200, {"status": "ok", "version": __version__})
    ended: list[tuple[int, int, int]] = []
    refused: list[str] = []
    begun = threading.Event()

    def visit() -> None:
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
            try:
                connection.connect()
            except OSError as error:  # nobody listens any more
                refused.append(type(error).__name__)
                return
            try:
                connection.request("GET", "/login")
                with connection.getresponse() as answer:
                    body = answer.read()
                ended.append((answer.status, len(body), int(answer.getheader("Content-Length", "-1"))))
                begun.set()
            except (ConnectionError, http.client.RemoteDisconnected) as error:  # let in too late to be begun with
                refused.append(type(error).__name__)
                return
            finally:
                connection.close()

    visitors = [threading.Thread(target=visit) for _ in range(6)]
    for each in visitors:
        each.start()
    assert begun.wait(60)
    asked = time.monotonic()
    assert server.stop(signal.SIGTERM) == 0
    assert time.monotonic() - asked < 40
    for each in visitors:
        each.join(60)
    assert len(refused) == 6
    assert {status for status, _, _ in ended} <= {200, 503}
    assert all(got == said for _, got, said in ended), "no answer was cut"
    assert not (company / "smallcrm.db-wal").exists() or not (company / "smallcrm.db-wal").stat().st_size
    assert "Traceback" not in server.err.read_text()


def test_killed_it_starts_again(company: Path) -> None:
    server = Server(company)
    token = smallcrm("user", "token", "anna@example.com", "--data", company).out.strip()
    server.kill()
    again = Server(company)
    assert again.health()[0] == 200
    assert asked(again, "/api/v1/customers", token) == 200, "what was written before is there"
    assert again.stop(signal.SIGINT) == 0


def test_a_port_in_use_is_one_line(company: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        port = other.getsockname()[1]
        done = smallcrm("serve", "--host", "127.0.0.1", "--port", str(port), "--data", company)
    assert done.code == 1
    assert str(port) in done.err
    assert "Traceback" not in done.err


def written(data: Path) -> dict[str, tuple[int, int, int]]:
    """(inode, size, moment of change) of everything in the folder."""
    return {
        str(path): (found.st_ino, found.st_size, found.st_mtime_ns)
        for path in sorted(data.rglob("*"))
        for found in [path.stat()]
    }


@pytest.mark.slow
def test_at_rest_it_writes_nothing(company: Path) -> None:
    server = Server(company)
    try:
        time.sleep(4)  # the first looks of the jobs
        until = time.monotonic() + 30
        before = written(company)
        while time.monotonic() < until:
            time.sleep(10)
            now = written(company)
            if now == before:
                break
            before = now
        else:
            raise AssertionError("something was written in every ten seconds")
        assert server.health()[0] == 200, "asking it how it is writes nothing either"
        assert written(company) == before
    finally:
        server.stop()


def test_the_log_tells_who_and_no_secrets(company: Path) -> None:
    server = Server(company)
    try:
        token = smallcrm("user", "token", "anna@example.com", "--data", company).out.strip()
        assert asked(server, "/api/v1/customers?q=%0d%0aforged", token) == 200
    finally:
        server.stop()
    log = (company / "logs" / "smallcrm.log").read_text()
    line = next(each for each in log.splitlines() if "/api/v1/customers" in each)
    assert " ms" in line or "ms " in line
    assert token not in log
    assert not any(each.startswith("forged") for each in log.splitlines())
    assert os.stat(company / "logs" / "smallcrm.log").st_mode & 0o077 == 0
