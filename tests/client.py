"""Asking the app as one of the cast: pages with session and form token, the API with a bearer token."""

from __future__ import annotations

import re
import threading
from typing import Any

from flask import Response
from flask.testing import FlaskClient
from waitress import wasyncore
from waitress.server import create_server
from werkzeug.test import TestResponse

from smallcrm import app, store
from smallcrm.config import Config
from smallcrm.identity import sessions, tokens
from smallcrm.web.context import COOKIE
from tests.cast import Cast


class Browser:
    """Pages as one user sees them; posts carry the form token."""

    def __init__(self, client: FlaskClient, user: int | None) -> None:
        self.client = client
        self._csrf = ""
        if user is not None:
            token = sessions.begin(user, address="127.0.0.1", agent="tests")
            client.set_cookie(COOKIE, token)

    def get(self, url: str, **options: Any) -> TestResponse:
        return self.client.get(url, **{"buffered": True, **options})  # read to its end and closed, as a server does

    def csrf(self) -> str:
        """The token that this session's forms carry."""
        if not self._csrf:
            pages = [self.get(url).get_data(as_text=True) for url in ("/search", "/login")]
            found = re.search(r'name="csrf-token" content="([^"]+)"', "".join(pages))
            assert found, pages[0][:500]
            self._csrf = found[1]
        return self._csrf

    def post(self, url: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        form = {"csrf_token": self.csrf(), **(data or {})}
        return self.client.post(url, data=form, **{"buffered": True, **options})


class Api:
    """The API as one user's program uses it."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"}

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        options: dict[str, Any] = {"headers": {**self.headers, **{k.replace("_", "-"): v for k, v in headers.items()}}}
        if body is not None:
            options["json"] = body
        return self.client.open(f"/api/v1{path}", method=method, buffered=True, **options)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.call("POST", path, body if body is not None else {}, **headers)

    def patch(self, path: str, body: Any, version: int | None = None) -> TestResponse:
        headers = {} if version is None else {"If_Match": f'"{version}"'}
        return self.call("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> TestResponse:
        return self.call("DELETE", path, **headers)


class Web:
    """The app of a company."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.app = app.build_app(Config())
        self.app.config["PROPAGATE_EXCEPTIONS"] = False
        self.app.after_request(_sendable)

    def _user(self, part: str | int) -> int:
        return getattr(self.cast, part) if isinstance(part, str) else part

    def browser(self, part: str | int) -> Browser:
        """Signed in as one of the cast."""
        return Browser(self.app.test_client(), self._user(part))

    def visitor(self) -> Browser:
        """Nobody."""
        return Browser(self.app.test_client(), None)

    def api(self, part: str | int, *, read_only: bool = False) -> Api:
        """A program with a token of one of the cast."""
        token = tokens.make(self._user(part), name="tests", read_only=read_only)
        return Api(self.app.test_client(), token)


def _sendable(response: Response) -> Response:
    """What waitress does with headers and the test client does not: they must be Latin-1."""
    for name, value in response.headers:
        assert value.encode("latin-1", "replace").decode("latin-1") == value, (name, value)
    return response


class Live(Web):
    """The app on a real port."""

    def __init__(self, cast: Cast) -> None:
        super().__init__(cast)
        self.server = create_server(self.app, host="127.0.0.1", port=0, threads=6)
        self.port = int(self.server.effective_port)
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.server.run()
        except OSError:  # closed under it
            return
        finally:
            store.close_thread()

    def session_of(self, part: str | int) -> str:
        """A session cookie's value for one of the cast."""
        return sessions.begin(self._user(part), address="127.0.0.1", agent="tests")

    def close(self) -> None:
        self.server.close()
        self.server.task_dispatcher.shutdown()
        # browsers' connections, which nobody looks after any more; then those taken up while these were closed
        wasyncore.close_all(self.server._map, ignore_all=True)
        self._thread.join(timeout=60)
        wasyncore.close_all(self.server._map, ignore_all=True)
