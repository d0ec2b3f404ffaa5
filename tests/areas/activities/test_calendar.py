"""The calendar's pages and what stands in them, and the feed as other programs read it."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from smallcrm.areas.activities.rules import acts, diary, reminding
from smallcrm.areas.activities.rules.agenda import Item
from smallcrm.areas.activities.rules.diary import Entry
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.people.records import User
from smallcrm.base import clock
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, change, settings
from smallcrm.records.record import values
from tests.areas.activities.conftest import Scene, at
from tests.areas.activities.test_pages import plan, text
from tests.client import Browser, Web

HX = {"HX-Request": "true"}


@pytest.fixture
def web(scene: Scene) -> Web:
    return Web(scene.cast)


@pytest.fixture
def anna(web: Web) -> Browser:
    return web.browser("anna")


# ---------------------------------------------------------------- pages


def test_a_month_shows_plans_and_what_was_done(scene: Scene, anna: Browser) -> None:
    plan(scene, "Planned call", at(24, 10))
    plan(scene, "Late visit", at(18, 10), kind="visit")
    acts.log(scene.anna, kind="meeting", subject="Had a meeting", at=at(17, 15), customer=scene.customer)
    acts.log(scene.anna, kind="note", subject="A mere note", at=at(17, 15), customer=scene.customer)
    page = text(anna.get("/calendar"))
    assert "November 2026" in page
    assert re.search(r'class="ev ev-late"[^>]*title="10:00 Late visit', page)
    assert re.search(r'class="ev ev-done"[^>]*title="15:00 Had a meeting', page)
    assert "A mere note" not in page
    only = text(anna.get("/calendar?kinds=call"))
    assert "Planned call" in only
    assert "Late visit" not in only


def test_what_is_over_stands_where_it_began(scene: Scene, anna: Browser) -> None:
    """Written down at 15:40, an hour and a half long: it began at 14:10; past midnight, at the day's beginning."""
    acts.log(
        scene.anna,
        kind="meeting",
        subject="Contract talk",
        at=at(17, 15, 40),
        duration_minutes=90,
        customer=scene.customer,
    )
    acts.log(
        scene.anna, kind="call", subject="Night call", at=at(18, 0, 20), duration_minutes=60, customer=scene.customer
    )
    page = text(anna.get("/calendar?view=week&day=2026-11-17"))
    assert re.search(r'at-56 [^>]*title="14:10 Contract talk', page)
    assert re.search(r'at-0 [^>]*title="00:00 Night call', page)


def test_a_week_places_by_the_quarter(scene: Scene, anna: Browser) -> None:
    plan(scene, "Long one", at(24, 10, 15), duration_minutes=90)
    plan(scene, "Beside it", at(24, 11))
    plan(scene, "Any time", dt.date(2026, 11, 25))
    page = text(anna.get("/calendar?view=week&day=2026-11-24"))
    assert re.search(r'class="ev at-41 for-6 of-2 nth-1"', page)
    assert re.search(r'class="ev at-44 for-2 of-2 nth-2"', page)
    assert page.index("Any time") < page.index('data-date="2026-11-23"')  # in the row above the hours


def test_bare_dates_and_holidays_stand_there(scene: Scene, anna: Browser, web: Web) -> None:
    settings.put(SYSTEM, {"follow_ups.holidays": ["2026-11-25 Gift Day"]})
    change.update(scene.anna, access.find(SYSTEM, Customer, scene.customer), {"next_follow_up_on": "2026-11-26"})
    page = text(anna.get("/calendar"))
    assert "Gift Day" in page
    assert f"/calendar/customers/{scene.customer}/move" in page
    anna.post(f"/calendar/customers/{scene.customer}/move", {"to": "2026-11-27"}, headers=HX)
    assert scene.at("next_follow_up_on") == "2026-11-27"
    change.update(SYSTEM, access.find(SYSTEM, Customer, scene.customer), {"owner": scene.cast.reader}, trusted=True)
    seen = text(web.browser("reader").get("/calendar"))
    assert "Moorside Brewery" in seen
    assert f"/calendar/customers/{scene.customer}/move" not in seen, "who may not edit it is offered no move"


def test_dragging_moves_and_resizes(scene: Scene, anna: Browser) -> None:
    number = plan(scene, "Call", at(24, 10))
    answer = anna.post(
        f"/activities/{number}/move", {"date": "2026-11-26", "start": "14:15", "minutes": "45"}, headers=HX
    )
    assert answer.status_code == 204
    told = json.loads(answer.headers["HX-Trigger"])
    assert "Undo" not in told["toast"]["text"]
    held = values(scene.activity(number))
    assert (held["due_at"], held["duration_minutes"]) == ("2026-11-26T12:15:00.000Z", 45)
    anna.post(f"/activities/{number}/move", {"to": "2026-11-30", "before": ""}, headers=HX)
    assert values(scene.activity(number))["due_at"] == "2026-11-30T12:15:00.000Z"
    anna.post(told["toast"]["undo"])
    assert values(scene.activity(number))["duration_minutes"] is None
    for wrong in ({"date": "x"}, {"date": "2026-11-26", "start": "25:00"}):
        assert anna.post(f"/activities/{number}/move", wrong, headers=HX).status_code == 422


