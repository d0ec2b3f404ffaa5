"""Since when a customer is whose; what goes along when it changes hands, and comes back with Undo."""

from __future__ import annotations

import datetime as dt

from smallcrm.base import clock
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import change, changesets, transfer, undo
from tests.areas.customers.making import again, amend, contact, customer, relation
from tests.cast import Cast

LATER = dt.datetime(2027, 3, 1, 9, tzinfo=dt.UTC)


def test_owned_since_and_previous_owner_follow_the_owner(cast: Cast) -> None:
    mine = customer(cast)
    since = mine.owned_since  # type: ignore[attr-defined]
    assert since
    with clock.at(LATER), changesets.opened(cast.actor("manager"), "transfer") as opened:
        transfer.assign(cast.actor("manager"), again(mine), owner=cast.carl)
    now = again(mine)
    assert (now.owned_since, now.previous_owner) == (clock.iso(LATER), cast.anna)  # type: ignore[attr-defined]
    undo.undo(cast.actor("manager"), opened.id)
    back = again(mine)
    assert (back.owner, back.owned_since, back.previous_owner) == (cast.anna, since, None)  # type: ignore[attr-defined]


def test_without_an_owner_nobody_has_it_since(cast: Cast) -> None:
    mine = customer(cast)
    change.update(SYSTEM, again(mine), {"owner": None}, trusted=True)
    assert again(mine).owned_since is None  # type: ignore[attr-defined]
    assert again(mine).previous_owner == cast.anna  # type: ignore[attr-defined]
    change.update(SYSTEM, again(mine), {"owner": cast.bob}, trusted=True)
    assert again(mine).previous_owner == cast.anna  # type: ignore[attr-defined]
    amend(cast, mine, "bob", name="Other")
    assert again(mine).owned_since  # type: ignore[attr-defined]


def test_contacts_and_relations_go_along(cast: Cast) -> None:
    mine = customer(cast)
    follows, none, keeps = contact(cast, mine, "Follows"), contact(cast, mine, "None"), contact(cast, mine, "Keeps")
    change.update(SYSTEM, again(none), {"owner": None}, trusted=True)
    change.update(SYSTEM, again(keeps), {"owner": cast.service}, trusted=True)
    tied = relation(cast, follows, "reports_to", keeps)
    with changesets.opened(cast.actor("manager"), "transfer") as opened:
        transfer.assign(cast.actor("manager"), again(mine), owner=cast.carl)
    assert [again(each).owner for each in (follows, none, keeps, tied)] == [
        cast.carl,
        cast.carl,
        cast.service,
        cast.carl,
    ]
    assert again(follows).team == cast.south
    undo.undo(cast.actor("manager"), opened.id)
    assert [again(each).owner for each in (follows, none, keeps, tied)] == [cast.anna, None, cast.service, cast.anna]


def test_a_contact_that_moves_goes_to_the_other_owner(cast: Cast) -> None:
    mine, theirs = customer(cast, "Mine"), customer(cast, "Theirs", "carl")
    goes, stays = contact(cast, mine, "Goes"), contact(cast, mine, "Stays")
    change.update(SYSTEM, again(stays), {"owner": cast.service}, trusted=True)
    for each in (goes, stays):
        change.update(cast.actor("manager"), again(each), {"customer": theirs.id}, trusted=True)
    assert (again(goes).owner, again(goes).team) == (cast.carl, cast.south)
    assert again(stays).owner == cast.service
    assert contact(cast, theirs, "By the boss", "manager").owner == cast.manager


def test_one_main_contact_at_a_time(cast: Cast) -> None:
    mine = customer(cast)
    first, second = contact(cast, mine, "First", is_main=True), contact(cast, mine, "Second")
    with changesets.opened(cast.actor("anna"), "form") as opened:
        amend(cast, second, is_main=True)
    assert [again(each).is_main for each in (first, second)] == [0, 1]  # type: ignore[attr-defined]
    undo.undo(cast.actor("anna"), opened.id)
    assert [again(each).is_main for each in (first, second)] == [1, None]  # type: ignore[attr-defined]
    elsewhere = contact(cast, customer(cast, "Other"), "Third", is_main=True)
    assert again(first).is_main  # type: ignore[attr-defined]
    change.update(SYSTEM, again(elsewhere), {"customer": mine.id}, trusted=True)
    assert [bool(again(each).is_main) for each in (first, elsewhere)] == [False, True]  # type: ignore[attr-defined]
