"""Guessing is slow for every account and network, and nobody is kept out for good."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm.base.errors import TooMany
from smallcrm.identity import throttle
from smallcrm.identity.throttle import LIMITS, Throttle, network


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def tries(gate: Throttle, n: int, **who: str) -> int:
    """How many of ``n`` failing attempts were let through."""
    passed = 0
    for _ in range(n):
        try:
            with gate.attempt("password", **who):
                passed += 1
        except TooMany:
            continue
    return passed


def test_an_account_is_slow_from_everywhere() -> None:
    gate = Throttle(Clock())
    passed = sum(tries(gate, 1, account="Anna@Example.com", address=f"10.0.0.{n}") for n in range(50))
    assert passed == LIMITS["password"][0].free <= 10


def test_case_and_width_of_a_name_make_no_difference() -> None:
    gate = Throttle(Clock())
    names = [
        "anna@example.com",
        "ANNA@EXAMPLE.COM",
        "Anna@Example.Com",
        "ａｎｎａ@example.com",
        " anna@example.com ",
    ] * 10
    assert sum(tries(gate, 1, account=name, address=f"10.0.0.{n}") for n, name in enumerate(names)) <= 10


def test_an_address_is_slow_over_all_accounts() -> None:
    gate = Throttle(Clock())
    assert sum(tries(gate, 1, account=f"user{n}@example.com", address="10.0.0.1") for n in range(50)) <= 10


def test_a_household_is_one_address() -> None:
    gate = Throttle(Clock())
    passed = sum(tries(gate, 1, account=f"u{n}", address=f"2001:db8:1:2::{n:x}") for n in range(50))
    assert passed <= 10
    assert tries(gate, 1, account="other", address="2001:db8:1:3::1") == 1


def test_waiting_helps_and_the_message_says_how_long() -> None:
    clock = Clock()
    gate = Throttle(clock)
    tries(gate, 50, account="a", address="10.0.0.1")
    with pytest.raises(TooMany) as refused, gate.attempt("password", account="a", address="10.0.0.9"):
        pass
    wait = refused.value.detail["after"]
    assert 1 <= wait <= 60
    assert str(wait) in str(refused.value)
    clock.at += wait
    assert tries(gate, 5, account="a", address="10.0.0.9") == 1


def test_a_day_of_guessing_is_few_guesses() -> None:
    clock = Clock()
    gate = Throttle(clock)
    passed = 0
    for _ in range(24 * 60):
        passed += tries(gate, 3, account="a")
        clock.at += 60
    assert passed < 3000


def test_success_forgets_the_account_but_not_the_address() -> None:
    gate = Throttle(Clock())
    for _ in range(3):
        tries(gate, 2, account="mine", address="10.0.0.1")
        with gate.attempt("password", account="mine", address="10.0.0.1") as attempt:
            attempt.good()
    # six failures of mine are forgotten for my account, and still stand for the address
    assert tries(gate, 20, account="victim", address="10.0.0.1") == LIMITS["password"][1].free - 6


def test_signing_in_to_ones_own_account_gives_no_more_guesses_at_another() -> None:
    gate = Throttle(Clock())
    passed = 0
    for _ in range(20):
        passed += tries(gate, 5, account="victim", address="10.0.0.1")
        try:
            with gate.attempt("password", account="mine", address="10.0.0.1") as attempt:
                attempt.good()
        except TooMany:
            continue
    assert passed <= 10


def test_a_known_browser_is_not_kept_out_by_strangers() -> None:
    gate = Throttle(Clock())
    for n in range(100):
        tries(gate, 1, account="owner@example.com", address=f"10.0.{n}.1")
    assert tries(gate, 1, account="owner@example.com", address="10.9.9.9") == 0
    assert tries(gate, 1, account="owner@example.com", address="10.9.9.9", device="mine") == 1
    # and it is limited itself
    assert tries(gate, 50, account="owner@example.com", address="10.9.9.9", device="mine") <= 10


def test_twenty_at_the_same_time_are_twenty() -> None:
    gate = Throttle()
    passed: list[int] = []
    threads = [
        threading.Thread(target=lambda: passed.append(tries(gate, 1, account="a", address="10.0.0.1")))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(passed) == LIMITS["password"][0].free


def test_a_row_of_refusals_is_told_once() -> None:
    clock = Clock()
    gate = Throttle(clock)
    firsts = []
    for _ in range(30):
        try:
            with gate.attempt("password", account="a", address="10.0.0.1"):
                pass
        except TooMany as error:
            firsts.append(error.detail["first"])
    assert firsts[0] is True
    assert not any(firsts[1:])


def test_the_memory_is_bounded() -> None:
    gate = Throttle(Clock())
    for n in range(throttle.MOST_KEPT + 500):
        tries(gate, 1, account=f"u{n}")
    assert len(gate._buckets) <= throttle.MOST_KEPT + 1


@given(st.text(max_size=60))
def test_any_address_has_a_network(text: str) -> None:
    assert network(text)


def test_networks() -> None:
    assert network("10.1.2.3") == "10.1.2.3"
    assert network("::ffff:10.1.2.3") == "10.1.2.3"
    assert network("fe80::1%eth0") == "fe80::/64"
    assert network("2001:db8:1:2:3::1") == network("2001:db8:1:2:ffff::9")
