"""What runs by the clock: how it went, when it comes again, at what time of day, and "run now"."""

from __future__ import annotations

import json
from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response

from smallcrm.areas.admin import settings as outward
from smallcrm.areas.admin.pages import admin
from smallcrm.areas.admin.pages.guard import need
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.jobs import registry, status, ticker
from smallcrm.records import access, settings
from smallcrm.web import toasts
from smallcrm.web.security import local_path
from smallcrm.web.settings_shell import page


@admin.get("/admin/jobs")
def jobs() -> str:
    """All of them."""
    need("backup")
    timed = {job.name for job in registry.all() if job.timing().calendar}
    return page(
        "admin/jobs.html", "/admin/jobs", jobs=[_shown(one) for one in status.all()], timed=timed, errors={},
    )  # fmt: skip


@admin.get("/admin/jobs/<name>")
def job(name: str) -> str:
    """One with its history."""
    who = need("backup")
    found = registry.get(name)
    runs = status.history(name)
    names = access.names(who, "user", [run.actor for run in runs if run.actor])
    shown = next(_shown(one) for one in status.all() if one.name == name)
    time = found.timing().time if found.timing().calendar else ""  # type: ignore[attr-defined]
    return page(
        "admin/job.html", "/admin/jobs", job=shown, runs=runs, names=names, time=time, words=_words,
    )  # fmt: skip


def _shown(one: status.Status) -> dict[str, Any]:
    return {**one.as_dict(), "result": _words(one.last_result)}


def _words(result: dict[str, Any] | None) -> str:
    """What a run did, in a line."""
    if not result:
        return ""
    return " · ".join(
        f"{name}: {value if isinstance(value, str | int) else json.dumps(value)}" for name, value in result.items()
    )


@admin.post("/admin/jobs/<name>/run")
def run(name: str) -> Response:
    """Run it now, beside its schedule."""
    who = need("backup")
    ticker.run_soon(name, by=who.id)
    toasts.say(str(L("%(name)s is running. Its result stands in its history.", name=name)))
    return redirect(local_path(request.form.get("next"), f"/admin/jobs/{registry.get(name).name}"), 303)


@admin.post("/admin/jobs/<name>/time")
def set_time(name: str) -> Response:
    """Another time of day; empty returns to its own."""
    who = need("backup")
    found, time = registry.get(name), request.form.get("time", "").strip()
    if time:
        try:
            found.timing().at_time(time)
        except ValueError:
            raise Invalid({"time": [str(L("“%(text)s” is no time of day. Write it as 02:30.", text=time))]}) from None
    times = {**outward.times(), name: time}
    settings.put(who, {"jobs.times": [f"{key}={value}" for key, value in times.items() if value] or None})
    toasts.say(str(L("Saved.")))
    return redirect(f"/admin/jobs/{name}", 303)
