"""Numbers, money, dates and sizes as the reader writes them, quickly: a list formats thousands a second.

Symbols and names come from Babel (CLDR) once per language; the patterns are our own three.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

from smallcrm.base import clock, money
from smallcrm.base.i18n import language, translate, translate_n

_LOCALES = {"en": "en_GB", "zh": "zh_Hans_CN", "el": "el_GR"}


@dataclass(frozen=True)
class Pattern:
    """What one language needs to write figures and dates."""

    group: str
    decimal: str
    months: tuple[str, ...]  # abbreviated, within a date
    months_full: tuple[str, ...]  # within a date: genitive in Greek
    months_alone: tuple[str, ...]  # as a heading: nominative
    days: tuple[str, ...]  # Monday first, abbreviated
    days_full: tuple[str, ...]
    money_after: bool


@lru_cache(maxsize=8)
def pattern(code: str) -> Pattern:
    """The pattern of a language of ours."""
    from babel import Locale

    locale = Locale.parse(_LOCALES[code])
    months = locale.months
    symbols = locale.number_symbols["latn"]

    def twelve(kind: str, width: str) -> tuple[str, ...]:
        return tuple(str(months[kind][width][i]) for i in range(1, 13))

    def seven(width: str) -> tuple[str, ...]:
        return tuple(str(locale.days["format"][width][i]) for i in range(7))

    return Pattern(
        group=str(symbols["group"]),
        decimal=str(symbols["decimal"]),
        months=twelve("format", "abbreviated"),
        months_full=twelve("format", "wide"),
        months_alone=twelve("stand-alone", "wide"),
        days=seven("abbreviated"),
        days_full=seven("wide"),
        money_after=code == "el",
    )


def _here() -> Pattern:
    return pattern(language())


# ---------------------------------------------------------------- numbers


def number(value: int | float | Decimal, decimals: int | None = None) -> str:
    """``1234567.5`` → ``1,234,567.5`` or ``1.234.567,5``. Without ``decimals`` no more places than needed."""
    here = _here()
    if decimals is None and isinstance(value, int):
        text = f"{value:,}"
    elif decimals is None:
        text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,.6f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        text = f"{value:,.{decimals}f}"
    if here.group == "," and here.decimal == ".":
        return text
    return text.replace(",", "\0").replace(".", here.decimal).replace("\0", here.group)


@lru_cache(maxsize=512)
def symbol(currency: str, code: str) -> str:
    """The sign a currency goes by in a language."""
    from babel.numbers import get_currency_symbol

    sign = str(get_currency_symbol(currency, locale=_LOCALES[code]))
    return {"CN¥": "¥", "JP¥": "JP¥", "US$": "$"}.get(sign, sign)


def amount(units: int, currency: str) -> str:
    """The figure alone, with the currency's decimals: ``1,250.00``."""
    places = money.digits(currency)
    return number(Decimal(units).scaleb(-places), places) if places else number(units)


def with_sign(text: str, currency: str) -> str:
    """Put the currency's sign where the language has it."""
    code = language()
    sign = symbol(currency, code)
    if pattern(code).money_after:
        return f"{text}\u00a0{sign}"
    gap = "\u00a0" if sign.isalpha() else ""
    return f"-{sign}{gap}{text[1:]}" if text.startswith("-") else f"{sign}{gap}{text}"


def currency(units: int, code: str) -> str:
    """``¥1,234.50`` · ``1.234,50 €``. ``units`` are minor units of the currency ``code``."""
    return with_sign(amount(units, code), code)


# From which sum on, divided by what, with which word after it.
SHORT: dict[str, list[tuple[int, int, str]]] = {
    "en": [(10**9, 10**9, "B"), (10**6, 10**6, "M"), (10**4, 10**3, "k")],
    "zh": [(10**8, 10**8, "\u00a0亿"), (10**4, 10**4, "\u00a0万")],
    "el": [(10**9, 10**9, "\u00a0δισ."), (10**6, 10**6, "\u00a0εκ."), (10**4, 10**3, "\u00a0χιλ.")],
}


def currency_short(units: int, code: str) -> str:
    """Big sums as dashboards show them: 万 and 亿 in Chinese, χιλ. and εκ. in Greek, k and M in English."""
    value = money.major(units, code)
    for least, divisor, suffix in SHORT.get(language(), SHORT["en"]):
        if abs(value) >= least:
            scaled = value / divisor
            places = 2 if abs(scaled) < 100 else 1
            text = number(scaled, places)
            decimal = _here().decimal
            text = text.rstrip("0").rstrip(decimal) if decimal in text else text
            return with_sign(text + suffix, code)
    return currency(units, code)


