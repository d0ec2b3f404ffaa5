"""Restoring a whole backup from the page: everybody waits at the gate meanwhile, and nobody is left signed in after.

What came of it stands in memory and in the log, not in the database, which is exchanged.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from pathlib import Path

from smallcrm import store
from smallcrm.areas.admin import means
from smallcrm.areas.admin.rules import looking
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden, SmallcrmError, WrongState
from smallcrm.base.i18n import L, Label
from smallcrm.identity.actor import SYSTEM, Actor
from smallcrm.jobs import directory, notices, stop, work
from smallcrm.records import audit, cache, indexes, settings
from smallcrm.store import integrity, snapshot
from smallcrm.web import gate as gates
from smallcrm.web.gate import gate

log = logging.getLogger("smallcrm.restoring")

WAIT = 30.0  # seconds for answers, works and jobs under way


@dataclass(frozen=True)
class Ended:
    """How the last restore of this process ended. ``replaced`` is where the data from before lie."""

    name: str
    at: str
    ok: bool
    words: Label
    replaced: Path | None = None


_guard = threading.Lock()
_under_way = False
_last: Ended | None = None


def last() -> Ended | None:
    """How the last one ended."""
    return _last


def begin(actor: Actor, name: str, *, passphrase: str = "") -> threading.Thread:
    """Restore the backup ``name`` once the present answer is out. Raises Forbidden, NotFound, WrongState."""
    global _under_way
    if not actor.may("everything"):
        raise Forbidden(L("Only an owner may restore a backup."))
    path = looking.path_of(name)
    with _guard:
        if _under_way:
            raise WrongState(L("A restore is under way already."))
        _under_way = True
    audit.log(actor, "restore begun", detail={"backup": name})
    thread = threading.Thread(
        target=_run, args=(path, passphrase or means.now().passphrase, actor), name="restore", daemon=True
    )
    thread.start()
    return thread


def _run(path: Path, passphrase: str, actor: Actor) -> None:
    global _under_way, _last
    at = clock.stamp()
    try:
        with gate.closed(L("smallcrm is restoring a backup."), wait=WAIT):
            _rest()
            replaced = _exchange(path, passphrase)
        _last = Ended(path.name, at, True, L("The backup was restored."), replaced)
        _tell(path.name, actor)
        log.warning("restored %s; the data from before lie in %s", path.name, replaced)
    except SmallcrmError as error:
        log.error("restore of %s: %s", path.name, error)
        _last = Ended(path.name, at, False, str(error))
    except Exception:
        log.exception("restore of %s", path.name)
        _last = Ended(path.name, at, False, L("Something went wrong on our side. More stands in the log."))
    finally:
        stop.reset()
        with _guard:
            _under_way = False
        store.close_thread()


def _rest() -> None:
    looking.close()
    stop.ask()
    if not work.halt(WAIT):
        raise WrongState(L("A long work is still under way. Nothing was changed; try again when it has ended."))


def _exchange(path: Path, passphrase: str) -> Path | None:
    """Exchange the data; whatever happens, a database is open afterwards."""
    data = store.folder()
    try:
        done = snapshot.restore(path, data, passphrase=passphrase or None, lock_held=True, progress=_progress)
        return done.replaced
    finally:
        if not store.is_open():
            store.open_folder(data)
        integrity.at_start()
        cache.forget()
        settings.apply()
        indexes.ensure()
        for hook in gates.reopened:
            hook()


def _progress(done: int, total: int) -> None:
    gate.percent = min(100, done * 100 // total) if total else None


def _tell(name: str, actor: Actor) -> None:
    """Write it into the data that are in place now, and tell whoever looks after the program."""
    audit.log(SYSTEM, "restored", detail={"backup": name, "by": actor.name})
    work.recover()
    for person in directory.admins():
        notices.notify(
            person.id,
            "trouble",
            title=L("A backup was restored"),
            body=L("%(name)s restored %(file)s. Mail that was waiting then is held back.", name=actor.name, file=name),
            link="/admin/outbox",
        )
