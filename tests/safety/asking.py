"""Asking one route as each of the cast, and what the database said before and after."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

import apsw
from werkzeug.test import TestResponse

from smallcrm import store
from smallcrm.records import cache, settings
from smallcrm.records.record import all_types
from tests import works
from tests.client import Api, Browser, Web
from tests.safety.routes import Route
from tests.safety.world import World

PARTS = ("visitor", "nobody", "reader", "carl", "anna", "manager", "owner")
NEVER = frozenset({"config_version"})  # counts, no content
MAY_NOT_CHANGE = ("visitor", "nobody", "reader", "carl")  # Anna's things
TOUCHED = {"session": ("seen_at",), "api_token": ("used_at", "seen_at", "last_used_at")}  # moments that reading notes


class Company:
    """The marked company that is put back after every request that wrote."""

    def __init__(self, world: World, web: Web, spare: Path) -> None:
        self.world, self.web, self.folder, self.spare = world, web, store.folder(), spare
        self.browsers: dict[str, Browser] = {p: web.visitor() if p == "visitor" else web.browser(p) for p in PARTS}
        self.apis: dict[str, Api] = {p: web.api(p) for p in PARTS if p != "visitor"}
        for browser in self.browsers.values():
            browser.csrf()
        for api in self.apis.values():
            api.get("/openapi.json")  # notes when the token was used last, for a while
        self._cookies = {p: b.client._cookies.copy() for p, b in self.browsers.items()}
        store.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(self.folder / "smallcrm.db", spare)
        self.tables = [
            name for (name,) in store.rows("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            if not name.startswith("search") and name not in NEVER
        ]  # fmt: skip
        self.whole = self.prints()
        self.kept = {part: self.others(part) for part in MAY_NOT_CHANGE}

    def put_back(self) -> None:
        """As it was before the first request."""
        works.wait()
        source = apsw.Connection(str(self.spare), flags=apsw.SQLITE_OPEN_READONLY)
        with store.connection().backup("main", source, "main") as copying:
            copying.step(-1)
        source.close()
        cache.forget()
        settings.apply()
        for part, browser in self.browsers.items():
            browser.client._cookies = self._cookies[part].copy()

    def ask(self, route: Route, url: str, part: str, body: dict[str, Any]) -> TestResponse:
        """The route as one of the cast: forms carry their token, API calls theirs."""
        if url.startswith("/api/"):
            sent = body if route.mutates and route.method != "DELETE" else None
            if part == "visitor":
                return self.web.app.test_client().open(url, method=route.method, json=sent, buffered=True)
            return self.apis[part].call(route.method, url.removeprefix("/api/v1"), sent)
        browser = self.browsers[part]
        return browser.post(url, body) if route.mutates else browser.get(url)

    # ------------------------------------------------------------ what stands there

    def prints(self, tables: Collection[str] | None = None) -> dict[str, str]:
        """A hash of each table's content."""
        return {name: self._print(name, "1") for name in (self.tables if tables is None else tables)}

    def _print(self, table: str, where: str) -> str:
        names = [row[1] for row in store.rows(f'PRAGMA table_info("{table}")') if row[1] not in TOUCHED.get(table, ())]
        columns = ", ".join(f'"{name}"' for name in names)
        rows = sorted(map(repr, store.rows(f'SELECT {columns} FROM "{table}" WHERE {where}')))
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()

    def others(self, part: str) -> dict[str, str]:
        """A hash of every record that this part of the cast may not change."""
        cast = self.world.cast
        me = int(getattr(cast, part, 0))
        found = {}
        for kind in all_types():
            where = "1"
            if kind.card.key == "user":
                where = f"id <> {me}"
            elif kind.card.reach != "open" and part == "carl":
                where = f"owner = {cast.anna} AND id IN ({','.join(str(n) for (k, w), n in self.world.records.items() if k == kind.card.key and w == 'anna') or 0})"
            found[kind.card.key] = self._print(str(kind._meta.table_name), where)
        return found

    def writes(self) -> int:
        """How many rows were written so far."""
        return store.connection().total_changes()
