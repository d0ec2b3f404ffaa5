"""What a backup says about itself: ``manifest.json``, the last thing written into it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from smallcrm.base import clock
from smallcrm.store import blobs

NAME = "manifest.json"
DATABASE = "smallcrm.db"
KEY_FILE = "secret.key"
FORMAT = 1
LARGEST = 64 * 1024 * 1024  # octets; a manifest of half a million files


class NewerFormat(Exception):
    """Written by a version of smallcrm that keeps its backups in another way."""


@dataclass(frozen=True)
class Content:
    """One file of the backup."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """The facts. ``files`` maps a blob's name to its content, whose hash is another one where the blob was damaged."""

    version: str
    created_at: str
    label: str
    sqlite: str
    schema: tuple[str, ...]
    database: Content
    rows: dict[str, int]
    broken_links: int
    files: dict[str, Content] = field(default_factory=dict)
    unreadable: tuple[str, ...] = ()
    secret_key: Content | None = None

    @property
    def damaged(self) -> list[str]:
        """Blobs whose content was not what their name says when the backup was made."""
        return [name for name, content in self.files.items() if content.sha256 != name]

    def contents(self) -> dict[str, Content]:
        """Every member of the archive but the manifest itself, by its name in there."""
        found = {DATABASE: self.database}
        if self.secret_key:
            found[KEY_FILE] = self.secret_key
        found.update({member(name): content for name, content in self.files.items()})
        return found

    def size(self) -> int:
        """Octets of everything unpacked."""
        return sum(content.size for content in self.contents().values())


def member(sha256: str) -> str:
    """A blob's name inside the archive: as it lies in the data folder."""
    return f"files/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def to_json(manifest: Manifest) -> bytes:
    """As it stands in the archive."""
    files = {
        name: content.size if content.sha256 == name else [content.size, content.sha256]
        for name, content in manifest.files.items()
    }
    key = manifest.secret_key
    found = {
        "application": "smallcrm",
        "format": FORMAT,
        "version": manifest.version,
        "created_at": manifest.created_at,
        "label": manifest.label,
        "sqlite": manifest.sqlite,
        "schema": list(manifest.schema),
        "database": {"size": manifest.database.size, "sha256": manifest.database.sha256},
        "rows": manifest.rows,
        "broken_links": manifest.broken_links,
        "secret_key": {"size": key.size, "sha256": key.sha256} if key else None,
        "unreadable": list(manifest.unreadable),
        "files": files,
    }
    return json.dumps(found, indent=1, ensure_ascii=False).encode()


def from_json(text: bytes) -> Manifest:
    """Raises ValueError for anything that ``to_json`` does not write, NewerFormat for what a later one does."""
    try:
        found = json.loads(text)
        if found["application"] != "smallcrm":
            raise ValueError("manifest: of another program")
        if int(found["format"]) > FORMAT:
            raise NewerFormat
        key = found["secret_key"]
        return Manifest(
            version=str(found["version"]),
            created_at=clock.iso(clock.moment(found["created_at"])),
            label=str(found["label"]),
            sqlite=str(found["sqlite"]),
            schema=tuple(str(name) for name in found["schema"]),
            database=_content(found["database"]["size"], found["database"]["sha256"]),
            rows={str(name): int(count) for name, count in found["rows"].items()},
            broken_links=int(found["broken_links"]),
            files=dict(_file(name, value) for name, value in found["files"].items()),
            unreadable=tuple(str(name) for name in found["unreadable"]),
            secret_key=_content(key["size"], key["sha256"]) if key else None,
        )
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"manifest: {error!r}") from error


def _file(name: str, value: Any) -> tuple[str, Content]:
    if not blobs.is_name(name):
        raise ValueError("manifest: a file that is not named by its hash")
    return (name, _content(*value)) if isinstance(value, list) else (name, _content(value, name))


def _content(size: Any, sha256: Any) -> Content:
    if type(size) is not int or size < 0 or not isinstance(sha256, str) or not blobs.is_name(sha256):
        raise ValueError("manifest: a size or hash that is none")
    return Content(size, sha256)
