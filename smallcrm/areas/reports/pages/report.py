"""A standard report: its numbers as tiles, its figures as charts with their tables; the same as a workbook."""

from __future__ import annotations

from flask import make_response, render_template
from werkzeug.wrappers import Response

from smallcrm.areas.reports import drawing
from smallcrm.areas.reports.drawing import Shown
from smallcrm.areas.reports.pages import asked, reports
from smallcrm.areas.reports.pages.asked import Asked
from smallcrm.areas.reports.rules import book
from smallcrm.base import clock
from smallcrm.base.errors import NotFound
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import figures
from smallcrm.records.figures import Report, ready
from smallcrm.web import downloads
from smallcrm.web.context import actor

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _found(who: Actor, key: str) -> Report:
    made = ready.find_report(key)
    if made is None or not ready.of_report(who, made):
        raise NotFound(L("There is no such report, or you may not see it."))
    return made


def _asked(who: Actor, made: Report) -> Asked:
    return asked.read(who, period=made.period, compare=made.compare)


def shown(who: Actor, made: Report, asked: Asked) -> list[Shown]:
    """The report's figures, worked out."""
    return [
        drawing.show(each.key, str(each.name), figures.ask(who, asked.of(each.spec)), str(each.how))
        for each in ready.of_report(who, made)
    ]


@reports.get("/reports/<key>")
def report(key: str) -> str:
    """The page."""
    who = actor()
    made = _found(who, key)
    here = _asked(who, made)
    drawn = shown(who, made, here)
    return render_template(
        "reports/report.html",
        report=made,
        asked=here,
        tiles=[each for each in drawn if each.number],
        cards=[each for each in drawn if not each.number],
        others=ready.reports(who),
    )


@reports.get("/reports/<key>/excel")
def report_excel(key: str) -> Response:
    """The report as a workbook: a sheet for each figure."""
    who = actor()
    made = _found(who, key)
    here = _asked(who, made)
    found = [
        (str(each.name), figures.ask(who, here.of(each.spec)), str(each.how)) for each in ready.of_report(who, made)
    ]
    return workbook(book.of_figures(who, str(made.name), found, whose=here.said), str(made.name))


def workbook(content: bytes, name: str) -> Response:
    """A workbook to be saved, called by its name and the day."""
    response = make_response(content)
    response.headers["Content-Type"] = XLSX
    response.headers["Cache-Control"] = "no-store"
    return downloads.saved_as(response, f"{name} {clock.today().isoformat()}.xlsx")
