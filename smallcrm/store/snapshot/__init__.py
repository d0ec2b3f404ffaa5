"""Backups: take one while work goes on, check it by unpacking it, bring it back, look into it.

    taking → sealed, manifest    checking, restoring, inside → archive → sealed, manifest

``archive`` trusts nothing it reads; ``checking.unpack`` is the one way out of a backup, for a check and for a restore.
"""

from pathlib import Path

from smallcrm.store import durable, swap
from smallcrm.store.snapshot.archive import Unusable
from smallcrm.store.snapshot.checking import verify
from smallcrm.store.snapshot.inside import Inside, opened
from smallcrm.store.snapshot.report import Report
from smallcrm.store.snapshot.restoring import Restored, after_restore, replay_erasures, restore
from smallcrm.store.snapshot.taking import Backup, before_migrating, take
from smallcrm.store.watching import Cancelled

__all__ = [
    "Backup",
    "Cancelled",
    "Inside",
    "Report",
    "Restored",
    "Unusable",
    "after_restore",
    "before_migrating",
    "clean",
    "opened",
    "replay_erasures",
    "restore",
    "take",
    "verify",
]


def clean(data: Path) -> int:
    """Finish or clear away what killed processes left in a data folder, at every start; how many leftovers."""
    swap.finish_interrupted(data)
    return sum(durable.sweep(folder) for folder in (data, data / "backups", data / "files", data / "tmp"))
