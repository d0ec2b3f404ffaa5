"""Patterns for days: tomorrow, next Tue, in 3 working days, 下周三, 3月5号, 月底, στις 5 Μαρτίου."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from smallcrm.areas.activities.logline.days import Day, date_or_none
from smallcrm.areas.activities.logline.lexicon import Rule, values
from smallcrm.areas.activities.logline.tokens import Item, Tags

UNITS = ("day", "week", "month", "year", "workday")


def _made(day: Day | None) -> Tags | None:
    return None if day is None else {"date": day}


def _valid(day: int, month: int, year: int = 0) -> bool:
    return date_or_none(year or 2024, month, day) is not None


def _iso(part: list[Item]) -> Tags | None:
    year, month, day = values(part, "iso")[0]
    return _made(Day("date", day, month, year, led=True)) if _valid(day, month, year) else None


def _dmy(part: list[Item]) -> Tags | None:
    day, month, year = values(part, "dmy")[0]
    year += 2000 if year < 100 else 0
    if month > 12 and day <= 12:
        day, month = month, day
    return _made(Day("date", day, month, year, led=True)) if 1990 < year < 2100 and _valid(day, month, year) else None


def _han_date(part: list[Item]) -> Tags | None:
    """2026年3月5日, 3月5号."""
    numbers = [int(n) for n in values(part, "num")]
    year = numbers.pop(0) if values(part, "nian") else 0
    year += 2000 if 0 < year < 100 else 0
    month, day = numbers
    return _made(Day("date", day, month, year, led=True)) if _valid(day, month, year) else None


def _named(part: list[Item]) -> Tags | None:
    """24 Nov, November 24th 2026, 5 Μαρτίου."""
    numbers = [int(n) for n in values(part, "num")]
    year = next((n for n in numbers if 1990 < n < 2100), 0)
    days = [n for n in numbers if n != year]
    month = values(part, "month_name")[0]
    return (
        _made(Day("date", days[0], month, year, led=True)) if len(days) == 1 and _valid(days[0], month, year) else None
    )


def slashed(first: int, second: int, *, month_first: bool) -> tuple[int, int] | None:
    """Day and month of 5/3: day first, month first in Chinese; the other way round where only that is a date."""
    for day, month in ((second, first), (first, second)) if month_first else ((first, second), (second, first)):
        if 1 <= month <= 12 and _valid(day, month):
            return day, month
    return None


def _month_first(part: list[Item]) -> Tags | None:
    return _slash(part, month_first=True)


def _day_first(part: list[Item]) -> Tags | None:
    return _slash(part, month_first=False)


def _slash(part: list[Item], *, month_first: bool) -> Tags | None:
    pair = (values(part, "dm") or values(part, "dash") or values(part, "dot"))[0]
    found = None if pair in ((24, 7), (1, 2)) and len(part) == 1 else slashed(*pair, month_first=month_first)
    led = len(part) > 1
    return _made(Day("date", found[0], found[1], weak=not led, led=led)) if found else None


def _dom_rule(part: list[Item]) -> Tags | None:
    n = values(part, "num")[0]
    return _made(Day("dom", n, led=True)) if n == int(n) and 1 <= n <= 31 else None


def _late_dom(part: list[Item]) -> Tags | None:
    """Στις 24: from 13 on a day, up to 12 an hour."""
    return _dom_rule(part) if 13 <= values(part, "num")[0] <= 31 else None


def _weekday_rule(part: list[Item]) -> Tags | None:
    rel = 1 if values(part, "next") else -1 if values(part, "last") else 2 if values(part, "this") else 0
    return _made(Day("weekday", values(part, "weekday")[0], rel))


def _opening_days(part: list[Item]) -> Tags | None:
    """Mon-Fri, 周一到周五, Δευτέρα με Παρασκευή: when they are open, not when something happens."""
    first, last = values(part, "weekday")
    return {"quantity": True} if last > first else None


def _moved_from(part: list[Item]) -> Tags | None:
    """Moved from Mon to Wed, 从周一改到周三: the old day is not the plan's."""
    return {"quantity": True}


def _weekday_of_rule(part: list[Item]) -> Tags | None:
    week, weekday = (int(n) for n in str(values(part, "weekday_of")[0]).split())
    return _made(Day("weekday_of", weekday, week))


def _weekday_in_week(part: list[Item]) -> Tags | None:
    """Tuesday next week, την Τρίτη της άλλης εβδομάδας."""
    week = 1 if values(part, "next") else -1 if values(part, "last") else 0
    periods = [str(v).split() for v in values(part, "period")]
    if periods:
        if periods[0][0] != "week":
            return None
        week = int(periods[0][1])
    return _made(Day("weekday_of", values(part, "weekday")[0], week))


