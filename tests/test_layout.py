"""The house's one direction: each rung imports only rungs to its left, areas only what they need, libraries where they belong."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from smallcrm import app  # noqa: F401  names the areas
from smallcrm.web import area

ROOT = Path(__file__).resolve().parent.parent / "smallcrm"
RUNGS = ("base", "store", "identity", "records", "jobs", "web", "areas", "app", "top")
TOP = {"cli", "server", "channel", "opening", "commands", "__main__"}
FILES = sorted(path for path in ROOT.rglob("*.py") if "_migrations" not in path.parts)

# Where each library may be imported: a prefix of the path below smallcrm/.
LIBRARIES = {
    "flask": ("web/", "areas/", "app.py"),
    "peewee": ("store/", "identity/", "records/", "jobs/", "areas/", "web/api/idempotency.py"),
    "playhouse": ("store/",),
    "apsw": ("store/",),
    "waitress": ("server.py", "channel.py"),
    "apscheduler": ("server.py",),
    "openpyxl": ("records/exchange/", "areas/reports/", "areas/people/audit_book.py"),
    "python_calamine": ("records/exchange/",),
}
# In an area, Flask is for its pages and card only.
AREA_FLASK = ("pages", "area.py", "api.py", "draw")


def rung(parts: tuple[str, ...]) -> str:
    """The rung a module of ours stands on."""
    name = parts[0].removesuffix(".py") if parts else ""
    if name in ("", "__init__", "__version__"):
        return "base"
    if name == "config":
        return "base"
    return "top" if name in TOP else name


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def where(path: Path) -> tuple[str, ...]:
    return path.relative_to(ROOT).parts


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(where(path)))
def test_one_direction(path: Path) -> None:
    mine = RUNGS.index(rung(where(path)))
    for module in imports(path):
        if not module.startswith("smallcrm."):
            continue
        parts = tuple(module.split(".")[1:])
        if parts[0] == "app" and where(path)[0] in ("cli.py", "server.py", "opening.py", "commands"):
            continue
        theirs = rung(parts)
        assert theirs in RUNGS, module
        assert RUNGS.index(theirs) <= mine, f"{'/'.join(where(path))} imports {module}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(where(path)))
def test_libraries_where_they_belong(path: Path) -> None:
    here = "/".join(where(path))
    for module in imports(path):
        allowed = LIBRARIES.get(module.split(".")[0])
        if allowed is not None:
            assert here.startswith(allowed), f"{here} imports {module}"
        if module.split(".")[0] == "flask" and here.startswith("areas/"):
            assert any(part.startswith(AREA_FLASK) for part in where(path)[2:]), f"{here} imports Flask"


def test_areas_only_what_they_need() -> None:
    needs = {each.name: set(each.needs) for each in area.areas()}
    for path in (ROOT / "areas").rglob("*.py"):
        parts = where(path)
        if len(parts) < 3:
            continue
        mine = parts[1]
        for module in imports(path):
            found = module.split(".")
            if found[:2] != ["smallcrm", "areas"] or len(found) < 4 or found[2] == mine:
                continue
            assert found[2] in needs.get(mine, set()), f"{'/'.join(parts)} imports {module}"
            assert found[3] not in ("pages", "jobs", "area"), f"{'/'.join(parts)} imports {module}"


def test_every_module_says_what_it_is_for() -> None:
    missing = ["/".join(where(path)) for path in FILES if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert missing == []


@pytest.mark.parametrize("word", ["db.atomic", ".atomic("])
def test_only_the_store_begins_transactions(word: str) -> None:
    strays = ["/".join(where(path)) for path in FILES if where(path)[0] != "store" and word in path.read_text("utf-8")]
    assert strays == []


def test_only_the_write_path_writes_records() -> None:
    """Statements that write a record type's table stand in the kernel's write path and in derive."""
    import re

    from smallcrm.records.record import all_types

    tables = "|".join(kind._meta.table_name for kind in all_types())
    writes = re.compile(rf"(?:INSERT INTO|UPDATE|DELETE FROM)\s+\\?\"?(?:{tables})\\?\"?\b")
    allowed = {"records/rows.py", "records/derive.py"}
    strays = [
        "/".join(where(path))
        for path in FILES
        if "/".join(where(path)) not in allowed and writes.search(path.read_text("utf-8"))
    ]
    assert strays == []
