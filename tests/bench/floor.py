"""The floor: the least that a page of a list costs with the same means on the same machine.

Bare Flask, Jinja and waitress; one session look-up, one indexed query, 50 rows of 10 cells, a layout of the same size as ours; the
template is compiled once. Run as ``python -m tests.bench.floor FOLDER PORT SIZE``: SIZE is what a list page of ours weighs.
"""

from __future__ import annotations

import sqlite3
import sys
import threading
from pathlib import Path

import waitress
from flask import Flask, request

ROWS = 100_000
CELLS = 9
LAYOUT = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{ title }}</title></head><body>
<nav>{{ user }}{{ filler|safe }}</nav><main><h1>{{ title }}</h1><table><tbody>{% for row in rows %}<tr id="r{{ row[0] }}"
class="row">{% for cell in row %}<td class="cell">{{ cell }}</td>{% endfor %}</tr>{% endfor %}</tbody></table></main></body></html>"""

_local = threading.local()


def build(folder: Path) -> Path:
    """The floor's own small database."""
    path = folder / "floor.db"
    if path.exists():
        return path
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("CREATE TABLE session (token TEXT PRIMARY KEY, user INTEGER, name TEXT) STRICT")
    columns = ", ".join(f"c{n} TEXT" for n in range(1, CELLS))
    db.execute(f"CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, {columns}) STRICT")
    marks = ", ".join("?" * (CELLS + 1))
    rows = (
        (n, f"Customer {n * 7919 % ROWS:06d}", *(f"value {n}/{c}" for c in range(1, CELLS))) for n in range(1, ROWS + 1)
    )
    db.executemany(f"INSERT INTO item VALUES ({marks})", rows)
    db.execute("CREATE INDEX item_name ON item (name, id)")
    db.execute("INSERT INTO session VALUES ('floor', 1, 'Joanne Marsh')")
    db.commit()
    db.close()
    return path


def application(path: Path, size: int) -> Flask:
    """One page."""
    app = Flask(__name__)
    template = app.jinja_env.from_string(LAYOUT)
    link = '<a class="nav-a" href="/somewhere">Somewhere to go</a>'
    filler = link * max(1, (size - 50 * (CELLS + 1) * 45) // len(link))

    def connection() -> sqlite3.Connection:
        if not hasattr(_local, "db"):
            _local.db = sqlite3.connect(path)
        found: sqlite3.Connection = _local.db
        return found

    @app.get("/")
    def page() -> str:
        token = request.cookies.get("session", "")
        user = connection().execute("SELECT user, name FROM session WHERE token = ?", [token]).fetchone()
        rows = (
            connection()
            .execute("SELECT * FROM item WHERE name > ? ORDER BY name, id LIMIT 50", ["Customer 050"])
            .fetchall()
        )
        return template.render(title="Customers", user=user[1] if user else "", rows=rows, filler=filler)

    return app


if __name__ == "__main__":
    waitress.serve(
        application(build(Path(sys.argv[1])), int(sys.argv[3])),
        host="127.0.0.1",
        port=int(sys.argv[2]),
        threads=8,
        _quiet=True,
    )
