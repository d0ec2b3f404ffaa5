"""Invitations and new passwords by mail: real letters, links that work once, nothing told to strangers."""

from __future__ import annotations

import datetime as dt

import pytest

from smallcrm import store
from smallcrm.areas.people import rules
from smallcrm.areas.people.records import User
from smallcrm.areas.people.rules import addresses, links
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.identity import onetime, passwords, sessions, totp
from smallcrm.identity.actor import SYSTEM
from smallcrm.jobs import outbox
from smallcrm.records import access, change, settings
from tests.areas.people.conftest import Person, audited, letters, link_in, text_of
from tests.cast import PASSWORD, Cast
from tests.client import Web
from tests.jobs.outbox.mailserver import MailServer

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

NEW = "a new password of mine"


def user(number: int) -> User:
    return access.find(SYSTEM, User, number)  # type: ignore[return-value]


def ask(person: Person, email: str, **more: object) -> int:
    return person.send("/forgot", {"email": email}, page="/forgot", **more).status_code


# ---------------------------------------------------------------- forgotten


def test_forgotten(person: Person, company: Cast, mailserver: MailServer, web: Web) -> None:
    here = web.browser("anna")
    page = person.send("/forgot", {"email": "ANNA@example.com"}, page="/forgot")
    assert page.status_code == 200
    assert "If there is an account" in text_of(page)
    assert links.resets_asked()
    assert links.send_resets() == {"sent": 1}
    [letter] = letters(mailserver)
    assert "anna@example.com" in letter
    link = link_in(letter)
    opened = person.get(link)
    assert (opened.status_code, opened.headers["Location"]) == (303, "/link")
    assert "anna@example.com" in text_of(person.get("/link"))
    assert passwords.check(company.anna, PASSWORD), "looking changes nothing"
    weak = person.send("/link", {"new_password": "short"}, page="/link")
    assert weak.status_code == 422
    done = person.send("/link", {"new_password": NEW}, page="/link")
    assert (done.status_code, done.headers["Location"]) == (303, "/")
    assert passwords.check(company.anna, NEW)
    assert here.get("/customers").status_code == 302, "every session of before is over"
    assert person.get("/customers").status_code == 200
    # and never again
    again = Person(web)
    again.get(link)
    assert again.get("/link").status_code == 404
    assert again.send("/link", {"new_password": "another one again"}, page="/login").status_code == 404
    assert passwords.check(company.anna, NEW)
    assert len(audited("password changed")) == 1


def test_the_second_step_is_not_left_out(person: Person, company: Cast) -> None:
    import pyotp

    secret = totp.new_secret()
    totp.enable(company.anna, secret, pyotp.TOTP(secret).at(clock.now()))
    person.get(f"/link/{onetime.make(company.anna, onetime.RESET)}")
    done = person.send("/link", {"new_password": NEW}, page="/link")
    assert done.headers["Location"] == "/login/code"
    assert person.get("/customers").status_code == 302


def test_nobody_learns_who_exists(company: Cast, mailserver: MailServer, web: Web) -> None:
    pages = []
    for email in ("anna@example.com", "nobody@example.com", "sam@example.com"):
        page = Person(web).send("/forgot", {"email": email}, page="/forgot")
        pages.append((page.status_code, text_of(page)))
        assert store.value("SELECT count(*) FROM one_time") == 0, "whether there is such a user is looked up later"
    assert len(set(pages)) == 1
    links.send_resets()
    assert len(letters(mailserver)) == 2
    assert not links.resets_asked()


def test_links_begin_with_our_own_address_only(company: Cast, mailserver: MailServer, web: Web) -> None:
    for host, headers in (
        ("http://localhost", {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}),
        ("http://evil", {}),
        ("http://192.168.1.9:8070", {}),
    ):
        person = Person(web)
        person.send("/forgot", {"email": "anna@example.com"}, page="/forgot", base_url=host, headers=headers)
        links.send_resets()
        [letter] = letters(mailserver)
        assert "https://crm.example.com/link/" in letter
        assert "evil" not in letter
        assert "http://" not in letter


def test_without_an_address_none_is_believed_but_the_owners(company: Cast, mailserver: MailServer, web: Web) -> None:
    settings.put(SYSTEM, {"company.address": None})
    assert not links.can_reset()
    page = Person(web).send("/forgot", {"email": "anna@example.com"}, page="/forgot", base_url="http://evil")
    assert page.status_code == 409
    Person(web).sign_in("anna@example.com", base_url="http://elsewhere:8070")
    assert addresses.base_url() == ""
    Person(web).sign_in("olga@example.com", base_url="http://localhost:8070")
    assert addresses.base_url() == ""
    Person(web).sign_in("olga@example.com", base_url="http://nas:8070")
    assert addresses.base_url() == "http://nas:8070"
    assert links.can_reset()


def test_without_mail_it_says_who_can_help(person: Person) -> None:
    page = text_of(person.get("/forgot"))
    assert "Ask whoever runs smallcrm" in page
    assert "reset-owner" in page


