"""A small IMAP server on loopback: sign-in, folders, SEARCH and FETCH by UID, TLS from the start or by STARTTLS; it can be told to break off."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
from dataclasses import dataclass, field

from tests.jobs.certificates import Certificate, load


@dataclass
class Folder:
    """Mails by UID."""

    validity: int = 1
    mails: dict[int, bytes] = field(default_factory=dict)

    def put(self, raw: bytes | str) -> int:
        uid = max(self.mails, default=0) + 1
        self.mails[uid] = raw.replace("\n", "\r\n").encode() if isinstance(raw, str) else raw
        return uid


class ImapServer:
    """Started on a free port. ``breaks_after``: how many mails are given before the line is cut."""

    def __init__(
        self,
        *,
        certificate: Certificate | None = None,
        starttls: bool = False,
        login: tuple[str, str] = ("leads", "secret"),
    ) -> None:
        self.folders: dict[str, Folder] = {"INBOX": Folder()}
        self.login = login
        self.breaks_after: int | None = None
        self.asked: list[str] = []
        self._context: ssl.SSLContext | None = None
        if certificate:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            load(self._context, certificate)
        self._starttls = starttls
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def inbox(self) -> Folder:
        return self.folders["INBOX"]

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes whoever waits in accept
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError, ssl.SSLError), client:
            if self._context and not self._starttls:
                client = self._context.wrap_socket(client, server_side=True, do_handshake_on_connect=False)
            talk = _Talk(self, client)
            try:
                talk.run()
            finally:
                talk.client.close()


class _Talk:
    def __init__(self, server: ImapServer, client: socket.socket) -> None:
        self.server, self.client = server, client
        self.file = client.makefile("rwb")
        self.folder: Folder | None = None
        self.signed_in = False
        self.given = 0

    def say(self, line: str) -> None:
        self.file.write(line.encode() + b"\r\n")
        self.file.flush()

    def run(self) -> None:
        self.say("* OK ready")
        while line := self.file.readline():
            tag, _, rest = line.decode().strip().partition(" ")
            self.server.asked.append(rest)
            if not self.answer(tag, rest):
                return

    def answer(self, tag: str, rest: str) -> bool:
        word = rest.split(" ")[0].upper()
        if word == "CAPABILITY":
            self.say("* CAPABILITY IMAP4rev1" + (" STARTTLS" if self.server._starttls else ""))
        elif word == "STARTTLS":
            self.say(f"{tag} OK begin")
            assert self.server._context
            self.client = self.server._context.wrap_socket(self.client, server_side=True, do_handshake_on_connect=False)
            self.file = self.client.makefile("rwb")
            return True
        elif word == "LOGIN":
            user, password = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', rest.partition(" ")[2])[:2]
            if ("".join(user), "".join(password)) != self.server.login:
                self.say(f"{tag} NO [AUTHENTICATIONFAILED] wrong")
                return True
            self.signed_in = True
        elif word in ("EXAMINE", "SELECT"):
            self.folder = self.server.folders.get(rest.partition(" ")[2].strip('"'))
            if self.folder is None:
                self.say(f"{tag} NO no such folder")
                return True
            self.say(f"* {len(self.folder.mails)} EXISTS")
            self.say(f"* OK [UIDVALIDITY {self.folder.validity}] ok")
        elif word == "UID":
            return self.uid(tag, rest)
        elif word == "LOGOUT":
            self.say("* BYE")
            self.say(f"{tag} OK")
            return False
        self.say(f"{tag} OK done")
        return True

    def uid(self, tag: str, rest: str) -> bool:
        assert self.signed_in
        assert self.folder is not None
        if " SEARCH " in rest.upper():
            first = int(re.search(r"(\d+):\*", rest)[1])  # type: ignore[index]
            last = max(self.folder.mails, default=0)
            found = [uid for uid in self.folder.mails if uid >= first or uid == last]
            self.say("* SEARCH " + " ".join(map(str, found)))
        else:
            uid = int(rest.split(" ")[2])
            raw = self.folder.mails[uid]
            if "RFC822.SIZE" in rest:
                self.say(f"* 1 FETCH (UID {uid} RFC822.SIZE {len(raw)})")
            else:
                if self.server.breaks_after is not None and self.given >= self.server.breaks_after:
                    self.client.shutdown(socket.SHUT_RDWR)
                    return False
                self.given += 1
                part = raw[: int(found[1])] if (found := re.search(r"<0\.(\d+)>", rest)) else raw
                self.file.write(f"* 1 FETCH (UID {uid} BODY[] {{{len(part)}}}\r\n".encode() + part + b")\r\n")
        self.say(f"{tag} OK done")
        return True
