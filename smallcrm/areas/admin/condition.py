"""How smallcrm is: what is looked at for the overview, ``check`` and ``/healthz``, each in green, yellow or red with words."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from smallcrm import store
from smallcrm.areas.admin import means
from smallcrm.base import clock, formats
from smallcrm.base.i18n import L
from smallcrm.jobs import outbox, status
from smallcrm.jobs.outbox import settings as outward
from smallcrm.records import settings
from smallcrm.store import backups, integrity, lock, migrations
from smallcrm.store.backups import Health
from smallcrm.store.integrity import Finding
from smallcrm.store.watching import Stop

_OLDEST = dt.timedelta(hours=36)
_SETTLING = 26 * 3600.0  # seconds after a start in which the nightly backup has had its chance
_started = time.monotonic()
_damage = False  # whether the last check of the live database found it damaged


def overview() -> list[Finding]:
    """Everything that can be seen at once."""
    data = store.folder()
    return [*_records(), *integrity.disk(data), *_files(data)]


def thorough(cancelled: Stop | None = None) -> list[Finding]:
    """The same, with every page of the database read."""
    data = store.folder()
    return [*look_at_database(cancelled), *_records(), *_files(data)]


def look_at_database(cancelled: Stop | None = None) -> list[Finding]:
    """Read the whole database; ``/healthz`` remembers what came of it. Raises Cancelled."""
    global _damage
    found = integrity.check(cancelled=cancelled)
    _damage = any(one.level == "bad" for one in found if one.name in ("application", "integrity"))
    return found


def _records() -> Iterator[Finding]:
    yield from (_schema(), _zone(), _clock(), _mail(), *_outbox(), *_jobs())


def _files(data: Path) -> Iterator[Finding]:
    yield from (_backups(data), *_second(), _key(data), _folder(data))


# ---------------------------------------------------------------- one by one


def _schema() -> Finding:
    pending = migrations.pending()
    if pending:
        words = L("The database is of an older version (%(names)s). Run smallcrm migrate.", names=", ".join(pending))
        return Finding("schema", "bad", words)
    return Finding("schema", "ok", L("The schema is this program's."))


def _zone() -> Finding:
    name = str(settings.get("company.timezone"))
    if clock.zone(name).key != name:
        return Finding("zone", "bad", L("The time zone %(name)s is not known on this machine.", name=name))
    return Finding("zone", "ok", L("Time zone %(name)s.", name=name))


def _clock() -> Finding:
    """A clock that was set back makes young sessions old and jobs late; the newest written moment shows it."""
    now = clock.now()
    newest = store.value("SELECT max(at) FROM change_set WHERE at > ?", (clock.iso(now + dt.timedelta(minutes=10)),))
    if newest:
        words = L("This machine's clock (%(now)s) is behind what was written already.", now=formats.moment_full(now))
        return Finding("clock", "bad", words)
    if now.year < 2026:
        return Finding("clock", "bad", L("This machine's clock is wrong: %(now)s.", now=formats.moment_full(now)))
    return Finding("clock", "ok", L("The clock says %(now)s.", now=formats.moment_full(now)))


def _mail() -> Finding:
    if not outward.mail().ready:
        return Finding("mail", "warn", L("No mail server is set up: reminders stay in the page."))
    if trouble := outbox.mail_trouble():
        return Finding("mail", "bad", L("Mail cannot be sent: %(why)s", why=outbox.explain(trouble)))
    if not settings.get("company.address"):
        return Finding("mail", "warn", L("The address staff type is not set, so mails carry no links."))
    return Finding("mail", "ok", L("Mail goes out through %(host)s.", host=outward.mail().host))


def _outbox() -> Iterator[Finding]:
    counts = outbox.counts()
    waiting = counts["queued"] + counts["sending"]
    doubtful = counts["unknown"] + counts["held"]
    if doubtful:
        words = L("%(n)s messages wait for somebody to look at them.", n=formats.number(doubtful))
        yield Finding("outbox", "warn", words)
    else:
        yield Finding("outbox", "ok", L("%(n)s messages wait to be sent.", n=formats.number(waiting)))


def _jobs() -> Iterator[Finding]:
    failing = status.failing()
    for one in failing:
        why = one.last_error or ""
        yield Finding("jobs", "bad", L("The job %(name)s failed: %(why)s", name=one.name, why=why))
    if not failing:
        yield Finding("jobs", "ok", L("Every job's last run ended well."))


def backup_health(data: Path) -> Health:
    """``backups.health``, patient with an installation that is too young to have one."""
    found = backups.health(data, oldest=_OLDEST)
    if found.level == "bad" and not backups.listing(backups.folder_of(data)) and not backups.runs(data / "backups"):
        first = store.value("SELECT min(at) FROM change_set")
        if first is None or clock.now() - clock.moment(first) < _OLDEST:
            return Health("warn", (L("There is no backup yet. The first one is made in the coming night."),))
    return found


def _backups(data: Path) -> Finding:
    found = backup_health(data)
    return Finding("backups", found.level, found.words[0])


def _second() -> Iterator[Finding]:
    second = means.now().second
    if second is None:
        return
    if second.is_dir() and os.access(second, os.W_OK):
        yield Finding("second_folder", "ok", L("Backups are copied to %(folder)s.", folder=str(second)))
    else:
        words = L("The second folder %(folder)s is not there or cannot be written to.", folder=str(second))
        yield Finding("second_folder", "bad", words)


def _key(data: Path) -> Finding:
    key = data / "secret.key"
    if not key.exists():
        return Finding("key", "warn", L("secret.key is not there yet: it is made when the server first runs."))
    if key.stat().st_mode & 0o077:
        return Finding("key", "bad", L("secret.key can be read by others on this machine. Start smallcrm again."))
    return Finding("key", "ok", L("secret.key is there, for smallcrm alone."))


def _folder(data: Path) -> Finding:
    if not os.access(data, os.W_OK):
        return Finding("folder", "bad", L("%(folder)s cannot be written to.", folder=str(data)))
    words = L("A server is running.") if lock.is_held(data) else L("No server is running.")
    return Finding("server", "ok", words)


# ---------------------------------------------------------------- for /healthz


def _sound() -> bool:
    return not _damage


def _backed_up() -> bool:
    """Red only once the server has had a night to make one: after a summer switched off it must be able to start."""
    if time.monotonic() - _started < _SETTLING:
        return True
    return backup_health(store.folder()).level != "bad"


CHECKS: list[tuple[str, Callable[[], bool]]] = [("integrity", _sound), ("backup", _backed_up)]
