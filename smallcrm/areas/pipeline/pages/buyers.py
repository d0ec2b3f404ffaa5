"""The people around an opportunity: the decision map (联系人图谱), what is missing on it, and the form that gives somebody a part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.pipeline.pages import pipeline_pages
from smallcrm.areas.pipeline.records import Buyer, Opportunity
from smallcrm.areas.pipeline.records.choices import ATTITUDES, COVERAGE, INFLUENCE, PARTS
from smallcrm.areas.pipeline.rules import buying
from smallcrm.areas.pipeline.rules.buying import Person
from smallcrm.base import formats
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.base.text import fold
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, changesets, labels
from smallcrm.records.record import Record, by_key, title, values
from smallcrm.web import inputs, toasts
from smallcrm.web.area import Part
from smallcrm.web.context import actor
from smallcrm.web.pages.record import back
from smallcrm.web.templating import fragment

BOX, GAP, ROW, TOP = 168, 24, 104, 8  # a person's box, the room beside it, from one level to the next
HIGH = 72
NAMES = ("part", "influence", "attitude", "coverage", "note")

WORDS = {
    **dict(PARTS),
    **{option.key: option.label for option in ATTITUDES},
    **dict(INFLUENCE),
}
COVERED = {option.key: option.label for option in COVERAGE}
TONES = {"champion": "good", "supporter": "good", "neutral": "", "opponent": "bad", "enemy": "bad"}


@dataclass(frozen=True)
class Box:
    """A person's place on the map."""

    person: Person
    x: int
    y: int
    part: str
    attitude: str
    tone: str
    say: str


@dataclass(frozen=True)
class Map:
    """The map: boxes, lines from each to whom they report to, and the other relations, dashed."""

    boxes: list[Box]
    lines: list[tuple[int, int, int, int]]
    others: list[tuple[int, int, int, int, str]]
    width: int
    height: int


