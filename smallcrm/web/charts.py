"""Charts drawn by the server as SVG: columns, bars, lines, stacked columns. Their inks are in ``chart.css``.

Every mark leads to the records behind it and says its number; a chart never stands without its table.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup, escape

from smallcrm.base.i18n import L

NARROW, WIDE, HEIGHT = 440, 960, 240
LEFT, TOP, BOTTOM = 64, 14, 26
ROW, LABEL = 28, 140
INKS = 6


@dataclass(frozen=True)
class Mark:
    """One number: how tall it is drawn, what is said of it, where it leads."""

    value: float | None
    said: str
    url: str = ""


@dataclass(frozen=True)
class Place:
    """A column or a bar: what it is called, and its marks, one for each series."""

    label: str
    marks: tuple[Mark | None, ...]


@dataclass(frozen=True)
class Chart:
    """``series``: what the marks of each place are; ``tick`` writes a number on the axis. ``wide``: it has a page's width."""

    title: str
    series: tuple[str, ...]
    places: Sequence[Place]
    tick: Callable[[float], str]
    wide: bool = False

    @property
    def width(self) -> int:
        """Of the drawing, in its own units."""
        return WIDE if self.wide else NARROW

    @property
    def room(self) -> float:
        """The width of a column's place."""
        return (self.width - LEFT) / max(1, len(self.places))


def _ceiling(most: float) -> tuple[float, float]:
    """The top of the axis and its step: 1, 2, 2.5 or 5 times a power of ten, three to five steps."""
    if most <= 0:
        return 1.0, 1.0
    power = 1.0
    while power * 10 <= most:
        power *= 10
    while power > most:
        power /= 10
    step = next(power * each / 10 for each in (2, 2.5, 5, 10, 20, 25, 50) if most / (power * each / 10) <= 5)
    steps = -(-most // step)
    return step * steps, step


def _tag(name: str, inside: Markup | str = "", **attributes: object) -> Markup:
    held = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items() if value != ""
    )
    # put together as text: Markup.format takes five times as long, and a report draws hundreds of these
    return Markup(f"<{name}{held}>{escape(inside)}</{name}>")  # noqa: S704  escaped here


def _linked(drawn: Markup, mark: Mark) -> Markup:
    titled = _tag("title", mark.said) + drawn
    if not mark.url:
        return _tag("g", titled)
    return _tag("a", titled, href=mark.url, aria_label=mark.said)


def _frame(chart: Chart, width: float, height: float, inside: Sequence[Markup]) -> Markup:
    name = chart.title
    return _tag(
        "svg", Markup("").join(inside), class_="ch ch-wide" if chart.wide else "ch", viewBox=f"0 0 {width:g} {height:g}", role="group", aria_label=name
    )  # fmt: skip


def _axis(chart: Chart, top: float, step: float, scale: Callable[[float], float]) -> list[Markup]:
    found, at = [], 0.0
    while at <= top * 1.0001:
        y = scale(at)
        found.append(_tag("line", class_="gl", x1=LEFT, x2=chart.width, y1=f"{y:.1f}", y2=f"{y:.1f}"))
        found.append(
            _tag(
                "text", chart.tick(at), class_="tk", x=LEFT - 8, y=f"{y + 4:.1f}", text_anchor="end", aria_hidden="true"
            )
        )
        at += step
    return found


def _scale(top: float) -> Callable[[float], float]:
    room = HEIGHT - TOP - BOTTOM
    return lambda value: TOP + room * (1 - max(value, 0) / top)


def _labels(chart: Chart) -> list[Markup]:
    """What stands below the columns; only as many as there is room for."""
    widest = max((_width(place.label) for place in chart.places), default=1)
    every = max(1, math.ceil(min(widest * 6.2 + 6, 70) / chart.room))
    shown = [n for n in range(len(chart.places)) if n % every == (len(chart.places) - 1) % every]
    found = []
    for place, number in enumerate(reversed(shown)):
        alt = "alt" if len(shown) > 6 and place % 2 else ""
        text = cut(chart.places[number].label, int(chart.room * every / 6.2))
        middle = LEFT + chart.room * (number + 0.5)
        over = middle + _width(text) * 3.6 > chart.width  # it would be cut at the edge
        x = f"{chart.width if over else middle:.1f}"
        found.append(_tag("text", text, class_=alt, x=x, y=HEIGHT - 8, text_anchor="end" if over else "middle"))
    return found


def columns(chart: Chart) -> Markup:
    """Columns; a second series stands behind the first, lighter."""
    values = [mark.value or 0 for place in chart.places for mark in place.marks if mark]
    top, step = _ceiling(max(values, default=0))
    scale, room = _scale(top), chart.room
    drawn = _axis(chart, top, step, scale)
    for number, place in enumerate(chart.places):
        thick = min(26.0, room * 0.72 / max(1, len(chart.series)))
        left = LEFT + room * (number + 0.5) - thick * len(place.marks) / 2
        # the year before stands left of this one
        for position, (ink, mark) in enumerate(reversed(list(enumerate(place.marks, 1)))):
            if mark and mark.value:
                y = scale(mark.value)
                rect = _tag(
                    "rect", class_=f"b{ink}", x=f"{left + position * thick:.1f}", y=f"{y:.1f}", width=f"{max(1, thick - 2):.1f}",
                    height=f"{max(1.0, HEIGHT - BOTTOM - y):.1f}",
                )  # fmt: skip
                drawn.append(_linked(rect, mark))
    return _frame(chart, chart.width, HEIGHT, [*drawn, *_labels(chart)])


