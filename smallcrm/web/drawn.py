"""What templates draw on every page, drawn once: icons, and parts that only the language changes. No Flask in here.

A macro call costs ten microseconds and a page has fifty icons: these come out of a cache instead.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from jinja2 import Environment
from markupsafe import Markup, escape

from smallcrm.base.i18n import language, translate
from smallcrm.web import bundle

SHELVES = 12  # drawn parts kept for one person: the entries of the rail somebody goes back and forth between


def filled(html: str, *values: object) -> Markup:
    """``html`` with its ``{}`` filled in, escaped unless they are markup: ``Markup.format`` at a third of its cost."""
    return Markup(html.format(*map(escape, values)))  # noqa: S704  every value is escaped


def icon(name: str, size: str = "", label: str | None = None) -> Markup:
    """An outline out of the sprite. ``size`` is "", "i-s" or "i-l"; with a label it speaks, without it is decoration."""
    return _icon(name, size, str(label or ""), bundle.current().icons_url)


def pen(label: str) -> Markup:
    """The button beside a value that edits it."""
    return _pen(label, language(), bundle.current().icons_url)


@lru_cache(maxsize=2048)
def _pen(label: str, _language: str, _sprite: str) -> Markup:
    said = translate("Edit %(field)s", field=label)
    return filled('<button type="button" class="pen" aria-label="{}">{}</button>', said, icon("pencil", "i-s"))


NUMBER = "\ue000"  # stands for a record's number in what is drawn once for all of them
_numbered: dict[tuple[object, ...], str] = {}
_anew: list[bool] = []  # filled while templates are being worked on


def numbered(name: str, number: int, draw: Callable[[str], str], *given: object) -> Markup:
    """A part that differs by a record's number alone (the menu of a timeline's entry, its addresses).

    ``draw`` gets what stands for the number, and is called once for the language and what is ``given``.
    """
    key = (name, given, language(), bundle.current().icons_url)
    text = None if _anew else _numbered.get(key)
    if text is None:
        if len(_numbered) > 500:
            _numbered.clear()
        text = _numbered[key] = str(draw(NUMBER))
    return Markup(text.replace(NUMBER, str(int(number))))  # noqa: S704  a template drew it, the number is one


@lru_cache(maxsize=2048)
def _icon(name: str, size: str, label: str, sprite: str) -> Markup:
    voice = filled('role="img" aria-label="{}"', label) if label else Markup('aria-hidden="true"')
    kind = f"i {size}" if size else "i"
    return filled('<svg class="{}" {}><use href="{}#{}"/></svg>', kind, voice, sprite, name)


def install(env: Environment) -> None:
    """Give templates what is drawn once.

    ``draw_icon`` (see ``parts/icon.html``); ``still(name)``, a template rendered once a language; ``around(name, frame)``,
    a part of the frame, which reads ``frame`` alone: kept as long as the frame keeps its entries.
    """

    _anew[:] = [True] if env.auto_reload else []

    @cache
    def rendered(name: str, _language: str) -> Markup:
        return Markup(env.get_template(name).render())  # noqa: S704  a template escapes for itself

    def still(name: str) -> Markup:
        return rendered.__wrapped__(name, "") if env.auto_reload else rendered(name, language())

    def around(name: str, frame: Any) -> Markup:
        shelf = getattr(frame, "drawn", None)
        if shelf is None or env.auto_reload or frame.running:
            return Markup(env.get_template(name).render(frame=frame))  # noqa: S704  a template escapes for itself
        key = (name, frame.look)
        found = shelf.get(key)
        if found is None:
            if len(shelf) >= SHELVES:
                shelf.clear()
            found = shelf[key] = Markup(env.get_template(name).render(frame=frame))  # noqa: S704
        return found

    env.globals.update(draw_icon=icon, pen=pen, still=still, around=around)
