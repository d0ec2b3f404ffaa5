"""The pool's pages, asked as the cast: lists, claiming, rules with their preview, returning, locking, people, emptying."""

from __future__ import annotations

import html
import re
from typing import Any

from smallcrm import store
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.pool.pages import customer
from smallcrm.areas.pool.records import Pool
from smallcrm.areas.pool.rules import lock, pools, release
from tests.areas.pool.scene import Company, on
from tests.client import Browser, Web


def text(answer: Any) -> str:
    """What stands on a page, without its tags."""
    page = answer.get_data(as_text=True) if not isinstance(answer, str) else answer
    body = re.sub(r"<(script|style|svg).*?</\1>", " ", page, flags=re.S)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)))


def said(browser: Browser) -> str:
    """The page with the last toast."""
    return text(browser.get("/pool"))


def test_tabs(company: Company, web: Web) -> None:
    """Each tab lists what it says; the filters and the order hold; somebody else's pool is not there."""
    pool = company.pool(days_without_follow_up=10, admins=[company.cast.manager])
    waiting, soon, locked = (
        company.lying(pool, "Waits here"),
        company.customer("Falls soon"),
        company.customer("Held fast"),
    )
    lock.lock(company.actor("anna"), company.record(Customer, locked))
    company.customer("Carl's own", "carl")
    with on(9):
        browser = web.browser("anna")
        for tab, name in (("waiting", "Waits here"), ("soon", "Falls soon"), ("locked", "Held fast")):
            page = text(browser.get(f"/pool?tab={tab}"))
            others = {"Waits here", "Falls soon", "Held fast"} - {name}
            assert name in page, tab
            assert not [other for other in others if other in page], tab
            assert "Carl's own" not in page
        assert "Waits here" in text(browser.get("/pool?tab=moves"))
        assert "Waits here" not in text(browser.get("/pool?grade=A"))
        assert "Nothing fits" in text(browser.get("/pool?q=zzz"))
        assert "no follow-up" in text(browser.get(f"/customers/{soon}/pool-why"))
        assert "it lies in a pool" in text(browser.get(f"/customers/{waiting}/pool-why")).lower()
        assert web.browser("carl").get(f"/pool?pool={pool}").status_code == 404
        assert web.browser("carl").get("/pool").status_code == 200
        assert "Waits here" not in text(web.browser("carl").get("/pool"))
        assert web.browser("anna").get("/pool?pool=abc&tab=zzz&sort=zzz&previous=x").status_code == 200


def test_claiming(company: Company, web: Web) -> None:
    """By its button, by the bar, everything that is listed; what one may still claim; the reason where it is refused."""
    pool = company.pool(daily_claim_limit=3, previous_owner_cooldown_days=7)
    numbers = [company.lying(pool, f"C{n}") for n in range(4)]
    browser = web.browser("anna")
    assert "You can still claim 3 today." in said(browser)
    assert browser.post("/pool/claim", {"id": numbers[0], "back": "/pool"}).status_code == 303
    assert "C0 is yours now." in said(browser)
    assert company.held(numbers[0])["owner"] == company.cast.anna
    refused = browser.post("/pool/claim", {"everything": "1", "pool": pool})
    assert refused.status_code == 303
    assert "Nothing was changed" in said(browser)
    assert [company.held(n)["pool"] for n in numbers[1:]] == [pool] * 3
    assert browser.post("/pool/claim", {"id": numbers[1:3], "back": "//evil.example/"}).location == "/pool"
    assert "2 are yours now." in said(browser)
    assert "You can still claim 0 today." in said(browser)
    assert browser.post("/pool/claim", {}).status_code == 400
    release.release(company.actor("anna"), Customer, [numbers[0]], reason="No need")
    with on(1):
        assert "It was yours; free from" in text(web.browser("anna").get(f"/customers/{numbers[0]}"))
    assert web.browser("reader").post("/pool/claim", {"id": numbers[3]}).status_code in (303, 403)
    assert company.held(numbers[3])["pool"] == pool


