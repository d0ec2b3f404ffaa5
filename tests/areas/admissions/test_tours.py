"""Tours and trial lessons: planned like anything else, and the application goes on once one took place."""

from __future__ import annotations

import datetime as dt

import pytest

from smallcrm.areas.activities.records import Activity
from smallcrm.areas.activities.rules import acts
from smallcrm.areas.admissions.rules import tours
from smallcrm.base.errors import Invalid, WrongState
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, changesets, settings, undo
from smallcrm.records.record import Record, values
from tests.areas.admissions.scene import School
from tests.client import Web

TUESDAY = dt.date(2027, 3, 2)


def planned(school: School, record: Record, tour: str = "tour") -> Record:
    return tours.plan(school.actor(), record, tour=tour, due=TUESDAY, minutes=60)


def at(school: School, record: Record) -> int:
    found: int = school.held(record)["stage"]
    return found


@pytest.mark.parametrize(
    ("tour", "milestone"), [("tour", "tour"), ("trial", "tour"), ("open_day", "tour"), ("interview", "interview")]
)
def test_it_moves_the_application_on(school: School, tour: str, milestone: str) -> None:
    made = school.application()
    activity = planned(school, made, tour)
    assert values(activity)["customer"] == values(made)["customer"]
    assert at(school, made) == school.stage["inquiry"]
    assert tours.end(school.actor(), activity, came=True)
    assert at(school, made) == school.stage[milestone]


def test_whoever_did_not_come_stays(school: School) -> None:
    made = school.application()
    activity = planned(school, made)
    assert not tours.end(school.actor(), activity, came=False, outcome="child was ill")
    assert at(school, made) == school.stage["inquiry"]
    held = school.held(activity)
    assert held["outcome"] == "Did not come"
    assert "ill" in held["body"]


def test_it_never_goes_back(school: School) -> None:
    made = school.application(None, "submitted")
    assert not tours.end(school.actor(), planned(school, made), came=True)
    assert at(school, made) == school.stage["submitted"]
    over = school.application(None, "lost")
    assert not tours.end(school.actor(), planned(school, over), came=True)


def test_what_a_stage_asks_for_holds_it_back_and_the_tour_is_kept(school: School) -> None:
    school.document("Passport", before_stage=school.stage["tour"])
    made = school.application()
    activity = planned(school, made)
    assert not tours.end(school.actor(), activity, came=True)
    assert at(school, made) == school.stage["inquiry"]
    assert school.held(activity)["done_at"]


def test_ticked_off_anywhere_it_does_the_same_and_one_undo_takes_both_back(school: School) -> None:
    made = school.application()
    activity = planned(school, made)
    actor = school.actor()
    with changesets.opened(actor, "form") as mine:
        acts.done(actor, activity)
    assert at(school, made) == school.stage["tour"]
    undo.undo(actor, mine.id)
    assert at(school, made) == school.stage["inquiry"]
    assert school.held(activity)["done_at"] is None


def test_the_rule_can_be_switched_off(school: School) -> None:
    settings.put(SYSTEM, {"admissions.tour_moves": False})
    made = school.application()
    assert not tours.end(school.actor(), planned(school, made), came=True)
    assert at(school, made) == school.stage["inquiry"]


def test_ended_once_only_and_only_what_there_is(school: School) -> None:
    made = school.application()
    activity = planned(school, made)
    tours.end(school.actor(), activity, came=True)
    with pytest.raises(WrongState):
        tours.end(school.actor(), access.find(SYSTEM, Activity, int(activity.id)), came=True)
    with pytest.raises(Invalid):
        planned(school, made, "excursion to the moon")


def test_the_pages(school: School, web: Web) -> None:
    made, anna = school.application(), web.browser("anna")
    base = f"/opportunities/{made.id}/tours"
    assert anna.get(f"{base}/new").status_code == 200
    form = {
        "tour": "trial",
        "day": "2027-03-04",
        "time": "16:30",
        "minutes": "45",
        "note": "brings a friend",
        "once": "one-trial-lesson-0001",
    }
    assert anna.post(f"{base}/new", form).status_code in (200, 303)
    assert anna.post(f"{base}/new", form).status_code in (200, 303)
    (held,) = tours.of(school.actor(), made)
    assert (held["subject"], held["due_at"][:16], held["duration_minutes"]) == ("Trial lesson", "2027-03-04T16:30", 45)
    assert "Trial lesson" in anna.get(f"/opportunities/{made.id}").get_data(as_text=True)
    for wrong in ({"day": "soon"}, {"time": "99:99"}, {"minutes": "x"}, {"tour": ""}):
        bad = anna.post(f"{base}/new", {**form, **wrong, "once": ""})
        assert bad.status_code == 422, wrong
        assert "brings a friend" in bad.get_data(as_text=True)
    end = f"{base}/{held['id']}/end"
    assert "Tour or trial lesson" in anna.get(end).get_data(as_text=True)
    assert web.browser("carl").get(end).status_code == 404
    assert anna.post(end, {"came": "1", "outcome": "loved it"}).status_code in (200, 303)
    assert at(school, made) == school.stage["tour"]
    assert anna.post(end, {"came": "1"}).status_code == 422
    other = school.application(school.student("Other"))
    assert anna.get(f"/opportunities/{other.id}/tours/{held['id']}/end").status_code == 404
