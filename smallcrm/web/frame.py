"""What stands round every page: the rail with its counters, quick add, the bell, the user.

Entries and counters are looked up once per user and kept until anything is committed here, no longer than half a minute.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import g, request

from smallcrm import store
from smallcrm.base.i18n import LANGUAGES, L, Label, language
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import cache, labels, settings
from smallcrm.records.record import all_types, by_key
from smallcrm.web import area, bundle, security, toasts
from smallcrm.web.area import Nav
from smallcrm.web.cells import initials

KEEP = 30.0

GROUPS: dict[str, Label] = {"top": "", "sell": L("Sell", "nav"), "look": L("Look", "nav"), "end": ""}


@dataclass(frozen=True)
class Entry:
    """An entry of the rail, ready to be drawn."""

    id: str
    label: str
    icon: str
    url: str
    key: str = ""
    count: int = 0
    hot: bool = False


@dataclass(frozen=True)
class Group:
    """Entries under one heading."""

    label: str
    items: list[Entry] = field(default_factory=list)


@dataclass(frozen=True)
class Quick:
    """An entry of "new"."""

    url: str
    label: str
    icon: str
    dialog: bool = False


@dataclass(frozen=True)
class Person:
    """Who is signed in."""

    name: str
    initials: str
    url: str


@dataclass(frozen=True)
class _Kept:
    until: float
    mark: tuple[int, int]
    nav: list[Group]
    nav_end: list[Entry]
    tabbar: list[Entry]
    quick_add: list[Quick]
    drawn: dict[Any, Any] = field(default_factory=dict)
    pages: dict[Any, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Frame:
    """What the layout reads."""

    company: str
    mark: str
    nav: list[Group]
    nav_end: list[Entry]
    tabbar: list[Entry]
    quick_add: list[Quick]
    user: Person
    language: str
    theme: str
    csrf: str
    here: str
    rail: str
    unread: int
    running: list[tuple[str, int | None, str]]
    toasts: list[dict[str, Any]]
    assets: bundle.Assets
    drawn: dict[Any, Any]  # parts of the frame that were drawn from the same entries
    pages: dict[Any, tuple[str, str]]  # and pages, before and after their rows

    @property
    def look(self) -> tuple[Any, ...]:
        """What the frame's parts show beside the entries."""
        return self.here, self.rail, self.theme, self.csrf, self.unread, self.company, self.user, self.assets.icons_url


_kept: dict[tuple[int, str], _Kept] = {}

# Set by the areas that know: unread notices, long works under way, the user's look.
unread: Callable[[Actor], int] = lambda _actor: 0
running: Callable[[Actor], list[tuple[str, int | None, str]]] = lambda _actor: []
theme_of: Callable[[Actor], str] = lambda _actor: ""


def _allowed(actor: Actor, entry: Nav) -> bool:
    if entry.right and not actor.may(entry.right):
        return False
    if entry.type and actor.scope(entry.type, "view") is Scope.NONE:
        return False
    return entry.shown is None or entry.shown(actor)


def _entry(actor: Actor, entry: Nav) -> Entry:
    label = labels.many(by_key(entry.type)) if entry.type and not str(entry.label) else str(entry.label)
    count = entry.count(actor) if entry.count else 0
    return Entry(entry.key, label, entry.icon, entry.url, entry.letter, count, entry.hot)


def _look_up(actor: Actor) -> _Kept:
    key = (actor.id, language())
    mark = (store.commits(), cache.seen())
    held = _kept.get(key)
    if held and held.until > time.monotonic() and held.mark == mark:
        return held
    every = sorted((e for a in area.areas() for e in a.nav if _allowed(actor, e)), key=lambda e: e.order)
    made = {entry.key: _entry(actor, entry) for entry in every}
    nav = [
        Group(str(label), [made[e.key] for e in every if e.group == group])
        for group, label in GROUPS.items()
        if group != "end"
    ]
    held = _Kept(
        time.monotonic() + KEEP,
        mark,
        [group for group in nav if group.items],
        [made[e.key] for e in every if e.group == "end"],
        [made[e.key] for e in every if e.tabbar][:3],
        _quick_add(actor),
    )
    if len(_kept) > 500:
        _kept.clear()
    _kept[key] = held
    return held


def _quick_add(actor: Actor) -> list[Quick]:
    return [
        Quick(f"/{kind.card.name}/new", labels.one(kind), kind.card.icon)
        for kind in all_types()
        if kind.card.quick_add and actor.scope(kind.card.key, "create") is not Scope.NONE
    ]


def make() -> Frame:
    """The frame of this request."""
    actor: Actor = g.actor
    held = _look_up(actor)
    company = str(settings.get("company.name"))
    return Frame(
        company=company,
        mark=company[:1].upper(),
        nav=held.nav,
        nav_end=held.nav_end,
        tabbar=held.tabbar,
        quick_add=held.quick_add,
        user=Person(actor.name, initials(actor.name), "/settings"),
        language=language(),
        theme=theme_of(actor),
        csrf=security.csrf_token(),
        here=_here(held),
        rail="narrow" if request.cookies.get("rail") == "narrow" else "",
        unread=unread(actor),
        running=running(actor),
        toasts=toasts.take(),
        assets=bundle.current(),
        drawn=held.drawn,
        pages=held.pages,
    )


def _here(held: _Kept) -> str:
    """The entry under which this page lies: the longest address that it begins with."""
    path = request.path
    urls = [entry.url for group in held.nav for entry in group.items] + [entry.url for entry in held.nav_end]
    fitting = [url for url in urls if path == url or (url != "/" and path.startswith(url + "/"))]
    return max(fitting, key=len, default="") or _settings_above(path)


def _settings_above(path: str) -> str:
    """Pages that the settings' menu leads to lie under the settings, wherever they are."""
    known = {page.url.split("/")[1] for each in area.areas() for page in each.settings}
    return "/settings" if path.split("/")[1] in known else ""


@dataclass(frozen=True)
class Bare:
    """What the layout of sign-in, set-up and errors reads."""

    company: str
    mark: str
    language: str
    theme: str
    csrf: str
    toasts: list[dict[str, Any]]
    assets: bundle.Assets
    languages: list[tuple[str, str]]


def bare() -> Bare:
    """The frame of a page that nobody is signed in to."""
    company = str(settings.get("company.name"))
    return Bare(
        company=company,
        mark=company[:1].upper(),
        language=language(),
        theme="",
        csrf=security.csrf_token(),
        toasts=toasts.take(),
        assets=bundle.current(),
        languages=list(LANGUAGES.items()),
    )
