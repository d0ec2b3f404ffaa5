"""A restore exchanges everything or nothing, keeps what it replaced, and brings back nobody who must stay away."""

from __future__ import annotations

import datetime as dt
import errno
import io
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from smallcrm import store
from smallcrm.base.errors import BadUsage, Busy, Damaged, DiskFull, FolderInUse, Invalid, NotFound
from smallcrm.store import blobs, erasures, lock, migrations, snapshot, swap
from smallcrm.store.erasures import Erasure
from tests.store.conftest import Company
from tests.store.snapshot import hostile
from tests.store.snapshot.test_taking import leftovers

NOON = dt.datetime(2026, 11, 21, 12, 0, 0, tzinfo=dt.UTC)


@pytest.fixture
def backup(company: Company) -> Path:
    """A backup, after which things went on: another customer, another file, another key."""
    path = snapshot.take(company.backups).path
    company.add("added later")
    blobs.put(io.BytesIO(b"attached later"))
    (company.data / "secret.key").write_bytes(b"n" * 32)
    return path


@pytest.fixture(autouse=True)
def no_hooks() -> Iterator[None]:
    """Hooks of other packages have no business here, nor those of one test in the next."""
    kept = snapshot.after_restore[:], snapshot.replay_erasures[:]
    snapshot.after_restore[:], snapshot.replay_erasures[:] = [], []
    yield
    snapshot.after_restore[:], snapshot.replay_erasures[:] = kept


def state(data: Path) -> tuple[int, bytes, frozenset[str]]:
    """Customers, key and files of a folder, opened for it."""
    store.open_folder(data)
    try:
        count = store.value("SELECT count(*) FROM customer")
        assert store.value("PRAGMA integrity_check") == "ok"
        files = frozenset(path.name for path in blobs.listing(data / "files"))
        return count, (data / "secret.key").read_bytes(), files
    finally:
        store.close()


def test_back_to_the_backup(company: Company, backup: Path) -> None:
    done = snapshot.restore(backup, company.data, now=NOON)
    assert done.report.ok
    assert done.replaced == company.data / "replaced-20261121T120000Z"
    assert state(company.data) == (203, b"k" * 32, frozenset(company.files))
    for sha256, content in company.files.items():
        path = blobs.place(company.data / "files", sha256)
        assert path.read_bytes() == content
        assert path.stat().st_mode & 0o777 == 0o600
    for name in ("smallcrm.db", "secret.key"):
        assert (company.data / name).stat().st_mode & 0o777 == 0o600
    assert backup.exists()
    assert leftovers(company.data) == []
    assert not swap.is_pending(company.data)


def test_what_was_replaced_is_whole(company: Company, backup: Path) -> None:
    replaced = snapshot.restore(backup, company.data).replaced
    assert replaced is not None
    later = 204, b"n" * 32
    assert state(replaced)[:2] == later
    assert len(state(replaced)[2]) == 4


def test_twice_in_a_second_keeps_both(company: Company, backup: Path) -> None:
    first = snapshot.restore(backup, company.data, now=NOON).replaced
    second = snapshot.restore(backup, company.data, now=NOON).replaced
    assert first != second
    assert first is not None
    assert second is not None
    assert state(first)[0] == 204
    assert state(second)[0] == 203


def test_onto_a_new_nas(company: Company, backup: Path, tmp_path: Path) -> None:
    moved = backup.rename(tmp_path / "moved.zip")
    store.close()
    done = snapshot.restore(moved, tmp_path / "new" / "data")
    assert done.replaced is None
    assert state(tmp_path / "new" / "data") == (203, b"k" * 32, frozenset(company.files))
    assert (tmp_path / "new" / "data").stat().st_mode & 0o777 == 0o700


def test_sealed(company: Company) -> None:
    path = snapshot.take(company.backups, encrypt_to="right").path
    company.add("added later")
    for passphrase in (None, "wrong"):
        with pytest.raises(Invalid) as caught:
            snapshot.restore(path, company.data, passphrase=passphrase)
        assert list(caught.value.errors) == ["passphrase"]
        assert state(company.data)[0] == 204
    snapshot.restore(path, company.data, passphrase="right")
    assert state(company.data)[0] == 203


