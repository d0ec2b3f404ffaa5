"""The pages about users' accounts: made, let in, signed out, switched off, and what they would see."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest

from smallcrm import store
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.people import roles, rules, signing
from smallcrm.areas.people.records import Role, User
from smallcrm.areas.people.rules import leaving
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.identity import onetime, passwords, sessions, tokens, totp
from smallcrm.identity.actor import SYSTEM, VERBS, Actor
from smallcrm.records import access, change
from smallcrm.records.record import Record, values
from tests import samples
from tests.areas.people.conftest import Person, audited, letters, text_of
from tests.cast import PASSWORD, Cast
from tests.client import Browser, Web
from tests.jobs.outbox.mailserver import MailServer

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

FIRST = "three words in a row"


@pytest.fixture
def olga(company: Cast, web: Web) -> Browser:
    """The owner, who gave her password just now."""
    return web.browser("owner")


@pytest.fixture
def ways() -> Iterator[None]:
    """What areas offered before."""
    before = dict(leaving._options)
    leaving._options.clear()
    yield
    leaving._options.clear()
    leaving._options.update(before)


def new(company: Cast, **more: str) -> dict[str, str]:
    form = {"name": "Nora New", "email": "nora@example.com", "role": str(roles.role_id("sales")), "active": "1"}
    return {**form, "team": str(company.north), **more}


def made() -> int | None:
    return signing.by_email("nora@example.com")


# ---------------------------------------------------------------- a new user


def test_with_a_first_password(olga: Browser, company: Cast, web: Web) -> None:
    done = olga.post("/users/new", new(company, way="password", password=FIRST))
    number = made()
    assert number
    assert (done.status_code, done.headers["Location"]) == (303, f"/users/{number}/account")
    nora = Person(web)
    assert nora.sign_in("nora@example.com", FIRST).status_code == 303
    assert nora.get("/customers").headers["Location"] == "/first-password"
    assert "will choose another" in text_of(olga.get(f"/users/{number}/account"))


def test_by_mail(olga: Browser, company: Cast, mailserver: MailServer) -> None:
    assert olga.post("/users/new", new(company, way="mail")).status_code == 303
    [letter] = letters(mailserver)
    assert "nora@example.com" in letter
    assert "/link/" in letter
    assert onetime.waiting(made() or 0, onetime.INVITE)


def test_by_a_link_to_hand_over(olga: Browser, company: Cast, web: Web) -> None:
    page = olga.post("/users/new", new(company, way="mail"))
    found = re.search(r'id="invite-link">([^<]+)<', page.get_data(as_text=True))
    assert found
    path = found[1].removeprefix("https://crm.example.com")
    nora = Person(web)
    nora.get(path)
    assert nora.send("/link", {"new_password": FIRST}, page="/link").status_code == 303
    assert nora.get("/customers").status_code == 200
    assert found[1] not in olga.get(f"/users/{made()}/account").get_data(as_text=True), "shown once"


def test_later_without_an_address(olga: Browser, company: Cast) -> None:
    assert olga.post("/users/new", new(company, way="later", email="")).status_code == 303
    number = int(store.value('SELECT id FROM "user" WHERE name = ?', ["Nora New"]))
    page = text_of(olga.get(f"/users/{number}/account"))
    assert "Cannot sign in: no e-mail address" in page
    assert "Set an e-mail address first" in page


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"way": "mail", "email": ""}, "email"),
        ({"way": "password", "password": "short"}, "password"),
        ({"way": "password", "password": "nora@example.com"}, "password"),
        ({"way": "later", "name": ""}, "name"),
        ({"way": "later", "role": ""}, "role"),
        ({"way": "later", "email": "ANNA@example.com"}, "email"),
    ],
)
def test_what_is_wrong_is_told_and_nobody_is_made(
    wrong: Mapping[str, str], field: str, olga: Browser, company: Cast
) -> None:
    count = store.value('SELECT count(*) FROM "user"')
    page = olga.post("/users/new", new(company, title="typed <b>", **wrong))
    body = page.get_data(as_text=True)
    assert page.status_code == 422
    assert "typed &lt;b&gt;" in body
    assert f'href="#{field}"' in body or f'name="{field}"' in body
    assert FIRST not in body
    assert store.value('SELECT count(*) FROM "user"') == count


def test_nobody_without_the_right(company: Cast, web: Web) -> None:
    before = store.value("SELECT count(*) FROM audit"), store.value('SELECT count(*) FROM "user"')
    for part in ("manager", "anna", "reader"):
        browser = web.browser(part)
        assert browser.post("/users/new", new(company, way="later")).status_code == 403
        for page in ("/users/new", f"/users/{company.bob}/account", f"/users/{company.bob}/sees"):
            assert browser.get(page).status_code == 403, page
        for act in ("invite", "password", "sessions/end", "totp/off", "switch-off", "switch-on", "tokens/1/revoke"):
            assert browser.post(f"/users/{company.bob}/{act}", {"password": FIRST}).status_code == 403, act
    assert passwords.check(company.bob, PASSWORD)
    assert (store.value("SELECT count(*) FROM audit"), store.value('SELECT count(*) FROM "user"')) == before


# ---------------------------------------------------------------- the account


def test_a_password_to_hand_over(olga: Browser, company: Cast, web: Web) -> None:
    anna = web.browser("anna")
    assert olga.post(f"/users/{company.anna}/password", {"password": "x"}).status_code == 422
    assert passwords.check(company.anna, PASSWORD)
    assert olga.post(f"/users/{company.anna}/password", {"password": FIRST}).status_code == 303
    assert passwords.check(company.anna, FIRST)
    assert passwords.must_change(company.anna)
    assert anna.get("/customers").status_code == 302, "her sessions are over"
    [(who, whose, detail)] = audited("password changed")
    assert (who, whose) == (company.owner, company.anna)
    assert FIRST not in str(detail)


def test_invited_again(olga: Browser, company: Cast, mailserver: MailServer) -> None:
    assert olga.post(f"/users/{company.service}/invite").status_code == 303
    assert olga.post(f"/users/{company.service}/invite").status_code == 303
    assert len(letters(mailserver)) == 2
    assert "Sent " in text_of(olga.get(f"/users/{company.service}/account"))
    rules.switch_off(company.actor("owner"), access.find(SYSTEM, User, company.service))
    assert olga.post(f"/users/{company.service}/invite").status_code == 409


def test_signed_out_everywhere(olga: Browser, company: Cast, web: Web) -> None:
    anna, phone = web.browser("anna"), sessions.begin(company.anna, address="10.0.0.7", agent="phone")
    assert "10.0.0.7" in text_of(olga.get(f"/users/{company.anna}/account"))
    assert olga.post(f"/users/{company.anna}/sessions/end").status_code == 303
    assert anna.get("/customers").status_code == 302
    assert sessions.find(phone) is None
    # herself: everywhere but here
    other = sessions.begin(company.owner, address="x", agent="x")
    assert olga.post(f"/users/{company.owner}/sessions/end").status_code == 303
    assert sessions.find(other) is None
    assert olga.get("/customers").status_code == 200


def test_a_lost_phone(olga: Browser, company: Cast) -> None:
    import pyotp

    secret = totp.new_secret()
    totp.enable(company.anna, secret, pyotp.TOTP(secret).now())
    assert olga.post(f"/users/{company.anna}/totp/off").status_code == 303
    assert not totp.on(company.anna)
    assert [line[:2] for line in audited("second factor off")] == [(company.owner, company.anna)]


def test_a_users_token_is_revoked(olga: Browser, company: Cast) -> None:
    token = tokens.make(company.anna, name="Website")
    number = tokens.of_user(company.anna)[0][0]
    assert "Website" in text_of(olga.get(f"/users/{company.anna}/account"))
    assert olga.post(f"/users/{company.bob}/tokens/{number}/revoke").status_code == 404
    assert tokens.find(token)
    assert olga.post(f"/users/{company.anna}/tokens/{number}/revoke").status_code == 303
    assert tokens.find(token) is None


def test_the_mightier_are_left_alone(company: Cast, web: Web) -> None:
    """Somebody who runs users but may less than the owner."""
    grants = [{"type": "*", **dict.fromkeys(VERBS, "all")}]
    clerk = change.create(SYSTEM, Role, {"name": "Clerk", "grants": grants, "rights": ["people"]}, trusted=True)
    number = int(rules.add_user(SYSTEM, name="Cleo", email="cleo@example.com", role=int(clerk.id)).id)
    cleo, before = web.browser(number), store.rows("SELECT * FROM audit")
    assert "may do more than you" in text_of(cleo.get(f"/users/{company.owner}/account"))
    for act in ("invite", "password", "sessions/end", "totp/off", "switch-off", "switch-on"):
        assert cleo.post(f"/users/{company.owner}/{act}", {"password": FIRST}).status_code == 403, act
    token = tokens.make(company.owner, name="x")
    revoke = f"/users/{company.owner}/tokens/{tokens.of_user(company.owner)[0][0]}/revoke"
    assert cleo.post(revoke).status_code == 403
    assert tokens.find(token)
    assert passwords.check(company.owner, PASSWORD)
    assert store.rows("SELECT * FROM audit") == before
    assert cleo.post(f"/users/{company.anna}/sessions/end").status_code == 303


# ---------------------------------------------------------------- leaving


def test_switched_off_and_on(olga: Browser, company: Cast, web: Web, ways: None) -> None:
    anna = web.browser("anna")
    customer = samples.make(company.actor("anna"), Customer, company, minimal=True)
    page = text_of(olga.get(f"/users/{company.anna}/switch-off"))
    assert "Leave it as it is" in page
    done = olga.post(f"/users/{company.anna}/switch-off", {"way": "keep"})
    assert done.status_code == 303
    assert anna.get("/customers").status_code == 302
    assert values(access.find(SYSTEM, Customer, customer.id))["owner"] == company.anna
    assert olga.post(f"/users/{company.anna}/switch-on").status_code == 303
    assert Person(web).sign_in("anna@example.com").status_code == 303
    assert olga.post(f"/users/{company.anna}/switch-off", {"way": "burn"}).status_code == 400
    assert values(access.find(SYSTEM, User, company.anna))["active"]


def test_with_their_work_and_back_with_one_undo(olga: Browser, company: Cast, ways: None) -> None:
    def hand_over(actor: Actor, user: Record, form: Mapping[str, str]) -> None:
        if not form.get("over-to"):
            raise Invalid({"over-to": [str(L("Choose somebody."))]})
        found = store.rows("SELECT id FROM customer WHERE owner = ?", [user.id])
        for (number,) in found:
            change.update(actor, access.find(actor, Customer, number), {"owner": int(form["over-to"])})

    leaving.offer(
        leaving.Option("over", L("Hand it over"), L("To one person"), hand_over, lambda _a, _u: "<i>whom</i>")
    )
    customer = samples.make(company.actor("anna"), Customer, company, minimal=True)
    page = olga.get(f"/users/{company.anna}/switch-off").get_data(as_text=True)
    assert "<i>whom</i>" in page
    refused = olga.post(f"/users/{company.anna}/switch-off", {"way": "over"})
    assert refused.status_code == 422
    assert "Choose somebody." in text_of(refused)
    assert values(access.find(SYSTEM, User, company.anna))["active"], "all or nothing"
    done = olga.post(f"/users/{company.anna}/switch-off", {"way": "over", "over-to": str(company.bob)})
    assert done.status_code == 303
    assert values(access.find(SYSTEM, Customer, customer.id))["owner"] == company.bob
    assert not values(access.find(SYSTEM, User, company.anna))["active"]
    last = store.value("SELECT max(id) FROM change_set")
    assert olga.post(f"/changes/{last}/undo").status_code == 303
    assert values(access.find(SYSTEM, Customer, customer.id))["owner"] == company.anna
    assert values(access.find(SYSTEM, User, company.anna))["active"]


def test_the_last_owner_stays(olga: Browser, company: Cast, ways: None) -> None:
    refused = olga.post(f"/users/{company.owner}/switch-off", {"way": "keep"})
    assert refused.status_code == 422
    assert "needs at least one active owner" in text_of(refused)
    assert olga.get("/customers").status_code == 200


# ---------------------------------------------------------------- what they would see


def test_what_a_user_would_see(olga: Browser, company: Cast) -> None:
    mine = samples.make(company.actor("anna"), Customer, company, minimal=True)
    theirs = samples.make(company.actor("carl"), Customer, company, minimal=True)
    base = f"/users/{company.anna}/sees"
    assert olga.get(base).status_code == 200
    seen = text_of(olga.get(f"{base}?type=customers&id={mine.id}"))
    assert "Sees it." in seen
    assert "May: change" in seen
    assert "Does not see it." in text_of(olga.get(f"{base}?type=customers&id={theirs.id}"))
    assert "There is nothing here" in text_of(olga.get(f"{base}?type=customers&id=99999"))
    assert olga.get(f"{base}?type=nonsense&id=-1").status_code == 200
    rules.switch_off(company.actor("owner"), access.find(SYSTEM, User, company.anna))
    assert "sees nothing" in text_of(olga.get(base))
