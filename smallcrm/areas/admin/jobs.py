"""The program's own jobs: the nightly backup, checking the newest one again, tidying the search index."""

from __future__ import annotations

import datetime as dt
from typing import Any

from smallcrm import store
from smallcrm.areas.admin import condition, means
from smallcrm.base import clock
from smallcrm.base.errors import Damaged, NotFound
from smallcrm.base.i18n import L
from smallcrm.jobs import directory, notices, slots, standard, stop
from smallcrm.jobs.registry import Job
from smallcrm.jobs.schedule import Daily, Every, Weekly
from smallcrm.jobs.slots import Outcome
from smallcrm.records import search
from smallcrm.store import backups, blobs, routine
from smallcrm.web.api import idempotency

_STEPS = 100  # of tidying the index in one run
_RESTS = dt.timedelta(minutes=2)  # after which a few writes are tidied too
_MANY = 16  # writes that are tidied at once


def back_up() -> dict[str, Any]:
    """Read the whole database, and if it is sound make, check, copy and thin out backups."""
    found = condition.look_at_database(stop.asked)
    damage = next((one for one in found if one.level == "bad" and one.name in ("application", "integrity")), None)
    if damage is not None:
        raise Damaged(damage.words)
    set_up = means.now()
    outcome = routine.back_up(label="nightly", passphrase=set_up.passphrase, second=set_up.second, cancelled=stop.asked)
    if not outcome.ok:
        raise Damaged(outcome.report.problems[0])
    if outcome.copied is not None and not outcome.copied.ok:
        _tell_admins("copy", str(outcome.copied.words[0]))
    swept = blobs.sweep()
    return {
        "file": outcome.backup.path.name,
        "size": outcome.backup.size,
        "copied": None if outcome.copied is None else outcome.copied.ok,
        "deleted": len(outcome.deleted),
        "purged_files": swept.purged,
    }


def verify_newest() -> dict[str, Any]:
    """Unpack and check the newest backup again: a disk may have lost some of it since."""
    found = [one for one in backups.listing(backups.folder_of(store.folder())) if not one.plain]
    if not found:
        raise NotFound(L("There is no backup yet."))
    report = routine.check(found[0].path, means.now().passphrase or None)
    if not report.ok:
        raise Damaged(report.problems[0])
    return {"file": report.file.name, "rows": report.rows, "files": report.files}


def _has_backup(_now: dt.datetime) -> bool:
    return any(not one.plain for one in backups.listing(backups.folder_of(store.folder())))


class _Tidied:
    """How far the search index had been written when it was last tidied, and when that was."""

    written = -1
    at = dt.datetime.min.replace(tzinfo=dt.UTC)


def tidy_search() -> dict[str, Any]:
    """Merge pieces of the index until there is nothing to merge."""
    _Tidied.written, _Tidied.at = search.written(), clock.now()
    steps = 0
    while steps < _STEPS and not stop.asked() and search.merge_step():
        steps += 1
    return {"steps": steps}


def _untidy_search(now: dt.datetime) -> bool:
    written = search.written()
    if _Tidied.written < 0:  # a start: what was written before it has been tidied, or is with the next writes
        _Tidied.written, _Tidied.at = written, now
    fresh = written - _Tidied.written
    return fresh >= _MANY or (fresh > 0 and now - _Tidied.at > _RESTS)


def _failed(outcome: Outcome) -> None:
    _tell_admins(outcome.job, outcome.error)


def _tell_admins(what: str, why: str) -> None:
    """Once a day for each trouble, in the page and by the ways each of them has chosen."""
    key = f"trouble/{what}/{clock.today().isoformat()}"
    for person in directory.admins():
        notices.notify(
            person.id, "trouble", title=L("Something is wrong: %(what)s", what=what), body=why, link="/admin", key=key
        )


JOBS = (
    Job("nightly-backup", Daily("02:00"), back_up, title=L("Back up everything and check the backup"), heavy=True),
    Job("backup-check", Weekly(6, "04:30"), verify_newest, _has_backup, L("Check the newest backup again"), heavy=True),
    Job("search-tidy", Every(seconds=20), tidy_search, _untidy_search, L("Tidy the search index")),
)

slots.on_failure.append(_failed)
standard.chores.append(
    standard.Chore("answers", lambda _now: idempotency.purgeable(), lambda _now: idempotency.purge())
)
