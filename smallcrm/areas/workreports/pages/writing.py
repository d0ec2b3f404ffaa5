"""Writing a report: the form comes filled in with what was done and what is planned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.workreports.pages import workreports
from smallcrm.areas.workreports.records import KINDS, WorkReport
from smallcrm.areas.workreports.rules import acts, filling, keeping, owing, periods
from smallcrm.areas.workreports.rules.filling import Figure
from smallcrm.areas.workreports.rules.periods import Period
from smallcrm.base import clock, formats, ids
from smallcrm.base.errors import Invalid, Stale, WrongState
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, change, changesets, doings, settings
from smallcrm.records.record import Record, title, values
from smallcrm.web import inputs, toasts
from smallcrm.web.api import idempotency
from smallcrm.web.context import actor
from smallcrm.web.pages import forms

TEXTS = ("done", "plan", "problems")
_KINDS = dict(KINDS)


def _kind(text: str) -> str:
    return text if text in _KINDS else KINDS[0][0]


def _day(text: str) -> dt.date:
    try:
        found = dt.date.fromisoformat(text)
    except ValueError:
        return clock.today()
    return found if dt.date(2000, 1, 1) <= found <= dt.date(2200, 1, 1) else clock.today()


def _existing(who: Actor, kind: str, period: Period) -> Record | None:
    """One's own about that period, if there is one."""
    from smallcrm import store

    sql = "SELECT id FROM work_report WHERE owner = ? AND kind = ? AND first_day = ? AND deleted_at IS NULL"
    number = store.value(sql, [who.id, kind, period[0].isoformat()])
    return access.fetch(who, WorkReport, int(number)) if number else None


@workreports.get("/work-reports/new")
def new() -> str | Response:
    """An empty one about a period, filled in ahead; one that was begun is gone on with."""
    who = actor()
    forms.need_create(who, WorkReport)
    kind, day = _kind(request.args.get("kind", "")), _day(request.args.get("day", ""))
    period = periods.of(kind, day)
    if (begun := _existing(who, kind, period)) is not None:
        return redirect(
            f"/work-reports/{begun.id}/write" if keeping.may_write(who, begun) else f"/work-reports/{begun.id}", 303
        )
    following = periods.after(kind, period)
    rule = owing.rule_for(who.id, kind)
    typed: dict[str, Any] = {**filling.proposed(who, period, following), "problems": ""}
    typed["readers"] = owing.readers_of(rule, who.id) if rule else []
    return _page(who, kind, period, typed, {}, None)


@workreports.get("/work-reports/<int:number>/write")
def write(number: int) -> str:
    """One that was begun, or handed in and not commented on yet."""
    who = actor()
    record = access.find(who, WorkReport, number, "edit")
    held = values(record)
    return _page(who, held["kind"], acts.period_of(record), held, {}, record)


def _page(
    who: Actor, kind: str, period: Period, typed: Mapping[str, Any], errors: Mapping[str, list[str]], record: Record | None
) -> str:  # fmt: skip
    rule = owing.rule_for(who.id, kind)
    figures = filling.of_report(record, period) if record is not None else filling.figures(who.id, period)
    ahead = filling.figures(who.id, periods.after(kind, period), doings.PLANNED)
    writable = access.writable(who, WorkReport)
    reading = access.reading(who, record)
    controls = {
        name: inputs.of(who, WorkReport, name, writable[name], dict(typed), errors=errors, reading=reading)
        for name in (*TEXTS, "readers")
        if name in writable
    }
    return render_template(
        "workreports/write.html",
        record=record,
        kind=WorkReport,
        report_kind=kind,
        title=_KINDS[kind],
        period=periods.words(kind, period),
        day=period[0],
        kinds=[(str(words), f"/work-reports/new?kind={key}&day={period[1]}", key == kind) for key, words in KINDS],
        before=f"/work-reports/new?kind={kind}&day={periods.before(kind, period)[0]}",
        after=f"/work-reports/new?kind={kind}&day={periods.after(kind, period)[0]}"
        if period[1] < clock.today()
        else "",
        figures=drawn(who, [*figures]),
        ahead=drawn(who, ahead),
        controls=controls,
        errors=errors,
        window=_window(rule, period, record),
        once=request.form.get("once") or ids.token(),
        may=record is None or keeping.may_write(who, record),
        labels_by_name={},
    )


