"""What a search finds does not depend on the way it is looked for."""

from __future__ import annotations

import pytest

from smallcrm import store
from smallcrm.areas.activities.records import Activity
from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.areas.people.roles import actor_for
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import change, changesets, custom, search
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


def words() -> list[tuple[object, ...]]:
    """Every word of the index, where it stands."""
    store.scratch("CREATE VIRTUAL TABLE IF NOT EXISTS temp.words USING fts5vocab(main, search, 'instance')")
    return store.rows("SELECT term, doc, col FROM temp.words ORDER BY term, doc, col")


def test_a_row_written_anew_from_its_table_is_the_one_written_from_its_draft(cast: Cast) -> None:
    field = custom.define(SYSTEM, Customer, field_kind="text", labels={"en": "Ramp"}, flags=("search",))
    values = {
        "name": "码头 Harbour",
        "owner": cast.anna,
        "tags": ["Fair"],
        "phone": "020 7946 0018",
        field: "left side",
    }
    customer = change.create(SYSTEM, Customer, values, trusted=True)
    beside = {"customer": customer.id, "owner": cast.carl}
    contact = change.create(
        SYSTEM, Contact, {**beside, "name": "Παππάς", "emails": ["p@example.com"], "notes": "Tall"}, trusted=True
    )
    call = change.create(
        SYSTEM,
        Activity,
        {**beside, "kind": "call", "subject": "Prices", "contact": contact.id, "body": "High"},
        trusted=True,
    )
    whole = words()
    assert {"left", "fair", "mt", "pappas", "p", "tall", "prices", "high", f"o{cast.anna}"} <= {row[0] for row in whole}
    with store.writing():
        for record in (customer, contact, call):
            search.rewrite(type(record), [record.id])
    assert words() == whole
    with store.writing():
        sql = "INSERT INTO share (record_type, record, user, level) VALUES ('customer', ?, ?, 'read')"
        store.run(sql, [customer.id, cast.bob])
        for record in (customer, contact, call):
            search.rewrite(type(record), [record.id])
    assert len([row for row in words() if row[0] == f"s{cast.bob}"]) == 3
