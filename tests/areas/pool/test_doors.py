"""What is hidden until claimed is hidden at every door: pages, API, search, filters, duplicates, the past, the contacts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.areas.pool.rules import claim, release
from smallcrm.base import clock
from smallcrm.records import access, cache, change, changesets, custom, duplicates, present, query, search
from smallcrm.records.reach import Share
from smallcrm.records.record import by_name, values
from smallcrm.store import run, writing
from tests.areas.pool.scene import START, Company, day, on
from tests.client import Web

DIGITS = "4960173"
WORDS = ("secret.person", "wx_hidden7", DIGITS, "77004411")


class Hidden:
    """A customer of Anna's, with a contact and a past, that lies in a pool now."""

    def __init__(self, company: Company) -> None:
        owner = company.actor("owner")
        self.own = custom.define(
            owner, Customer, field_kind="number", labels={"en": "Own number"}, flags=("masked", "filter", "column")
        )
        self.own_text = custom.define(
            owner,
            Customer,
            field_kind="phone",
            labels={"en": "Own phone"},
            flags=("masked", "filter", "column", "search"),
        )
        cache.current()
        self.pool = company.pool(admins=[company.cast.manager], masked_fields=["phone", "email", "wechat"])
        reachable = {
            "phone": f"0113 {DIGITS}", "phones": [f"0114 {DIGITS}", f"+44 115 {DIGITS}"], "email": "secret.person@example.com",
            "emails": ["secret.person.two@example.com"], "wechat": "wx_hidden7",
        }  # fmt: skip
        self.number = company.customer(
            "Arkwright Bakeries",
            **reachable,
            **{self.own: 77004411, self.own_text: f"0116 {DIGITS}"},
            notes="likes rye",
        )
        self.contact = company.contact(self.number, "Clara Crumb", mobile=f"07700 {DIGITS}", **reachable)
        with on(1):
            owner = company.actor("owner")
            change.update(owner, access.find(owner, Customer, self.number), {"phone": f"0117 {DIGITS}"})
            self.call = company.follow_up(self.number, subject="Called about rye", contact=self.contact)
        with on(2):
            release.release(company.actor("anna"), Customer, [self.number], reason="no need")


@pytest.fixture
def hidden(company: Company) -> Iterator[Hidden]:
    made = Hidden(company)
    with on(5):
        yield made


def leak(text: str) -> str:
    """What of the hidden stands in a text; empty for nothing. Numbers count however they are spaced."""
    bare = re.sub(r"[\s\-().\u202f]", "", text)
    return next((word for word in WORDS if word in text or word in bare), "")


PATHS = (
    "/customers", "/customers?view=all&q=arkwright", "/customers/{c}", "/customers/{c}/history", "/customers/{c}/timeline",
    "/customers/{c}/why", "/customers/{c}/owners", "/contacts", "/contacts/{k}", "/contacts/{k}/history",
    "/contacts/{k}/timeline", "/activities", "/activities/{a}", "/pool", "/pool?tab=moves", "/pool?q=arkwright",
    "/customers/options?q=arkwright", "/contacts/options?q=clara", "/options?types=customer,contact&q=ar",
    "/customers/duplicates?name=Arkwright+Bakeries", "/search?q=arkwright", "/palette?q=arkwright", "/palette?q=clara",
    "/customers?as_of={past}", "/customers/{c}?as_of={past}", "/contacts?as_of={past}", "/contacts/{k}?as_of={past}",
    "/customers/words/notes?q=l",
)  # fmt: skip


def test_no_page_shows_it(company: Company, hidden: Hidden, web: Web) -> None:
    """Everything a member may open, and every address there is for the record: the name is there, what is hidden is not."""
    browser = web.browser("bob")
    past = day(0, 12).date().isoformat()
    for path in PATHS:
        url = path.format(c=hidden.number, k=hidden.contact, a=hidden.call, past=past)
        answer = browser.get(url)
        assert answer.status_code == 200, url
        assert not leak(answer.get_data().decode(errors="replace")), url
    assert "Arkwright" in browser.get("/pool").get_data(as_text=True)
    assert "Called about rye" in json.dumps(web.api("bob").get(f"/activities/{hidden.call}").get_json())


def test_no_address_shows_it(company: Company, hidden: Hidden, web: Web) -> None:
    """The whole URL map over the record, its contact and its call, also what later areas add."""
    browser = web.browser("bob")
    ids = {"customers": hidden.number, "contacts": hidden.contact, "activities": hidden.call}
    fields = ("phone", "email", "wechat", "notes", hidden.own)
    seen = 0
    for rule in web.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        for name, number in ids.items():
            for url in _addresses(rule.rule, name, number, fields):
                answer = browser.get(url)
                assert answer.status_code < 500, url
                assert not leak(answer.get_data().decode(errors="replace")), url
                seen += 1
    assert seen > 100


