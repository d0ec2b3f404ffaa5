"""Who may open a file's content: whoever reaches its record, but not while a pool hides contact data until claimed."""

from __future__ import annotations

from typing import BinaryIO

from smallcrm import store
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


def on_record(actor: Actor, record: Record, most: int) -> tuple[list[int], int]:
    """Ids of the newest files on the record within reach, and how many there are; a customer's on everything of it."""
    where, params = access.reach(actor, File).where()
    holds = "t.customer = ?" if record.card.key == "customer" else "t.about = ? AND t.about_type = ?"
    mine = [int(record.id)] if record.card.key == "customer" else [int(record.id), record.card.key]
    sql = f"FROM file t WHERE {holds} AND t.deleted_at IS NULL AND {where}"
    ids = store.rows(f"SELECT t.id {sql} ORDER BY t.created_at DESC, t.id DESC LIMIT ?", [*mine, *params, most])
    total = len(ids) if len(ids) < most else int(store.value(f"SELECT count(*) {sql}", [*mine, *params]))
    return [row[0] for row in ids], total
