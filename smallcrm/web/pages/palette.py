"""One box for everything: records in reach, pages, commands. The palette asks as one types; ``/search`` is the whole page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from flask import jsonify, render_template, request
from werkzeug.wrappers import Response

from smallcrm.base.i18n import L
from smallcrm.base.text import fold
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, labels, search
from smallcrm.records.record import all_types
from smallcrm.records.search import Hit
from smallcrm.web import area, frame
from smallcrm.web.context import actor
from smallcrm.web.pages import pages

EACH = 5


@pages.get("/palette")
def palette() -> Response:
    """Groups of entries for what is typed; pages and commands alone for nothing."""
    who = actor()
    typed = request.args.get("q", "").strip()
    groups: list[dict[str, Any]] = []
    if typed:
        hits = search.find(who, typed, each=EACH)
        groups += _records(who, hits, typed)
    groups += _commands(who, typed)
    return jsonify({"groups": [group for group in groups if group["items"]]})


def _records(who: Actor, hits: Sequence[Hit], typed: str) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for hit, sub in zip(hits, subs(who, hits), strict=True):
        group = found.setdefault(hit.kind.card.key, {"label": labels.many(hit.kind), "items": []})
        group["items"].append(
            {
                "title": hit.title,
                "marks": marks(hit.title, typed),
                "sub": sub,
                "grade": hit.values.get("grade"),
                "icon": hit.kind.card.icon,
                "url": address(hit),
            }
        )
    return list(found.values())


def address(hit: Hit) -> str:
    """Where a hit is opened."""
    return f"/{hit.kind.card.name}/{hit.id}"


def subs(who: Actor, hits: Sequence[Hit]) -> list[str]:
    """What stands beside each hit: where it was found, whose it is, where."""
    customers = {int(hit.values.get("customer") or 0) for hit in hits if not hit.snippet}
    names = access.names(who, "customer", customers)
    return [hit.snippet or _sub(who, hit, names) for hit in hits]


def _sub(who: Actor, hit: Hit, names: Mapping[int, str]) -> str:
    shown = access.shown_of(who, hit.kind, hit.values)
    parts = [names.get(hit.values.get("customer") or 0, "")]
    parts += [str(hit.values[name]) for name in ("title", "city") if name in shown and hit.values.get(name)]
    return ", ".join(part for part in parts if part)


def marks(title: str, typed: str) -> list[list[int]]:
    """The places of the typed words in a title, by characters, where they stand there as typed."""
    letters = [fold(c) or " " for c in title]
    found = []
    for word in fold(typed).split():
        for start in range(len(letters)):
            joined = ""
            for end in range(start, len(letters)):
                joined += letters[end]
                if joined == word:
                    found.append([start, end + 1])
                if len(joined) >= len(word):
                    break
            if found and found[-1][0] == start:
                break
    return sorted(found)


def _commands(who: Actor, typed: str) -> list[dict[str, Any]]:
    wanted = fold(typed)
    pages_: list[dict[str, Any]] = []
    for group in [*frame.make().nav]:
        pages_ += [
            {"title": e.label, "icon": e.icon, "url": e.url, "key": f"G {e.key.upper()}" if e.key else ""}
            for e in group.items
        ]
    pages_ += [{"title": e.label, "icon": e.icon, "url": e.url} for e in frame.make().nav_end]
    acts: list[dict[str, Any]] = []
    for kind in all_types():
        if kind.card.quick_add and who.scope(kind.card.key, "create") is not Scope.NONE:
            name = labels.one(kind)
            query = f"?{kind.card.title}={quote(typed)}" if typed else ""
            text = f"{L('New', 'command')}: {name}" + (f" “{typed}”" if typed else "")
            acts.append(
                {"title": text, "icon": "plus", "url": f"/{kind.card.name}/new{query}", "match": f"new {fold(name)}"}
            )
    for each in area.areas():
        acts += [_command(command) for command in each.commands if _allowed(who, command)]
    shown = [item for item in [*pages_, *acts] if not wanted or _fits(item, wanted)]
    made = [item for item in acts if typed and item["url"].startswith("/") and "/new?" in item["url"]]
    items = list({item["url"]: item for item in [*shown, *made[:2]]}.values())[: 8 if typed else 14]
    return [
        {"label": str(L("Pages and commands")), "items": [{k: v for k, v in i.items() if k != "match"} for i in items]}
    ]


def _fits(item: dict[str, Any], wanted: str) -> bool:
    return wanted in fold(item["title"].partition(" “")[0]) or wanted in item.get("match", "")


def _command(command: area.Command) -> dict[str, Any]:
    return {"title": str(command.label), "icon": command.icon, "url": command.url, "key": command.shortcut}


def _allowed(who: Actor, command: area.Command) -> bool:
    if command.right and not who.may(command.right):
        return False
    return not command.type or who.scope(command.type, command.verb) is not Scope.NONE


@pages.get("/search")
def search_page() -> str:
    """Everything found, type by type."""
    who = actor()
    typed = request.args.get("q", "").strip()
    hits = search.find(who, typed, each=20) if typed else []
    groups: dict[str, tuple[str, str, list[tuple[Hit, str]]]] = {}
    for hit, sub in zip(hits, subs(who, hits), strict=True):
        card = hit.kind.card
        groups.setdefault(card.key, (labels.many(hit.kind), card.name, []))[2].append((hit, sub))
    return render_template("search.html", q=typed, groups=list(groups.values()), address=address)
