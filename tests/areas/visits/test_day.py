"""A day's route, a team's day, planning with many, who comes along, ways to a map."""

from __future__ import annotations

import datetime as dt
from urllib.parse import unquote

import pytest

from smallcrm import store
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.visits.records import Visit
from smallcrm.areas.visits.rules import acts, checking, maps
from smallcrm.areas.visits.rules import day as days
from smallcrm.areas.visits.rules.distance import metres
from smallcrm.base import clock
from smallcrm.base.errors import NotFound
from smallcrm.records import access, bulk, cache, change
from smallcrm.records.bulk import Selection
from tests.areas.visits.scene import ACROPOLIS, MONDAY, SYNTAGMA, Outside, at, here, moment

FAR = (38.05, 23.8)


def three(outside: Outside) -> list[int]:
    return [
        int(outside.plan(outside.customer(name, point=point), when=when).id)
        for name, point, when in (("A", ACROPOLIS, "10:00"), ("Far", FAR, "11:00"), ("B", SYNTAGMA, "12:00"))
    ]


def order(outside: Outside, part: str = "anna") -> list[int]:
    cache.current()
    return [int(stop.visit.id) for stop in days.of(outside.actor(part), outside.cast.anna, MONDAY).stops]


def test_a_day_has_its_own_visits_in_time(outside: Outside) -> None:
    ids = three(outside)
    outside.plan(when=None, planned_at=moment("10:00", 1))
    acts.cancel(outside.actor(), outside.plan(when="13:00"))
    any_time = outside.plan(when="00:00")
    found = days.of(outside.actor(), outside.cast.anna, MONDAY)
    assert [int(stop.visit.id) for stop in found.stops] == [*ids, any_time.id]
    assert [stop.any_time for stop in found.stops] == [False, False, False, True]
    assert found.distance == metres(ACROPOLIS, FAR) + metres(FAR, SYNTAGMA) + metres(SYNTAGMA, ACROPOLIS)
    assert [stop.leg for stop in found.stops[:2]] == [None, metres(ACROPOLIS, FAR)]


def test_the_order_is_ones_own_to_change(outside: Outside) -> None:
    a, far, b = three(outside)
    mine = days.of(outside.actor(), outside.cast.anna, MONDAY)
    days.arrange(outside.actor(), mine, [b, a])
    assert order(outside) == [b, a, far]
    versions = [outside.held(number)["version"] for number in (a, b, far)]
    assert versions == [1, 1, 1]
    with pytest.raises(NotFound):
        days.arrange(outside.actor("manager"), days.of(outside.actor("manager"), outside.cast.anna, MONDAY), [a])
    with pytest.raises(NotFound):
        days.arrange(outside.actor(), mine, [a, 9999])
    days.sort_by_time(outside.actor(), mine)
    assert order(outside) == [a, far, b]


def test_sorted_by_distance_from_the_first_and_from_here(outside: Outside) -> None:
    a, far, b = three(outside)
    mine = days.of(outside.actor(), outside.cast.anna, MONDAY)
    days.sort_by_distance(outside.actor(), mine, None)
    assert order(outside) == [a, b, far]
    days.sort_by_distance(outside.actor(), days.of(outside.actor(), outside.cast.anna, MONDAY), FAR)
    assert order(outside) == [far, b, a]
    checking.check_in(outside.actor(), outside.now(access.find(outside.actor(), Visit, a)), evidence=here())
    days.sort_by_distance(outside.actor(), days.of(outside.actor(), outside.cast.anna, MONDAY), FAR)
    assert order(outside) == [a, far, b]


def test_what_is_still_under_way_belongs_to_today(outside: Outside) -> None:
    visit = checking.check_in(outside.actor(), outside.plan(), evidence=here())
    with at("08:00", 1):
        found = days.of(outside.actor(), outside.cast.anna, clock.today())
        assert [stop.visit.id for stop in found.stops] == [visit.id]
        overdue = days.of(outside.actor(), outside.cast.anna, MONDAY)
        assert [stop.overdue for stop in overdue.stops] == [False]


def test_overdue_follows_from_the_clock(outside: Outside) -> None:
    outside.plan(when="10:00")
    outside.plan(when="00:00")
    for time, day, late in (("09:59", 0, [False, False]), ("10:01", 0, [True, False]), ("00:30", 1, [True, True])):
        with at(time, day):
            stops = days.of(outside.actor(), outside.cast.anna, MONDAY).stops
            assert [stop.overdue for stop in stops] == late


