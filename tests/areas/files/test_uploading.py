"""Taking files in: what is kept, and that nothing stays of what is not."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from smallcrm import store
from smallcrm.areas.files import rules
from smallcrm.areas.files.records import File
from smallcrm.base.errors import Forbidden, Invalid, TooLarge
from smallcrm.records import access, change, changesets, merge, search, undo
from smallcrm.records.record import Record, by_key, values
from smallcrm.store import blobs
from tests import samples
from tests.areas.files.conftest import Put
from tests.cast import Cast


def kept() -> list[Path]:
    return list(blobs.listing(store.folder() / "files"))


def leftovers() -> list[Path]:
    """Whatever lies about that is no blob, none laid aside."""
    files = store.folder() / "files"
    found = [path for path in files.rglob("*") if path.is_file() and not blobs.is_name(blobs.name_of(path))]
    return found + [path for path in (store.folder() / "tmp").rglob("*") if path.is_file()]


def test_what_is_kept(cast: Cast, customer: Record, put: Put) -> None:
    made = put(b"%PDF-1.7 hello", "../Angebot.pdf", note="the last one")
    held = values(made)
    assert (made.name, made.size, made.media_type, made.kind) == ("Angebot.pdf", 14, "application/pdf", "pdf")
    assert (held["customer"], held["about"], held["about_type"]) == (customer.id, customer.id, "customer")
    assert (held["owner"], held["via_owner"], made.note) == (cast.anna, cast.anna, "the last one")
    with rules.opened(made) as content:
        assert content.read() == b"%PDF-1.7 hello"
    path = blobs.path(str(made.sha256))
    assert path.stat().st_mode & 0o177 == 0
    assert [hit.id for hit in search.find(cast.actor("anna"), "angebot")] == [made.id]


def test_same_content_is_kept_once(put: Put) -> None:
    assert put(b"same", "a.txt").sha256 == put(b"same", "b.txt").sha256
    assert len(kept()) == 1


def test_refused_leaves_nothing(cast: Cast, customer: Record, put: Put) -> None:
    for content, limit, error in ((b"", None, Invalid), (b"x" * 100, 99, TooLarge)):
        with pytest.raises(error):
            put(content, "a.txt", limit=limit)
    with pytest.raises(Invalid):
        put(b"wrong field", "a.txt", sha256="0" * 64)
    for part in ("reader", "bob", "carl", "nobody"):
        with pytest.raises(Forbidden):
            put(b"no right", "a.txt", who=part)
    assert kept() == []
    assert leftovers() == []
    assert store.value("SELECT count(*) FROM file") == 0


def test_a_stream_that_breaks_leaves_nothing(cast: Cast, customer: Record) -> None:
    class Breaking(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            if size == 0:
                return b""
            if self.tell_once:
                self.tell_once = False
                return b"half"
            raise ConnectionError("gone")

        tell_once = True

    with pytest.raises(ConnectionError):
        rules.upload(cast.actor("anna"), customer, Breaking(), name="a.txt")  # type: ignore[arg-type]
    assert kept() == []
    assert leftovers() == []


def test_undo_of_an_upload_bins_it_and_the_blob_stays(cast: Cast, put: Put) -> None:
    anna = cast.actor("anna")
    made = put(b"undone", "a.txt")
    undo.undo(anna, changesets.history("file", int(made.id))[0].set)
    assert access.fetch(anna, File, int(made.id)) is None
    binned = access.fetch(anna, File, int(made.id), bin=True)
    assert binned is not None
    blobs.sweep(keep_days=0)
    assert blobs.exists(str(made.sha256))
    change.restore(anna, binned)
    assert rules.find_content(anna, int(made.id)).sha256 == made.sha256


def test_files_go_into_the_bin_with_their_record_and_come_back(cast: Cast, customer: Record, put: Put) -> None:
    anna = cast.actor("anna")
    activity = samples.make(anna, by_key("activity"), cast, minimal=True, customer=customer.id)
    on_customer, on_activity = put(b"1", "a.txt"), put(b"2", "b.txt", place=activity)
    assert values(on_activity)["customer"] == customer.id
    change.delete(anna, customer)
    assert [access.fetch(anna, File, int(each.id)) for each in (on_customer, on_activity)] == [None, None]
    binned = access.find(anna, type(customer), int(customer.id), bin=True)
    change.restore(anna, binned)
    assert all(access.fetch(anna, File, int(each.id)) for each in (on_customer, on_activity))


def test_merging_customers_moves_their_files(cast: Cast, customer: Record, put: Put) -> None:
    anna = cast.actor("anna")
    other = samples.make(anna, type(customer), cast, minimal=True, name="Arkwright again")
    made = put(b"on the other", "a.txt", place=other)
    with changesets.opened(anna, "merge") as mine:
        merge.merge(anna, customer, other)
    held = values(access.find(anna, File, int(made.id)))
    assert (held["customer"], held["about"]) == (customer.id, customer.id)
    undo.undo(anna, mine.id)
    held = values(access.find(anna, File, int(made.id)))
    assert (held["customer"], held["about"]) == (other.id, other.id)


def test_moving_takes_the_right_to_edit_there(cast: Cast, customer: Record, put: Put) -> None:
    anna = cast.actor("anna")
    made = put(b"wanders", "a.txt")
    own = samples.make(anna, type(customer), cast, minimal=True, name="Second")
    moved = change.update(anna, made, {"about": {"type": "customers", "id": int(own.id)}})
    assert values(moved)["customer"] == own.id
    theirs = samples.make(cast.actor("carl"), type(customer), cast, minimal=True, name="Carl's")
    for place in ({"type": "customers", "id": int(theirs.id)}, {"type": "users", "id": cast.anna}):
        with pytest.raises(Invalid):
            change.update(anna, moved, {"about": place})
    with pytest.raises(Invalid):
        change.update(anna, moved, {"sha256": "0" * 64})


def test_erasing_takes_the_content_for_good_but_not_what_another_file_has(
    cast: Cast, customer: Record, put: Put
) -> None:
    other = samples.make(cast.actor("anna"), type(customer), cast, minimal=True, name="Second")
    mine, shared = put(b"only mine", "passport.jpg"), put(b"shared", "b.txt")
    put(b"shared", "c.txt", place=other)
    listed = rules.of_records([("customer", int(customer.id))])
    assert {each.name for each in listed} == {"passport.jpg", "b.txt"}
    rules.erase_about(cast.actor("owner"), [("customer", int(customer.id))])
    assert not blobs.exists(str(mine.sha256))
    assert blobs.exists(str(shared.sha256))
    assert rules.of_records([("customer", int(customer.id))]) == []
    assert search.find(cast.actor("owner"), "passport") == []
    left = values(access.find(cast.actor("owner"), File, int(mine.id), bin=True))
    assert (left["sha256"], left["note"], left["size"]) == (None, None, 0)
    assert "passport" not in str(left)