def stacked(chart: Chart) -> Markup:
    """Columns of which each is made of its series."""
    sums = [sum(max(mark.value or 0, 0) for mark in place.marks if mark) for place in chart.places]
    top, step = _ceiling(max(sums, default=0))
    scale, room = _scale(top), chart.room
    thick = min(34.0, room * 0.7)
    drawn = _axis(chart, top, step, scale)
    for number, place in enumerate(chart.places):
        below, left = 0.0, LEFT + room * (number + 0.5) - thick / 2
        for ink, mark in enumerate(place.marks):
            if not mark or not mark.value or mark.value < 0:
                continue
            y, foot = scale(below + mark.value), scale(below)
            rect = _tag(
                "rect", class_=f"b{ink % INKS + 1}", x=f"{left:.1f}", y=f"{y:.1f}", width=f"{thick:.1f}", height=f"{max(0.5, foot - y):.1f}"
            )  # fmt: skip
            drawn.append(_linked(rect, mark))
            below += mark.value
    return _frame(chart, chart.width, HEIGHT, [*drawn, *_labels(chart)])


def line(chart: Chart) -> Markup:
    """A line for each series, with its points."""
    values = [mark.value or 0 for place in chart.places for mark in place.marks if mark]
    top, step = _ceiling(max(values, default=0))
    scale, room = _scale(top), chart.room
    drawn = _axis(chart, top, step, scale)
    for ink in reversed(range(len(chart.series))):
        points = [
            (LEFT + room * (number + 0.5), scale(mark.value), mark)
            for number, place in enumerate(chart.places)
            if ink < len(place.marks) and (mark := place.marks[ink]) and mark.value is not None
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
        drawn.append(_tag("polyline", class_=f"l{ink % INKS + 1}", points=path))
        for x, y, mark in points:
            drawn.append(_linked(_tag("circle", class_=f"b{ink % INKS + 1}", cx=f"{x:.1f}", cy=f"{y:.1f}", r=4), mark))
    return _frame(chart, chart.width, HEIGHT, [*drawn, *_labels(chart)])


def rows(chart: Chart) -> Markup:
    """Bars from left to right, the name before, the number behind."""
    most = max((mark.value or 0 for place in chart.places for mark in place.marks if mark), default=0) or 1
    room = chart.width - LABEL - 92
    drawn = []
    for number, place in enumerate(chart.places):
        y = number * ROW
        drawn.append(_tag("text", cut(place.label, 22), x=0, y=y + 19))
        both = len(place.marks) > 1 and place.marks[1] is not None
        longest = max((mark.value or 0 for mark in place.marks[:2] if mark), default=0) / most * room
        for ink, mark in reversed(list(enumerate(place.marks[:2], 1))):
            if mark is None or mark.value is None:
                continue
            wide = max(mark.value / most * room, 1.0 if mark.value > 0 else 0)
            tall = 18 if not both else 11 if ink == 1 else 5
            top = y + (5 if ink == 1 else 18)
            drawn.append(
                _linked(_tag("rect", class_=f"b{ink}", x=LABEL, y=top, width=f"{wide:.1f}", height=tall, rx=2), mark)
            )
            if ink == 1:
                drawn.append(
                    _tag(
                        "text",
                        mark.said.rpartition(": ")[2],
                        class_="st",
                        x=f"{LABEL + longest + 8:.1f}",
                        y=y + 19,
                        aria_hidden="true",
                    )
                )
    return _frame(chart, chart.width, max(ROW, ROW * len(chart.places)), drawn)


def _width(text: str) -> int:
    """In letters; Han ones count twice."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def cut(text: str, room: int) -> str:
    """As much of a text as fits into so many letters; Han letters count twice."""
    used = 0
    for place, letter in enumerate(text):
        used += _width(letter)
        if used > room:
            return text[: max(1, place - 1)] + "…"
    return text


DRAWERS: dict[str, Callable[[Chart], Markup]] = {"bars": columns, "rows": rows, "line": line, "stacked": stacked}


def draw(kind: str, chart: Chart) -> Markup:
    """The chart, a wide one once more for the phone; nothing for a kind that is no chart, or where there is nothing to draw."""
    if kind not in DRAWERS or not chart.places:
        return Markup("")
    if not chart.wide:
        return DRAWERS[kind](chart)
    return Markup('<div class="no-phone">{}</div><div class="only-phone">{}</div>').format(
        DRAWERS[kind](chart), DRAWERS[kind](replace(chart, wide=False))
    )


OTHERS = L("all others")
