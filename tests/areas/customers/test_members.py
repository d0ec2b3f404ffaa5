"""Team members: they see what they were let in to, as far and as long as it says, and nobody else does."""

from __future__ import annotations

import datetime as dt

import pytest

from smallcrm.areas.activities.records import Activity
from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.areas.customers.rules import members
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.records import access, change, changesets, merge, query, search, undo
from tests.areas.customers.making import again, amend, contact, customer
from tests.cast import Cast
from tests.client import Web


def lists(cast: Cast, part: str, kind: type = Customer) -> set[int]:
    return {row[0] for row in query.page(query.Ask(cast.actor(part), kind)).rows}


def test_a_reader_sees_everything_around_it_and_writes_nothing(cast: Cast, web: Web) -> None:
    mine = customer(cast, "Zyxwvut")
    person = contact(cast, mine, "Qwertz Person")
    done = change.create(cast.actor("anna"), Activity, {"subject": "Plover", "kind": "note", "customer": mine.id})
    assert lists(cast, "carl") == set()
    amend(cast, mine, members=[{"user": cast.carl, "level": "read"}])
    carl = cast.actor("carl")
    assert lists(cast, "carl") == {mine.id}
    assert lists(cast, "carl", Contact) == {person.id}
    assert access.fetch(carl, Activity, int(done.id)) is not None
    for typed in ("zyxwv", "qwertz", "plover"):
        assert search.find(carl, typed), typed
    api = web.api("carl")
    assert api.get(f"/customers/{mine.id}").status_code == 200
    assert api.patch(f"/customers/{mine.id}", {"name": "x"}, again(mine).version).status_code == 403
    assert api.patch(f"/contacts/{person.id}", {"name": "x"}, 1).status_code == 403
    assert web.browser("carl").get(f"/customers/{mine.id}").status_code == 200


def test_a_writer_writes_but_lets_nobody_in(cast: Cast) -> None:
    mine = customer(cast)
    amend(cast, mine, members=[{"user": cast.carl, "level": "write", "until": "2099-01-01"}])
    amend(cast, mine, "carl", name="By Carl")
    with pytest.raises(Invalid) as refused:
        amend(cast, mine, "carl", members=[{"user": cast.carl, "level": "write"}])
    assert "members" in refused.value.errors
    with pytest.raises(Forbidden):
        change.delete(cast.actor("carl"), again(mine))


def test_it_ends_on_its_day(cast: Cast) -> None:
    mine = customer(cast, "Zyxwvut")
    last = clock.today() + dt.timedelta(days=3)
    amend(cast, mine, members=[{"user": cast.carl, "level": "read", "until": last.isoformat()}])
    noon = dt.datetime.combine(last, dt.time(12), tzinfo=dt.UTC)
    with clock.at(noon):
        assert lists(cast, "carl") == {mine.id}
    with clock.at(noon + dt.timedelta(days=1)):
        assert lists(cast, "carl") == set()
        assert search.find(cast.actor("carl"), "zyxwv") == []


def test_taken_out_undone_and_handed_over(cast: Cast) -> None:
    mine = customer(cast)
    amend(cast, mine, members=[{"user": cast.carl, "level": "read"}])
    with changesets.opened(cast.actor("anna"), "form") as opened:
        members.take_out(cast.actor("anna"), again(mine), user=cast.carl)
    assert lists(cast, "carl") == set()
    undo.undo(cast.actor("anna"), opened.id)
    assert lists(cast, "carl") == {mine.id}
    change.update(cast.actor("manager"), again(mine), {"owner": cast.carl}, trusted=True)
    change.update(cast.actor("manager"), again(mine), {"owner": cast.anna}, trusted=True)
    assert lists(cast, "carl") == {mine.id}  # still a member


def test_nobody_twice(cast: Cast) -> None:
    mine = customer(cast)
    twice = [{"user": cast.carl, "level": "read"}, {"user": cast.carl, "level": "write"}]
    with pytest.raises(Invalid):
        amend(cast, mine, members=twice)
    with pytest.raises(Invalid):
        customer(cast, "Other", members=twice)


def test_merged_customers_share_with_both_teams(cast: Cast) -> None:
    one = customer(cast, "One", members=[{"user": cast.carl, "level": "read"}])
    two = customer(cast, "Two", members=[{"user": cast.carl, "level": "write"}, {"user": cast.bob, "level": "read"}])
    merge.merge(cast.actor("anna"), again(one), again(two))
    held = {row["user"]: row["level"] for row in again(one).members}  # type: ignore[attr-defined]
    assert held == {cast.carl: "write", cast.bob: "read"}
    amend(cast, one, "carl", name="By Carl")


def test_letting_in_on_the_page(cast: Cast, web: Web) -> None:
    mine = customer(cast)
    browser = web.browser("anna")
    url = f"/customers/{mine.id}/members"
    assert browser.get(url).status_code == 200
    for wrong in ({"user": "", "level": "read"}, {"user": cast.anna, "level": "read"}, {"user": cast.bob, "level": "x"},
                  {"user": cast.bob, "level": "read", "until": "2001-01-01"}, {"user": 99999, "level": "read"}):  # fmt: skip
        assert browser.post(url, wrong).status_code == 422, wrong
    assert browser.post(url, {"user": cast.bob, "level": "read"}).status_code == 303
    assert browser.post(url, {"user": cast.bob, "level": "write"}).status_code == 303
    page = browser.get(f"/customers/{mine.id}").get_data(as_text=True)
    assert "Bob North" in page
    assert "read and write" in page
    assert web.browser("bob").post(url, {"user": cast.carl, "level": "read"}).status_code == 403
    assert browser.post(f"{url}/{cast.bob}/remove").status_code == 303
    assert "/remove" not in browser.get(f"/customers/{mine.id}").get_data(as_text=True)
