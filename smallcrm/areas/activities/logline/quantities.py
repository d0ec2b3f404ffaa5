"""Numbers in words, quantities that are no times (500 pcs, 5m€), and how long something took, in minutes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from smallcrm.areas.activities.logline.lexicon import Rule, values
from smallcrm.areas.activities.logline.tokens import Item, Tags

LONGEST = 24 * 60


def _sum(part: list[Item]) -> Tags | None:
    """Twenty five → 25. Two units in a row (one two) are no number."""
    numbers = values(part, "count")
    if any(n < 20 or n % 10 or m > 9 for n, m in pairwise(numbers)):
        return None
    total = sum(numbers)
    return {"num": total, "one": True} if total == 1 else {"num": total}


def _han(part: list[Item]) -> Tags | None:
    """二十五 → 25; 两三 is "two or three": the larger."""
    total = current = 0
    digits = values(part, "hancount")
    for place, n in enumerate(digits):
        if n >= 10:
            total += (current or 1) * n
            current = 0
        elif current and n == current + 1 and place == len(digits) - 1:
            current = n
        else:
            current = current * 10 + n
    return {"num": total + current} if total + current < 10000 else None


def _quantity(part: list[Item]) -> Tags:
    return {"quantity": True}


NUMBERS = [Rule("count+", _sum), Rule("hancount+", _han)]

# A number with a measure or a currency is nobody's duration and no date: 5m€, €5m, 500 pcs, 3%, #1107.
QUANTITIES = [
    Rule("currency (?:num|amount|dash) m?", _quantity),
    Rule("(?:num|amount|dash|phone) m? currency", _quantity),
    Rule("(?:num|amount|dash) measure+ currency?", _quantity),
    Rule("hash (?:num|amount|phone)", _quantity),
]


def _number(part: Sequence[Item]) -> float:
    """The first number of ``part``; a range stands for its upper end, "an hour" for one."""
    for item in part:
        if "num" in item.tags:
            return float(item.tags["num"])
        if "dash" in item.tags:
            return float(item.tags["dash"][1])
    return 1.0


def _span(minutes: float) -> Tags | None:
    return {"duration": round(minutes)} if 0 < minutes <= LONGEST else None


def _hours(part: list[Item]) -> Tags | None:
    """1h30, 2 hours, 1 小时 20 分, 1.5 h."""
    numbers = [*values(part, "num"), 0, 0]
    if len(values(part, "num")) == 0:
        return _span(60 * _number(part))
    return _span(60 * numbers[0] + numbers[1]) if numbers[1] < 60 else None


def _glued(part: list[Item]) -> Tags | None:
    """1h30: the hour and what follows it touch each other, and it is not the clock's 15h30."""
    hours, minutes = values(part, "num")[:2]
    glued = not part[-1].gap and not part[-2].gap
    return _span(60 * hours + minutes) if hours < 9 and minutes < 60 and glued else None


def _letter(part: list[Item]) -> Tags | None:
    """2h, but 15h is a time of day."""
    return _span(60 * _number(part)) if _number(part) < 9 else None


def _half(part: list[Item]) -> Tags | None:
    return _span(60 * _number(part) + 30)


def _in_one_word(part: list[Item]) -> Tags | None:
    """Δεκάλεπτο."""
    return _span(values(part, "minutes_word")[0])


def _sixtieths(part: list[Item]) -> Tags | None:
    """1:30 hours, 1.30 ώρα; but 1.25 hours is a decimal."""
    hours, minutes = (values(part, "clock") or values(part, "dot"))[0]
    return _span(60 * hours + minutes) if hours < 13 and minutes in (15, 30, 45) else None


def _fraction(part: list[Item]) -> Tags | None:
    """1/2 hour, 1/4 της ώρας."""
    above, below = values(part, "dm")[0]
    return _span(60 * above / below) if above < below <= 4 else None


def _half_hour(part: list[Item]) -> Tags | None:
    return _span(30)


def _minutes(part: list[Item]) -> Tags | None:
    return _span(_number(part))


def _primes(part: list[Item]) -> Tags | None:
    return None if part[-1].gap else _span(_number(part))


def _quarters(part: list[Item]) -> Tags | None:
    return _span(15 * _number(part))


_LEAD = "for? about?"
DURATIONS = [
    Rule(f"{_LEAD} (?:num|one) conj? one? half hour", _half),  # one and a half hours
    Rule(f"{_LEAD} num and_half_hour", _half),  # 一个半小时
    Rule(f"{_LEAD} (?:num|one) (?:hour|h) conj one? half", _half),  # an hour and a half, 2 ώρες και μισή
    Rule(f"{_LEAD} (?:half_a|half one?) hour", _half_hour),
    Rule(f"{_LEAD} (?:clock|dot) hour", _sixtieths),
    Rule(f"{_LEAD} dm of? art? (?:hour|h)", _fraction),
    Rule(f"(?<!dian)(?<!plus) {_LEAD} (?:num|one) quarter of? one? hour?", _quarters),
    Rule("quarter of? one? hour", _quarters),
    Rule(f"{_LEAD} num (?:hour|h) conj? num (?:minute|fen|m|prime)", _hours),
    Rule(f"{_LEAD} num h num", _glued),
    Rule(f"{_LEAD} (?:num|one|dash) hour", _hours),
    Rule("for about? num h", _hours),
    Rule("about? (?:num|dash) h", _letter),
    Rule(f"{_LEAD} (?:num|dash|one) minute", _minutes),
    Rule(f"{_LEAD} (?:num|dash) prime", _primes),
    Rule(f"{_LEAD} minutes_word", _in_one_word),
    # 5m is five metres before another word, unless it stands right behind the act or the person: called Bob 5m.
    Rule("(?:did|came|verb|noun|person|comma) (for? (?:num|dash) m)", _minutes),
    Rule(f"({_LEAD} (?:num|dash) m) (?!word|measure|currency|goods|topic)", _minutes),
    # 打了5分: minutes only behind a call or a talk.
    Rule("did (about? num fen)", _minutes),
]
