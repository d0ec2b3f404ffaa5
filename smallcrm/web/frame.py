"""What stands round every page: the rail with its counters, quick add, the bell, the user. Cheap: kept per user.

The rail is drawn once and kept until anything is committed, and no longer than half a minute.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from flask import g, render_template, request, url_for
from markupsafe import Markup

from smallcrm import store
from smallcrm.base.i18n import L, Label, language
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import cache, labels, settings
from smallcrm.records.record import RecordType, all_types, by_key
from smallcrm.web import area
from smallcrm.web.area import Nav

KEEP = 30.0

GROUPS: dict[str, Label] = {"top": "", "sell": L("Sell", "nav"), "look": L("Look", "nav"), "end": ""}


@dataclass(frozen=True)
class Entry:
    """An entry of the rail, ready to be drawn."""

    key: str
    label: str
    icon: str
    url: str
    count: int = 0
    hot: bool = False


@dataclass(frozen=True)
class Group:
    """Entries under one heading."""

    key: str
    label: str
    items: list[Entry] = field(default_factory=list)


@dataclass
class _Kept:
    until: float
    commits: int
    config: int
    groups: list[Group]
    html: dict[str, Markup] = field(default_factory=dict)


_kept: dict[tuple[int, str], _Kept] = {}


def _allowed(actor: Actor, entry: Nav) -> bool:
    if entry.right and not actor.may(entry.right):
        return False
    if entry.type and actor.scope(entry.type, "view") is Scope.NONE:
        return False
    return entry.shown is None or entry.shown(actor)


def _label(entry: Nav) -> str:
    return labels.many(by_key(entry.type)) if entry.type and not str(entry.label) else str(entry.label)


def navigation(actor: Actor) -> list[Group]:
    """The rail's groups for this actor."""
    return _entry(actor).groups


def _entry(actor: Actor) -> _Kept:
    key = (actor.id, language())
    held = _kept.get(key)
    now = time.monotonic()
    config = cache.current()
    if held and held.until > now and held.commits == store.commits() and held.config == config:
        return held
    groups = []
    for group, label in GROUPS.items():
        entries = sorted(
            (e for a in area.areas() for e in a.nav if e.group == group and _allowed(actor, e)), key=lambda e: e.order
        )
        items = [
            Entry(e.key, _label(e), e.icon, e.url, e.count(actor) if e.count else 0, e.hot) for e in entries
        ]
        groups.append(Group(group, str(label), items))
    held = _kept[key] = _Kept(now + KEEP, store.commits(), config, groups)
    if len(_kept) > 500:
        _kept.clear()
    return held


def rail(actor: Actor, current: str) -> Markup:
    """The rail as HTML with the current entry marked."""
    held = _entry(actor)
    if current not in held.html:
        held.html[current] = Markup(render_template("frame/rail.html", groups=held.groups, current=current))  # noqa: S704
    return held.html[current]


def tabbar(actor: Actor) -> list[Entry]:
    """The phone's bottom bar, two entries on either side of the plus."""
    marked = {e.key for a in area.areas() for e in a.nav if e.tabbar}
    entries = [entry for group in navigation(actor) for entry in group.items if entry.key in marked]
    return entries[:3]


@dataclass(frozen=True)
class Quick:
    """An entry of "new"."""

    url: str
    label: str
    icon: str
    key: str


def quick_add(actor: Actor) -> list[Quick]:
    """What this actor may make from anywhere."""
    return [
        Quick(f"/{kind.card.name}/new", labels.one(kind), kind.card.icon, kind.card.key)
        for kind in all_types()
        if kind.card.quick_add and actor.scope(kind.card.key, "create") is not Scope.NONE
    ]


def initials(name: str) -> str:
    """One or two letters for an avatar: the surname's character in Chinese, first and last letters elsewhere."""
    words = name.split()
    if not words:
        return "?"
    if ord(words[0][0]) > 0x2E80:
        return words[0][0]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def context(app_assets: Any) -> dict[str, Any]:
    """The template variables of the frame."""
    actor: Actor | None = getattr(g, "actor", None)
    return {
        "assets": app_assets,
        "me": actor,
        "company": settings.get("company.name"),
        "path": request.path,
    }


def home_of(kind: RecordType) -> str:
    """The type's list."""
    return url_for("pages.listing", name=kind.card.name)
