"""C1, C2, C3, D3: damaged files, a second server, a folder that cannot be written. One clear line, and nothing is made up."""

from __future__ import annotations

import hashlib
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import PROGRAM, ROOT, Server, environment, free_port, smallcrm

pytestmark = pytest.mark.slow


def _zero_header(db: Path) -> None:
    with db.open("r+b") as file:
        file.write(b"\0" * 100)


def _half(db: Path) -> None:
    os.truncate(db, db.stat().st_size // 2)


def _text(db: Path) -> None:
    db.write_text("This is no database.\n" * 50)


def _empty(db: Path) -> None:
    db.write_bytes(b"")


def _another(db: Path) -> None:
    db.unlink()
    other = sqlite3.connect(db)
    other.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, said TEXT)")
    other.commit()
    other.close()


def _missing(db: Path) -> None:
    db.unlink()
    (db.parent / "files" / "ab" / "cd").mkdir(parents=True, exist_ok=True)
    (db.parent / "files" / "ab" / "cd" / ("abcd" + "0" * 60)).write_bytes(b"x")


DAMAGES: list[Callable[[Path], None]] = [_zero_header, _half, _text, _empty, _another, _missing]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda each: each.__name__.strip("_"))
def test_damaged_database(damage: Callable[[Path], None], company: Path) -> None:
    """It says so in one line, ends with 4, and touches nothing: what is left may still be rescued."""
    db = company / "smallcrm.db"
    damage(db)
    before = hashlib.sha256(db.read_bytes()).hexdigest() if db.exists() else ""
    done = smallcrm("serve", "--host", "127.0.0.1", "--port", str(free_port()), "--data", company, timeout=60)
    assert done.code == 4, done.err
    assert "Traceback" not in done.err
    assert len(done.err.strip().splitlines()) == 1, done.err
    assert any(word in done.err.lower() for word in ("damaged", "not ours", "newer", "no database")), done.err
    assert (hashlib.sha256(db.read_bytes()).hexdigest() if db.exists() else "") == before
    assert smallcrm("check", "--data", company).code in (1, 4)


def test_a_newer_database(company: Path) -> None:
    """Written by a newer version: refused, not changed."""
    db = sqlite3.connect(company / "smallcrm.db")
    db.execute("INSERT INTO schema_migration (name, applied) VALUES ('9999_from_tomorrow', '2030-01-01T00:00:00.000Z')")
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    done = smallcrm("serve", "--host", "127.0.0.1", "--port", str(free_port()), "--data", company)
    assert done.code == 4, done.err
    assert "newer" in done.err
    assert "Traceback" not in done.err


def test_one_server_of_many(company: Path) -> None:
    """Five at once: one serves, the others end with 3 within seconds; killed, the next starts at once."""
    args = [*PROGRAM, "--data", str(company), "serve", "--host", "127.0.0.1", "--port"]
    started = [
        subprocess.Popen(
            [*args, str(free_port())],
            cwd=ROOT,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(5)
    ]
    until = time.monotonic() + 40
    while time.monotonic() < until and sum(each.poll() is None for each in started) > 1:
        time.sleep(0.1)
    alive = [each for each in started if each.poll() is None]
    ended = [each for each in started if each.poll() is not None]
    try:
        assert len(alive) == 1
        for each in ended:
            assert each.returncode == 3
            said = each.stderr.read() if each.stderr else ""
            assert len(said.strip().splitlines()) == 1, said
    finally:
        for each in alive:
            each.send_signal(signal.SIGKILL)
        for each in started:
            each.wait(20)
            if each.stderr:
                each.stderr.close()
    again = Server(company)
    assert again.stop() == 0


@pytest.mark.parametrize("content", ["short", "\ufeff" + "0" * 64], ids=["short", "other"])
def test_damaged_key(content: str, company: Path) -> None:
    """A key that is not the one of then is refused, never made anew in its place."""
    assert Server(company).stop() == 0  # notes which key is this folder's
    key = company / "secret.key"
    key.write_text(content)
    key.chmod(0o600)
    done = smallcrm("serve", "--host", "127.0.0.1", "--port", str(free_port()), "--data", company)
    assert done.code in (1, 2, 4), (done.code, done.out)
    assert "secret.key" in done.err
    assert "Traceback" not in done.err
    assert key.read_text() == content


@pytest.mark.parametrize(
    "text", ["[server\nport = 1", "port = 'x'\n[server]\nport = 'many'", "[server]\nnonsense = 1", "[server]\nport = 1\nport = 2", "\x00"],
    ids=["truncated", "wrong-type", "unknown", "doubled", "binary"],
)  # fmt: skip
def test_damaged_configuration(text: str, company: Path, tmp_path: Path) -> None:
    """Exit 2 and one line that names the file and what is wrong in it."""
    config = tmp_path / "smallcrm.toml"
    config.write_text(text)
    done = smallcrm("serve", "--config", config, "--data", company)
    assert done.code == 2, done.err
    assert len(done.err.strip().splitlines()) == 1, done.err
    assert "Traceback" not in done.err
    assert any(word in done.err for word in ("smallcrm.toml", "line", "port", "nonsense", "server")), done.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere; run as another user to test a read-only folder")
def test_read_only_folder(company: Path) -> None:
    """It does not start where it cannot write, and says so."""
    company.chmod(0o500)
    try:
        done = smallcrm("serve", "--host", "127.0.0.1", "--port", str(free_port()), "--data", company)
        assert done.code != 0
        assert len(done.err.strip().splitlines()) == 1, done.err
    finally:
        company.chmod(0o700)


def test_a_key_that_is_gone(company: Path) -> None:
    """Where there are data, none is made anew: everybody would be signed out, and sealed passwords lost, without a word."""
    assert Server(company).stop() == 0  # notes which key is this folder's
    (company / "secret.key").unlink()
    done = smallcrm("serve", "--host", "127.0.0.1", "--port", str(free_port()), "--data", company)
    assert done.code in (1, 2, 4), (done.code, done.out)
    assert "secret.key" in done.complaint
    assert not (company / "secret.key").exists()


@pytest.mark.parametrize("head", [b"\xef\xbb\xbf", b"# settings\r\n"], ids=["bom", "crlf"])
def test_a_configuration_as_windows_writes_it(head: bytes, company: Path, tmp_path: Path) -> None:
    """Notepad's mark and line ends are no obstacle."""
    config = tmp_path / "smallcrm.toml"
    config.write_bytes(head + b"[server]\r\nthreads = 7\r\n")
    done = smallcrm("config", "--config", config, "--data", company, "--json")
    assert (done.code, "7" in done.out) == (0, True), done.err
