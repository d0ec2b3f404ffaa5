"""Who has handed in: in time, late, missing, per person and stretch of time, with the names of those who have not."""

from __future__ import annotations

import datetime as dt

from flask import render_template, request

from smallcrm.areas.workreports.pages import workreports
from smallcrm.areas.workreports.records import DAILY, KINDS, WEEKLY, WorkReport
from smallcrm.areas.workreports.rules import counting, owing, periods
from smallcrm.base import clock
from smallcrm.base.errors import NotFound
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Scope
from smallcrm.records import access
from smallcrm.web.context import actor

_KINDS = dict(KINDS)
SHOWN = 6  # missing periods that are named


def _date(name: str, otherwise: dt.date) -> dt.date:
    try:
        found = dt.date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return otherwise
    return found if dt.date(2000, 1, 1) <= found <= dt.date(2200, 1, 1) else otherwise


@workreports.get("/work-reports/statistics")
def statistics() -> str:
    """The page. A manager sees their own people."""
    who = actor()
    if who.scope("work_report", "view") is Scope.NONE:
        raise NotFound(L("There is nothing here, or you may not see it."))
    kind = request.args.get("kind", "")
    kind = kind if kind in _KINDS else DAILY
    today = clock.today()
    usual = {DAILY: 13, WEEKLY: 55}.get(kind, 183)
    last = min(_date("to", today), today)
    first = _date("from", last - dt.timedelta(days=usual))
    first = max(min(first, last), last - dt.timedelta(days=counting.LONGEST))
    users = counting.people_seen(who)
    found = counting.tally(users, kind, first, last)
    names = access.names(who, "user", users)
    return render_template(
        "workreports/statistics.html",
        kind=WorkReport,
        kinds=[(str(words), f"/work-reports/statistics?kind={key}", key == kind) for key, words in KINDS],
        kind_now=kind,
        first=first,
        last=last,
        rows=[
            {
                "name": names.get(each.user, "–"), "owed": each.owed, "in_time": each.in_time, "late": each.late,
                "missing": len(each.missing), "open": each.open,
                "which": ", ".join(periods.words(kind, period) for period in each.missing[-SHOWN:]),
                "more": max(0, len(each.missing) - SHOWN),
                "percent": round(each.in_time * 100 / each.owed) if each.owed else None,
                "url": f'/work-reports?filter={{"all":[{{"field":"owner","op":"eq","value":{each.user}}},{{"field":"kind","op":"eq","value":"{kind}"}}]}}',
            }
            for each in sorted(found, key=lambda each: (-len(each.missing), names.get(each.user, "")))
        ],
        now=_now(kind, set(users), names),
        has_rule=any(rule.kind == kind for rule in owing.in_force()),
        may_rule=who.may("settings"),
    )  # fmt: skip


def _now(kind: str, users: set[int], names: dict[int, str]) -> list[tuple[str, str, list[str]]]:
    """(period, until when, who has not handed in) of each rule's period that is open now, or was last."""
    found = []
    for rule in owing.in_force():
        if rule.kind != kind:
            continue
        period = counting.latest(rule)
        if period is None:
            continue
        lacking = [names.get(user, "–") for user in counting.not_handed_in(rule, period) if user in users]
        found.append((periods.words(kind, period), owing.until(rule.window(period)[1]), lacking))
    return found
