"""What tests of people share: passwords, a browser that really signs in, a mail server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from werkzeug.test import TestResponse

from smallcrm import store
from smallcrm.areas.people import directory
from smallcrm.identity import passwords, throttle
from smallcrm.identity.actor import SYSTEM
from smallcrm.jobs import outbox
from smallcrm.jobs.outbox import settings as mail_settings
from smallcrm.records import settings
from tests.cast import PASSWORD, Cast
from tests.client import Browser, Web
from tests.jobs.outbox.mailserver import MailServer

_hash: list[str] = []


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    """Nobody has guessed yet; the directory is the area's; no mail server is left behind."""
    directory.register()
    throttle.forget()
    yield
    throttle.forget()
    mail_settings.forget()


def give_password(user: int, *, must_change: bool = False) -> None:
    """``PASSWORD``, hashed once for all tests."""
    if not _hash:
        _hash.append(passwords.hashed(PASSWORD))
    passwords.keep(user, _hash[0], must_change=must_change)


@pytest.fixture
def company(cast: Cast) -> Cast:
    """The cast with passwords and an address of their own."""
    for part in ("owner", "manager", "anna", "bob", "carl", "reader"):
        give_password(getattr(cast, part))
    settings.put(SYSTEM, {"company.address": "https://crm.example.com"})
    return cast


@pytest.fixture
def mailserver(company: Cast) -> Iterator[MailServer]:
    """A mail server that is set up."""
    server = MailServer()
    mail_settings.provide(
        mail=server.settings, base_url=lambda: "https://crm.example.com", company=lambda: "Testing & Sons"
    )
    yield server
    server.close()


def letters(server: MailServer) -> list[str]:
    """Send what waits; the plain texts that arrived since, headers first."""
    before = len(server.got)
    outbox.deliver_due()
    found = []
    for got in server.got[before:]:
        body = got.mail.get_body(("plain",))
        found.append(f"To: {got.mail['To']}\nSubject: {got.mail['Subject']}\n\n{body.get_content() if body else ''}")
    return found


def link_in(text: str) -> str:
    """The path of the one-time link in a letter."""
    found = re.search(r"https://crm\.example\.com(/link/[\w-]+)", text)
    assert found, text
    return found[1]


class Person(Browser):
    """A browser in which somebody types."""

    def __init__(self, web: Web) -> None:
        super().__init__(web.app.test_client(), None)

    def token(self, url: str = "/login", base_url: str | None = None) -> str:
        """The form token of the page."""
        page = self.client.get(url, follow_redirects=True, base_url=base_url).get_data(as_text=True)
        found = re.search(r'name="csrf-token" content="([^"]+)"', page)
        assert found, page[:400]
        return found[1]

    def send(
        self, url: str, data: dict[str, Any] | None = None, *, page: str = "/login", base_url: str | None = None,
        **options: Any,
    ) -> TestResponse:  # fmt: skip
        """Post a form of ``page``."""
        form = {"csrf_token": self.token(page, base_url), **(data or {})}
        return self.client.post(url, data=form, base_url=base_url, **options)

    def sign_in(self, email: str, password: str = PASSWORD, *, to: str = "", **more: Any) -> TestResponse:
        """The sign-in form."""
        return self.send("/login", {"email": email, "password": password, "next": to}, **more)

    def cookie(self, name: str = "session") -> str | None:
        found = self.client.get_cookie(name)
        return found.value if found else None


@pytest.fixture
def person(company: Cast, web: Web) -> Person:
    """Somebody at a browser who has not signed in."""
    return Person(web)


def text_of(answer: TestResponse) -> str:
    """The page without its markup."""
    return unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def audited(act: str) -> list[tuple[Any, ...]]:
    """(actor, record, detail) of every line of an act."""
    return store.rows("SELECT actor, record, detail FROM audit WHERE act = ? ORDER BY id", [act])
