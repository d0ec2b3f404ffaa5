"""Raw sockets, full disks, kills: nothing half kept, nothing left lying about."""

from __future__ import annotations

import gc
import io
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from smallcrm import store
from smallcrm.records.record import Record
from smallcrm.store import blobs, snapshot
from tests.areas.files.test_uploading import kept, leftovers
from tests.client import Live, Web

# waitress and werkzeug drop a broken request's intermediate file without closing it; that closes it
pytestmark = pytest.mark.filterwarnings("ignore:.*nclosed file:ResourceWarning")
MB = 2**20
FORM = "multipart/form-data; boundary=edge"


@pytest.fixture
def small(live: Live) -> Iterator[Live]:
    """The server with 2 MB as the largest file, as ``server`` sets waitress up for it."""
    live.app.config.update(UPLOAD_LIMIT=2 * MB, MAX_CONTENT_LENGTH=2 * MB + 65536)
    live.server.adj.max_request_body_size = 3 * MB
    before = tempfile.tempdir
    tempfile.tempdir = str(store.folder() / "tmp")
    Path(tempfile.tempdir).mkdir(exist_ok=True)
    yield live
    tempfile.tempdir = before


def request(live: Live, customer: Record, content: bytes, announced: int | None = None) -> bytes:
    """An upload as octets; ``announced``: the length its head claims."""
    from smallcrm.identity import tokens

    token = tokens.make(live.cast.anna, name="raw", read_only=False)
    whole = form(customer, content)
    head = (
        f"POST /api/v1/files HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n"
        f"Content-Type: {FORM}\r\nContent-Length: {announced or len(whole)}\r\n\r\n"
    )
    return head.encode() + whole


def form(customer: Record, content: bytes) -> bytes:
    """The body of an upload."""
    parts = b"".join(
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in (("about_type", "customers"), ("about_id", customer.id))
    )
    parts += b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n' + content
    return parts + b"\r\n--edge--\r\n"


def ask(live: Live, octets: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", live.port), timeout=60) as connection:
        found = b""
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(octets)
        with suppress(ConnectionResetError):
            while piece := connection.recv(65536):
                found += piece
    return found


def test_a_whole_one_arrives(small: Live, customer: Record) -> None:
    assert ask(small, request(small, customer, os.urandom(MB))).startswith(b"HTTP/1.1 201")
    assert len(kept()) == 1
    assert leftovers() == []


def test_too_large_is_refused_at_once(small: Live, customer: Record) -> None:
    began = time.monotonic()
    head = request(small, customer, b"", announced=2**30)
    assert ask(small, head).startswith(b"HTTP/1.1 413")
    between = ask(small, request(small, customer, b"x" * (2 * MB + 100_000)))
    assert between.startswith(b"HTTP/1.1 413")
    assert b"2.0 MB" in between
    chunked = head.split(b"\r\nContent-Length")[0] + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
    endless = chunked + (b"10000\r\n" + b"x" * 65536 + b"\r\n") * 60
    assert ask(small, endless).startswith(b"HTTP/1.1 413")
    assert time.monotonic() - began < 60
    assert kept() == []
    assert leftovers() == []


LAST = 4  # of fifty: a thread of the server's, or what pytest keeps of its log, may hold on to the last ones


def nameless() -> list[str]:
    """Open intermediate files: they have no names, so that a killed process leaves none."""
    found = []
    for handle in os.listdir("/proc/self/fd"):
        with suppress(OSError):
            found.append(os.readlink(f"/proc/self/fd/{handle}"))
    return [target for target in found if target.startswith(str(store.folder() / "tmp"))]


def test_clients_that_go_away_leave_nothing(small: Live, customer: Record) -> None:
    octets = request(small, customer, os.urandom(MB + MB // 2))
    for _ in range(50):
        with socket.create_connection(("127.0.0.1", small.port), timeout=60) as connection:
            connection.sendall(octets[: len(octets) // 2])
    assert ask(small, request(small, customer, b"after")).startswith(b"HTTP/1.1 201")
    until = time.monotonic() + 60
    # the server lets go of the last ones when it hears the next
    while len(nameless()) > LAST and time.monotonic() < until:
        assert ask(small, b"GET /healthz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
        gc.collect()
    assert len(nameless()) <= LAST
    gc.collect()
    assert len(kept()) == 1
    assert leftovers() == []
    assert store.value("SELECT count(*) FROM file") == 1


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MB; skipped where none can be mounted."""
    place = tmp_path / "tiny"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(place)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no small disk can be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=False)


def upload(web: Web, customer: Record, content: bytes) -> tuple[int, str]:
    """Upload; the body is octets already, for the client would use the folder for intermediate files itself."""
    api = web.api("anna")
    answer = api.client.post("/api/v1/files", data=form(customer, content), headers=api.headers, content_type=FORM)
    return answer.status_code, answer.get_data(as_text=True)


def test_a_full_disk(web: Web, customer: Record, tiny: Path) -> None:
    (store.folder() / "files").symlink_to(tiny)
    assert upload(web, customer, os.urandom(MB))[0] == 201
    code, words = upload(web, customer, os.urandom(6 * MB))
    assert code == 507
    assert "full" in words
    assert len(kept()) == 1
    assert [path.name for path in tiny.rglob("*") if path.is_file()] == [path.name for path in kept()]
    assert store.value("SELECT count(*) FROM file") == 1
    assert upload(web, customer, b"small again")[0] == 201


def test_a_full_folder_for_intermediate_files(web: Web, customer: Record, tiny: Path) -> None:
    before, tempfile.tempdir = tempfile.tempdir, str(tiny)
    try:
        code, words = upload(web, customer, os.urandom(6 * MB))
        assert (code, "full" in words) == (507, True)
        assert upload(web, customer, b"small")[0] == 201
    finally:
        tempfile.tempdir = before
        gc.collect()
    assert list(tiny.iterdir()) == []


CHILD = """
import sys, io, time
from pathlib import Path
from smallcrm import store
from smallcrm.store import blobs
store.open_folder(Path(sys.argv[1]))
class Slow(io.RawIOBase):
    sent = 0
    def read(self, size=-1):
        self.sent += 1
        if self.sent > 3:
            print("half", flush=True)
            time.sleep(60)
        return b"x" * 100_000
blobs.put(Slow())
"""


def test_a_killed_upload_is_cleared_away(folder: Path) -> None:
    store.close()
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(folder)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"half\n"
    assert list((folder / "files").glob(".draft-*"))
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert snapshot.clean(folder) == 1
    assert [path for path in (folder / "files").rglob("*") if path.is_file()] == []
    store.open_folder(folder)
    assert blobs.put(io.BytesIO(b"x")).size == 1
