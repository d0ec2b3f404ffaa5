"""A file that only a passphrase opens: AES-256-GCM in pieces, the key out of the passphrase by scrypt.

    header   magic 8 · log2 n, r, p of scrypt 3 · piece size 4 · salt 16 · nonce prefix 7 · key check 16
    pieces   each sealed on its own, the header as associated data; nonce = prefix + number of the piece 4 + last? 1

A piece cannot be changed, moved, left out or added without being noticed; that the last one is missing shows at once.
Reading jumps to any place, so a zip inside is read without writing it out in the clear first.
"""

from __future__ import annotations

import io
import os
import struct
import unicodedata
from collections.abc import Callable
from typing import BinaryIO

from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import _

MAGIC = b"smcrseal"
_HEADER = struct.Struct(">8sBBBI16s7s16s")
_TAG = 16
_PIECE = 64 * 1024
_R = 8
COST = (15, 3)  # log2 n and p: 32 MB and some tenths of a second


class SealBroken(Exception):
    """A piece is not what was sealed, or one is missing."""


def is_sealed(start: bytes) -> bool:
    """Whether a file that begins so is one of these."""
    return start.startswith(MAGIC)


def _derive(passphrase: str, salt: bytes, log_n: int, r: int, p: int) -> tuple[bytes, bytes]:
    """The key (32 octets) and the value by which a wrong passphrase is told from a damaged file (16)."""
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    typed = unicodedata.normalize("NFKC", passphrase)  # keyboards differ in how they write an accent
    both = Scrypt(salt=salt, length=48, n=1 << log_n, r=r, p=p).derive(typed.encode())
    return both[:32], both[32:]


class Sealer:
    """Takes what is written and hands sealed pieces to ``into``. ``finish`` writes the last one."""

    def __init__(self, into: Callable[[bytes], object], passphrase: str, cost: tuple[int, int] = COST) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        salt, self._prefix = os.urandom(16), os.urandom(7)
        log_n, p = cost
        key, check = _derive(passphrase, salt, log_n, _R, p)
        self._header = _HEADER.pack(MAGIC, log_n, _R, p, _PIECE, salt, self._prefix, check)
        self._cipher = AESGCM(key)
        self._into = into
        self._number = 0
        self._waiting = bytearray()
        into(self._header)

    def write(self, data: bytes) -> int:
        """All of ``data``; sealed as soon as it is clear that more follows."""
        self._waiting += data
        while len(self._waiting) > _PIECE:
            self._seal(bytes(self._waiting[:_PIECE]), last=False)
            del self._waiting[:_PIECE]
        return len(data)

    def flush(self) -> None:
        """A piece is only written when it is full or the last."""

    def finish(self) -> None:
        """Seal what is left."""
        self._seal(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _seal(self, piece: bytes, *, last: bool) -> None:
        self._into(self._cipher.encrypt(_nonce(self._prefix, self._number, last), piece, self._header))
        self._number += 1


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + struct.pack(">I?", number, last)


class Unsealed(io.RawIOBase):
    """The clear content of a sealed file, to be read at any place. Raises SealBroken where it was tampered with."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        super().__init__()
        self._file = file
        self._header = file.read(_HEADER.size)
        key, self._prefix, self._piece = _open_header(self._header, passphrase)
        self._cipher = AESGCM(key)
        body = file.seek(0, io.SEEK_END) - _HEADER.size
        self._pieces = max(1, -(-body // (self._piece + _TAG)))
        self._size = body - self._pieces * _TAG
        if self._size < 0:
            raise SealBroken("the last piece is cut short")
        self._at = 0
        self._held: tuple[int, bytes] = (-1, b"")
        self._read_piece(self._pieces - 1)  # fails at once when the end is missing

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As for any file."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError("before the start")
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        """As for any file."""
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """The rest of the piece that the position lies in, or as much of it as fits."""
        if self._at >= self._size or not len(buffer):
            return 0
        number, start = divmod(self._at, self._piece)
        part = self._read_piece(number)[start : start + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _read_piece(self, number: int) -> bytes:
        from cryptography.exceptions import InvalidTag

        if self._held[0] != number:
            self._file.seek(_HEADER.size + number * (self._piece + _TAG))
            sealed = self._file.read(self._piece + _TAG)
            nonce = _nonce(self._prefix, number, number == self._pieces - 1)
            try:
                self._held = (number, self._cipher.decrypt(nonce, sealed, self._header))
            except InvalidTag:
                raise SealBroken(f"piece {number} is not what was sealed") from None
        return self._held[1]


def _open_header(header: bytes, passphrase: str) -> tuple[bytes, bytes, int]:
    """Key, nonce prefix and piece size. Raises Invalid for a wrong passphrase, SealBroken for a header not ours."""
    if len(header) < _HEADER.size:
        raise SealBroken("the header is cut short")
    magic, log_n, r, p, piece, salt, prefix, check = _HEADER.unpack(header)
    plausible = magic == MAGIC and 10 <= log_n <= 18 and r == _R and 1 <= p <= 8 and 1024 <= piece <= 1 << 24
    if not plausible:  # a forged header must not make us fill the memory
        raise SealBroken("the header is not one of ours")
    key, found = _derive(passphrase, salt, log_n, r, p)
    if found != check:
        raise Invalid({"passphrase": [_("This passphrase does not open the backup. Nothing was changed.")]})
    return key, prefix, piece
