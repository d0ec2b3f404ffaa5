"""What a row's values would do to a record: nothing, a change, or something that cannot be kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, change, duplicates
from smallcrm.records.changesets import SYSTEM_KEYS
from smallcrm.records.clean import Errors, clean
from smallcrm.records.custom import fields_of
from smallcrm.records.drafts import Draft
from smallcrm.records.fields import Field, Link
from smallcrm.records.importing.defaulting import Defaults
from smallcrm.records.importing.rows import add_to_lists
from smallcrm.records.reach import pool_column
from smallcrm.records.record import RecordType

Values = Mapping[str, Any]


class Comparer:
    """Of one plan."""

    def __init__(self, actor: Actor, kind: RecordType, fields: Mapping[str, Field], defaults: Defaults) -> None:
        self.actor, self.kind, self.fields, self.defaults = actor, kind, fields, defaults
        self.required = {name for name, each in fields_of(kind).items() if each.required}
        self._pools = access.masked_pools(actor, kind)

    def given(self, values: Values, more: Mapping[str, list[str]], held: Values | None) -> dict[str, Any]:
        """What goes to the write path: lists put together, defaults under a new record's values."""
        found = dict(values)
        add_to_lists(found, more, held or {}, self.fields)
        return found if held is not None else {**self.defaults.values, **found}

    def create(self, given: Values, promised: Collection[str]) -> tuple[Draft, Errors]:
        """A new record as a draft. ``promised`` links are filled in when it is written."""
        draft, errors = change.draft_new(self.actor, self.kind, given)
        return draft, {name: said for name, said in errors.items() if name not in promised or name in given}

    def amend(self, given: Values, held: Values) -> tuple[dict[str, Any], Errors]:
        """The columns to write over those that stand there."""
        columns, errors = clean(self.actor, self.kind, given, before=held)
        for name in self.masked(held) & set(given):
            errors[name] = [str(L("This is hidden from you, so it cannot be changed."))]
        return columns, errors

    def differs(self, columns: Values, held: Values) -> bool:
        """Whether writing them would change anything."""
        return any(held.get(name) != value for name, value in columns.items() if name not in SYSTEM_KEYS)

    def masked(self, held: Values) -> frozenset[str]:
        """The fields of a record that the actor may not see yet."""
        if not self._pools:
            return frozenset()
        return access.masked_in(self.kind, self._pools.get(held.get(pool_column(self.kind)) or 0))

    def keys(self, values: Values) -> set[tuple[str, str]]:
        """The keys by which the record would be known."""
        plain = {name: value for name, value in values.items() if not isinstance(fields_of(self.kind)[name], Link)}
        columns, _ = clean(self.actor, self.kind, plain)
        return duplicates.keys_of(self.kind, columns)
