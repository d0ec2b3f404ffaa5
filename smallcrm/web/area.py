"""The area card: what one area adds to the program. ``app.py`` lists them; everything else finds them here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from smallcrm.base.i18n import Label
from smallcrm.identity.actor import Actor
from smallcrm.records.record import Record

if TYPE_CHECKING:
    from flask import Blueprint

Counter = Callable[[Actor], int]


@dataclass(frozen=True)
class Nav:
    """An entry of the rail. ``type``: shown under that type's own name, to whoever may see it. ``right``: who sees it."""

    key: str
    label: Label
    icon: str
    url: str
    group: str = "sell"  # top, sell, look, end
    order: int = 50
    type: str = ""
    right: str = ""
    count: Counter | None = None
    hot: bool = False
    tabbar: bool = False
    letter: str = ""  # "t": the keys G T go there
    shown: Callable[[Actor], bool] | None = None


@dataclass(frozen=True)
class SettingsPage:
    """An entry of the settings' side menu."""

    key: str
    label: Label
    url: str
    right: str = "settings"
    group: str = "company"  # mine, company, people, data, program
    order: int = 50


@dataclass(frozen=True)
class Command:
    """An entry of the palette: a page or an act."""

    key: str
    label: Label
    icon: str
    url: str
    shortcut: str = ""
    right: str = ""
    type: str = ""
    verb: str = "view"


@dataclass(frozen=True)
class Part:
    """A drawn panel that a phone shows under a tab of its own, with a count."""

    html: Any
    tab: str
    n: int | None = None

    def __html__(self) -> str:
        return str(self.html)


@dataclass(frozen=True)
class Panel:
    """A part of a record's page: ``place`` is head, figures, facts, middle or related.

    ``draw`` gives HTML or a ``Part``, empty for none.
    """

    type: str  # a type's key, or "*"
    place: str
    draw: Callable[[Actor, Record], Any]
    order: int = 50


@dataclass(frozen=True)
class Look:
    """Another way to look at the records of a list: a board, a map. ``url`` keeps the list's view and filter as its query."""

    type: str
    key: str
    label: Label
    url: str
    order: int = 50


@dataclass(frozen=True)
class Section:
    """A part of the today page: ``place`` is main or side."""

    key: str
    draw: Callable[[Actor, bool], Any]  # (actor, for my team) → HTML, empty for none
    place: str = "main"
    order: int = 50


@dataclass(frozen=True)
class Act:
    """A button on a record's page or in the bulk bar; ``shown`` decides for one record.

    ``url`` may hold ``{id}``, or be made from the record (``tel:``; empty for no button). ``logs``: what the log line
    proposes once the button was used.
    """

    type: str
    key: str
    label: Label
    icon: str
    url: str | Callable[[Actor, Record], str]
    bulk: bool = False
    verb: str = "edit"
    shown: Callable[[Actor, Record], bool] | None = None
    dialog: bool = True  # opens as a form in a dialog, else posts at once
    page: bool = False  # is followed: leads to a page of its own, or a download
    order: int = 50
    place: str = "menu"  # menu or head
    logs: Callable[[Actor, Record], str] | None = None
    download: bool = False  # in the bulk bar: answers with a file, so the form is sent as such


@dataclass(frozen=True)
class ListLink:
    """An entry of every list's menu: what may be done with the list as it is filtered. ``url`` may hold {type} and {filter}."""

    label: Label
    icon: str
    url: str
    dialog: bool = False


@dataclass(frozen=True)
class Area:
    """What an area brings. ``needs``: the areas whose records and rules it may import."""

    name: str
    needs: Sequence[str] = ()
    blueprint: Blueprint | None = None
    nav: Sequence[Nav] = ()
    settings: Sequence[SettingsPage] = ()
    commands: Sequence[Command] = ()
    panels: Sequence[Panel] = ()
    today: Sequence[Section] = ()
    acts: Sequence[Act] = ()
    looks: Sequence[Look] = ()
    lists: Sequence[ListLink] = ()
    jobs: Sequence[Any] = field(default_factory=tuple)
    api: Sequence[Any] = field(default_factory=tuple)  # web.api.verbs.Verb


_areas: list[Area] = []


def use(areas: Sequence[Area]) -> None:
    """Make the areas known, in order. Raises ValueError when one needs what does not stand before it."""
    _areas.clear()
    panels.cache_clear()
    acts.cache_clear()
    looks.cache_clear()
    for area in areas:
        missing = set(area.needs) - {other.name for other in _areas}
        if missing:
            raise ValueError(f"area {area.name} needs {sorted(missing)} before it")
        _areas.append(area)


def areas() -> list[Area]:
    """Every area in use."""
    return list(_areas)


@cache
def panels(record_type: str, place: str) -> tuple[Panel, ...]:
    """The panels of a type's page at a place, in order."""
    found = [p for area in _areas for p in area.panels if p.type in (record_type, "*") and p.place == place]
    return tuple(sorted(found, key=lambda panel: panel.order))


@cache
def acts(record_type: str) -> tuple[Act, ...]:
    """The acts on a type, in order."""
    found = [a for area in _areas for a in area.acts if a.type in (record_type, "*")]
    return tuple(sorted(found, key=lambda a: a.order))


@cache
def looks(record_type: str) -> tuple[Look, ...]:
    """The other ways to look at a type's list, in order."""
    found = [each for area in _areas for each in area.looks if each.type == record_type]
    return tuple(sorted(found, key=lambda look: look.order))


def today_sections(place: str) -> list[Section]:
    """The parts of the today page at a place, in order."""
    return sorted((s for area in _areas for s in area.today if s.place == place), key=lambda section: section.order)


def list_links() -> list[ListLink]:
    """What every list's menu offers, in order."""
    return [link for each in _areas for link in each.lists]
