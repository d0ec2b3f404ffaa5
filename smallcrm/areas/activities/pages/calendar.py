"""The calendar: a month, a week or a day of one's own, of one person, or of the team."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.activities.pages import activities
from smallcrm.areas.activities.pages.answers import changed
from smallcrm.areas.activities.records import ICONS, KINDS, Activity
from smallcrm.areas.activities.rules import agenda, diary
from smallcrm.areas.activities.rules.diary import Entry
from smallcrm.areas.activities.rules.working_days import is_working, name_of
from smallcrm.areas.customers.records import Customer
from smallcrm.base import clock, formats
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, change, changesets
from smallcrm.records.record import values
from smallcrm.web import toasts
from smallcrm.web.context import actor

VIEWS = {"month": L("Month"), "week": L("Week"), "day": L("Day")}
PLANNABLE = [option for option in KINDS if option.key != "note"]
A_CELL = 4  # entries that a day of a month shows
ONE = dt.timedelta(days=1)


@dataclass(frozen=True)
class Shown:
    """What the address asks for."""

    view: str
    day: dt.date
    whose: str
    kinds: tuple[str, ...]

    def url(self, **differing: Any) -> str:
        """The address with something else in it."""
        held = {
            "view": self.view,
            "day": self.day.isoformat(),
            "whose": self.whose,
            "kinds": ",".join(self.kinds),
            **differing,
        }
        return "/calendar?" + urlencode({k: v for k, v in held.items() if v and (k, v) != ("whose", "mine")})

    @property
    def range(self) -> tuple[dt.date, dt.date]:
        """First and last day; a month is drawn in whole weeks."""
        if self.view == "day":
            return self.day, self.day
        if self.view == "week":
            monday = self.day - ONE * self.day.weekday()
            return monday, monday + ONE * 6
        first = self.day.replace(day=1)
        last = (first + ONE * 31).replace(day=1) - ONE
        return first - ONE * first.weekday(), last + ONE * (6 - last.weekday())

    def step(self, by: int) -> dt.date:
        """The day that the arrows lead to."""
        if self.view != "month":
            return self.day + ONE * by * (7 if self.view == "week" else 1)
        first = self.day.replace(day=1)
        return (first + ONE * 31).replace(day=1) if by > 0 else (first - ONE).replace(day=1)


def _shown() -> Shown:
    try:
        day = dt.date.fromisoformat(request.args.get("day", ""))
        day = day if 1900 < day.year < 2200 else clock.today()
    except ValueError:
        day = clock.today()
    known = {option.key for option in PLANNABLE}
    view = request.args.get("view") or ("month" if request.args.get("day") is None else "day")
    kinds = tuple(k for k in request.args.get("kinds", "").split(",") if k in known)
    return Shown(view if view in VIEWS else "month", day, request.args.get("whose", "mine")[:12], kinds)


@activities.get("/calendar")
def calendar() -> str:
    """The page."""
    who, shown = actor(), _shown()
    whose = diary.of(who, shown.whose)
    first, last = shown.range
    kinds = shown.kinds or tuple(option.key for option in PLANNABLE)
    most = diary.MOST if shown.view == "month" else diary.MOST_DRAWN
    found = diary.entries(who, whose, first, last, kinds, most=most)
    truncated = len(found) >= most
    dates = [] if shown.kinds else diary.bare(who, whose, first, last)
    counts: Counter[dt.date] = Counter(each.on for each in dates)
    counts.update(entry.day for entry in found)
    found = diary.named(who, _first_of_days(found) if shown.view == "month" else found)
    mine = access.within(who, Activity, {e.item.id for e in found}, "edit")
    owners = access.names(who, "user", {e.item.owner or 0 for e in found}) if whose.user != who.id else {}
    days = [first + ONE * n for n in range((last - first).days + 1)]
    cells: dict[dt.date, list[dict[str, Any]]] = defaultdict(list)
    movable = access.within(who, Customer, {each.customer.id for each in dates}, "edit")
    for each in dates:
        cells[each.on].append(_bare(each, may=each.customer.id in movable))
    for entry in found:
        cells[entry.day].append(_event(entry, mine, owners))
    by_day: dict[dt.date, list[Entry]] = defaultdict(list)
    for entry in found:
        by_day[entry.day].append(entry)
    grid = {day: diary.side_by_side(by_day[day]) for day in days} if shown.view != "month" else {}
    return render_template(
        "activities/calendar.html",
        shown=shown,
        title=_title(shown),
        views=[(str(label), shown.url(view=key), key == shown.view) for key, label in VIEWS.items()],
        whose_choices=_whose(who),
        kinds=[(o.key, str(o.label), _toggled(shown, o.key), o.key in shown.kinds) for o in PLANNABLE],
        has_team=agenda.sees_a_team(who),
        may_plan=who.scope("activity", "create") is not Scope.NONE,
        days=[_day(day, shown, cells[day], counts[day]) for day in days],
        grid={day: [_event(e, mine, owners, place=(nth, of)) for e, nth, of in placed] for day, placed in grid.items()},
        hours=[formats.time(dt.datetime.combine(first, dt.time(h), tzinfo=clock.business_zone())) for h in range(24)],
        zone=f"{clock.now().astimezone(clock.business_zone()):%Z}",
        weekday_names=[formats.weekday(day) for day in days[:7]],
        truncated=truncated,
        has_feed=whose.user == who.id,
        again=request.full_path,
    )


def _first_of_days(found: list[Entry]) -> list[Entry]:
    """As many of each day as a month shows."""
    seen: Counter[dt.date] = Counter()
    shown: list[Entry] = []
    for entry in found:
        seen[entry.day] += 1
        if seen[entry.day] <= A_CELL + 1:
            shown.append(entry)
    return shown


def _toggled(shown: Shown, kind: str) -> str:
    kinds = [k for k in shown.kinds if k != kind] if kind in shown.kinds else [*shown.kinds, kind]
    return shown.url(kinds=",".join(kinds))


def _whose(who: Actor) -> list[tuple[str, str]]:
    people = [(f"u{number}", name) for number, name in diary.people(who)]
    return [("mine", str(L("Mine"))), ("team", str(L("My team"))), *people] if agenda.sees_a_team(who) else []


def _title(shown: Shown) -> str:
    if shown.view == "month":
        return formats.month(shown.day)
    if shown.view == "day":
        return formats.date_long(shown.day)
    first, last = shown.range
    return f"{formats.date(first, year=first.year != last.year)} – {formats.date(last, year=True)}"


def _day(day: dt.date, shown: Shown, events: list[dict[str, Any]], count: int) -> dict[str, Any]:
    today = day == clock.today()
    now = clock.now().astimezone(clock.business_zone())
    return {
        "date": day,
        "number": day.day,
        "label": formats.date_long(day),
        "head": f"{formats.weekday(day)} {day.day}",
        "off": shown.view == "month" and day.month != shown.day.month,
        "today": today,
        "rest": not is_working(day),
        "holiday": name_of(day),
        "now": now.hour * 4 + now.minute // 15 if today else None,
        "events": events[:A_CELL] if count > A_CELL + 1 else events,
        "all_day": [event for event in events if event["at"] is None],
        "more": ngettext("%(n)s more", "%(n)s more", count - A_CELL) if count > A_CELL + 1 else "",
        "url": shown.url(view="day", day=day.isoformat()),
        "plan_url": f"/activities/new?due={day}",
    }


def _event(entry: Entry, mine: set[int], owners: dict[int, str], *, place: tuple[int, int] = (1, 1)) -> dict[str, Any]:
    item = entry.item
    may = item.id in mine
    party = next((each.name for each in item.parties), "")
    who = owners.get(item.owner or 0, "")
    return {
        "id": item.id,
        "title": ", ".join(part for part in (item.subject, party, who) if part),
        "url": f"/activities/{item.id}/edit" if may else f"/activities/{item.id}",
        "dialog": may,
        "time": formats.time(entry.begins),
        "icon": ICONS.get(item.kind, "note"),
        "kind": "soft" if entry.coming else "done" if item.done_at else "late" if entry.late else "",
        "move_url": f"/activities/{item.id}/move" if may and not item.done_at and not entry.coming else None,
        "at": entry.at,
        "long": entry.long,
        "nth": place[0],
        "of": place[1],
    }


def _bare(each: agenda.Bare, *, may: bool) -> dict[str, Any]:
    return {
        "id": f"c{each.customer.id}", "title": each.customer.name, "url": f"/customers/{each.customer.id}", "dialog": False, "time": "",
        "icon": "building-store", "kind": "late" if each.on < clock.today() else "soft",
        "move_url": f"/calendar/customers/{each.customer.id}/move" if may else None, "at": None, "long": 0, "nth": 1, "of": 1,
    }  # fmt: skip


@activities.post("/calendar/customers/<int:number>/move")
def move_date(number: int) -> Response:
    """A customer's bare date to another day."""
    who = actor()
    customer = access.find(who, Customer, number, "edit")
    try:
        day = dt.date.fromisoformat(request.form.get("to") or request.form.get("date", ""))
    except ValueError:
        raise Invalid({"to": [str(L("There is no such date."))]}) from None
    with changesets.opened(who, "form") as mine:
        change.update(who, customer, {"next_follow_up_on": day.isoformat()})
    toasts.say(
        str(L("Moved: %(what)s, %(when)s", what=values(customer)["name"], when=formats.near_date(day))), undo=mine.id
    )
    return changed()
