"""What a search finds does not depend on the way it is looked for."""

from __future__ import annotations

import pytest

from smallcrm.areas.customers.records import Customer
from smallcrm.areas.people.roles import actor_for
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import change, changesets, search
from tests.cast import Cast


@pytest.mark.parametrize("probe", [1, 3, 400])
def test_by_rows_and_by_the_index_the_same_is_found(cast: Cast, monkeypatch: pytest.MonkeyPatch, probe: int) -> None:
    owners = [cast.anna, cast.bob, cast.carl, None]
    many = [{"name": f"Harbour {n}", "owner": owners[n % 4]} for n in range(24)]
    with changesets.opened(SYSTEM, "demo"):
        change.create_many(SYSTEM, Customer, many, trusted=True)
    monkeypatch.setattr(search, "PROBE", probe)
    for user, sees in (
        (cast.anna, {cast.anna}),
        (cast.manager, {cast.anna, cast.bob, cast.carl}),
        (cast.owner, set(owners)),
    ):
        found = search.find(actor_for(user), "harbour", kinds=[Customer], each=30)
        assert {hit.title for hit in found} == {each["name"] for each in many if each["owner"] in sees}
