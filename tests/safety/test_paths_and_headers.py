"""Names that climb out of a folder and texts that begin another header: files, backups, imports, archives, letters, log lines."""

from __future__ import annotations

import datetime as dt
import io
import logging
import re
import socket
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest

from smallcrm import store
from smallcrm.areas.people import directory
from smallcrm.base import clock, logbook
from smallcrm.identity import key, throttle
from smallcrm.jobs import notices, outbox
from smallcrm.jobs.outbox import settings as mail_settings
from smallcrm.records.record import by_key
from smallcrm.store import routine
from tests import samples
from tests.cast import Cast
from tests.client import Live, Web
from tests.jobs.outbox.mailserver import MailServer

CLIMB = ("../smallcrm.db", "../../etc/passwd", "..%2fsmallcrm.db", "%2e%2e/smallcrm.db", "..\\smallcrm.db", "/etc/passwd", "C:\\Windows\\win.ini",
         "....//smallcrm.db", "../secret.key", "../logs/smallcrm.log", "..%252fsecret.key", ".", "..", "smallcrm.db", "secret.key", "~/.ssh/id_rsa",
         "file:///etc/passwd", "\x00", "a\x00.zip", "NUL", "CON", "ledger.json", "")  # fmt: skip
NAMES = ("../../evil.txt", "..\\..\\evil.txt", "/etc/evil.txt", "C:\\evil.txt", "NUL", "con.txt", "a\x00.png", "n" * 300 + ".txt", "\u202egnp.exe",
         'x"; filename="y.html', "x\r\nX-Evil: 1.txt", ".htaccess", "..", "  ", "a/b.txt", "<svg onload=x>.svg", "evil.txt ", "evil.txt.")  # fmt: skip


@pytest.fixture(autouse=True)
def _nobody_has_guessed() -> Iterator[None]:
    throttle.forget()
    yield
    throttle.forget()


def listing(root: Path, *without: str) -> set[str]:
    """What lies in a folder, by path; not what a folder of ours holds."""
    return {
        str(path.relative_to(root)) for path in root.rglob("*") if not str(path.relative_to(root)).startswith(without)
    }


# ---------------------------------------------------------------- names that climb


def test_backups_have_their_own_names_only(web: Web, cast: Cast) -> None:
    """Each act on a backup, with each name that is none: 404, and nothing of another file's."""
    routine.back_up(label="by hand")
    olga, secret = web.browser("owner"), key.secret()
    for name in CLIMB:
        for act in ("download", "restore", "look", "days/2026-01-01", "look/customers/1"):
            answer = olga.get(f"/admin/backups/{quote(name, safe='%')}/{act}")
            assert answer.status_code in (404, 405, 308, 409), (name, act, answer.status_code)  # 409: none is open
            assert secret not in answer.data
            assert b"SQLite format" not in answer.data
        for act in ("check", "open", "restore", "download"):
            form = {"word": "Testing & Sons", "passphrase": "x"}
            answer = olga.post(f"/admin/backups/{quote(name, safe='%')}/{act}", form)
            assert answer.status_code in (404, 405, 308), (name, act, answer.status_code)
    assert not store.value("SELECT count(*) FROM audit WHERE act LIKE 'backup d%'")


@pytest.mark.parametrize(
    "part", ["static", "exports", "customers/import", "admin/about", "files", "link", "calendar/feed"]
)
def test_no_address_reads_the_disk(part: str, live: Live) -> None:
    """As it stands on the wire, where no client has tidied the path before."""
    secret, cookie = key.secret(), live.session_of("owner")
    for name in CLIMB:
        for path in (
            f"/{part}/{name}",
            f"/{part}/{quote(name, safe='')}",
            f"/{part}/css/{name}",
            f"//{part}/{name}",
            f"/{part}/{name}/file",
        ):
            if any(c in path for c in " \x00\\"):
                path = quote(path, safe="/%")
            answer = raw(
                live, f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: session={cookie}\r\nConnection: close\r\n\r\n"
            )
            assert re.match(rb"HTTP/1.1 [234]\d\d", answer), (path, answer[:80])
            assert secret not in answer
            assert b"root:x:" not in answer
            assert b"SQLite format" not in answer


