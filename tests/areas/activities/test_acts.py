"""Log, plan, finish, move, reopen: what each leaves behind, and what it refuses."""

from __future__ import annotations

import datetime as dt

import pytest

from smallcrm.areas.activities.records import Activity
from smallcrm.areas.activities.rules import acts, reminding
from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden, Invalid, NotFound, Stale, WrongState
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, change, changesets, merge, settings, undo
from smallcrm.records.record import values
from tests.areas.activities.conftest import FRIDAY, TODAY, Scene, at


def test_the_customer_is_the_contacts(scene: Scene) -> None:
    made = values(acts.log(scene.anna, kind="call", subject="Rang", contact=scene.bob))
    assert made["customer"] == scene.customer
    assert made["done_at"] == clock.iso(FRIDAY)
    about = acts.log(scene.anna, kind="note", subject="n", about={"type": "customers", "id": scene.other})
    assert values(about)["customer"] == scene.other
    person = acts.log(scene.anna, kind="note", subject="n", about={"type": "contacts", "id": scene.stranger})
    assert values(person)["customer"] == scene.other


def test_a_contact_of_somebody_else_is_refused(scene: Scene) -> None:
    with pytest.raises(Invalid) as refused:
        acts.log(scene.anna, kind="call", subject="x", customer=scene.customer, contact=scene.stranger)
    assert set(refused.value.errors) == {"contact"}
    made = acts.log(scene.anna, kind="call", subject="x", customer=scene.customer, contact=scene.bob)
    with pytest.raises(Invalid):
        change.update(scene.anna, made, {"contact": scene.stranger})
    moved = change.update(scene.anna, made, {"customer": scene.other})
    assert values(moved)["contact"] is None, "the person stays behind"


def test_a_contact_that_finds_a_customer_takes_its_history_along(scene: Scene) -> None:
    lonely = change.create(scene.anna, Contact, {"name": "Nobody's"})
    made = acts.log(scene.anna, kind="call", subject="x", contact=int(lonely.id))
    assert values(made)["customer"] is None
    change.update(scene.anna, lonely, {"customer": scene.other})
    assert values(scene.activity(made.id))["customer"] == scene.other
    assert scene.at("last_follow_up_at", scene.other) == clock.iso(FRIDAY)
    assert values(scene.activity(made.id))["via_owner"] == scene.cast.anna, "and is seen through it"


def test_what_lies_ahead_is_not_done(scene: Scene) -> None:
    with pytest.raises(Invalid) as refused:
        acts.log(scene.anna, kind="call", subject="x", customer=scene.customer, at=FRIDAY + dt.timedelta(hours=1))
    assert set(refused.value.errors) == {"done_at"}
    assert acts.log(scene.anna, kind="call", subject="x", at=FRIDAY + dt.timedelta(minutes=5))


def test_a_note_is_of_now_and_a_task_stays_open(scene: Scene) -> None:
    note = change.create(scene.anna, Activity, {"kind": "note", "subject": "n"})
    task = change.create(scene.anna, Activity, {"kind": "task", "subject": "t"})
    assert values(note)["done_at"] == clock.iso(FRIDAY)
    assert values(task)["done_at"] is None


def test_midnight_means_any_time_that_day(scene: Scene) -> None:
    by_day = change.create(scene.anna, Activity, {"kind": "task", "subject": "t", "due_at": "2026-11-24"})
    assert values(by_day)["all_day"] == 1
    assert values(by_day)["due_at"] == "2026-11-23T22:00:00.000Z"
    timed = change.create(scene.anna, Activity, {"kind": "task", "subject": "t", "due_at": "2026-11-24T08:30:00Z"})
    assert values(timed)["all_day"] == 0
    in_list = change.update(scene.anna.acting("form"), by_day, {"due_at": "2026-11-25T08:30:00Z"})
    assert values(in_list)["all_day"] == 0, "a time was typed"


