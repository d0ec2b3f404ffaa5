"""The recycle bin: what lies in it, and bringing records back together with what went in with them."""

from __future__ import annotations

from collections.abc import Sequence

from smallcrm import store
from smallcrm.identity.actor import Actor
from smallcrm.records import rows
from smallcrm.records.drafts import RESTORE, Draft
from smallcrm.records.record import RecordType, cascading


def restore_records(actor: Actor, kind: RecordType, ids: Sequence[int]) -> int:
    """Bring records back, and what cascaded from them into the bin in the same moment. Inside a change-set."""
    from smallcrm.records.change import commit

    found = {i: v for i, v in rows.load(kind, ids).items() if v["deleted_at"]}
    drafts = [Draft(kind, RESTORE, actor, v, {**v, "deleted_at": None, "merged_into": None}) for v in found.values()]
    layer: dict[str, dict[int, str]] = {kind.card.key: {i: v["deleted_at"] for i, v in found.items()}}
    done = {(kind.card.key, i) for i in found}
    while layer:
        following: dict[str, dict[int, str]] = {}
        for key, parents in layer.items():
            for child, column, condition in cascading(key):
                together = {
                    i: at
                    for i, at in _gone_with(child, column, condition, parents).items()
                    if (child.card.key, i) not in done
                }
                drafts += [
                    Draft(child, RESTORE, actor, values, {**values, "deleted_at": None}, trusted=True)
                    for values in rows.load(child, together).values()
                ]
                done |= {(child.card.key, i) for i in together}
                following.setdefault(child.card.key, {}).update(together)
        layer = {key: held for key, held in following.items() if held}
    if drafts:
        commit(drafts)
    return len(found)


def _gone_with(child: RecordType, column: str, condition: str, parents: dict[int, str]) -> dict[int, str]:
    """Id → moment of the records that went into the bin in the same moment as what they belong to."""
    sql = (
        f'SELECT id, deleted_at, "{column}" FROM "{child._meta.table_name}"'
        f' WHERE deleted_at IS NOT NULL AND {condition} AND "{column}" IN (SELECT value FROM json_each(?))'
    )
    return {i: at for i, at, parent in store.rows(sql, [store.json_list(parents)]) if at == parents[parent]}
