"""The second factor: six digits from a phone (RFC 6238), each good once and one step early or late; recovery codes.

The seed is sealed; a recovery code is kept as a signature under the installation's key.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

import pyotp

from smallcrm import store
from smallcrm.base import clock, ids
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.identity import key, seal

STEP = 30  # seconds
DRIFT = 1  # steps a phone's clock may be off
RECOVERY = 10  # codes
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def on(user_id: int) -> bool:
    """Whether the user has a second factor."""
    return bool(store.value("SELECT 1 FROM credential WHERE user = ? AND totp_secret IS NOT NULL", [user_id]))


def new_secret() -> str:
    """A seed that is nobody's yet (160 bits, base32)."""
    return pyotp.random_base32()


def address(secret: str, *, name: str, issuer: str) -> str:
    """What the QR code says."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def picture(text: str) -> str:
    """``text`` as a QR code: an SVG element that needs no style."""
    import segno

    code = segno.make(text, error="m", micro=False)
    return str(
        code.svg_inline(scale=4, border=3, light="#fff", dark="#000", svgclass="qr", lineclass=None, omitsize=False)
    )


def _steps() -> range:
    now = int(clock.now().timestamp()) // STEP
    return range(now - DRIFT, now + DRIFT + 1)


def _step_of(secret: str, code: str) -> int | None:
    """The time step whose code this is, within the drift; every step is compared, whatever fits."""
    made = pyotp.TOTP(secret)
    fitting = [step for step in _steps() if ids.same(made.at(step * STEP), code)]
    return fitting[-1] if fitting else None


def plain(code: str) -> str:
    """What was typed, without spaces and dashes."""
    return "".join(char for char in code.upper() if char.isalnum() and char.isascii())


def enable(user_id: int, secret: str, code: str) -> list[str]:
    """Switch it on with a seed the user has just shown to hold; the recovery codes, readable only now. Raises Invalid."""
    step = _step_of(secret, plain(code))
    if step is None:
        raise Invalid({"code": [str(L("This code does not fit. Check that the phone's clock is right."))]})
    sealed = seal.seal(secret, _purpose(user_id))
    codes, kept = _fresh(user_id)
    with store.writing():
        store.run(
            "INSERT INTO credential (user, must_change, totp_secret, totp_step, recovery) VALUES (?, 0, ?, ?, ?)"
            " ON CONFLICT (user) DO UPDATE SET totp_secret = excluded.totp_secret, totp_step = excluded.totp_step,"
            " recovery = excluded.recovery",
            [user_id, sealed, step, kept],
        )
    return codes


def disable(user_id: int) -> None:
    """Switch it off. Whoever asks has proved who they are."""
    with store.writing():
        store.run(
            "UPDATE credential SET totp_secret = NULL, totp_step = NULL, recovery = NULL WHERE user = ?", [user_id]
        )


def renew_recovery(user_id: int) -> list[str]:
    """New recovery codes, readable only now; the old ones are dead."""
    codes, kept = _fresh(user_id)
    with store.writing():
        store.run("UPDATE credential SET recovery = ? WHERE user = ? AND totp_secret IS NOT NULL", [kept, user_id])
    return codes


def recovery_left(user_id: int) -> int:
    """How many recovery codes are unused."""
    return len(json.loads(store.value("SELECT recovery FROM credential WHERE user = ?", [user_id]) or "[]"))


def verify(user_id: int, typed: str) -> str | None:
    """``code`` or ``recovery`` when what was typed is right, and never again after; None when it is wrong."""
    row = store.row("SELECT totp_secret, totp_step, recovery FROM credential WHERE user = ?", [user_id])
    if row is None or not row[0]:
        return None
    code = plain(typed)
    if len(code) == 6 and code.isdigit():
        return "code" if _spend_step(user_id, seal.unseal(row[0], _purpose(user_id)), code) else None
    return "recovery" if _spend_recovery(user_id, code) else None


def _spend_step(user_id: int, secret: str, code: str) -> bool:
    step = _step_of(secret, code)
    if step is None:
        return False
    with store.writing():
        sql = "UPDATE credential SET totp_step = ? WHERE user = ? AND (totp_step IS NULL OR totp_step < ?)"
        return store.run(sql, [step, user_id, step]) == 1


def _spend_recovery(user_id: int, code: str) -> bool:
    mine = _signed(user_id, code)
    with store.writing():
        held: list[Any] = json.loads(store.value("SELECT recovery FROM credential WHERE user = ?", [user_id]) or "[]")
        left = [each for each in held if not ids.same(each, mine)]
        if len(left) == len(held):
            return False
        store.run("UPDATE credential SET recovery = ? WHERE user = ?", [json.dumps(left), user_id])
    return True


def _fresh(user_id: int) -> tuple[list[str], str]:
    """New recovery codes as shown, and as kept."""
    raw = ["".join(secrets.choice(_ALPHABET) for _ in range(12)) for _ in range(RECOVERY)]
    kept = json.dumps([_signed(user_id, code) for code in raw])
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in raw], kept


def _signed(user_id: int, code: str) -> str:
    return ids.sign(key.secret(), "recovery", f"{user_id} {code}")


def _purpose(user_id: int) -> str:
    return f"totp {user_id}"