def test_done_in_one_change_with_what_follows(scene: Scene) -> None:
    planned = acts.plan(scene.anna, kind="call", subject="Ask", due=TODAY, customer=scene.customer, contact=scene.bob)
    found = acts.done(
        scene.anna, planned, outcome="wants a price", duration_minutes=5,
        following={"kind": "email", "subject": "Send price", "due": dt.date(2026, 11, 24)},
    )  # fmt: skip
    kept = values(found.record)
    assert (kept["done_at"], kept["outcome"], kept["duration_minutes"]) == (clock.iso(FRIDAY), "wants a price", 5)
    assert found.following is not None
    after = values(found.following)
    assert (after["customer"], after["contact"], after["kind"]) == (scene.customer, scene.bob, "email")
    assert scene.at("next_follow_up_on") == "2026-11-24"
    undo.undo(scene.anna, found.set)
    assert scene.at("next_follow_up_on") == "2026-11-20"
    assert scene.at("last_follow_up_at") is None


def test_done_twice_and_reopened(scene: Scene) -> None:
    planned = acts.plan(scene.anna, kind="call", subject="Ask", due=TODAY, customer=scene.customer)
    finished = acts.done(scene.anna, planned).record
    with pytest.raises(WrongState):
        acts.done(scene.anna, finished)
    with pytest.raises(WrongState):
        acts.move(scene.anna, finished, to=TODAY)
    again = acts.reopen(scene.anna, finished)
    assert values(again)["done_at"] is None
    assert scene.at("last_follow_up_at") is None
    with pytest.raises(WrongState):
        acts.reopen(scene.anna, again)


def test_who_may(scene: Scene) -> None:
    """The author and whoever leads them; a colleague who sees it may not."""
    planned = acts.plan(scene.anna, kind="call", subject="Ask", due=TODAY, customer=scene.customer)
    bob, manager = scene.cast.actor("bob"), scene.cast.actor("manager")
    with pytest.raises(NotFound):
        access.find(bob, Activity, int(planned.id))
    with pytest.raises(Forbidden):
        acts.done(bob, planned)
    assert acts.move(manager, planned, to=dt.date(2026, 11, 25))
    for_bob = acts.plan(scene.anna, kind="task", subject="For Bob", due=TODAY, customer=scene.customer, owner=bob.id)
    assert access.find(scene.anna, Activity, int(for_bob.id)), "seen through the customer"
    with pytest.raises(Forbidden):
        acts.done(scene.anna, for_bob)
    assert acts.done(bob, access.find(bob, Activity, int(for_bob.id)))
    with pytest.raises(Forbidden):
        acts.log(scene.cast.actor("reader"), kind="note", subject="x")


def test_a_stale_page_changes_nothing(scene: Scene) -> None:
    planned = acts.plan(scene.anna, kind="call", subject="Ask", due=TODAY, customer=scene.customer)
    acts.move(scene.anna, planned, to=dt.date(2026, 11, 25))
    with pytest.raises(Stale):
        acts.done(scene.anna, planned, version=1)


def test_moving_keeps_the_clock(scene: Scene) -> None:
    """Over the end of summer time three in the afternoon stays three in the afternoon, and the reminder half past two."""
    with clock.at(at(20, 9, month=10)):
        planned = acts.plan(scene.anna, kind="visit", subject="v", due=at(23, 15, month=10), customer=scene.customer)
        planned = change.update(scene.anna, planned, {"reminder_at": clock.iso(at(23, 14, 30, month=10))})
        moved = values(acts.move(scene.anna, planned, to=dt.date(2026, 10, 26)))
    assert moved["due_at"] == "2026-10-26T13:00:00.000Z"
    assert moved["reminder_at"] == "2026-10-26T12:30:00.000Z"
    day = acts.plan(scene.anna, kind="task", subject="t", due=TODAY)
    assert values(acts.move(scene.anna, day, to=dt.date(2026, 11, 23)))["all_day"] == 1
    timed = values(acts.move(scene.anna, scene.activity(day.id), to=at(23, 10)))
    assert (timed["all_day"], timed["due_at"]) == (0, "2026-11-23T08:00:00.000Z")


