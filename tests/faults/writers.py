"""Clients that write through the API and keep an account of every acknowledged answer; and what must hold afterwards."""

from __future__ import annotations

import hashlib
import http.client
import json
import random
import sqlite3
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Account:
    """What the server said yes to: record id → (version, phone), deleted ids, uploaded files, keys tried."""

    records: dict[int, tuple[int, str]] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    files: dict[int, str] = field(default_factory=dict)  # id → sha256
    tried: dict[int, set[str]] = field(default_factory=dict)  # id → values sent without an answer
    keys: dict[str, int | None] = field(default_factory=dict)  # idempotency key → id
    odd: list[str] = field(default_factory=list)
    guard: threading.Lock = field(default_factory=threading.Lock)


class Writer(threading.Thread):
    """One client: creates, changes, deletes, uploads, until stopped or cut off."""

    def __init__(self, port: int, token: str, account: Account, seed: int) -> None:
        super().__init__(daemon=True)
        self.port, self.token, self.account = port, token, account
        self.random = random.Random(seed)
        self.mine: list[int] = []
        self.stopping = threading.Event()
        self.n = 0

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            while not self.stopping.is_set():
                self.n += 1
                self._step(connection)
        except (OSError, http.client.HTTPException):  # it was killed under us
            return
        finally:
            connection.close()

    def call(
        self, connection: http.client.HTTPConnection, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Any]:
        raw = json.dumps(body).encode() if body is not None and not isinstance(body, bytes) else body
        kept = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        connection.request(
            method, f"/api/v1{path}", body=raw, headers={**kept, **{k.replace("_", "-"): v for k, v in headers.items()}}
        )
        answer = connection.getresponse()
        data = answer.read()
        if answer.status >= 500 and answer.status not in (503, 507):
            self.account.odd.append(f"{method} {path}: {answer.status} {data[:200]!r}")
        return answer.status, json.loads(data) if data else None

    def _step(self, connection: http.client.HTTPConnection) -> None:
        chance = self.random.random()
        if chance < 0.45 or not self.mine:
            self._create(connection)
        elif chance < 0.8:
            self._change(connection)
        elif chance < 0.9:
            self._upload(connection)
        else:
            self._bin(connection)

    def _create(self, connection: http.client.HTTPConnection) -> None:
        key = f"{self.name}-{self.n}-{self.random.random()}"
        with self.account.guard:
            self.account.keys[key] = None
        phone = f"0113 {self.random.randrange(10**6):06d}"
        body = {"name": f"Firm {key}", "phone": phone, "notes": key, "tags": ["a", "b"]}
        status, made = self.call(connection, "POST", "/customers", body, Idempotency_Key=key)
        if status == 201:
            with self.account.guard:
                self.account.keys[key] = made["id"]
                self.account.records[made["id"]] = (made["version"], made["phone"])
            self.mine.append(made["id"])

    def _change(self, connection: http.client.HTTPConnection) -> None:
        number = self.random.choice(self.mine)
        version, _ = self.account.records[number]
        phone = f"0113 {self.random.randrange(10**6):06d}"
        with self.account.guard:
            self.account.tried.setdefault(number, set()).add(phone)
        status, made = self.call(connection, "PATCH", f"/customers/{number}", {"phone": phone}, If_Match=f'"{version}"')
        if status == 200:
            with self.account.guard:
                self.account.records[number] = (made["version"], made["phone"])

    def _bin(self, connection: http.client.HTTPConnection) -> None:
        number = self.mine.pop(self.random.randrange(len(self.mine)))
        with self.account.guard:
            self.account.tried.setdefault(number, set()).add("deleted")
        status, _ = self.call(connection, "DELETE", f"/customers/{number}")
        if status == 204:
            with self.account.guard:
                self.account.deleted.add(number)

    def _upload(self, connection: http.client.HTTPConnection) -> None:
        number = self.random.choice(self.mine)
        content = self.random.randbytes(20_000)
        edge = "----smallcrmtests"
        head = "".join(
            f'--{edge}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'
            for n, v in (("about_type", "customers"), ("about_id", number))
        )
        file = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\nContent-Type: application/octet-stream\r\n\r\n'
        body = head.encode() + file.encode() + content + f"\r\n--{edge}--\r\n".encode()
        status, made = self.call(
            connection, "POST", "/files", body, Content_Type=f"multipart/form-data; boundary={edge}"
        )
        if status == 201:
            with self.account.guard:
                self.account.files[made["id"]] = hashlib.sha256(content).hexdigest()


def write_for(port: int, token: str, account: Account, seconds: float, clients: int = 8, seed: int = 0) -> list[Writer]:
    """Start clients and let them work for so long; they go on until stopped."""
    writers = [Writer(port, token, account, seed * 100 + n) for n in range(clients)]
    for each in writers:
        each.start()
    threading.Event().wait(seconds)
    return writers


def stop(writers: list[Writer]) -> None:
    """Let them end."""
    for each in writers:
        each.stopping.set()
    for each in writers:
        each.join(30)


def invariants(data: Path, account: Account) -> None:
    """Every acknowledged write is there whole, nothing half, nothing twice, the database sound, each file's bytes its own."""
    assert not account.odd, account.odd[:5]
    db = sqlite3.connect(data / "smallcrm.db", isolation_level=None)
    try:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        held = {i: (v, p, d) for i, v, p, d in db.execute("SELECT id, version, phone, deleted_at FROM customer")}
        for number, (version, phone) in account.records.items():
            assert number in held, f"customer {number} was acknowledged and is gone"
            found_version, found_phone, deleted = held[number]
            assert found_version >= version, (number, found_version, version)
            if number in account.deleted:
                assert deleted, number
            elif found_version == version:
                assert _digits(found_phone).endswith(_digits(phone)[-6:]), (number, found_phone, phone)
            else:  # a change that was cut off before its answer
                assert account.tried.get(number), (number, found_version, version)
        notes = [note for (note,) in db.execute("SELECT notes FROM customer WHERE notes LIKE 'Thread-%'")]
        assert len(notes) == len(set(notes)), "something was made twice"
        assert set(notes) <= set(account.keys)
        changed = dict(
            db.execute("SELECT record, count(*) FROM \"change\" WHERE record_type = 'customer' GROUP BY record")
        )
        for number, (version, _, _) in held.items():
            assert changed.get(number, 0) >= version, (
                f"customer {number}: {version} versions, {changed.get(number, 0)} changes"
            )
        stored = dict(db.execute("SELECT id, sha256 FROM file"))
        for number, sha in account.files.items():
            assert stored.get(number) == sha, number
        for sha in set(stored.values()) - {None}:
            path = data / "files" / sha[:2] / sha[2:4] / sha
            assert path.exists(), path
            assert hashlib.sha256(path.read_bytes()).hexdigest() == sha
        done = dict(db.execute("SELECT key, status FROM idempotent_answer"))
        for key, number in account.keys.items():
            assert number is None or done.get(key) == 201, key
    finally:
        db.close()
    left = [p for p in data.rglob("*") if p.suffix in (".tmp", ".part") and p.is_file()]
    assert not left, left


def _digits(text: str | None) -> str:
    return "".join(c for c in text or "" if c.isdigit())
