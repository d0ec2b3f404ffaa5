"""Sessions end when they should, at once, and take another name when trust changes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from smallcrm import store
from smallcrm.base import clock, ids
from smallcrm.base.errors import NotFound
from smallcrm.identity import passwords, sessions

NOON = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)


def begin(user: int = 7) -> str:
    return sessions.begin(user, address="10.0.0.1", agent="tests")


def test_a_renewed_session_goes_on_and_its_old_cookie_is_dead(folder: Path) -> None:
    old = begin()
    found = sessions.find(old)
    assert found is not None
    new = sessions.renew(found.token_hash)
    assert sessions.find(old) is None
    again = sessions.find(new)
    assert again is not None
    assert again.id == found.id


def test_one_of_ones_own_is_ended(folder: Path) -> None:
    mine, other = begin(7), begin(8)
    number = sessions.of_user(7)[0][0]
    with pytest.raises(NotFound):
        sessions.end_one(8, number)
    sessions.end_one(7, number)
    assert sessions.find(mine) is None
    assert sessions.find(other)


def test_all_but_this_one(folder: Path) -> None:
    here, there = begin(), begin()
    sessions.end_all(7, but=ids.digest(here))
    assert sessions.find(here)
    assert sessions.find(there) is None


def test_idle_and_old_ones_end_by_themselves(folder: Path) -> None:
    with clock.at(NOON):
        token = begin()
    with clock.at(NOON + dt.timedelta(days=sessions.IDLE_DAYS, minutes=1)):
        assert sessions.find(token) is None
        assert sessions.purge() == 1


def test_nobody_uses_a_session_for_ever(folder: Path) -> None:
    with clock.at(NOON):
        token = begin()
    for day in range(1, sessions.LONGEST_DAYS + 1):
        with clock.at(NOON + dt.timedelta(days=day - 1, hours=12)):
            assert sessions.find(token), day
    with clock.at(NOON + dt.timedelta(days=sessions.LONGEST_DAYS, minutes=1)):
        assert sessions.find(token) is None


def test_whoever_must_choose_a_password_is_told(folder: Path) -> None:
    token = begin()
    passwords.keep(7, "hash", must_change=True)
    found = sessions.find(token)
    assert found is not None
    assert found.must_change
    passwords.keep(7, "other")
    found = sessions.find(token)
    assert found is not None
    assert not found.must_change


def test_cookies_are_kept_as_hashes(folder: Path) -> None:
    token = begin()
    assert len(token) >= 22
    assert token not in str(store.rows("SELECT * FROM session"))
