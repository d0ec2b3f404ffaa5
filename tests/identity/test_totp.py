"""Codes work once and in time; recovery codes once; the seed lies sealed."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import pyotp
import pytest

from smallcrm import store
from smallcrm.base import clock
from smallcrm.base.errors import Invalid
from smallcrm.identity import passwords, totp  # noqa: F401  its table

NOON = dt.datetime(2026, 11, 21, 12, 0, 5, tzinfo=dt.UTC)


def code(secret: str, steps: int = 0, at: dt.datetime = NOON) -> str:
    return pyotp.TOTP(secret).at(at + dt.timedelta(seconds=30 * steps))


@pytest.fixture
def secret(folder: Path) -> str:
    """User 7 has the second step on since the step before noon."""
    made = totp.new_secret()
    with clock.at(NOON - dt.timedelta(seconds=60)):
        totp.enable(7, made, code(made, -2))
    return made


def test_a_code_works_once(secret: str) -> None:
    with clock.at(NOON):
        assert totp.verify(7, code(secret)) == "code"
        assert totp.verify(7, code(secret)) is None


def test_an_older_code_is_dead_once_a_newer_was_used(secret: str) -> None:
    with clock.at(NOON):
        assert totp.verify(7, code(secret)) == "code"
        assert totp.verify(7, code(secret, -1)) is None


@pytest.mark.parametrize(("steps", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_one_step_early_or_late(secret: str, steps: int, fits: bool) -> None:
    with clock.at(NOON):
        assert (totp.verify(7, code(secret, steps)) == "code") is fits


def test_spaces_do_not_matter_and_nonsense_is_wrong(secret: str) -> None:
    with clock.at(NOON):
        assert totp.verify(7, "") is None
        assert totp.verify(7, "٣٤٥٦٧٨") is None
        assert totp.verify(7, "12345678901234567890") is None
        right = code(secret)
        assert totp.verify(7, f" {right[:3]} {right[3:]} ") == "code"


def test_another_user_has_another_secret(secret: str) -> None:
    with clock.at(NOON):
        assert totp.verify(8, code(secret)) is None


def test_the_code_that_enabled_it_does_not_sign_in(folder: Path) -> None:
    made = totp.new_secret()
    with clock.at(NOON):
        totp.enable(7, made, code(made))
        assert totp.verify(7, code(made)) is None


def test_a_wrong_code_enables_nothing(folder: Path) -> None:
    with clock.at(NOON), pytest.raises(Invalid):
        totp.enable(7, totp.new_secret(), "000000")
    assert not totp.on(7)


def test_recovery_codes_work_once_each(folder: Path) -> None:
    made = totp.new_secret()
    with clock.at(NOON):
        codes = totp.enable(7, made, code(made))
    assert len(set(codes)) == totp.RECOVERY
    assert totp.verify(7, codes[0].lower().replace("-", " ")) == "recovery"
    assert totp.verify(7, codes[0]) is None
    assert totp.recovery_left(7) == totp.RECOVERY - 1
    fresh = totp.renew_recovery(7)
    assert totp.verify(7, codes[1]) is None
    assert totp.verify(7, fresh[1]) == "recovery"


def test_of_many_at_the_same_time_one_gets_in(secret: str) -> None:
    right, found = code(secret), []

    def attempt() -> None:
        with clock.at(NOON):
            found.append(totp.verify(7, right))
        store.close_thread()

    threads = [threading.Thread(target=attempt) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found.count("code") == 1


def test_neither_seed_nor_codes_lie_open(secret: str, folder: Path) -> None:
    codes = totp.renew_recovery(7)
    with store.writing():
        pass
    row = str(store.row("SELECT * FROM credential WHERE user = 7"))
    assert secret not in row
    assert not any(each.replace("-", "") in row or each in row for each in codes)


def test_switched_off(secret: str) -> None:
    totp.disable(7)
    with clock.at(NOON):
        assert not totp.on(7)
        assert totp.verify(7, code(secret)) is None


def test_the_picture_needs_no_style() -> None:
    drawn = totp.picture(totp.address(totp.new_secret(), name="anna@example.com", issuer='Σχολή & "Sons" <x>'))
    assert drawn.startswith("<svg")
    assert "style" not in drawn
    assert "<script" not in drawn
