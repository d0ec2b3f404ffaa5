"""What becomes of the work of somebody who is switched off: areas offer what they can do with it, the page asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from smallcrm import store
from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import L, Label
from smallcrm.identity.actor import Actor
from smallcrm.records import changesets
from smallcrm.records.record import Record, RecordType, all_types


@dataclass(frozen=True)
class Option:
    """One way to go on. ``draw`` gives the controls it needs (their names begin with its key), ``run`` does it.

    ``run`` gets what the form brought; it raises Invalid where that is not enough. It runs inside one change-set with
    the switching off, so that one Undo takes both back.
    """

    key: str
    label: Label
    help: Label
    run: Callable[[Actor, Record, Mapping[str, str]], Any]
    draw: Callable[[Actor, Record], str] = lambda _actor, _user: ""
    order: int = 50


_options: dict[str, Option] = {}


def offer(option: Option) -> None:
    """An area offers a way: hand everything over, put it into a pool."""
    _options[option.key] = option


def options() -> list[Option]:
    """The ways there are, in order; leaving everything as it is is always one more."""
    return sorted(_options.values(), key=lambda option: option.order)


def owned(user_id: int) -> list[tuple[RecordType, int]]:
    """How many living records of each type somebody owns."""
    found = []
    for kind in all_types():
        if kind.card.reach != "open":
            sql = f'SELECT count(*) FROM "{kind._meta.table_name}" WHERE owner = ? AND deleted_at IS NULL'
            count = int(store.value(sql, [user_id]))
            if count:
                found.append((kind, count))
    return found


def leave(actor: Actor, user: Record, *, way: str, form: Mapping[str, str]) -> int:
    """Switch a user off and do with their work what ``way`` says; the change-set. Raises Invalid, Forbidden."""
    from smallcrm.areas.people.rules import users

    users.need_run(actor, user)
    option = _options.get(way)
    if option is None and way != "keep":
        raise BadRequest(L("There is no such choice."))
    with changesets.opened(actor, "transfer", str(user.name)) as mine:  # type: ignore[attr-defined]
        if option is not None:
            option.run(actor, user, form)
        users.switch_off(actor, user)
    return mine.id