def test_a_manager_sees_the_teams_days_and_nobody_elses(outside: Outside) -> None:
    three(outside)
    outside.plan(outside.customer(owner="carl"), by="carl")
    outside.plan(outside.customer(owner="owner"), by="owner")
    assert [each.user for each in days.of_team(outside.actor("manager"), MONDAY)] == [
        outside.cast.anna,
        outside.cast.carl,
    ]
    assert [each.user for each in days.of_team(outside.actor("bob"), MONDAY)] == []
    assert days.of(outside.actor("bob"), outside.cast.anna, MONDAY).stops == ()


def test_who_comes_along_sees_it_and_hears_of_it(outside: Outside) -> None:
    visit = outside.plan()
    assert access.fetch(outside.actor("carl"), Visit, int(visit.id)) is None
    change.update(outside.actor(), visit, {"participants": [outside.cast.carl]}, why="form")
    cache.current()
    assert access.fetch(outside.actor("carl"), Visit, int(visit.id)) is not None
    assert [stop.visit.id for stop in days.of(outside.actor("carl"), outside.cast.carl, MONDAY).along] == [visit.id]
    told = store.rows("SELECT kind, link FROM notice WHERE user = ?", [outside.cast.carl])
    assert told == [("visit", f"/visits/{visit.id}")]
    change.update(outside.actor(), outside.now(visit), {"participants": [{"type": "teams", "id": outside.cast.north}]})
    cache.current()
    assert access.fetch(outside.actor("carl"), Visit, int(visit.id)) is None
    assert access.fetch(outside.actor("bob"), Visit, int(visit.id)) is not None
    with pytest.raises(Exception, match="role"):
        access.find(outside.actor("bob"), Visit, int(visit.id), "edit")


def test_many_customers_are_planned_one_after_the_other(outside: Outside) -> None:
    a, far, b = (outside.customer(n, point=p) for n, p in (("A", ACROPOLIS), ("Far", FAR), ("B", SYNTAGMA)))
    act = acts.plan_many(day=MONDAY, first=dt.time(9), minutes=90, kind="on_site", purpose="Spring round", a_day=2)
    result = bulk.run(outside.actor(), Selection(Customer, ids=(a, far, b)), act, why="bulk")
    assert result.changed == 3
    found = store.rows("SELECT customer, planned_at, purpose FROM visit ORDER BY planned_at")
    assert found == [
        (a, moment("09:00"), "Spring round"), (b, moment("10:30"), "Spring round"), (far, moment("09:00", 1), "Spring round"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["Smith & Sons", "深圳旺达", "Παπαδόπουλος", 'A "quoted" <b>'])
def test_ways_to_a_map(name: str) -> None:
    found = {each.key: each.url for each in maps.links(name, ACROPOLIS, "")}
    assert found["geo"].startswith("geo:37.971532,23.725749?q=37.971532,23.725749(")
    assert "mlat=37.971532&mlon=23.725749" in found["osm"]
    assert "destination=37.971532%2C23.725749" in found["google"]
    assert "position=23.725749%2C37.971532" in found["amap"]
    assert "coordinate=wgs84" in found["amap"]
    assert all(not set(url) & set(' "<>') for url in found.values())
    assert name in unquote(found["geo"])


def test_by_address_where_there_is_no_point() -> None:
    assert [each.key for each in maps.links("X", None, "1 High St, Leeds")] == ["geo", "osm", "google", "amap"]
    assert maps.links("X", None, " ") == []


def test_the_next_step_of_a_report(outside: Outside) -> None:
    visit = outside.plan()
    checking.check_in(outside.actor(), visit, evidence=here())
    ended = checking.check_out(outside.actor(), visit, report="Well")
    planned = acts.plan_next(outside.actor(), ended, "send the quote Thursday 14:00")
    assert [each.__data__["due_at"] for each in planned] == [moment("14:00", 3)]
    bare = acts.plan_next(outside.actor(), ended, "the new catalogue")
    assert [(each.__data__["subject"], each.__data__["due_at"], each.__data__["kind"]) for each in bare] == [
        ("the new catalogue", moment("00:00", 1), "task")
    ]
    assert acts.plan_next(outside.actor(), ended, "  ") == []
