"""Sample data: brought in at set-up, marked, gone by one undo."""

from __future__ import annotations

import pytest

from smallcrm import store
from smallcrm.areas.demo import sample
from smallcrm.records import changesets, undo
from tests.cast import Cast

LIVE = "SELECT count(*) FROM %s WHERE deleted_at IS NULL"


@pytest.mark.parametrize(("language", "preset"), [("en", "sales"), ("zh", "services"), ("el", "education")])
def test_one_undo_takes_it_away(cast: Cast, language: str, preset: str) -> None:
    before = {name: store.value(LIVE % name) for name in ("customer", "contact", "activity")}
    made = sample.fill(owner=cast.owner, language=language, preset=preset)
    info = changesets.info(made)
    assert info is not None
    assert info.why == "sample"
    assert store.value(LIVE % "customer") == before["customer"] + sample.COUNT
    assert store.value(LIVE % "activity") > before["activity"] + sample.COUNT
    untagged = "SELECT count(*) FROM customer WHERE owner = ? AND tags NOT LIKE ?"
    assert not store.value(untagged, [cast.owner, f"%{info.note}%"])
    undo.undo(cast.actor("owner"), made)
    assert {name: store.value(LIVE % name) for name in before} == before