def test_moving_many_leaves_what_is_not_ones_own(scene: Scene) -> None:
    mine = [acts.plan(scene.anna, kind="call", subject="x", due=at(17, 15), customer=scene.customer) for _ in range(3)]
    bobs = acts.plan(scene.anna, kind="call", subject="b", due=TODAY, customer=scene.customer, owner=scene.cast.bob)
    finished = acts.done(scene.anna, acts.plan(scene.anna, kind="call", subject="x", due=TODAY)).record
    moved, number = acts.move_many(
        scene.anna, [int(each.id) for each in [*mine, bobs, finished]], to=dt.date(2026, 11, 23)
    )
    assert moved == 3
    assert {values(scene.activity(each.id))["due_at"] for each in mine} == {"2026-11-23T13:00:00.000Z"}
    undo.undo(scene.anna, number)
    assert {values(scene.activity(each.id))["due_at"] for each in mine} == {"2026-11-17T13:00:00.000Z"}


# ---------------------------------------------------------------- reminders


@pytest.mark.parametrize(
    ("lead", "timed", "day"),
    [
        (None, None, None),
        (0, "2026-11-24T13:00", "2026-11-24T07:00"),
        (10, "2026-11-24T12:50", "2026-11-24T07:00"),
        (60, "2026-11-24T12:00", "2026-11-24T07:00"),
        (1440, "2026-11-23T13:00", "2026-11-23T07:00"),
    ],
)
def test_the_usual_reminder(scene: Scene, lead: int | None, timed: str | None, day: str | None) -> None:
    reminding.choose(scene.anna, lead)
    for due, expected in ((at(24, 15), timed), (dt.date(2026, 11, 24), day)):
        made = values(acts.plan(scene.anna, kind="call", subject="x", due=due))
        assert made["reminder_at"] == (f"{expected}:00.000Z" if expected else None)
    theirs = values(acts.plan(scene.anna, kind="call", subject="x", due=at(24, 15), owner=scene.cast.bob))
    assert theirs["reminder_at"] == "2026-11-24T12:50:00.000Z", "the one who is to do it decides"


def test_a_day_before_over_a_clock_change(scene: Scene) -> None:
    moment = reminding.remind_at(at(25, 15, month=10), reminding.DAY, all_day=False)
    assert moment == at(24, 15, month=10)
    assert moment is not None
    assert at(25, 15, month=10) - moment == dt.timedelta(hours=25)


def test_only_leads_on_offer(scene: Scene) -> None:
    with pytest.raises(Invalid):
        reminding.choose(scene.anna, 7)


def test_no_reminder_for_what_was_brought_in(scene: Scene) -> None:
    with changesets.opened(scene.anna, "import"):
        outcome = change.create_many(scene.anna, Activity, [{"kind": "task", "subject": "t", "due_at": "2026-12-24"}])
    assert outcome.written[0].after["reminder_at"] is None


# ---------------------------------------------------------------- last and next follow-up


def test_what_counts_as_a_follow_up(scene: Scene) -> None:
    for kind in ("note", "task"):
        acts.log(scene.anna, kind=kind, subject="x", customer=scene.customer)
        assert scene.at("last_follow_up_at") is None, kind
    acts.log(scene.anna, kind="message", subject="x", contact=scene.eve, at=at(18, 10))
    assert scene.at("last_follow_up_at") == clock.iso(at(18, 10))
    latest = acts.log(scene.anna, kind="visit", subject="x", customer=scene.customer)
    assert scene.at("last_follow_up_at") == clock.iso(FRIDAY)
    acts.log(scene.anna, kind="call", subject="back-dated", customer=scene.customer, at=at(10))
    assert scene.at("last_follow_up_at") == clock.iso(FRIDAY), "a back-dated one lowers nothing"
    change.delete(scene.anna, latest)
    assert scene.at("last_follow_up_at") == clock.iso(at(18, 10)), "falls back to the one before"
    change.restore(scene.anna, scene.activity(latest.id))
    assert scene.at("last_follow_up_at") == clock.iso(FRIDAY)


