"""Lists of the world as choices: currencies, countries, languages, time zones. Each made once, named in the reader's language."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from babel import Locale

from smallcrm.base import money
from smallcrm.base.i18n import HTML_LANG, LANGUAGES, language
from smallcrm.records.fields.choice import Option

SPOKEN = ("zh", "en", "el", "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "tr", "ar", "ja", "ko", "bg", "ro")


def _locale(code: str) -> Locale:
    return Locale.parse(HTML_LANG[code].replace("-", "_"))


@cache
def currencies() -> tuple[Option, ...]:
    """Every currency of today by its code."""
    return tuple(Option(code, code) for code in sorted(money.tender()))


def countries() -> tuple[Option, ...]:
    """Every country, by name."""
    return _countries(language())


@cache
def _countries(code: str) -> tuple[Option, ...]:
    names = _locale(code).territories
    found = (Option(key, str(name)) for key, name in names.items() if len(key) == 2 and key.isalpha())
    return tuple(sorted(found, key=lambda option: str(option.label)))


def languages() -> tuple[Option, ...]:
    """Languages customers speak, ours first."""
    return _languages(language())


@cache
def _languages(code: str) -> tuple[Option, ...]:
    names = _locale(code).languages
    return tuple(Option(each, str(names.get(each, each))) for each in SPOKEN)


@cache
def our_languages() -> tuple[Option, ...]:
    """The languages smallcrm speaks, each in its own."""
    return tuple(Option(code, name) for code, name in LANGUAGES.items())


@cache
def zones() -> tuple[Option, ...]:
    """Time zones by their names."""
    return tuple(Option(name, name) for name in sorted(available_timezones()) if "/" in name or name == "UTC")
