"""R1: a backup taken while people write, the folder wiped, the backup brought back by the commands of the manual alone."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from smallcrm import store
from smallcrm.jobs import outbox
from tests.cast import Cast
from tests.command import Server, smallcrm
from tests.faults.writers import Account, stop, write_for
from tests.visiting import Visitor, keys_of

pytestmark = pytest.mark.slow


def test_a_backup_under_load(company: Path, company_template: tuple[Path, Cast], token: str, tmp_path: Path) -> None:
    """Everything that was acknowledged before the backup began is back, whole; who was signed in signs in again; no mail goes twice."""
    keys = keys_of(company, company_template[1], "anna")
    store.open_folder(company)
    waiting = outbox.mail("ann@office.example", subject="Waits", text="Hi")
    store.close()
    account = Account()
    server = Server(company)
    writers = write_for(server.port, token, account, 1.0)
    until = time.monotonic() + 60
    while (len(account.records) <= 10 or not account.files) and time.monotonic() < until:
        threading.Event().wait(0.1)
    with account.guard:
        records, files, deleted = dict(account.records), dict(account.files), set(account.deleted)
    away = tmp_path / "stick" / "taken.zip"
    away.parent.mkdir()
    done = smallcrm("backup", away, "--data", company)
    assert done.code == 0, done.err
    threading.Event().wait(0.3)  # they go on meanwhile
    stop(writers)
    server.stop()
    assert len(records) > 10
    assert files
    assert not account.odd, account.odd

    for each in company.iterdir():
        shutil.rmtree(each) if each.is_dir() else each.unlink()
    assert smallcrm("backup", "verify", away, "--data", company).code == 0
    back = smallcrm("restore", away, "--data", company)
    assert back.code == 0, back.err
    again = Server(company)
    try:
        assert again.health()[0] == 200
        assert Visitor(again.port, *keys["anna"]).get("/customers").status == 302, "sessions of before are over"
        assert Visitor(again.port, token=token).api("GET", "/customers").status == 200
    finally:
        again.stop()
    _there(company, records, files, deleted)
    held = sqlite3.connect(company / "smallcrm.db")
    assert held.execute("SELECT state FROM outbox WHERE id = ?", [waiting]).fetchone()[0] == "held"
    held.close()


def _there(data: Path, records: dict[int, tuple[int, str]], files: dict[int, str], deleted: set[int]) -> None:
    db = sqlite3.connect(data / "smallcrm.db")
    try:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        held = {
            number: (version, gone)
            for number, version, gone in db.execute("SELECT id, version, deleted_at FROM customer")
        }
        for number, (version, _) in records.items():
            assert held[number][0] >= version, number
            assert held[number][1] or number not in deleted, number
        stored = dict(db.execute("SELECT id, sha256 FROM file"))
    finally:
        db.close()
    for number, sha in files.items():
        assert stored[number] == sha
    for sha in set(stored.values()):
        assert hashlib.sha256((data / "files" / sha[:2] / sha[2:4] / sha).read_bytes()).hexdigest() == sha
