"""A record's page: facts at the left, what happened in the middle, related things at the right; its history and its acts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import make_response, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from smallcrm.base import ids
from smallcrm.base.errors import BadRequest, Invalid, NotFound
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import (
    access,
    asof,
    cache,
    change,
    changesets,
    labels,
    merge,
    present,
    timeline,
    transfer,
    warnings,
)
from smallcrm.records.custom import fields_of
from smallcrm.records.fields import Field
from smallcrm.records.record import Record, RecordType, by_key, title, values
from smallcrm.web import area, cells, entries, reauth, state, toasts
from smallcrm.web.context import actor
from smallcrm.web.drawn import filled, numbered
from smallcrm.web.pages import forms, pages
from smallcrm.web.security import csrf_token, local_path
from smallcrm.web.templating import macros

_HEAD = ("owner", "team", "created_at", "updated_at", "pool", "entered_pool_at")


@pages.get("/<type:kind>/<int:number>")
def record_page(kind: RecordType, number: int) -> Response | str:
    """The page; a merged record leads to the one it lives on in."""
    who = actor()
    record = access.fetch(who, kind, number)
    if record is None:
        onward = merge.redirect(kind, number)
        if onward and access.fetch(who, kind, onward):
            toasts.say(str(L("This was merged. Here is where it lives on.")), tone="")
            return redirect(f"/{kind.card.name}/{onward}")
        binned = access.fetch(who, kind, number, bin=True)
        if binned is None:
            raise NotFound(L("There is nothing here, or you may not see it."))
        return _page(who, binned)
    return _page(who, record)


def _page(who: Actor, record: Record) -> str:
    kind = type(record)
    moment = state.moment()
    held = values(record)
    if moment:
        then = asof.of_record(kind, int(record.id), moment)
        if then is None:
            raise NotFound(L("It did not exist yet on that day."))
        held = then
    related = [] if moment else _drawn(who, record, "related")
    return render_template(
        "record/page.html",
        kind=kind,
        record=record,
        name=str(held.get(kind.card.title) or title(record)),
        values={n: held.get(n) for n in access.shown_of(who, kind, held)},
        facts=facts(who, record, held, editable=not moment and not record.deleted_at),
        figures=[] if moment else _drawn(who, record, "figures"),
        related=related,
        tabs=_tabs(related),
        under_facts=[] if moment else _drawn(who, record, "facts"),
        middle=[] if moment else _drawn(who, record, "middle"),
        head=[] if moment else _drawn(who, record, "head"),
        may=(may := {verb: access.may(who, record, verb) for verb in ("edit", "delete", "assign")}),
        acts=(acts := _acts(who, record, may)),
        in_menu=_in_menu(record, acts, may),
        as_of=moment,
        timeline=timeline_context(who, record, until=moment),
        unfilled=unfilled,
    )


def _drawn(who: Actor, record: Record, place: str) -> list[Any]:
    return [drawn for panel in area.panels(record.card.key, place) if (drawn := panel.draw(who, record))]


def _tabs(related: list[Any]) -> list[tuple[str, str, int | None, bool]]:
    """A phone's tabs (key, label, count, current): the three columns, and each related part that asks for its own."""
    own = [(f"part-{n}", part.tab, part.n, False) for n, part in enumerate(related) if isinstance(part, area.Part)]
    rest = [("related", str(L("Related")), None, False)] if len(own) < len(related) else []
    return [("middle", str(L("What happened")), None, True), ("facts", str(L("Facts")), None, False), *own, *rest]


def _acts(who: Actor, record: Record, may: dict[str, bool]) -> list[tuple[area.Act, str]]:
    """The acts on this record and their addresses."""
    if record.deleted_at:
        return []
    return [
        (act, url)
        for act in area.acts(record.card.key)
        if may.get(act.verb, True)
        and who.scope(record.card.key, act.verb) is not Scope.NONE
        and (act.shown is None or act.shown(who, record))
        and (url := _address(act, who, record))
    ]


def _address(act: area.Act, who: Actor, record: Record) -> str:
    if callable(act.url):
        return act.url(who, record)
    return act.url.format(id=record.id) if "{id}" in act.url else ""


def _in_menu(record: Record, acts: list[tuple[area.Act, str]], may: dict[str, bool]) -> Markup:
    """What is in the menu of the head, alike for all records on which the same may be done."""
    card = record.card
    mine = [(act, url if callable(act.url) else "") for act, url in acts if act.place != "head"]
    hand_over = may["assign"] and card.reach != "open" and not record.__data__.get("pool")

    def draw(mark: str) -> str:
        shown = [(act, url or str(act.url).format(id=mark)) for act, url in mine]
        return str(macros("record/_menu.html").inside(f"/{card.name}/{mark}", shown, _CSRF, may, hand_over))

    told = [(act.key, url) for act, url in mine]
    menu = numbered("record menu", record.id, draw, card.key, *told, may["edit"], may["delete"], hand_over)
    return Markup(menu.replace(_CSRF, csrf_token()))  # noqa: S704  a template drew it, the token is letters and digits


