"""A development server for looking at the parts: every macro and component in every state, without the application.

    python -m tests.web.parts_page [port]

The pages stand in ``pages/`` and use the real templates, stylesheet and behaviours, under the strict policy that the
product sends. What the behaviours ask a server for (editors, options, the palette, moves, uploads) is answered
here, and remembered.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from smallcrm.base import i18n
from smallcrm.web import bundle, drawn
from tests.browser import PATIENCE

TEMPLATES = Path(bundle.__file__).parent / "templates"
PAGES = Path(__file__).parent / "pages"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".txt": "text/plain"}
WORDS = {
    "en": ("Calder & Finch", "C", "JM", "Joanne Marsh"),
    "zh": ("恒达通贸易", "恒", "林", "林晓彤"),
    "el": ("Σχολή Μελισσών", "Μ", "ΕΓ", "Ελένη Γεωργίου"),
}
NAV = {
    "en": "Today Calendar Sell Customers Leads Pipeline Quotes Pool Look Dashboard Reports Targets Import Bin Settings",
    "zh": "今日 日历 销售 客户 线索 商机 报价 公海 分析 仪表盘 报表 目标 导入 回收站 设置",
    "el": "Σήμερα Ημερολόγιο Εγγραφές Μαθητές Ενδιαφερόμενοι Εγγραφές Δίδακτρα Κοινή-λίστα Εικόνα Πίνακας Αναφορές "
    "Στόχοι Εισαγωγή Κάδος Ρυθμίσεις",
}  # fmt: skip


def environment() -> Environment:
    """Jinja as the product sets it up, plus the pages of this folder."""
    made = Environment(
        loader=FileSystemLoader([TEMPLATES, PAGES]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=400,
    )
    drawn.install(made)
    made.globals.update(_=i18n.translate, ngettext=i18n.translate_n, icons_url=bundle.assets().icons_url, Markup=Markup)
    return made


def frame(here: str = "/today", language: str = "en", theme: str = "", **more: Any) -> SimpleNamespace:
    """What the layout reads, believable."""
    company, mark, initials, name = WORDS[language]
    words = NAV[language].split()

    def item(
        n: int, url: str, icon: str, key: str = "", count: int | None = None, hot: bool = False
    ) -> SimpleNamespace:
        return SimpleNamespace(url=url, label=words[n], icon=icon, key=key, count=count, hot=hot)

    today, customers, pipeline = (
        item(0, "/today", "sun-high", "t", 10, True),
        item(3, "/list", "building-store", "c"),
        item(5, "/board", "layout-kanban", "p"),
    )
    nav = [
        SimpleNamespace(label="", items=[today, item(1, "/month", "calendar", "k")]),
        SimpleNamespace(
            label=words[2],
            items=[
                customers,
                item(4, "/leads", "user-plus", "l", 3),
                pipeline,
                item(6, "/quotes", "file-text", "q"),
                item(7, "/pool", "ripple", "o", 2),
            ],
        ),
        SimpleNamespace(
            label=words[8],
            items=[
                item(9, "/dashboard", "layout-dashboard", "d"),
                item(10, "/reports", "chart-bar", "r"),
                item(11, "/targets", "target"),
            ],
        ),
    ]
    nav_end = [
        item(12, "/import", "table-import", "i"),
        item(13, "/bin", "trash"),
        item(14, "/settings", "settings", "s"),
    ]
    add = [("/customers/new", "New customer", "building-store"), ("/contacts/new", "New contact", "user-plus")]
    return SimpleNamespace(
        company=company,
        mark=mark,
        language=language,
        theme=theme,
        csrf="token-of-this-page",
        here=here,
        rail="",
        nav=nav,
        nav_end=nav_end,
        tabbar=[today, customers, pipeline],
        user=SimpleNamespace(name=name, initials=initials, url="/me"),
        quick_add=[SimpleNamespace(url=url, label=label, icon=icon, dialog=True) for url, label, icon in add],
        unread=3,
        running=[],
        toasts=[],
        languages=list(i18n.LANGUAGES.items()),
        assets=bundle.assets(),
        **more,
    )


@dataclass
class Answer:
    body: str | bytes = ""
    status: int = 200
    type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


def as_json(data: Any, status: int = 200) -> Answer:
    return Answer(json.dumps(data), status, "application/problem+json" if status >= 400 else "application/json")


def hit(
    title: str, marks: Any = (), sub: str = "", icon: str = "", url: str = "/record", **more: Any
) -> dict[str, Any]:
    """One line of the palette."""
    return {"title": title, "marks": marks, "sub": sub, "icon": icon, "url": url, **more}


class Site:
    """The answers, and what was asked: ``asked`` holds (method, path, values) in order."""

    def __init__(self) -> None:
        self.env = environment()
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.cells: dict[str, str] = {}
        self.signed_in = True
        self.delay = 0.0

    def posts(self, path: str) -> list[dict[str, str]]:
        return [values for method, asked, values in self.asked if method == "POST" and asked == path]

    def posted(self, path: str, n: int = 1) -> list[dict[str, str]]:
        """What was posted, once there are ``n``: a page shows its move before the server has heard of it."""
        until = time.monotonic() + PATIENCE
        while len(self.posts(path)) < n and time.monotonic() < until:
            time.sleep(0.02)
        return self.posts(path)

    def gets(self, path: str) -> list[dict[str, str]]:
        return [values for method, asked, values in self.asked if method == "GET" and asked == path]

    def answer(self, method: str, path: str, values: dict[str, str], is_htmx: bool) -> Answer:
        self.asked.append((method, path, values))
        time.sleep(self.delay)
        first = path.strip("/").split("/")[0] or "parts"
        handler: Callable[..., Answer] | None = getattr(self, f"on_{first}", None)
        if not self.signed_in and first not in ("login", "static"):
            return Answer("signed out", 401)
        if handler:
            return handler(method, path, values)
        if (PAGES / f"{first}.html").exists():
            return self.page(first, path, values)
        return as_json({"title": "Nothing here"}, 404)

    def page(self, name: str, path: str, values: dict[str, str], status: int = 200, **more: Any) -> Answer:
        around = frame(path, values.get("language", "en"), values.get("theme", ""))
        if values.get("running"):
            around.running = [("Import", 59, "/works/1")]
        if values.get("flash"):
            around.toasts = [{"text": "14 customers moved to Priya Nair.", "undo": "/undo/1"}]
        html = self.env.get_template(f"{name}.html").render(frame=around, values=values, cells=self.cells, **more)
        return Answer(html, status)

    # ------------------------------------------------------------ what behaviours ask for

    def on_static(self, method: str, path: str, values: dict[str, str]) -> Answer:
        if path in ("/static/app.css", "/static/app.js"):
            made = bundle.stylesheet() if path.endswith("css") else bundle.script()
            return Answer(made.body, type=TYPES[Path(path).suffix], headers=FOR_EVER)
        target = (bundle.STATIC / path.removeprefix("/static/")).resolve()
        if not target.is_relative_to(bundle.STATIC) or not target.is_file():
            return Answer("", 404)
        return Answer(target.read_bytes(), type=TYPES.get(target.suffix, "application/octet-stream"), headers=FOR_EVER)

    def on_status(self, method: str, path: str, values: dict[str, str]) -> Answer:
        attributes = (
            'class="top-status" id="status" hx-get="/status" hx-trigger="poll" hx-swap="outerHTML" data-poll="60"'
        )
        return Answer(f'<div {attributes}><b id="polled">3</b></div>')

    def on_palette(self, method: str, path: str, values: dict[str, str]) -> Answer:
        query = values.get("q", "")
        if "zzz" in query:
            return as_json({"groups": []})
        log = hit("Log a call with Wangford", icon="phone", url="/record?log=1")
        customers = [
            hit("Wangford Fisheries", [[0, 4]], "Lowestoft", "building-store", grade="B", more=[log]),
            hit("深圳旺达包装有限公司", [[2, 3]], "pinyin wang da", "building-store", grade="A"),
        ]
        people = [hit("王伟", [[0, 1]], "pinyin wang wei, 宁波海润进出口", "user")]
        notes = [hit("“…asked Mr Wang to confirm the FOB price”", [[11, 15]], "Call, 3 Nov, Oost Koffie", "message")]
        commands = [
            hit(f"New customer “{query}”", icon="user-plus", url="/customers/new", key="c", dialog=True),
            hit(f"Customers whose name contains “{query}”", sub="7", icon="search", url="/list"),
        ]
        groups = [("Customers", customers), ("People", people), ("Notes", notes), ("Commands", commands)]
        return as_json({"groups": [{"label": label, "items": items} for label, items in groups]})

    def on_cell(self, method: str, path: str, values: dict[str, str]) -> Answer:
        name = path.removeprefix("/cell/")
        if method == "GET":
            return self._editor(name, self.cells.get(name, "Leeds"))
        if values.get("value") == "bad":
            return self._editor(name, "bad", "There is no such place. The old value is kept.", 422)
        self.cells[name] = values["value"]
        toast = json.dumps({"toast": {"text": "Kept.", "undo": "/undo/2"}})
        return Answer(str(Markup("{}").format(values["value"])), headers={"HX-Trigger": toast})

    def _editor(self, name: str, value: str, error: str = "", status: int = 200) -> Answer:
        html = self.env.get_template("_cell.html").render(name=name, value=value, error=error)
        return Answer(html, status)

    def on_options(self, method: str, path: str, values: dict[str, str]) -> Answer:
        names = [
            "Arkwright Bakeries",
            "Brackenhill Cheese",
            "Fenwick Garden Centres",
            "Lund & Sons Wholesale",
            "<b>Bold</b> Ltd",
        ]
        query = values.get("q", "").lower()
        items = [{"id": n, "text": name, "sub": "Leeds"} for n, name in enumerate(names, 1) if query in name.lower()]
        return as_json({"items": items})

    def on_move(self, method: str, path: str, values: dict[str, str]) -> Answer:
        if path.endswith("/no"):
            return as_json({"title": "This card is locked.", "detail": "This card is locked until Monday."}, 409)
        if path.endswith("/ask") and "fee" not in values:
            return Answer(self.env.get_template("_stage.html").render(path=path))
        if "fee" in values:
            return Answer(
                "", headers={"HX-Trigger": json.dumps({"toast": {"text": "Moved to “Offer”.", "undo": "/undo/3"}})}
            )
        return Answer("", 204)

    def on_files(self, method: str, path: str, values: dict[str, str]) -> Answer:
        if values.get("file", "").endswith(".exe"):
            return as_json({"title": "Programs are not taken."}, 422)
        return Answer(self.env.get_template("_file.html").render(name=values.get("file", "?")))

    def on_customers(self, method: str, path: str, values: dict[str, str]) -> Answer:
        if path == "/customers/duplicates":
            found = "wick" in values.get("name", "").lower()
            return Answer(self.env.get_template("_duplicates.html").render() if found else "")
        if method == "POST" and not values.get("name"):
            return Answer(self.env.get_template("_new.html").render(error="Give it a name.", values=values), 422)
        if method == "POST":
            made = {
                "created": {"id": 99, "text": values["name"]},
                "close-dialog": True,
                "toast": {"text": f"{values['name']} is in.", "undo": "/undo/9"},
            }
            return Answer("", 200, headers={"HX-Trigger": json.dumps(made), "HX-Reswap": "none"})
        return Answer(self.env.get_template("_new.html").render(error="", values=values))

    def on_contacts(self, method: str, path: str, values: dict[str, str]) -> Answer:
        return self.on_customers(method, path, values)

    def on_pop(self, method: str, path: str, values: dict[str, str]) -> Answer:
        return Answer(self.env.get_template("_pop.html").render())

    def on_why(self, method: str, path: str, values: dict[str, str]) -> Answer:
        return Answer(self.env.get_template("_why.html").render())

    def on_done(self, method: str, path: str, values: dict[str, str]) -> Answer:
        return Answer(
            self.env.get_template("_done.html").render(),
            headers={"HX-Trigger": '{"toast": {"text": "Done.", "undo": "/undo/4"}}'},
        )

    def on_log(self, method: str, path: str, values: dict[str, str]) -> Answer:
        if method == "POST":
            return Answer("", 303, headers={"Location": "/record"})
        text = values.get("text", "")
        marks = Markup("{}").format(text).replace("5 min", Markup("<mark>5 min</mark>"))
        return Answer(self.env.get_template("_log.html").render(marks=Markup(marks)) if text else "")

    def on_fail(self, method: str, path: str, values: dict[str, str]) -> Answer:
        status = int(path.rsplit("/", 1)[1])
        return as_json({"title": f"Refused with {status}."}, status) if status != 500 else Answer("boom", 500)

    def on_work(self, method: str, path: str, values: dict[str, str]) -> Answer:
        asked = len(self.gets(path))
        return Answer(self.env.get_template("_work.html").render(percent=min(100, 65 + 20 * asked), path=path))

    def on_login(self, method: str, path: str, values: dict[str, str]) -> Answer:
        return self.page("login", path, values)

    def on_undo(self, method: str, path: str, values: dict[str, str]) -> Answer:
        return Answer("", 303, headers={"Location": values.get("next") or "/parts"})

    def on_save(self, method: str, path: str, values: dict[str, str]) -> Answer:
        if values.get("name") == "bad":
            return self.page("form", "/form", values, 422, errors={"name": ["This name is taken."]})
        return Answer("", 303, headers={"Location": "/parts"})

    def on_settings(self, method: str, path: str, values: dict[str, str]) -> Answer:
        return Answer("", 204) if method == "POST" else self.page("settings", path, values)


class Handler(BaseHTTPRequestHandler):
    site: Site
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve("GET", self._query())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._serve("POST", {**self._query(), **self._form(body)})

    def _query(self) -> dict[str, str]:
        pairs = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
        return {name: ", ".join(values) for name, values in pairs.items()}

    def _form(self, body: bytes) -> dict[str, str]:
        kind = self.headers.get("Content-Type", "")
        if "multipart" not in kind:
            pairs = parse_qs(body.decode(), keep_blank_values=True)
            values = {name: ", ".join(found) for name, found in pairs.items()}
        else:
            message = BytesParser().parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
            values = {}
            for part in message.get_payload():
                name = str(part.get_param("name", header="content-disposition"))  # type: ignore[union-attr]
                values[name] = part.get_filename() or part.get_payload(decode=True).decode(errors="replace")  # type: ignore[union-attr]
        return {**values, "header-token": self.headers.get("X-CSRF-Token", "")}

    def _serve(self, method: str, values: dict[str, str]) -> None:
        answer = self.site.answer(method, urlsplit(self.path).path, values, "HX-Request" in self.headers)
        body = answer.body.encode() if isinstance(answer.body, str) else answer.body
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def serve(port: int = 0) -> tuple[ThreadingHTTPServer, Site]:
    """A running server on loopback; port 0 takes a free one."""
    site = Site()
    server = ThreadingHTTPServer(("127.0.0.1", port), type("Bound", (Handler,), {"site": site}))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, site


if __name__ == "__main__":
    running, _ = serve(int(sys.argv[1]) if len(sys.argv) > 1 else 8071)
    print(f"http://127.0.0.1:{running.server_address[1]}/parts")  # noqa: T201
    threading.Event().wait()