def _addresses(rule: str, name: str, number: int, fields: tuple[str, ...]) -> list[str]:
    if "<" not in rule:
        return [rule] if name == "customers" else []
    url = re.sub(r"<type:\w+>", name, rule)
    url = re.sub(r"<int:\w+>", str(number), url)
    url = url.replace("/api/v1/<name>/<number>", f"/api/v1/{name}/{number}").replace(
        "/api/v1/<name>", f"/api/v1/{name}"
    )
    url = url.replace("<name>/options", f"{name}/options")
    found = [re.sub(r"<(?:string:)?(?:name|field)>", field, url) for field in (fields if "<" in url else fields[:1])]
    return [each for each in dict.fromkeys(found) if "<" not in each]


def test_no_answer_of_the_api_shows_it(company: Company, hidden: Hidden, web: Web) -> None:
    """One, many, chosen fields, search: masked where it is text, nothing where it is not; what is open stays open."""
    api = web.api("bob")
    body = api.get(f"/customers/{hidden.number}").get_json()
    assert body["phone"] == "011••••0173"
    assert body["phones"] == ["011••••0173", "+44 1••••0173"]
    assert body["email"] == "s•••@example.com"
    assert body["wechat"] == "w••••"
    assert body["custom"][hidden.own] is None
    assert (body["name"], body["notes"], body["pool"]["name"]) == ("Arkwright Bakeries", "likes rye", "North pool")
    assert body["previous_owner"]["name"] == "Anna North"
    for path in (
        f"/customers/{hidden.number}", "/customers?limit=200", "/customers?fields=phone,phones,email,wechat,custom", "/contacts",
        f"/contacts/{hidden.contact}", "/search?q=arkwright", f"/search?q={DIGITS}", "/activities",
    ):  # fmt: skip
        assert not leak(api.get(path).get_data(as_text=True)), path
    assert api.get(f"/contacts/{hidden.contact}").get_json()["mobile"] == "077••••0173"


@pytest.mark.parametrize("field", ["phone", "phones", "email", "emails", "wechat", "own", "own_text"])
def test_no_filter_tells(company: Company, hidden: Hidden, field: str) -> None:
    """Hidden values count as empty, whatever is asked, also through a link and for an earlier day."""
    bob, owner = company.actor("bob"), company.actor("owner")
    name = {"own": hidden.own, "own_text": hidden.own_text}.get(field, field)
    held = values(company.record(Customer, hidden.number))[name]
    value = held[0] if isinstance(held, list) else held

    def found(who: Any, kind: type, path: str, op: str, given: Any = None, as_of: str | None = None) -> set[int]:
        condition = {"field": path, "op": op} | ({} if op.endswith("empty") else {"value": given})
        return {row[0] for row in query.page(query.Ask(who, kind, filter=condition, as_of=as_of)).rows}

    operators = access.readable(bob, Customer)[name].operators
    asked = {
        "eq": value,
        "in": [value],
        "contains": str(value)[1:6],
        "starts_with": str(value)[:3],
        "gte": 1 if field == "own" else "0",
    }
    asked |= {"between": [1, 10**9] if field == "own" else ["0", "zzz"]}
    for op, given in asked.items():
        if op in operators:
            assert found(bob, Customer, name, op, given) == set(), op
            assert found(bob, Contact, f"customer.{name}", op, given) == set(), op
            if op in ("eq", "in", "contains"):
                assert found(owner, Customer, name, op, given) == {hidden.number}, op
    assert found(bob, Customer, name, "not_empty") == set()
    assert found(bob, Customer, name, "is_empty") == {hidden.number}
    assert found(bob, Customer, name, "ne", value) == {hidden.number}
    past = clock.iso(day(1, 12))
    assert found(bob, Customer, name, "not_empty", as_of=past) == set()
    assert found(owner, Customer, name, "not_empty", as_of=past) == {hidden.number}


def test_no_search_or_duplicate_finds_it_by_what_is_hidden(company: Company, hidden: Hidden) -> None:
    """By its name, yes, with where it lies; by number, address or account, no; nor by a contact's."""
    bob, owner = company.actor("bob"), company.actor("owner")
    for typed in (DIGITS, f"0117{DIGITS}", "secret.person", "wx_hidden7"):
        assert search.find(bob, typed) == [], typed
        assert search.ids_matching(bob, Customer, typed) == []
        assert {hit.id for hit in search.find(owner, typed, kinds=[Customer])} == {hidden.number}, typed
    (hit,) = search.find(bob, "arkwright", kinds=[Customer])
    assert (hit.title, hit.snippet) == ("Arkwright Bakeries", "")
    typed = {"phone": f"0117 {DIGITS}", "email": "secret.person@example.com", "country": None}
    assert duplicates.find(bob, Customer, typed) == []
    assert [match.id for match in duplicates.find(owner, Customer, typed, types=["customer"])] == [hidden.number]
    (match,) = duplicates.find(bob, Customer, {**typed, "name": "ARKWRIGHT BAKERIES LTD"}, types=["customer"])
    assert match.by == ("name",)


def test_no_order_tells(company: Company, hidden: Hidden, web: Web) -> None:
    """One cannot sort by what is hidden, nor total it."""
    assert web.api("bob").get(f"/customers?sort={hidden.own}").status_code == 400
    assert web.api("owner").get(f"/customers?sort={hidden.own}").status_code == 200


