"""Dates as people type them. What ``3/4/2019`` means is decided for a whole column, from the values without doubt.

An order is ``dmy``, ``mdy`` or ``ymd`` (the last is in doubt only with years of two digits).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from smallcrm.base import clock, formats
from smallcrm.base.text import fold
from smallcrm.records.exchange.problem import Unfit

Order = Literal["dmy", "mdy", "ymd"]
ORDERS: tuple[Order, ...] = ("dmy", "mdy", "ymd")
FIRST_YEAR, LAST_YEAR = 1850, 2200

_WEEKDAY = re.compile(
    r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+|^(?:δευ|τρι|τετ|πεμ|παρ|σαβ|κυρ)\w*\.?,?\s+"
    r"|\s*[(（]?(?:星期|周|礼拜)[一二三四五六日天][)）]?\s*"
)
_TIME = re.compile(
    r"(?:[\s,]+|(?<=\d)t|(?<=日)|(?=上午|下午|晚上|中午|凌晨))(?P<before>上午|下午|晚上|中午|凌晨|am|pm|πμ|μμ)?\s*(?P<h>\d{1,2})\s*(?:[:：.]|时|点)\s*(?P<m>\d{2})?\s*(?:分)?"
    r"(?:[:：.](?P<s>\d{2})(?:[.,]\d+)?)?\s*(?P<after>am|pm|a\.m\.|p\.m\.|π\.?μ\.?|μ\.?μ\.?)?\s*(?P<z>z|[+-]\d{2}:?\d{2})?$"
)
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年\s]\s*(\d{1,2})\s*[-/.月\s]\s*(\d{1,2})\s*[日号.]?")
_SHORT_YEAR_FIRST = re.compile(r"(\d{2})年\s*(\d{1,2})月\s*(\d{1,2})[日号]?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NUMERIC = re.compile(r"(\d{1,2})\s*[-/.\s]\s*(\d{1,2})\s*[-/.\s]\s*(\d{4}|\d{2})\.?")
_DAY_NAME = re.compile(r"(\d{1,2})(?:st|nd|rd|th|η|ης|ησ)?[\s\-/.,]*(?:of\s+)?([^\W\d]+)[\s\-/.,']*(\d{4}|\d{2})")
_NAME_DAY = re.compile(r"([^\W\d]+)[\s.\-]*(\d{1,2})(?:st|nd|rd|th)?[\s,.\-]+(\d{4}|\d{2})")
_YEAR_NAME = re.compile(r"(\d{4})[\s\-/.]*([^\W\d]+)[\s\-/.]*(\d{1,2})")
_NO_DAY = re.compile(
    r"(?:19|20)\d{2}\s*[-/.年]\s*\d{1,2}\s*月?|[^\W\d]+\s+(?:19|20)\d{2}|(?:19|20)\d{2}年?|\d{1,2}[/.-](?:19|20)\d{2}"
)
_NO_YEAR = re.compile(r"\d{1,2}\s*[-/.月]\s*\d{1,2}\s*[日号]?|\d{1,2}\.?\s+[^\W\d]{3,}|[^\W\d]{3,}\s+\d{1,2}")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A date in text: ``days`` has what each order makes of it (None: no such date), one entry where all agree."""

    days: Mapping[str, dt.date | None]
    time: dt.time | None = None


def parse(text: str) -> Parsed:
    """Take a date apart. Raises ``Unfit`` where it is none."""
    if len(text) > 80:
        raise Unfit("not_a_date", text[:100])
    raw = fold(text.strip().lstrip("'"))
    time = None
    if found := _TIME.search(raw):
        time, raw = _time(found, text), raw[: found.start()].strip()
    raw = _WEEKDAY.sub("", raw).strip()
    if match := _YEAR_FIRST.fullmatch(raw) or _SHORT_YEAR_FIRST.fullmatch(raw):
        return _one(_year(match[1], text), int(match[2]), int(match[3]), time, text)
    if (match := _COMPACT.fullmatch(raw)) and FIRST_YEAR < int(match[1]) < LAST_YEAR:
        return _one(int(match[1]), int(match[2]), int(match[3]), time, text)
    if match := _NUMERIC.fullmatch(raw):
        return Parsed(_orders(match[1], match[2], match[3], text), time)
    if match := _DAY_NAME.fullmatch(raw):
        return _one(_year(match[3], text), _month(match[2], text), int(match[1]), time, text)
    if match := _NAME_DAY.fullmatch(raw):
        return _one(_year(match[3], text), _month(match[1], text), int(match[2]), time, text)
    if match := _YEAR_NAME.fullmatch(raw):
        return _one(int(match[1]), _month(match[2], text), int(match[3]), time, text)
    if _NO_DAY.fullmatch(raw):
        raise Unfit("day_missing", text)
    raise Unfit("year_missing" if _NO_YEAR.fullmatch(raw) else "not_a_date", text)


