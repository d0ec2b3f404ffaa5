"""The settings' side menu: pages that areas register (``area.SettingsPage``), in groups. A page draws itself by ``page``."""

from __future__ import annotations

from typing import Any

from flask import render_template

from smallcrm.base.i18n import L, Label
from smallcrm.identity.actor import Actor
from smallcrm.web import area
from smallcrm.web.context import actor

GROUPS: dict[str, Label] = {
    "mine": L("Me", "settings"),
    "company": L("Company"),
    "people": L("People"),
    "data": L("Data"),
    "program": L("smallcrm"),
}


def groups(who: Actor) -> list[dict[str, Any]]:
    """The menu."""
    every = [each for known in area.areas() for each in known.settings if not each.right or who.may(each.right)]
    every.sort(key=lambda each: each.order)
    found = [
        {"label": str(label), "items": [{"label": str(e.label), "url": e.url} for e in every if e.group == key]}
        for key, label in GROUPS.items()
    ]
    return [group for group in found if group["items"]]


def page(template: str, here: str, **context: Any) -> str:
    """A settings page. ``here``: the address of its entry in the menu."""
    return render_template(template, settings_menu=groups(actor()), menu_here=here, **context)