def test_asking_is_slow(company: Cast, mailserver: MailServer, web: Web) -> None:
    codes = [ask(Person(web), "anna@example.com", environ_overrides={"REMOTE_ADDR": f"10.7.7.{n}"}) for n in range(12)]
    assert codes.count(200) <= 5
    assert codes[-1] == 429
    links.send_resets()
    assert len(letters(mailserver)) <= 5


def test_the_outbox_holds_no_link_in_the_clear(company: Cast, mailserver: MailServer) -> None:
    links.ask_reset("anna@example.com", address="10.0.0.1")
    links.send_resets()
    row = str(store.rows("SELECT * FROM outbox"))
    [letter] = letters(mailserver)
    token = link_in(letter).rpartition("/")[2]
    assert token not in row
    assert token not in str(store.rows("SELECT * FROM outbox"))
    assert token not in str(store.rows("SELECT * FROM one_time"))


def test_guessing_links_is_slow(web: Web, company: Cast) -> None:
    codes = []
    for n in range(30):
        person = Person(web)
        person.get(f"/link/{'guess' * 8}{n}")
        codes.append(person.get("/link").status_code)
    assert codes.count(404) <= 20
    assert codes[-1] == 429


@pytest.mark.parametrize("token", ["null", "0", "shared", "true", "[]", "x" * 5000, "a b"])
def test_strange_links(token: str, person: Person) -> None:
    assert person.get(f"/link/{token}").status_code == 303
    assert person.get("/link").status_code == 404


# ---------------------------------------------------------------- invited


def test_invited_by_mail(company: Cast, mailserver: MailServer, web: Web) -> None:
    owner = company.actor("owner")
    made = rules.add_user(owner, name="Nora New", email="nora@example.com", role="sales", language="el")
    invited = links.invite(owner, made)
    assert invited.mailed
    [letter] = letters(mailserver)
    assert "nora@example.com" in letter
    person = Person(web)
    person.get(link_in(letter))
    assert person.send("/link", {"new_password": "noranew1234"}, page="/link").status_code == 422, "their own name"
    assert person.send("/link", {"new_password": NEW}, page="/link").status_code == 303
    assert person.get("/customers").status_code == 200
    assert not passwords.must_change(int(made.id))


def test_invited_without_mail_the_link_is_handed_over(company: Cast) -> None:
    invited = links.invite(company.actor("owner"), user(company.service))
    assert not invited.mailed
    assert invited.link.startswith("https://crm.example.com/link/")


def test_an_invitation_lasts_a_week_and_a_newer_one_kills_it(company: Cast) -> None:
    owner = company.actor("owner")
    now = clock.now()
    first = links.invite(owner, user(company.service)).link.rpartition("/")[2]
    second = links.invite(owner, user(company.service)).link.rpartition("/")[2]
    assert onetime.find(first) is None
    with clock.at(now + dt.timedelta(days=6, hours=23)):
        assert onetime.find(second)
    with clock.at(now + dt.timedelta(days=7, hours=1)):
        assert onetime.find(second) is None


def test_a_link_dies_with_the_address_the_password_and_the_user(company: Cast, web: Web) -> None:
    owner = company.actor("owner")
    for spoil in (
        lambda: change.update(owner, user(company.service), {"email": "sam2@example.com"}),
        lambda: passwords.keep(company.service, "x"),
        lambda: rules.switch_off(owner, user(company.service)),
    ):
        token = links.invite(owner, user(company.service)).link.rpartition("/")[2]
        spoil()
        person = Person(web)
        person.get(f"/link/{token}")
        assert person.get("/link").status_code == 404


def test_who_cannot_be_invited(company: Cast) -> None:
    owner = company.actor("owner")
    nameless = rules.add_user(owner, name="No Mail", email=None, role="sales")
    with pytest.raises(Invalid):
        links.invite(owner, nameless)
    with pytest.raises(Forbidden):
        links.invite(company.actor("manager"), user(company.service))


def test_a_changed_password_is_told(company: Cast, mailserver: MailServer) -> None:
    rules.set_password(company.actor("owner"), user(company.anna), NEW)
    [letter] = letters(mailserver)
    assert "Your password was changed" in letter
    assert "Olga Owner changed it" in letter
    assert NEW not in letter


def test_mails_wait_for_nobody_who_is_gone(company: Cast, mailserver: MailServer) -> None:
    owner = company.actor("owner")
    links.invite(owner, user(company.anna))
    rules.switch_off(owner, user(company.anna))
    assert letters(mailserver) == []
    assert outbox.counts()


def test_sessions_of_a_reset_are_gone_for_programs_too(company: Cast) -> None:
    token = sessions.begin(company.anna, address="x", agent="x")
    links.accept(onetime.make(company.anna, onetime.RESET), NEW, address="10.0.0.1")
    assert sessions.find(token) is None
