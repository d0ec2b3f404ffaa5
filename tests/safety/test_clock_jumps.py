"""T1: somebody sets the machine's clock. Nobody is signed out by minutes, nothing breaks by days, versions go on counting."""

from __future__ import annotations

import datetime as dt

import pytest

from smallcrm import store
from smallcrm.areas.activities.rules.reminding import DAY, remind_at
from smallcrm.base import clock
from tests.client import Web

MINUTES, DAYS = dt.timedelta(minutes=1), dt.timedelta(days=1)


@pytest.mark.parametrize("jump", [5 * MINUTES, -5 * MINUTES, 61 * MINUTES, -61 * MINUTES, -DAYS, -400 * DAYS])
def test_nobody_is_signed_out(jump: dt.timedelta, web: Web) -> None:
    browser, api = web.browser("anna"), web.api("anna")
    assert browser.get("/customers").status_code == 200
    with clock.at(clock.now() + jump):
        assert browser.get("/customers").status_code == 200
        assert browser.post("/customers/new", {"name": "Then"}).status_code == 303
        assert api.get("/customers").status_code == 200
    assert browser.get("/customers").status_code == 200


def test_a_year_ahead_and_back(web: Web) -> None:
    """A session of last year is over; nothing else is, and signing in is possible at any time."""
    browser, api = web.browser("anna"), web.api("anna")
    with clock.at(clock.now() + 366 * DAYS):
        assert browser.get("/customers").status_code == 302
        assert api.get("/customers").status_code == 200
        assert web.browser("bob").get("/customers").status_code == 200
    assert web.browser("anna").get("/customers").status_code == 200


def test_changes_made_before_what_they_change(web: Web) -> None:
    """A record that is changed on a clock set back: versions count on, If-Match holds, history, undo and lists stand."""
    api, browser = web.api("anna"), web.browser("anna")
    made = api.post("/customers", {"name": "Made today"}).get_json()
    with clock.at(clock.now() - 2 * DAYS):
        changed = api.patch(f"/customers/{made['id']}", {"name": "Changed the day before"}, made["version"])
        assert (changed.status_code, changed.get_json()["version"]) == (200, made["version"] + 1)
        assert api.patch(f"/customers/{made['id']}", {"name": "Stale"}, made["version"]).status_code == 412
        set_id = store.value("SELECT max(id) FROM change_set")
    for path in (f"/customers/{made['id']}", f"/customers/{made['id']}/history", "/customers", "/"):
        assert browser.get(path).status_code == 200
    assert browser.post(f"/changes/{set_id}/undo").status_code in (204, 303)
    assert api.get(f"/customers/{made['id']}").get_json()["name"] == "Made today"


def test_the_same_request_on_another_clock(web: Web) -> None:
    """An idempotency key holds although the clock was set back in between."""
    api = web.api("anna")
    first = api.post("/customers", {"name": "Once"}, Idempotency_Key="a key").get_json()["id"]
    with clock.at(clock.now() - 3 * DAYS):
        assert api.post("/customers", {"name": "Once"}, Idempotency_Key="a key").get_json()["id"] == first
    assert store.value("SELECT count(*) FROM customer WHERE name = 'Once'") == 1


# T2: business zone, the local day on which its clock changes
CHANGES = [
    ("Europe/Berlin", "2026-03-29"), ("Europe/Berlin", "2026-10-25"), ("America/St_Johns", "2026-03-08"),
    ("America/St_Johns", "2026-11-01"), ("Pacific/Apia", "2021-04-04"), ("Asia/Shanghai", "2026-03-29"),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "day"), CHANGES)
def test_reminders_stand_on_the_clock_on_the_wall(zone: str, day: str, web: Web) -> None:
    """A day before is the same time on the clock; an hour before is an hour; a whole day begins when the day begins."""
    clock.set_business_zone(zone)
    try:
        change = dt.date.fromisoformat(day)
        for date in (change, change + DAYS):
            due = clock.at_local(date, dt.time(10))
            before = remind_at(due, DAY, all_day=False)
            assert before is not None
            local = before.astimezone(clock.business_zone())
            assert (local.date(), local.time()) == (date - DAYS, dt.time(10))
            assert remind_at(due, 60, all_day=False) == due - 60 * MINUTES
            whole = remind_at(clock.at_local(date, dt.time(0)), 0, all_day=True)
            assert whole is not None
            assert whole.astimezone(clock.business_zone()).replace(tzinfo=None) == dt.datetime.combine(date, dt.time(9))
    finally:
        clock.set_business_zone("UTC")
