"""The log line on a record's page: the preview while one types, keeping it, and what could follow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import render_template, request
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from smallcrm.areas.activities.logline import Act, Plan, Suggestion, Understood
from smallcrm.areas.activities.logline.chips import OUTCOMES
from smallcrm.areas.activities.pages import activities
from smallcrm.areas.activities.pages.answers import changed
from smallcrm.areas.activities.pages.answers import drawn as fragment
from smallcrm.areas.activities.pages.drawing import KIND_NAMES
from smallcrm.areas.activities.records import ICONS, TWO_WAYS
from smallcrm.areas.activities.rules import follow_ups, line
from smallcrm.areas.activities.rules.line import Kept, Place
from smallcrm.areas.activities.rules.states import is_open
from smallcrm.base import clock, ids
from smallcrm.base.errors import Invalid, NotFound
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access
from smallcrm.records.record import Record, by_key, by_name, values
from smallcrm.web import toasts
from smallcrm.web.api import idempotency
from smallcrm.web.context import actor

MOST = 20_000  # letters of a line
_FIX = re.compile(r"([ap]\d{1,2})\.(kind|direction|outcome|at|minutes|contact|who|subject|due|time|drop)")


def panel(who: Actor, record: Record) -> Markup | str:
    """The line above a record's timeline, for whoever may write there."""
    if not follow_ups.is_followed(record.card.key):
        return ""
    if record.deleted_at or who.scope("activity", "create") is Scope.NONE:
        return ""
    return fragment("activities/_panel.html", **_context(record))


def _context(record: Record, *, text: str = "", problem: str = "", strip: Strip | None = None) -> dict[str, Any]:
    base = f"/{record.card.name}/{record.id}"
    given: dict[str, object] = {"customer": record.id} if record.card.key == "customer" else {"contact": record.id}
    if record.card.key not in ("customer", "contact"):
        given = {"about_type": record.card.key, "about": record.id}
    form = "&".join(f"{name}={value}" for name, value in given.items())
    line_url = f"/activities/line{base}"
    return {
        "base": base, "action": line_url, "preview": f"{line_url}/preview", "form_url": f"/activities/new?{form}",
        "text": text, "problem": problem, "strip": strip, "once": ids.token(),
    }  # fmt: skip


def _place(name: str, number: int) -> tuple[Actor, Place]:
    who = actor()
    kind = by_name(name)
    if kind is None:
        raise NotFound(L("There is nothing here, or you may not see it."))
    return who, line.place_of(who, access.find(who, kind, number))


