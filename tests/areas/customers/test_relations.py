"""Relations: said both ways, seen where both ends are, no circle of superiors, drawn as a small picture."""

from __future__ import annotations

import re

import pytest

from smallcrm.areas.customers.pages import picture
from smallcrm.areas.customers.rules import graph, relations
from smallcrm.base.errors import Forbidden, Invalid, NotFound
from smallcrm.records import change
from tests.areas.customers.making import again, contact, customer, relation
from tests.cast import Cast
from tests.client import Web


def said(cast: Cast, record: object, part: str = "anna") -> list[tuple[str, str]]:
    return [(each.words, each.name) for each in relations.around(cast.actor(part), again(record))]  # type: ignore[arg-type]


def test_both_ways(cast: Cast) -> None:
    mine = customer(cast)
    boss, worker = contact(cast, mine, "Boss"), contact(cast, mine, "Worker")
    relation(cast, worker, "reports_to", boss)
    relation(cast, boss, "knows", worker)
    assert said(cast, worker) == [("reports to", "Boss"), ("knows", "Boss")]
    assert said(cast, boss) == [("is reported to by", "Worker"), ("knows", "Worker")]


def test_only_where_both_ends_are_seen(cast: Cast) -> None:
    mine, theirs = customer(cast, "Mine"), customer(cast, "Theirs", "carl")
    relation(cast, mine, "supplier_of", theirs, "manager", note="CNRY")
    assert said(cast, mine) == []
    assert said(cast, theirs, "carl") == []
    assert said(cast, mine, "manager") == [("supplies", "Theirs")]


def test_what_is_refused(cast: Cast) -> None:
    mine = customer(cast)
    one, two, three = (contact(cast, mine, name) for name in ("One", "Two", "Three"))
    with pytest.raises(Invalid):
        relation(cast, one, "knows", one)
    relation(cast, one, "knows", two)
    for a, b in ((one, two), (two, one)):
        with pytest.raises(Invalid):
            relation(cast, a, "knows", b)
    relation(cast, one, "reports_to", two)
    relation(cast, two, "reports_to", three)
    with pytest.raises(Invalid) as refused:
        relation(cast, three, "reports_to", one)
    assert "target" in refused.value.errors
    relation(cast, two, "influences", one)
    theirs = customer(cast, "Theirs", "carl")
    with pytest.raises(Invalid):
        relation(cast, theirs, "knows", mine)


def test_no_circle_comes_back_from_the_bin(cast: Cast) -> None:
    mine = customer(cast)
    one, two = contact(cast, mine, "One"), contact(cast, mine, "Two")
    first = relation(cast, one, "reports_to", two)
    anna = cast.actor("anna")
    change.delete(anna, again(first))
    relation(cast, two, "reports_to", one)
    with pytest.raises(Invalid):
        change.restore(anna, again(first))


def test_somebody_who_owns_neither_end_notes_it_for_the_owner(cast: Cast) -> None:
    mine, other = customer(cast, "Mine"), customer(cast, "Other")
    noted = relation(cast, mine, "partner_of", other, "manager")
    assert noted.owner == cast.anna
    own = customer(cast, "Boss's own", "manager")
    assert relation(cast, own, "partner_of", mine, "manager").owner == cast.manager


def test_either_end_may_change_and_end_it(cast: Cast) -> None:
    mine, theirs = customer(cast, "Mine"), customer(cast, "Theirs", "manager", owner=cast.bob)
    change.update(cast.actor("manager"), again(theirs), {"members": [{"user": cast.anna, "level": "read"}]})
    change.update(cast.actor("manager"), again(mine), {"members": [{"user": cast.bob, "level": "read"}]})
    noted = relation(cast, mine, "partner_of", theirs, "manager")
    bob = cast.actor("bob")
    relations.amend(bob, again(theirs), int(noted.id), note="By Bob")
    assert relations.around(cast.actor("anna"), again(mine))[0].note == "By Bob"
    relations.remove(bob, again(theirs), int(noted.id))
    assert said(cast, mine) == []
    with pytest.raises(NotFound):
        relations.amend(bob, again(theirs), int(noted.id), note="x")


def test_a_reader_changes_nothing(cast: Cast) -> None:
    mine, other = customer(cast, "Mine"), customer(cast, "Other")
    noted = relation(cast, mine, "partner_of", other)
    with pytest.raises(Forbidden):
        relations.remove(cast.actor("reader"), again(mine), int(noted.id))


def test_guardians(cast: Cast, web: Web) -> None:
    child = customer(cast, "Child", kind="person")
    mother, father = (
        contact(cast, None, "Mother", mobile="0113 4960000"),
        contact(cast, None, "Father", mobile="0113 4961111"),
    )
    relation(cast, mother, "guardian_of", child, pays=True, may_contact=True, note="mornings")
    relation(cast, father, "guardian_of", child)
    found = {each.name: (each.pays, each.may_contact) for each in relations.guardians(cast.actor("anna"), again(child))}
    assert found == {"Mother": (True, True), "Father": (False, False)}
    page = web.browser("anna").get(f"/customers/{child.id}").get_data(as_text=True)
    assert "Guardians" in page
    assert "tel:01134960000" in page
    assert "tel:01134961111" not in page
    assert "not to be contacted" in page


