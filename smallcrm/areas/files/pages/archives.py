"""Several files at once, as one ZIP that is made while it is sent: nothing is kept on the disk for it."""

from __future__ import annotations

import logging
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import Response as FlaskResponse
from werkzeug.wrappers import Response

from smallcrm.areas.files import rules
from smallcrm.areas.files.content import names
from smallcrm.areas.files.pages import files
from smallcrm.areas.files.pages.uploads import named_place
from smallcrm.areas.files.records import File
from smallcrm.base import clock, formats
from smallcrm.base.errors import BadRequest, Forbidden
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, audit, rows
from smallcrm.records.record import title
from smallcrm.store import blobs
from smallcrm.web import downloads
from smallcrm.web.context import actor
from smallcrm.web.pages.bulk import selection

MOST_FILES = 2000
_PIECE = 128 * 1024
_PACKED = ("image/jpeg", "image/png", "image/webp", "video/", "audio/", "application/zip", "application/gzip")
_log = logging.getLogger("smallcrm.files")


@dataclass(frozen=True)
class Member:
    """One file of the archive."""

    name: str
    path: Path
    moment: tuple[int, int, int, int, int, int]
    packed: bool


@files.post("/files/bulk/zip")
def selected() -> Response:
    """The files that are selected in the list."""
    who = actor()
    chosen = selection(who, File)
    ids = [number for chunk in chosen.chunks(who) for number in chunk]
    return _archive(who, ids, str(L("Files")))


@files.get("/files/zip")
def of_place() -> Response:
    """All files on a record."""
    who = actor()
    place = named_place(who)
    ids, _total = rules.on_record(who, place, MOST_FILES + 1)
    return _archive(who, ids, title(place))


def _archive(who: Actor, ids: list[int], called: str) -> Response:
    if who.scope("file", "export") is Scope.NONE:
        raise Forbidden(access.refusal(who, "export"))
    if len(ids) > MOST_FILES:
        raise BadRequest(L("At most %(n)s files go into one archive. Select fewer.", n=MOST_FILES))
    members = _members(who, sorted(access.within(who, File, ids, "export")))
    if not members:
        raise BadRequest(L("There is no file here that you may download."))
    audit.log(who, "files", record_type="file", detail={"count": len(members), "what": called[:200]})
    # headers carry only the octets of Latin-1: the name goes twice, as RFC 6266 has it
    file_name = names.clean(f"{called} {formats.local(clock.now()):%Y-%m-%d}.zip")
    headers = {"Content-Disposition": downloads.disposition(file_name)}
    return FlaskResponse(_streamed(members), mimetype="application/zip", headers=headers, direct_passthrough=True)


def _members(who: Actor, ids: list[int]) -> list[Member]:
    """What goes in: nothing that is erased or that a pool hides. Raises NotFound where the disk has lost one."""
    held = [values for values in rows.load(File, ids).values() if values["sha256"]]
    hiding = access.masked_pools(who, File)
    held = [v for v in held if not any(hiding.get(v[column]) for column in ("via_pool", "about_pool") if v[column])]
    free = names.for_archive((v["name"], v["media_type"] or "") for v in held)
    return [
        Member(
            name,
            blobs.path(v["sha256"]),
            formats.local(v["created_at"]).timetuple()[:6],
            str(v["media_type"] or "").startswith(_PACKED),
        )
        for name, v in zip(free, held, strict=True)
    ]


class _Outlet:
    """What a ZipFile writes into when there is nothing to go back in: the pieces not yet sent."""

    def __init__(self) -> None:
        self.waiting: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.waiting.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        found, self.waiting = b"".join(self.waiting), []
        return found


def _streamed(members: list[Member]) -> Iterator[bytes]:
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", allowZip64=True) as archive:  # type: ignore[call-overload]
        for member in members:
            info = zipfile.ZipInfo(member.name, member.moment)
            info.external_attr = 0o600 << 16
            # also what is packed already: a stored member whose size follows it cannot be read as a stream
            info.compress_type = zipfile.ZIP_DEFLATED
            info._compresslevel = 1 if member.packed else 5  # type: ignore[attr-defined]
            with member.path.open("rb") as source, archive.open(info, "w", force_zip64=True) as target:
                while piece := source.read(_PIECE):
                    target.write(piece)
                    if ready := outlet.take():
                        yield ready
    yield outlet.take()
