"""Taking a file in: first its content, for good, on the disk; then the record that names it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

from smallcrm.areas.files.content import names
from smallcrm.areas.files.content.sniffing import Content, sniff
from smallcrm.areas.files.records import File
from smallcrm.areas.files.rules.placing import need_place
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, change
from smallcrm.records.record import Record
from smallcrm.store import blobs
from smallcrm.store.blobs import Blob


@dataclass(frozen=True)
class Kept:
    """A content that lies on the disk and waits for its record."""

    blob: Blob
    name: str
    content: Content


def need_create(actor: Actor) -> None:
    """Raise Forbidden unless the actor's role may add files at all."""
    if actor.scope(File.card.key, "create") is Scope.NONE:
        raise Forbidden(access.refusal(actor, "create"))


def upload(
    actor: Actor, place: Record, stream: BinaryIO, *, name: str, limit: int | None = None, **values: Any
) -> File:
    """Keep what ``stream`` holds as a file on ``place``; ``values``: further fields, a note.

    Raises Forbidden, Invalid (an empty file, a field), TooLarge past ``limit`` octets, DiskFull. Then nothing is kept.
    """
    need_create(actor)
    need_place(actor, place)
    kept = keep(stream, name=name, limit=limit)
    with released_on_failure([kept]):
        return attach(actor, place, kept, **values)


def keep(stream: BinaryIO, *, name: str, limit: int | None = None) -> Kept:
    """Put the content on the disk. To be called after the rights were seen to, and outside a transaction."""
    blob = blobs.put(stream, limit)
    if not blob.size:
        let_go(blob)
        raise Invalid({"file": [str(L("This file is empty: it holds no bytes at all."))]})
    cleaned = names.clean(name)
    return Kept(blob, cleaned, sniff(blobs.path(blob.sha256), cleaned))


def attach(actor: Actor, place: Record, kept: Kept, **values: Any) -> File:
    """The record of a content that was kept, by somebody whose rights were seen to. Raises Invalid."""
    facts = {
        "name": kept.name, "about": {"type": place.card.key, "id": int(place.id)}, "size": kept.blob.size,
        "kind": kept.content.kind, "media_type": kept.content.media_type, "sha256": kept.blob.sha256,
    }  # fmt: skip
    made = change.create(actor, File, {**facts, **_own(actor, values)}, trusted=True)
    assert isinstance(made, File)
    return made


def _own(actor: Actor, values: dict[str, Any]) -> dict[str, Any]:
    """What the uploader says about the file: only fields that a form would let through. Raises Invalid."""
    writable = access.writable(actor, File)
    wrong = {name: [str(L("There is no such field."))] for name in values if name not in writable}
    if wrong:
        raise Invalid(wrong)
    return values


@contextmanager
def released_on_failure(kept: Sequence[Kept]) -> Iterator[None]:
    """Lay contents aside again where their records do not come to be; ``kept`` may grow meanwhile."""
    try:
        yield
    except BaseException:
        for each in kept:
            let_go(each.blob)
        raise


def let_go(blob: Blob) -> None:
    """Lay a content aside that no record names."""
    if not blobs.used([blob.sha256]):
        blobs.discard(blob.sha256)
