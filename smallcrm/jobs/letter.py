"""The one look of the mails we write ourselves: a heading, lines, sections of items, one button, why one gets this.

A ``Letter`` holds finished sentences in the receiver's language and travels in the outbox as JSON; text and HTML are
made from it when it is sent, outside any transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from smallcrm.base.i18n import HTML_LANG, LANGUAGES
from smallcrm.identity import seal

if TYPE_CHECKING:
    from jinja2 import Environment

_PRIVATE = "letter"


@dataclass(frozen=True)
class Item:
    """A line of a section: ``text`` leads to ``link``, ``note`` follows in grey."""

    text: str
    link: str = ""
    note: str = ""


@dataclass(frozen=True)
class Section:
    """Items under a title."""

    title: str
    items: tuple[Item, ...] = ()


@dataclass(frozen=True)
class Letter:
    """What a mail says. Links may be paths of ours (``/customers/12``).

    The ``link`` of a ``private`` letter lets its receiver in: it is sealed while the letter lies in the outbox.
    """

    heading: str
    lines: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    button: str = ""
    link: str = ""
    why: str = ""
    language: str = "en"
    private: bool = False

    def as_payload(self) -> dict[str, Any]:
        """As JSON keeps it."""
        found = asdict(self)
        return {**found, "link": seal.seal(self.link, _PRIVATE)} if self.private else found


def of_payload(data: Mapping[str, Any]) -> Letter:
    """The letter that ``as_payload`` wrote."""
    sections = tuple(
        Section(each["title"], tuple(Item(**item) for item in each["items"])) for each in data.get("sections", ())
    )
    link = seal.unseal(data["link"], _PRIVATE) if data.get("private") else data.get("link", "")
    return Letter(**{**data, "lines": tuple(data.get("lines", ())), "sections": sections, "link": link})


def render(letter: Letter, *, base_url: str = "", company: str = "") -> tuple[str, str]:
    """``letter`` as plain text and as HTML. A link of ours is left out while our own address is unknown."""
    values = {
        "letter": letter,
        "lang": HTML_LANG.get(letter.language, "en"),
        "company": company,
        "absolute": lambda link: absolute(link, base_url),
    }
    environment = _environment()
    text = environment.get_template("letter.txt").render(values)
    return text.strip() + "\n", environment.get_template("letter.html").render(values)


def absolute(link: str, base_url: str) -> str:
    """``link`` with our address in front; empty when it leads nowhere a mail may lead."""
    if not link:
        return ""
    if link.startswith("/") and not link.startswith(("//", "/\\")):
        return base_url + link if base_url else ""
    return link if urlsplit(link).scheme in ("http", "https") else ""


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    assert set(HTML_LANG) == set(LANGUAGES)
    return Environment(
        loader=PackageLoader("smallcrm.jobs", "templates/mail"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
