"""Fields and types that only some companies have: there for those, absent for everybody else."""

from __future__ import annotations

import pytest

from smallcrm.areas.admissions.records import Intake
from smallcrm.areas.customers.records import Customer
from smallcrm.base.errors import Invalid
from smallcrm.identity.actor import Scope
from smallcrm.records import access, change, indexes
from smallcrm.records.custom import fields_of
from smallcrm.records.record import is_present
from tests.areas.admissions.scene import switch_on
from tests.cast import Cast


def test_a_field_comes_and_goes_with_what_the_company_is(cast: Cast) -> None:
    anna = cast.actor("anna")
    assert "intake" not in access.readable(anna, Customer)
    assert "ix_customer_intake" not in indexes.declared_indexes(Customer)
    with pytest.raises(Invalid):
        change.create(anna, Customer, {"name": "Maria", "intake": 1})
    switch_on()
    assert "intake" in fields_of(Customer)
    assert "intake" in access.readable(cast.actor("anna"), Customer)
    assert "ix_customer_intake" in indexes.declared_indexes(Customer)


def test_a_type_that_is_not_there_is_nobodys(cast: Cast) -> None:
    assert not is_present(Intake)
    for verb in ("view", "create", "edit", "delete", "export", "import"):
        assert cast.actor("owner").scope("intake", verb) is Scope.NONE
    switch_on()
    assert is_present(Intake)
    assert cast.actor("owner").scope("intake", "create") is Scope.ALL
    assert cast.actor("anna").scope("intake", "view") is not Scope.NONE
    assert cast.actor("anna").scope("intake", "create") is Scope.NONE
