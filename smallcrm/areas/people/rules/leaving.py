"""What becomes of the work of somebody who is switched off: areas offer what they can do with it, the page asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from smallcrm import store
from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import L, Label
from smallcrm.identity.actor import Actor
from smallcrm.jobs import work
from smallcrm.jobs.work import Progress
from smallcrm.records import changesets
from smallcrm.records.record import Record, RecordType, all_types

Later = Callable[[Progress], dict[str, Any]]


@dataclass(frozen=True)
class Left:
    """What came of it: the change-set, and the work that goes on under it."""

    set: int
    work: int | None = None


@dataclass(frozen=True)
class Option:
    """One way to go on. ``draw`` gives the controls it needs (their names begin with its key), ``run`` does it.

    ``run`` gets what the form brought; it raises Invalid where that is not enough. It runs inside one change-set with
    the switching off, so that one Undo takes both back. Where that would take long, ``later`` gives what is to run in
    the background instead, in the same change-set once the user is off; it too raises Invalid at once.
    """

    key: str
    label: Label
    help: Label
    run: Callable[[Actor, Record, Mapping[str, str]], Any]
    draw: Callable[[Actor, Record], str] = lambda _actor, _user: ""
    order: int = 50
    later: Callable[[Actor, Record, Mapping[str, str]], Later | None] = lambda _actor, _user, _form: None


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


def leave(actor: Actor, user: Record, *, way: str, form: Mapping[str, str]) -> Left:
    """Switch a user off and do with their work what ``way`` says. Raises Invalid, Forbidden."""
    from smallcrm.areas.people.rules import users

    users.need_run(actor, user)
    option = _options.get(way)
    if option is None and way != "keep":
        raise BadRequest(L("There is no such choice."))
    with changesets.opened(actor, "transfer", str(user.name)) as mine:  # type: ignore[attr-defined]
        later = option.later(actor, user, form) if option is not None else None
        if option is not None and later is None:
            option.run(actor, user, form)
        users.switch_off(actor, user)
        if later is None:
            return Left(mine.id)
        key = work.start("leaving", L("Handover"), actor.id, _go_on, actor=actor, set_id=mine.id, run=later)
    return Left(mine.id, key)


def _go_on(progress: Progress, actor: Actor, set_id: int, run: Later) -> dict[str, Any]:
    progress.belongs_to(set_id)
    with changesets.continued(actor, set_id):
        return run(progress)


def _cut_off(found: work.Work) -> str:
    """What was handed over until then stays, and Undo takes it back."""
    return str(L("The user is off. What was not handed over yet can be, on the page “Hand over what they hold”."))


work.on_interrupted("leaving", _cut_off)
