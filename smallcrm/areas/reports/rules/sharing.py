"""Who may look at what somebody keeps: their team's and everyone's stand beside one's own."""

from __future__ import annotations

from collections.abc import Sequence

from smallcrm import store
from smallcrm.areas.reports.records import Dashboard, Figure, Segment
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, change
from smallcrm.records.drafts import Draft
from smallcrm.records.record import Record, RecordType, column_names, from_row


def _shared(table: str, actor: Actor, verb: str) -> Sequence[int]:
    if verb != "view" or actor.id < 0:
        return ()
    sql = f"SELECT id FROM {table} WHERE deleted_at IS NULL AND (shared = 'all' OR (shared = 'team' AND team = ?))"
    return [number for (number,) in store.rows(sql, [actor.team or -1])]


def _share(kind: RecordType) -> None:
    """Let a type's records be shared."""

    def named(actor: Actor, verb: str) -> Sequence[int]:
        # everyone is whoever looks at such at all
        if actor.scope(kind.card.key, "view") is Scope.NONE:
            return ()
        return _shared(kind._meta.table_name, actor, verb)

    def only_who_may(drafts: list[Draft]) -> None:
        """Everyone's are kept by those who run smallcrm, as everyone's lists are."""
        for draft in drafts:
            wider = draft.after.get("shared") == "all" and draft.was("shared") != "all"
            if wider and not draft.trusted and not draft.actor.may("views"):
                raise change.Wrong(
                    draft, {"shared": [str(L("Views for everyone are kept by those who run smallcrm."))]}
                )

    access.also(kind.card.key)(named)
    change.before(kind.card.key)(only_who_may)


for _kind in (Figure, Dashboard, Segment):
    _share(_kind)


def seen(actor: Actor, kind: RecordType) -> list[Record]:
    """Every record of one of these types that the actor may look at: one's own first, then by name."""
    where, params = access.reach(actor, kind).where()
    columns = ", ".join(f't."{name}"' for name in column_names(kind))
    sql = (
        f'SELECT {columns} FROM "{kind._meta.table_name}" t WHERE {access.live()} AND {where}'
        " AND (t.owner = ? OR t.shared IN ('team', 'all')) ORDER BY t.owner <> ?, t.name_key, t.id LIMIT 500"
    )
    return [from_row(kind, row) for row in store.rows(sql, [*params, actor.id, actor.id])]
