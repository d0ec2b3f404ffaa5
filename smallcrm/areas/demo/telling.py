"""Filling the slots of the texts: a product, a number, somebody's name, a weekday."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from functools import lru_cache

from babel.dates import format_date

from smallcrm.areas.demo.words import Words

QUANTITIES = ("200", "500", "800", "1000", "1500", "2000", "2500", "4000", "5000", "10000", "20000")
_LOCALE = {"en": "en_GB", "zh": "zh_CN", "el": "el_GR"}


@lru_cache(maxsize=64)
def _named(language: str, pattern: str, ordinal: int) -> str:
    return str(format_date(dt.date.fromordinal(ordinal), pattern, locale=_LOCALE[language]))


def weekday(language: str, day: dt.date) -> str:
    """Tuesday, 周二, Τρίτη."""
    return _named(language, "EEE" if language == "zh" else "EEEE", 719163 + day.weekday() + 4)


def month(language: str, day: dt.date) -> str:
    """March, 三月, Μάρτιος."""
    return _named(language, "LLLL", dt.date(2024, day.month, 1).toordinal())


def slots(words: Words, rng: random.Random, *, contact: str, city: str, on: dt.date) -> Mapping[str, str]:
    """What the texts may speak of, drawn once a text so that subject and body agree."""
    quantity = int(rng.choice(QUANTITIES))
    grouped = {"en": f"{quantity:,}", "el": f"{quantity:,}".replace(",", "."), "zh": str(quantity)}
    return {
        "product": rng.choice(words.products),
        "qty": grouped[words.language],
        "contact": contact,
        "city": city,
        "colleague": rng.choice(words.colleagues),
        "weekday": weekday(words.language, on + dt.timedelta(days=rng.randint(1, 6))),
        "month": month(words.language, on + dt.timedelta(days=rng.randint(30, 150))),
        "week": str((on + dt.timedelta(days=rng.randint(14, 50))).isocalendar().week),
    }


def said(text: str, filled: Mapping[str, str]) -> str:
    """The text with its slots filled, its first letter large."""
    whole = text.format_map(filled) if "{" in text else text
    return whole[:1].upper() + whole[1:]