def test_it_bumps_no_version(scene: Scene) -> None:
    before = scene.at("version")
    acts.log(scene.anna, kind="call", subject="x", customer=scene.customer)
    acts.plan(scene.anna, kind="call", subject="x", due=TODAY, customer=scene.customer)
    assert scene.at("version") == before


def test_the_earliest_plan_is_next(scene: Scene) -> None:
    later = acts.plan(scene.anna, kind="call", subject="x", due=at(26, 10), customer=scene.customer)
    sooner = acts.plan(scene.anna, kind="task", subject="x", due=dt.date(2026, 11, 24), customer=scene.customer)
    assert scene.at("next_follow_up_on") == "2026-11-24"
    acts.done(scene.anna, sooner)
    assert scene.at("next_follow_up_on") == "2026-11-26"
    acts.done(scene.anna, later)
    assert scene.at("next_follow_up_on") is None


def test_the_day_is_the_businesss(scene: Scene) -> None:
    acts.plan(scene.anna, kind="call", subject="x", due=at(25, 0, 30), customer=scene.customer)
    assert scene.at("next_follow_up_on") == "2026-11-25", "22:30 in UTC the day before"


def test_writing_the_date_moves_the_earliest_plan(scene: Scene) -> None:
    planned = acts.plan(scene.anna, kind="call", subject="x", due=at(24, 15), customer=scene.customer)
    customer = access.find(scene.anna, Customer, scene.customer)
    with changesets.opened(scene.anna, "form") as mine:
        change.update(scene.anna, customer, {"next_follow_up_on": "2026-11-27"})
    assert values(scene.activity(planned.id))["due_at"] == clock.iso(at(27, 15))
    assert scene.at("next_follow_up_on") == "2026-11-27"
    with pytest.raises(Invalid) as refused:
        change.update(scene.anna, access.find(scene.anna, Customer, scene.customer), {"next_follow_up_on": None})
    assert "27 Nov" in str(refused.value)
    undo.undo(scene.anna, mine.id)
    assert values(scene.activity(planned.id))["due_at"] == clock.iso(at(24, 15))
    assert scene.at("next_follow_up_on") == "2026-11-24"


def test_a_bare_date_stands_until_something_is_done(scene: Scene) -> None:
    customer = access.find(scene.anna, Customer, scene.customer)
    change.update(scene.anna, customer, {"next_follow_up_on": "2026-11-20"})
    assert scene.at("next_follow_up_on") == "2026-11-20"
    acts.log(scene.anna, kind="note", subject="a note", customer=scene.customer)
    acts.log(scene.anna, kind="call", subject="yesterday's", customer=scene.customer, at=at(19, 10))
    assert scene.at("next_follow_up_on") == "2026-11-20", "neither is what was due"
    with changesets.opened(scene.anna, "form") as mine:
        acts.log(scene.anna, kind="call", subject="today's", customer=scene.customer)
    assert scene.at("next_follow_up_on") is None
    undo.undo(scene.anna, mine.id)
    assert scene.at("next_follow_up_on") == "2026-11-20"


def test_a_bare_date_comes_back_behind_a_plan(scene: Scene) -> None:
    change.update(scene.anna, access.find(scene.anna, Customer, scene.customer), {"next_follow_up_on": "2026-12-10"})
    planned = acts.plan(scene.anna, kind="call", subject="x", due=at(24, 15), customer=scene.customer)
    assert scene.at("next_follow_up_on") == "2026-11-24"
    with clock.at(at(24, 16)):
        acts.done(scene.anna, planned)
    assert scene.at("next_follow_up_on") == "2026-12-10", "it was promised, and nothing was done since that day"
    with clock.at(at(11, 10, month=12)):
        acts.log(scene.anna, kind="email", subject="x", customer=scene.customer)
    assert scene.at("next_follow_up_on") is None


