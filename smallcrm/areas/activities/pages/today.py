"""Today, the first page: what is overdue, what is due, what comes next, and what other areas have to say."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from flask import render_template, request
from werkzeug.wrappers import Response

from smallcrm import store
from smallcrm.areas.activities.pages import activities
from smallcrm.areas.activities.pages.answers import changed
from smallcrm.areas.activities.pages.drawing import kind_name
from smallcrm.areas.activities.pages.line import Strip
from smallcrm.areas.activities.records import ICONS, Activity
from smallcrm.areas.activities.rules import acts, agenda
from smallcrm.areas.activities.rules.agenda import Bare, Found, Item, Whose
from smallcrm.areas.activities.rules.working_days import name_of, next_working
from smallcrm.base import clock, formats
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access
from smallcrm.records.record import by_key
from smallcrm.web import area, toasts
from smallcrm.web.context import actor


@activities.get("/")
def today() -> str:
    """The page."""
    who = actor()
    team = _team(who)
    return render_template(
        "activities/today.html",
        heading=formats.date_long(clock.today()),
        holiday=name_of(clock.today()),
        team=team,
        has_team=agenda.sees_a_team(who),
        at_side=_sections(who, team, "side"),  # the frame has a name "side" of its own
        **_lists(who, team),
    )


@activities.get("/today/lists")
def lists() -> str:
    """The lists alone, for a page on which something has changed."""
    who = actor()
    team = _team(who)
    return render_template("activities/_lists.html", team=team, again=True, **_lists(who, team))


def _team(who: Actor) -> bool:
    return request.args.get("team") == "1" and agenda.sees_a_team(who)


def _sections(who: Actor, team: bool, place: str) -> list[Any]:
    return [drawn for each in area.today_sections(place) if (drawn := each.draw(who, team))]


def _lists(who: Actor, team: bool) -> dict[str, Any]:
    """Every list, the customers and contacts of all looked up once."""
    whose = agenda.whose(who, team=team)
    parts = {
        "overdue": agenda.overdue(whose), "due": agenda.due_today(whose), "next": agenda.due_next(whose),
        "some_time": agenda.some_time(whose),
    }  # fmt: skip
    done = agenda.done_today(whose)
    named = {item.id: item for item in agenda.named(who, [*done, *(i for part in parts.values() for i in part.items)])}
    following = next_working(clock.today())
    bare = agenda.bare(who, whose, until=clock.today())
    beside = agenda.said_beside(who, named.values())
    own = agenda.said_of_items(who, [item for item in named.values() if not item.done_at])
    owners = (
        access.names(who, "user", {i.owner or 0 for i in named.values()} | {b.owner or 0 for b in bare}) if team else {}
    )
    mine = access.within(who, Activity, list(named), "edit")
    return {
        "parts": {key: _found(part, named) for key, part in parts.items()},
        "done": [named[item.id] for item in done],
        "bare": bare,
        "begins": not named and not bare and _begins(who),
        "may_plan": who.scope("activity", "create") is not Scope.NONE,
        "following": formats.date_long(following),
        "ahead": f"/calendar?view=week&day={following}&whose={'team' if team else 'mine'}",
        "move_to": _move_all_words(following),
        "summary": _summary(
            parts["overdue"].count, parts["due"].count, _first_visit([named[i.id] for i in parts["due"].items])
        ),
        "more": _sections(who, team, "main"),
        "row": lambda item: _row(item, beside=beside, own=own, owners=owners, mine=item.id in mine),
        "bare_row": lambda each: _bare_row(each, owners),
        "n": formats.number,
        "cap": agenda.COUNTED,
    }


def _begins(who: Actor) -> bool:
    """Whether there is no customer yet that the actor sees, and they may bring them in."""
    kind = by_key("customer")
    if who.scope("customer", "import") is Scope.NONE:
        return False
    where, params = access.reach(who, kind).where()
    return not store.row(f"SELECT 1 FROM customer t WHERE t.deleted_at IS NULL AND {where} LIMIT 1", params)


def _found(part: Found, named: dict[int, Item]) -> Found:
    """With names; what may be done at any time of a day stands behind that day's hours."""
    items = sorted((named[i.id] for i in part.items), key=lambda i: (i.day is None, i.day, i.all_day, i.due_at))
    return Found(tuple(items), part.count)


