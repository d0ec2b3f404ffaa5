"""The stylesheet and the script that pages load: many small files, served as one. No Flask in here.

``css/app.css`` says which files there are, in which order and in which cascade layer; every file of ``js/`` is a
behaviour in a scope of its own, ``core.js`` first. What is put together stays in memory and is made anew once a
source has changed, looked at no more than once a second.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

STATIC = Path(__file__).resolve().parent / "static"
VENDOR = STATIC / "vendor"

_IMPORT = re.compile(r'^@import url\("([^"]+)"\) layer\((\w+)\);$', re.M)
_LOOK_EVERY = 1.0  # seconds between two looks at the sources


@dataclass(frozen=True)
class Packed:
    """A file as it goes over the wire. ``digest`` changes with the content: put it into the address."""

    body: bytes

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest()[:12]

    @cached_property
    def gzipped(self) -> bytes:
        return gzip.compress(self.body, 9, mtime=0)


@dataclass
class _Made:
    """One product, kept until a source is younger."""

    sources: Callable[[], list[Path]]
    make: Callable[[list[Path]], bytes]
    packed: Packed | None = None
    stamp: tuple[tuple[str, int], ...] = ()
    looked_at: float = field(default=-_LOOK_EVERY)

    def get(self) -> Packed:
        now = time.monotonic()
        if self.packed is None or now - self.looked_at >= _LOOK_EVERY:
            sources = self.sources()
            stamp = tuple((path.name, path.stat().st_mtime_ns) for path in sources)
            if self.packed is None or stamp != self.stamp:
                self.packed, self.stamp = Packed(self.make(sources)), stamp
            self.looked_at = now
        return self.packed


def stylesheet() -> Packed:
    """Every stylesheet in the order of ``app.css``, each inside its layer."""
    return _css.get()


def script() -> Packed:
    """Every behaviour, each inside a function of its own."""
    return _js.get()


def _css_sources() -> list[Path]:
    entry = STATIC / "css" / "app.css"
    return [entry, *((entry.parent / name).resolve() for name, _ in _IMPORT.findall(entry.read_text("utf-8")))]


def _make_css(sources: list[Path]) -> bytes:
    entry = sources[0].read_text("utf-8")
    order = re.search(r"^@layer [^{;]+;$", entry, re.M)
    assert order, "app.css declares the layers"
    parts = [order[0]]
    for path, (_, layer) in zip(sources[1:], _IMPORT.findall(entry), strict=True):
        text = path.read_text("utf-8").removeprefix('@charset "UTF-8";')
        parts.append(f"@layer {layer} {{\n{_without_comments(text)}\n}}")
    return ("\n".join(parts) + "\n").encode()


def _without_comments(text: str) -> str:
    """Drop comments but ``/*! … */``, which carry a licence."""
    return re.sub(r"/\*(?!!).*?\*/\n?", "", text, flags=re.S).strip()


def _js_sources() -> list[Path]:
    folder = STATIC / "js"
    return [folder / "core.js", *(path for path in sorted(folder.glob("*.js")) if path.name != "core.js")]


def _make_js(sources: list[Path]) -> bytes:
    scopes = (f'(() => {{ "use strict";\n{path.read_text("utf-8")}}})();' for path in sources)
    return ("\n".join(scopes) + "\n").encode()


_css = _Made(_css_sources, _make_css)
_js = _Made(_js_sources, _make_js)


_HOLDS = 10.0  # seconds
_current: tuple[float, Assets] | None = None


class Assets(NamedTuple):
    """The addresses a page needs; each carries its content's digest, so it may be cached for ever."""

    css_url: str
    js_url: str
    icons_url: str
    htmx_url: str
    sortable_url: str
    tom_select_url: str
    mark_url: str


def assets(prefix: str = "/static") -> Assets:
    """Where the page finds its parts: ``app.css`` and ``app.js`` are the bundles, the rest are files of ``static``."""
    return Assets(
        css_url=f"{prefix}/app.css?v={stylesheet().digest}",
        js_url=f"{prefix}/app.js?v={script().digest}",
        icons_url=_file(prefix, "vendor/icons.svg"),
        htmx_url=_file(prefix, "vendor/htmx.min.js"),
        sortable_url=_file(prefix, "vendor/sortable.min.js"),
        tom_select_url=_file(prefix, "vendor/tom-select.min.js"),
        mark_url=_file(prefix, "mark.svg"),
    )


def current() -> Assets:
    """``assets`` under the usual prefix, looked up every ten seconds: looking costs, and only developers change these files."""
    global _current
    now = time.monotonic()
    if _current is None or now - _current[0] > _HOLDS:
        _current = (now, assets())
    return _current[1]


def _file(prefix: str, name: str) -> str:
    path = STATIC / name
    if not path.exists():
        raise FileNotFoundError(f"{path} is not there: run packaging/build.py frontend")
    return f"{prefix}/{name}?v={_digest(path, path.stat().st_mtime_ns)}"


@cache
def _digest(path: Path, changed: int) -> str:
    """The digest of a file as it was at ``changed``."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
