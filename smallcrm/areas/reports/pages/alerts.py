"""Alerts: what there is and how it stands, making one, switching it off."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.reports.pages import reports
from smallcrm.areas.reports.records import Alert
from smallcrm.areas.reports.records.choices import SIDES
from smallcrm.areas.reports.rules import alerts, figures
from smallcrm.base import ids
from smallcrm.base.errors import BadRequest, Forbidden, Invalid, SmallcrmError
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, change, changesets, query
from smallcrm.records.record import Record, values
from smallcrm.web import inputs, toasts, typed
from smallcrm.web.api import idempotency
from smallcrm.web.context import actor

FORM = ("name", "side", "threshold", "recipients", "note", "enabled")


@reports.get("/reports/alerts")
def alert_list() -> str:
    """What there is; the form for another one beside it."""
    who = actor()
    return _page(who)


def _page(who: Actor, given: dict[str, Any] | None = None, errors: dict[str, list[str]] | None = None) -> str:
    page = query.page(query.Ask(who, Alert, limit=200))
    records = access.fetch_many(who, Alert, [row[0] for row in page.rows])
    readable = access.readable(who, Alert)
    start = {"side": "below", "enabled": 1, "name": ""}
    singles = [(ref, name) for ref, name in figures.offered(who) if not _grouped(who, ref)]
    return render_template(
        "reports/alerts.html", rows=[_row(who, each) for each in records], singles=singles, once=ids.token(), errors=errors or {},
        figure=request.values.get("figure", ""), may_make=who.scope("alert", "create") is not Scope.NONE,
        controls=[inputs.of(who, Alert, name, readable[name], start, typed=given, errors=errors) for name in FORM],
    )  # fmt: skip


def _grouped(who: Actor, ref: str) -> bool:
    try:
        return bool(figures.find(who, ref).spec.by)
    except SmallcrmError:
        return True


def _row(who: Actor, record: Record) -> dict[str, Any]:
    held = values(record)
    found: dict[str, Any] = {
        "id": record.id, "name": held["name"], "side": str(dict(SIDES)[held["side"] or "below"]), "enabled": bool(held["enabled"]),
        "mine": access.may(who, record, "edit"), "figure": held["figure"], "trouble": "",
        "crossings": alerts.crossings(record, who.id),
    }  # fmt: skip
    try:
        looked = alerts.look(who, record)
        found |= {"what": looked.name, "value": looked.said, "threshold": looked.threshold, "crossed": looked.crossed}
    except (SmallcrmError, BadRequest) as error:
        found |= {
            "what": held["figure"],
            "value": "—",
            "threshold": str(alerts.threshold(record)),
            "crossed": False,
            "trouble": str(error),
        }
    return found


@reports.post("/reports/alerts")
def keep_alert() -> Response | tuple[str, int]:
    """Make one."""
    who = actor()
    if who.scope("alert", "create") is Scope.NONE:
        raise Forbidden(access.refusal(who, "create"))
    given = {name: value for name, value in typed.collect(who, Alert, request.form).items() if name in FORM}
    cleaned, errors = typed.values(who, Alert, given)
    figure = request.form.get("figure", "")

    def make() -> str:
        with changesets.opened(who, "form") as mine:
            change.create(who, Alert, {**cleaned, "figure": figure})
        toasts.say(
            str(L("The alert is kept. You hear of it as soon as the figure crosses the threshold.")), undo=mine.id
        )
        return "/reports/alerts"

    try:
        if errors:
            raise Invalid(errors)
        alerts.need_single(who, figure)
        return redirect(idempotency.form_once(who, make), 303)
    except Invalid as error:
        return _page(who, given, dict(error.errors)), 422


@reports.post("/reports/alerts/<int:number>/<any(on, off, remove):act>")
def change_alert(number: int, act: str) -> Response:
    """Switch it on or off, or put it into the bin."""
    who = actor()
    record = access.find(who, Alert, number, "delete" if act == "remove" else "edit")
    with changesets.opened(who, "form") as mine:
        if act == "remove":
            change.delete(who, record)
        else:
            change.update(who, record, {"enabled": act == "on"})
    said = {"on": L("It is switched on."), "off": L("It is switched off."), "remove": L("The alert is in the bin.")}
    toasts.say(str(said[act]), undo=mine.id)
    return redirect("/reports/alerts", 303)