def test_whose_calendar(scene: Scene, web: Web) -> None:
    plan(scene, "Annas call", at(24, 10))
    manager = web.browser("manager")
    assert "Annas call" not in text(manager.get("/calendar"))
    assert "Annas call" in text(manager.get("/calendar?whose=team"))
    assert "Annas call" in text(manager.get(f"/calendar?whose=u{scene.cast.anna}"))
    bob = web.browser("bob")
    for whose in ("team", f"u{scene.cast.anna}", "u9999999", "x"):
        assert "Annas call" not in text(bob.get(f"/calendar?whose={whose}"))


@pytest.mark.parametrize(
    "query", ["?day=2026-02-31", "?day=0001-01-01", "?view=year", "?day=9999-12-31&view=week", "?kinds=,x"]
)
def test_odd_addresses_show_something(anna: Browser, query: str) -> None:
    assert 'id="calendar"' in text(anna.get(f"/calendar{query}"))


def test_the_rest_of_a_series_is_shown(scene: Scene, anna: Browser) -> None:
    plan(scene, "Every Tuesday", at(24, 10), repeat="weekly")
    found = diary.entries(
        scene.anna, diary.of(scene.anna, "mine"), dt.date(2026, 11, 23), dt.date(2026, 12, 31), ["call"]
    )
    assert [(e.day.isoformat(), e.coming) for e in found] == [
        ("2026-11-24", False), ("2026-12-01", True), ("2026-12-08", True), ("2026-12-15", True), ("2026-12-22", True),
        ("2026-12-29", True),
    ]  # fmt: skip


spans = st.lists(st.tuples(st.integers(0, 90), st.integers(1, 30)), max_size=20)


@given(spans)
def test_overlapping_ones_never_share_a_place(pairs: list[tuple[int, int]]) -> None:
    day = dt.date(2026, 11, 24)
    made = [
        Entry(Item(n, "call", "", None, False, None, None, 1), day, start, min(long, 96 - start))
        for n, (start, long) in enumerate(pairs)
    ]
    placed = diary.side_by_side(made)
    assert sorted(e.item.id for e, _, _ in placed) == list(range(len(made)))
    for one, place, of in placed:
        assert 1 <= place <= of <= diary.WIDEST
        for other, theirs, _ in placed:
            apart = (one.at or 0) + one.long <= (other.at or 0) or (other.at or 0) + other.long <= (one.at or 0)
            assert one is other or apart or place != theirs or place == diary.WIDEST


# ---------------------------------------------------------------- feed


def feed_of(anna: Browser) -> str:
    anna.post("/settings/calendar/feed")
    found = re.search(r'value="http://[^/]+(/calendar/feed/[^"]+)"', text(anna.get("/settings/calendar")))
    assert found
    return found[1]


def events(body: bytes) -> list[Any]:
    return list(Calendar.from_ical(body).walk("VEVENT"))


def test_the_feed_opens_without_signing_in(scene: Scene, anna: Browser, web: Web) -> None:
    plan(scene, "Call, with; odd\\ characters", at(24, 10), contact=scene.bob, body="Line one\nLine two " + "ü" * 90)
    plan(scene, "All day", dt.date(2026, 11, 25))
    plan(scene, "Summer", clock.at_local(dt.date(2027, 7, 1), dt.time(10)))
    plan(scene, "Weekly", at(26, 9), repeat="weekly", repeat_until="2026-12-12")
    url = feed_of(anna)
    answer = web.visitor().get(url)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    body = answer.get_data()
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    assert b"BEGIN:VTIMEZONE" in body
    by_subject = {str(e["SUMMARY"]).split(",")[0]: e for e in events(body)}
    call = by_subject["Call"]
    assert str(call["SUMMARY"]).startswith("Call, with; odd\\ characters, Bob Fenwick")
    assert call.decoded("DTSTART") == at(24, 10)
    assert call.decoded("DTEND") == at(24, 10, 30)
    assert call["DTSTART"].params["TZID"] == "Europe/Athens"
    assert "Line one\nLine two" in str(call["DESCRIPTION"])
    assert by_subject["All day"].decoded("DTSTART") == dt.date(2026, 11, 25)
    assert by_subject["All day"].decoded("DTEND") == dt.date(2026, 11, 26)
    assert by_subject["Summer"].decoded("DTSTART").astimezone(dt.UTC).hour == 7  # daylight saving
    weekly = [e for e in events(body) if str(e["SUMMARY"]).startswith("Weekly")]
    assert [e.decoded("DTSTART").day for e in weekly] == [26, 3, 10]
    assert len({str(e["UID"]) for e in events(body)}) == len(events(body))


