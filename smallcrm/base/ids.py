"""Opaque names that cannot be guessed, and ids and counts as they come in from outside."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable


def token(bytes_: int = 32) -> str:
    """A fresh URL-safe token of ``bytes_`` random bytes (at least 16, which is 128 bits)."""
    return secrets.token_urlsafe(max(16, bytes_))


def digest(text: str) -> str:
    """How a token is kept: SHA-256 in hex. A token has enough randomness of its own to need no salt."""
    return hashlib.sha256(text.encode()).hexdigest()


def sign(key: bytes, purpose: str, text: str) -> str:
    """HMAC-SHA256 of ``text`` in hex, bound to a purpose so that one kind of link never opens another."""
    return hmac.new(key, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()


def same(left: str, right: str) -> bool:
    """Whether the two are equal, in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def short_code() -> str:
    """Ten characters a person can read from one screen and type into another (about 49 bits)."""
    alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    raw = "".join(secrets.choice(alphabet) for _ in range(10))
    return f"{raw[:5]}-{raw[5:]}"


def number(text: str) -> int | None:
    """A record's id out of an address or a form; None for whatever else stands there."""
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 13 else None


def whole(text: str) -> int | None:
    """A whole number of at most eleven digits, perhaps below zero; None for whatever else stands there."""
    return int(text) if re.fullmatch(r"-?[0-9]{1,11}", text) else None


def numbers(texts: Iterable[str]) -> list[int]:
    """The ids among ``texts``, in their order."""
    return [found for text in texts if (found := number(text)) is not None]
