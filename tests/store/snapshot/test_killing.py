"""kill -9 at every point at which a backup or a restore touches the disk, and at random moments of a bigger one."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from smallcrm import store
from smallcrm.store import snapshot
from tests.store.conftest import Company


@pytest.mark.parametrize(("work", "least"), [("take", 25), ("restore", 50), ("finish", 10)])
def test_at_every_point(tmp_path: Path, work: str, least: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.store.snapshot.killing", work, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= least


TAKE = (
    "import sys; from pathlib import Path; from smallcrm import store; from smallcrm.store import snapshot\n"
    "data = Path(sys.argv[1]); store.open_folder(data); print('ready', flush=True)\n"
    "while True: snapshot.take(data / 'backups')\n"
)
RESTORE = (
    "import sys; from pathlib import Path; from smallcrm.store import snapshot\n"
    "data = Path(sys.argv[1]); print('ready', flush=True)\n"
    "while True: snapshot.restore(data / 'backups' / 'first.zip', data)\n"
)


@pytest.mark.parametrize("script", [TAKE, RESTORE])
def test_at_random_moments(company: Company, script: str) -> None:
    company.attach(os.urandom(2_000_000))
    with store.writing():
        store.run("INSERT INTO customer (name, note) SELECT name, hex(randomblob(4000)) FROM customer")
    first = snapshot.take(company.backups, name="first.zip").path
    content = first.read_bytes()
    store.close()
    chance = random.Random(7)
    for _ in range(6):
        with subprocess.Popen([sys.executable, "-c", script, str(company.data)], stdout=subprocess.PIPE) as other:
            assert other.stdout is not None
            other.stdout.readline()
            time.sleep(chance.uniform(0.02, 0.5))
            other.kill()
        snapshot.clean(company.data)
        store.open_folder(company.data)
        assert store.value("SELECT count(*) FROM customer") == 406
        assert store.value("PRAGMA integrity_check") == "ok"
        assert [path.name for path in company.data.rglob(".draft-*")] == []
        for path in sorted(company.backups.glob("*.zip"))[-3:]:
            assert snapshot.verify(path).ok
        store.close()
    assert first.read_bytes() == content
