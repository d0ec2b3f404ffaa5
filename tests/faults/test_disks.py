"""D1, D3, D4, C1 while it runs: a full disk, a folder that may not be written, a disk that fails, a bit that flipped.

Reading goes on, writing is refused in words, and as soon as the fault is gone everything goes on without a restart.
"""

from __future__ import annotations

import html
import os
import resource
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from smallcrm import __version__
from smallcrm.base import i18n
from tests.cast import Cast
from tests.command import Server, smallcrm
from tests.visiting import Said, Visitor, keys_of, language_of

pytestmark = pytest.mark.slow
MB = 2**20
NO_OVERRIDE = (
    "setpriv",
    "--bounding-set",
    "-dac_override,-dac_read_search",
)  # root without root's way past permissions


class Office:
    """Anna, who reads English, and Bob, who reads Chinese, before a server."""

    def __init__(self, data: Path, cast: Cast, **options: object) -> None:
        keys = keys_of(data, cast, "anna", "bob", "owner")
        language_of(data, cast.bob, "zh")
        self.data, self.cast = data, cast
        # a file that could not be written is let go of unclosed, here and there
        self.server = Server(data, PYTHONWARNINGS="error,ignore::ResourceWarning", **options)  # type: ignore[arg-type]
        self.anna, self.bob, self.owner = (Visitor(self.server.port, *keys[part]) for part in ("anna", "bob", "owner"))
        self.customer = self.anna.api("POST", "/customers", {"name": "Before"}).json["id"]
        self.anna.csrf(), self.bob.csrf()

    def upload(self, size: int) -> Said:
        return self.anna.send("/api/v1/files", os.urandom(size), about_type="customers", about_id=self.customer)

    def create(self) -> int:
        return self.anna.api("POST", "/customers", {"name": "Another"}).status

    def reads(self) -> None:
        """Pages, API, search, a file out and signing in do without writing."""
        for path in (
            "/",
            "/customers",
            f"/customers/{self.customer}",
            "/search?q=before",
            "/files",
        ):
            assert self.anna.get(path).status == 200, path
        assert self.anna.api("GET", f"/customers/{self.customer}").json["name"] == "Before"
        assert self.anna.get("/customers/export.csv").status in (200, 503, 507)  # it is made on the disk
        visitor = Visitor(self.server.port)
        assert visitor.get("/login").status == 200


