"""The kind of field that a column of a file asks for."""

from __future__ import annotations

import pytest

from smallcrm.areas.transfer.new_fields import kind_of


@pytest.mark.parametrize(
    ("texts", "kind", "places"),
    [
        (["1996", "2004", "2100"], "text", None),
        (["1996", "250", "12000"], "number", 0),
        (["00123", "00456", "10001"], "text", None),
        (["0", "15", "7"], "number", 0),
        (["0,5", "12,25", "3"], "number", 2),
        (["1.234,50", "2.000,00"], "number", 1),
        (["12,345", "1,200"], "number", 0),
        (["-4.5", "+3"], "number", 1),
        (["31/12/2024", "1/2/2025"], "date", None),
        (["12 boxes", "4"], "text", None),
        (["1.2.3", "1.2"], "text", None),
        (["6225880137706868"], "text", None),
        ([], "text", None),
    ],
)
def test_kind(texts: list[str], kind: str, places: int | None) -> None:
    assert kind_of(texts) == (kind, {} if places is None else {"places": places})
