"""The pages of roles: the matrix, the fields, copies, the ready-made ones brought back."""

from __future__ import annotations

import re
from typing import Any

import pytest

from smallcrm import store
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.people import roles, rules
from smallcrm.areas.people.records import Role
from smallcrm.identity.actor import SYSTEM, VERBS, Scope
from smallcrm.records import access, change
from smallcrm.records.record import all_types, values
from tests import samples
from tests.areas.people.conftest import text_of
from tests.cast import Cast
from tests.client import Browser, Web


@pytest.fixture
def olga(cast: Cast, web: Web) -> Browser:
    return web.browser("owner")


def number(key: str) -> int:
    return int(roles.role_id(key) or 0)


def held(role: int) -> dict[str, Any]:
    return values(access.find(SYSTEM, Role, role, bin=True))


def form_of(browser: Browser, url: str) -> dict[str, Any]:
    """What a browser would send of the page's form if nothing were touched."""
    page = browser.get(url).get_data(as_text=True)
    form: dict[str, Any] = {}
    for name, body in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        first = re.search(r'<option value="([^"]*)"', body)
        form[name] = (chosen or first)[1]  # type: ignore[index]
    for name, value in re.findall(r'<input type="checkbox"[^>]*name="(rights)" value="(\w+)" checked', page):
        form.setdefault(name, []).append(value)
    form["version"] = re.search(r'name="version" value="(\d+)"', page)[1]  # type: ignore[index]
    found = re.search(r'name="name"[^>]*value="([^"]*)"|value="([^"]*)"[^>]*name="name"', page)
    form["name"] = (found[1] or found[2]) if found else ""
    return form


def scopes(role: int) -> dict[tuple[str, str], Scope]:
    made = roles.rights_of(held(role))
    return {(kind.card.key, verb): made.scope(kind.card.key, verb) for kind in all_types() for verb in VERBS}


# ---------------------------------------------------------------- the matrix


@pytest.mark.parametrize("key", ["manager", "sales", "service", "marketing", "reader"])
def test_saved_untouched_nothing_changes(key: str, olga: Browser, cast: Cast) -> None:
    role = number(key)
    before, rights = scopes(role), held(role)["rights"]
    assert olga.post(f"/roles/{role}", form_of(olga, f"/roles/{role}")).status_code == 303
    after = scopes(role)
    # what means nothing for a type (import of what is not imported, handing over what nobody owns) is not on the page
    differing = {where for where in before if before[where] != after[where]}
    assert {verb for _kind, verb in differing} <= {"assign", "import"}
    assert sorted(held(role)["rights"] or []) == sorted(rights or [])


def test_whoever_has_it_has_it_at_the_next_click(olga: Browser, cast: Cast, web: Web) -> None:
    theirs = samples.make(cast.actor("carl"), Customer, cast, minimal=True)
    anna = web.browser("anna")
    assert anna.get(f"/customers/{theirs.id}").status_code == 404
    sales = number("sales")
    form = form_of(olga, f"/roles/{sales}")
    assert olga.post(f"/roles/{sales}", {**form, "customer-view": "all", "rights": ["views"]}).status_code == 303
    assert anna.get(f"/customers/{theirs.id}").status_code == 200
    assert anna.get(f"/customers/{theirs.id}/edit").status_code == 403
    assert cast.actor("anna").may("views")
    page = text_of(olga.get(f"/roles/{sales}"))
    assert "3 users have it" in page
    assert "Anna North" in page


def test_an_empty_choice_follows_the_first_row(olga: Browser, cast: Cast) -> None:
    sales = number("sales")
    form = form_of(olga, f"/roles/{sales}")
    olga.post(f"/roles/{sales}", {**form, "*-view": "team", "customer-view": "", "customer-edit": "none"})
    made = roles.rights_of(held(sales))
    assert made.scope("customer", "view") is Scope.TEAM
    assert made.scope("customer", "edit") is Scope.NONE
    assert made.scope("contact", "edit") is Scope.OWN


def test_an_older_page_does_not_overwrite(olga: Browser, cast: Cast) -> None:
    sales = number("sales")
    form = form_of(olga, f"/roles/{sales}")
    assert olga.post(f"/roles/{sales}", {**form, "customer-view": "all"}).status_code == 303
    assert olga.post(f"/roles/{sales}", {**form, "customer-view": "none"}).status_code == 412
    assert roles.rights_of(held(sales)).scope("customer", "view") is Scope.ALL


@pytest.mark.parametrize(("field", "value"), [("customer-view", "everything"), ("name", ""), ("rights", "root")])
def test_nonsense_is_refused(field: str, value: str, olga: Browser, cast: Cast) -> None:
    sales = number("sales")
    before = store.rows("SELECT * FROM role")
    assert olga.post(f"/roles/{sales}", {**form_of(olga, f"/roles/{sales}"), field: value}).status_code == 422
    assert store.rows("SELECT * FROM role") == before


def test_the_owners_is_looked_at(olga: Browser, cast: Cast) -> None:
    owner = number("owner")
    page = olga.get(f"/roles/{owner}").get_data(as_text=True)
    assert "<select" not in page.partition('class="matrix"')[2].partition("</table>")[0]
    assert olga.post(f"/roles/{owner}", {"name": "x", "*-view": "none"}).status_code == 422
    assert roles.owners() == {cast.owner}


