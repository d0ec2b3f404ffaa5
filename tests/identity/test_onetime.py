"""Links work once, in time, for what they were made, and die with what they were for."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

from smallcrm import store
from smallcrm.base import clock
from smallcrm.identity import onetime, passwords
from smallcrm.identity.onetime import INVITE, RESET

NOON = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)


def test_once(folder: Path) -> None:
    token = onetime.make(7, RESET)
    found = onetime.find(token)
    assert found is not None
    assert (found.user, found.purpose) == (7, RESET)
    assert onetime.use(token) == found
    assert onetime.use(token) is None
    assert onetime.find(token) is None


def test_looking_uses_nothing_up(folder: Path) -> None:
    token = onetime.make(7, INVITE)
    for _ in range(5):
        assert onetime.find(token)
    assert onetime.use(token)


def test_in_time(folder: Path) -> None:
    with clock.at(NOON):
        reset, invite = onetime.make(7, RESET), onetime.make(7, INVITE)
    with clock.at(NOON + dt.timedelta(minutes=59)):
        assert onetime.find(reset)
    with clock.at(NOON + dt.timedelta(minutes=61)):
        assert onetime.find(reset) is None
        assert onetime.use(reset) is None
        assert onetime.find(invite)
        assert onetime.purge() == 1
    with clock.at(NOON + dt.timedelta(days=7, minutes=1)):
        assert onetime.find(invite) is None


def test_a_newer_one_kills_the_older(folder: Path) -> None:
    first, second = onetime.make(7, RESET), onetime.make(7, RESET)
    assert onetime.find(first) is None
    assert onetime.find(second)


def test_a_password_kills_both(folder: Path) -> None:
    reset, invite = onetime.make(7, RESET), onetime.make(7, INVITE)
    other = onetime.make(8, RESET)
    passwords.keep(7, "hash")
    assert onetime.find(reset) is None
    assert onetime.find(invite) is None
    assert onetime.find(other)


def test_tokens_are_long_and_kept_as_hashes(folder: Path) -> None:
    tokens = [onetime.make(n, RESET) for n in range(1, 40)]
    assert len(set(tokens)) == len(tokens)
    assert all(len(token) >= 22 for token in tokens)  # 128 bits in base64
    kept = str(store.rows("SELECT * FROM one_time"))
    assert not any(token in kept for token in tokens)


def test_one_character_off_is_nothing(folder: Path) -> None:
    token = onetime.make(7, RESET)
    other = "A" if token[5] != "A" else "B"
    for wrong in (token[:5] + other + token[6:], token.upper(), token + "x", "", "null", token[:-1]):
        assert onetime.find(wrong) is None


def test_of_many_at_the_same_time_one_gets_it(folder: Path) -> None:
    token, found = onetime.make(7, RESET), []

    def attempt() -> None:
        found.append(onetime.use(token))
        store.close_thread()

    threads = [threading.Thread(target=attempt) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(each is not None for each in found) == 1
