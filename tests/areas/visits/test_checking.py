"""Check-in and check-out: evidence, verdicts, once, by whom; cancelling; what positions are kept and who sees them."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from smallcrm import store
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.visits.records import Visit
from smallcrm.areas.visits.rules import acts, checking, own, points, positions
from smallcrm.areas.visits.rules.checking import Evidence, Far
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden, Invalid, NotFound, SmallcrmError, WrongState
from smallcrm.records import access, cache, change, changesets, rows, settings
from tests.areas.visits.scene import ACROPOLIS, SYNTAGMA, Outside, at, here, moment


def test_in_range(outside: Outside) -> None:
    visit = checking.check_in(outside.actor(), outside.plan(), evidence=here((37.971, 23.7257), 30))
    held = outside.held(visit)
    assert (held["state"], held["in_verdict"], held["in_distance"]) == ("under_way", "in_range", 59)
    assert held["checked_in_at"] == moment("09:00")
    kept = positions.of_visit(outside.actor(), visit)
    assert [(each.act, each.point, each.accuracy) for each in kept] == [("in", (37.971, 23.7257), 30)]


def test_out_of_range_is_asked_about_and_then_kept(outside: Outside) -> None:
    visit = outside.plan()
    with pytest.raises(Far) as asked:
        checking.check_in(outside.actor(), visit, evidence=here(SYNTAGMA))
    assert 955 < asked.value.metres < 965
    assert outside.held(visit)["state"] == "planned"
    assert store.value("SELECT count(*) FROM visit_position") == 0
    checking.check_in(outside.actor(), visit, evidence=here(SYNTAGMA), confirmed=True)
    assert outside.held(visit)["in_verdict"] == "out_of_range"


def test_the_range_is_a_setting(outside: Outside) -> None:
    settings.put(outside.actor("owner"), {"visits.range": 1000})
    checking.check_in(outside.actor(), visit := outside.plan(), evidence=here(SYNTAGMA))
    assert outside.held(visit)["in_verdict"] == "in_range"


def test_accuracy_counts_for_the_visitor_but_not_without_end(outside: Outside) -> None:
    checking.check_in(outside.actor(), one := outside.plan(), evidence=here(SYNTAGMA, 470))
    checking.check_in(outside.actor(), other := outside.plan(), evidence=here(SYNTAGMA, 50_000))
    assert (outside.held(one)["in_verdict"], outside.held(other)["in_verdict"]) == ("in_range", "unverifiable")


def test_without_a_position_it_takes_a_reason_or_a_photo(outside: Outside) -> None:
    visit = outside.plan()
    with pytest.raises(Invalid) as refused:
        checking.check_in(outside.actor(), visit, evidence=Evidence(reason="  "))
    assert list(refused.value.errors) == ["reason"]
    checking.check_in(outside.actor(), visit, evidence=Evidence(reason="No reception in the cellar"))
    held = outside.held(visit)
    assert (held["in_verdict"], held["in_reason"], held["in_distance"]) == (
        "unverifiable", "No reception in the cellar", None,
    )  # fmt: skip
    checking.check_in(outside.actor(), other := outside.plan(), evidence=Evidence(photos=1))
    assert outside.held(other)["in_verdict"] == "unverifiable"


def test_without_a_point_nothing_can_be_verified(outside: Outside) -> None:
    visit = outside.plan(outside.customer(point=None))
    checking.check_in(outside.actor(), visit, evidence=here())
    assert (outside.held(visit)["in_verdict"], outside.held(visit)["in_distance"]) == ("unverifiable", None)


def test_the_first_visit_may_set_the_point(outside: Outside) -> None:
    customer = outside.customer(point=None)
    checking.check_in(outside.actor(), outside.plan(customer), evidence=here(), sets_point=True)
    held = rows.load(Customer, [customer])[customer]
    assert points.point_of(held["latitude"], held["longitude"]) == ACROPOLIS
    assert not points.may_set(outside.actor(), customer)
    checking.check_in(outside.actor(), outside.plan(customer), evidence=here(SYNTAGMA), confirmed=True, sets_point=True)
    assert rows.load(Customer, [customer])[customer]["latitude"] == held["latitude"]


def test_who_may_not_change_the_customer_sets_no_point(outside: Outside) -> None:
    customer = outside.customer(owner="carl", point=None)
    visit = change.create(outside.actor("carl"), Visit, {"customer": customer, "owner": outside.cast.carl})
    change.update(outside.actor("owner"), visit, {"owner": outside.cast.anna})
    assert not points.may_set(outside.actor(), customer)
    checking.check_in(outside.actor(), outside.now(visit), evidence=here(), sets_point=True)
    assert rows.load(Customer, [customer])[customer]["latitude"] is None
    settings.put(outside.actor("owner"), {"visits.first_sets_point": False})
    assert not points.may_set(outside.actor("carl"), customer)


def test_by_telephone_there_is_nothing_to_verify(outside: Outside) -> None:
    checking.check_in(outside.actor(), visit := outside.plan(kind="phone"), evidence=Evidence())
    assert (outside.held(visit)["state"], outside.held(visit)["in_verdict"]) == ("under_way", None)


def test_only_whose_visit_it_is(outside: Outside) -> None:
    visit = outside.plan()
    with pytest.raises(Forbidden):
        checking.check_in(outside.actor("manager"), visit, evidence=here())
    with pytest.raises(NotFound):
        checking.check_in(outside.actor("carl"), visit, evidence=here())
    with pytest.raises(Forbidden):
        checking.check_in(outside.actor("reader"), visit, evidence=here())


def test_twice_is_told_so(outside: Outside) -> None:
    visit = outside.plan()
    checking.check_in(outside.actor(), visit, evidence=here())
    with at("09:10"), pytest.raises(WrongState, match="Checked in already"):
        checking.check_in(outside.actor(), visit, evidence=here())
    assert outside.held(visit)["checked_in_at"] == moment("09:00")


def test_two_devices_at_once_get_one_outcome_each(outside: Outside) -> None:
    visit = outside.plan()
    said: list[Any] = []
    who = outside.actor()

    def tap() -> None:
        try:
            with at("09:00"):
                said.append(checking.check_in(who, visit, evidence=here()))
        except SmallcrmError as error:
            said.append(error)

    threads = [threading.Thread(target=tap) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(type(each).__name__ for each in said) == ["Visit", *["WrongState"] * 5]
    assert len(changesets.history("visit", int(visit.id))) == 2


def test_check_out(outside: Outside) -> None:
    visit = outside.plan()
    with pytest.raises(WrongState):
        checking.check_out(outside.actor(), visit, report="Well")
    checking.check_in(outside.actor(), visit, evidence=here())
    with at("09:50"):
        with pytest.raises(Invalid) as refused:
            checking.check_out(outside.actor(), visit, report=" \n")
        assert list(refused.value.errors) == ["report"]
        checking.check_out(outside.actor(), visit, report="Well", evidence=here(SYNTAGMA))
        with pytest.raises(WrongState):
            checking.check_out(outside.actor(), visit, report="Again")
    held = outside.held(visit)
    assert (held["state"], held["out_verdict"], held["minutes"], held["report"]) == (
        "ended",
        "out_of_range",
        50,
        "Well",
    )
    assert 955 < held["out_distance"] < 965


@pytest.mark.parametrize(("day", "time", "minutes"), [(0, "09:00", 1), (0, "23:59", 899), (3, "09:00", 1440)])
def test_a_forgotten_check_out_counts_a_day_at_most(outside: Outside, day: int, time: str, minutes: int) -> None:
    visit = checking.check_in(outside.actor(), outside.plan(), evidence=here())
    with at(time, day):
        assert checking.stayed(visit) == minutes


def test_unplanned(outside: Outside) -> None:
    customer = outside.customer()
    with pytest.raises(Far):
        checking.start_unplanned(outside.actor(), customer=customer, evidence=here(SYNTAGMA))
    assert store.value("SELECT count(*) FROM visit") == 0
    visit = checking.start_unplanned(outside.actor(), customer=customer, evidence=here())
    held = outside.held(visit)
    assert (held["state"], held["unplanned"], held["planned_at"], held["purpose"]) == (
        "under_way",
        1,
        moment("09:00"),
        "Visit",
    )


# ---------------------------------------------------------------- cancelling


def test_cancelled_it_leaves_the_diary_and_comes_back(outside: Outside) -> None:
    visit = outside.plan()
    acts.cancel(outside.actor(), visit, reason="They are ill")
    assert (outside.held(visit)["state"], outside.held(visit)["cancel_reason"]) == ("cancelled", "They are ill")
    assert outside.entry(visit)["deleted_at"]
    with pytest.raises(WrongState):
        acts.cancel(outside.actor(), visit)
    acts.reinstate(outside.actor(), visit)
    assert outside.held(visit)["state"] == "planned"
    assert outside.entry(visit)["deleted_at"] is None


def test_a_begun_one_needs_a_reason(outside: Outside) -> None:
    visit = checking.check_in(outside.actor(), outside.plan(), evidence=here())
    with pytest.raises(Invalid):
        acts.cancel(outside.actor(), visit)
    acts.cancel(outside.actor(), visit, reason="Nobody there")
    acts.reinstate(outside.actor(), visit)
    held = outside.held(visit)
    assert (held["state"], held["checked_in_at"], held["in_verdict"], held["in_distance"]) == (
        "planned",
        None,
        None,
        None,
    )
    assert store.value("SELECT count(*) FROM visit_position") == 0


def open_ones() -> list[str]:
    return [row[0] for row in store.rows("SELECT planned_at FROM visit WHERE state = 'planned' ORDER BY id")]


def test_of_a_series_the_next_one_stands(outside: Outside) -> None:
    visit = outside.plan(repeat="weekly")
    checking.check_in(outside.actor(), visit, evidence=here())
    checking.check_out(outside.actor(), visit, report="Well")
    assert open_ones() == [moment("10:00", 7)]
    following = access.find(outside.actor(), Visit, int(store.value("SELECT max(id) FROM visit")))
    assert outside.held(following)["purpose"] == "Show the samples"
    assert outside.held(following)["report"] is None
    acts.cancel(outside.actor(), following)
    assert open_ones() == [moment("10:00", 14)]
    last = access.find(outside.actor(), Visit, int(store.value("SELECT max(id) FROM visit")))
    acts.cancel(outside.actor(), last, series=True)
    assert open_ones() == []
    assert store.value("SELECT count(*) FROM activity WHERE deleted_at IS NULL AND done_at IS NULL") == 0


def test_a_series_needs_a_day(outside: Outside) -> None:
    with pytest.raises(Invalid) as refused:
        outside.plan(when=None, repeat="weekly")
    assert list(refused.value.errors) == ["planned_at"]


def test_a_contact_of_somebody_else_is_refused(outside: Outside) -> None:
    with pytest.raises(Invalid) as refused:
        outside.plan(contact=outside.contact(outside.customer("Elsewhere")))
    assert list(refused.value.errors) == ["contact"]


# ---------------------------------------------------------------- positions


def test_who_sees_where_somebody_was(outside: Outside) -> None:
    visit = checking.check_in(outside.actor(), outside.plan(), evidence=here())
    assert positions.of_visit(outside.actor("anna"), visit)
    assert positions.of_visit(outside.actor("manager"), visit)
    for part in ("reader", "bob", "carl"):
        assert positions.of_visit(outside.actor(part), visit) == []


def test_their_time_is_over_after_the_days_set(outside: Outside) -> None:
    visit = checking.check_in(outside.actor(), outside.plan(), evidence=here())
    with at("10:00", 89):
        assert not positions.expired(clock.now())
    with at("10:00", 91):
        assert positions.expired(clock.now())
        assert positions.forget_expired() == {"positions": 1}
        assert positions.forget_expired() == {"positions": 0}
    held = outside.held(visit)
    assert (held["in_verdict"], held["in_distance"]) == ("in_range", None)
    assert '"latitude"' not in str(changesets.history("visit", int(visit.id)))
    settings.put(outside.actor("owner"), {"visits.keep_positions_days": 0})
    with at("10:00", 900):
        assert not positions.expired(clock.now())


def test_ones_own_are_given_out_and_erased(outside: Outside) -> None:
    visit = checking.check_in(outside.actor(), outside.plan(), evidence=here())
    assert own.exported(outside.cast.anna) == [
        {"visit": visit.id, "act": "check-in", "at": moment("09:00"), "latitude": ACROPOLIS[0], "longitude": ACROPOLIS[1], "accuracy": 20}
    ]  # fmt: skip
    assert own.exported(outside.cast.bob) == []
    assert own.erase(outside.actor("owner"), outside.cast.anna) == 1
    assert own.count(outside.cast.anna) == 0
    assert outside.held(visit)["in_distance"] is None


@pytest.mark.parametrize("sent", [("x", "1", ""), ("91", "0", ""), ("0", "181", ""), ("nan", "0", ""), ("1", "", ""), ("1", "1", "-5"), ("1", "1", "inf")])  # fmt: skip
def test_what_is_no_place_on_earth_is_refused(sent: tuple[str, str, str]) -> None:
    with pytest.raises(Invalid):
        positions.read(*sent)


def test_a_point_hidden_from_the_visitor_still_measures(outside: Outside) -> None:
    visit = outside.plan()
    role = store.value("SELECT role FROM user WHERE id = ?", [outside.cast.anna])
    from smallcrm.areas.people.records import Role

    rights = [{"type": "customer", "field": name, "right": "hidden"} for name in ("latitude", "longitude")]
    change.update(
        outside.actor("owner"), access.find(outside.actor("owner"), Role, role), {"field_rights": rights}, trusted=True
    )
    cache.current()
    assert points.places(outside.actor(), [visit.__data__["customer"]])[visit.__data__["customer"]].point is None
    checking.check_in(outside.actor(), visit, evidence=here())
    assert outside.held(visit)["in_verdict"] == "in_range"


def test_an_erased_customer_takes_positions_along(outside: Outside) -> None:
    from smallcrm.areas.privacy.rules import erasing

    customer = outside.customer("Maria Papadaki", kind="person")
    checking.check_in(outside.actor(), outside.plan(customer), evidence=here())
    record = access.find(outside.actor("owner"), Customer, customer)
    erasing.erase(outside.actor("owner"), record)
    assert store.value("SELECT count(*) FROM visit_position") == 0
    assert rows.load(Customer, [customer])[customer]["latitude"] is None
