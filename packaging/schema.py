"""Write the first migration from the declarations. Only until the first landing: from then on files are frozen."""

from __future__ import annotations

from pathlib import Path

import smallcrm.app  # noqa: F401  every area, so every table
from smallcrm.store.table import statements

HEAD = '''"""The schema of the first release."""

STATEMENTS = (
'''
TAIL = """)


def up(migrator, db):
    for statement in STATEMENTS:
        db.execute_sql(statement)
"""

if __name__ == "__main__":
    target = Path(__file__).resolve().parent.parent / "migrations" / "0001_first.py"
    lines = "".join(f'    """{statement}""",\n' for statement in statements())
    target.write_text(HEAD + lines + TAIL)
