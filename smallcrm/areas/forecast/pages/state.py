"""Where a forecast page stands, read from its address: which opportunities, which periods, by what; and the addresses from there.

What cannot be read is left out, as if it had not been asked for; the page says what it shows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from smallcrm.areas.forecast.rules import periods
from smallcrm.areas.forecast.rules import which as choosing
from smallcrm.areas.forecast.rules.periods import MONTHS, MOST, Period
from smallcrm.areas.forecast.rules.which import Which
from smallcrm.areas.pipeline.rules import stages
from smallcrm.base import clock
from smallcrm.identity.actor import Actor
from smallcrm.records import access

USUAL = {"month": 6, "quarter": 4, "year": 3}
BY = ("", "person", "team", "product", "pipeline")
EARLIEST = dt.date(1990, 1, 1)


@dataclass(frozen=True)
class State:
    """The state of a page."""

    actor: Actor
    unit: str = "month"
    first: Period | None = None
    n: int = 0  # periods shown; 0: as many as usual
    by: str = ""
    pipeline: int | None = None
    person: int | None = None
    team: int | None = None
    product: int | None = None
    source: str = ""
    as_of: dt.date | None = None
    path: str = "/forecast"
    more: tuple[tuple[str, str], ...] = ()  # what one page alone reads

    @property
    def which(self) -> Which:
        """The opportunities meant."""
        return Which(self.actor, self.as_of, self.pipeline, self.person, self.team, self.product, self.source)

    @property
    def begin(self) -> Period:
        """The first period shown: the one looked back to, else the present."""
        return self.first or periods.of(self.which.today, self.unit)

    @property
    def count(self) -> int:
        """How many periods are shown: rows of people and products are about one."""
        return self.n or (1 if self.by else USUAL[self.unit])

    @property
    def periods(self) -> list[Period]:
        """The periods shown."""
        return periods.ahead(self.begin, self.count)

    @property
    def mark(self) -> tuple[str, ...]:
        """What tells it from another state of the same actor's."""
        return (self.path, self.unit, *(each for pair in self.args().items() for each in pair))

    def args(self) -> dict[str, str]:
        """What the address says; what is as usual is left out."""
        held = {
            "unit": self.unit if self.unit != "month" else "", "from": self.first.key if self.first else "", "n": self.n or "",
            "by": self.by, "pipeline": self.pipeline or "", "person": self.person or "", "team": self.team or "",
            "product": "" if self.product is None else self.product, "source": self.source,
            "as_of": self.as_of.isoformat() if self.as_of else "", **dict(self.more),
        }  # fmt: skip
        return {name: str(value) for name, value in held.items() if value != ""}

    def url(self, **changes: Any) -> str:
        """The address of this page, some of its state changed. ``to``: of another page."""
        path = changes.pop("to", self.path)
        extra = {name: value for name, value in changes.items() if name not in State.__dataclass_fields__}
        here = replace(self, **{name: value for name, value in changes.items() if name in State.__dataclass_fields__})
        said = here.args() | {name: str(value) for name, value in extra.items() if value not in (None, "")}
        return f"{path}?{urlencode(said)}" if said else path


def number(text: str | None, *, least: int = 1, most: int = 2**53) -> int | None:
    """A whole number within bounds; None for anything else."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > 16:
        return None
    return int(text) if least <= int(text) <= most else None


def day(text: str | None) -> dt.date | None:
    """A day written as ISO that lies within what a company may look at."""
    try:
        found = dt.date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if EARLIEST <= found <= dt.date(periods.LAST_YEAR, 12, 31) else None


def read(actor: Actor, args: Mapping[str, str], path: str = "/forecast", own: tuple[str, ...] = ()) -> State:
    """The state that an address asks for. ``own``: what this page alone reads. Raises Forbidden."""
    choosing.need(actor)
    unit = args.get("unit", "")
    unit = unit if unit in MONTHS else "month"
    first = periods.read(args.get("from"))
    if first is not None and first.unit != unit:
        first = periods.of(first.first, unit)
    back = day(args.get("as_of"))
    by = args.get("by", "")
    source = args.get("source", "")[:80]
    return State(
        actor, unit, first, number(args.get("n"), most=MOST) or 0, by if by in BY else "",
        _known(stages.every(), number(args.get("pipeline"))),
        _known(dict(choosing.people(actor)), number(args.get("person"))),
        _known(choosing.below(actor), number(args.get("team"))),
        _product(actor, args.get("product")), source if _plain(source) else "",
        back if back and back < clock.today() else None, path,
        tuple((name, args[name][:40]) for name in own if args.get(name) and _plain(args[name])),
    )  # fmt: skip


def _plain(text: str) -> bool:
    return text.isprintable() and "\ud800" not in text


def _known(known: Any, wanted: int | None) -> int | None:
    return wanted if wanted in known else None


def _product(actor: Actor, text: str | None) -> int | None:
    wanted = number(text, least=0)
    return wanted if not wanted or access.names(actor, "product", [wanted]) else None
