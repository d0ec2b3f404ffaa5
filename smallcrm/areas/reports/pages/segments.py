"""Segments: what there is, keeping a list's filter as one, freezing."""

from __future__ import annotations

import itertools
from typing import Any
from urllib.parse import quote

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.reports.pages import reports
from smallcrm.areas.reports.records import Segment
from smallcrm.areas.reports.records.choices import SHARED
from smallcrm.areas.reports.records.segment import MOST
from smallcrm.areas.reports.rules import segments, sharing
from smallcrm.base import formats, ids
from smallcrm.base.errors import BadRequest, Forbidden, Invalid, WrongState
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, change, changesets, figures, labels, query
from smallcrm.records.record import Record, RecordType, by_key, find_type, values
from smallcrm.web import toasts
from smallcrm.web.api import idempotency
from smallcrm.web.context import actor
from smallcrm.web.pages import bulk


@reports.get("/reports/segments")
def segment_list() -> str:
    """What there is, with how many are in it now."""
    who = actor()
    rows = [_row(who, record) for record in sharing.seen(who, Segment)]
    return render_template("reports/segments.html", rows=rows)


def _row(who: Actor, record: Record) -> dict[str, Any]:
    held = values(record)
    kind = by_key(held["about"])
    knows = "conditions" in access.readable(who, Segment)
    ruled = held.get("conditions") if knows else None
    n = segments.size(who, record) if who.scope(kind.card.key, "view") is not Scope.NONE else None
    try:
        said = " · ".join(
            f"{each.label} {each.op} {each.value}".strip()
            for each in query.describe(who, kind, figures.read_filter(ruled))
        )
    except (BadRequest, KeyError, TypeError, AttributeError):
        said = ""
    link = quote(figures.Spec(kind.card.key, filter=segments.condition(int(record.id))).values()["filter"])
    return {
        "record": record, "name": held["name"], "about": labels.many(kind), "n": None if n is None else formats.number(n), "said": said,
        "frozen": held.get("frozen_at"), "url": f"/{kind.card.name}?view=all&filter={link}", "mine": access.may(who, record, "edit"),
        "edit": f"/{kind.card.name}?view=all&filter={quote(ruled or '{}')}" if knows else "",
        "shared": dict(SHARED)[held["shared"] or "mine"],
    }  # fmt: skip


def _kind(who: Actor) -> RecordType:
    if who.scope("segment", "create") is Scope.NONE:
        raise Forbidden(access.refusal(who, "create"))
    word = request.values.get("about", "")
    kind = find_type(word)
    if kind is None or not kind.card.pages:
        raise BadRequest(L("There is no type “%(type)s”.", type=word[:40]))
    return kind


@reports.get("/reports/segments/new")
def new_segment() -> str:
    """The form over a list."""
    who = actor()
    return _form(who, _kind(who))


def _form(who: Actor, kind: RecordType, errors: dict[str, list[str]] | None = None) -> str:
    text = request.values.get("filter", "")
    tree = figures.read_filter(text)
    mine = [
        (str(each.id), str(values(each)["name"]))
        for each in segments.of_type(who, kind)
        if access.may(who, each, "edit")
    ]
    return render_template(
        "reports/_segment.html", kind=kind, filter=text, chips=query.describe(who, kind, tree), errors=errors or {}, once=ids.token(),
        name=request.values.get("name", ""), shared=request.values.get("shared", "mine"), mine=mine, over=request.values.get("over", ""),
        shares=[(k, str(w)) for k, w in SHARED if k != "all" or who.may("views")],
    )  # fmt: skip


@reports.post("/reports/segments")
def keep_segment() -> Response | tuple[str, int]:
    """Keep it."""
    who = actor()
    kind = _kind(who)
    tree = figures.read_filter(request.form.get("filter", ""))
    chosen = ids.number(request.form.get("over", ""))
    over = access.find(who, Segment, chosen, "edit") if chosen else None
    name = request.form.get("name", "") or (str(values(over)["name"]) if over is not None else "")

    def make() -> str:
        with changesets.opened(who, "form") as mine:
            segments.keep(who, kind, name, tree, shared=request.form.get("shared", "mine"), over=over)
        toasts.say(str(L("%(name)s is kept.", name=name)), undo=mine.id)
        return "/reports/segments"

    try:
        return redirect(idempotency.form_once(who, make), 303)
    except (Invalid, BadRequest) as error:
        return _form(who, kind, getattr(error, "errors", None) or {"": [str(error)]}), 422


@reports.post("/reports/segments/<int:number>/<any(freeze, thaw, remove):act>")
def change_segment(number: int, act: str) -> Response:
    """Freeze it, let it follow its filter again, or put it into the bin."""
    who = actor()
    record = access.find(who, Segment, number, "delete" if act == "remove" else "edit")
    with changesets.opened(who, "form") as mine:
        if act == "freeze":
            segments.freeze(who, record)
        elif act == "thaw":
            segments.thaw(who, record)
        else:
            try:
                change.delete(who, record)
            except Invalid as error:
                raise WrongState(str(error)) from None
    said = {
        "freeze": L("It keeps today’s members now."),
        "thaw": L("It follows its filter again."),
        "remove": L("The segment is in the bin."),
    }
    toasts.say(str(said[act]), undo=mine.id)
    return redirect("/reports/segments", 303)


# ---------------------------------------------------------------- by hand


@reports.post("/<type:kind>/bulk/segment-form")
def hand_form(kind: RecordType) -> str:
    """Into which segment the selected ones go, or which leaves them out."""
    return _hand(actor(), kind)


def _need_segments(who: Actor) -> None:
    """Raise Forbidden for who makes no segments."""
    if who.scope("segment", "create") is Scope.NONE:
        raise Forbidden(access.refusal(who, "create"))


def _hand(who: Actor, kind: RecordType, error: str = "") -> str:
    _need_segments(who)
    theirs = segments.of_type(who, kind)
    mine = [(str(each.id), str(values(each)["name"])) for each in theirs if access.may(who, each, "edit")]
    return bulk.dialog(
        "reports/_hand.html", kind, bulk.selection(who, kind), who, segments=mine, segment=request.form.get("segment", ""),
        name=request.form.get("name", ""), way=request.form.get("way", "in"), error=error,
    )  # fmt: skip


@reports.post("/<type:kind>/bulk/segment")
def hand(kind: RecordType) -> Response | tuple[str, int]:
    """Put them in, or leave them out; a new segment is made of them."""
    who = actor()
    _need_segments(who)
    chosen = bulk.selection(who, kind)
    number = ids.number(request.form.get("segment", ""))
    inside = request.form.get("way") != "out"
    try:
        if not number and not inside:
            raise Invalid({"": [str(L("Choose a segment."))]})
        with changesets.opened(who, "bulk") as mine:
            if number:
                record = access.find(who, Segment, number, "edit")
                if values(record)["about"] != kind.card.key:
                    raise BadRequest(L("There is no type “%(type)s”.", type=kind.card.key))
            else:
                record = segments.keep(who, kind, request.form.get("name", ""), None)
            some = list(itertools.islice(itertools.chain.from_iterable(chosen.chunks(who)), MOST + 1))
            segments.by_hand(who, record, some, inside=inside)
    except Invalid as error:
        return _hand(who, kind, str(error)), 422
    toasts.say(str(L("%(name)s is kept.", name=values(record)["name"])), undo=mine.id)
    return bulk.to_list(kind)
