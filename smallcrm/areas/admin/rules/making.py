"""Making and checking backups from the page, as long works."""

from __future__ import annotations

from typing import Any

from smallcrm.areas.admin import means
from smallcrm.areas.admin.rules import looking
from smallcrm.base import formats
from smallcrm.base.errors import Damaged
from smallcrm.base.i18n import L, _
from smallcrm.identity.actor import Actor
from smallcrm.jobs import work
from smallcrm.jobs.work import Progress
from smallcrm.records import audit
from smallcrm.store import routine, snapshot


def make(actor: Actor) -> int:
    """Back up now; the work's id."""

    def run(progress: Progress) -> dict[str, Any]:
        set_up = means.now()
        try:
            outcome = routine.back_up(
                label="by hand",
                passphrase=set_up.passphrase,
                second=set_up.second,
                progress=lambda done, total: progress.step(done, total, _megabytes(done, total)),
                cancelled=progress.cancelled,
            )
        except snapshot.Cancelled:
            raise work.Cancelled from None
        if not outcome.ok:
            raise Damaged(outcome.report.problems[0])
        audit.log(actor, "backup made", detail={"file": outcome.backup.path.name})
        said = [*outcome.report.words(), *map(str, outcome.copied.words if outcome.copied else ())]
        return {"message": " ".join(said), "links": [[_("Backups"), "/admin/backups"]]}

    return work.start("backup", L("Backup"), actor.id, run)


def check(actor: Actor, name: str, *, passphrase: str = "") -> int:
    """Unpack and check a backup; the work's id."""
    path = looking.path_of(name)

    def run(progress: Progress) -> dict[str, Any]:
        progress.step(message=_("Unpacking it into a temporary place …"))
        report = routine.check(path, passphrase or means.now().passphrase or None)
        if not report.ok:
            raise Damaged(report.problems[0])
        return {"message": " ".join(report.words()), "links": [[_("Backups"), "/admin/backups"]]}

    return work.start("backup check", L("Checking a backup"), actor.id, run)


def open_for_looking(actor: Actor, name: str, *, passphrase: str = "") -> int:
    """Unpack a backup to look into it; the work's id."""
    looking.path_of(name)

    def run(progress: Progress) -> dict[str, Any]:
        progress.step(message=_("Unpacking its database …"))
        look = looking.open_backup(name, passphrase)
        audit.log(actor, "backup opened", detail={"file": name})
        moment = formats.moment_full(look.moment)
        return {
            "message": _("It shows the data of %(moment)s.", moment=moment),
            "links": [[_("Look into it"), f"/admin/backups/{name}/look"]],
        }

    return work.start("backup look", L("Opening a backup"), actor.id, run, quick=True)


def _megabytes(done: int, total: int) -> str:
    return _("%(done)s of %(total)s", done=formats.size(done), total=formats.size(total))
