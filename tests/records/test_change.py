"""Many records at a time."""

from __future__ import annotations

from smallcrm import store
from smallcrm.areas.customers.records import Customer
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import change, changesets
from tests.cast import Cast


def test_changes_of_one_transaction_build_on_each_other(cast: Cast) -> None:
    number = int(change.create(SYSTEM, Customer, {"name": "Harbour", "owner": cast.anna}, trusted=True).id)
    with changesets.opened(SYSTEM, "job"), store.writing():
        for city in ("Leeds", "York", "York"):
            outcome = change.update_many(SYSTEM, Customer, [(number, {"city": city})], trusted=True)
            assert not outcome.errors
    assert outcome.unchanged == 1
    assert store.row("SELECT city, version FROM customer WHERE id = ?", [number]) == ("York", 3)
