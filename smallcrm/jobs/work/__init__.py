"""Long works: import, export, backup, restore, merging many. They survive leaving the page and end in a notice."""

from smallcrm.jobs.work.progress import Cancelled, Progress
from smallcrm.jobs.work.running import cancel, halt, join, on_interrupted, recover, start
from smallcrm.jobs.work.table import Work, WorkRow, prunable, prune
from smallcrm.jobs.work.viewing import get, latest, under_way

__all__ = [
    "Cancelled",
    "Progress",
    "Work",
    "WorkRow",
    "cancel",
    "get",
    "halt",
    "join",
    "latest",
    "on_interrupted",
    "prunable",
    "prune",
    "recover",
    "start",
    "under_way",
]
