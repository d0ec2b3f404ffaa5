"""Periods, who owes what until when, filling in, handing in, reading, commenting, counting, telling."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm import store
from smallcrm.areas.workreports.records import WorkReport
from smallcrm.areas.workreports.rules import acts, counting, filling, owing, periods, telling
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden, Invalid, NotFound, WrongState
from smallcrm.records import access, cache, change, changesets, doings, questions, settings, undo
from smallcrm.records.doings import Doing
from tests.areas.visits.scene import MONDAY, at, moment
from tests.areas.workreports.scene import Office

DAYS = st.dates(dt.date(2001, 1, 1), dt.date(2199, 12, 31))
DAY = dt.timedelta(days=1)


@given(st.sampled_from(["daily", "weekly", "monthly"]), DAYS)
def test_periods_cover_every_day_once(kind: str, day: dt.date) -> None:
    first, last = periods.of(kind, day)
    assert first <= day <= last
    assert periods.of(kind, first) == periods.of(kind, last) == (first, last)
    assert periods.after(kind, (first, last))[0] == last + DAY
    assert periods.before(kind, (first, last))[1] == first - DAY
    if kind == "weekly":
        assert (first.weekday(), (last - first).days) == (0, 6)
    if kind == "monthly":
        assert (first.day, (last + DAY).day) == (1, 1)


def test_periods_are_the_businesss(office: Office) -> None:
    settings.put(office.actor("owner"), {"company.timezone": "Asia/Shanghai"})
    try:
        assert periods.moments((MONDAY, MONDAY)) == ("2026-03-01T16:00:00.000Z", "2026-03-02T16:00:00.000Z")
        settings.put(office.actor("owner"), {"company.timezone": "Europe/Athens"})
        spring = dt.date(2026, 3, 29)
        assert periods.moments((spring, spring)) == ("2026-03-28T22:00:00.000Z", "2026-03-29T21:00:00.000Z")
    finally:
        settings.put(office.actor("owner"), {"company.timezone": "UTC"})


def window(office: Office, rule: int, day: dt.date) -> tuple[str, str]:
    found = office.of(rule)
    opens, closes = found.window(periods.of(found.kind, day))
    return clock.iso(opens)[:16], clock.iso(closes)[:16]


def test_windows(office: Office) -> None:
    assert window(office, office.daily, MONDAY) == ("2026-03-02T00:00", "2026-03-02T23:00")
    office.change_rule(office.daily, opens_at="16:00", closes_at="10:00", grace_days=1)
    assert window(office, office.daily, MONDAY) == ("2026-03-02T16:00", "2026-03-03T10:00")
    weekly = office.rule(kind="weekly", opens_day=5, closes_day=31)
    assert window(office, weekly, MONDAY) == ("2026-03-06T00:00", "2026-03-09T00:00")
    monthly = office.rule(kind="monthly", opens_day=30, closes_day=31)
    assert window(office, monthly, dt.date(2026, 2, 9)) == ("2026-02-28T00:00", "2026-03-01T00:00")
    assert window(office, monthly, dt.date(2028, 2, 9)) == ("2028-02-29T00:00", "2028-03-01T00:00")


@pytest.fixture
def away() -> Iterator[dict[int, list[tuple[str, str]]]]:
    spans: dict[int, list[tuple[str, str]]] = {}

    def answer(ids: Any) -> dict[int, list[tuple[str, str]]]:
        return {user: spans[user] for user in ids if user in spans}

    questions.answers(questions.ABSENT, "user")(answer)
    yield spans
    questions._answers[questions.ABSENT, "user"].remove(answer)


def owed(office: Office, day: str, kind: str = "daily", part: str = "anna") -> bool:
    user = getattr(office.cast, part)
    rule = owing.rule_for(user, kind)
    assert rule is not None
    period = periods.of(kind, dt.date.fromisoformat(day))
    return owing.owed(rule, user, period, owing.absences([user]).get(user, ()))


def test_not_on_days_off_holidays_and_leave(office: Office, away: dict[int, list[tuple[str, str]]]) -> None:
    settings.put(
        office.actor("owner"),
        {"follow_ups.holidays": ["2026-03-03 Founders' day", "2026-03-09..2026-03-13 Week off"], "follow_ups.worked_days": ["2026-03-07"]},
    )  # fmt: skip
    away[office.cast.anna] = [("2026-03-04", "2026-03-05")]
    days = ["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06", "2026-03-07", "2026-03-08"]
    assert [owed(office, day) for day in days] == [True, False, False, False, True, True, False]
    assert [owed(office, day, part="bob") for day in days] == [True, False, True, True, True, True, False]
    office.rule(kind="weekly", name="Weekly")
    assert owed(office, "2026-03-04", "weekly")
    assert not owed(office, "2026-03-10", "weekly")
    away[office.cast.anna] = [("2026-03-01", "2026-03-08")]
    assert not owed(office, "2026-03-04", "weekly")


def test_the_oldest_rule_that_fits_holds_and_nothing_is_owed_before_it(office: Office) -> None:
    other = office.rule(people=[{"type": "teams", "id": office.cast.sales}], name="All of sales", closes_at="18:00")
    assert owing.rule_for(office.cast.anna, "daily").id == office.daily  # type: ignore[union-attr]
    assert owing.rule_for(office.cast.carl, "daily").id == other  # type: ignore[union-attr]
    assert owing.rule_for(office.cast.service, "daily") is None
    assert not owed(office, "2026-02-27", part="carl")
    assert owed(office, "2026-02-27")
    role = store.value('SELECT role FROM "user" WHERE id = ?', [office.cast.service])
    by_role = office.rule(people=[{"type": "roles", "id": role}], name="Service")
    assert owing.people_of(office.of(by_role)) == (office.cast.service,)
    office.change_rule(office.daily, active=False)
    assert owing.rule_for(office.cast.anna, "daily").id == other  # type: ignore[union-attr]


# ---------------------------------------------------------------- filling in


def test_filled_in_with_what_was_done(office: Office) -> None:
    customer = office.customer()
    office.done(duration_minutes=12, customer=customer)
    office.done(duration_minutes=8)
    office.done(kind="visit", duration_minutes=45)
    office.done(kind="email")
    office.done(kind="note")
    office.done("bob")
    with at("23:59", -1):
        office.done()
    found = {f.key: (f.count, f.minutes) for f in filling.figures(office.cast.anna, (MONDAY, MONDAY))}
    assert found == {"calls": (2, 20), "visits": (1, 45), "follow_ups": (1, 0), "new_customers": (1, 0)}
    words = filling.proposed(office.actor(), (MONDAY, MONDAY), periods.after("daily", (MONDAY, MONDAY)))
    assert "- Holroyd Tea · Called" in words["done"]


def test_the_plan_comes_filled_in(office: Office) -> None:
    from smallcrm.areas.activities.rules import acts as activities

    activities.plan(office.actor(), kind="call", subject="Ring Maria", due=clock.at_local(MONDAY + DAY, dt.time(10)))
    words = filling.proposed(office.actor(), (MONDAY, MONDAY), (MONDAY + DAY, MONDAY + DAY))
    assert "10:00: Ring Maria" in words["plan"]


def test_other_areas_add_lines(office: Office) -> None:
    doings.line("cheered", "Cheered", "trophy")(lambda user, start, end: Doing(2, amount=125_000))
    try:
        found = filling.figures(office.cast.anna, (MONDAY, MONDAY))
        assert [(f.key, f.count, f.amount) for f in found] == [("cheered", 2, 125_000)]
        report = office.hand_in()
    finally:
        del doings._lines["cheered"]
    kept = filling.of_report(report, (MONDAY, MONDAY))
    assert [(f.key, str(f.label), f.amount) for f in kept] == [("cheered", "cheered", 125_000)]


def test_figures_stay_as_they_were_handed_in(office: Office) -> None:
    call = office.done(duration_minutes=10)
    report = office.hand_in()
    office.done(duration_minutes=30)
    kept = filling.of_report(report, (MONDAY, MONDAY))
    assert [(f.count, f.minutes) for f in kept] == [(1, 10)]
    assert [(f.count, f.minutes) for f in filling.figures(office.cast.anna, (MONDAY, MONDAY))] == [(2, 40)]
    assert set(filling.names(office.actor(), kept)) == {("activity", call)}
    assert filling.names(office.actor("carl"), kept) == {}


# ---------------------------------------------------------------- handing in


def test_in_time_and_late(office: Office) -> None:
    with at("22:59"):
        assert office.hand_in().__data__["late"] == 0
    with at("23:01", 1):
        assert office.hand_in(day="2026-03-03").__data__["late"] == 1
    assert office.hand_in("carl").__data__["late"] == 0


def test_handed_in_once_by_the_author_with_words(office: Office) -> None:
    report = office.write(done=None)
    with pytest.raises(Invalid):
        acts.hand_in(office.actor(), report)
    change.update(office.actor(), report, {"done": "Well"})
    with pytest.raises(Forbidden):
        acts.hand_in(office.actor("manager"), report)
    with pytest.raises(NotFound):
        acts.hand_in(office.actor("carl"), report)
    acts.hand_in(office.actor(), report)
    with pytest.raises(WrongState):
        acts.hand_in(office.actor(), report)
    ahead = office.write(day="2026-03-09")
    with pytest.raises(Invalid):
        acts.hand_in(office.actor(), ahead)


def test_one_a_period(office: Office) -> None:
    office.write(kind="weekly", day="2026-03-04")
    with pytest.raises(Invalid) as refused:
        office.write(kind="weekly", day="2026-03-08")
    assert list(refused.value.errors) == ["day"]
    office.write(kind="weekly", day="2026-03-09")
    office.write("bob", kind="weekly", day="2026-03-04")


def states(office: Office, report: Any) -> str:
    return str(office.now(report).__data__["state"])


def test_from_draft_to_commented(office: Office) -> None:
    report = office.write()
    assert states(office, report) == "draft"
    acts.hand_in(office.actor(), report)
    assert states(office, report) == "handed_in"
    acts.read(office.actor(), report)
    assert states(office, report) == "handed_in"
    acts.read(office.actor("manager"), report)
    assert states(office, report) == "read"
    acts.comment(office.actor(), report, "One more thing")
    assert states(office, report) == "read"
    acts.comment(office.actor("manager"), report, "Good")
    assert states(office, report) == "commented"
    with pytest.raises(Invalid):
        change.update(office.actor(), office.now(report), {"done": "Else"})
    change.update(office.actor("owner"), office.now(report, "owner"), {"problems": "Mended"})
    number = acts.comments(report)[-1].id
    with pytest.raises(Forbidden):
        acts.uncomment(office.actor(), report, number)
    acts.uncomment(office.actor("manager"), report, number)
    assert states(office, report) == "read"


def test_undone_it_is_a_draft_again(office: Office) -> None:
    report = office.write(readers=[office.cast.carl])
    with changesets.opened(office.actor(), "form") as mine:
        acts.hand_in(office.actor(), report)
    cache.current()
    assert access.fetch(office.actor("carl"), WorkReport, int(report.id)) is not None
    undo.undo(office.actor(), mine.id)
    cache.current()
    assert states(office, report) == "draft"
    assert access.fetch(office.actor("carl"), WorkReport, int(report.id)) is None


def test_nobody_else_changes_it_and_after_72_hours_only_admins_delete(office: Office) -> None:
    report = office.hand_in()
    with pytest.raises(Invalid, match="Only the author"):
        change.update(office.actor("manager"), office.now(report, "manager"), {"done": "Else"})
    with pytest.raises(Invalid, match="Only the author"):
        change.delete(office.actor("manager"), office.now(report, "manager"))
    with at("12:01", 3):
        with pytest.raises(Invalid, match="72 hours"):
            change.delete(office.actor(), office.now(report))
        change.delete(office.actor("owner"), office.now(report, "owner"))
    other = office.hand_in(day="2026-03-01")
    with at("11:59", 3):
        change.delete(office.actor(), office.now(other))


def test_the_rules_readers_are_told_and_see_it(office: Office) -> None:
    office.change_rule(office.daily, readers=[office.cast.carl])
    report = office.hand_in()
    told = store.rows("SELECT user FROM notice WHERE kind = 'work-report' ORDER BY user")
    manager = store.value("SELECT manager FROM team WHERE id = ?", [office.cast.sales])
    assert told == sorted([(manager,), (office.cast.carl,)])
    assert counting.unread(office.actor("carl")) == [report.id]
    acts.read(office.actor("carl"), report)
    assert counting.unread(office.actor("carl")) == []
    acts.like(office.actor("carl"), report, on=True)
    acts.comment(office.actor("carl"), report, "Thank you")
    assert [(user, liked) for user, _, liked in acts.readings(report)] == [(office.cast.carl, True)]
    assert store.value("SELECT count(*) FROM notice WHERE user = ?", [office.cast.anna]) == 1
    with pytest.raises(Forbidden):
        acts.like(office.actor(), report, on=True)
    with pytest.raises(NotFound):
        acts.comment(office.actor("service"), report, "?")


@pytest.mark.parametrize("text", ["", "  \n", "x" * 4001])
def test_comments_have_bounds(office: Office, text: str) -> None:
    with pytest.raises(Invalid):
        acts.comment(office.actor("manager"), office.hand_in(), text)


# ---------------------------------------------------------------- counting and telling


def test_counted_per_person(office: Office) -> None:
    office.hand_in(day="2026-02-26")
    with at("09:00", -3):
        office.hand_in(day="2026-02-27")
    office.hand_in("bob")
    users = [office.cast.anna, office.cast.bob, office.cast.carl]
    found = {each.user: each for each in counting.tally(users, "daily", dt.date(2026, 2, 26), MONDAY)}
    anna, bob = found[office.cast.anna], found[office.cast.bob]
    assert (anna.owed, anna.in_time, anna.late, anna.missing, anna.open) == (3, 1, 1, [], 1)
    assert (bob.owed, bob.in_time, bob.late, len(bob.missing), bob.open) == (3, 1, 0, 2, 0)
    assert office.cast.carl not in found


def test_a_manager_counts_their_own_people(office: Office) -> None:
    assert set(counting.people_seen(office.actor("manager"))) == {
        office.cast.manager, office.cast.anna, office.cast.bob, office.cast.carl,
    }  # fmt: skip
    assert counting.people_seen(office.actor("anna")) == [office.cast.anna]


def test_what_one_owes_now(office: Office) -> None:
    assert [(each.period[0], each.late) for each in counting.owed_by(office.cast.anna)] == [(MONDAY, False)]
    with at("09:00", 1):
        both = counting.owed_by(office.cast.anna)
        assert [(each.period[0], each.late) for each in both] == [(MONDAY, True), (MONDAY + DAY, False)]
    office.hand_in()
    assert counting.owed_by(office.cast.anna) == []


def told(user: int) -> list[str]:
    return [row[0] for row in store.rows("SELECT body FROM notice WHERE user = ? ORDER BY id", [user])]


def test_reminded_once_before_it_closes(office: Office) -> None:
    office.hand_in("bob")
    with at("21:59"):
        assert not [what for _, _, what in telling._pending(clock.now()) if what == "remind"]
    with at("22:05"):
        assert telling.due(clock.now())
        assert telling.send()["reminders"] == 1
        assert telling.send() == {"reminders": 0, "digests": 0}
    assert any("23:00" in body for body in told(office.cast.anna))
    assert not any("due" in body for body in told(office.cast.bob))


def test_the_readers_get_a_digest_once_it_has_closed(office: Office) -> None:
    office.hand_in("bob")
    with at("23:05"):
        assert telling.send()["digests"] >= 1
        assert telling.send() == {"reminders": 0, "digests": 0}
        assert not telling.due(clock.now())
    assert "1 handed in. Not handed in: Anna North" in told(office.cast.manager)


def test_what_was_missed_while_the_machine_slept_is_told_once(office: Office) -> None:
    with at("12:00", 2):
        telling.send()
        assert telling.send() == {"reminders": 0, "digests": 0}
    with at("12:00", 40):
        found = [(rule.id, period[0]) for rule, period, _ in telling._pending(clock.now())]
        assert all(period > MONDAY for _, period in found)
    assert moment("12:00")
