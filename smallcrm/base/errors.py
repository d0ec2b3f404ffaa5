"""The one family of errors. ``web/errors`` draws them as a page or as JSON, ``cli`` as one line and an exit code.

Every message is written for the person who reads it: what happened, what was kept, what to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

FieldErrors = Mapping[str, Sequence[str]]


class SmallcrmError(Exception):
    """Base of the family. ``status`` is the HTTP answer, ``exit_code`` the command line's."""

    status = 500
    exit_code = 1
    slug = "error"

    def __init__(self, message: object = "", **detail: Any) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail

    def __str__(self) -> str:
        return str(self.message)


class BadRequest(SmallcrmError):
    """The request itself makes no sense: an unknown filter field, an operator that does not exist."""

    status = 400
    slug = "bad-request"


class Unauthenticated(SmallcrmError):
    """Nobody is signed in, or the token is unknown."""

    status = 401
    slug = "unauthenticated"


class Forbidden(SmallcrmError):
    """The actor may see this but not do that."""

    status = 403
    slug = "forbidden"


class NotFound(SmallcrmError):
    """It does not exist, or it lies outside the actor's reach: the two look the same on purpose."""

    status = 404
    slug = "not-found"


class WrongState(SmallcrmError):
    """A verb the record's state does not allow; the message says from which states it is allowed."""

    status = 409
    slug = "wrong-state"


class Stale(SmallcrmError):
    """Somebody saved the record meanwhile. ``detail['record']`` is what stands there now."""

    status = 412
    slug = "stale"


class TooLarge(SmallcrmError):
    """More than the limit that the message names."""

    status = 413
    slug = "too-large"


class Invalid(SmallcrmError):
    """Values that cannot be kept, field by field. The key ``""`` holds what concerns the record as a whole."""

    status = 422
    slug = "invalid"

    def __init__(self, errors: FieldErrors, message: object = "") -> None:
        self.errors = {field: list(messages) for field, messages in errors.items()}
        super().__init__(message or next((m for found in self.errors.values() for m in found), ""))


class VersionNeeded(SmallcrmError):
    """A change without saying which version it is based on."""

    status = 428
    slug = "version-needed"


class TooMany(SmallcrmError):
    """Throttled. ``detail['after']`` is how many seconds to wait."""

    status = 429
    slug = "too-many"


class Busy(SmallcrmError):
    """The database could not take the write in time, or smallcrm is in maintenance."""

    status = 503
    slug = "busy"


class DiskFull(SmallcrmError):
    """No room on the disk. Reading goes on; nothing was written."""

    status = 507
    slug = "disk-full"


class TimedOut(SmallcrmError):
    """A reading that took longer than a page may take; the filter should be narrower."""

    status = 400
    slug = "too-slow"


class BadUsage(SmallcrmError):
    """The command line or the configuration is wrong."""

    exit_code = 2
    slug = "bad-usage"


class FolderInUse(SmallcrmError):
    """Another process holds the data folder."""

    exit_code = 3
    slug = "folder-in-use"


class Damaged(SmallcrmError):
    """The database is damaged, is not ours, or was written by a newer version."""

    status = 503
    exit_code = 4
    slug = "damaged"
