"""What an erasure does to files on their way: whatever was written before it may hold the person, and goes."""

from __future__ import annotations

from collections.abc import Iterable

from smallcrm import store
from smallcrm.areas.transfer import staging
from smallcrm.areas.transfer.staging import IN, OUT, Staged
from smallcrm.base.i18n import L
from smallcrm.jobs import work
from smallcrm.records import personal
from smallcrm.records.personal import Item, Subject


def _going() -> list[Staged]:
    """Every export, written or being written, and the files of imports that have ended; everybody's."""
    return [each for each in staging.everybodys() if each.way == OUT or each.result is not None]


def _items(_subject: Subject) -> Iterable[Item]:
    if going := len(_going()):
        label = L("Files of exports and of finished imports that wait to be fetched")
        yield Item("erased", label, going, L("Any of them may hold the person. An export can be made again."))
    waiting = sum(each.way == IN and each.result is None for each in staging.everybodys())
    if waiting:
        label = L("Files sent in whose import has not been run")
        yield Item("kept", label, waiting, L("Nobody has read them into smallcrm yet."), L("They go within a day."))


def _erase(_subject: Subject) -> None:
    """They are forgotten with the erasure; the files go once it is certain."""
    for each in _going():
        staging.forget(each)
        store.after_commit(lambda gone=each: _remove(gone))  # type: ignore[misc]


def _remove(gone: Staged) -> None:
    if gone.work is not None and gone.result is None:
        work.cancel(gone.work)
    staging.discard(gone)


personal.add(personal.Provider("transfer", items=_items, erase=_erase))
