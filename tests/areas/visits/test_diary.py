"""A visit and its diary entry are two sides of one thing."""

from __future__ import annotations

from typing import Any

import pytest

from smallcrm import store
from smallcrm.areas.activities.records import Activity
from smallcrm.areas.activities.rules import acts as activities
from smallcrm.areas.activities.rules import line
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.visits.records import Visit
from smallcrm.areas.visits.rules import acts, checking
from smallcrm.base import clock
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, change, changesets, rows, transfer, undo
from smallcrm.records.record import Record
from tests.areas.visits.scene import Outside, at, here, moment


def entry(outside: Outside, visit: Record) -> Record:
    return access.find(SYSTEM, Activity, outside.held(visit)["activity"])


def count(table: str) -> int:
    return int(store.value(f"SELECT count(*) FROM {table} WHERE deleted_at IS NULL"))


def test_a_plan_stands_in_the_diary_once(outside: Outside) -> None:
    customer = outside.customer()
    visit = outside.plan(customer, planned_minutes=45)
    held = outside.entry(visit)
    assert (held["kind"], held["subject"], held["due_at"], held["done_at"]) == (
        "visit", "Show the samples", moment("10:00"), None,
    )  # fmt: skip
    assert (held["customer"], held["owner"], held["duration_minutes"], held["all_day"]) == (
        customer,
        outside.cast.anna,
        45,
        0,
    )
    assert held["reminder_at"]
    assert (count("visit"), count("activity")) == (1, 1)
    assert rows.load(Customer, [customer])[customer]["next_follow_up_on"] == "2026-03-02"


@pytest.mark.parametrize(("kind", "as_activity"), [("phone", "call"), ("wechat", "message"), ("other", "meeting")])
def test_every_kind_counts_as_what_it_is(outside: Outside, kind: str, as_activity: str) -> None:
    assert outside.entry(outside.plan(kind=kind))["kind"] == as_activity


def test_what_changes_on_one_side_changes_on_the_other(outside: Outside) -> None:
    visit = outside.plan()
    change.update(outside.actor(), visit, {"purpose": "Ask about the order", "planned_at": moment("15:00")})
    assert outside.entry(visit)["subject"] == "Ask about the order"
    assert outside.entry(visit)["due_at"] == moment("15:00")
    activities.move(outside.actor(), entry(outside, visit), to=clock.moment(moment("11:30", 1)))
    assert outside.held(visit)["planned_at"] == moment("11:30", 1)
    change.update(outside.actor(), entry(outside, visit), {"kind": "call"})
    assert outside.held(visit)["kind"] == "phone"


def test_a_visit_of_the_log_line_is_a_visit(outside: Outside) -> None:
    customer = access.find(outside.actor(), Customer, outside.customer())
    place = line.place_of(outside.actor(), customer)
    line.keep(outside.actor(), place, line.read(outside.actor(), place, "visit them tomorrow 10:00"))
    assert (count("visit"), count("activity")) == (1, 1)
    held = rows.load(Visit, [1])[1]
    assert (held["state"], held["planned_at"], held["customer"]) == ("planned", moment("10:00", 1), customer.id)


def test_a_call_and_a_visit_noted_afterwards_are_none(outside: Outside) -> None:
    customer = outside.customer()
    activities.plan(outside.actor(), kind="call", subject="Call", due=clock.today(), customer=customer)
    activities.log(outside.actor(), kind="visit", subject="Was there", customer=customer)
    assert count("visit") == 0


def test_ticked_off_in_the_diary_it_has_ended(outside: Outside) -> None:
    visit = outside.plan()
    activities.done(outside.actor(), entry(outside, visit), body="They want twelve")
    held = outside.held(visit)
    assert (held["state"], held["report"], held["checked_in_at"], held["in_verdict"]) == (
        "ended",
        "They want twelve",
        None,
        None,
    )
    activities.reopen(outside.actor(), entry(outside, visit))
    assert outside.held(visit)["state"] == "planned"