def raw(live: Live, request: str) -> bytes:
    """The answer to a request as it is written."""
    with socket.create_connection(("127.0.0.1", live.port), timeout=60) as connection:
        found = b""
        with suppress(ConnectionError):  # refused before all of it was sent
            connection.sendall(request.encode("latin-1"))
        with suppress(ConnectionError):
            while piece := connection.recv(65536):
                found += piece
    return found


def test_uploads_stay_in_their_folder(web: Web, cast: Cast, tmp_path: Path) -> None:
    """Whatever a file is called: it lies under our own name, its download has one header, its archive no way out."""
    customer = samples.make(cast.actor("anna"), by_key("customer"), cast, minimal=True)
    api, anna = web.api("anna"), web.browser("anna")
    outside = listing(tmp_path, "data/files", "data/transfer", "data/smallcrm.db")
    kept = 0
    for name in NAMES:
        form = {"about_type": "customers", "about_id": str(customer.id), "file": (io.BytesIO(name.encode()), name)}
        answer = api.client.post("/api/v1/files", data=form, headers=api.headers)
        assert answer.status_code in (201, 400, 422), (name, answer.status_code)
        for kind in ("customers", "contacts"):
            sent = {"file": (io.BytesIO(b"Name\nRidley\n"), name)}
            assert anna.post(f"/{kind}/import", sent, content_type="multipart/form-data").status_code in (
                303,
                400,
                422,
            ), name
        if answer.status_code == 201:
            kept += 1
            got = anna.get(f"/files/{answer.get_json()['id']}/content")
            assert got.status_code == 200
            assert "X-Evil" not in got.headers
            saved = got.headers["Content-Disposition"]
            assert not re.search(r"[/\\\r\n]|\.\./", saved.replace("UTF-8''", "")), saved
            assert saved.count("filename=") <= 1, saved
    assert kept > 10
    with zipfile.ZipFile(io.BytesIO(anna.get(f"/files/zip?about=customer/{customer.id}").data)) as bundle:
        assert len(bundle.namelist()) == kept
        for held in bundle.namelist():
            assert not re.search(r"^[/\\]|\.\.([/\\]|$)|^[A-Za-z]:|[\x00-\x1f\\]", held), held
    assert listing(tmp_path, "data/files", "data/transfer", "data/smallcrm.db") == outside


# ---------------------------------------------------------------- another header


@pytest.fixture
def mailserver(cast: Cast) -> Iterator[MailServer]:
    """A mail server that is set up."""
    directory.register()
    server = MailServer()
    mail_settings.provide(
        mail=server.settings, base_url=lambda: "https://crm.example.com", company=lambda: "Testing & Sons"
    )
    yield server
    server.close()
    mail_settings.forget()


@pytest.mark.parametrize("text", ["Eve\r\nBcc: evil@example.com", "Eve\nBcc: evil@example.com\n\nBody", "Eve\rBcc: x", "Eve\u2028Bcc: x", "=?utf-8?q?Eve=0d=0aBcc:_x?=", "Eve\x0bBcc: x\x85Bcc: y"])  # fmt: skip
def test_a_letter_has_the_headers_we_gave_it(text: str, web: Web, cast: Cast, mailserver: MailServer) -> None:
    """A name, a subject, a company's name, a reason with line ends: one receiver, one subject, nothing added."""
    olga, api = web.browser("owner"), web.api("owner")
    olga.post("/admin/company", {"company_name": text})
    made = api.get(f"/users/{cast.anna}").get_json()
    assert (
        api.patch(f"/users/{cast.anna}", {"name": text, "notify": ["mail", "page"]}, made["version"]).status_code == 200
    )
    plan = {"kind": "call", "subject": text, "due_at": clock.iso(clock.now() + dt.timedelta(minutes=5)),
            "reminder_at": clock.iso(clock.now() + dt.timedelta(minutes=1)), "owner": cast.anna}  # fmt: skip
    assert api.post("/activities", plan).status_code == 201
    notices.notify(cast.anna, "work", title=text, body=text, link="/")
    outbox.deliver_due()
    olga.post(f"/users/{cast.anna}/invite")
    outbox.deliver_due()
    assert len(mailserver.got) == 2
    for got in mailserver.got:
        assert got.recipients == ["anna@example.com"]
        assert len({name.lower() for name in got.mail}) == len(list(got.mail))
        assert got.mail["Bcc"] is None
        assert not got.mail["Reply-To"]
        assert "\n" not in str(got.mail["Subject"])
        assert not re.search(rb"(?mi)^bcc:", got.raw.partition(b"\r\n\r\n")[0])


