"""Languages below the web: jobs, mails and the command line speak the receiver's too.

The current language stands in a context variable. English is the source text; ``L`` marks a label that is read
later, ``_`` translates now. Terms that a company renames ("Students" for Customers) are never glued into sentences.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from importlib.resources import files
from typing import Any

LANGUAGES = {"en": "English", "zh": "简体中文", "el": "Ελληνικά"}
HTML_LANG = {"en": "en", "zh": "zh-CN", "el": "el"}

_language: ContextVar[str] = ContextVar("language", default="en")


def language() -> str:
    """The language of whoever is being spoken to: ``en``, ``zh`` or ``el``."""
    return _language.get()


def set_language(code: str) -> None:
    """Speak ``code`` from here on in this context; English where the code is unknown."""
    _language.set(code if code in LANGUAGES else "en")


@contextmanager
def speaking(code: str | None) -> Iterator[None]:
    """Speak ``code`` inside. ``None`` changes nothing."""
    token = _language.set(code if code in LANGUAGES else _language.get())
    try:
        yield
    finally:
        _language.reset(token)


def best_of(accept: str) -> str:
    """The first of our languages that an Accept-Language header asks for; English where it asks for none."""
    wishes: list[tuple[float, str]] = []
    for part in accept.split(",")[:20]:
        code, _, quality = part.strip().partition(";q=")
        try:
            wishes.append((-float(quality or 1), code.strip().lower()[:2]))
        except ValueError:
            continue
    return next((code for _, code in sorted(wishes, key=lambda w: w[0]) if code in LANGUAGES), "en")


@lru_cache(maxsize=8)
def _catalogue(code: str) -> gettext.NullTranslations:
    source = files("smallcrm").joinpath(f"locale/{code}/LC_MESSAGES/smallcrm.mo")
    if code == "en" or not source.is_file():
        return gettext.NullTranslations()
    with source.open("rb") as handle:
        return gettext.GNUTranslations(handle)


@lru_cache(maxsize=8192)
def _said(code: str, message: str) -> str:
    return _catalogue(code).gettext(message) if message else ""


def translate(message: str, **values: Any) -> str:
    """``message`` in the current language, ``%(name)s`` filled from ``values``."""
    text = _said(_language.get(), message)
    return text % values if values else text


def translate_n(one: str, many: str, n: int, **values: Any) -> str:
    """The form of the message that fits ``n``; ``%(n)s`` is ``n`` as the reader writes numbers."""
    from smallcrm.base.formats import number

    text = _catalogue(_language.get()).ngettext(one, many, n)
    return text % {"n": number(n), **values}


def translate_p(context: str, message: str, **values: Any) -> str:
    """``message`` translated as it is meant in ``context`` ("open" the verb, "open" the state)."""
    text = _catalogue(_language.get()).pgettext(context, message)
    return text % values if values else text


class Lazy:
    """A label that is translated when it is shown."""

    __slots__ = ("context", "message", "values")

    def __init__(self, message: str, context: str = "", **values: Any) -> None:
        self.message = message
        self.context = context
        self.values = values

    def __str__(self) -> str:
        if self.context:
            return translate_p(self.context, self.message, **self.values)
        return translate(self.message, **self.values)

    def __repr__(self) -> str:
        return f"L({self.message!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lazy) and (self.message, self.context) == (other.message, other.context)

    def __hash__(self) -> int:
        return hash((self.message, self.context))

    def __mod__(self, values: Any) -> str:
        return str(self) % values


_ = translate
ngettext = translate_n
pgettext = translate_p
L = Lazy

Label = str | Lazy
