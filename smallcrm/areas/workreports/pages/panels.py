"""A report on its own page: its words, its figures, who has read it, what was said; and what today asks for."""

from __future__ import annotations

import datetime as dt
from typing import Any

from markupsafe import Markup

from smallcrm.areas.workreports.pages.writing import drawn
from smallcrm.areas.workreports.records import DRAFT, KINDS, STATES, WorkReport
from smallcrm.areas.workreports.rules import acts, counting, filling, keeping, periods
from smallcrm.areas.workreports.rules.readers import users_of
from smallcrm.base import clock, formats, ids
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access
from smallcrm.records.record import Record, title, values
from smallcrm.web.templating import fragment

_STATES = {option.key: option for option in STATES}
_KINDS = dict(KINDS)
FEW = 5


def of_report(who: Actor, record: Record) -> Markup | str:
    """The report as it is read."""
    held = values(record)
    shown = access.shown_of(who, WorkReport, held)
    figures = drawn(who, filling.of_report(record, acts.period_of(record)))
    return fragment(
        "workreports/_report.html",
        record=record,
        figures=figures,
        words={name: held.get(name) for name in ("done", "plan", "problems") if name in shown},
        state=_STATES[held.get("state") or DRAFT],
        late=bool(held.get("late")),
        may_write=keeping.may_write(who, record),
        reads=record.owner != who.id
        and acts.may_answer(who, record)
        and held.get("state") != DRAFT
        and not record.deleted_at,
        answers=answers(who, record),
    )


def answers(who: Actor, record: Record, *, text: str = "", error: str = "") -> Markup:
    """Readers and comments, as they stand and are asked for anew."""
    said, read = acts.comments(record), acts.readings(record)
    wanted = [user for user in users_of(record.__data__["readers"] or ()) if user != record.owner]
    people = access.names(who, "user", {*wanted, *(c.author for c in said), *(user for user, _, _ in read)})
    seen = {user: (at, liked) for user, at, liked in read}
    return fragment(
        "workreports/_answers.html",
        record=record,
        draft=record.__data__["state"] == DRAFT,
        readers=[
            (
                people.get(user, "–"),
                formats.moment(seen[user][0]) if user in seen else "",
                user in seen and seen[user][1],
            )
            for user in dict.fromkeys([*wanted, *seen])
        ],
        comments=[
            (c.id, people.get(c.author, "–"), formats.moment(c.at), c.text, c.author == who.id or who.may("settings"))
            for c in said
        ],
        mine=record.owner == who.id,
        liked=who.id in seen and seen[who.id][1],
        may=acts.may_answer(who, record) and not record.deleted_at,
        text=text,
        error=error,
        once=ids.token(),
    )


def today(who: Actor, team: bool) -> Markup | str:
    """What one owes, and what there is to read."""
    if who.scope("work_report", "view") is Scope.NONE or team:
        return ""
    owed = counting.owed_by(who.id) if who.scope("work_report", "create") is not Scope.NONE else []
    unread = access.fetch_many(who, WorkReport, counting.unread(who))
    if not owed and not unread:
        return ""
    names = access.names(who, "user", {each.owner or 0 for each in unread})
    return fragment(
        "workreports/_today.html",
        kind=WorkReport,
        owed=[
            {
                "label": _KINDS[each.kind],
                "period": periods.words(each.kind, each.period),
                "url": f"/work-reports/new?kind={each.kind}&day={each.period[0]}",
                "until": _until(each),
                "late": each.late,
                "begun": each.report is not None,
            }
            for each in owed
        ],
        unread=[(int(each.id), title(each), names.get(each.owner or 0, "")) for each in unread[:FEW]],
        more=max(0, len(unread) - FEW),
    )


def _until(each: Any) -> str:
    last = each.closes - dt.timedelta(minutes=1)  # midnight ends the day before
    return (
        formats.time(each.closes)
        if clock.day_of(each.closes) == clock.today()
        else formats.near_date(clock.day_of(last))
    )
