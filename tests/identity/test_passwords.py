"""Passwords: what is refused, and that nothing tells who exists."""

from __future__ import annotations

from pathlib import Path

import pytest

from smallcrm.base.errors import Invalid
from smallcrm.identity import passwords


@pytest.mark.parametrize("word", [
    "short", "password12", "Passw0rd!!", "1234567890", "0987654321", "qwertyuiop", "aaaaaaaaaaaa", "abababababab",
    "letmein2026", "anna.north1", "x" * 201,
])  # fmt: skip
def test_refused(word: str) -> None:
    with pytest.raises(Invalid):
        passwords.refuse_weak(word, about=("Anna North", "anna.north@example.com"))


@pytest.mark.parametrize("word", [
    "correct horse battery", "αλογο μπαταρια σωστο", "正确的马电池订书钉在这里好", "Tr0ub4dor&3 and more", " spaces count too ",
    "x1" * 3 + "correct horse" + "y" * 170,
])  # fmt: skip
def test_taken(word: str) -> None:
    assert passwords.refuse_weak(word, about=("Anna North", "anna@example.com")) is None


def test_not_cut_short(folder: Path) -> None:
    long = "correct horse battery " * 9
    passwords.keep(7, passwords.hashed(long))
    assert passwords.check(7, long)
    assert not passwords.check(7, long[:-1])
    assert not passwords.check(7, long[:72])


def test_wrong_for_everybody_else(folder: Path) -> None:
    passwords.keep(7, passwords.hashed("correct horse battery"))
    assert not passwords.check(8, "correct horse battery")
    assert not passwords.check(None, "correct horse battery")
    assert not passwords.check(0, "nobody")


def test_as_much_work_for_who_does_not_exist(folder: Path) -> None:
    """The same function with the same cost: what differs in time is the noise of the machine."""
    method = passwords._NOBODY.split("$")[0]
    assert passwords.hashed("anything").startswith(f"{method}$")
    assert len(passwords.hashed("anything").split("$")[2]) == len(passwords._NOBODY.split("$")[2])
