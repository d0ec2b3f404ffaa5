"""The only package that knows which database it is.

``open_folder`` opens a data folder; ``rows``/``row``/``value`` read, ``writing`` is the only way into a write.
"""

from smallcrm.store.database import (
    after_commit,
    check_library,
    close,
    close_thread,
    commits,
    connection,
    data_version,
    db,
    folder,
    in_writing,
    is_open,
    json_list,
    open_folder,
    row,
    rows,
    run,
    run_many,
    scratch,
    time_limit,
    transaction,
    value,
    writing,
)
from smallcrm.store.table import Table

__all__ = [
    "Table",
    "after_commit",
    "check_library",
    "close",
    "close_thread",
    "commits",
    "connection",
    "data_version",
    "db",
    "folder",
    "in_writing",
    "is_open",
    "json_list",
    "open_folder",
    "row",
    "rows",
    "run",
    "run_many",
    "scratch",
    "time_limit",
    "transaction",
    "value",
    "writing",
]
