"""The zip of a backup, written in one go: hashed as it grows, sealed on the way where a passphrase is given."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from smallcrm.store import blobs, durable
from smallcrm.store.snapshot import manifest as manifests
from smallcrm.store.snapshot.manifest import DATABASE, KEY_FILE, Content, Manifest
from smallcrm.store.snapshot.sealed import Sealer
from smallcrm.store.watching import Watch

_WORTH_PACKING = 64 * 1024 * 1024  # octets; longer attachments are films and archives, packed already

_FIRST, _LAST = (1980, 1, 1, 0, 0, 0), (2107, 12, 31, 23, 59, 58)  # what a zip can say; a NAS may wake up in 1970


@dataclass(frozen=True)
class Packed:
    """What was written."""

    manifest: Manifest
    size: int
    sha256: str


def pack(
    file: BinaryIO,
    passphrase: str | None,
    *,
    manifest: Manifest,
    database: Path,
    data: Path,
    files: dict[str, Path],
    now: dt.datetime,
    watch: Watch,
) -> Packed:
    """Write the copied ``database``, the blobs ``files`` (by hash) and the secret key of ``data`` into ``file``."""
    out = _Counted(file)
    sealer = Sealer(out.write, passphrase) if passphrase else None
    with zipfile.ZipFile(sealer or out, "w", strict_timestamps=False) as packed:  # type: ignore[call-overload]
        writer = _Writer(packed, now, watch)
        with database.open("rb") as copy:
            writer.add(DATABASE, copy, manifest.database.size, deflate=True)
        database.unlink()
        kept, unreadable = writer.add_blobs(files, data / "files")
        key = writer.add_key(data / KEY_FILE)
        manifest = replace(manifest, files=kept, unreadable=tuple(unreadable), secret_key=key)
        text = manifests.to_json(manifest)
        writer.add(manifests.NAME, io.BytesIO(text), len(text), deflate=True)
    if sealer:
        sealer.finish()
    return Packed(manifest, out.size, out.sha256())


class _Counted:
    """Hands on what is written, hashing it. It cannot go back, so the zip is written in one go."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        """All of ``data``."""
        self._file.write(data)
        self._hash.update(data)
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """As for any file."""
        self._file.flush()

    def sha256(self) -> str:
        """Of everything written so far."""
        return self._hash.hexdigest()


class _Writer:
    """Adds members to the zip."""

    def __init__(self, packed: zipfile.ZipFile, now: dt.datetime, watch: Watch) -> None:
        self._packed = packed
        self._date = min(max(now.astimezone(dt.UTC).timetuple()[:6], _FIRST), _LAST)
        self._watch = watch

    def add(self, name: str, source: BinaryIO, size: int, *, deflate: bool) -> None:
        """One member, for nobody's eyes but the owner's when unpacked by hand."""
        info = zipfile.ZipInfo(name, date_time=self._date)
        info.compress_type = zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED
        info._compresslevel = 1  # type: ignore[attr-defined]  # slow processors; no public name before Python 3.13
        info.external_attr = 0o100600 << 16
        info.file_size = size
        with self._packed.open(info, "w") as target:
            durable.pour(source, target.write, self._watch.tick)

    def add_blobs(self, files: dict[str, Path], folder: Path) -> tuple[dict[str, Content], list[str]]:
        """Every blob that the disk gives, and the hashes of those that it does not."""
        kept: dict[str, Content] = {}
        unreadable = []
        for sha256, path in files.items():
            with _opened(path, folder) as found:
                if found is None:
                    unreadable.append(sha256)
                    continue
                file, content = found
                self.add(manifests.member(sha256), file, content.size, deflate=_packs_well(file, content.size))
                kept[sha256] = content
        return kept, unreadable

    def add_key(self, path: Path) -> Content | None:
        """The secret key, where there is one."""
        if not path.exists():
            return None
        with path.open("rb") as key:
            content = _described(key)
            self.add(KEY_FILE, key, content.size, deflate=False)
        return content


@contextmanager
def _opened(path: Path, files: Path) -> Iterator[tuple[BinaryIO, Content] | None]:
    """A blob, wherever it lies by now, and what is in it; None where the disk does not give it.

    One bad attachment must not cost the whole backup; once it is open, discarding it does no harm.
    """
    where = path if path.exists() else blobs.find(files, blobs.name_of(path))
    with ExitStack() as stack:
        try:
            file = stack.enter_context(where.open("rb")) if where else None
            content = _described(file) if file else None
        except OSError:
            file = content = None
        yield (file, content) if file and content else None


def _described(file: BinaryIO) -> Content:
    """Length and hash of an open file, which stands at its start again."""
    sha256 = durable.pour(file)
    size = file.tell()
    file.seek(0)
    return Content(size, sha256)


def _packs_well(file: BinaryIO, size: int) -> bool:
    """Whether packing is worth the time, judged by the beginning: pictures and office files are packed already."""
    if not 512 <= size <= _WORTH_PACKING:
        return False
    sample = file.read(64 * 1024)
    file.seek(0)
    return len(zlib.compress(sample, 1)) < len(sample) * 0.8