def percent(value: float | Decimal, decimals: int = 0) -> str:
    """``0.7`` → ``70%``."""
    text = number(Decimal(str(value)) * 100, decimals)
    return f"{text}%"


_LONGEST = 60  # characters of a figure that somebody typed
_figure = re.compile(r"^[-+]?[\d.,' \u00a0\u202f]*\d[\d.,' \u00a0\u202f]*$")


def parse_number(text: str) -> Decimal:
    """The number a person typed in the current language. Raises ValueError when it can be read in two ways or in none.

    ``1.234,56`` and ``1234.56`` are both plain; ``1.234`` alone is read by the language's own separator.
    """
    here = _here()
    raw = text.strip().translate(str.maketrans("０１２３４５６７８９．，－", "0123456789.,-"))
    raw = raw.replace("−", "-").replace("\u00a0", "").replace("\u202f", "").replace("'", "").replace(" ", "")
    if not raw or len(raw) > _LONGEST or not _figure.match(raw):
        raise ValueError(text)
    dots, commas = raw.count("."), raw.count(",")
    if dots and commas:
        decimal = "." if raw.rindex(".") > raw.rindex(",") else ","
    elif dots + commas == 0:
        decimal = ""
    else:
        mark = "." if dots else ","
        tail = raw.rpartition(mark)[2]
        if max(dots, commas) > 1:
            decimal = ""
        elif mark == here.decimal:
            decimal = mark
        else:
            decimal = "" if len(tail) == 3 else mark
    group = {".": ",", ",": "."}.get(decimal)
    if group:
        whole = raw.partition(decimal)[0]
        if raw.count(decimal) > 1 or not re.fullmatch(rf"[-+]?\d*|[-+]?\d{{1,3}}([{group}]\d{{2,3}})+", whole):
            raise ValueError(text)
        raw = raw.replace(group, "").replace(decimal, ".")
    elif dots + commas and not re.fullmatch(r"[-+]?\d{1,3}([.,]\d{2,3})*[.,]\d{3}", raw):
        raise ValueError(text)  # 29.02.2024 is no figure
    else:
        raw = raw.replace(".", "").replace(",", "")
    try:
        return Decimal(raw)
    except InvalidOperation:
        raise ValueError(text) from None


