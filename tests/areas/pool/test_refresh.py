"""The last day follows on every path that changes what it follows from; nothing is ever nulled that has an owner and a rule."""

from __future__ import annotations

from typing import Any

import pytest

from smallcrm.areas.activities.records import Activity
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.people.records import Team, User
from smallcrm.areas.pool.records import Pool
from smallcrm.areas.pool.rules import claim, lock, release
from smallcrm.areas.pool.rules.refresh import refresh_owned
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, bulk, change, changesets, merge, questions, undo
from tests.areas.pool.scene import Company, on


def test_a_new_one_has_its_day_at_once(company: Company) -> None:
    """In the table and in what is answered; nothing for who belongs to no pool, who is no customer, who lies in a pool."""
    pool = company.pool(days_without_follow_up=30, days_by_grade={"A": 60})
    made = change.create(company.actor("anna"), Customer, {"name": "New", "grade": "A"})
    assert (made.recycle_on, made.recycle_reason) == ("2026-05-01", "follow_up")
    assert company.due(made.id) == "2026-05-01"
    assert company.due(company.customer(owner="bob")) == "2026-04-01"
    assert company.due(company.customer(owner="carl")) is None
    assert company.due(company.customer(owner="anna", roles=["supplier"])) is None
    assert company.due(company.lying(pool)) is None


def test_what_changes_on_the_record(company: Company) -> None:
    """Grade, owner, roles, tags, lock; by hand, several at once, undone, out of the bin."""
    pool = company.pool(days_without_follow_up=30, days_by_grade={"A": 60}, exempt_tags=["Strategic"])
    owner = company.actor("owner")
    number = company.customer()
    assert company.due(number) == "2026-04-01"

    def put(**values: Any) -> str | None:
        change.update(owner, access.find(owner, Customer, number), values)
        return company.due(number)

    assert put(grade="A") == "2026-05-01"
    assert put(grade=None) == "2026-04-01"
    assert put(tags=["strategic"]) is None
    assert put(tags=["other"]) == "2026-04-01"
    assert put(roles=["supplier"]) is None
    assert put(roles=["supplier", "customer"]) == "2026-04-01"
    with on(10):
        assert put(owner=company.cast.bob) == "2026-04-11"
        assert put(owner=company.cast.carl) is None
        assert put(owner=company.cast.anna) == "2026-04-11"
        lock.lock(owner, access.find(owner, Customer, number))
        assert company.due(number) is None
        lock.unlock(owner, access.find(owner, Customer, number))
        assert company.due(number) == "2026-04-11"
        result = bulk.run(owner, bulk.Selection(Customer, (number,)), bulk.edit(Customer, {"grade": "A"}))
        assert company.due(number) == "2026-05-11"
        undo.undo(owner, result.set)
        assert company.due(number) == "2026-04-11"
        bulk.run(owner, bulk.Selection(Customer, (number,)), bulk.assign(Customer, company.cast.carl))
        assert company.due(number) is None
        bulk.run(owner, bulk.Selection(Customer, (number,)), bulk.assign(Customer, company.cast.bob))
        change.delete(owner, access.find(owner, Customer, number))
        change.restore(owner, access.find(owner, Customer, number, bin=True))
        assert company.due(number) == "2026-04-11"
        release.release(owner, Customer, [number], reason="no need", pool=pool)
        assert company.due(number) is None
    with on(20):
        claim.claim(company.actor("anna"), Customer, [number])
        assert company.due(number) == "2026-04-21"


def test_follow_ups_push_it_back(company: Company) -> None:
    """Done ones only; with a contact or about it; an edit, a deletion, a merge move it too. Notes, plans and edits do not."""
    company.pool(days_without_follow_up=30)
    number = company.customer()
    contact = company.contact(number)
    with on(5):
        for values in ({"kind": "note"}, {"kind": "task"}, {"done_at": None, "due_at": "2026-05-01T09:00:00.000Z"}):
            company.follow_up(number, **values)
        change.update(SYSTEM, company.record(Customer, number), {"notes": "called, they say"}, trusted=True)
        assert company.due(number) == "2026-04-01"
        company.follow_up(number)
        assert company.due(number) == "2026-04-06"
        assert company.held(number)["last_follow_up_at"] == "2026-03-07T09:00:00.000Z"
    with on(8):
        company.follow_up(None, contact=contact, kind="message")
        assert company.due(number) == "2026-04-09"
    with on(9):
        about = company.follow_up(None, about={"type": "customers", "id": number}, kind="visit")
        assert company.due(number) == "2026-04-10"
    change.delete(SYSTEM, company.record(Activity, about))
    assert company.due(number) == "2026-04-09"
    planned = company.follow_up(number, done_at=None, due_at="2026-03-12T09:00:00.000Z")
    with on(10):
        change.update(SYSTEM, company.record(Activity, planned), {"done_at": "2026-03-12T09:00:00.000Z"}, trusted=True)
        assert company.due(number) == "2026-04-11"
        other = company.customer("Other")
        change.update(SYSTEM, company.record(Activity, planned), {"customer": other}, trusted=True)
        assert (company.due(number), company.due(other)) == ("2026-04-09", "2026-04-11")
        merge.merge(company.actor("owner"), company.record(Customer, number), company.record(Customer, other))
        assert company.due(number) == "2026-04-11"


