"""The run with its progress, and what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.transfer import checking, drawing, running, staging
from smallcrm.areas.transfer.pages import transfer
from smallcrm.areas.transfer.pages.importing import STEPS, need
from smallcrm.areas.transfer.staging import Staged
from smallcrm.base.errors import NotFound
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.jobs import work
from smallcrm.records import changesets, undo
from smallcrm.records.importing.plan import summary_of
from smallcrm.records.importing.planning import Plan
from smallcrm.records.importing.running import write_failed
from smallcrm.records.record import RecordType
from smallcrm.web import downloads, longwork
from smallcrm.web.context import actor

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def result_page(who: Actor, kind: RecordType, found: Staged) -> Response | str:
    """Step 3 while it runs, step 4 afterwards."""
    assert found.work is not None
    job = work.get(found.work)
    info = changesets.info(job.changeset) if job.changeset else None
    context: dict[str, Any] = {
        "kind": kind, "found": found, "work": job, "say": longwork.words(job), "percent": longwork.percent(job),
        "steps": STEPS, "url": f"/{kind.card.name}/import/{found.token}", "info": info,
        "may_undo": info is not None and undo.may_undo(who, info), "result": found.result,
    }  # fmt: skip
    if found.result and not job.is_open:
        summary = summary_of(found.result["summary"])
        context["tiles"] = drawing.tiles(summary)
        context["counts"] = running.told(found.result)
    if request.headers.get("HX-Request"):
        response = make_response(render_template("transfer/_run.html", **context))
        if not job.is_open:
            response.headers["HX-Refresh"] = "true"
        return response
    return render_template("transfer/run.html", **context)


@transfer.get("/<type:kind>/import/<token>/to-mend.xlsx")
def to_mend(kind: RecordType, token: str) -> Response:
    """The rows that did not come in, after the run."""
    who = actor()
    need(who, kind)
    found = staging.find(who, token, kind=kind)
    path = found.folder / "run" / running.MEND
    if not path.is_file():
        raise NotFound(L("Every row came in; there is nothing to mend."))
    return _sent(path, found)


def _sent(path: Path, found: Staged) -> Response:
    name = found.name.rpartition(".")[0] or found.name
    response = make_response(path.read_bytes())
    response.headers["Content-Type"] = XLSX
    downloads.saved_as(response, str(L("%(name)s to mend.xlsx", name=name)))
    response.headers["Cache-Control"] = "no-store"
    return response


@transfer.get("/<type:kind>/import/<token>/problems.xlsx")
def problems(kind: RecordType, token: str) -> Response:
    """The rows that would not come in, before anything is written."""
    who = actor()
    need(who, kind)
    found = staging.find(who, token, kind=kind)
    folder = found.folder / "problems"
    folder.mkdir(exist_ok=True)
    with checking.opened(found) as book:
        reading = checking.read(who, kind, found, book).reading
        plan = Plan(who, kind, reading, folder)
        plan.make()
        path = folder / running.MEND
        path.unlink(missing_ok=True)
        if not write_failed(plan, path):
            raise NotFound(L("Every row comes in; there is nothing to mend."))
    return _sent(path, found)
