"""The gate every request passes: closed while smallcrm must be alone with its data, or is about to end.

It counts who is inside. ``closed`` keeps new ones out with a page that loads itself again, and waits for the others.
Nothing here reads the database: it may be the very thing that is being exchanged.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from werkzeug.wsgi import ClosingIterator

from smallcrm import __version__
from smallcrm.base import i18n
from smallcrm.base.errors import Busy
from smallcrm.base.i18n import L, Label, _

if TYPE_CHECKING:
    from flask import Flask

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_STYLE = (
    ":root{color-scheme:light dark;font:15px/1.6 system-ui,sans-serif}body{margin:0;min-height:100vh;display:grid;"
    "place-items:center}main{max-width:30rem;padding:2rem}h1{font-size:1.3rem}progress{width:100%}"
)
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_CSP = f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-ancestors 'none'; base-uri 'none'"

# The server adds what else must rest and go on again: (rest within so many seconds, go on).
resting: list[tuple[Callable[[float], bool], Callable[[], None]]] = []
reopened: list[Callable[[], None]] = []  # called when other data are in place, before anybody is let in


class Gate:
    """One for the process."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._inside = 0
        self._why: Label | None = None
        self.percent: int | None = None

    def wrap(self, app: Wsgi) -> Wsgi:
        """``app`` behind the gate."""

        def guarded(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            with self._change:
                why = self._why
                if why is None:
                    self._inside += 1
            if why is not None:
                return self._turn_away(environ, start_response, why)
            try:
                body = app(environ, start_response)
            except BaseException:
                self._leave()
                raise
            return ClosingIterator(body, [self._leave])

        return guarded

    def _leave(self) -> None:
        with self._change:
            self._inside -= 1
            self._change.notify_all()

    def shut(self, why: Label) -> None:
        """Let nobody in any more, and say why."""
        with self._change:
            self._why = why

    def open(self) -> None:
        """Let people in again."""
        with self._change:
            self._why, self.percent = None, None

    def empty(self, wait: float) -> bool:
        """Whether everybody inside has left, waiting so many seconds for them."""
        with self._change:
            return self._change.wait_for(lambda: self._inside == 0, wait)

    @property
    def is_open(self) -> bool:
        """Whether requests are let in."""
        return self._why is None

    @contextmanager
    def closed(self, why: Label, *, wait: float = 30.0) -> Iterator[None]:
        """Nobody inside, no job running. Raises Busy, open again, when somebody does not leave in time."""
        self.shut(why)
        rested: list[Callable[[], None]] = []
        try:
            if not self.empty(wait):
                raise Busy(L("Somebody is still waiting for a long answer. Nothing was changed; try again later."))
            for rest, go_on in resting:
                rested.append(go_on)
                if not rest(wait):
                    raise Busy(L("A job is still at work. Nothing was changed; try again when it has ended."))
            yield
        finally:
            for go_on in reversed(rested):
                go_on()
            self.open()

    def _turn_away(self, environ: dict[str, Any], start_response: Callable[..., Any], why: Label) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        with i18n.speaking(i18n.best_of(str(environ.get("HTTP_ACCEPT_LANGUAGE", "")))):
            if path == "/healthz":
                kind, text = "application/json", json.dumps({"status": "maintenance", "version": __version__})
            elif path.startswith("/api/"):
                kind = "application/problem+json"
                text = json.dumps({"type": "about:blank#busy", "title": str(why), "status": 503}, ensure_ascii=False)
            else:
                again = environ.get("REQUEST_METHOD") == "GET"
                kind, text = "text/html; charset=utf-8", self._page(str(why), again)
        body = text.encode()
        headers = [
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("Retry-After", "5"),
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", _CSP),
            ("X-Content-Type-Options", "nosniff"),
        ]
        start_response("503 Service Unavailable", headers)
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]

    def _page(self, why: str, again: bool) -> str:
        done = "" if self.percent is None else f'<progress max="100" value="{self.percent}">{self.percent}%</progress>'
        reload = '<meta http-equiv="refresh" content="3">' if again else ""
        say = _("This page goes on by itself when it is done.") if again else _("Nothing was changed. Try again soon.")
        return (
            f'<!doctype html><html lang="{i18n.HTML_LANG[i18n.language()]}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f"{reload}<title>smallcrm</title><style>{_STYLE}</style></head><body><main><h1>{html.escape(why)}</h1>{done}"
            f"<p>{html.escape(say)}</p></main></body></html>"
        )


gate = Gate()


def install(app: Flask) -> None:
    """Put the gate before the app."""
    app.wsgi_app = gate.wrap(app.wsgi_app)  # type: ignore[method-assign, assignment]
