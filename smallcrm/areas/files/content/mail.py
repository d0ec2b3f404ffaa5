"""A saved e-mail: who, when, what about, its text as plain text, the names of what was attached."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage, MIMEPart
from html.parser import HTMLParser
from pathlib import Path

MOST = 4 * 2**20  # octets read; attachments behind that are not named
MOST_TEXT = 100_000  # characters shown
_SILENT = frozenset({"script", "style", "head", "title", "template"})
_BLOCKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "table", "blockquote", "pre", "hr"})


@dataclass(frozen=True)
class Mail:
    """Headers by name (those that are there), the text, names of attachments."""

    headers: dict[str, str]
    text: str
    attached: list[str]
    whole: bool


def read(path: Path) -> Mail:
    """What the mail says. Broken ones give what can be had."""
    with path.open("rb") as file:
        data = file.read(MOST + 1)
    message = email.message_from_bytes(data[:MOST], policy=email.policy.default)
    headers = {name: _header(message, name) for name in ("From", "To", "Cc", "Date", "Subject")}
    text = _body(message)
    attached = [_name(part) for part in _attachments(message)]
    return Mail(
        {name: value for name, value in headers.items() if value},
        text[:MOST_TEXT],
        attached[:50],
        len(data) <= MOST and len(text) <= MOST_TEXT,
    )


def _header(message: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(message.get(name, "")).split())[:1000]
    except (ValueError, LookupError, IndexError, TypeError, AttributeError):  # the library stumbles over some
        return ""


def _body(message: EmailMessage) -> str:
    try:
        part = message.get_body(("plain", "html"))
    except (KeyError, AttributeError, ValueError):
        return ""
    if part is None:
        return ""
    text = _decoded(part)
    return plain(text) if part.get_content_type() == "text/html" else text.replace("\r\n", "\n").strip()


def _decoded(part: MIMEPart) -> str:
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    try:
        return raw.decode(part.get_content_charset() or "utf-8", "replace")
    except (LookupError, ValueError):
        return raw.decode("utf-8", "replace")


def _attachments(message: EmailMessage) -> list[EmailMessage]:
    try:
        return [part for part in message.iter_attachments() if isinstance(part, EmailMessage)]
    except (KeyError, AttributeError, ValueError, TypeError):
        return []


def _name(part: EmailMessage) -> str:
    try:
        return str(part.get_filename() or part.get_content_type())[:200]
    except (ValueError, LookupError, TypeError, AttributeError):
        return "?"


def plain(html: str) -> str:
    """The words of a page without anything else."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    lines = [" ".join(line.split()) for line in "".join(reader.found).splitlines()]
    kept = [line for i, line in enumerate(lines) if line or (i and lines[i - 1])]
    return "\n".join(kept).strip()


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        if tag in _BLOCKS:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in _SILENT))
        if tag in _BLOCKS:
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data.replace("\n", " "))