def _unit_of(part: list[Item]) -> str:
    return next((unit for item in part for unit in UNITS if unit in item.tags), "")


def _count(part: list[Item]) -> float:
    for item in part:
        if "num" in item.tags:
            return float(item.tags["num"])
        if "dash" in item.tags:
            return float(item.tags["dash"][1])
        if "few" in item.tags:
            return 3
    return 1


def _ahead(part: list[Item]) -> Tags | None:
    return _made(_counted(part, 1))


def _back(part: list[Item]) -> Tags | None:
    return _made(_counted(part, -1))


def _counted(part: list[Item], sign: int) -> Day | None:
    """In 3 days, 3天后, πριν 2 μέρες; also weeks in halves, fortnights, 半个月."""
    if minutes := values(part, "duration"):
        return Day("minutes", sign * minutes[0])
    n = _count(part)
    if any(item.has("fortnight", "halfmonth") for item in part):
        return Day("offset", sign * (14 if values(part, "fortnight") else 15), unit="day")
    if any(item.has("halfyear") for item in part):
        return Day("offset", sign * 6, unit="month")
    unit = _unit_of(part)
    if values(part, "half") or values(part, "half_a"):
        n, unit = (6, "month") if unit == "year" else (15, "day") if unit == "month" else (n, unit)
    limit = {"day": 3700, "workday": 400, "week": 530, "month": 120, "year": 10}[unit]
    return Day("offset", sign * n, unit=unit) if 0 < n <= limit else None


def _next_unit(part: list[Item]) -> Tags | None:
    n = 1 if values(part, "next") else -1 if values(part, "last") else 0
    unit = _unit_of(part)
    return _made(Day("offset", n) if unit == "day" else Day("period", n, unit=unit))


def _period_rule(part: list[Item]) -> Tags | None:
    unit, n = str(values(part, "period")[0]).split()
    return _made(Day("period", int(n), unit=unit))


def _edge_of(part: list[Item]) -> Tags | None:
    words = str(values(part, "edge_of")[0]).split()
    return _made(Day("edge", int(words[-1]), unit=words[0], which=words[1] if len(words) > 2 else "start"))


def _month_edge(part: list[Item]) -> Tags | None:
    """End of November, 12月底, αρχές Δεκεμβρίου."""
    month = (values(part, "month_name") or [int(n) for n in values(part, "num")])[0]
    which = (values(part, "edge") or values(part, "hanedge") or [""])[0]
    if not which:
        which = str(values(part, "edge_of")[0]).split()[1]
    return _made(Day("edge", month=month, unit="month", which=which)) if 1 <= month <= 12 else None


def _month_start(part: list[Item]) -> Tags | None:
    """In March, 3月: the month as a whole means its beginning."""
    month = int((values(part, "month_name") or values(part, "num"))[0])
    year = next((int(n) for item in part if "anno" in item.tags for n in [item.tags["num"]]), 0)
    day = Day("edge", month=month, year=year, unit="month", which="start")
    return _made(day) if 1 <= month <= 12 else None


def _year_month(part: list[Item]) -> Tags | None:
    """明年3月, 去年11月5号, March next year."""
    unit, years = (
        str(values(part, "period")[0]).split()
        if values(part, "period")
        else ["year", "1" if values(part, "next") else "-1"]
    )
    numbers = [*values(part, "month_name"), *values(part, "num")]
    if unit != "year" or not 1 <= numbers[0] <= 12 or any(n != int(n) for n in numbers):
        return None
    if len(numbers) > 1:
        return (
            _made(Day("date_in", numbers[1], int(numbers[0]), int(years), led=True)) if 1 <= numbers[1] <= 31 else None
        )
    return _made(Day("edge", int(years), int(numbers[0]), unit="month", which="start"))


def _dom_in(part: list[Item]) -> Tags | None:
    """下个月5号."""
    unit, months = str(values(part, "period")[0]).split()
    n = values(part, "num")[0]
    return _made(Day("dom_in", n, int(months), led=True)) if unit == "month" and 1 <= n <= 31 and n == int(n) else None


def _by(part: list[Item]) -> Tags | None:
    """周五前 is by Friday; 周末前 is before the weekend."""
    day = values(part, "date")[0]
    return {"date": replace(day, led=True, weak=False, before=day.unit == "weekend")}


def _dayword(part: list[Item]) -> Tags | None:
    n, _, word = str(values(part, "dayword")[0]).partition(" ")
    part_of_day = word in ("morning", "afternoon", "evening")
    return _made(Day("day", int(n), part=word if part_of_day else "", which="" if part_of_day else word))