def test_for_excel(company: Company, hidden: Hidden) -> None:
    """What goes into a cell of an export."""
    for kind, number in ((Customer, hidden.number), (Contact, hidden.contact)):
        record = company.record(kind, number)
        for part, sees in (("bob", False), ("reader", False), ("manager", True), ("owner", True)):
            reading = access.reading(company.actor(part), record)
            fields = access.readable(company.actor(part), kind)
            cells = [present.cell(field, values(record), reading) for field in fields.values()]
            shown = [present.shown(field, values(record), reading) for field in fields.values()]
            assert bool(leak(str(cells))) == bool(leak(str(shown))) == sees, (kind, part)


def test_who_sees_it_in_clear(company: Company, hidden: Hidden, web: Web) -> None:
    """Admins of the pool and whoever may change every customer, also by a token that only reads; a reader does not."""
    path = f"/customers/{hidden.number}"
    for part, read_only, sees in (
        ("owner", False, True),
        ("owner", True, True),
        ("manager", False, True),
        ("reader", False, False),
    ):
        answer = web.api(part, read_only=read_only).get(path)
        assert answer.status_code == 200
        assert bool(leak(answer.get_data(as_text=True))) == sees, part
    assert web.api("carl").get(path).status_code == 404
    assert web.api("service").get(path).status_code == 404


def test_handed_out_only(company: Company, hidden: Hidden, web: Web) -> None:
    """In a pool that its admins hand out, members see nothing of what lies in it."""
    company.set(hidden.pool, mode="assign")
    assert web.api("bob").get(f"/customers/{hidden.number}").status_code == 404
    assert web.api("bob").get(f"/contacts/{hidden.contact}").status_code == 404
    assert search.find(company.actor("bob"), "arkwright") == []
    page = web.browser("bob").get("/pool").get_data(as_text=True)
    assert "Arkwright" not in page
    assert "Handed out by its admins" in page
    assert leak(web.api("manager").get(f"/customers/{hidden.number}").get_data(as_text=True))


def test_claimed_it_is_open(company: Company, hidden: Hidden, web: Web) -> None:
    """At once, at every door; and to the others it is gone."""
    claim.claim(company.actor("bob"), Customer, [hidden.number])
    api = web.api("bob")
    for path in (f"/customers/{hidden.number}", f"/contacts/{hidden.contact}"):
        assert leak(api.get(path).get_data(as_text=True)), path
    assert [hit.id for hit in search.find(company.actor("bob"), DIGITS, kinds=[Customer])] == [hidden.number]
    assert web.api("anna").get(f"/customers/{hidden.number}").status_code == 404
    company.set(hidden.pool, masked_fields=[])
    release.release(company.actor("bob"), Customer, [hidden.number], reason="no need")
    assert leak(web.api("anna").get(f"/customers/{hidden.number}").get_data(as_text=True))


def test_a_mask_is_never_written_back(company: Company, hidden: Hidden, web: Web) -> None:
    """Nobody changes what lies in a pool, shared with them or not; a form of somebody who may leaves the hidden alone."""
    with writing():
        for n, (kind, number) in enumerate((("customer", hidden.number), ("contact", hidden.contact)), 1):
            run(
                "INSERT INTO share (id, record_type, record, user, level) VALUES (?, ?, ?, ?, 'write')",
                [n, kind, number, company.cast.bob],
            )
        cache.bump()
    assert Share
    api, browser = web.api("bob"), web.browser("bob")
    assert api.patch(f"/customers/{hidden.number}", {"phone": "0113 000000"}, 3).status_code == 403
    assert browser.get(f"/customers/{hidden.number}/edit").status_code == 403
    bob = company.actor("bob")
    mine = change.create(bob, Contact, {"name": "New one", "customer": hidden.number, "mobile": "07700 900111"})
    page = browser.get(f"/contacts/{mine.id}/edit").get_data(as_text=True)
    assert "900111" not in re.sub(r"\s", "", page)
    saved = browser.post(f"/contacts/{mine.id}/edit", {"name": "Newer", "mobile": "077••••0111", "version": 1})
    assert saved.status_code == 303
    assert company.record(Contact, int(mine.id)).mobile == "07700 900111"
    assert company.record(Contact, int(mine.id)).name == "Newer"
    assert browser.get(f"/contacts/{mine.id}/cell/mobile").status_code == 403
    assert browser.post(f"/contacts/{mine.id}/cell/mobile", {"mobile": "1"}).status_code == 403


def test_one_s_own_change_of_before(company: Company, hidden: Hidden, web: Web) -> None:
    """The page of a change-set that one made while it was one's own hides it now as well."""
    anna = company.actor("anna")
    with on(6):
        claim.claim(company.actor("bob"), Customer, [hidden.number])
        bob = company.actor("bob")
        with changesets.opened(bob, "form") as mine:
            change.update(bob, access.find(bob, Customer, hidden.number), {"phone": f"0118 {DIGITS}"})
        release.release(bob, Customer, [hidden.number], reason="no need")
    page = web.browser("bob").get(f"/changes/{mine.id}").get_data(as_text=True)
    assert "Arkwright" in page
    assert not leak(page)
    assert anna
    assert START
    assert by_name("customers")
