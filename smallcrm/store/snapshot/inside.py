"""Looking into one backup without restoring it, to bring back a record or a day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import apsw

from smallcrm.base.errors import NotFound
from smallcrm.base.i18n import L
from smallcrm.store import blobs, durable, examine
from smallcrm.store.snapshot import archive as archives
from smallcrm.store.snapshot.archive import Archive, Unusable
from smallcrm.store.snapshot.checking import place_to_work
from smallcrm.store.snapshot.manifest import DATABASE, Manifest, member


@dataclass(frozen=True)
class Inside:
    """An open backup. ``connection`` reads its database, nothing else; ``manifest`` is None for a plain copy."""

    connection: apsw.Connection
    manifest: Manifest | None
    _archive: Archive

    @contextmanager
    def blob(self, sha256: str) -> Iterator[BinaryIO]:
        """An attachment as the backup has it, to be handed to ``blobs.put``. Raises NotFound where it has none."""
        if not blobs.is_name(sha256) or member(sha256) not in self._archive.contents():
            raise NotFound(L("This file is not in the backup."))
        with archives.reading(self._archive.file), self._archive.member(member(sha256)) as found:
            yield found


@contextmanager
def opened(file: Path, passphrase: str | None = None, *, work: Path | None = None) -> Iterator[Inside]:
    """Open a backup for reading. Only its database is unpacked, below ``work`` or the data folder's ``backups``.

    Raises what ``verify`` raises, and Unusable where it would be red; but only the database is looked at.
    """
    with (
        durable.disk_words(),
        durable.workplace(work or place_to_work()) as place,
        archives.opening(file, passphrase) as archive,
    ):
        target = place.path / DATABASE
        expected = archive.contents()[DATABASE]
        durable.need_room(place.path, expected.size if expected else archive.size())
        with archives.reading(file), archive.member(DATABASE) as source, target.open("xb") as out:
            found = durable.pour(source, out.write)
        if expected and found != expected.sha256:
            raise Unusable(L("%(name)s in it is not what was put in.", name=DATABASE))
        try:
            with examine.looking_into(target) as connection:
                if not examine.is_ours(connection) or examine.damages(connection, quick=True):
                    raise Unusable(L("%(file)s is not a backup of smallcrm.", file=file.name))
                yield Inside(connection, archive.manifest, archive)
        except (apsw.NotADBError, apsw.CorruptError) as error:
            raise Unusable(L("The database in it is damaged: %(error)s.", error=str(error))) from error