def test_what_one_is_reminded_of_rings_in_other_calendars(scene: Scene, anna: Browser, web: Web) -> None:
    with clock.at(at(20, 9)):
        reminding.choose(scene.anna, 30)
        plan(scene, "Timed", at(24, 10))
        plan(scene, "All day", dt.date(2026, 11, 25))
        plan(scene, "Weekly", at(26, 9), repeat="weekly", repeat_until="2026-12-04")
        plan(scene, "Own time", at(24, 12), reminder_at=clock.iso(at(23, 12)))
        acts.done(scene.anna, scene.activity(plan(scene, "Was done", at(24, 8))), at=at(20, 8))
        reminding.choose(scene.anna, None)
        plan(scene, "Silent", at(24, 11))
        body = web.visitor().get(feed_of(anna)).get_data()
    rings = [(str(e["SUMMARY"]).split(",")[0], [a.decoded("TRIGGER") for a in e.walk("VALARM")]) for e in events(body)]
    half, day = dt.timedelta(minutes=-30), dt.timedelta(days=-1)
    morning = dt.timedelta(hours=9)  # on the day itself, when the day begins
    assert sorted(rings) == [
        ("All day", [morning]), ("Own time", [day]), ("Silent", []), ("Timed", [half]), ("Weekly", [half]),
        ("Weekly", [half]), ("✓ Was done", []),
    ]  # fmt: skip


def test_the_feed_has_only_what_is_its_owners(scene: Scene, anna: Browser, web: Web) -> None:
    acts.plan(scene.cast.actor("bob"), kind="task", subject="Bobs own", due=at(24))
    done = plan(scene, "Was done", at(19))
    acts.done(scene.anna, scene.activity(done), at=at(19, 10))
    summaries = [str(e["SUMMARY"]) for e in events(web.visitor().get(feed_of(anna)).get_data())]
    assert summaries == ["✓ Was done, Moorside Brewery"]


def test_an_unchanged_feed_is_not_sent_twice(scene: Scene, anna: Browser, web: Web) -> None:
    number = plan(scene, "Call", at(24, 10))
    url, visitor = feed_of(anna), web.visitor()
    first = visitor.get(url)
    again = visitor.get(url, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    acts.move(scene.anna, scene.activity(number), to=dt.date(2026, 11, 27))
    assert visitor.get(url, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_a_feed_that_was_renewed_or_whose_user_left_is_gone(scene: Scene, anna: Browser, web: Web) -> None:
    visitor = web.visitor()
    first = feed_of(anna)
    second = feed_of(anna)
    assert visitor.get(first).status_code == 404
    assert visitor.get(second).status_code == 200
    assert visitor.get(second[:-6] + "0.ics").status_code == 404
    assert visitor.get(second.replace(f"/{scene.cast.anna}-", f"/{scene.cast.bob}-")).status_code == 404
    assert visitor.get("/calendar/feed/x.ics").status_code == 404
    change.update(SYSTEM, access.find(SYSTEM, User, scene.cast.anna), {"active": False}, trusted=True)
    assert visitor.get(second).status_code == 404
    change.update(SYSTEM, access.find(SYSTEM, User, scene.cast.anna), {"active": True}, trusted=True)
    web.browser("anna").post("/settings/calendar/feed", {"off": "1"})
    assert visitor.get(second).status_code == 404


def test_one_activity_as_a_file(scene: Scene, anna: Browser, web: Web) -> None:
    number = plan(scene, "Call", at(24, 10), repeat="daily")
    assert len(events(anna.get(f"/activities/{number}.ics").get_data())) == 1
    assert web.browser("carl").get(f"/activities/{number}.ics").status_code == 404


moments = st.datetimes(dt.datetime(2026, 3, 20), dt.datetime(2026, 11, 10), timezones=st.just(dt.UTC))


@pytest.mark.parametrize("zone", ["Europe/Athens", "Asia/Shanghai", "America/St_Johns"])
@given(moments)
def test_a_moment_lies_on_its_business_day(zone: str, moment: dt.datetime) -> None:
    was = clock.business_zone()
    clock.set_business_zone(zone)
    try:
        days = diary._Days(dt.date(2026, 3, 23), dt.date(2026, 11, 1))
        local = moment.astimezone(clock.business_zone())
        assert days.place(clock.iso(moment)) == (local.date(), local.hour * 4 + local.minute // 15)
    finally:
        clock.set_business_zone(str(was))
