"""Asking over HTTP as a browser does, on a connection that stays open."""

from __future__ import annotations

import http.client
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode

PASSWORD = "demo-demo-demo"
WARM = 3  # rounds that do not count


_sessions: dict[tuple[int, str], tuple[dict[str, str], str]] = {}


@dataclass
class Answer:
    """What came back."""

    status: int
    text: str
    headers: dict[str, str]


class Client:
    """One browser: it keeps its connection and its cookies."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}
        self.csrf = ""

    def ask(self, method: str, path: str, body: str | bytes | None = None, **headers: str) -> Answer:
        """One request."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            self.connection.request(method, path, body=body, headers=sent)
            response = self.connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.connection.close()
            self.connection.request(method, path, body=body, headers=sent)
            response = self.connection.getresponse()
        data = response.read()
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return Answer(response.status, data.decode("utf-8", "replace"), dict(response.getheaders()))

    def get(self, path: str, **headers: str) -> Answer:
        """A page."""
        return self.ask("GET", path, **headers)

    def post(self, path: str, **fields: str) -> Answer:
        """A form, with the session's token."""
        body = urlencode({"csrf_token": self.csrf, **fields})
        return self.ask("POST", path, body, Content_Type="application/x-www-form-urlencoded")

    def sign_in(self, email: str) -> Client:
        """As somebody of the demo. The password is checked once a server; others of the same person share the session."""
        held = _sessions.get((self.port, email))
        if held is None:
            self._by_password(email)
            _sessions[self.port, email] = (dict(self.cookies), self.csrf)
        else:
            self.cookies, self.csrf = dict(held[0]), held[1]
        return self

    def _by_password(self, email: str) -> None:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/login").text)
        assert found, "no sign-in form"
        self.csrf = found[1]
        answer = self.post("/login", email=email, password=PASSWORD)
        assert answer.status in (302, 303), f"{email} could not sign in: {answer.status}"
        token = re.search(r'name="csrf-token" content="([^"]+)"', self.get("/customers").text)
        self.csrf = token[1] if token else ""


def timed(client: Client, path: str) -> float:
    """Milliseconds for one page."""
    begun = time.perf_counter()
    answer = client.get(path)
    took = (time.perf_counter() - begun) * 1000
    assert answer.status == 200, f"{path}: {answer.status}"
    return took


def in_turn(first: tuple[Client, str], second: tuple[Client, str], rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds of two pages asked one after the other, A B A B."""
    one: list[float] = []
    two: list[float] = []
    for turn in range(rounds + WARM):
        a, b = timed(*first), timed(*second)
        if turn >= WARM:
            one.append(a)
            two.append(b)
    return one, two


def together(
    first: tuple[list[Client], str], second: tuple[list[Client], str], rounds: int
) -> tuple[list[float], list[float]]:
    """Milliseconds of two pages, each asked by all its clients at the same time, one page after the other."""
    found: tuple[list[float], list[float]] = ([], [])
    with ThreadPoolExecutor(len(first[0])) as pool:
        for turn in range(rounds + 1):
            for (clients, path), times in zip((first, second), found, strict=True):
                asked = [pool.submit(timed, client, path) for client in clients]
                took = [each.result() for each in asked]
                if turn:
                    times.extend(took)
    return found
