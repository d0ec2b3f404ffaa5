"""``backup`` and ``restore``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smallcrm.base import clock, formats
from smallcrm.base.errors import BadUsage
from smallcrm.base.i18n import L, _, ngettext
from smallcrm.commands.output import say, say_json, table
from smallcrm.commands.parsing import Commands
from smallcrm.config import Config, Loaded

if TYPE_CHECKING:
    from smallcrm.store.backups import Listed
    from smallcrm.store.snapshot import Report


def add(commands: Commands) -> None:
    """Both commands."""
    backup = commands.add(
        "backup",
        _("back up database and files while everybody goes on working; list or verify backups"),
        run_backup,
        acting=True,
        more=_(
            "smallcrm backup              into backups/ of the data folder, and the second folder where one is set\n"
            "smallcrm backup FILE         into that file\n"
            "smallcrm backup list         what there is\n"
            "smallcrm backup verify FILE  restore it into a temporary place and check it\n\n"
            "The passphrase of encrypted backups comes from the settings: SMALLCRM_BACKUP_PASSPHRASE_FILE."
        ),
    )
    backup.add_argument("what", nargs="*", metavar="FILE | list | verify FILE", help=_("see below"))
    restore = commands.add(
        "restore", _("bring a backup back; the data of now are kept beside it in replaced-…"), run_restore
    )
    restore.add_argument("file", metavar="FILE", help=_("the backup, or its name in backups/"))


def run_backup(args: argparse.Namespace, loaded: Loaded) -> int:
    """One of the four."""
    plain = not getattr(args, "json", False)
    match args.what:
        case ["list"]:
            return _list(loaded.config, plain)
        case ["verify", file]:
            return _verify(loaded.config, file, plain)
        case ["verify"]:
            raise BadUsage(L("Say which backup to verify. smallcrm backup list shows them."))
        case [] | [_]:
            return _make(loaded.config, args.what[0] if args.what else None, plain)
    raise BadUsage(L("One file at a time. See smallcrm backup --help."))


def _make(config: Config, target: str | None, plain: bool) -> int:
    from smallcrm import opening
    from smallcrm.store import backups, routine, snapshot

    with opening.database_only(config):
        opening.register(config)
        if target is None:
            outcome = routine.back_up(
                label="by command", passphrase=config.backup_passphrase, second=config.backup_second_folder
            )
            made, report = outcome.backup, outcome.report
            remarks = list(outcome.copied.words) if outcome.copied else []
        else:
            path = Path(target).absolute()
            folder, name = (path, None) if path.is_dir() else (path.parent, path.name)
            made = snapshot.take(folder, label="by command", encrypt_to=config.backup_passphrase or None, name=name)
            work = backups.folder_of(config.data_folder)
            report = snapshot.verify(made.path, config.backup_passphrase or None, work=work)
            remarks = []
    if plain:
        files = ngettext("%(n)s file", "%(n)s files", made.files)
        say(_("Backup: %(file)s (%(size)s, %(files)s)", file=made.path, size=formats.size(made.size), files=files))
        for line in [*report.words(), *map(str, remarks)]:
            say(line)
    else:
        say_json(
            {
                "file": str(made.path), "size": made.size, "sha256": made.sha256, "created_at": made.created_at,
                "files": made.files, "encrypted": made.encrypted, "ok": report.ok,
                "problems": [str(each) for each in report.problems],
                "remarks": [str(each) for each in (*report.remarks, *remarks)],
            }
        )  # fmt: skip
    return 0 if report.ok and not remarks else 1


def _list(config: Config, plain: bool) -> int:
    from smallcrm.store import backups

    found = backups.listing(backups.folder_of(config.data_folder))
    if not plain:
        say_json([_as_dict(one) for one in found])
    elif not found:
        say(_("There is no backup in %(folder)s.", folder=backups.folder_of(config.data_folder)))
    else:
        head = [_("File"), _("Made"), _("Size"), _("Checked"), _("Remarks")]
        table(head, [_line(one) for one in found])
    return 0


def _as_dict(one: Listed) -> dict[str, Any]:
    return {
        "file": str(one.path), "name": one.path.name, "size": one.size, "created_at": clock.iso(one.moment),
        "good": one.good, "checked_at": one.checked_at or None, "encrypted": one.encrypted, "version": one.version,
        "files": one.files, "words": [str(each) for each in one.words],
    }  # fmt: skip


def _line(one: Listed) -> list[str]:
    state = {None: _("not yet"), True: _("good"), False: _("NOT USABLE")}[one.good]
    words = [str(each) for each in one.words]
    if one.encrypted:
        words.insert(0, _("encrypted"))
    if one.plain:
        words.insert(0, _("before an update"))
    return [one.path.name, clock.iso(one.moment), formats.size(one.size), state, " ".join(words)]


def _verify(config: Config, file: str, plain: bool) -> int:
    from smallcrm.store import routine

    report = routine.check(_found(config, file), config.backup_passphrase or None, data=config.data_folder)
    if plain:
        for line in report.words():
            say(line)
    else:
        say_json(report_dict(report))
    return 0 if report.ok else 1


def report_dict(report: Report) -> dict[str, Any]:
    """A check's result for ``--json``."""
    return {
        "file": str(report.file), "ok": report.ok, "problems": [str(each) for each in report.problems],
        "remarks": [str(each) for each in report.remarks], "created_at": report.created_at or None,
        "version": report.version, "encrypted": report.encrypted, "rows": report.rows, "files": report.files,
    }  # fmt: skip


def _found(config: Config, file: str) -> Path:
    """The file, or the backup of that name. Raises BadUsage where there is none."""
    from smallcrm.store import backups

    for path in (Path(file).absolute(), backups.folder_of(config.data_folder) / file):
        if path.is_file():
            return path
    raise BadUsage(L("There is no file %(file)s. smallcrm backup list shows what there is.", file=file))


def run_restore(args: argparse.Namespace, loaded: Loaded) -> int:
    """Bring it back, then settle what follows from the schema."""
    from smallcrm import opening
    from smallcrm.store import durable, lock, snapshot

    config = loaded.config
    path = _found(config, args.file)
    opening.refuse_share(config.data_folder)
    with durable.disk_words():
        durable.make_folder(config.data_folder)
    with lock.holding(config.data_folder):
        opening.register(config)
        done = snapshot.restore(path, config.data_folder, passphrase=config.backup_passphrase or None, lock_held=True)
        with opening.held(config):
            opening.note_restored(path.name)
    if getattr(args, "json", False):
        say_json(
            {
                "file": str(path), "created_at": done.report.created_at, "rows": done.report.rows,
                "files": done.report.files, "replaced": str(done.replaced) if done.replaced else None,
                "migrated": list(done.migrated), "erased_again": done.erased_again,
            }
        )  # fmt: skip
        return 0
    say(_("Restored: the data of %(moment)s.", moment=formats.moment_full(done.report.created_at or None) or path.name))
    if done.replaced:
        say(_("What was there before lies in %(folder)s.", folder=done.replaced))
    say(_("Everybody signs in again. Mail that was waiting then is held back: look at it under Outbox."))
    return 0
