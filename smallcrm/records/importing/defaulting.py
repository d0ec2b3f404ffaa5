"""What new records get beside what the file says, and for whom the actor may bring them in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smallcrm import store
from smallcrm.base.errors import BadRequest, Forbidden
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, settings
from smallcrm.records.exchange.columns import Field as Column
from smallcrm.records.exchange.values import ColumnReader, Conventions
from smallcrm.records.fields import Field, FieldError, Link
from smallcrm.records.importing.names import Finder
from smallcrm.records.record import RecordType, by_key, by_name


class Defaults:
    """Of one plan. ``values``: field → value for the write path; ``pool``: the pool that new ones lie in, 0 for none."""

    def __init__(self, actor: Actor, kind: RecordType, said: Mapping[str, Any], fields: Mapping[str, Field]) -> None:
        self.actor, self.kind = actor, kind
        self.values: dict[str, Any] = {}
        self.pool = 0
        for name, value in said.items():
            if name == "pool":
                self.pool = self._pool(value)
            elif name in fields and value not in (None, ""):
                self.values[name] = self._value(fields[name], name, value)
        if self.pool:
            self.values.pop("owner", None)
        self.currency = str(self.values.get("currency") or settings.get("company.currency"))
        self._owners = self._allowed_owners()

    def _value(self, each: Field, name: str, value: Any) -> Any:
        if isinstance(each, Link):
            text = f"#{value}" if isinstance(value, int) else str(value)
            finding = Finder(self.actor, by_key(each.to)).finding(text, name)
            if finding is not None:
                raise BadRequest(L("The default for “%(field)s”: %(why)s", field=name, why=str(finding)))
            return Finder(self.actor, by_key(each.to))(text).id
        if isinstance(value, str) and each.is_list:
            value = ColumnReader("texts", Conventions())(value)[0]
        try:
            from smallcrm.records.fields import Cleaning

            each.clean(value, Cleaning(actor=self.actor, values=self.values))
        except (FieldError, TypeError, ValueError) as error:
            raise BadRequest(L("The default for “%(field)s”: %(why)s", field=name, why=str(error))) from None
        return value

    def _pool(self, value: Any) -> int:
        """The pool that new records lie in: only whoever runs it may put them there."""
        pools = by_name("pools")
        if pools is None or not self.kind.card.pooled:
            raise BadRequest(L("These lie in no pool."))
        found = Finder(self.actor, pools)(f"#{value}" if isinstance(value, int) else str(value))
        if not found.id:
            raise BadRequest(L("There is no pool “%(pool)s”.", pool=str(value)))
        if found.id not in pools_for(self.actor, self.kind):
            raise Forbidden(L("Only those who run a pool may bring records into it."))
        return found.id

    # ------------------------------------------------------------ owners

    def _allowed_owners(self) -> set[int] | None:
        """For whom the actor may make records; None for anybody."""
        scope = self.actor.scope(self.kind.card.key, "create")
        if scope is Scope.ALL or self.kind.card.reach == "open":
            return None
        teams = self.actor.teams_for(scope)
        sql = 'SELECT id FROM "user" WHERE team IN (SELECT value FROM json_each(?))'
        return {self.actor.id, *(row[0] for row in store.rows(sql, [store.json_list(teams)]))}

    def refused_owner(self, owner: Any) -> int:
        """The owner, if new records may not be made for them; else 0."""
        return int(owner) if owner and self._owners is not None and owner not in self._owners else 0

    def assignable(self, ids: list[int]) -> set[int]:
        """Those of the records that the actor may hand over."""
        return access.within(self.actor, self.kind, ids, "assign") if ids else set()


def pools_for(actor: Actor, kind: RecordType) -> dict[int, str]:
    """The pools that the actor may bring new records of the type into, with their names."""
    pools = by_name("pools")
    if pools is None or not kind.card.pooled:
        return {}
    sql = f'SELECT id, name FROM "{pools._meta.table_name}" WHERE kind = ? AND enabled = 1 AND deleted_at IS NULL ORDER BY position, name'
    everything = actor.scope(kind.card.key, "edit") is Scope.ALL
    admin = access.pool_rights(actor).admin
    return {number: name for number, name in store.rows(sql, [kind.card.name]) if everything or number in admin}


def as_columns(fields: Mapping[str, Column]) -> list[str]:
    """The fields for which an importer may set a default: not what differs from row to row."""
    return [name for name, column in fields.items() if column.kind in ("person", "choice", "choices", "texts")]