def _window(rule: owing.Rule | None, period: Period, record: Record | None) -> tuple[str, str]:
    """(words, tone) about the time that is left."""
    if record is not None and record.__data__["handed_in_at"]:
        when = formats.moment(record.__data__["handed_in_at"])
        return (
            (str(L("Handed in late, %(when)s", when=when)), "warn")
            if record.__data__["late"]
            else (str(L("Handed in %(when)s", when=when)), "good")
        )
    if rule is None:
        return str(L("Nobody waits for this one; hand it in whenever you like.")), ""
    closes = rule.window(period)[1]
    if closes < clock.now():
        return str(
            L("It was due until %(time)s: handed in now it is marked as late.", time=owing.until(closes))
        ), "warn"
    return str(L("It is due until %(time)s.", time=owing.until(closes))), "acc"


def drawn(who: Actor, figures: list[Figure]) -> list[dict[str, Any]]:
    """Figures with the records behind them that the reader may open."""
    names = filling.names(who, figures)
    currency = str(settings.get("company.currency"))
    return [
        {
            "label": str(f.label), "icon": f.icon or "circle-check", "count": f.count,
            "minutes": formats.duration(f.minutes) if f.minutes else "",
            "amount": formats.currency(f.amount, currency) if f.amount is not None else "",
            "records": [names[each] for each in f.records if each in names],
        }
        for f in figures
    ]  # fmt: skip


@workreports.post("/work-reports/write")
def keep() -> Response | tuple[str, int]:
    """Keep it as a draft, or hand it in."""
    who = actor()
    forms.need_create(who, WorkReport)
    number = ids.number(request.form.get("id", ""))
    record = access.find(who, WorkReport, number, "edit") if number else None
    kind, day = _kind(request.form.get("kind", "")), _day(request.form.get("day", ""))
    period = acts.period_of(record) if record is not None else periods.of(kind, day)
    if record is not None:
        kind = record.__data__["kind"]
    typed: dict[str, Any] = {name: request.form.get(name, "") for name in TEXTS if name in request.form}
    if "readers" in request.form or "readers-sent" in request.form:
        typed["readers"] = [each for each in request.form.getlist("readers") if each]
    try:
        return redirect(idempotency.form_once(who, lambda: _keep(who, record, kind, period, typed)), 303)
    except Invalid as error:
        return _page(who, kind, period, _held(record, typed), error.errors, record), 422
    except WrongState as error:
        return _page(who, kind, period, _held(record, typed), {"": [str(error)]}, record), 409
    except Stale as stale:
        now = stale.detail.get("record") or record
        return _page(who, kind, period, _held(now, typed), {"": [str(stale)]}, now), 412


def _held(record: Record | None, typed: Mapping[str, Any]) -> dict[str, Any]:
    return {**(values(record) if record is not None else {}), **typed}


def _keep(who: Actor, record: Record | None, kind: str, period: Period, typed: Mapping[str, Any]) -> str:
    given = {name: value or None for name, value in typed.items() if name in access.writable(who, WorkReport)}
    wants = request.form.get("act") == "hand_in"
    with changesets.opened(who, "form") as mine:
        if record is None:
            kept = change.create(
                who, WorkReport, {**given, "kind": kind, "day": period[0].isoformat(), "owner": who.id}
            )
        else:
            kept = change.update(who, record, given, version=request.form.get("version", type=int))
        if wants and not kept.__data__["handed_in_at"]:
            kept = acts.hand_in(who, kept)
    text = L("Handed in: %(what)s") if wants else L("Kept: %(what)s")
    toasts.say(str(text) % {"what": title(kept)}, undo=mine.id or None)
    return f"/work-reports/{kept.id}" if wants else f"/work-reports/{kept.id}/write"
