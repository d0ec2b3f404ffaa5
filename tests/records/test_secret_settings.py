"""A setting that is a secret: sealed on disk, dots in the audit log, told only as set or not."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from smallcrm import store
from smallcrm.identity import key
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import cache, settings
from smallcrm.records.fields import Text
from tests.cast import Cast

NAME = "testing.password"


@pytest.fixture
def secret(cast: Cast) -> Iterator[str]:
    settings.declare("testing", {NAME: (Text("Password"), None)}, secret=(NAME,))
    yield NAME
    settings._declared.pop(NAME)


def test_sealed_and_read_again(secret: str, cast: Cast) -> None:
    settings.put(cast.actor("owner"), {secret: "CNRY-open-sesame"})
    assert settings.get(secret) == "CNRY-open-sesame"
    assert settings.is_set(secret)
    assert "CNRY" not in str(store.rows("SELECT * FROM setting"))
    audit = str(store.rows("SELECT * FROM audit WHERE act = 'setting'"))
    assert "CNRY" not in audit
    assert "•••" in audit


def test_taken_back(secret: str) -> None:
    settings.put(SYSTEM, {secret: "one"})
    settings.put(SYSTEM, {secret: "two"})
    assert settings.get(secret) == "two"
    settings.put(SYSTEM, {secret: None})
    assert settings.get(secret) is None
    assert not settings.is_set(secret)
    last = json.loads(store.value("SELECT detail FROM audit WHERE act = 'setting' ORDER BY id DESC LIMIT 1"))
    assert last == {"setting": secret, "before": "•••", "after": None}


def test_the_same_again_is_no_change(secret: str) -> None:
    settings.put(SYSTEM, {secret: "one"})
    before = store.value("SELECT count(*) FROM audit")
    settings.put(SYSTEM, {secret: "one"})
    assert store.value("SELECT count(*) FROM audit") == before


def test_not_readable_with_another_key(secret: str) -> None:
    settings.put(SYSTEM, {secret: "one"})
    (store.folder() / key.FILE).write_bytes(b"1" * 64)
    cache.forget()
    assert settings.get(secret) is None
