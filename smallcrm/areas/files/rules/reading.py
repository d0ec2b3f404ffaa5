"""Who may open a file's content: whoever reaches its record, but not while a pool hides contact data until claimed."""

from __future__ import annotations

from typing import BinaryIO

from smallcrm.areas.files.records import File
from smallcrm.base.errors import Forbidden, NotFound
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access
from smallcrm.records.record import Record
from smallcrm.store import blobs


def find_content(actor: Actor, number: int) -> File:
    """The file, whose content the actor may open. Raises NotFound (in the bin or erased, too), Forbidden."""
    found = access.find(actor, File, number)
    assert isinstance(found, File)
    if not found.sha256:
        raise NotFound(L("The content of this file was erased."))
    if is_masked(actor, found):
        raise Forbidden(L("The files of this pool open once the customer is claimed."))
    return found


def is_masked(actor: Actor, record: Record) -> bool:
    """Whether the file lies in a pool that hides something from this actor: a file may hold just that."""
    hiding = access.masked_pools(actor, File)
    pools = (record.__data__.get("via_pool"), record.__data__.get("about_pool"))
    return any(bool(hiding.get(pool)) for pool in pools if pool)


def opened(record: File) -> BinaryIO:
    """The content, open for reading. Raises NotFound where the disk has lost it."""
    return blobs.open(str(record.sha256))