def _move_all_words(following: dt.date) -> str:
    if following.weekday() == 0:
        return str(L("Move all to Monday"))
    return str(L("Move all to %(day)s", day=formats.near_date(following)))


def _summary(overdue: int, due: int, visit: str) -> str:
    if not overdue and not due:
        return str(L("Nothing is due. What you plan for today shows up here."))
    said = []
    if overdue:
        said.append(ngettext("%(n)s overdue.", "%(n)s overdue.", overdue))
    if due:
        said.append(ngettext("%(n)s for today.", "%(n)s for today.", due))
    return " ".join([*said, visit] if visit else said)


def _first_visit(items: list[Item]) -> str:
    """When and where the first visit is."""
    now = clock.stamp()
    for item in items:
        if item.kind == "visit" and not item.all_day and (item.due_at or "") > now:
            at = formats.time(item.due_at)
            if item.customer and item.customer.city:
                return str(L("First visit at %(time)s in %(place)s.", time=at, place=item.customer.city))
            return str(L("First visit at %(time)s.", time=at))
    return ""


# ---------------------------------------------------------------- rows


def _when(item: Item) -> tuple[str, str]:
    """(words, tone) of the second column."""
    if item.done_at:
        return formats.time(item.done_at), "dim"
    if item.day is None:
        return str(L("Some time")), ""
    late = (clock.today() - item.day).days
    if late > 0:
        return ngettext("%(n)s day", "%(n)s days", late), "bad"
    if item.all_day:
        return str(L("Any time")), ""
    passed = (item.due_at or "") < clock.stamp()
    return formats.time(item.due_at), "warn" if passed else ""


class Row(NamedTuple):
    """What a row's template reads."""

    item: Item
    icon_name: str
    kind: str
    when: str
    tone: str
    party: str
    phone: str
    note: str
    url: str
    beside: list[Any]
    owner: str
    mine: bool


def _row(
    item: Item,
    *,
    beside: dict[int, list[Any]] | None = None,
    own: dict[int, list[Any]] | None = None,
    owners: dict[int, str] | None = None,
    mine: bool = True,
) -> Row:
    when, tone = _when(item)
    phone = next((each.phone for each in (item.contact, item.customer, item.about) if each and each.phone), "")
    note = ""
    if item.done_at:
        note = " · ".join(
            part for part in (formats.duration(item.minutes) if item.minutes else "", str(L("done"))) if part
        )
    return Row(
        item=item,
        icon_name=ICONS.get(item.kind, "note"),
        kind=kind_name(item.kind),
        when=when,
        tone=tone,
        party=item.party,
        phone=phone,
        note=note,
        url=item.url or f"/activities/{item.id}",
        beside=[*(own or {}).get(item.id, []), *((beside or {}).get(item.customer.id, []) if item.customer else [])],
        owner=(owners or {}).get(item.owner or 0, ""),
        mine=mine,
    )


def _bare_row(each: Bare, owners: dict[int, str]) -> dict[str, Any]:
    late = (clock.today() - each.on).days
    return {
        "customer": each.customer,
        "when": ngettext("%(n)s day", "%(n)s days", late) if late > 0 else str(L("Today")),
        "tone": "bad" if late > 0 else "",
        "owner": owners.get(each.owner or 0, ""),
    }


def ticked(who: Actor, number: int, strip: Strip | None) -> str:
    """A row that was just ticked off, what could follow under it, and the head of the page anew."""
    item = agenda.one(who, number)
    whose: Whose = agenda.whose(who, team=False)
    summary = _summary(
        agenda.overdue(whose).count,
        (due := agenda.due_today(whose)).count,
        _first_visit(agenda.named(who, due.items)),
    )
    return render_template(
        "activities/_ticked.html",
        r=_row(item) if item else None,
        strip=strip,
        summary=summary,
        id=number,
        done=len(agenda.done_today(whose)),
        due=due.count,
    )


@activities.post("/today/move-all")
def move_all() -> Response:
    """Everything of one's own that is overdue, to the next working day."""
    who = actor()
    following = next_working(clock.today())
    whose = agenda.whose(who, team=False)
    moved, undo = 0, 0
    found = agenda.overdue_ids(whose)
    if found:
        moved, undo = acts.move_many(who, found, to=following)
    text = ngettext("%(n)s moved to %(day)s.", "%(n)s moved to %(day)s.", moved, day=formats.near_date(following))
    toasts.say(text, undo=undo or None)
    return changed()
