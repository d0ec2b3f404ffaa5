"""The recycle bin: what lies in it, and bringing records back together with what went in with them."""

from __future__ import annotations

from collections.abc import Sequence

from smallcrm import store
from smallcrm.identity.actor import Actor
from smallcrm.records import rows
from smallcrm.records.drafts import RESTORE, Draft
from smallcrm.records.record import RecordType, links_to


def restore_records(actor: Actor, kind: RecordType, ids: Sequence[int]) -> int:
    """Bring records back, and what cascaded from them into the bin in the same moment. Inside a change-set."""
    from smallcrm.records.change import commit

    found = {i: v for i, v in rows.load(kind, ids).items() if v["deleted_at"]}
    drafts = [Draft(kind, RESTORE, actor, v, {**v, "deleted_at": None, "merged_into": None}) for v in found.values()]
    layer: dict[str, tuple[RecordType, dict[int, str]]] = {
        kind.card.key: (kind, {i: v["deleted_at"] for i, v in found.items()})
    }
    while layer:
        following: dict[str, tuple[RecordType, dict[int, str]]] = {}
        for key, (_, parents) in layer.items():
            for child, link in links_to(key):
                if not getattr(link, "cascade", False):
                    continue
                sql = (
                    f'SELECT id, deleted_at, "{link.column_name}" FROM "{child._meta.table_name}"'
                    f' WHERE deleted_at IS NOT NULL AND "{link.column_name}" IN (SELECT value FROM json_each(?))'
                )
                together = {
                    i: at for i, at, parent in store.rows(sql, [store.json_list(parents)]) if at == parents[parent]
                }
                drafts += [
                    Draft(child, RESTORE, actor, values, {**values, "deleted_at": None}, trusted=True)
                    for values in rows.load(child, together).values()
                ]
                if together:
                    following[child.card.key] = (child, together)
        layer = following
    if drafts:
        commit(drafts)
    return len(found)