def _fixes(given: Mapping[str, str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, value in given.items():
        if match := _FIX.fullmatch(name):
            found.setdefault(match[1], {})[match[2]] = value[:300]
    return found


# ---------------------------------------------------------------- preview


@dataclass(frozen=True)
class Chip:
    """A part of what was understood, with what its editor offers. ``touched``: the names changed by hand already."""

    key: str
    icon: str
    words: str
    part: Act | Plan
    planned: bool
    touched: Mapping[str, str] = field(default_factory=dict)


@activities.get("/activities/line/<name>/<int:number>/preview")
def preview(name: str, number: int) -> str:
    """What would be kept."""
    who, place = _place(name, number)
    return drawn(who, place, request.args.get("text", "")[:MOST], _fixes(request.args))


def drawn(who: Actor, place: Place, text: str, fixes: dict[str, dict[str, str]], problem: str = "") -> str:
    """The preview's fragment; nothing for an empty line."""
    if not text.strip():
        return ""
    problem_now = problem
    plain = line.read(who, place, text)
    try:
        found = line.mended(plain, fixes) if fixes else plain
    except Invalid as error:
        found, problem_now = plain, str(error)
    return render_template(
        "activities/_preview.html",
        chips=_chips(plain, found, fixes, who),
        marks=_marks(found),
        dropped=[key for key, fix in fixes.items() if "drop" in fix],
        problem=problem_now,
        kinds=KIND_NAMES,
        two_ways=TWO_WAYS,
        codes=OUTCOMES,
        contacts=place.contacts,
        colleagues=line.colleagues(),
        me_id=who.id,
        local=_local,
    )


def _chips(plain: Understood, found: Understood, fixes: dict[str, dict[str, str]], who: Actor) -> list[Chip]:
    happened = len(plain.parts) - len(plain.planned)
    keys = [f"a{n}" for n in range(happened)] + [f"p{n}" for n in range(len(plain.planned))]
    kept = [key for key in keys if "drop" not in fixes.get(key, {})]
    words = found.chips(who.language)
    if not words:
        return [Chip("", "note", str(KIND_NAMES["note"]), Act("note", ""), False)]
    return [
        Chip(key, "calendar-plus" if key[0] == "p" else ICONS[part.kind], said, part, key[0] == "p", fixes.get(key, {}))
        for key, said, part in zip(kept, words, found.parts, strict=True)
    ]


def _marks(found: Understood) -> Markup:
    return Markup("").join(
        Markup("<mark>{}</mark>").format(piece) if what else escape(piece) for piece, what in found.pieces()
    )


def _local(moment: Any) -> str:
    return f"{moment.astimezone(clock.business_zone()):%Y-%m-%dT%H:%M}" if moment else ""


# ---------------------------------------------------------------- keeping


@activities.post("/activities/line/<name>/<int:number>")
def keep(name: str, number: int) -> Response | str | tuple[str, int]:
    """Keep it; an empty line again, and what could be next where nothing is planned. Sent twice, it is kept once."""
    who, place = _place(name, number)
    text = request.form.get("text", "")
    if len(text) > MOST:
        problem = str(L("At most %(most)s characters; these are %(found)s.", most=MOST, found=len(text)))
        return render_template("activities/_panel.html", **_context(place.record, text=text, problem=problem)), 422
    finishes = _finished(who, place, request.form.get("finishes", type=int))
    try:
        understood = line.read(who, place, text, _fixes(request.form))
        kept: list[Kept] = []
        idempotency.form_once(who, lambda: _keep(who, place, understood, finishes, kept))
    except Invalid as error:
        return render_template("activities/_panel.html", **_context(place.record, text=text, problem=str(error))), 422
    if request.form.get("dialog"):
        return changed()
    strip = None
    if kept and kept[0].done is not None and not kept[0].planned and values(kept[0].done)["kind"] != "note":
        strip = Strip.after(who, kept[0].done, understood)
    return changed(render_template("activities/_panel.html", **_context(place.record, strip=strip)), close=False)


def _keep(who: Actor, place: Place, understood: Understood, finishes: Record | None, into: list[Kept]) -> str:
    """Keep it and say so; where it stands now."""
    kept = line.keep(who, place, understood, finishing=finishes)
    into.append(kept)
    toasts.say(ngettext("Kept %(n)s entry.", "Kept %(n)s entries.", len(kept.made)), undo=kept.set)
    return f"/{place.record.card.name}/{place.record.id}"


def _finished(who: Actor, place: Place, number: int | None) -> Record | None:
    """The plan that this line is about, where one was named."""
    if not number:
        return None
    found = access.find(who, by_key("activity"), number, "edit")
    return found if is_open(values(found)) and line.belongs(values(found), place) else None


@activities.get("/activities/<int:number>/log")
def log_form(number: int) -> str:
    """The line in a dialog, to say how a plan went: the first thing that happened finishes it."""
    who = actor()
    planned = access.find(who, by_key("activity"), number, "edit")
    return render_template("activities/_log.html", plan=values(planned), **_context(_subject(who, planned)))


def _subject(who: Actor, activity: Record) -> Record:
    """The record at which one writes about an activity: its customer, its contact, else itself."""
    held = values(activity)
    for key in ("customer", "contact"):
        found = access.fetch(who, by_key(key), held[key]) if held.get(key) else None
        if found is not None:
            return found
    about = held.get("about_type")
    if about and follow_ups.is_followed(about):
        return access.fetch(who, by_key(about), held["about"]) or activity
    return activity


# ---------------------------------------------------------------- what is next


@dataclass(frozen=True)
class Strip:
    """ "What is next?": a button a step."""

    id: int
    steps: tuple[Suggestion, ...]

    @classmethod
    def after(cls, who: Actor, done: Record, understood: Understood | None = None) -> Strip:
        """What could follow what was just done."""
        return cls(int(done.id), line.next_steps(who, done, understood).steps)

    def buttons(self) -> list[tuple[str, str, str]]:
        """(label, note, value) of each."""
        return [(s.label, s.when, f"{s.kind}|{s.due or ''}|{s.label}") for s in self.steps]


def strip_html(strip: Strip | None) -> str:
    """The strip, ready to stand anywhere."""
    return render_template("activities/_next.html", strip=strip) if strip and strip.steps else ""
