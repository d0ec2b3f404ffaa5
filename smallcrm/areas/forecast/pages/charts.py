"""Where the bars of a chart stand. The templates draw them as SVG; every chart has its figures in a table beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

WIDTH, HEIGHT, LEFT, TOP, FOOT = 560, 260, 64, 14, 26


@dataclass(frozen=True)
class Bar:
    """One rectangle with its ink, and where it leads."""

    x: float
    y: float
    width: float
    height: float
    ink: str
    title: str
    url: str = ""


@dataclass(frozen=True)
class Chart:
    """Ready to be drawn: grid lines (y, words), bars, words below (x, text), marks (x1, x2, y)."""

    lines: list[tuple[float, int]]
    bars: list[Bar]
    foot: list[tuple[float, str]]
    marks: list[tuple[float, float, float]]
    links: list[tuple[float, float, float]] = field(default_factory=list)
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT


def steps(low: int, high: int) -> list[int]:
    """Four to six round figures that hold both and nought."""
    low, high = min(low, 0), max(high, 0)
    span = Decimal(max(high - low, 1))
    size = Decimal(10) ** (len(str(int(span))) - 1)
    step = next((each for each in (size / 5, size / 2, size, size * 2) if span / each <= 5), size * 2)
    step = max(step, Decimal(1))
    first, last = (
        (Decimal(low) / step).to_integral_value("ROUND_FLOOR"),
        (Decimal(high) / step).to_integral_value("ROUND_CEILING"),
    )
    return [int(step * n) for n in range(int(first), int(last) + 1)]


class _Scale:
    def __init__(self, low: int, high: int) -> None:
        self.steps = steps(low, high)
        self._low, self._high = self.steps[0], max(self.steps[-1], self.steps[0] + 1)

    def y(self, value: int) -> float:
        """How far down a value lies."""
        room = HEIGHT - TOP - FOOT
        return round(TOP + room * (1 - (value - self._low) / (self._high - self._low)), 1)

    @property
    def lines(self) -> list[tuple[float, int]]:
        return [(self.y(value), value) for value in self.steps]


def stacked(columns: Sequence[tuple[str, Sequence[tuple[int, str, str, str]], int | None]]) -> Chart:
    """A column for each: (words, parts from below up: (value, ink, title, url), a value to mark)."""
    tops = [sum(max(value, 0) for value, *_ in parts) for _, parts, _ in columns]
    marks_ = [mark or 0 for *_, mark in columns]
    lows = [sum(min(value, 0) for value, *_ in parts) for _, parts, _ in columns]
    scale = _Scale(min([0, *lows, *marks_]), max([1, *tops, *marks_]))
    each = (WIDTH - LEFT) / max(len(columns), 1)
    wide = min(each * 0.62, 64)
    bars, foot, marks = list[Bar](), list[tuple[float, str]](), list[tuple[float, float, float]]()
    skip = max(1, round(len(columns) / 12))
    for n, (words, parts, mark) in enumerate(columns):
        middle = LEFT + each * (n + 0.5)
        up = down = 0
        for value, ink, title, url in parts:
            start = up if value >= 0 else down
            top, low = scale.y(max(start, start + value)), scale.y(min(start, start + value))
            if value:
                bars.append(Bar(round(middle - wide / 2, 1), top, round(wide, 1), round(low - top, 1), ink, title, url))
            up, down = (up + value, down) if value >= 0 else (up, down + value)
        if n % skip == 0:
            foot.append((round(middle, 1), words))
        if mark is not None:
            marks.append((round(middle - wide / 2 - 4, 1), round(middle + wide / 2 + 4, 1), scale.y(mark)))
    return Chart(scale.lines, bars, foot, marks)


def waterfall(steps_: Sequence[tuple[str, int, bool, str, str]]) -> Chart:
    """(words, value, whether it is a level instead of a step, title, url): each step begins where the one before ended."""
    level, levels = 0, list[tuple[int, int]]()
    for _, value, is_level, *_ in steps_:
        begin = 0 if is_level else level
        level = value if is_level else level + value
        levels.append((begin, level))
    scale = _Scale(min(min(pair) for pair in levels), max([1, *(max(pair) for pair in levels)]))
    each = (WIDTH - LEFT) / len(steps_)
    wide = each * 0.66
    bars, foot, links = list[Bar](), list[tuple[float, str]](), list[tuple[float, float, float]]()
    for n, ((words, value, is_level, title, url), (begin, end)) in enumerate(zip(steps_, levels, strict=True)):
        middle = LEFT + each * (n + 0.5)
        top, low = scale.y(max(begin, end)), scale.y(min(begin, end))
        ink = "b1" if is_level else "b5" if value >= 0 else "b4"
        bars.append(Bar(round(middle - wide / 2, 1), top, round(wide, 1), round(max(low - top, 1), 1), ink, title, url))
        foot.append((round(middle, 1), words))
        if n + 1 < len(steps_):
            links.append((round(middle + wide / 2, 1), round(middle + each - wide / 2, 1), scale.y(end)))
    return Chart(scale.lines, bars, foot, [], links)
