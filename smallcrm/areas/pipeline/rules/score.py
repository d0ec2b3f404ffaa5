"""How well an open opportunity stands, 0–100, by what is known of it; each point with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smallcrm.areas.pipeline.rules.buying import Person
from smallcrm.areas.pipeline.rules.warnings import Warning
from smallcrm.base.i18n import L, Label


@dataclass(frozen=True)
class Point:
    """What was asked, how much it counts, and whether it holds."""

    text: Label
    weight: int
    holds: bool


@dataclass(frozen=True)
class Score:
    """The sum, and what it is made of."""

    value: int
    points: tuple[Point, ...]


def of(held: Mapping[str, Any], people: Sequence[Person], wrong: Sequence[Warning]) -> Score:
    """From the values of an opportunity, the people around it and what is wrong with it."""
    keys = {each.key for each in wrong}
    deciders = [person for person in people if person.part == "decides"]
    friends = [person for person in people if person.attitude in ("champion", "supporter")]
    points = (
        Point(L("Who decides is known"), 15, bool(deciders)),
        Point(L("Who decides was spoken to"), 15, any(person.touched for person in deciders)),
        Point(L("Somebody is for us"), 15, bool(friends)),
        Point(L("Nobody with much influence is against us"), 10,
              bool(people) and not any(p.attitude in ("opponent", "enemy") and p.influence == "high" for p in people)),
        Point(L("The products are known"), 10, bool(held.get("products"))),
        Point(L("The close date holds"), 15, bool(held.get("expected_close")) and not keys & {"late", "put off"}),
        Point(L("There is a next step"), 10, not keys & {"no step", "step late"}),
        Point(L("It was spoken about lately"), 10, not keys & {"quiet", "stuck"}),
    )  # fmt: skip
    return Score(sum(point.weight for point in points if point.holds), points)
