"""An owner who forgot the password and has nobody to ask."""

from __future__ import annotations

import datetime as dt
import os

import pyotp
import pytest

from smallcrm import store
from smallcrm.areas.people import rules
from smallcrm.areas.people.rules import recovery
from smallcrm.base import clock
from smallcrm.base.errors import Invalid, NotFound
from smallcrm.identity import passwords, sessions, totp
from smallcrm.identity.actor import SYSTEM
from tests.areas.people.conftest import Person, audited, text_of
from tests.cast import Cast
from tests.client import Web

NEW = "a new password of mine"


def code() -> str:
    (store.folder() / recovery.ASKED).touch()
    assert recovery.asked()
    path = store.folder() / recovery.CODE
    assert path.stat().st_mode & 0o777 == 0o600
    return path.read_text().strip()


def test_without_the_file_there_is_nothing(person: Person) -> None:
    assert "/forgot/owner" not in person.get("/forgot").get_data(as_text=True)
    answer = person.send("/forgot/owner", {"code": "x", "new_password": NEW}, page="/forgot")
    assert answer.status_code == 404
    assert not (store.folder() / recovery.CODE).exists()


def test_with_the_file(person: Person, company: Cast) -> None:
    secret = totp.new_secret()
    totp.enable(company.owner, secret, pyotp.TOTP(secret).at(clock.now()))
    old = sessions.begin(company.owner, address="x", agent="x")
    right = code()
    page = person.get("/forgot")
    assert right not in page.get_data(as_text=True)
    wrong = person.send("/forgot/owner", {"code": "AAAAA-AAAAA", "new_password": NEW}, page="/forgot")
    assert wrong.status_code == 422
    weak = person.send("/forgot/owner", {"code": right, "new_password": "short"}, page="/forgot")
    assert weak.status_code == 422
    done = person.send("/forgot/owner", {"code": right.lower(), "new_password": NEW}, page="/forgot")
    assert done.status_code == 303
    assert person.get("/customers").status_code == 200
    assert passwords.check(company.owner, NEW)
    assert not totp.on(company.owner), "the phone may be what was lost"
    assert sessions.find(old) is None
    assert not (store.folder() / recovery.ASKED).exists()
    assert not (store.folder() / recovery.CODE).exists()
    assert len(audited("owner recovered")) == 1
    with pytest.raises(NotFound):
        recovery.recover(code=right, email="", password=NEW, address="x")


def test_guessing_is_slow(person: Person, company: Cast) -> None:
    code()
    codes = [
        person.send("/forgot/owner", {"code": f"AAAAA-{n:05d}", "new_password": NEW}, page="/forgot").status_code
        for n in range(14)
    ]
    assert codes.count(422) <= 10
    assert codes[-1] == 429


def test_of_several_owners_one_is_named(company: Cast) -> None:
    second = rules.add_user(SYSTEM, name="Otto", email="otto@example.com", role="owner")
    right = code()
    for email in ("", "anna@example.com"):
        with pytest.raises(Invalid, match=r"olga@example\.com, otto@example\.com"):
            recovery.recover(code=right, email=email, password=NEW, address="x")
    assert recovery.recover(code=right, email="OTTO@example.com", password=NEW, address="x") == int(second.id)


def test_an_old_code_is_replaced(company: Cast) -> None:
    first = code()
    path = store.folder() / recovery.CODE
    long_ago = (clock.now() - dt.timedelta(hours=2)).timestamp()
    os.utime(path, (long_ago, long_ago))
    with pytest.raises(Invalid):
        recovery.recover(code=first, email="", password=NEW, address="x")
    assert code() != first


def test_the_page_says_how(company: Cast, web: Web) -> None:
    text = text_of(Person(web).get("/forgot"))
    assert "reset-owner" in text
    assert str(store.folder()) not in text, "where the folder lies is nobody's business"
