"""A person's browser and a program over a real port: pages with session and form token, the API with a bearer token."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from smallcrm import store
from smallcrm.identity import sessions, tokens
from smallcrm.records import cache
from tests.cast import Cast

EDGE = "----smallcrmtests"


@dataclass(frozen=True)
class Said:
    """An answer, read to its end."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Visitor:
    """One of the cast before a server on ``port``; ``ask`` opens a connection of its own each time."""

    port: int
    session: str = ""
    token: str = ""
    timeout: float = 60
    _csrf: str = field(default="", repr=False)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Said:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if path.startswith("/api/"):
            sent |= {"Authorization": f"Bearer {self.token}"}
        elif self.session:
            sent |= {"Cookie": f"session={self.session}"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            connection.request(method, path, body=body, headers=sent)
            with connection.getresponse() as answer:
                return Said(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def get(self, path: str) -> Said:
        return self.ask("GET", path)

    def csrf(self) -> str:
        if not self._csrf:
            page = self.get("/search").text
            found = re.search(r'name="csrf-token" content="([^"]+)"', page)
            assert found, page[:500]
            self._csrf = found[1]
        return self._csrf

    def post(self, path: str, form: Mapping[str, Any] | None = None) -> Said:
        body = urlencode({"csrf_token": self.csrf(), **(form or {})}, doseq=True).encode()
        return self.ask("POST", path, body, Content_Type="application/x-www-form-urlencoded")

    def send(self, path: str, content: bytes, name: str = "list.csv", **fields: Any) -> Said:
        """A form with a file in it, to a page or to the API."""
        plain = dict(fields) if path.startswith("/api/") else {"csrf_token": self.csrf(), **fields}
        return self.ask(
            "POST", path, multipart(content, name, plain), Content_Type=f"multipart/form-data; boundary={EDGE}"
        )

    def api(self, method: str, path: str, body: Any = None, **headers: str) -> Said:
        raw = None if body is None else json.dumps(body).encode()
        return self.ask(method, f"/api/v1{path}", raw, Content_Type="application/json", **headers)


def multipart(content: bytes, name: str, fields: Mapping[str, Any]) -> bytes:
    """The octets of a form with one file."""
    head = "".join(f'--{EDGE}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items())
    head += f'--{EDGE}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    return head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + content + f"\r\n--{EDGE}--\r\n".encode()


def keys_of(data: Path, cast: Cast, *parts: str) -> dict[str, tuple[str, str]]:
    """Session and token of each part of the cast, written into a folder beside whatever serves it."""
    store.open_folder(data)
    try:
        cache.forget()
        users = {part: int(getattr(cast, part)) for part in parts}
        return {
            part: (
                sessions.begin(user, address="127.0.0.1", agent="tests"),
                tokens.make(user, name="tests", read_only=False),
            )
            for part, user in users.items()
        }
    finally:
        store.close()


def language_of(data: Path, user: int, language: str) -> None:
    """What language a user reads, as if chosen in the settings."""
    store.open_folder(data)
    try:
        with store.writing():
            store.run('UPDATE "user" SET language = ? WHERE id = ?', [language, user])
            cache.bump()
    finally:
        store.close()
