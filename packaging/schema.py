"""Write the first migration from the declarations. Only until the first landing: from then on files are frozen."""

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
    from smallcrm.store.migrations import SchemaMigration
    from smallcrm.store.table import statements, statements_of

    made_by_the_runner = set(statements_of(SchemaMigration))
    found = [_spread(each) for each in statements() if each not in made_by_the_runner]
    lines = "".join(f'    """{each}""",\n' for each in found)
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
