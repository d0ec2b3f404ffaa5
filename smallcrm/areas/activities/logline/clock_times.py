"""Times of the day: 3pm, 15h, 15:00, half past 3, 下午3点半, στις 3 μμ, and from–to, which is also a length."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from smallcrm.areas.activities.logline.days import Day
from smallcrm.areas.activities.logline.lexicon import Rule, values
from smallcrm.areas.activities.logline.tokens import Item, Tags

PART_HOURS = {"morning": 9, "noon": 12, "afternoon": 14, "evening": 18, "night": 20, "dawn": 6}


def part_of(text: str) -> tuple[str, int]:
    """A part of the day as the tables have it, and the hour meant when none is said: ``("afternoon", 14)``."""
    name, _, hour = text.partition(" ")
    return name, int(hour or PART_HOURS[name])


def of_day(hour: float, minute: float, part: Sequence[Item]) -> dt.time | None:
    """The time meant by what the clock shows: am, pm or a part of the day as said, else 1–6 are afternoon hours."""
    if hour != int(hour) or minute != int(minute) or not (0 <= hour <= 24 and 0 <= minute < 60):
        return None
    hour, minute = int(hour), int(minute)
    names = [part_of(str(text))[0] for text in values(part, "part")]
    halves = values(part, "ampm")
    if halves:
        if hour > 12:
            return dt.time(hour, minute) if halves[0] == "pm" and hour < 24 else None
        hour = hour % 12 + (12 if halves[0] == "pm" else 0)
    elif names:
        late = names[0] in ("afternoon", "evening", "night") or (names[0] == "noon" and hour < 6)
        hour = hour + 12 if late and hour < 12 else hour
        hour = 0 if names[0] in ("dawn", "night", "evening") and hour in (12, 24) else hour
    elif 1 <= hour <= 6 and not any(item.text.startswith("0") for item in part):
        hour += 12
    return dt.time(hour % 24, minute)


def _made(time: dt.time | None) -> Tags | None:
    return None if time is None else {"time": time}


def _clock(part: list[Item]) -> Tags | None:
    hour, minute = (values(part, "clock") or values(part, "dot"))[0]
    return _made(of_day(hour, minute, part))


def _hour(part: list[Item]) -> Tags | None:
    """3pm, at 3, 15h, 15h30, 3点20分."""
    numbers = values(part, "num")
    return _made(of_day(numbers[0], numbers[1] if len(numbers) > 1 else 0, part))


def _bare_hour(part: list[Item]) -> Tags | None:
    """At 3, στις 3: nothing but the number says that it is an hour."""
    return None if any("dot" in item.tags for item in part) else _hour(part)


def _letter_hour(part: list[Item]) -> Tags | None:
    """15h, 15h30; up to 8h it is a length."""
    numbers = values(part, "num")
    first = next(place for place, item in enumerate(part) if "num" in item.tags)
    glued = all(not item.gap for item in part[first + 1 :])
    return _hour(part) if 9 <= numbers[0] <= 23 and glued else None


def _half(part: list[Item]) -> Tags | None:
    return _made(of_day(values(part, "num")[0], 30, part))


def _quarter(part: list[Item]) -> Tags | None:
    """3点一刻, 3点三刻, quarter past 3, στις 3 και τέταρτο."""
    numbers = values(part, "num")
    count = numbers[1] if len(numbers) > 1 else 1
    return _made(of_day(numbers[0], 15 * count, part))


def _before(part: list[Item]) -> Tags | None:
    """Quarter to 4, στις 4 παρά τέταρτο, παρά 10."""
    numbers = values(part, "num")
    minutes = numbers[1] if len(numbers) > 1 else 15
    time = of_day(numbers[0], 0, part)
    if time is None or not 0 < minutes < 60:
        return None
    moment = dt.datetime.combine(dt.date(2000, 1, 2), time) - dt.timedelta(minutes=minutes)
    return {"time": moment.time()}


def _swapped(part: list[Item]) -> Tags | None:
    """Ten past three, quarter to four: the minutes come first."""
    numbers = values(part, "num")
    minutes = numbers[0] if len(numbers) > 1 else 15
    hour = numbers[-1]
    if not 0 < minutes < 60:
        return None
    if values(part, "past_hour"):
        return _made(of_day(hour, minutes, part))
    time = of_day(hour, 0, part)
    if time is None:
        return None
    return {"time": (dt.datetime.combine(dt.date(2000, 1, 2), time) - dt.timedelta(minutes=minutes)).time()}


def _named(part: list[Item]) -> Tags | None:
    return {"time": dt.time(int(values(part, "hour_word")[0]))}


def _today(part: list[Item]) -> Tags | None:
    """下午 or το απόγευμα alone is today's."""
    item = next(item for item in part if "part" in item.tags)
    return None if item.text.isascii() else {"date": Day("day", part=str(item.tags["part"]))}


