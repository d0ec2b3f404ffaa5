"""Sealed texts open with the installation's key, for their purpose, unchanged; the key is never made twice."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smallcrm.base.errors import Damaged
from smallcrm.identity import key, seal


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_round_trip(folder: Path, text: str) -> None:
    sealed = seal.seal(text, "test")
    assert seal.unseal(sealed, "test") == text
    assert sealed != seal.seal(text, "test")
    assert len(text) < 4 or text not in sealed


def test_another_purpose_does_not_open_it(folder: Path) -> None:
    sealed = seal.seal("geheim", "setting mail.password")
    with pytest.raises(Damaged):
        seal.unseal(sealed, "setting other")


@pytest.mark.parametrize(
    "spoil", [lambda s: s[:-4] + "AAA=", lambda s: s[3:], lambda s: "", lambda s: "s1:@@@", lambda s: s[:20]]
)
def test_a_changed_text_is_refused(folder: Path, spoil: object) -> None:
    sealed = seal.seal("a secret that is long enough", "test")
    with pytest.raises(Damaged):
        seal.unseal(spoil(sealed), "test")  # type: ignore[operator]


def test_the_key_is_made_once_and_private(folder: Path) -> None:
    first = key.secret()
    key.check()
    path = folder / key.FILE
    assert path.stat().st_mode & 0o777 == 0o600
    assert key.secret() == first


def test_an_open_key_is_closed(folder: Path) -> None:
    key.secret()
    path = folder / key.FILE
    os.chmod(path, 0o644)
    os.utime(path, ns=(1, 1))
    key.secret()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_lost_key_is_not_made_anew(folder: Path) -> None:
    key.check()
    (folder / key.FILE).unlink()
    with pytest.raises(Damaged, match="missing"):
        key.secret()
    assert not (folder / key.FILE).exists()


def test_a_foreign_or_cut_key_is_noticed(folder: Path) -> None:
    key.check()
    path = folder / key.FILE
    path.write_bytes(b"0" * 64)
    with pytest.raises(Damaged, match="belong"):
        key.check()
    path.write_bytes(b"short")
    with pytest.raises(Damaged, match="damaged"):
        key.secret()


def test_marks_and_line_ends_of_editors_do_not_matter(folder: Path) -> None:
    key.check()
    path = folder / key.FILE
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes() + b"\r\n")
    key.check()
