"""M1: a mail server that is down, silent, busy, refusing, gone after the data, or out of date, and a real smallcrm before it."""

from __future__ import annotations

import html
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from smallcrm import store
from smallcrm.base import i18n
from smallcrm.identity.actor import SYSTEM
from smallcrm.jobs import outbox
from smallcrm.jobs.outbox.failure import WORDS
from smallcrm.records import cache, settings
from tests.cast import Cast
from tests.command import Server, free_port, smallcrm
from tests.jobs import certificates
from tests.jobs.outbox.mailserver import MailServer, Rude
from tests.visiting import Visitor, keys_of, language_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS"),
]


class Office:
    """A server, its owner, who reads English, and Anna, who works meanwhile."""

    def __init__(self, data: Path, cast: Cast) -> None:
        keys = keys_of(data, cast, "owner", "anna")
        self.data, self.cast = data, cast
        self.server = Server(data)
        self.owner, self.anna = (Visitor(self.server.port, *keys[part]) for part in ("owner", "anna"))

    def queue(self, port: int, security: str, subject: str) -> None:
        """Set the mail server and put a mail, as any page does, and have the outbox look at once."""
        store.open_folder(self.data)
        try:
            cache.forget()
            settings.apply()
            settings.put(SYSTEM, {
                "mail.host": "127.0.0.1", "mail.port": port, "mail.security": security, "mail.sender": "crm@office.example",
            })  # fmt: skip
            outbox.mail("ann@office.example", subject=subject, text="Hi")
        finally:
            store.close()
        assert self.owner.post("/admin/jobs/outbox/run").status in (303, 409)  # or it runs just now

    def shows(self, words: str, language: str = "en") -> bool:
        """Whether the outbox's page says it, in any of its states."""
        language_of(self.data, self.cast.owner, language)
        pages = [
            html.unescape(self.owner.get(f"/admin/outbox?state={state}").text)
            for state in ("queued", "failed", "unknown")
        ]
        return any(words in page for page in pages)

    def ran(self, name: str) -> bool:
        """Whether a job has run in this folder."""
        return any(
            each["name"] == name and each["last_run"]
            for each in smallcrm("job", "list", "--json", "--data", self.data).json
        )

    def wait_for(self, code: str) -> bool:
        with i18n.speaking("en"):
            words = i18n.translate(WORDS[code].message)
        until = time.monotonic() + 40
        while time.monotonic() < until:
            if self.shows(words):
                break
            time.sleep(0.3)
        with i18n.speaking("zh"):
            return self.shows(i18n.translate(WORDS[code].message), "zh")


@pytest.fixture
def office(company: Path, company_template: tuple[Path, Cast]) -> Iterator[Office]:
    made = Office(company, company_template[1])
    yield made
    assert made.server.stop() == 0
    assert "Traceback" not in made.server.err.read_text()


JOBS = ("tidy", "privacy-requests")
READY, YES = b"220 here\r\n", b"250 yes\r\n"
TALK = [(b"", READY), (b"EHLO", YES), (b"MAIL", YES)]


def test_each_way_to_fail_is_shown_and_holds_nobody_up(office: Office) -> None:
    """Pages answer, other jobs run, and the outbox says why, in the reader's language."""
    with ExitStack() as open_:

        def rude(*script: tuple[bytes, object]) -> int:
            made = Rude(list(script))
            open_.callback(made.close)
            return made.port

        old = MailServer(certificate=certificates.make("127.0.0.1", days=-1), security="ssl")
        open_.callback(old.close)
        ways = [
            ("unknown", rude(*TALK, (b"RCPT", YES), (b"DATA", b"354 go\r\n"), (b"\r\n.\r\n", None)), "none"),
            (
                "recipient",
                rude(*TALK, (b"RCPT", b"550 no\r\n"), (b"RSET", YES), (b"QUIT", b"221 bye\r\n"), (b"", None)),
                "none",
            ),
            ("later", rude((b"", b"421 busy\r\n"), (b"", None)), "none"),
            ("certificate", old.port, "ssl"),
            ("connect", free_port(), "none"),
        ]
        for code, port, security in ways:
            assert not office.shows(i18n.translate(WORDS[code].message)), code
            office.queue(port, security, f"By way of {code}")
            assert office.anna.api("GET", "/customers").status == 200
            assert office.wait_for(code), code

        up = MailServer()
        open_.callback(up.close)
        office.queue(up.port, "none", "At last")
        until = time.monotonic() + 60
        while not any(got.mail["Subject"] == "At last" for got in up.got) and time.monotonic() < until:
            time.sleep(0.2)
        assert [got.mail["Subject"] for got in up.got].count("At last") == 1
        assert not any(got.mail["Subject"] == "By way of unknown" for got in up.got), "never twice"

        office.queue(rude((b"", ...)), "none", "Into silence")
        for name in JOBS:
            assert office.owner.post(f"/admin/jobs/{name}/run").status == 303
        assert office.anna.api("POST", "/customers", {"name": "Made meanwhile"}).status == 201
        while not all(office.ran(name) for name in JOBS) and time.monotonic() < until:
            time.sleep(0.2)
        assert [name for name in JOBS if not office.ran(name)] == []
