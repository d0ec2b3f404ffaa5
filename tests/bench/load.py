"""64 clients at once, reading and writing, a backup and an import in between: no error, nothing locked, no update lost."""

from __future__ import annotations

import json
import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.asking import Client
from tests.bench.processes import command

CLIENTS, WRITING = 64, 0.3
READ = ("/", "/customers", "/contacts", "/activities", "/customers?sort=-annual_revenue", "/search?q=A")
SHARED = 16  # customers that everybody counts up


@dataclass
class Tally:
    """What all of them saw."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    done: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    added: Counter[int] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)

    def note(self, what: str, took: float, error: str = "") -> None:
        """One request."""
        with self.lock:
            self.done[what] += 1
            self.times.append(took)
            if error:
                self.errors[error] += 1


def token(data: Path, email: str) -> str:
    """An API token."""
    made = command("--data", str(data), "user", "token", email)
    if made.returncode:
        raise SystemExit(made.stderr)
    return made.stdout.strip()


def run(port: int, data: Path, *, minutes: float) -> Tally:
    """The load; afterwards every customer must show what was acknowledged."""
    owner = _api(token(data, "owner@demo.test"))
    first = json.loads(Client(port).get("/api/v1/customers?limit=200&fields=id,employees", **owner).text)["items"]
    shared = {each["id"]: int(each.get("employees") or 0) for each in first[:SHARED]}
    people = ["owner@demo.test", *(f"sales{n}@demo.test" for n in range(1, 7))]
    for email in people:
        Client(port).sign_in(email)
    tally, until = Tally(), time.monotonic() + minutes * 60
    threads = [
        threading.Thread(target=_client, args=(port, n, people[n % len(people)], owner, list(shared), tally, until))
        for n in range(CLIENTS)
    ]
    for thread in threads:
        thread.start()
    _beside(data, tally, minutes)
    for thread in threads:
        thread.join()
    _check(port, owner, shared, tally)
    return tally


def _api(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Content_Type": "application/json"}


def _beside(data: Path, tally: Tally, minutes: float) -> None:
    """A backup and an import while everybody works."""
    time.sleep(minutes * 60 / 4)
    copy = data.parent / "bench-load.zip"
    copy.unlink(missing_ok=True)  # of an earlier bench
    made = command("--data", str(data), "backup", str(copy))
    tally.note("backup", 0, made.stderr[:200] if made.returncode else "")
    rows = (f"Load {n} Ltd,0113 496 {n:04d},Leeds" for n in range(2000))
    made = bring_in(data, "load", "Company,Phone,City", rows)
    tally.note("import", 0, (made.stderr[:200] or "import failed") if made.returncode else "")


def bring_in(data: Path, name: str, heads: str, rows: Iterable[str]) -> subprocess.CompletedProcess[str]:
    """Import rows of customers by the command, the first column being their names."""
    sheet, mapping = data.parent / f"bench-{name}.csv", data.parent / "bench-mapping.json"
    sheet.write_text("\n".join([heads, *rows, ""]), "utf-8")
    mapping.write_text(json.dumps({"columns": {"Company": "name"}}), "utf-8")
    return command("--data", str(data), "import", "customers", str(sheet), "--mapping", str(mapping))


def _client(port: int, n: int, email: str, api: dict[str, str], shared: list[int], tally: Tally, until: float) -> None:
    rng, pages, writer = random.Random(n), Client(port).sign_in(email), Client(port)
    paths = [path for path in READ if pages.get(path).status != 404]
    while time.monotonic() < until:
        begun = time.perf_counter()
        try:
            if rng.random() < WRITING:
                what, error = _write(writer, rng, api, shared, tally)
            else:
                path = rng.choice(paths)
                answer = pages.get(path)
                what, error = path, "" if answer.status == 200 else f"{path}: {answer.status}"
        except OSError as broken:
            what, error = "connection", repr(broken)
        tally.note(what, (time.perf_counter() - begun) * 1000, error)


def _write(client: Client, rng: random.Random, api: dict[str, str], shared: list[int], tally: Tally) -> tuple[str, str]:
    number = rng.choice(shared)
    if rng.random() < 0.5:
        body = json.dumps({"kind": "note", "subject": f"Load {rng.random()}", "customer": number})
        answer = client.ask("POST", "/api/v1/activities", body, **api)
        return "new activity", "" if answer.status == 201 else f"POST: {answer.status} {answer.text[:120]}"
    for _ in range(40):
        held = json.loads(client.get(f"/api/v1/customers/{number}", **api).text)
        body = json.dumps({"employees": int(held.get("employees") or 0) + 1})
        answer = client.ask("PATCH", f"/api/v1/customers/{number}", body, If_Match=f'"{held["version"]}"', **api)
        if answer.status == 200:
            with tally.lock:
                tally.added[number] += 1
            return "count up", ""
        if answer.status != 412:
            return "count up", f"PATCH: {answer.status} {answer.text[:120]}"
    return "count up (gave way)", ""


def _check(port: int, api: dict[str, str], shared: dict[int, int], tally: Tally) -> None:
    for number, before in shared.items():
        held = json.loads(Client(port).get(f"/api/v1/customers/{number}", **api).text)
        if int(held.get("employees") or 0) != before + tally.added[number]:
            tally.errors["lost update"] += 1