def _part(part: list[Item]) -> Tags | None:
    return {"time": dt.time(part_of(str(values(part, "part")[0]))[1])}


def _from_to(part: list[Item]) -> Tags | None:
    """15:00-16:30 is a time and a length."""
    first, last = values(part, "time")[:2]
    return _between(first, last)


def _between(first: dt.time, last: dt.time) -> Tags | None:
    minutes = (last.hour - first.hour) * 60 + last.minute - first.minute
    return {"time": first, "duration": minutes} if 0 < minutes <= 12 * 60 else None


def _dash(part: list[Item]) -> Tags | None:
    """3-4pm, 15-16h, 2-3点."""
    pair = values(part, "dash")[0]
    first, last = of_day(pair[0], 0, part), of_day(pair[1], 0, part)
    if first is None or last is None:
        return None
    if first > last and values(part, "ampm") == ["pm"]:
        first = first.replace(hour=first.hour - 12)  # 11-1pm
    return _between(first, last)


def _hours_between(part: list[Item]) -> Tags | None:
    """From 10 to 12, από τις 10 μέχρι τις 12."""
    first, last = (of_day(n, 0, part) for n in values(part, "num"))
    return _between(first, last) if first and last else None


_AT = "(?:at|stis|on)?"
_PART = "(?:art? part)?"
TIMES = [
    Rule(f"{_AT} part? dash (?:ampm|h|dian)", _dash),
    Rule(f"{_AT} part clock", _clock),
    Rule(f"{_AT} clock ampm? {_PART}", _clock),
    Rule(f"(?:at|stis) num plus half_past ampm? {_PART}", _half),
    Rule(f"(?:at|stis) num plus quarter ampm? {_PART}", _quarter),
    Rule(f"(?:at|stis) num minus quarter ampm? {_PART}", _before),
    Rule(f"(?:at|stis) num minus num ampm? {_PART}", _before),
    Rule(f"(?:at|stis) num plus num ampm? {_PART}", _hour),
    Rule(f"{_AT} half past_hour num ampm? {_PART}", _half),
    Rule(f"{_AT} (?:quarter|num) (?:past_hour|to) num ampm? {_PART}", _swapped),
    Rule(f"{_AT} part? num dian half_past", _half),
    Rule(f"{_AT} part? num dian num? quarter", _quarter),
    Rule(f"{_AT} part? num dian num fen?", _hour),
    Rule(f"{_AT} part num dian", _hour),
    Rule("(?:date|at) (num dian)", _hour),
    Rule("(?<!about)(num dian) (?!measure|word|topic)", lambda part: None if part[0].han else _hour(part)),
    Rule(f"{_AT} (?:num|dot) ampm", lambda part: _clock(part) if values(part, "dot") else _hour(part)),
    Rule("(?:at|stis) dot (?!word|measure)", _clock),
    Rule("date (dot) (?!word|measure)", _clock),
    Rule("verb (?:art|prep)* person? (dot) (?=comma|stop|$)", _clock),
    Rule("(dot) date", _clock),
    Rule(f"{_AT} num oclock {_PART}", _hour),
    Rule(f"{_AT} num h num?", _letter_hour),
    Rule("(?:at|stis) num art? part", _bare_hour),
    Rule("(?:at|stis) num (?:span_to|to) num (?!word|measure|currency|goods|topic)", _hours_between),
    Rule("date ((?:art|of)? part)", _part),
    Rule("((?:on|art)? part) date", _part),
    Rule("(?:at|stis) num (?!word|measure|currency|goods|topic|num|any?dian)", _bare_hour),
    Rule("date (num art? part)", _hour),
    Rule(f"{_AT} hour_word", _named),
    Rule("art? part", _today),
    Rule("(at? time span_to time)", _from_to),
    Rule("(?:in|before|until) (?:time)", lambda part: {"time": values(part, "time")[0]}),
]
