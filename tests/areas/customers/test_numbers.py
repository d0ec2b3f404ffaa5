"""Customer numbers: one after the other, in batches too, never one that somebody has."""

from __future__ import annotations

import threading

import pytest

from smallcrm import store
from smallcrm.areas.customers.records import Customer
from smallcrm.base.errors import Invalid
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import change, changesets, settings
from tests.areas.customers.making import again, customer
from tests.cast import Cast


def numbers() -> list[str]:
    return [number for (number,) in store.rows("SELECT number FROM customer ORDER BY id")]


def test_one_after_the_other_and_in_a_batch(cast: Cast) -> None:
    assert customer(cast).number == "C-00001"  # type: ignore[attr-defined]
    anna = cast.actor("anna")
    with changesets.opened(anna, "import"):
        outcome = change.create_many(anna, Customer, [{"name": "a"}, {"name": ""}, {"name": "b"}])
    assert list(outcome.errors) == [1]
    assert numbers() == ["C-00001", "C-00002", "C-00003"]
    assert customer(cast, "c").number == "C-00004"  # type: ignore[attr-defined]


def test_a_refused_one_takes_none(cast: Cast) -> None:
    with pytest.raises(Invalid):
        customer(cast, "")
    assert customer(cast).number == "C-00001"  # type: ignore[attr-defined]


def test_one_brought_along_is_kept_and_skipped(cast: Cast) -> None:
    kept = change.create(SYSTEM, Customer, {"name": "Old", "number": "C-00002"}, trusted=True)
    assert kept.number == "C-00002"  # type: ignore[attr-defined]
    assert [customer(cast, name).number for name in "xyz"] == ["C-00001", "C-00003", "C-00004"]  # type: ignore[attr-defined]
    with pytest.raises(Invalid):
        change.create(SYSTEM, Customer, {"name": "Twice", "number": "c-00002"}, trusted=True)


def test_nobody_writes_it_by_hand(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        customer(cast, number="X-1")
    assert "number" in refused.value.errors


def test_the_pattern_is_a_setting(cast: Cast) -> None:
    for wrong in ("none", "{0:5}{0:2}", "{0:12}"):
        with pytest.raises(Invalid):
            settings.put(SYSTEM, {"customers.number": wrong})
    settings.put(SYSTEM, {"customers.number": "K{0:3}"})
    assert customer(cast).number == "K001"  # type: ignore[attr-defined]
    assert again(customer(cast, "b")).number == "K002"  # type: ignore[attr-defined]


def test_twenty_at_once(cast: Cast) -> None:
    anna = cast.actor("anna")

    def make() -> None:
        change.create(anna, Customer, {"name": "Race"})
        store.close_thread()

    threads = [threading.Thread(target=make) for _ in range(20)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(numbers()) == [f"C-{n:05}" for n in range(1, 21)]