def test_handing_out(company: Company, web: Web) -> None:
    """A pool's admin assigns and moves several; the dialog comes back with the reason."""
    pool = company.pool(admins=[company.cast.bob], holding_limit=2)
    other = company.pool("Other", ["carl"])
    numbers = [company.lying(pool, f"C{n}") for n in range(3)]
    bob = web.browser("bob")
    assert "Assign 3" in text(bob.post("/pool/assign-form", {"id": numbers, "pool": pool}))
    full = bob.post("/pool/assign", {"id": numbers, "owner": company.cast.anna, "pool": pool})
    assert full.status_code == 422
    assert {company.held(n)["pool"] for n in numbers} == {pool}
    assert bob.post("/pool/assign", {"id": numbers[:2], "owner": company.cast.anna}).status_code == 303
    assert {company.held(n)["owner"] for n in numbers[:2]} == {company.cast.anna}
    assert bob.post("/pool/assign", {"id": numbers[2], "owner": 0}).status_code == 422
    assert web.browser("anna").post("/pool/move", {"id": numbers[2], "to": other}).status_code == 403
    assert bob.post("/pool/move", {"id": numbers[2], "to": 0}).status_code == 422
    assert bob.post("/pool/move", {"id": numbers[2], "to": other}).status_code == 303
    assert company.held(numbers[2])["pool"] == other


def test_rules_beside_the_list(company: Company, web: Web) -> None:
    """Previewed without being saved; saved with an undo; what cannot be read and what somebody else changed come back."""
    pool = company.pool(days_without_follow_up=30, admins=[company.cast.bob])
    company.customer("Neglected Mills")
    with on(12):
        bob = web.browser("bob")
        page = bob.get(f"/pool?pool={pool}&rules=1").get_data(as_text=True)
        assert "Tonight 0 would fall in" in text(page)
        version = company.record(Pool, pool).version
        typed = {"days_without_follow_up": "10", "days_by_grade": "", "version": version}
        shown = text(bob.post(f"/pool/{pool}/preview", typed))
        assert "Tonight 1 would fall in" in shown
        assert "1 more than by today's rules" in shown
        assert "Neglected Mills" not in shown  # bob runs the pool, but does not see what is Anna's
        assert "1 of them you may not see" in shown
        assert "See all" not in shown
        assert "Neglected Mills" in text(web.browser("owner").post(f"/pool/{pool}/preview", typed))
        assert pools.every()[pool].number("days_without_follow_up") == 30
        assert "Tonight" not in text(bob.post(f"/pool/{pool}/preview", {**typed, "days_without_follow_up": "x"}))
        for path in ("preview", "rules"):
            assert web.browser("anna").post(f"/pool/{pool}/{path}", typed).status_code in (403, 404)
        bad = bob.post(f"/pool/{pool}/rules", {**typed, "days_without_follow_up": "-4"})
        assert bad.status_code == 422
        assert 'value="-4"' in bad.get_data(as_text=True)
        by_grade = {**typed, "days_by_grade-A": "90", "days_by_grade-C": "0"}
        assert bob.post(f"/pool/{pool}/rules", by_grade).status_code == 303
        assert "The rules are kept" in said(bob)
        rules = pools.every()[pool]
        assert [rules.limit("follow_up", grade) for grade in ("A", "B", "C", None)] == [90, 10, 0, 10]
        stale = bob.post(f"/pool/{pool}/rules", {**typed, "days_without_follow_up": "5"})
        assert stale.status_code == 412
        assert pools.every()[pool].number("days_without_follow_up") == 10


def test_on_the_customer(company: Company, web: Web) -> None:
    """Days left with their reason, returning with a reason, locking until a day, unlocking, and who owned it when."""
    pool = company.pool(days_without_follow_up=30)
    number = company.customer("Holroyd Tea")
    anna = web.browser("anna")
    page = text(anna.get(f"/customers/{number}"))
    assert "Days left" in page
    assert "Return to the pool" in page
    path = f"/customers/{number}"
    assert "No need at present" in text(anna.get(f"{path}/return"))
    assert anna.post(f"{path}/return", {}).status_code == 422
    assert anna.post(f"{path}/lock", {"until": "2020-01-01"}).status_code == 422
    assert anna.post(f"{path}/lock", {"until": "2026-04-01"}).status_code == 303
    assert company.held(number)["locked_until"] == "2026-04-01"
    assert anna.post(f"{path}/return", {"reason": "No need at present"}).status_code == 422
    assert anna.post(f"{path}/unlock").status_code == 303
    assert not company.held(number)["locked"]
    assert anna.post(f"{path}/return", {"reason": "No need at present", "other": "Moved to Leeds"}).status_code == 303
    assert (company.held(number)["pool"], company.held(number)["pool_reason"]) == (pool, "Moved to Leeds")
    assert company.held(number)["owner"] is None
    seen = text(web.browser("bob").get(path))
    assert "Moved to Leeds" in seen
    assert "Anna North" in seen
    assert "Moved to Leeds" in text(web.browser("bob").get(f"{path}/owners"))
    assert web.browser("bob").post(f"{path}/lock", {}).status_code == 403
    assert web.browser("carl").get(f"{path}/owners").status_code == 404


