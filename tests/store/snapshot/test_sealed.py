"""A sealed file gives back what went in, anywhere, to the right passphrase, and notices every change."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smallcrm.base.errors import Invalid
from smallcrm.store.snapshot import sealed
from smallcrm.store.snapshot.sealed import SealBroken, Sealer, Unsealed

CHEAP = (10, 1)
PIECE = 64 * 1024
LENGTHS = st.sampled_from([0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 5])


def seal(content: bytes, passphrase: str = "right", step: int = 10_000) -> bytes:
    out = io.BytesIO()
    sealer = Sealer(out.write, passphrase, CHEAP)
    for start in range(0, len(content), step):
        sealer.write(content[start : start + step])
    sealer.finish()
    return out.getvalue()


def unseal(found: bytes, passphrase: str = "right") -> bytes:
    return Unsealed(io.BytesIO(found), passphrase).read()


def content_of(length: int) -> bytes:
    return bytes(number * 7 % 251 for number in range(length))


@settings(deadline=None, max_examples=20)
@given(LENGTHS, st.integers(1, 200_000))
def test_round_trip(length: int, step: int) -> None:
    found = seal(content_of(length), step=step)
    assert sealed.is_sealed(found)
    assert unseal(found) == content_of(length)
    assert content_of(length)[:40] not in found or length < 8


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_reading_anywhere(data: st.DataObject) -> None:
    content = content_of(3 * PIECE + 100)
    file = io.BufferedReader(Unsealed(io.BytesIO(seal(content)), "right"))
    for _ in range(6):
        at = data.draw(st.integers(0, len(content) + 10))
        length = data.draw(st.integers(0, 2 * PIECE))
        file.seek(at)
        assert file.read(length) == content[at : at + length]
    file.seek(-5, io.SEEK_END)
    assert file.read() == content[-5:]


def test_a_wrong_passphrase_is_said() -> None:
    with pytest.raises(Invalid) as caught:
        unseal(seal(b"x"), "wrong")
    assert list(caught.value.errors) == ["passphrase"]


def test_passphrases_are_not_only_ascii() -> None:
    assert unseal(seal(b"x", "密码 κωδικός"), "密码 κωδικός") == b"x"
    assert unseal(seal(b"x", "κωδικ\u03cc\u03c2"), "κωδικ\u03bf\u0301\u03c2") == b"x"  # the same, from another keyboard


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_every_change_is_noticed(data: st.DataObject) -> None:
    found = bytearray(seal(content_of(PIECE + 1000)))
    at = data.draw(st.integers(0, len(found) - 1))
    found[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises((SealBroken, Invalid)):
        unseal(bytes(found))


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_every_cut_is_noticed_on_opening(data: st.DataObject) -> None:
    found = seal(content_of(2 * PIECE))
    cut = data.draw(st.integers(0, len(found) - 1) | st.just(len(found) - PIECE - 16))
    with pytest.raises((SealBroken, Invalid)):
        Unsealed(io.BytesIO(found[:cut]), "right")


def test_pieces_cannot_change_places() -> None:
    found = seal(content_of(3 * PIECE))
    head = len(found) - 3 * (PIECE + 16)
    first, second = found[head : head + PIECE + 16], found[head + PIECE + 16 : head + 2 * (PIECE + 16)]
    with pytest.raises(SealBroken):
        unseal(found[:head] + second + first + found[head + 2 * (PIECE + 16) :])


def test_a_forged_header_does_not_fill_the_memory() -> None:
    found = bytearray(seal(b"x"))
    found[8] = 60
    with pytest.raises(SealBroken):
        unseal(bytes(found))


def test_two_of_the_same_differ() -> None:
    assert seal(b"same") != seal(b"same")
