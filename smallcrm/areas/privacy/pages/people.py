"""One person's data: what there is of it, giving it out as a file, not using it for a while; and what a record's page says of that."""

from __future__ import annotations

from flask import jsonify, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from smallcrm.areas.privacy.api import zipped
from smallcrm.areas.privacy.pages import privacy
from smallcrm.areas.privacy.rules import erasing, person, requests, restriction, traces
from smallcrm.base import formats, ids
from smallcrm.base.errors import NotFound
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, labels, personal, search
from smallcrm.records.record import Record, by_key, by_name, title
from smallcrm.web import toasts
from smallcrm.web.area import Act, Panel
from smallcrm.web.context import actor
from smallcrm.web.templating import fragment

PERSON = "/<name>/<int:number>"


def found(name: str, number: int) -> Record:
    """The person's record by its address. Raises Forbidden, NotFound."""
    person.need(actor())
    kind = by_name(name)
    if kind is None:
        raise NotFound(L("There is nothing here, or you may not see it."))
    return person.find(actor(), kind.card.key, number)


def address(record: Record) -> str:
    """The page of the person's data."""
    return f"/privacy/{record.card.name}/{record.id}"


@privacy.get(PERSON)
def person_page(name: str, number: int) -> str:
    """What there is, what was asked, what can be done."""
    who, record = actor(), found(name, number)
    subject = person.of(type(record), number)
    linked = [(labels.many(by_key(key)), len(ids)) for key, ids in traces.linked(subject).items()]
    return render_template(
        "privacy/person.html",
        record=record,
        kind=type(record),
        name=title(record),
        base=address(record),
        erased=erasing.is_erased(record),
        restricted=restriction.since(record),
        linked=sorted(linked),
        merged=len(subject.ids) - 1,
        requests=requests.of(who, record),
        handlers=requests.handlers(who, requests.of(who, record)),
    )


@privacy.post(f"{PERSON}/export")
def export(name: str, number: int) -> Response:
    """Everything as a ZIP."""
    return zipped(actor(), found(name, number))


@privacy.post(f"{PERSON}/restrict")
def restrict(name: str, number: int) -> Response:
    """From now on the data are kept only."""
    record = found(name, number)
    restriction.restrict(actor(), record, reason=request.form.get("reason", ""))
    toasts.say(str(L("These data are kept, nobody is to use them.")))
    return redirect(address(record), 303)


@privacy.post(f"{PERSON}/release")
def release(name: str, number: int) -> Response:
    """They may be used again."""
    record = found(name, number)
    restriction.release(actor(), record)
    toasts.say(str(L("These data may be used again.")))
    return redirect(address(record), 303)


# ---------------------------------------------------------------- finding a person


@privacy.get("/people")
def people() -> Response:
    """People whom what is typed finds."""
    who = actor()
    person.need(who)
    typed = request.args.get("q", "").strip()
    kinds = [by_key(key) for key in personal.subject_types()]
    hits = search.find(who, typed, kinds=kinds, each=8) if typed else []
    return jsonify(
        {
            "items": [
                {"id": f"{hit.kind.card.name}-{hit.id}", "text": hit.title, "sub": labels.one(hit.kind)}
                for hit in hits
                if personal.is_subject(hit.kind.card.key, hit.values)
            ]
        }
    )


@privacy.get("/find")
def find() -> Response:
    """To the person that was chosen."""
    name, _, rest = request.args.get("person", "").rpartition("-")
    number = ids.number(rest)
    person.need(actor())
    return redirect(address(found(name, number)) if name and number else "/privacy")


# ---------------------------------------------------------------- on a record's page


def concerns(who: Actor, record: Record) -> bool:
    """Whether somebody is here whose data the actor answers for."""
    return who.may("privacy") and personal.is_person(record)


def mark(_who: Actor, record: Record) -> Markup | str:
    """Said beside the name to everybody: that it must not be used."""
    if not personal.is_person(record):
        return ""
    at = restriction.since(record)
    return fragment("privacy/_mark.html", at=formats.moment_full(at)) if at else ""


def binned(who: Actor, record: Record) -> Markup | str:
    """In the bin a record has no menu: the way to the person's data."""
    if not record.deleted_at or not concerns(who, record):
        return ""
    return fragment("privacy/_binned.html", url=address(record))


ACTS = tuple(
    Act(key, "privacy", L("Personal data"), "shield", f"/privacy/{key}s/{{id}}", verb="view", page=True,
        shown=concerns, order=90)
    for key in ("contact", "customer")
)  # fmt: skip
PANELS = tuple(
    panel
    for key in ("contact", "customer")
    for panel in (Panel(key, "head", mark, 1), Panel(key, "related", binned, 1))
)

__all__ = ["ACTS", "PANELS", "access", "address", "found"]
