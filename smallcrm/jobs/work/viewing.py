"""Long works as pages show them: what is written, and for those of this process what is known at this moment."""

from __future__ import annotations

from dataclasses import replace

from smallcrm.jobs.work import lanes, table
from smallcrm.jobs.work.table import Work


def get(key: int) -> Work:
    """The work of that id. Raises NotFound."""
    return _now(table.one(key))


def latest(user: int | None = None, *, limit: int = 30) -> list[Work]:
    """The newest works, everybody's or one user's."""
    if user is None:
        found = table.several("1 ORDER BY id DESC LIMIT ?", (limit,))
    else:
        found = table.several("user = ? ORDER BY id DESC LIMIT ?", (user, limit))
    return [_now(each) for each in found]


def under_way(user: int | None = None) -> list[Work]:
    """Works not yet ended, oldest first."""
    found = table.several("state IN ('queued', 'running') ORDER BY id")
    return [_now(each) for each in found if user is None or each.user == user]


def _now(work: Work) -> Work:
    task = lanes.live(work.id)
    if task is None or work.state != "running":
        return work
    progress = task.progress
    return replace(
        work, done=progress.done, total=progress.total, message=progress.message, detail=dict(progress.detail)
    )
