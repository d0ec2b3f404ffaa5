"""What the server's own settings say about backups: the second folder and the passphrase. Never shown, never kept here."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from smallcrm.config import Config


@dataclass(frozen=True)
class Means:
    """``passphrase`` empty: backups are not encrypted. ``second`` None: there is no second folder."""

    passphrase: str = field(default="", repr=False)
    second: Path | None = None


_means = Means()


def provide(config: Config) -> None:
    """Take them from the settings in force."""
    global _means
    _means = Means(config.backup_passphrase, config.backup_second_folder)


def now() -> Means:
    """Those in force."""
    return _means