@pytest.mark.parametrize("part", ["manager", "anna"])
def test_others_look_and_change_nothing(part: str, cast: Cast, web: Web) -> None:
    browser, sales = web.browser(part), number("sales")
    page = browser.get(f"/roles/{sales}").get_data(as_text=True)
    assert "but not change it" in page
    before = store.rows("SELECT * FROM role")
    for url, form in (
        (f"/roles/{sales}", {"name": "Mine", "*-view": "all"}), (f"/roles/{sales}/edit", {"*-view": "all"}),
        (f"/roles/{sales}/fields/customers", {"field-phone": ""}), ("/roles/new", {"name": "Mine"}),
        ("/roles/ready/sales", {}),
    ):  # fmt: skip
        assert browser.post(url, form).status_code == 403, url
    assert store.rows("SELECT * FROM role") == before


# ---------------------------------------------------------------- fields


def test_a_hidden_field_is_nowhere(olga: Browser, cast: Cast, web: Web) -> None:
    customer = change.create(
        cast.actor("anna"), Customer, {"name": "Arkwright", "phone": "0113 496 0183", "owner": cast.anna}
    )
    sales, anna = number("sales"), web.browser("anna")
    url = f"/roles/{sales}/fields/customers"
    assert "496 0183" in text_of(anna.get(f"/customers/{customer.id}"))
    assert olga.post(url, {"field-phone": "hidden", "field-city": "read", "field-name": "hidden"}).status_code == 303
    assert {(line["field"], line["right"]) for line in held(sales)["field_rights"]} == {
        ("phone", "hidden"), ("city", "read"),
    }, "what records are called by stays seen"  # fmt: skip
    assert "496 0183" not in text_of(anna.get(f"/customers/{customer.id}"))
    assert "phone" not in web.api("anna").get(f"/customers/{customer.id}").get_json()
    edit = anna.get(f"/customers/{customer.id}/edit").get_data(as_text=True)
    assert re.search(r'name="city"[^>]* readonly', edit)
    assert anna.post(f"/customers/{customer.id}/edit", {"name": "Arkwright", "city": "York"}).status_code in (303, 422)
    assert values(access.find(SYSTEM, Customer, customer.id))["city"] is None
    assert web.api("anna").patch(f"/customers/{customer.id}", {"city": "York"}, 1).status_code in (403, 422)
    assert 'value="hidden" checked' in olga.get(url).get_data(as_text=True)
    # another type's stay; the same type's go again
    assert olga.post(f"/roles/{sales}/fields/contacts", {"field-phone": "read"}).status_code == 303
    assert olga.post(url, {}).status_code == 303
    assert [(line["type"], line["field"]) for line in held(sales)["field_rights"]] == [("contact", "phone")]
    assert "496 0183" in text_of(anna.get(f"/customers/{customer.id}"))


def test_fields_of_what_is_none(olga: Browser, cast: Cast) -> None:
    sales = number("sales")
    for name in ("nonsense", "users", "roles"):
        assert olga.get(f"/roles/{sales}/fields/{name}").status_code == 404
    assert olga.post(f"/roles/{sales}/fields/customers", {"field-phone": "write"}).status_code == 422


# ---------------------------------------------------------------- new, copied, as it came


def test_a_copy(olga: Browser, cast: Cast) -> None:
    done = olga.post("/roles/new", {"name": "Junior sales", "from": str(number("sales"))})
    copy = int(done.headers["Location"].rpartition("/")[2])
    assert scopes(copy) == scopes(number("sales"))
    assert held(copy)["key"] is None
    assert olga.post("/roles/new", {"name": "Junior sales", "from": "0"}).status_code == 422
    empty = int(olga.post("/roles/new", {"name": "Nothing", "from": "0"}).headers["Location"].rpartition("/")[2])
    assert {scope for (kind, _verb), scope in scopes(empty).items() if kind not in roles.STAFF} == {Scope.NONE}
    assert "Junior sales" in text_of(olga.get("/roles/all"))


def test_as_it_came(olga: Browser, cast: Cast) -> None:
    sales = number("sales")
    before = scopes(sales)
    form = form_of(olga, f"/roles/{sales}")
    olga.post(f"/roles/{sales}", {**form, "*-view": "none", "rights": ["audit"]})
    olga.post(f"/roles/{sales}/fields/customers", {"field-phone": "hidden"})
    assert olga.post("/roles/ready/sales").status_code == 303
    assert scopes(sales) == before
    assert not held(sales)["rights"]
    assert not held(sales)["field_rights"]
    assert olga.post("/roles/ready/nonsense").status_code == 404


def test_back_from_the_bin(olga: Browser, cast: Cast) -> None:
    marketing = number("marketing")
    assert olga.post(f"/roles/{marketing}/delete").status_code == 303
    assert roles.role_id("marketing") is None
    assert "/roles/ready/marketing" in olga.get("/roles/all").get_data(as_text=True)
    assert olga.post("/roles/ready/marketing").status_code == 303
    assert roles.role_id("marketing") == marketing


def test_a_clerk_copies_nothing_mightier(cast: Cast, web: Web) -> None:
    grants = [{"type": "*", **dict.fromkeys(VERBS, "own")}]
    clerk = change.create(SYSTEM, Role, {"name": "Clerk", "grants": grants, "rights": ["people"]}, trusted=True)
    user = int(rules.add_user(SYSTEM, name="Cleo", email="cleo@example.com", role=int(clerk.id)).id)
    cleo = web.browser(user)
    page = cleo.get("/roles/new").get_data(as_text=True)
    assert f'value="{number("owner")}"' not in page
    count = store.value("SELECT count(*) FROM role")
    for key in ("owner", "manager"):
        assert cleo.post("/roles/new", {"name": "Mine", "from": str(number(key))}).status_code == 422
    assert store.value("SELECT count(*) FROM role") == count
    mine = {"name": "Clerk", "*-view": "all", "rights": ["people", "settings"]}
    assert cleo.post(f"/roles/{clerk.id}", mine).status_code == 422
    assert held(int(clerk.id))["rights"] == ["people"]
