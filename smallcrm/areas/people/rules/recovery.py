"""An owner who forgot the password and has nobody to ask: a file in the data folder proves that the machine is theirs.

An empty file ``reset-owner`` beside the database makes smallcrm write a code into ``reset-owner-code.txt`` (0600); the
page /forgot asks for it. It works for an hour and once; both files go away with it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from smallcrm import store
from smallcrm.areas.people import roles, signing
from smallcrm.areas.people.records import User
from smallcrm.areas.people.rules import users
from smallcrm.base import clock, ids
from smallcrm.base.errors import Invalid, NotFound
from smallcrm.base.i18n import L
from smallcrm.identity import throttle, totp
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, audit
from smallcrm.records.record import values

ASKED, CODE = "reset-owner", "reset-owner-code.txt"
LASTS = 3600  # seconds


def write_private(path: Path, text: str) -> None:
    """A file that only its owner reads, written whole."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)


def same_code(typed: str, code: str) -> bool:
    """Whether a code was typed as it stands, dashes, spaces and case aside."""
    plain = re.compile(r"[^0-9A-Z]")
    return bool(code) and ids.same(plain.sub("", typed.upper()[:100]), plain.sub("", code.upper()))


def asked() -> bool:
    """Whether somebody with access to the data folder asks; if so a code lies there for them."""
    folder = store.folder()
    if not any((folder / name).exists() for name in (ASKED, f"{ASKED}.txt")):
        return False
    if not _code():
        write_private(folder / CODE, f"{ids.short_code()}\n")
    return True


def _code() -> str:
    """The code that lies there and is not too old."""
    path = store.folder() / CODE
    try:
        if clock.now().timestamp() - path.stat().st_mtime > LASTS:
            return ""
        return path.read_text("utf-8").strip()
    except OSError:
        return ""


def recover(*, code: str, email: str, password: str, address: str) -> int:
    """A new password for an owner, and no second step; the owner's id. Raises Invalid, NotFound, TooMany."""
    if not asked():
        raise NotFound(L("There is nothing here, or you may not see it."))
    with throttle.attempt("setup", account="reset-owner", address=address) as attempt:
        if not same_code(code, _code()):
            raise Invalid({"code": [str(L("This is not the code that stands in %(file)s.", file=CODE))]})
        attempt.good()
    owner = access.find(SYSTEM, User, _owner(email))
    held = values(owner)
    hashed = users.hash_of(password, held.get("name"), held.get("email"))
    with store.writing():
        totp.disable(int(owner.id))
        users.keep_password(signing.as_user(int(owner.id)), int(owner.id), hashed, how="file")
        audit.log(SYSTEM, "owner recovered", record_type="user", record=int(owner.id))
    for name in (ASKED, f"{ASKED}.txt", CODE):
        (store.folder() / name).unlink(missing_ok=True)
    return int(owner.id)


def _owner(email: str) -> int:
    """The owner meant: the only one, or the one of that address."""
    every = roles.owners()
    wanted = signing.by_email(email) if email.strip() else None
    if wanted in every and wanted is not None:
        return wanted
    if not email.strip() and len(every) == 1:
        return min(every)
    known = [str(row[0]) for row in store.rows(
        'SELECT email FROM "user" WHERE id IN (SELECT value FROM json_each(?)) AND email IS NOT NULL ORDER BY id',
        [store.json_list(every)],
    )]  # fmt: skip
    raise Invalid({"email": [str(L("Owners here: %(known)s.", known=", ".join(known)))]})