def test_a_plain_copy_keeps_files_and_key(company: Company) -> None:
    path = snapshot.before_migrating()
    company.add("added later")
    later = company.attach(b"attached later")
    snapshot.restore(path, company.data)
    assert state(company.data) == (203, b"k" * 32, frozenset(company.files))
    assert later in company.files


def test_a_backup_without_a_key_keeps_the_one_there(company: Company) -> None:
    (company.data / "secret.key").unlink()
    path = snapshot.take(company.backups).path
    (company.data / "secret.key").write_bytes(b"n" * 32)
    snapshot.restore(path, company.data)
    assert state(company.data)[1] == b"n" * 32


def test_over_a_damaged_database(company: Company, backup: Path) -> None:
    store.close()
    for content in (b"", b"not a database", b"\0" * 8192):
        (company.data / "smallcrm.db").write_bytes(content)
        replaced = snapshot.restore(backup, company.data).replaced
        assert replaced is not None
        assert (replaced / "smallcrm.db").read_bytes() == content
        assert state(company.data)[0] == 203


def test_over_nothing_but_a_journal(company: Company, backup: Path) -> None:
    store.close()
    (company.data / "smallcrm.db").rename(company.data / "smallcrm.db-wal")
    snapshot.restore(backup, company.data)
    assert not (company.data / "smallcrm.db-wal").exists()
    assert state(company.data)[0] == 203


