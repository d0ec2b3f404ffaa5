"""Backups as somebody who means harm, or a failing disk, would make them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

Member = tuple[zipfile.ZipInfo, bytes]


def members(path: Path) -> list[Member]:
    """Every member of a zip with its content."""
    with zipfile.ZipFile(path) as packed:
        return [(info, packed.read(info)) for info in packed.infolist()]


def rewritten(path: Path, change: Callable[[list[Member]], list[Member]]) -> Path:
    """A zip beside ``path`` with its members changed."""
    target = path.with_name("hostile.zip")
    with zipfile.ZipFile(target, "w") as packed:
        for info, content in change(members(path)):
            fresh = zipfile.ZipInfo(info.filename, info.date_time)
            fresh.external_attr, fresh.compress_type = info.external_attr, info.compress_type
            packed.writestr(fresh, content)
    return target


def with_manifest(found: list[Member], change: Callable[[dict[str, object]], object]) -> list[Member]:
    """The members, the manifest changed."""
    result = []
    for info, content in found:
        if info.filename == "manifest.json":
            manifest = json.loads(content)
            change(manifest)
            content = json.dumps(manifest).encode()
        result.append((info, content))
    return result


def member(name: str, content: bytes, mode: int = 0o100600) -> Member:
    """A member made up."""
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    return info, content


def zip_of(*found: Member) -> bytes:
    """A zip of these members alone."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for info, content in found:
            packed.writestr(info, content)
    return out.getvalue()
