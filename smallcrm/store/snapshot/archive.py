"""Opening a backup without trusting it: a zip of ours, the same sealed, or the plain copy made before a migration.

Only the names that the manifest gives are read, each once, each a regular file no longer than it says. Everything that
can be wrong with the file is ``Unusable``, with words.
"""

from __future__ import annotations

import errno
import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from smallcrm.base.errors import Invalid, NotFound
from smallcrm.base.i18n import L, Lazy, _
from smallcrm.store.snapshot import manifest as manifests
from smallcrm.store.snapshot.manifest import DATABASE, Content, Manifest
from smallcrm.store.snapshot.sealed import SealBroken, Unsealed, is_sealed

_ALLOWED_OCTETS = 512 * 1024 * 1024  # unpacked, whatever the ratio
_ALLOWED_RATIO = 200
_MALFORMED = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    SealBroken,
    RuntimeError,
    ValueError,
    KeyError,
    IndexError,
    OverflowError,
)


class Unusable(Invalid):
    """The file is no backup, or not a sound one. The message says what is wrong with it."""

    def __init__(self, why: Lazy) -> None:
        super().__init__({"file": [str(why)]}, why)
        self.why = why


class Archive:
    """An open backup. ``manifest`` is None for a plain copy of a database."""

    def __init__(self, file: Path, manifest: Manifest | None, packed: zipfile.ZipFile | None, sealed: bool) -> None:
        self.file = file
        self.manifest = manifest
        self.sealed = sealed
        self._packed = packed

    def contents(self) -> dict[str, Content | None]:
        """Every member by name, with what it should be where that is known."""
        return {**self.manifest.contents()} if self.manifest else {DATABASE: None}

    def size(self) -> int:
        """Octets of everything unpacked."""
        return self.manifest.size() if self.manifest else self.file.stat().st_size

    @contextmanager
    def member(self, name: str) -> Iterator[BinaryIO]:
        """One member, open for reading. Reading raises Unusable through ``reading``."""
        if self._packed is None:
            with self.file.open("rb") as plain:
                yield plain
            return
        with self._packed.open(name) as found:
            yield found  # type: ignore[misc]


@contextmanager
def reading(file: Path) -> Iterator[None]:
    """What goes wrong inside because of the file's content becomes Unusable."""
    try:
        yield
    except _MALFORMED as error:
        raise _unreadable(file, error) from error
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.EIO):  # a place before the start; a disk that does not give it
            raise _unreadable(file, error) from error
        raise


def _unreadable(file: Path, error: Exception) -> Unusable:
    text = str(error) or type(error).__name__
    return Unusable(L("%(file)s is damaged and cannot be used: %(error)s.", file=file.name, error=text))


@contextmanager
def opening(file: Path, passphrase: str | None = None) -> Iterator[Archive]:
    """Open the backup ``file``.

    Raises NotFound where there is none, Unusable for anything that is no backup of ours, and Invalid (field
    ``passphrase``) when it is sealed and the passphrase is missing or wrong.
    """
    if not file.is_file():
        raise NotFound(L("There is no file %(file)s.", file=str(file)))
    with ExitStack() as stack:
        raw = stack.enter_context(file.open("rb"))
        start = raw.read(16)
        raw.seek(0)
        sealed = is_sealed(start)
        if start.startswith(b"SQLite format 3\0"):
            _refuse_journal(file)
            yield Archive(file, None, None, False)
            return
        if not sealed and not start.startswith(b"PK"):
            raise Unusable(L("%(file)s is not a backup of smallcrm.", file=file.name))
        with reading(file):
            clear = stack.enter_context(_unsealed(raw, passphrase)) if sealed else raw
            packed = stack.enter_context(zipfile.ZipFile(clear))
            manifest = _manifest(file, packed)
            _check_members(file, packed, manifest)
        yield Archive(file, manifest, packed, sealed)


def _unsealed(raw: BinaryIO, passphrase: str | None) -> BinaryIO:
    if not passphrase:
        raise Invalid({"passphrase": [_("This backup is encrypted. Give its passphrase.")]})
    return io.BufferedReader(Unsealed(raw, passphrase), buffer_size=64 * 1024)


def _refuse_journal(file: Path) -> None:
    journal = file.with_name(file.name + "-wal")
    if journal.exists() and journal.stat().st_size:
        raise Unusable(
            L(
                "%(file)s was not closed properly: a part of it lies in %(journal)s. Put the whole old folder back and "
                "start smallcrm on it, or use a backup.",
                file=file.name,
                journal=journal.name,
            )
        )


def _manifest(file: Path, packed: zipfile.ZipFile) -> Manifest:
    names = packed.namelist()
    if names.count(manifests.NAME) != 1 or packed.getinfo(manifests.NAME).file_size > manifests.LARGEST:
        raise Unusable(L("%(file)s is not a backup of smallcrm.", file=file.name))
    try:
        return manifests.from_json(packed.read(manifests.NAME))
    except manifests.NewerFormat:
        raise Unusable(L("%(file)s was made by a newer smallcrm. Use that one.", file=file.name)) from None


def _check_members(file: Path, packed: zipfile.ZipFile, manifest: Manifest) -> None:
    """Raises Unusable unless the members are exactly what the manifest names, and harmless."""
    expected = {name: content.size for name, content in manifest.contents().items()}
    members = [info for info in packed.infolist() if info.filename != manifests.NAME]
    if len(members) > len({info.filename for info in members}):
        raise _refused(file, L("A name occurs twice in it."))
    for info in members:
        if info.filename not in expected or info.orig_filename != info.filename:
            raise _refused(file, L("It holds a file that does not belong there."))
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
            raise _refused(file, L("It holds a link."))
        if info.file_size != expected[info.filename]:
            raise _refused(file, L("A file in it is not as long as it should be."))
        if info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _refused(file, L("It is packed in a way that smallcrm does not use."))
    if missing := expected.keys() - {info.filename for info in members}:
        raise _refused(file, L("%(name)s is missing in it.", name=min(missing)))
    packed_size = sum(info.compress_size for info in members)
    if sum(expected.values()) > _ALLOWED_OCTETS + _ALLOWED_RATIO * packed_size:
        raise _refused(file, L("It would grow beyond all measure when unpacked."))


def _refused(file: Path, why: Lazy) -> Unusable:
    return Unusable(L("%(file)s is damaged or was changed, so it is not used. %(why)s", file=file.name, why=why))
