"""Small functions that templates use for single values: dialling, web addresses, days left."""

from __future__ import annotations

import datetime as dt
import json
import re
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from smallcrm.base import clock
from smallcrm.base.i18n import language, ngettext
from smallcrm.records.fields.phone import spaced
from smallcrm.web.drawn import filled

NOT_DIALLED = re.compile(r"[^\d+]")
FULL = 30  # days at which the bar of "days left" is whole


def dialled(number: str) -> str:
    """A number for a ``tel:`` link."""
    return NOT_DIALLED.sub("", number)


def web_address(text: str) -> str:
    """A web address for a link; anything but http and https leads nowhere."""
    lowered = text.strip().lower()
    if lowered.startswith(("http://", "https://")):
        return text.strip()
    return f"https://{text.strip()}"


def json_list(text: Any) -> list[Any]:
    """A stored list as a list."""
    if isinstance(text, str):
        found = json.loads(text)
        return found if isinstance(found, list) else []
    return list(text or ())


def days_to(day: str | None) -> int | None:
    """Days from today to ``day``; None for none."""
    return None if not day else (dt.date.fromisoformat(day) - clock.today()).days


def warn_icon() -> Markup:
    """The small triangle beside what deserves a second look."""
    from smallcrm.web import bundle

    return _warn_icon(bundle.current().icons_url)


@lru_cache(maxsize=8)
def _warn_icon(sprite: str) -> Markup:
    return filled('<svg class="i i-s" aria-hidden="true"><use href="{}#alert-triangle"/></svg>', sprite)


def days_left_cell(day: str) -> Markup:
    """The number, with a bar and a tone: pale, amber from 7, red with a triangle from 3."""
    left = max(days_to(day) or 0, 0)
    return _days_left(left, warn_icon() if left <= 3 else Markup(""), language())


@lru_cache(maxsize=2048)
def _days_left(left: int, icon: Markup, _language: str) -> Markup:
    tone = " bad" if left <= 3 else " warn" if left <= 7 else ""
    percent = min(100, round(left * 100 / FULL))
    return Markup(
        '<span class="days{}" title="{}">{}<b>{}</b><svg class="meter{}" aria-hidden="true"><rect width="{}%" height="100%"/></svg></span>'
    ).format(tone, ngettext("%(n)s day", "%(n)s days", left), icon, left, tone, percent)


@lru_cache(maxsize=2048)
def initials(name: str) -> str:
    """One or two letters for an avatar: the surname's character in Chinese, first and last letters elsewhere."""
    words = name.split()
    if not words:
        return "?"
    if ord(words[0][0]) > 0x2E80:
        return words[0][0]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


GLOBALS = {
    "dialled": dialled,
    "web_address": web_address,
    "days_left_cell": days_left_cell,
    "days_to": days_to,
    "spaced": spaced,
    "initials": initials,
}
