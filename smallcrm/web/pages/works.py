"""Long works and notices: the top bar's status, a work's page with its progress, the list under the bell."""

from __future__ import annotations

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from smallcrm.base.errors import NotFound
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.jobs import notices, work
from smallcrm.records import changesets, undo
from smallcrm.web import frame, longwork
from smallcrm.web.context import actor
from smallcrm.web.pages import pages


def _running(who: Actor) -> list[tuple[str, int | None, str]]:
    return [(w.title, longwork.percent(w) or 0, f"/works/{w.id}") for w in work.under_way(who.id)[:2]]


frame.running = _running
frame.unread = lambda who: notices.unread(who.id)


@pages.get("/status")
def status() -> str:
    """What the top bar polls: works under way, unread notices, and a toast for what is new."""
    return render_template("status.html")


def _work(who: Actor, number: int) -> work.Work:
    found = work.get(number)
    if found.user != who.id and not who.may("backup"):
        raise NotFound(L("There is no such work."))
    return found


@pages.get("/works/<int:number>")
def work_page(number: int) -> str:
    """A work: its progress while it runs, what came of it afterwards."""
    who = actor()
    found = _work(who, number)
    info = changesets.info(found.changeset) if found.changeset else None
    context = {
        "work": found,
        "say": longwork.words(found),
        "percent": longwork.percent(found),
        "info": info,
        "may_undo": info is not None and undo.may_undo(who, info),
    }
    if request.headers.get("HX-Request"):
        return render_template("works/_progress.html", **context)
    return render_template("works/page.html", **context)


@pages.post("/works/<int:number>/cancel")
def work_cancel(number: int) -> Response | str:
    """Ask it to stop."""
    _work(actor(), number)
    work.cancel(number)
    if request.headers.get("HX-Request"):
        return work_page(number)
    return redirect(f"/works/{number}", 303)


@pages.get("/notices")
def notice_list() -> str:
    """What smallcrm had to say, newest first; opening it marks them read."""
    who = actor()
    before = request.args.get("before", type=int)
    found = notices.latest(who.id, before=before, limit=31)
    more = found[29].id if len(found) > 30 else None
    dialog = request.headers.get("HX-Request") and not before
    page = render_template("works/_notices.html" if dialog else "works/notices.html", notices=found[:30], more=more)
    if notices.unread(who.id):
        notices.mark_read(who.id)
    return page