def test_the_graph_holds_at_most_sixty_and_says_what_is_left_out(cast: Cast) -> None:
    mine = customer(cast, "Centre")
    for n in range(70):
        relation(cast, mine, "knows", customer(cast, f"Other {n:02}"))
    found = graph.around(cast.actor("anna"), again(mine))
    assert (len(found.nodes), found.left_out) == (60, 11)
    ends = {node.end for node in found.nodes}
    assert all(edge.source in ends and edge.target in ends for edge in found.edges)
    drawn = picture.draw(found)
    assert len({(spot.x, spot.y) for spot in drawn.spots}) == 60
    assert all(0 <= spot.x <= drawn.width and 0 <= spot.y <= drawn.height for spot in drawn.spots)


def test_the_graph_ties_contacts_to_their_customer_and_goes_two_steps(cast: Cast) -> None:
    mine = customer(cast, "Centre")
    one, two, _ = contact(cast, mine, "One"), contact(cast, mine, "Two"), contact(cast, mine, "Apart")
    friend = contact(cast, None, "Friend")
    far, farther = contact(cast, None, "Far"), contact(cast, None, "Farther")
    relation(cast, one, "reports_to", two)
    relation(cast, two, "knows", friend)
    relation(cast, friend, "knows", far)
    relation(cast, far, "knows", farther)
    found = graph.around(cast.actor("anna"), again(mine))
    assert {node.name: node.ring for node in found.nodes} == {"Centre": 0, "One": 1, "Two": 1, "Friend": 1, "Far": 2}
    assert {edge.kind for edge in found.edges} == {"", "reports_to", "knows"}


def test_pages(cast: Cast, web: Web) -> None:
    mine, other = customer(cast, "Mine"), customer(cast, "Other <b>")
    browser = web.browser("anna")
    base = f"/customers/{mine.id}/relations"
    assert "As a picture" not in browser.get(f"/customers/{mine.id}").get_data(as_text=True)
    assert "No relations yet" in browser.get(base).get_data(as_text=True)
    assert browser.get(f"{base}/new").status_code == 200
    end = f"customer-{other.id}"
    for wrong in ({}, {"kind": "x", "other": end}, {"kind": "knows", "other": ""}, {"kind": "knows", "other": "user-1"},
                  {"kind": "knows", "other": f"customer-{mine.id}"}, {"kind": "knows", "other": "customer-999999"}):  # fmt: skip
        assert browser.post(f"{base}/new", wrong).status_code == 422, wrong
    assert browser.post(f"{base}/new", {"kind": "owns-in", "other": end, "note": "100 %"}).status_code == 303
    assert said(cast, mine) == [("is owned by", "Other <b>")]
    picture_page = browser.get(base).get_data(as_text=True)
    assert "<svg" in picture_page
    assert "Other &lt;b&gt;" in picture_page
    assert " style=" not in picture_page
    number = relations.around(cast.actor("anna"), again(mine))[0].id
    assert "100 %" in browser.get(f"{base}/{number}").get_data(as_text=True)
    assert browser.post(f"{base}/{number}", {"note": "half", "next": base}).headers["Location"].endswith(base)
    assert (
        browser.post(f"{base}/{number}", {"note": "x", "next": "//evil.example"})
        .headers["Location"]
        .endswith(str(mine.id))
    )
    assert web.browser("carl").get(base).status_code == 404
    assert web.browser("reader").post(f"{base}/{number}", {"remove": "1"}).status_code == 403
    assert browser.post(f"{base}/{number}", {"remove": "1"}).status_code == 303
    assert said(cast, mine) == []


def test_whom_one_may_choose(cast: Cast, web: Web) -> None:
    mine = customer(cast, "Zyxwvut Mine")
    customer(cast, "Zyxwvut Theirs", "carl")
    person = contact(cast, mine, "Zyxwvut Person")
    items = web.browser("anna").get("/relations/ends?q=zyxw").get_json()["items"]
    assert {item["id"] for item in items} == {f"customer-{mine.id}", f"contact-{person.id}"}
    assert web.browser("anna").get("/relations/ends?q=").get_json()["items"] == []


def test_the_small_picture_on_the_page(cast: Cast, web: Web) -> None:
    mine = customer(cast, "Mine")
    for n in range(3):
        relation(cast, mine, "knows", customer(cast, f"Other {n}"))
    page = web.browser("anna").get(f"/customers/{mine.id}").get_data(as_text=True)
    found = re.search(r'<svg class="pic".*?</svg>', page, re.S)
    assert found
    assert "Other 2" in found[0]
    assert "<a " not in found[0]  # one link around all of it
