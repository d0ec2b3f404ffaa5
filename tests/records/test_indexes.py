"""Indexes that follow the declarations."""

from __future__ import annotations

import pytest

from smallcrm import store
from smallcrm.areas.customers.records import Customer
from smallcrm.records import indexes
from tests.cast import Cast


def present() -> set[str]:
    """Every index of customers."""
    return {
        name for (name,) in store.rows("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'customer'")
    }


def test_indexes_of_lists_are_made_at_the_end(cast: Cast) -> None:
    before = present()
    with indexes.made_at_the_end(Customer):
        assert {"ix_customer_city", "sx_customer_owner"} <= before - present()
        assert {"ix_customer_parent", "ix_customer_number", "bx_customer"} <= present()
        assert indexes.field_index(Customer, "city") is None
    assert present() == before
    assert indexes.field_index(Customer, "city") == "ix_customer_city"


def test_a_load_that_breaks_off_leaves_them_to_the_next_start(cast: Cast) -> None:
    before = present()
    with pytest.raises(KeyboardInterrupt), indexes.made_at_the_end(Customer):
        raise KeyboardInterrupt
    assert present() < before
    assert indexes.ensure()
    assert present() == before