def _one(year: int, month: int, day: int, time: dt.time | None, text: str) -> Parsed:
    found = _date(year, month, day)
    if found is None:
        raise Unfit("no_such_date", text)
    return Parsed({"": found}, time)


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _orders(first: str, second: str, third: str, text: str) -> dict[str, dt.date | None]:
    year = _year(third, text)
    one, two = int(first), int(second)
    found: dict[str, dt.date | None] = {"dmy": _date(year, two, one), "mdy": _date(year, one, two)}
    if len(third) == 2 and len(first) == 2:
        found["ymd"] = _date(_year(first, text), two, int(third))
    if not any(found.values()):
        raise Unfit("no_such_date", text)
    if len(found) == 2 and found["dmy"] == found["mdy"]:
        return {"": found["dmy"]}
    return found


def _year(text: str, whole: str) -> int:
    """Two digits mean this century up to twenty years from now, else the last one."""
    year = int(text)
    if len(text) == 2:
        this = clock.today().year
        year += this // 100 * 100
        return year if year <= this + 20 else year - 100
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Unfit("date_out_of_range", whole)
    return year


def _time(found: re.Match[str], text: str) -> dt.time:
    hour, minute, second = int(found["h"]), int(found["m"] or 0), int(found["s"] or 0)
    half = (found["before"] or found["after"] or "").replace(".", "")
    if half in ("下午", "晚上", "pm", "μμ") and hour < 12:
        hour += 12
    elif half in ("上午", "凌晨", "am", "πμ") and hour == 12:
        hour = 0
    zone = dt.UTC if (found["z"] or "") == "z" else None
    if found["z"] and zone is None:
        sign, rest = found["z"][0], found["z"][1:].replace(":", "")
        offset = dt.timedelta(hours=int(rest[:2]), minutes=int(rest[2:]))
        zone = dt.timezone(-offset if sign == "-" else offset) if offset < dt.timedelta(hours=24) else None
    try:
        return dt.time(hour, minute, second, tzinfo=zone)
    except ValueError:
        raise Unfit("not_a_date", text) from None


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    """Folded names and abbreviations of months in our languages, with those that people shorten themselves."""
    found: dict[str, int] = {}
    for code in ("en", "el"):
        pattern = formats.pattern(code)
        for names in (pattern.months_full, pattern.months_alone, pattern.months):
            for index, name in enumerate(names, 1):
                key = fold(name).rstrip(".")
                found.setdefault(key, index)
                found.setdefault(key[:3], index)
                found.setdefault(key[:4], index)
    for name, index in {
        "sept": 9,
        "μαι": 5,
        "μαϊ": 5,
        "ιουν": 6,
        "ιουλ": 7,
        "αυγ": 8,
        "σεπτ": 9,
        "φεβρ": 2,
        "απρ": 4,
    }.items():
        found[fold(name)] = index
    for twofold in ("ιου",):
        found.pop(twofold, None)
    return found


def _month(word: str, text: str) -> int:
    found = _months().get(fold(word))
    if found is None:
        raise Unfit("not_a_date", text)
    return found


# ---------------------------------------------------------------- Excel's day numbers


def of_serial(serial: float, epoch_1904: bool) -> dt.datetime | None:
    """The moment that Excel keeps as a number of days; None far outside the years of business."""
    if not 3_000 <= serial <= 110_000:
        return None
    start = dt.date(1904, 1, 1) if epoch_1904 else dt.date(1899, 12, 30)
    return dt.datetime.combine(start, dt.time()) + dt.timedelta(seconds=round(serial * 86_400))


# ---------------------------------------------------------------- the order of a column


@dataclass(frozen=True)
class OrderVote:
    """How many values of a column each order fits, among ``total`` whose order matters."""

    total: int
    fits: dict[str, int]
    order: Order | None
    sure: bool
    examples: tuple[str, ...] = ()  # values that two orders can read

    @property
    def asks(self) -> bool:
        return self.total > 0 and not self.sure


def vote(values: Mapping[str, int]) -> OrderVote:
    """Decide by the texts of a column and how often each stands there.

    An order that every value fits while the others fail on a fair share of them is sure. A single value that fails is
    no proof: it may be a slip. No value that fails is no proof either.
    """
    fits: dict[str, int] = dict.fromkeys(ORDERS, 0)
    total, examples = 0, list[str]()
    for text, count in values.items():
        try:
            days = parse(text).days
        except Unfit:
            continue
        if "" in days:
            continue
        total += count
        for order in ORDERS:
            fits[order] += count if days.get(order) else 0
        if sum(1 for day in days.values() if day) > 1 and len(examples) < 3:
            examples.append(text)
    if not total:
        return OrderVote(0, fits, None, True)
    ranked = sorted(ORDERS, key=lambda order: (-fits[order], ORDERS.index(order)))
    best, second = ranked[0], ranked[1]
    missed = total - fits[second]
    proven = missed >= 1 and (total < 10 or missed >= total * 0.1)
    sure = fits[best] == total and proven
    nearly = fits[best] >= total * 0.97 and missed >= total * 0.3
    return OrderVote(total, fits, best, sure or nearly, tuple(examples))