@pytest.fixture
def disk(company: Path, tmp_path: Path) -> Iterator[Path]:
    """The company's folder on a disk of 80 MB of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=80m", "none", str(place)], capture_output=True, check=False
    ).returncode:
        pytest.skip("no small disk can be mounted here")
    shutil.copytree(company, place / "data")
    yield place / "data"
    subprocess.run(["umount", "-l", str(place)], check=False)


def fill(data: Path, leave: int) -> Path:
    """Take the disk's room but for so many octets."""
    filler = data.parent / "filler"
    filler.unlink(missing_ok=True)
    free = os.statvfs(data)
    with filler.open("wb") as file, suppress(OSError):
        size = free.f_bavail * free.f_frsize - leave
        for _ in range(size // MB):
            file.write(bytes(MB))
        file.write(bytes(size % MB))
    return filler


def lying_about(data: Path) -> list[str]:
    """What is no finished file of anybody's."""
    return [
        str(path.relative_to(data))
        for path in data.rglob("*")
        if path.is_file() and (path.suffix in (".part", ".tmp") or ".draft" in path.name)
    ]


def in_words(answer: Said, language: str, message: str) -> bool:
    with i18n.speaking(language):
        return i18n.translate(message) in html.unescape(answer.text)


def test_a_full_disk(disk: Path, company_template: tuple[Path, Cast]) -> None:
    office = Office(disk, company_template[1])
    full, nearly = (
        "The disk is full. Nothing was changed.",
        "The disk is nearly full. Reading goes on, nothing new is kept until there is room.",
    )
    try:
        fill(disk, 6 * MB)
        time.sleep(2.1)  # room is looked up every two seconds
        assert office.create() == 201
        answer = office.upload(12 * MB)
        assert (answer.status, answer.json["title"]) == (507, full)
        large = b"Name,Notes\n" + b"x" * 40 + b",y\n" * 4 * MB
        answer = office.bob.send("/customers/import", large)
        assert answer.status == 507
        assert in_words(answer, "zh", full)
        assert lying_about(disk) == []
        assert not list((disk / "transfer").rglob("*.csv"))

        backup = smallcrm("backup", "--data", disk)
        assert backup.code == 1
        assert "disk" in backup.complaint
        filler = fill(disk, 0)
        time.sleep(2.1)
        assert office.create() == 507
        for visitor, language in ((office.anna, "en"), (office.bob, "zh")):
            answer = visitor.post("/customers/new", {"name": "Not kept"})
            assert answer.status == 507
            assert in_words(answer, language, nearly)
        assert office.upload(100).status == 507
        office.reads()
        assert office.server.stop() == 0

        again = Server(disk)  # it starts where it can only read
        office.server = again
        for visitor in (office.anna, office.bob):
            visitor.port = again.port
        office.reads()
        assert office.create() == 507
        filler.unlink()
        until = time.monotonic() + 20
        while office.create() != 201 and time.monotonic() < until:
            time.sleep(0.2)
        assert office.upload(MB).status == 201
        assert office.anna.api("GET", "/customers?q=kept&count=1").json["total"] == 0
        assert again.stop() == 0
        assert smallcrm("backup", "--data", disk).code == 0
    finally:
        office.server.stop()
    assert "Traceback" not in office.server.err.read_text()


def under() -> tuple[str, ...]:
    """How to start a process for which permissions count."""
    if os.geteuid() != 0:
        return ()
    if not shutil.which(NO_OVERRIDE[0]):
        pytest.skip("as root only setpriv makes permissions count")
    return NO_OVERRIDE


@pytest.fixture
def shut(company: Path, company_template: tuple[Path, Cast]) -> Iterator[Office]:
    """A server that permissions hold for, whoever runs the tests."""
    office = Office(company, company_template[1], under=under())
    yield office
    for folder, _, _ in os.walk(company):
        Path(folder).chmod(0o700)
    office.server.stop()
    assert "Traceback" not in office.server.err.read_text()


def test_a_folder_that_may_not_be_written_any_more(shut: Office) -> None:
    for path in sorted(shut.data.rglob("*"), reverse=True):
        path.chmod(0o500 if path.is_dir() else 0o400)
    shut.data.chmod(0o500)
    answer = shut.upload(100)
    assert answer.status == 503
    assert "cannot be written" in answer.json["title"]
    answer = shut.bob.send("/customers/import", b"Name\nA\n")
    assert answer.status == 503
    for _ in range(8):  # a thread that had the database open goes on, another is refused
        assert shut.create() in (201, 503)
    shut.reads()
    for folder, _, files in os.walk(shut.data):
        Path(folder).chmod(0o700)
        for name in files:
            (Path(folder) / name).chmod(0o600)
    assert shut.upload(100).status == 201
    assert shut.create() == 201


def test_a_folder_that_may_not_be_written_at_the_start(company: Path) -> None:
    company.chmod(0o500)
    server = Server(company, wait=False, under=under())
    try:
        assert server.process.wait(60) not in (0, None)
    finally:
        company.chmod(0o700)
        server.stop()
    said = server.err.read_text()
    assert len(said.strip().splitlines()) == 1, said
    assert "Traceback" not in said


def test_a_disk_that_fails(company: Path, company_template: tuple[Path, Cast]) -> None:
    """A limit on how far files may grow stands in for a disk's faults: each write beyond it is refused by the system."""
    office = Office(company, company_template[1])
    try:
        limits = resource.prlimit(office.server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(office.server.process.pid, resource.RLIMIT_FSIZE, (4096, limits[1]))
        for visitor, language in ((office.anna, "en"), (office.bob, "zh")):
            answer = visitor.post("/customers/new", {"name": "Not kept"})
            assert answer.status == 503, answer.text[-500:]
            with i18n.speaking(language):
                begins = i18n.translate(
                    "The disk reports a fault: %(error)s. Nothing was changed.", error="|"
                ).partition("|")[0]
            assert begins in answer.text
        assert office.create() == 503
        assert office.upload(MB).status in (503, 507)
        office.reads()
        resource.prlimit(office.server.process.pid, resource.RLIMIT_FSIZE, limits)
        assert office.create() == 201
        assert office.upload(MB).status == 201
        assert office.anna.api("GET", "/customers?q=kept&count=1").json["total"] == 0
        assert lying_about(company) == []
    finally:
        office.server.stop()
    assert "Traceback" not in office.server.err.read_text()


def flip(db: Path, table: str) -> None:
    """Turn one bit of a table's first page, as a disk that grows old does."""
    reading = sqlite3.connect(db)
    reading.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    sql = "SELECT rootpage, (SELECT page_size FROM pragma_page_size) FROM sqlite_schema WHERE name = ?"
    [(page, size)] = reading.execute(sql, [table]).fetchall()
    reading.close()
    with db.open("r+b") as file:
        file.seek((page - 1) * size)
        first = file.read(1)[0]
        file.seek((page - 1) * size)
        file.write(bytes([first ^ 0x10]))


def test_a_bit_that_flipped(company: Path, company_template: tuple[Path, Cast]) -> None:
    """The nightly look finds it and makes no backup of it; overview, jobs and /healthz show it, whoever meets it reads why."""
    office = Office(company, company_template[1])
    try:
        assert office.server.health()[0] == 200
        flip(company / "smallcrm.db", "import_memory")
        assert smallcrm("check", "--data", company).code == 1
        assert office.owner.post("/admin/jobs/nightly-backup/run").status in (204, 303)
        until = time.monotonic() + 40
        while office.server.health()[0] == 200 and time.monotonic() < until:
            time.sleep(0.2)
        assert office.server.health() == (503, {"status": "integrity", "version": __version__})
        assert list((company / "backups").glob("*.zip")) == []
        assert "damaged" in office.owner.get("/admin/jobs").text
        assert "damaged" in office.owner.get("/admin").text
        office.reads()
        for visitor, word in ((office.anna, "damaged"), (office.bob, "损坏")):
            url = visitor.send("/customers/import", b"Name\nA\n").headers["Location"]
            page = visitor.get(url)  # looks for a mapping of before
            assert page.status == 503
            assert word in page.text
    finally:
        office.server.stop()
    done = smallcrm("serve", "--host", "127.0.0.1", "--port", "1", "--data", company)
    assert done.code == 4
    assert "damaged" in done.complaint
