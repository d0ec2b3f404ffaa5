"""Starting, stopping and ending long works.

A work belongs to the process that started it, shown by a lock (``locks``). When that process dies, the work is found
"interrupted" and its kind is asked to mend what it can.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from smallcrm import store
from smallcrm.base import clock, i18n, ids
from smallcrm.base.errors import SmallcrmError
from smallcrm.base.i18n import L, Label, _
from smallcrm.jobs import directory, locks, notices, stop
from smallcrm.jobs.work import lanes, table, viewing
from smallcrm.jobs.work.lanes import Function, Task
from smallcrm.jobs.work.progress import Cancelled, Progress
from smallcrm.jobs.work.table import Work
from smallcrm.records import changesets

log = logging.getLogger(__name__)

_PATIENCE = (0.2, 1.0, 3.0, 10.0, 30.0)  # seconds between tries to write an end down
_guard = threading.Lock()
_owner: tuple[Path, str, locks.Hold] | None = None
_hooks: dict[str, Callable[[Work], str]] = {}


def on_interrupted(kind: str, hook: Callable[[Work], str]) -> None:
    """What a kind of work does when it is found cut off: mend what it can; say, in the user's language, what stands."""
    _hooks[kind] = hook


def start(
    kind: str, title: Label, user: int | None, function: Function, *, quick: bool = False, **arguments: Any
) -> int:
    """Have ``function(progress, **arguments)`` run in the background; the work's id.

    It speaks the user's language. It may raise Cancelled, or answer with ``{"cancelled": True, …}``, when it stops
    early; what it returns is the work's result, a ``message`` in it is said in the notice. A SmallcrmError is shown in
    its own words. Inside a transaction the work begins once that is committed.
    """
    with i18n.speaking(_language(user)):
        words, language = str(title), i18n.language()
    with store.writing():
        key = table.insert(kind, words, user, _mine())
        task = Task(kind, words, user, Progress(key), function, arguments, language, clock.set_to())
        store.after_commit(lambda: lanes.enqueue("quick" if quick else "heavy", task, _do))
    return key


def join(key: int, timeout: float | None = None) -> Work:
    """Wait until a work of this process has ended; how it stands then. For the command line and tests."""
    if task := lanes.live(key):
        task.ended.wait(timeout)
    return viewing.get(key)


def cancel(key: int) -> Work:
    """Ask a work to stop at its next good moment, in whichever process it runs; one that has not begun ends at once."""
    with store.writing():
        store.run("UPDATE work SET cancel = 1 WHERE id = ? AND state IN ('queued', 'running')", (key,))
    if task := lanes.live(key):
        task.progress.cancel.set()
    if waiting := lanes.withdraw(key):
        try:
            _do(waiting)
        finally:
            lanes.forget(waiting)
    return viewing.get(key)


def recover() -> list[Work]:
    """Mark as interrupted what belonged to processes that have died; the server calls it as it starts.

    So are the change-sets that they left open, which makes what they wrote undoable.
    """
    lost = []
    for key, owner in table.owners():
        if lanes.live(key) or (owner != _name() and locks.is_held(f"work/{owner}")):
            continue
        work = table.one(key)
        with i18n.speaking(_language(work.user)):
            said = _left_behind(work)
            _write_end(work.id, "interrupted", said, None, None)
            _tell(work.id, work.title, work.user, "interrupted", said, work.changeset)
        lost.append(table.one(key))
    changesets.cut_off(besides=[each.changeset for each in viewing.under_way() if each.changeset])
    return lost


def halt(wait: float = 20.0) -> bool:
    """At SIGTERM: let works stop at their next good moment; whether all did in time."""
    stop.ask()
    end = time.monotonic() + wait
    return all(task.ended.wait(max(0.0, end - time.monotonic())) for task in lanes.all_live())


# ---------------------------------------------------------------- whose it is


def _name() -> str:
    return _owner[1] if _owner and _owner[0] == store.folder() else ""


def _mine() -> str:
    """The name under which this process holds a lock as long as it lives."""
    global _owner
    with _guard:
        if not _name():
            name = ids.token(16)
            hold = locks.hold(f"work/{name}")
            assert hold
            if _owner:
                _owner[2].release()
            _owner = (store.folder(), name, hold)
        return _name()


def _language(user: int | None) -> str | None:
    person = directory.lookup(user) if user is not None else None
    return person.language if person else None


# ---------------------------------------------------------------- one work


def _do(task: Task) -> None:
    with i18n.speaking(task.language), clock.at(task.moment):
        _work(task)


def _work(task: Task) -> None:
    progress = task.progress
    if progress.cancelled():
        _close(task, _stopped(progress), _("It had not begun yet."), None)
        return
    with store.writing():
        store.run("UPDATE work SET state = 'running', started_at = ? WHERE id = ?", (clock.stamp(), progress.id))
    state, said, result = "done", "", None
    try:
        result = dict(task.function(progress, **task.arguments) or {})
        if result.pop("cancelled", False):
            raise Cancelled
        said = str(result.pop("message", ""))
    except Cancelled:
        state, said = _stopped(progress), _("Stopped. What was done until then is kept.")
    except SmallcrmError as error:
        log.warning("work %d (%s) failed: %s", progress.id, task.kind, error)
        state, said = "failed", str(error)
    except Exception:
        log.exception("work %d (%s) failed", progress.id, task.kind)
        said = _("Something went wrong (work %(id)s). An administrator finds more in the log.", id=progress.id)
        state = "failed"
    if state == "interrupted":
        said = _left_behind(viewing.get(progress.id))
    _close(task, state, said, result)


def _stopped(progress: Progress) -> str:
    """Stopped by a person, or because the process ends?"""
    return "cancelled" if progress.cancel.is_set() else "interrupted"


def _close(task: Task, state: str, said: str, result: dict[str, Any] | None) -> None:
    """Write the end, patiently: a full disk may be emptied, and nothing should say "running" for ever."""
    progress = task.progress
    for pause in _PATIENCE:
        try:
            _write_end(progress.id, state, said, result, progress)
            _tell(progress.id, task.title, task.user, state, said, progress.changeset)
            return
        except SmallcrmError as error:
            log.error("work %d is %s, but this could not be written: %s", progress.id, state, error)
            if stop.wait(pause):
                return


def _write_end(key: int, state: str, said: str, result: dict[str, Any] | None, progress: Progress | None) -> None:
    with store.writing():
        if progress:
            progress.write(now=True)
        store.run(
            "UPDATE work SET state = ?1, message = CASE ?2 WHEN '' THEN message ELSE ?2 END, result = ?3,"
            " finished_at = ?4 WHERE id = ?5",
            (state, said, table.dumps(result) if result else None, clock.stamp(), key),
        )


def _left_behind(work: Work) -> str:
    """What stands of a work that was cut off, in the words of its kind."""
    if hook := _hooks.get(work.kind):
        try:
            return hook(work)
        except Exception:
            log.exception("work %d could not be looked after", work.id)
    return _("smallcrm was stopped while this was running. What was done until then is kept.")


_TITLES = {
    "done": L("Done: %(title)s"),
    "failed": L("It did not work: %(title)s"),
    "cancelled": L("Cancelled: %(title)s"),
    "interrupted": L("Interrupted: %(title)s"),
}


def _tell(key: int, title: str, user: int | None, state: str, said: str, changeset: int | None) -> None:
    if user is None:
        return
    notices.notify(
        user, "work", title=lambda: _(_TITLES[state].message, title=title), body=said, link=f"/works/{key}",
        undo=changeset, key=f"work/{key}",
    )  # fmt: skip