_CSRF = "\ue001"  # stands for the session's token in a menu that all sessions share
_elsewhere: dict[str, set[str]] = {}
_beside: dict[tuple[str, str], Callable[[Actor, Record], Markup | str]] = {}


def shown_elsewhere(record_type: str, *names: str) -> None:
    """These fields, once filled, have a place of their own on the page (a panel): the facts leave them out."""
    _elsewhere.setdefault(record_type, set()).update(names)


def beside(record_type: str, name: str, draw: Callable[[Actor, Record], Markup | str]) -> None:
    """An area says more beside a fact's value: what is proposed, and why."""
    _beside[record_type, name] = draw


Row = tuple[str, Any, str | None]  # label, value, address of its editor
Section = tuple[
    str, str, list[Row], list[tuple[str, str]]
]  # key, heading, filled rows, labels and names of empty fields


def facts(who: Actor, record: Record, held: dict[str, Any], *, editable: bool) -> list[Section]:
    """A record's facts, section by section."""
    kind = type(record)
    reading = access.reading(who, record)
    writable = access.writable(who, kind) if editable and access.may(who, record, "edit") else {}
    odd = warnings.of_record(who, record) if editable else {}
    left_out = _elsewhere.get(kind.card.key, set())
    readable = access.readable(who, kind)
    found: list[Section] = []
    for key, heading, names in _sections(kind.card.key):
        rows: list[Row] = []
        empty: list[tuple[str, str]] = []
        for name in names:
            each = readable.get(name)
            if each is None:
                continue
            value = _value(each, held, reading)
            if name in left_out if value else not forms.fits(kind, held, each):
                continue
            more = _beside.get((kind.card.key, name)) if editable else None
            if more and (said := more(who, record)):
                value = filled("{} {}", value, said)
            if name in odd:
                value = _odd(value, odd[name])
            cell = (
                f"/{kind.card.name}/{record.id}/cell/{name}"
                if name in writable and each.inline and name not in reading.masked
                else None
            )
            if value:
                rows.append((labels.field(kind, name), value, cell))
            elif cell:
                empty.append((labels.field(kind, name), name))
        if rows or (empty and not found):
            found.append((key, str(heading), rows, empty))
        elif empty:
            found[0][3].extend(empty)
    return found


def unfilled(record: Record, empty: list[tuple[str, str]]) -> Markup:
    """The rows of empty fields, alike for all records that lack the same."""

    def draw(mark: str) -> str:
        rows = [(label, "", f"/{record.card.name}/{mark}/cell/{name}") for label, name in empty]
        return str(macros("parts/section.html").kv(rows))

    return numbered("unfilled", record.id, draw, record.card.key, *empty)


@cache.kept
def _sections(key: str) -> list[tuple[str, Any, list[str]]]:
    """(section, heading, names of its fields) of a type's facts."""
    kind = by_key(key)
    sections = kind.card.sections or (("main", L("Basics")),)
    names = [name for name in fields_of(kind) if name != kind.card.title and name not in _HEAD]
    return [
        (section, heading, [n for n in names if fields_of(kind)[n].section == section]) for section, heading in sections
    ]


def _odd(value: Any, said: list[str]) -> Markup:
    """The value with what is odd about it below."""
    return filled(
        '<span class="vstack gap1"><span>{}</span><small class="odd">{}{}</small></span>',
        value,
        cells.warn_icon(),
        " ".join(said),
    )


def _value(each: Field, held: dict[str, Any], reading: Any) -> Any:
    from smallcrm.web.values import html

    return html(each, held, reading) if held.get(each.columns[0]) not in (None, [], "") else ""


# ---------------------------------------------------------------- timeline


def timeline_context(who: Actor, record: Record, *, until: str | None = None) -> dict[str, Any]:
    """What the timeline's template needs, from the request's ``only`` and ``after``; only what lies before ``until``."""
    only = request.args.get("only", "")
    after = (until, "", 0) if until else _after(request.args.get("after", ""))
    counts: dict[str, int] = {}
    if only or after:
        items, following = timeline.page(who, record, only=only, after=after)
        counts = timeline.counts(who, record) if not after else {}
    else:
        items, following, counts = timeline.opening(who, record)
    return {
        "record": record,
        "groups": entries.by_day(who, record, items),
        "next": ",".join(map(str, following)) if following else None,
        "only": only,
        "chips": timeline.chips(),
        "counts": counts,
        "first": after is None,
    }


