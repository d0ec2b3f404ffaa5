"""A real HTTP server on loopback that says what it is told to and remembers what it was asked."""

from __future__ import annotations

import json
import ssl
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.jobs import certificates


@dataclass
class Seen:
    """A request that came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Web:
    """``answer`` sets what the next requests get; ``answers`` a list of what each in turn gets."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.answers: list[tuple[int, bytes, dict[str, str]]] = []
        self.drip = 0.0
        self.wait = 0.0
        self._answer: tuple[int, bytes, dict[str, str]] = (200, b"{}", {})
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                outer._handle(self)

            do_GET = do_POST = handle_any

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.handle_error = lambda *_: None  # type: ignore[assignment,method-assign]
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self._answer = (status, body, headers)

    def use_tls(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificates.load(context, certificates.make("127.0.0.1"))
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handle(self, request: BaseHTTPRequestHandler) -> None:
        length = int(request.headers.get("content-length") or 0)
        body = request.rfile.read(length)
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.seen.append(Seen(request.command, request.path, headers, body, time.monotonic()))
        status, said, more = self.answers.pop(0) if self.answers else self._answer
        time.sleep(self.wait)
        if status == 0:  # hang up without a word
            request.close_connection = True
            request.connection.close()
            return
        request.send_response(status)
        for name, value in more.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(said)))
        request.end_headers()
        if self.drip:
            for octet in said:
                request.wfile.write(bytes([octet]))
                time.sleep(self.drip)
        else:
            request.wfile.write(said)
