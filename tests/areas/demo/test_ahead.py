"""Blocks made in a process of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from smallcrm import store
from smallcrm.areas.demo.ahead import ahead
from tests.cast import Cast


def test_the_first_is_made_here_and_the_rest_elsewhere_in_order() -> None:
    def blocks() -> Iterator[tuple[int, int]]:
        for n in range(4):
            yield n, os.getpid()

    found = list(ahead(blocks()))
    assert [n for n, _ in found] == [0, 1, 2, 3]
    assert found[0][1] == os.getpid()
    assert {made_by == os.getpid() for _, made_by in found[1:]} == {False}
    assert list(ahead(iter(()))) == []


def test_a_process_that_fails_is_no_end_of_the_blocks(capfd: pytest.CaptureFixture[str]) -> None:
    def blocks() -> Iterator[int]:
        yield 1
        raise ValueError("no more names")

    with pytest.raises(RuntimeError, match="ended with 1"):
        list(ahead(blocks()))
    assert "no more names" in capfd.readouterr().err


def test_it_has_no_database_and_leaves_ours_alone(cast: Cast, capfd: pytest.CaptureFixture[str]) -> None:
    def blocks() -> Iterator[int]:
        yield 1
        yield int(store.value('SELECT count(*) FROM "user"'))

    before = store.value('SELECT count(*) FROM "user"')
    with pytest.raises(RuntimeError):
        list(ahead(blocks()))
    assert "Error" in capfd.readouterr().err
    assert store.value('SELECT count(*) FROM "user"') == before
