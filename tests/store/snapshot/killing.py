"""Kill a backup or a restore at every point at which it touches the disk, and look at what is left.

    python -m tests.store.snapshot.killing take|restore|finish FOLDER

For n = 1, 2, 3 … a child process does the work on a fresh copy of a data folder and kills itself (SIGKILL) the n-th
time that it opens, makes, renames or removes something in there, or is asked whether to stop. Another child then looks
at it as the next start would. This process forks only, and opens no database itself.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import aead  # noqa: F401  loaded before any point is counted
from cryptography.hazmat.primitives.kdf import scrypt  # noqa: F401

from smallcrm import store
from smallcrm.base import formats  # noqa: F401
from smallcrm.store import blobs, database, migrations, snapshot, swap
from tests.store.conftest import fill, note_migrations

_POINTS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link"}


class Countdown:
    """Kills this process when it has counted down. Counts only what concerns ``folder``."""

    def __init__(self, folder: Path, points: int) -> None:
        self.left = points
        self._folder = str(folder)

    def audit(self, event: str, arguments: tuple[object, ...]) -> None:
        """A hook for ``sys.addaudithook``."""
        if event in _POINTS and arguments and str(arguments[0]).startswith(self._folder):
            self.count()

    def count(self) -> bool:
        """One point passed; as a question whether to stop, no."""
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return False


def in_child(work: Callable[[], object]) -> int:
    """Run ``work`` in a child process: 0 when it went through, 1 when it raised, -9 when it was killed."""
    pid = os.fork()
    if not pid:
        try:
            work()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def killed_after(points: int, folder: Path, work: Callable[[Countdown], object]) -> bool:
    """Whether the child was killed at that point, rather than done before it came to it."""

    def counted() -> None:
        countdown = Countdown(folder, points)
        sys.addaudithook(countdown.audit)
        work(countdown)

    code = in_child(counted)
    if code == 1:
        raise SystemExit(f"the work failed before point {points}")
    return code != 0


def must(work: Callable[[], object], where: str) -> None:
    """Do ``work`` in a child; end everything when it fails."""
    if in_child(work):
        raise SystemExit(f"wrong after a kill at {where}")


# ---------------------------------------------------------------- the folder and what must hold of it


def make(data: Path) -> None:
    """A folder with an earlier backup (203 customers) and a state of now (204)."""
    store.open_folder(data, create=True)
    note_migrations()
    company = fill(data)
    snapshot.take(company.backups, name="earlier.zip")
    company.add("added later")
    company.attach(b"attached later")
    (data / "secret.key").write_bytes(b"n" * 32)
    store.close()


def facts(data: Path) -> tuple[int, bytes, int]:
    """Customers, key and number of files of the open folder, every file and the database checked."""
    assert store.value("PRAGMA integrity_check") == "ok"
    assert database.value("SELECT count(*) FROM pragma_foreign_key_check") == 0
    files = list(blobs.listing(data / "files"))
    for path in files:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name, path
    return int(store.value("SELECT count(*) FROM customer")), (data / "secret.key").read_bytes(), len(files)


NOW = (204, b"n" * 32, 4)
THEN = (203, b"k" * 32, 3)


@contextmanager
def started(data: Path) -> Iterator[None]:
    """As a start does it: clean, open."""
    snapshot.clean(data)
    store.open_folder(data)
    yield
    store.close()
    left = [path for path in data.rglob("*") if path.name.startswith(".draft-")]
    assert not left, left
    assert not swap.is_pending(data)


# ---------------------------------------------------------------- the three works


def take(base: Path, template: Path) -> int:
    """After a kill in a backup: the data as they were, earlier backups untouched, no half one under a name."""
    earlier = hashlib.sha256((template / "backups" / "earlier.zip").read_bytes()).hexdigest()
    data = base / "data"

    def work(countdown: Countdown) -> None:
        store.open_folder(data)
        snapshot.take(data / "backups", encrypt_to="x" if countdown.left % 7 == 0 else None, cancelled=countdown.count)

    def look() -> None:
        with started(data):
            assert facts(data) == NOW
            names = set(os.listdir(data / "backups"))
            for name in names:
                assert snapshot.verify(data / "backups" / name, "x").ok, name
            assert hashlib.sha256((data / "backups" / "earlier.zip").read_bytes()).hexdigest() == earlier
            assert len(names) <= 2

    return every_point(data, template, work, look)


def restore(base: Path, template: Path) -> int:
    """After a kill in a restore: all of the old or all of the new, and the old kept where the new stands."""
    data = base / "data"
    seen = set()

    def work(countdown: Countdown) -> None:
        snapshot.restore(data / "backups" / "earlier.zip", data, cancelled=countdown.count)

    def look() -> None:
        with started(data):
            found = facts(data)
        assert found in (NOW, THEN), found
        replaced = list(data.glob("replaced-*"))
        if found == NOW:
            assert not replaced
            sys.exit(10)
        with started(replaced[0]):
            assert facts(replaced[0]) == NOW
        sys.exit(11)

    points = 0
    while True:
        points += 1
        fresh(template, data)
        killed = killed_after(points, data, work)
        pid = os.fork()
        if not pid:
            try:
                look()
            except SystemExit as done:
                os._exit(int(str(done.code)))
            except BaseException:
                traceback.print_exc()
            os._exit(1)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if code not in (10, 11):
            raise SystemExit(f"wrong after a kill at point {points}")
        seen.add(code)
        if not killed:
            break
    assert seen == {10, 11}
    return points


def finish(base: Path, template: Path) -> int:
    """Killed in the exchange, and then again and again while the next starts finish it: the new, whole."""
    data, stopped = base / "data", base / "stopped"

    def begin(countdown: Countdown) -> None:
        def sooner(event: str, arguments: tuple[object, ...]) -> None:
            if event == "os.rename" and str(arguments[0]) == str(data / "files"):
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(sooner)
        snapshot.restore(data / "backups" / "earlier.zip", data)

    fresh(template, data)
    assert killed_after(10**9, data, begin)
    assert swap.is_pending(data)
    shutil.copytree(data, stopped)

    def work(countdown: Countdown) -> None:
        with started(data):
            pass

    def look() -> None:
        with started(data):
            assert facts(data) == THEN

    return every_point(data, stopped, work, look)


def every_point(data: Path, template: Path, work: Callable[[Countdown], object], look: Callable[[], object]) -> int:
    """Do ``work`` on a copy of ``template``, killed at point 1, 2, 3 … until it goes through; the number of points."""
    points = 0
    while True:
        points += 1
        fresh(template, data)
        killed = killed_after(points, data, work)
        must(look, f"point {points}")
        if not killed:
            return points


def fresh(template: Path, data: Path) -> None:
    """``data`` as a copy of ``template``."""
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(template, data)


if __name__ == "__main__":
    place = Path(sys.argv[2])
    migrations.known()
    must(lambda: make(place / "template"), "the beginning")
    points = {"take": take, "restore": restore, "finish": finish}[sys.argv[1]](place, place / "template")
    sys.stdout.write(f"{points}\n")