def test_a_download_s_name_is_one_header(web: Web, cast: Cast) -> None:
    """Terms and fields are called as somebody likes; the file's name is a file's name."""
    olga = web.browser("owner")
    for text in (
        'x"; filename="evil.html',
        "../../evil",
        "a\r\nX-Evil: 1",
        "客户; filename*=UTF-8''evil",
        "a/b\\c",
        "\u202ecod",
    ):
        assert olga.post("/admin/terms", {"type": "customers", "one-en-": text, "many-en-": text}).status_code in (
            303,
            422,
        )
        for url in ("/customers/export.csv", "/customers/export.xlsx", "/customers/template.xlsx"):
            answer = olga.get(url)
            assert answer.status_code == 200
            assert "X-Evil" not in answer.headers
            assert len(answer.headers.getlist("Content-Disposition")) == 1
            name = re.search(r'filename="?((?:[^"\\;]|\\.)*)"?(;|$)', answer.headers["Content-Disposition"])
            assert name is not None
            assert not re.search(r"[/\r\n]", name[1]), name[1]


def test_a_log_line_is_a_line(live: Live, caplog: pytest.LogCaptureFixture) -> None:
    """Line ends and terminal codes in what a stranger sends stand in the log as escapes, whoever he says he is."""
    caplog.set_level(logging.DEBUG)
    for path in (
        "/login%0d%0a2026-01-01 INFO forged",
        "/%1b[31mred",
        "/login?next=%0aforged",
        "/a%00b",
        "/%E2%80%AEforged",
        "/x%0bforged",
    ):
        for header in (
            "User-Agent: \x1b[31mred",
            "X-Forwarded-For: 1.1.1.1\tforged",
            "X-Forwarded-User: olga@example.com",
            "Referer: http://x/\x7fforged",
        ):
            path = path.replace(" ", "%20")
            raw(live, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{header}\r\nConnection: close\r\n\r\n")
    raw(live, "GET /login HTTP/1.1\r\nHost: localhost\r\nUser-Agent: a\r\n forged: b\r\nConnection: close\r\n\r\n")
    written = [logbook._OneLine().format(record) for record in caplog.records if record.name.startswith("smallcrm")]
    assert len(written) > 10
    for line in written:
        assert line.isprintable(), line
        assert "olga" not in line
        assert " user - " in line or "smallcrm.request" not in line, line


@pytest.mark.parametrize(
    "head",
    ["Host: localhost\r\nHost: evil.example", "Host: evil.example\r\nHost: localhost", "Host: localhost, evil.example", "Host: localhost\tevil.example",
     "Host: localhost\r\nTransfer-Encoding: xchunked",
     "Host: localhost\r\nContent-Length: 5\r\nContent-Length: 6", "Host : localhost", "Host: localhost\nX-Evil: 1\r\n bad: 1", "X: " + "a" * 300_000],
    ids=lambda head: repr(head)[:40],
)  # fmt: skip
def test_requests_that_mean_two_things(head: str, live: Live) -> None:
    """Two hosts, two lengths, a header too long: refused; never answered as another's."""
    answer = raw(live, f"POST /login HTTP/1.1\r\n{head}\r\nConnection: close\r\n\r\n")
    assert re.match(rb"HTTP/1.[01] (4\d\d|501)", answer) or (len(head) > 9000 and not answer), answer[:200]
    assert b"evil.example/" not in answer


@pytest.mark.parametrize(
    "line", ["GET http://evil.example/login HTTP/1.1", "GET //evil.example/login HTTP/1.1", "GET /login HTTP/1.1"]
)
def test_the_host_is_the_header_s(line: str, live: Live) -> None:
    """An address written out whole, or another host's header beside ours, changes no link and no redirect."""
    answer = raw(live, f"{line}\r\nHost: localhost\r\nX-Forwarded-Host: evil.example\r\nX-Host: evil.example\r\nForwarded: host=evil.example\r\n"
                       "X-Original-URL: /customers\r\nX-Rewrite-URL: /customers\r\nConnection: close\r\n\r\n")  # fmt: skip
    head, _, body = answer.partition(b"\r\n\r\n")
    assert not re.search(rb"(https?:)?//evil", body)
    location = re.search(rb"(?mi)^location: *(\S+)", head)
    assert location is None or re.match(rb"/(?![/\\])", location[1]), location[1]
