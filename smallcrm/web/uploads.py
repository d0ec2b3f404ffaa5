"""Bodies of requests that are too large for memory wait in the data folder: the system's own folder for such may be small."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO, cast

import flask

from smallcrm import store
from smallcrm.store import durable

ROUND_IT = 64 * 1024  # octets a form may have beside its file
_IN_MEMORY = 256 * 1024


class Request(flask.Request):
    """Uploads are spooled to the disk of the data; what a killed process leaves has no name there, so it is gone."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        spool = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY, dir=str(place()))  # noqa: SIM115  closed with the request
        return cast(IO[bytes], spool)


def place() -> Path:
    """The folder for intermediate files, made if need be."""
    folder = store.folder() / "tmp"
    durable.make_folder(folder)
    return folder