def test_reopened_after_a_check_out_it_is_under_way(outside: Outside) -> None:
    visit = outside.plan()
    checking.check_in(outside.actor(), visit, evidence=here())
    with at("10:00"):
        checking.check_out(outside.actor(), visit, report="Well")
    activities.reopen(outside.actor(), entry(outside, visit))
    held = outside.held(visit)
    assert (held["state"], held["checked_out_at"]) == ("under_way", None)


def test_the_report_is_the_follow_up(outside: Outside) -> None:
    customer = outside.customer()
    visit = outside.plan(customer)
    with at("10:05"):
        checking.check_in(outside.actor(), visit, evidence=here())
    with at("10:47"):
        checking.check_out(outside.actor(), visit, report="They want twelve boxes", outcome="Interested")
    held = outside.entry(visit)
    assert (held["kind"], held["body"], held["outcome"]) == ("visit", "They want twelve boxes", "Interested")
    assert (held["done_at"], held["duration_minutes"]) == (moment("10:47"), 42)
    assert rows.load(Customer, [customer])[customer]["last_follow_up_at"] == moment("10:47")
    assert count("activity") == 1


def test_the_bin_takes_both_and_gives_both_back(outside: Outside) -> None:
    visit = outside.plan()
    change.delete(outside.actor(), outside.now(visit))
    assert (count("visit"), count("activity")) == (0, 0)
    change.restore(outside.actor(), access.find(outside.actor(), Visit, int(visit.id), bin=True))
    assert (count("visit"), count("activity")) == (1, 1)
    change.delete(outside.actor(), entry(outside, visit))
    assert (count("visit"), count("activity")) == (0, 0)
    change.restore(outside.actor(), access.find(outside.actor(), Activity, outside.held(visit)["activity"], bin=True))
    assert (count("visit"), count("activity")) == (1, 1)


def test_the_customers_bin_takes_everything(outside: Outside) -> None:
    customer = outside.customer()
    outside.plan(customer)
    change.delete(outside.actor(), access.find(outside.actor(), Customer, customer))
    assert (count("visit"), count("activity")) == (0, 0)
    change.restore(outside.actor(), access.find(outside.actor(), Customer, customer, bin=True))
    assert (count("visit"), count("activity")) == (1, 1)


def undone(outside: Outside, work: Any) -> None:
    with changesets.opened(outside.actor(), "form") as mine:
        work()
    result = undo.undo(outside.actor(), mine.id)
    assert result.kept == []


def test_undo_takes_both_sides_back(outside: Outside) -> None:
    visit = outside.plan()
    before = outside.held(visit), outside.entry(visit)
    undone(outside, lambda: change.update(outside.actor(), outside.now(visit), {"planned_at": moment("16:00")}))
    undone(outside, lambda: activities.move(outside.actor(), entry(outside, visit), to=clock.moment(moment("12:00"))))
    undone(outside, lambda: acts.cancel(outside.actor(), visit))
    undone(outside, lambda: checking.check_in(outside.actor(), visit, evidence=here()))
    after = outside.held(visit), outside.entry(visit)
    for was, now in zip(before, after, strict=True):
        assert {k: v for k, v in now.items() if was[k] != v and k not in ("version", "updated_at", "reminder_at")} == {}
    assert store.value("SELECT count(*) FROM visit_position") == 0


def test_handed_over_the_entry_goes_along(outside: Outside) -> None:
    visit = outside.plan()
    transfer.assign(outside.actor("manager"), outside.now(visit, "manager"), owner=outside.cast.bob)
    assert outside.entry(visit)["owner"] == outside.cast.bob
    change.update(outside.actor("manager"), entry(outside, visit), {"owner": outside.cast.anna})
    assert outside.held(visit)["owner"] == outside.cast.anna


def test_many_plans_at_once_make_many_visits(outside: Outside) -> None:
    customers = [outside.customer(f"Number {n}") for n in range(30)]
    plans = [{"kind": "visit", "subject": "Round", "customer": c, "due_at": moment("09:00", 1)} for c in customers]
    with changesets.opened(outside.actor(), "bulk"):
        change.create_many(outside.actor(), Activity, plans)
    assert (count("visit"), count("activity")) == (30, 30)
    assert store.value("SELECT count(DISTINCT activity) FROM visit") == 30
