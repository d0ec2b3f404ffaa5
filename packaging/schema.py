"""Write the first migration from the declarations, before the first landing: from then on files are frozen.

Until then ``migrations/0001_first.py`` asks the declarations when it runs, and this need not be run after each change.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "migrations" / "0001_first.py"

HEAD = '''"""The schema of the first release."""

STATEMENTS = (
'''
TAIL = """)


def up(migrator, db):
    for statement in STATEMENTS:
        db.execute_sql(statement)
"""


def text() -> str:
    """The file as the declarations ask for it."""
    import smallcrm.app  # noqa: F401  every area, so every table
    from smallcrm.store.migrations import declared

    lines = "".join(f'    """{_spread(each)}""",\n' for each in declared())
    return HEAD + lines + TAIL


def _spread(statement: str) -> str:
    """A column a line, so that a difference can be read."""
    if not statement.startswith("CREATE TABLE"):
        return statement
    head, _, rest = statement.partition(" (")
    body, _, end = rest.rpartition(")")
    return f"{head} (\n        " + body.replace(', "', ',\n        "') + f"\n    ){end}"


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(text(), "utf-8")