def _after(text: str) -> tuple[str, str, int] | None:
    if not text:
        return None
    parts = text.split(",")
    number = ids.number(parts[2]) if len(parts) == 3 else None
    if number is None:
        raise BadRequest(L("This is no place in the timeline."))
    return parts[0], parts[1], number


@pages.get("/<type:kind>/<int:number>/timeline")
def timeline_part(kind: RecordType, number: int) -> str:
    """The timeline of a chip, or what follows."""
    who = actor()
    record = access.find(who, kind, number, bin=True)
    name = "record/_timeline_items.html" if request.args.get("after") else "record/_timeline.html"
    return render_template(name, timeline=timeline_context(who, record), kind=kind)


# ---------------------------------------------------------------- history


@pages.get("/<type:kind>/<int:number>/history")
def history(kind: RecordType, number: int) -> str:
    """Every change of the record, field by field, within what the actor may read."""
    who = actor()
    record = access.find(who, kind, number, bin=True)
    before = request.args.get("before", 2**62, type=int)
    found = changesets.history(kind.card.key, number, before=before, limit=51)
    more = found[50].id + 1 if len(found) > 50 else None
    return render_template(
        "record/history.html",
        kind=kind,
        record=record,
        name=title(record),
        rows=entries.changes(who, record, found[:50]),
        more=more,
    )


@pages.get("/<type:kind>/<int:number>/why")
def why(kind: RecordType, number: int) -> str:
    """Why the actor sees this record."""
    who = actor()
    record = access.find(who, kind, number)
    return render_template("record/_why.html", reasons=access.reasons(who, record))


# ---------------------------------------------------------------- acts every type has


@pages.post("/<type:kind>/<int:number>/delete")
def delete(kind: RecordType, number: int) -> Response:
    """Into the bin, with Undo."""
    who = actor()
    record = access.find(who, kind, number, "delete")
    reauth.need(kind, ["deleted_at"])
    with changesets.opened(who, "delete") as mine:
        change.delete(who, record, version=request.form.get("version", type=int))
    more = mine.count - 1
    text = L("%(name)s is in the bin.", name=title(record))
    if more > 0:
        extra = ngettext(
            "%(n)s thing that belongs to it went along.", "%(n)s things that belong to it went along.", more
        )
        toasts.say(f"{text} {extra}", undo=mine.id)
    else:
        toasts.say(str(text), undo=mine.id)
    return redirect(f"/{kind.card.name}", 303)


@pages.post("/<type:kind>/<int:number>/restore")
def restore(kind: RecordType, number: int) -> Response:
    """Out of the bin."""
    who = actor()
    record = access.find(who, kind, number, bin=True)
    reauth.need(kind, ["deleted_at"])
    with changesets.opened(who, "restore") as mine:
        change.restore(who, record)
    toasts.say(str(L("%(name)s is back.", name=title(record))), undo=mine.id)
    return redirect(f"/{kind.card.name}/{number}", 303)


@pages.get("/<type:kind>/<int:number>/assign")
def assign_form(kind: RecordType, number: int) -> str:
    """To whom it is handed over."""
    who = actor()
    record = access.find(who, kind, number, "assign")
    return render_template("record/_assign.html", kind=kind, record=record, name=title(record), error="", owner="")


@pages.post("/<type:kind>/<int:number>/assign")
def assign(kind: RecordType, number: int) -> Response | tuple[str, int]:
    """Hand over."""
    who = actor()
    record = access.find(who, kind, number, "assign")
    owner = request.form.get("owner", 0, type=int)
    reason = request.form.get("reason", "")[:200]
    try:
        with changesets.opened(who, "transfer", reason) as mine:
            transfer.assign(who, record, owner=owner, reason=reason)
    except Invalid as error:
        page = render_template(
            "record/_assign.html", kind=kind, record=record, name=title(record), error=str(error), owner=owner
        )
        return page, 422
    name = access.names(who, "user", [owner]).get(owner, "")
    toasts.say(str(L("%(what)s belongs to %(who)s now.", what=title(record), who=name)), undo=mine.id)
    still = access.fetch(who, kind, number)
    return to(f"/{kind.card.name}/{number}" if still else f"/{kind.card.name}")


def to(url: str) -> Response:
    """Go to a page, also from a dialog."""
    if request.headers.get("HX-Request"):
        response = make_response("", 204)
        response.headers["HX-Redirect"] = url
        return response
    return redirect(url, 303)


def back(fallback: str) -> Response:
    """To where the form says it came from, if that is one of our pages."""
    return to(local_path(request.form.get("next"), fallback))


__all__ = ["back", "facts", "present", "record_page", "shown_elsewhere", "to"]
