"""A manifest reads back as it was written, and anything else is refused in one way."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm.store.snapshot.manifest import Content, Manifest, NewerFormat, from_json, to_json

SHA = st.text("0123456789abcdef", min_size=64, max_size=64)
CONTENT = st.builds(Content, st.integers(0, 2**40), SHA)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
MANIFEST = st.builds(
    Manifest,
    version=st.text(max_size=9),
    created_at=st.just("2026-11-21T08:30:00.000Z"),
    label=st.text(max_size=9),
    sqlite=st.just("3.54.1"),
    schema=st.lists(st.text(max_size=9)).map(tuple),
    database=CONTENT,
    rows=st.dictionaries(st.text(max_size=9), st.integers(0, 10**9), max_size=4),
    broken_links=st.integers(0, 9),
    files=st.dictionaries(SHA, CONTENT, max_size=4),
    unreadable=st.lists(SHA, max_size=2).map(tuple),
    secret_key=st.none() | CONTENT,
)


@given(MANIFEST)
def test_round_trip(manifest: Manifest) -> None:
    assert from_json(to_json(manifest)) == manifest


@given(MANIFEST, st.data())
def test_a_changed_one_is_refused_or_read(manifest: Manifest, data: st.DataObject) -> None:
    found = json.loads(to_json(manifest))
    found[data.draw(st.sampled_from(sorted(found)))] = data.draw(JSON)
    try:
        read = from_json(json.dumps(found).encode())
    except (ValueError, NewerFormat):
        return
    assert isinstance(read, Manifest)
    assert from_json(to_json(read)) == read


@given(st.binary(max_size=40))
def test_anything_else_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_json(text)


def test_a_deep_one_is_refused() -> None:
    with pytest.raises(ValueError, match="manifest"):
        from_json(b"[" * 100_000)


def test_a_later_format_is_told_apart() -> None:
    with pytest.raises(NewerFormat):
        from_json(b'{"application": "smallcrm", "format": 2}')


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "ABC", "0" * 63])
def test_files_are_named_by_hashes_only(name: str) -> None:
    manifest = Manifest("1", "2026-11-21T08:30:00.000Z", "", "3", (), Content(1, "0" * 64), {}, 0)
    found = json.loads(to_json(manifest)) | {"files": {name: 3}}
    with pytest.raises(ValueError, match="hash"):
        from_json(json.dumps(found).encode())
