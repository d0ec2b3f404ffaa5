"""The settings' side menu: pages that areas register (``area.SettingsPage``), in groups. A page draws itself by ``page``.

Its template extends ``settings/shell.html``: blocks ``title`` (the heading too), ``say`` (a line under it), ``acts`` (buttons at
the heading's end) and ``panel``. On a phone the menu is a page of its own, ``/settings``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import render_template

from smallcrm.base.i18n import L, Label
from smallcrm.identity.actor import Actor
from smallcrm.web import area
from smallcrm.web.area import SettingsPage
from smallcrm.web.context import actor

GROUPS: dict[str, Label] = {
    "mine": L("Me", "settings"),
    "company": L("Company"),
    "people": L("People"),
    "data": L("Data"),
    "program": L("smallcrm"),
}


@dataclass(frozen=True)
class Item:
    """An entry of the menu."""

    label: str
    url: str
    icon: str = ""


@dataclass(frozen=True)
class Group:
    """Entries under one heading."""

    label: str
    items: list[Item] = field(default_factory=list)


def pages(who: Actor) -> list[SettingsPage]:
    """The settings pages somebody may open, in order."""
    found = [each for known in area.areas() for each in known.settings if not each.right or who.may(each.right)]
    order = list(GROUPS)
    return sorted(found, key=lambda each: (order.index(each.group), each.order))


def groups(who: Actor) -> list[Group]:
    """The menu."""
    made: dict[str, Group] = {}
    for each in pages(who):
        group = made.setdefault(each.group, Group(str(GROUPS[each.group])))
        group.items.append(Item(str(each.label), each.url))
    return list(made.values())


def page(template: str, here: str, **context: Any) -> str:
    """A settings page. ``here``: the address of its entry in the menu."""
    return render_template(template, settings_menu=groups(actor()), menu_here=here, **context)
