"""Whole numbers in forms."""

from __future__ import annotations

from smallcrm.records import access
from smallcrm.records.fields import Number
from tests.cast import Cast


def test_whole_numbers_stand_in_forms_as_people_type_them(cast: Cast) -> None:
    """8142, not 8,142: a port and a year are never grouped; lists still group them."""
    field, reading = Number("Port"), access.reading(cast.actor("owner"))
    assert field.edit(8142, {}, reading) == "8142"
    assert field.show(8142, {}, reading) == "8,142"
    assert field.edit(None, {}, reading) == ""