@pytest.mark.parametrize(("by", "late_one"), [("anna", "2026-04-01"), ("manager", "2026-04-17")])
def test_entered_too_late(company: Company, by: str, late_one: str) -> None:
    """Three days later still counts; later it is shown as the last one, but keeps nothing out of the pool, unless a manager's."""
    company.pool(days_without_follow_up=30)
    in_time, late = company.customer(), company.customer("Late")
    with on(19, 23):
        company.follow_up(in_time, by, done_at="2026-03-18T00:10:00.000Z")
    with on(20, 0.1):
        company.follow_up(late, by, done_at="2026-03-18T23:50:00.000Z")
    assert company.due(in_time) == "2026-04-17"
    assert company.due(late) == late_one
    assert company.held(late)["last_follow_up_at"] == "2026-03-18T23:50:00.000Z"


def test_never_from_later_than_it_was_written_down(company: Company) -> None:
    """A call that is to be counts as done when it was written down."""
    company.pool(days_without_follow_up=30)
    number = company.customer()
    company.follow_up(number, done_at="2026-12-24T09:00:00.000Z")
    assert company.due(number) == "2026-04-01"
    assert company.held(number)["last_follow_up_at"] == "2026-03-02T09:00:00.000Z"


def test_rules_and_people(company: Company) -> None:
    """A changed rule, members, order of pools, teams, a switched-off owner: all that they cover is looked at anew."""
    pool = company.pool(days_without_follow_up=30)
    mine, bobs, carls = company.customer(), company.customer("B", "bob"), company.customer("C", "carl")
    company.set(pool, days_without_follow_up=40)
    assert [company.due(i) for i in (mine, bobs, carls)] == ["2026-04-11", "2026-04-11", None]
    company.set(pool, days_without_follow_up=0)
    assert company.due(mine) is None
    company.set(pool, days_without_follow_up=30, members=[company.cast.carl])
    assert [company.due(i) for i in (mine, bobs, carls)] == [None, None, "2026-04-01"]
    company.set(pool, members=[{"type": "teams", "id": company.cast.sales}])  # with every team under it
    assert [company.due(i) for i in (mine, bobs, carls)] == ["2026-04-01"] * 3
    second = company.pool("First in order", ["anna"], position=0, days_without_follow_up=5)
    assert [company.due(i) for i in (mine, bobs)] == ["2026-03-07", "2026-04-01"]
    company.set(second, position=9)
    assert company.due(mine) == "2026-04-01"
    company.set(pool, enabled=False)
    assert [company.due(i) for i in (mine, bobs)] == ["2026-03-07", None]
    company.set(pool, enabled=True)
    change.update(SYSTEM, company.record(Team, company.cast.north), {"parent": None}, trusted=True)
    assert [company.due(i) for i in (mine, bobs, carls)] == ["2026-03-07", None, "2026-04-01"]
    change.update(SYSTEM, company.record(User, company.cast.bob), {"team": company.cast.south}, trusted=True)
    assert company.due(bobs) == "2026-04-01"
    change.update(SYSTEM, company.record(User, company.cast.carl), {"active": False}, trusted=True)
    held = company.held(carls)
    assert (held["recycle_on"], held["recycle_reason"]) == ("2026-03-01", "owner")
    with on(3):
        refresh_owned()
        assert company.due(carls) == "2026-03-01"  # stays as it is
    company.set(pool, members=[])
    assert company.due(bobs) == "2026-04-01"  # nobody chosen is everybody


def test_answers_of_later_areas(company: Company) -> None:
    """Deals, opportunities and open business are asked for, and a change of theirs is heard."""
    company.pool(days_without_opportunity=10, days_without_deal=50)
    number = company.customer()
    assert (company.due(number), company.held(number)["recycle_reason"]) == ("2026-03-12", "opportunity")
    answers: dict[str, dict[int, Any]] = {
        questions.OPPORTUNITY: {number: ("2026-03-02T10:00:00.000Z", False)}, questions.DEAL: {}, questions.OPEN_BUSINESS: {}
    }  # fmt: skip
    asked = [
        (question, lambda ids, question=question: {i: v for i, v in answers[question].items() if i in ids})
        for question in answers
    ]
    for question, answer in asked:
        questions._answers.setdefault((question, "customer"), []).append(answer)
    try:
        with changesets.opened(SYSTEM, "rule"):
            questions.changed("customer", [number])
        assert (company.due(number), company.held(number)["recycle_reason"]) == ("2026-04-21", "deal")
        for question, value in (
            (questions.OPEN_BUSINESS, "an open order"),
            (questions.DEAL, "2026-03-02T10:00:00.000Z"),
        ):
            answers[question][number] = value
            with changesets.opened(SYSTEM, "rule"):
                questions.changed("customer", [number])
            assert company.due(number) is None
            del answers[question][number]
    finally:
        for question, answer in asked:
            questions._answers[question, "customer"].remove(answer)


def test_reading_back_changes_nothing(company: Company) -> None:
    """Looking at everything anew finds nothing to change, touches no version and writes no history."""
    company.pool(days_without_follow_up=30, remind_days_before=3)
    numbers = [company.customer(f"C{n}", ("anna", "bob", "carl")[n % 3]) for n in range(12)]
    company.follow_up(numbers[0])
    before = [company.held(n) for n in numbers]
    assert refresh_owned() == 0
    assert [company.held(n) for n in numbers] == before


def test_a_deleted_pool_lets_go(company: Company) -> None:
    """What it covered follows the next one, or none."""
    company.pool("Stays", ["carl"], days_without_follow_up=9)
    pool = company.pool(days_without_follow_up=30)
    number = company.customer()
    change.delete(company.actor("owner"), company.record(Pool, pool))
    assert company.due(number) is None