def draw(actor_: Actor, found: list[Person]) -> Map:
    """Levels from the top; children below whom they report to."""
    levels: dict[int, list[Person]] = {}
    for person in found:
        levels.setdefault(person.level, []).append(person)
    width = max([len(each) for each in levels.values()] or [1]) * (BOX + GAP) + GAP
    place: dict[int, tuple[int, int]] = {}
    boxes: list[Box] = []
    for depth, level in enumerate(sorted(levels)):
        line = sorted(levels[level], key=lambda p: (place.get(p.boss or 0, (0, 0))[0], p.id))
        left = (width - len(line) * (BOX + GAP) + GAP) // 2
        for number, person in enumerate(line):
            x, y = left + number * (BOX + GAP), TOP + depth * ROW
            place[person.contact] = (x, y)
            boxes.append(_box(person, x, y))
    lines = [
        (place[p.boss][0] + BOX // 2, place[p.boss][1] + HIGH, place[p.contact][0] + BOX // 2, place[p.contact][1])
        for p in found
        if p.boss in place
    ]
    from smallcrm.areas.customers.records.relation import WORDS as RELATED

    others = [
        (
            place[s][0] + BOX // 2,
            place[s][1] + HIGH // 2,
            place[t][0] + BOX // 2,
            place[t][1] + HIGH // 2,
            str(RELATED[kind][0]),
        )
        for s, t, kind in buying.influences(actor_, set(place))
    ]
    return Map(boxes, lines, others, width, TOP * 2 + len(levels) * ROW - (ROW - HIGH))


def _box(person: Person, x: int, y: int) -> Box:
    part = str(WORDS.get(person.part or "", ""))
    attitude = str(WORDS[person.attitude])
    touched = formats.near_date(person.touched) if person.touched else str(COVERED["none"])
    say = ", ".join(
        text
        for text in (part, attitude, f"{labels.field(Buyer, 'influence')}: {WORDS[person.influence]}", touched)
        if text
    )
    return Box(person, x, y, part, attitude, TONES[person.attitude], say)


def panel(who: Actor, record: Record) -> Part | str:
    """The people, beside the timeline."""
    found = buying.people(who, record)
    may = not record.deleted_at and access.may(who, record, "edit")
    if not found and not may:
        return ""
    rows = [
        (person, str(WORDS.get(person.part or "", "")), str(WORDS[person.attitude]), TONES[person.attitude])
        for person in found
    ]
    html = fragment("pipeline/_people.html", record=record, rows=rows, may=may, n=len(found))
    return Part(html, str(L("People")), len(found))


def described(who: Actor, record: Record) -> dict[str, Any]:
    """The map with its gaps, for the page that shows both."""
    found = buying.people(who, record)
    return {
        "people": found,
        "map": draw(who, found) if found else None,
        "gaps": buying.gaps(found, open_=values(record)["state"] == "open"),
    }


# ---------------------------------------------------------------- the form


def _form(
    who: Actor, record: Record, held: Mapping[str, Any], typed: Mapping[str, Any] | None, errors: Mapping[str, Any]
) -> str:
    from smallcrm.records.custom import fields_of

    fields = fields_of(Buyer)
    contact = held.get("contact")
    known = access.names(who, "contact", [contact]).get(contact) if contact else None
    controls = [inputs.of(who, Buyer, name, fields[name], held, typed=typed, errors=errors) for name in NAMES]
    choose = None if known else inputs.of(who, Buyer, "contact", fields["contact"], held, typed=typed, errors=errors)
    if choose is not None:
        choose.options["source"] = f"/opportunities/{record.id}/people/options"
    may_make = values(record)["customer"] and who.scope("contact", "create") is not Scope.NONE
    return render_template(
        "pipeline/_person.html", record=record, name=title(record), choose=choose, known=known, contact=contact, controls=controls,
        new=f"/contacts/new?customer={values(record)['customer']}" if may_make and choose is not None else "",
        buyer=held.get("id"), errors=errors,
    )  # fmt: skip


@pipeline_pages.get("/opportunities/<int:number>/people/options")
def contact_options(number: int) -> Response:
    """Contacts to choose from: those of its customer first."""
    from flask import jsonify

    from smallcrm.records import query

    who = actor()
    record = access.find(who, Opportunity, number)
    q = request.args.get("q", "").strip()[:100]
    customer = values(record)["customer"]
    kind = by_key("contact")
    tree = {"all": [{"field": "customer", "op": "eq", "value": customer}]} if customer else None
    ids = [row[0] for row in query.page(query.Ask(who, kind, [], tree, "", "name", 200)).rows] if tree else []
    names = access.names(who, "contact", ids)
    shown = [(i, names[i]) for i in ids if i in names and fold(q) in fold(names[i])]
    return jsonify([{"value": i, "text": name} for i, name in shown[:30]])


@pipeline_pages.get("/opportunities/<int:number>/people/edit")
def person_form(number: int) -> str:
    """Somebody's part: a new one, or ``contact``'s."""
    who = actor()
    record = buying.opportunity_of(who, number)
    return _form(who, record, _held(who, record, request.args.get("contact", type=int)), None, {})


def _held(who: Actor, record: Record, contact: int | None) -> dict[str, Any]:
    person = next((each for each in buying.people(who, record) if each.contact == contact), None)
    if person is None:
        return {"contact": contact, "influence": "medium", "attitude": "neutral", "coverage": "none"}
    return {
        "id": person.id, "contact": contact, "part": person.part, "influence": person.influence, "attitude": person.attitude,
        "coverage": person.coverage, "note": person.note,
    }  # fmt: skip


@pipeline_pages.post("/opportunities/<int:number>/people/edit")
def keep_person(number: int) -> Response | tuple[str, int]:
    """Keep it."""
    who = actor()
    record = buying.opportunity_of(who, number)
    contact = request.form.get("contact", 0, type=int)
    given = {name: request.form.get(name, "").strip() or None for name in NAMES}
    try:
        with changesets.opened(who, "form") as mine:
            buying.put(who, record, contact=contact, **given)
    except Invalid as error:
        return _form(
            who,
            record,
            _held(who, record, contact) | {"contact": contact},
            {**given, "contact": contact or ""},
            error.errors,
        ), 422
    toasts.say(str(L("Saved.")), undo=mine.id or None)
    return back(f"/opportunities/{number}")


@pipeline_pages.post("/opportunities/<int:number>/people/<int:buyer>/remove")
def remove_person(number: int, buyer: int) -> Response:
    """They play no part after all."""
    who = actor()
    record = buying.opportunity_of(who, number)
    with changesets.opened(who, "form") as mine:
        buying.take_out(who, record, buyer=buyer)
    toasts.say(str(L("Taken out.")), undo=mine.id or None)
    return back(f"/opportunities/{number}")


__all__ = ["Map", "described", "draw", "panel"]