def kill_while_writing(data: Path) -> None:
    """A process that leaves committed rows in the journal."""
    script = (
        "import os, sys; from pathlib import Path; from smallcrm import store\n"
        "store.open_folder(Path(sys.argv[1]))\n"
        "with store.writing(): store.run(\"INSERT INTO customer (name) SELECT 'killed' FROM customer\")\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(data)], check=False)
    assert (data / "smallcrm.db-wal").stat().st_size > 0


def test_a_stale_journal_is_never_played_onto_the_restored(company: Company, backup: Path) -> None:
    store.close()
    kill_while_writing(company.data)
    replaced = snapshot.restore(backup, company.data).replaced
    assert replaced is not None
    assert not (company.data / "smallcrm.db-wal").exists()
    assert (replaced / "smallcrm.db-wal").stat().st_size > 0
    assert state(company.data)[0] == 203
    assert state(replaced)[0] == 408  # with what stood in the journal


# ---------------------------------------------------------------- what must not come back


def test_hooks_run_before_it_counts(company: Company, backup: Path) -> None:
    places = []

    def sign_everybody_out() -> None:
        assert store.in_writing()
        places.append(store.folder())
        store.run("DELETE FROM session")

    snapshot.after_restore.append(sign_everybody_out)
    snapshot.restore(backup, company.data)
    assert len(places) == 1
    assert places[0].parent.parent == company.data
    store.open_folder(company.data)
    assert store.value("SELECT count(*) FROM session") == 0


def test_a_hook_that_fails_changes_nothing(company: Company, backup: Path) -> None:
    snapshot.after_restore.append(lambda: store.run("DELETE FROM session") and 1 / 0)  # type: ignore[arg-type, func-returns-value]
    with pytest.raises(ZeroDivisionError):
        snapshot.restore(backup, company.data)
    assert leftovers(company.data) == []
    assert state(company.data)[:2] == (204, b"n" * 32)


def test_the_erased_are_erased_again(company: Company, tmp_path: Path) -> None:
    """Those noted after the backup; also when the list lies beside a copy of it on another disk."""
    moment = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
    erasures.note("customer", "1", now=moment - dt.timedelta(days=9))
    path = snapshot.take(company.backups, now=moment).path
    erasures.note("customer", "2", now=moment + dt.timedelta(days=1))
    replayed: list[Sequence[Erasure]] = []

    def erase(found: Sequence[Erasure]) -> None:
        replayed.append(found)
        for each in found:
            store.run("UPDATE customer SET name = 'Erased' WHERE id = ?", (int(each.key),))

    snapshot.replay_erasures.append(erase)
    assert snapshot.restore(path, company.data).erased_again == 1
    assert [each.key for each in replayed[0]] == ["2"]
    store.open_folder(company.data)
    assert company.names()[:2] == ["王伟贸易", "Erased"]
    store.close()

    second = tmp_path / "second"
    second.mkdir()
    copy = second / path.name
    copy.write_bytes(path.read_bytes())
    erasures.merge(company.backups, second)
    assert snapshot.restore(copy, tmp_path / "fresh").erased_again == 1


def test_without_erasures_the_replay_is_not_called(company: Company, backup: Path) -> None:
    def never(_: Sequence[Erasure]) -> None:
        raise AssertionError

    snapshot.replay_erasures.append(never)
    assert snapshot.restore(backup, company.data).erased_again == 0


# ---------------------------------------------------------------- versions


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of migrations of our own."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    for each in migrations.directory().glob("[0-9]*.py"):
        (folder / each.name).write_text("def up(migrator, db):\n    pass\n")
    monkeypatch.setattr(migrations, "directory", lambda: folder)
    return folder


def test_an_older_backup_is_brought_up_to_date(company: Company, files: Path) -> None:
    migrations.apply()
    path = snapshot.take(company.backups).path
    (files / "9001_next.py").write_text(
        "def up(migrator, db):\n    db.execute_sql(\"ALTER TABLE customer ADD COLUMN city TEXT NOT NULL DEFAULT ''\")\n"
    )
    snapshot.after_restore.append(lambda: store.run("UPDATE customer SET city = 'Athens'"))  # type: ignore[arg-type, return-value]
    assert snapshot.restore(path, company.data).migrated == ("9001_next",)
    store.open_folder(company.data)
    assert store.value("SELECT DISTINCT city FROM customer") == "Athens"
    assert migrations.pending() == []


def test_a_newer_backup_is_refused(company: Company, files: Path) -> None:
    (files / "9001_next.py").write_text("def up(migrator, db):\n    pass\n")
    migrations.apply()
    path = snapshot.take(company.backups).path
    plain = snapshot.before_migrating()
    store.close()
    (files / "9001_next.py").unlink()
    with pytest.raises(Damaged, match="newer smallcrm") as caught:
        snapshot.restore(path, company.data)
    assert caught.value.exit_code == 4
    with pytest.raises(Damaged, match="newer smallcrm"):
        snapshot.restore(plain, company.data)
    assert state(company.data)[0] == 203
    assert leftovers(company.data) == []


def test_a_migration_that_fails_changes_nothing(company: Company, files: Path) -> None:
    path = snapshot.take(company.backups).path
    company.add("added later")
    (files / "9001_next.py").write_text("def up(migrator, db):\n    db.execute_sql('nonsense')\n")
    with pytest.raises(Damaged, match="up to date"):
        snapshot.restore(path, company.data)
    assert leftovers(company.data) == []
    assert state(company.data)[0] == 204


# ---------------------------------------------------------------- what is not restored


@pytest.mark.parametrize("content", [b"", b"Dear Sir", b"PK\3\4" + b"x" * 900, b"SQLite format 3\0" + b"\0" * 5000])
def test_other_files_change_nothing(company: Company, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "some.zip"
    path.write_bytes(content)
    with pytest.raises(snapshot.Unusable) as caught:
        snapshot.restore(path, company.data)
    assert caught.value.exit_code == 1
    assert leftovers(company.data) == []
    assert state(company.data)[0] == 203
    with pytest.raises(NotFound):
        snapshot.restore(tmp_path / "none.zip", company.data)


def test_a_red_backup_changes_nothing(company: Company, backup: Path) -> None:
    def change(found: list[hostile.Member]) -> list[hostile.Member]:
        return [(info, b"K" * 32 if info.filename == "secret.key" else content) for info, content in found]

    with pytest.raises(snapshot.Unusable, match=r"not restored.*secret.key.*Nothing was changed"):
        snapshot.restore(hostile.rewritten(backup, change), company.data)
    assert leftovers(company.data) == []
    assert state(company.data)[:2] == (204, b"n" * 32)


def test_stopping_it(company: Company, backup: Path) -> None:
    for after in range(4):
        asked = iter(range(1000))
        with pytest.raises(snapshot.Cancelled):
            snapshot.restore(backup, company.data, cancelled=lambda after=after, asked=asked: next(asked) >= after)
    assert leftovers(company.data) == []
    assert state(company.data)[0] == 204


def test_no_room_changes_nothing(company: Company, small_disk: Path) -> None:
    company.attach(os.urandom(9_000_000))
    path = snapshot.take(company.backups).path
    with pytest.raises(DiskFull, match="are needed"):
        snapshot.restore(path, small_disk / "data")
    assert [each.name for each in (small_disk / "data").iterdir()] == ["smallcrm.lock"]


def test_files_on_another_disk_are_refused(company: Company, backup: Path, small_disk: Path) -> None:
    (company.data / "files").rename(company.data.parent / "files elsewhere")
    (company.data / "files").symlink_to(small_disk)
    with pytest.raises(BadUsage, match="another disk"):
        snapshot.restore(backup, company.data)
    assert leftovers(company.data) == []
    assert (company.data / "files").is_symlink()


class FailingDisk:
    """Refuses to rename what is called ``name`` while it is switched on. An audit hook cannot be taken away again."""

    def __init__(self, name: Path) -> None:
        self.on = True
        self._name = str(name)
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.on and event == "os.rename" and str(arguments[0]) == self._name:
            raise OSError(errno.EIO, "Input/output error", self._name)


def test_a_disk_that_fails_in_the_exchange_leaves_it_to_the_next_start(company: Company, backup: Path) -> None:
    disk = FailingDisk(company.data / "files")
    try:
        with pytest.raises(Busy, match="Input/output"):
            snapshot.restore(backup, company.data)
        assert swap.is_pending(company.data)
        with pytest.raises(OSError, match="Input/output"):
            store.open_folder(company.data)
    finally:
        disk.on = False
    assert state(company.data) == (203, b"k" * 32, frozenset(company.files))
    assert leftovers(company.data) == []


# ---------------------------------------------------------------- who else is there


def test_not_while_a_server_runs(company: Company, backup: Path) -> None:
    with lock.holding(company.data):
        with pytest.raises(FolderInUse) as caught:
            snapshot.restore(backup, company.data)
        assert caught.value.exit_code == 3
        snapshot.restore(backup, company.data, lock_held=True)
    assert state(company.data)[0] == 203


def test_not_while_a_command_works(company: Company, backup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "_PATIENCE", 0.2)
    store.close()
    script = (
        "import sys; from pathlib import Path; from smallcrm import store\n"
        "store.open_folder(Path(sys.argv[1])); print('ready', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(company.data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(FolderInUse, match="still working"):
            snapshot.restore(backup, company.data)
        other.kill()
    snapshot.restore(backup, company.data)
    assert state(company.data)[0] == 203


def test_not_while_another_program_has_the_database_open(company: Company, backup: Path) -> None:
    store.close()
    script = (
        "import sys, apsw\n"
        "c = apsw.Connection(sys.argv[1]); c.execute('SELECT * FROM customer').fetchall()\n"
        "print('ready', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(company.data / "smallcrm.db")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(FolderInUse, match="Another program"):
            snapshot.restore(backup, company.data)
        other.kill()
    assert state(company.data)[0] == 204


def test_a_command_that_comes_during_a_restore_waits(company: Company, backup: Path) -> None:
    store.close()
    script = (
        "import sys; from pathlib import Path; from smallcrm import store\n"
        "print('ready', flush=True); sys.stdin.readline(); store.open_folder(Path(sys.argv[1]))\n"
        "print(store.value('SELECT count(*) FROM customer'), flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(company.data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        other.stdout.readline()
        asked, go = [], other.stdin.fileno()

        def let_it_come() -> bool:
            if not asked:
                asked.append(True)
                os.write(go, b"go\n")
                time.sleep(0.3)
            return False

        snapshot.restore(backup, company.data, cancelled=let_it_come)
        assert other.stdout.readline() == "203\n"


def test_the_restored_database_is_an_ordinary_one(company: Company, backup: Path) -> None:
    snapshot.restore(backup, company.data)
    store.open_folder(company.data)
    assert store.value("PRAGMA journal_mode") == "wal"
    company.add("goes on")
    assert company.names()[-1] == "goes on"
    assert snapshot.verify(snapshot.take(company.backups).path).ok
