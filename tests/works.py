"""The long works that a test set going."""

from __future__ import annotations

from smallcrm.jobs.work import lanes


def wait(patience: float = 60) -> None:
    """Until every work of this process has ended."""
    for task in lanes.all_live():
        assert task.ended.wait(patience), f"{task.title} goes on"