def test_a_new_customers_date_and_an_emptied_one(scene: Scene) -> None:
    made = change.create(scene.anna, Customer, {"name": "Fresh", "next_follow_up_on": "2026-11-30"})
    assert scene.at("next_follow_up_on", int(made.id)) == "2026-11-30"
    change.update(scene.anna, made, {"next_follow_up_on": None})
    assert scene.at("next_follow_up_on", int(made.id)) is None


def test_deleting_the_customer_and_bringing_it_back(scene: Scene) -> None:
    acts.log(scene.anna, kind="call", subject="x", customer=scene.customer)
    acts.plan(scene.anna, kind="call", subject="x", due=at(24, 15), customer=scene.customer)
    change.delete(scene.anna, access.find(scene.anna, Customer, scene.customer))
    change.restore(scene.anna, access.fetch(SYSTEM, Customer, scene.customer, bin=True))  # type: ignore[arg-type]
    assert scene.at("last_follow_up_at") == clock.iso(FRIDAY)
    assert scene.at("next_follow_up_on") == "2026-11-24"


def test_a_merge_takes_both_histories(scene: Scene) -> None:
    owner = scene.cast.actor("owner")
    acts.log(scene.anna, kind="call", subject="x", customer=scene.other, contact=scene.stranger)
    acts.plan(scene.anna, kind="call", subject="x", due=at(24, 15), customer=scene.other)
    with changesets.opened(owner, "merge") as mine:
        merge.merge(owner, access.find(owner, Customer, scene.customer), access.find(owner, Customer, scene.other))
    assert scene.at("last_follow_up_at") == clock.iso(FRIDAY)
    assert scene.at("next_follow_up_on") == "2026-11-24"
    undo.undo(owner, mine.id)
    assert (scene.at("last_follow_up_at"), scene.at("next_follow_up_on")) == (None, None)
    assert scene.at("last_follow_up_at", scene.other) == clock.iso(FRIDAY)
    assert scene.at("next_follow_up_on", scene.other) == "2026-11-24"


def test_who_asks_is_told_inside_the_transaction(scene: Scene) -> None:
    from smallcrm import store
    from smallcrm.areas.activities.rules import follow_ups
    from smallcrm.records import questions

    told: list[tuple[list[int], bool]] = []
    follow_ups.on_follow_up(lambda ids: told.append((ids, store.in_writing())))
    try:
        made = acts.log(scene.anna, kind="call", subject="x", customer=scene.customer)
        change.delete(scene.anna, made)
        acts.plan(scene.anna, kind="call", subject="x", due=TODAY, customer=scene.customer)
    finally:
        questions._listeners["customer"].pop()
    assert told == [([scene.customer], True)] * 2


def test_late_entries_keep_nothing_out_of_the_pool(scene: Scene) -> None:
    """Who is no manager may write down up to three days later; a manager at any time."""
    from smallcrm.areas.activities.rules import follow_ups

    acts.log(scene.anna, kind="call", subject="x", customer=scene.customer, at=at(16, 10))
    assert follow_ups.counting([scene.customer]) == {}
    assert scene.at("last_follow_up_at") == clock.iso(at(16, 10)), "it is shown all the same"
    acts.log(scene.anna, kind="call", subject="x", customer=scene.customer, at=at(17, 0, 5))
    assert follow_ups.counting([scene.customer]) == {scene.customer: clock.iso(at(17, 0, 5))}
    acts.log(scene.cast.actor("manager"), kind="call", subject="x", customer=scene.other, at=at(2, 10))
    assert follow_ups.counting([scene.other]) == {scene.other: clock.iso(at(2, 10))}


def test_a_time_zone_far_away(scene: Scene) -> None:
    settings.put(SYSTEM, {"company.timezone": "Pacific/Auckland"})
    acts.plan(scene.anna, kind="task", subject="x", due=dt.date(2026, 11, 24), customer=scene.customer)
    assert scene.at("next_follow_up_on") == "2026-11-24"