def size(octets: int) -> str:
    """``84 KB``, ``1.2 MB``."""
    value = float(octets)
    for unit in ("B", "KB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{number(value, 0 if unit in ('B', 'KB') or value >= 100 else 1)} {unit}"
        value /= 1024
    raise AssertionError


# ---------------------------------------------------------------- dates


def date(day: dt.date | str | None, *, year: bool | None = None) -> str:
    """A date in a list: the year only where it is not this year, unless ``year`` says so."""
    if not day:
        return ""
    if isinstance(day, str):
        day = dt.date.fromisoformat(day)
    show = day.year != clock.today().year if year is None else year
    code = language()
    if code == "zh":
        return f"{day:%Y-%m-%d}" if show else f"{day:%m-%d}"
    names = pattern(code).months
    return f"{day.day} {names[day.month - 1]}" + (f" {day.year}" if show else "")


def date_long(day: dt.date) -> str:
    """A date as a heading: ``Friday 20 November`` · ``11月20日 周五`` · ``Παρασκευή 20 Νοεμβρίου``."""
    code = language()
    here = pattern(code)
    year = "" if day.year == clock.today().year else str(day.year)
    if code == "zh":
        return f"{year + '年' if year else ''}{day.month}月{day.day}日 {here.days[day.weekday()]}"
    return f"{here.days_full[day.weekday()]} {day.day} {here.months_full[day.month - 1]}" + (f" {year}" if year else "")


def month(day: dt.date) -> str:
    """``November 2026`` · ``2026年11月`` · ``Νοέμβριος 2026``."""
    if language() == "zh":
        return f"{day.year}年{day.month}月"
    return f"{_here().months_alone[day.month - 1]} {day.year}"


def weekday(day: dt.date) -> str:
    """``Fri`` · ``周五`` · ``Παρ``."""
    return _here().days[day.weekday()]


def near_date(day: dt.date | str | None) -> str:
    """A date in the words of somebody planning: today, tomorrow, a weekday within the week, else the date."""
    if not day:
        return ""
    if isinstance(day, str):
        day = dt.date.fromisoformat(day)
    away = (day - clock.today()).days
    if away == 0:
        return translate("today")
    if away == 1:
        return translate("tomorrow")
    if away == -1:
        return translate("yesterday")
    if language() == "zh":
        return f"{date(day)} {weekday(day)}"
    return f"{weekday(day)} {date(day)}"


def local(moment: dt.datetime | str, zone: ZoneInfo | None = None) -> dt.datetime:
    """The moment on the business's (or the given) clock."""
    if isinstance(moment, str):
        moment = clock.moment(moment)
    return moment.astimezone(zone or clock.business_zone())


def time(moment: dt.datetime | str | None) -> str:
    """``16:42``."""
    return f"{local(moment):%H:%M}" if moment else ""


def moment(value: dt.datetime | str | None) -> str:
    """``16 Nov 16:42``; the day is left out where it is today."""
    if not value:
        return ""
    here = local(value)
    if here.date() == clock.today():
        return f"{here:%H:%M}"
    return f"{date(here.date())} {here:%H:%M}"


def moment_full(value: dt.datetime | str | None) -> str:
    """With the year, for a title or an export."""
    if not value:
        return ""
    here = local(value)
    return f"{date(here.date(), year=True)} {here:%H:%M}"


def ago(value: dt.datetime | dt.date | str | None) -> str:
    """``4 days ago``, ``today``; empty for nothing. Counts business days' borders, not 24 hours."""
    if not value:
        return ""
    if isinstance(value, str):
        day = local(value).date() if "T" in value else dt.date.fromisoformat(value)
    else:
        day = local(value).date() if isinstance(value, dt.datetime) else value
    days = (clock.today() - day).days
    if days == 0:
        return translate("today")
    if days == 1:
        return translate("yesterday")
    if days < 0:
        return near_date(day)
    if days < 60:
        return translate_n("%(n)s day ago", "%(n)s days ago", days)
    if days < 730:
        return translate_n("%(n)s month ago", "%(n)s months ago", days // 30)
    return translate_n("%(n)s year ago", "%(n)s years ago", days // 365)


def duration(minutes: int) -> str:
    """``12 min``, ``2 h 10 min``."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return translate_n("%(n)s min", "%(n)s min", minutes)
    if not rest:
        return translate_n("%(n)s h", "%(n)s h", hours)
    return translate("%(hours)s h %(minutes)s min", hours=hours, minutes=rest)


def parse_date(text: str) -> dt.date:
    """The date a person typed: ISO, ``3/4/2026`` day first (month first never), ``2026年3月4日``, ``3 Apr 2026``.

    Raises ValueError. Two-digit years are 2000 on; without a year the one that makes the date nearest to today.
    """
    raw = text.strip().translate(str.maketrans("０１２３４５６７８９", "0123456789"))
    if found := re.fullmatch(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})日?", raw):
        return dt.date(int(found[1]), int(found[2]), int(found[3]))
    if found := re.fullmatch(r"(\d{1,2})[./ -](\d{1,2})[./ -](\d{4}|\d{2})", raw):
        year = int(found[3]) + (2000 if len(found[3]) == 2 else 0)
        return dt.date(year, int(found[2]), int(found[1]))
    if found := re.fullmatch(r"(\d{1,2})月(\d{1,2})日", raw):
        return _nearest(int(found[1]), int(found[2]))
    if found := re.fullmatch(r"(\d{1,2})-(\d{1,2})", raw):
        return _nearest(int(found[1]), int(found[2]))
    if found := re.fullmatch(r"(\d{1,2})\s+([^\W\d]+)\.?(?:\s+(\d{4}))?", raw):
        month_ = _month_named(found[2])
        return dt.date(int(found[3]), month_, int(found[1])) if found[3] else _nearest(month_, int(found[1]))
    raise ValueError(text)


def _month_named(word: str) -> int:
    from smallcrm.base.text import fold

    key = fold(word)
    for code in _LOCALES:
        here = pattern(code)
        for names in (here.months, here.months_full, here.months_alone):
            for index, name in enumerate(names, 1):
                if fold(name).rstrip(".") == key or (len(key) >= 3 and fold(name).startswith(key)):
                    return index
    raise ValueError(word)


def _nearest(month_: int, day: int) -> dt.date:
    today = clock.today()
    options = []
    for year in (today.year - 1, today.year, today.year + 1):
        try:
            options.append(dt.date(year, month_, day))
        except ValueError:
            continue
    if not options:
        raise ValueError(f"{month_}-{day}")
    return min(options, key=lambda d: abs((d - today).days))
