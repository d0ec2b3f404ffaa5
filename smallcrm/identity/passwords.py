"""Passwords: scrypt hashes and the few rules that matter. Length counts, composition does not."""

from __future__ import annotations

import re

import peewee
from werkzeug.security import check_password_hash, generate_password_hash

from smallcrm import store
from smallcrm.base import clock
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.base.text import fold
from smallcrm.identity import onetime

LEAST, MOST = 10, 200
_COMMON = [
    "password",
    "passw0rd",
    "qwerty",
    "qwertz",
    "azerty",
    "letmein",
    "welcome",
    "iloveyou",
    "admin",
    "administrator",
    "login",
    "monkey",
    "dragon",
    "football",
    "baseball",
    "superman",
    "batman",
    "master",
    "hello",
    "freedom",
    "whatever",
    "trustno1",
    "sunshine",
    "princess",
    "shadow",
    "michael",
    "jennifer",
    "woaini",
    "mima",
    "mimamima",
    "kodikos",
    "changeme",
    "secret",
    "default",
    "smallcrm",
]
_WALKS = ("1234567890", "0987654321", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz", "1q2w3e4r5t")


class Credential(store.Table):
    """What a user signs in with. Secrets stand here and nowhere in the user's record."""

    user = peewee.IntegerField(primary_key=True)
    password_hash = peewee.TextField(null=True)
    must_change = peewee.BooleanField(default=False)
    changed_at = peewee.TextField(null=True)
    totp_secret = peewee.TextField(null=True)  # sealed
    totp_step = peewee.IntegerField(null=True)  # the last time step used: a code works once
    recovery = peewee.TextField(null=True)  # JSON list of hashes

    class Meta:
        table_name = "credential"


# The hash of a password that nobody knows, made as all others are: for those who do not exist it is compared with.
_NOBODY = (
    "scrypt:32768:8:1$6F0xKXoCFg7tWJ1q$"
    "97e77007c127581842921f06b87c84b0d45af6bde56bc88bb543d4aa421d3c1a04dc9a6f8691123f3bf7cdd58f4713536c13861abe27d9feba552fd8c2848819"
)


def check(user_id: int | None, password: str) -> bool:
    """Whether this is the user's password. Takes as long for a user that does not exist or has none."""
    sql = "SELECT password_hash FROM credential WHERE user = ?"
    kept = store.value(sql, [user_id or 0])
    fits = check_password_hash(kept or _NOBODY, password[: MOST * 4])
    return bool(kept) and fits


def refuse_weak(password: str, *, about: tuple[str, ...] = ()) -> None:
    """Raise Invalid for a password somebody would guess. ``about``: name, address, company."""
    plain = fold(password)
    guessed = {*_COMMON, *(word for text in about for word in _words(text))}
    problem = None
    if len(password) < LEAST:
        problem = L("At least %(n)s characters. Several words in a row are good.", n=LEAST)
    elif len(password) > MOST:
        problem = L("At most %(n)s characters.", n=MOST)
    elif len(set(plain)) < 5 or _walks(plain):
        problem = L("This is a pattern on the keyboard. Choose something nobody would guess.")
    elif _letters(plain) in guessed or _letters(plain).strip("0123456789") in guessed:
        problem = L("This is among the first that anybody would guess.")
    if problem is not None:
        raise Invalid({"password": [str(problem)]})


def _letters(text: str) -> str:
    """The letters and digits of a text, without what stands between them."""
    return re.sub(r"[\W_]", "", fold(text))


def _words(text: str) -> set[str]:
    """What a name or address would lead a guesser to try: its parts, all of them joined, what stands before the @."""
    parts = {*re.split(r"[\W_]+", fold(text)), _letters(text), _letters(text.partition("@")[0])}
    return {part for part in parts if len(part) > 3}


def _walks(plain: str) -> bool:
    """Whether most of it is a run along the keyboard or alphabet."""
    longest = 0
    for walk in _WALKS:
        for start in range(len(plain)):
            size = 0
            while start + size < len(plain) and plain[start : start + size + 1] in walk:
                size += 1
            longest = max(longest, size)
    return longest >= 6 and longest * 3 >= len(plain) * 2


def hashed(password: str) -> str:
    """The hash to keep; slow on purpose, so never inside ``store.writing``."""
    return generate_password_hash(password)


def keep(user_id: int, password_hash: str, *, must_change: bool = False) -> None:
    """Set a user's password from its hash; links that would set one are dead. Inside or outside ``writing``."""
    with store.writing():
        store.run(
            "INSERT INTO credential (user, password_hash, must_change, changed_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (user) DO UPDATE SET password_hash = excluded.password_hash,"
            " must_change = excluded.must_change, changed_at = excluded.changed_at",
            [user_id, password_hash, int(must_change), clock.stamp()],
        )
        onetime.drop(user_id)


def has_one(user_id: int) -> bool:
    """Whether the user has a password at all."""
    return bool(store.value("SELECT 1 FROM credential WHERE user = ? AND password_hash IS NOT NULL", [user_id]))


def changed_at(user_id: int) -> str:
    """When the password was set; empty where there is none."""
    return str(store.value("SELECT changed_at FROM credential WHERE user = ?", [user_id]) or "")


def must_change(user_id: int) -> bool:
    """Whether the user has to choose a password of their own first."""
    return bool(store.value("SELECT must_change FROM credential WHERE user = ?", [user_id]))
