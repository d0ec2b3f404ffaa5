"""Secrets that must be read again (mail passwords, second factors): AES-GCM under the installation's key.

A sealed text opens only for the purpose it was sealed for, so a value copied from one place to another is refused.
"""

from __future__ import annotations

import base64
import os
from functools import lru_cache

from smallcrm.base.errors import Damaged
from smallcrm.base.i18n import L
from smallcrm.identity import key

_FORM = "s1:"  # how it is sealed, should that ever change
_NONCE = 12


@lru_cache(maxsize=16)
def _derived(secret: bytes, purpose: str) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"smallcrm seal {purpose}".encode()).derive(secret)


def seal(text: str, purpose: str) -> str:
    """``text`` as it may be kept."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE)
    sealed = AESGCM(_derived(key.secret(), purpose)).encrypt(nonce, text.encode(), purpose.encode())
    return _FORM + base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(sealed: str, purpose: str) -> str:
    """What ``seal`` was given. Raises Damaged where key, purpose or text are not those of then."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        if not sealed.startswith(_FORM):
            raise ValueError
        raw = base64.urlsafe_b64decode(sealed[len(_FORM) :])
        return AESGCM(_derived(key.secret(), purpose)).decrypt(raw[:_NONCE], raw[_NONCE:], purpose.encode()).decode()
    except (ValueError, InvalidTag):
        raise Damaged(L("A kept secret cannot be read with this secret.key. Type it in anew.")) from None