def _explicit(part: list[Item]) -> Tags | None:
    """Tue 24/11: the date says it all, the weekday only repeats it."""
    weekday, date = values(part, "date")[:2]
    if weekday.form not in ("weekday", "weekday_of") or date.form not in ("date", "dom"):
        return None
    return _made(replace(date, weak=False, led=True, before=weekday.before or date.before))


def _numbered(part: list[Item]) -> Tags | None:
    """Tue 24: as mail programs write it."""
    n = values(part, "num")[0]
    return _made(Day("dom", n, led=True)) if n == int(n) and 13 <= n <= 31 else None


def _led(**changes: bool) -> Callable[[list[Item]], Tags | None]:
    def make(part: list[Item]) -> Tags | None:
        return _made(replace(values(part, "date")[0], **changes))

    return make


_N = "(?:num|dash|few|one)"
_UNIT = "(?:workday|day|week|month|year)"
_LATER = "(?:fortnight|halfmonth|halfyear)"
_HALF = "(?:half_a|half one?) (?:month|year)"
DATES = [
    Rule("iso", _iso),
    Rule("dmy", _dmy),
    Rule("num nian num yue num ri?", _han_date),
    Rule("period num yue (?:num ri?)?", _year_month),
    Rule("period art? month_name", _year_month),
    Rule("month_name art? (?:next|last) year", _year_month),
    Rule("num yue num ri?", _han_date),
    Rule("num yue hanedge", _month_edge),
    Rule("period num ri", _dom_in),
    Rule("num edge_of", lambda part: _month_edge(part) if part[1].han else None),  # 12月底
    Rule("edge of? art? month_name", _month_edge),
    Rule("num yue", _month_start),
    Rule("art? num ordinal? of? art? month_name anno?", _named),
    Rule("month_name num ordinal? (?:comma? anno)?", _named),
    Rule("(?:in|on|until|before|art)* month_name of? anno", _month_start),
    Rule("(?:in|on|until|before|art) (?:in|art)? month_name (?!num)", _month_start),
    Rule("(?:on|by_after|stis|until|before) (?:art)? dm", _day_first),
    Rule("stis dot (?!ampm|part)", _day_first),
    Rule("dm", _day_first),
    Rule("edge_of", _edge_of),
    Rule("(?:next|last|this) week art? weekday", _weekday_in_week),
    Rule("period weekday", _weekday_in_week),
    Rule("art? weekday of? art? (?:next|last|this) week", _weekday_in_week),
    Rule("weekday_of", _weekday_of_rule),
    Rule("(?<!from) weekday (?:dashmark|span_to|to|prep) art? weekday", _opening_days),
    Rule("(?:art|in)? (?:next|last|this)? weekday", _weekday_rule),
    Rule(f"in about? {_N} {_UNIT} later?", _ahead),
    Rule(f"in about? art? (?:next|num)? (?:duration|num {_UNIT}) later?", _ahead),
    Rule(f"in about? one? (?:{_LATER}|{_HALF}) later?", _ahead),
    Rule(f"(?:{_N} {_UNIT}|duration|one? {_LATER}|{_HALF}) later", _ahead),
    Rule(f"(?:{_N} {_UNIT}|duration|one? {_LATER}|{_HALF}) (?:ago|ago_after)", _back),
    Rule(f"ago_before about? (?:{_N} {_UNIT}|duration)", _back),
    Rule(f"(?:in|on)? art? (?:next|last|this) {_UNIT}", _next_unit),
    Rule("period", _period_rule),
    Rule("dayword", _dayword),
    Rule("(?:on|until|before) art? num ordinal (?!word|topic|todo)", _dom_rule),
    Rule("art num ordinal (?!any)", _dom_rule),
    Rule("stis num (?!month_name|clock|plus|minus|ampm|part|measure|word)", _late_dom),
    Rule("num ri (?!word|goods|measure)", _dom_rule),
    Rule("date (num) (?!any?dian|measure|word|fen|minute|hour|ampm|h|m)", _numbered),
    Rule("date (?:open|comma)? date close?", _explicit),
]
# What leads a date belongs to it.
LEADS = [
    Rule("(from art? date) (?:to|span_to|prep|on|arranged) art? date", _moved_from),
    Rule("(?:before|ago_before) art? (?:date)", _led(before=True, led=True)),
    Rule("(?:until) art? date", _led(weak=True, led=True)),
    Rule("(?:on|stis) art? on? art? date", _led(led=True, weak=False)),
    Rule("art? date by_after", _by),
    Rule("(?:art|in|prep|from) date", lambda part: {"date": values(part, "date")[0]}),
]
HAN_DATES = [
    Rule("(dot) (?=verb|todo|noun|part)", _month_first),
    Rule("dm", _month_first),
    Rule("(dash) (?!measure|day|week|month|dian|hour|minute|h|m|ampm)", _month_first),
]
