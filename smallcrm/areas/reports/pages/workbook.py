"""The owner's workbook: written in the background for any period, or sent every month."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, send_file
from werkzeug.wrappers import Response

from smallcrm.areas.reports.pages import reports
from smallcrm.areas.reports.pages.report import XLSX
from smallcrm.areas.reports.records import Mailing
from smallcrm.areas.reports.rules import mailing, workbook
from smallcrm.base import ids
from smallcrm.base.errors import BadRequest, Forbidden, Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.jobs.outbox import settings as mail_settings
from smallcrm.records import access, change, changesets, query
from smallcrm.records.figures import periods
from smallcrm.records.record import Record, values
from smallcrm.store import blobs
from smallcrm.web import inputs, toasts, typed
from smallcrm.web.api import idempotency
from smallcrm.web.context import actor

FORM = ("name", "day", "period", "recipients", "note")


@reports.get("/reports/workbook")
def workbook_page() -> str:
    """The period to choose, and what goes out by mail."""
    return _page(actor())


def _page(
    who: Actor, given: dict[str, Any] | None = None, errors: dict[str, list[str]] | None = None, trouble: str = ""
) -> str:
    page = query.page(query.Ask(who, Mailing, limit=200))
    readable = access.readable(who, Mailing)
    start = {"day": 1, "period": "last_month", "name": str(L("Monthly reports"))}
    return render_template(
        "reports/workbook.html", errors=errors or {}, trouble=trouble, once=ids.token(), mail=mail_settings.mail().ready,
        periods=[(key, str(words)) for key, words in periods.WORDS.items() if not key.startswith("next_")],
        period=request.values.get("span", "last_month"), own=(request.values.get("from", ""), request.values.get("to", "")),
        rows=[_row(who, each) for each in access.fetch_many(who, Mailing, [row[0] for row in page.rows])],
        controls=[inputs.of(who, Mailing, name, readable[name], start, typed=given, errors=errors) for name in FORM],
        may_make=who.scope("mailing", "create") is not Scope.NONE,
    )  # fmt: skip


def _row(who: Actor, record: Record) -> dict[str, Any]:
    held = values(record)
    names = access.names(who, "user", mailing.receivers(record))
    return {
        "id": record.id, "name": held["name"], "day": held["day"], "enabled": bool(held["enabled"]), "mine": access.may(who, record, "edit"),
        "to": ", ".join(names.values()),
    }  # fmt: skip


@reports.post("/reports/workbook")
def write() -> Response | tuple[str, int]:
    """Have it written; leads to the work."""
    who = actor()
    period = request.form.get("span", "last_month")
    first, last = request.form.get("from", "").strip(), request.form.get("to", "").strip()
    if first or last:
        period = f"{first}..{last}"
    try:
        key = workbook.start(who, period)
    except BadRequest as error:
        return _page(who, trouble=str(error)), 422
    toasts.say(str(L("The workbook is being written. You may leave this page.")), tone="")
    return redirect(f"/works/{key}", 303)


@reports.get("/reports/workbook/<int:number>/file")
def workbook_file(number: int) -> Response:
    """The workbook that a work of one's own wrote."""
    sha, name = workbook.made(actor(), number)
    response: Response = send_file(blobs.path(sha), mimetype=XLSX, as_attachment=True, download_name=name, max_age=0)
    response.headers["Cache-Control"] = "no-store"
    return response


@reports.post("/reports/mailings")
def keep_mailing() -> Response | tuple[str, int]:
    """Send it every month from now on."""
    who = actor()
    if who.scope("mailing", "create") is Scope.NONE:
        raise Forbidden(access.refusal(who, "create"))
    given = {name: value for name, value in typed.collect(who, Mailing, request.form).items() if name in FORM}
    cleaned, errors = typed.values(who, Mailing, given)

    def make() -> str:
        with changesets.opened(who, "form") as mine:
            change.create(who, Mailing, {**cleaned, "enabled": True})
        toasts.say(str(L("It goes out every month from now on.")), undo=mine.id)
        return "/reports/workbook"

    try:
        if errors:
            raise Invalid(errors)
        return redirect(idempotency.form_once(who, make), 303)
    except Invalid as error:
        return _page(who, given, dict(error.errors)), 422


@reports.post("/reports/mailings/<int:number>/<any(on, off, remove):act>")
def change_mailing(number: int, act: str) -> Response:
    """Switch it on or off, or put it into the bin."""
    who = actor()
    record = access.find(who, Mailing, number, "delete" if act == "remove" else "edit")
    with changesets.opened(who, "form") as mine:
        if act == "remove":
            change.delete(who, record)
        else:
            change.update(who, record, {"enabled": act == "on"})
    said = {"on": L("It is switched on."), "off": L("It is switched off."), "remove": L("It is in the bin.")}
    toasts.say(str(said[act]), undo=mine.id)
    return redirect("/reports/workbook", 303)
