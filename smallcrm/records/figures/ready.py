"""Ready-made figures and reports. Every area brings its own; who may not see a type does not see its figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from smallcrm.base.i18n import Label
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records.figures.spec import Spec
from smallcrm.records.record import find_type


@dataclass(frozen=True)
class Ready:
    """A figure that comes with the program. ``how``: how it is counted, in a sentence."""

    key: str
    name: Label
    spec: Spec
    how: Label = ""
    shown: Callable[[Actor], bool] | None = None


@dataclass(frozen=True)
class Report:
    """Figures that belong on one page, in order. ``period``: what its picker begins with, empty for none."""

    key: str
    name: Label
    icon: str
    figures: tuple[str, ...]
    about: Label = ""
    order: int = 50
    period: str = "this_month"
    compare: str = ""


_figures: dict[str, Ready] = {}
_reports: dict[str, Report] = {}


def figure(made: Ready) -> Ready:
    """Register a figure."""
    _figures[made.key] = made
    return made


def report(made: Report) -> Report:
    """Register a report. Another area adds its figures to one that stands by ``add``."""
    _reports[made.key] = made
    return made


_added: dict[str, list[str]] = {}


def add(report_key: str, *figure_keys: str) -> None:
    """Put more figures at the end of a report."""
    _added.setdefault(report_key, []).extend(figure_keys)


def may_see(actor: Actor, made: Ready) -> bool:
    """Whether the actor's role sees the type at all."""
    kind = find_type(made.spec.about)
    if kind is None or actor.scope(kind.card.key, "view") is Scope.NONE:
        return False
    return made.shown is None or made.shown(actor)


def find(key: str) -> Ready | None:
    """The ready-made figure of that key."""
    return _figures.get(key)


def figures(actor: Actor) -> list[Ready]:
    """Every ready-made figure the actor may see."""
    return [made for made in _figures.values() if may_see(actor, made)]


def reports(actor: Actor) -> list[Report]:
    """Every report that has a figure for the actor, in order."""
    found = sorted(_reports.values(), key=lambda each: each.order)
    return [each for each in found if of_report(actor, each)]


def find_report(key: str) -> Report | None:
    """The report of that key."""
    return _reports.get(key)


def of_report(actor: Actor, made: Report) -> list[Ready]:
    """The figures of a report that the actor may see."""
    found = [_figures[key] for key in (*made.figures, *_added.get(made.key, ())) if key in _figures]
    return [each for each in found if may_see(actor, each)]