def test_making_peopling_emptying(company: Company, web: Web) -> None:
    """New with its usual rules; members by their dialog; not gone while anything lies in it; emptied; then gone."""
    first = company.pool("First")
    owner, bob = web.browser("owner"), web.browser("bob")
    assert bob.get("/pool/new").status_code == 403
    assert bob.post("/pool/new", {"name": "Mine"}).status_code == 403
    assert owner.post("/pool/new", {"name": ""}).status_code == 422
    assert owner.post("/pool/new", {"name": "Second", "admins": f"user/{company.cast.bob}"}).status_code == 303
    second = int(store.value("SELECT id FROM pool WHERE name = 'Second'"))
    company.actor("owner")
    assert pools.every()[second].number("daily_claim_limit") == 10
    assert pools.admins(second) == {company.cast.bob}
    people = bob.get(f"/pool/{second}/people").get_data(as_text=True)
    assert 'name="members"' in people
    assert 'name="admins"' not in people
    assert "Bob North" in text(people)
    assert "Everybody" in text(web.browser("anna").get(f"/pool/{second}/people"))
    saved = bob.post(f"/pool/{second}/people", {"members": f"team/{company.cast.south}"})
    assert saved.status_code == 303
    company.actor("bob")
    assert pools.members(second) == {company.cast.carl}
    assert bob.post(f"/pool/{second}/people", {"admins": f"user/{company.cast.carl}"}).status_code in (303, 422)
    company.actor("bob")
    assert pools.admins(second) == {company.cast.bob}
    lies = company.lying(second)
    assert owner.post(f"/pool/{second}/delete").status_code == 303
    assert "still lies in this pool" in said(owner)
    assert bob.post(f"/pool/{second}/empty", {"to": first}).status_code == 403
    assert owner.post(f"/pool/{second}/empty", {"to": 0}).status_code == 422
    assert owner.post(f"/pool/{second}/empty", {"to": first}).status_code == 303
    assert company.held(lies)["pool"] == first
    assert owner.post(f"/pool/{second}/delete").status_code == 303
    company.actor("owner")
    assert second not in pools.every()
    assert owner.post(f"/pool/{first}/delete").status_code == 303
    company.actor("owner")
    assert first in pools.every()


def test_without_any_pool(company: Company, web: Web) -> None:
    """A page that says so, with the way to the first one for whoever may."""
    assert "/pool/new" in web.browser("owner").get("/pool").get_data(as_text=True)
    assert "/pool/new" not in web.browser("anna").get("/pool").get_data(as_text=True)
    number = company.customer()
    assert "Return to the pool" not in text(web.browser("anna").get(f"/customers/{number}"))
    assert web.browser("anna").post(f"/customers/{number}/return", {"reason": "x"}).status_code == 422


def test_today_and_the_rail(company: Company, web: Web) -> None:
    """Mine that is about to fall in, my team's where I look after one; the rail counts what one is reminded of."""
    company.pool(days_without_follow_up=10, remind_days_before=3)
    number = company.customer("Falls soon")
    company.customer("Bob's own", "bob")
    anna, manager = company.actor("anna"), company.actor("manager")
    with web.app.test_request_context("/"):
        with on(2):
            assert customer.soon(anna, False) == ""
            assert customer.waiting_count(anna) == 0
        with on(8):
            mine = str(customer.soon(anna, False))
            assert f"/customers/{number}" in mine
            assert "Bob's own" not in text(mine)
            assert {"Falls soon", "Bob's own"} <= set(
                re.findall(r"Falls soon|Bob's own", text(str(customer.soon(manager, True))))
            )
            assert customer.soon(manager, False) == ""
            assert customer.waiting_count(anna) == 1
            assert customer.waiting_count(manager) == 0


def test_beside_the_day(company: Company, web: Web) -> None:
    """The today page says at its side what is about to fall in: one's own, or the team's."""
    company.pool(days_without_follow_up=10, remind_days_before=3)
    company.customer("Falls soon")
    with on(9):
        page = web.browser("anna").get("/").get_data(as_text=True)
        assert "Falls soon" in page.split("<aside")[1]
        assert "<aside" not in web.browser("carl").get("/").get_data(as_text=True)
        assert "Falls soon" in text(web.browser("manager").get("/?team=1"))
