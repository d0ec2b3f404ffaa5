"""The list of backups and what is known of them: readable without a database, never believed against the files."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import pytest

from smallcrm.base.i18n import L
from smallcrm.store import backups
from smallcrm.store.backups import Run

NOON = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "data" / "backups"
    place.mkdir(parents=True)
    return place


def file(folder: Path, moment: dt.datetime, size: int = 100, **known: object) -> str:
    name = f"{moment:%Y%m%dT%H%M%SZ}-0.1.0.zip"
    (folder / name).write_bytes(b"x" * size)
    if known:
        backups.note(folder, name, size=size, **known)
    return name


def level(folder: Path, now: dt.datetime = NOON) -> tuple[str, str]:
    found = backups.health(folder.parent, now=now)
    return found.level, " ".join(map(str, found.words))


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("20261121T120000Z-0.1.0.zip", NOON),
        ("20261121T120000Z-0.1.0-2.zip", NOON),
        ("20261121T120000Z-1.0.0rc1+nas.zip.enc", NOON),
        ("20261399T120000Z-0.1.0.zip", None),
        ("20261121T120000Z-0.1.0.zip.exe", None),
        ("mine.zip", None),
        ("20261121T120000Z-../x.zip", None),
    ],
)
def test_names(name: str, moment: dt.datetime | None) -> None:
    assert backups.moment_of(name) == moment


def test_the_newest_come_first_and_unknown_ones_are_there(folder: Path) -> None:
    old = file(folder, NOON - dt.timedelta(days=2), good=True, version="0.1.0", sha256="ab", files=3, label="nightly")
    new = file(folder, NOON)
    (folder / "before-0.1.0-20261120T000000Z.db").write_bytes(b"x")
    (folder / ".draft-0123").write_bytes(b"x")
    found = [one for one in backups.listing(folder) if not one.plain]
    assert [one.path.name for one in found] == [new, old]
    assert (found[0].good, found[1].good) == (None, True)
    assert (found[1].version, found[1].sha256, found[1].files, found[1].label) == ("0.1.0", "ab", 3, "nightly")
    assert [one.plain for one in backups.listing(folder)].count(True) == 1
    assert backups.listing(folder / "none") == []


def test_what_was_known_is_not_believed_of_another_file(folder: Path) -> None:
    name = file(folder, NOON, good=True)
    (folder / name).write_bytes(b"cut")
    assert backups.listing(folder)[0].good is None


@pytest.mark.parametrize("content", [b"", b"half {", b"[]", b'{"backups": 3}', b"\xff\xfe"])
def test_a_lost_ledger_costs_only_what_was_known(folder: Path, content: bytes) -> None:
    name = file(folder, NOON, good=True)
    (folder / backups.LEDGER).write_bytes(content)
    assert backups.listing(folder)[0].good is None
    backups.note(folder, name, size=100, good=True)
    assert backups.listing(folder)[0].good is True


def test_facts_about_files_that_are_gone_are_dropped(folder: Path) -> None:
    name = file(folder, NOON, good=True)
    (folder / name).unlink()
    backups.note_run(folder, Run("2026-11-21T12:00:00.000Z", True))
    assert name not in (folder / backups.LEDGER).read_text()


def test_words_come_back_untranslated(folder: Path) -> None:
    inner = L("The disk is full. Nothing was changed.")
    words = (L("The last attempt to back up failed. %(why)s", why=inner), L("%(n)s rows", n=3))
    backups.note_run(folder, Run("2026-11-21T12:00:00.000Z", False, words))
    found = backups.runs(folder)[0].words
    assert found == words
    assert [str(word) for word in found] == [str(word) for word in words]
    assert found[0].values["why"] == inner


def test_many_write_at_once(folder: Path) -> None:
    names = [file(folder, NOON - dt.timedelta(minutes=number)) for number in range(12)]
    threads = [
        threading.Thread(target=backups.note, args=(folder, name), kwargs={"size": 100, "good": True}) for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(one.good for one in backups.listing(folder))


def test_only_the_last_runs_are_kept(folder: Path) -> None:
    for number in range(50):
        backups.note_run(folder, Run(f"{number:04}", True))
    assert [run.at for run in backups.runs(folder)][:2] == ["0049", "0048"]
    assert len(backups.runs(folder)) == 20


def test_the_last_good_one(folder: Path) -> None:
    assert backups.last_good(folder.parent) is None
    unchecked = file(folder, NOON)
    assert backups.last_good(folder.parent).path.name == unchecked  # type: ignore[union-attr]
    good = file(folder, NOON - dt.timedelta(days=3), good=True)
    file(folder, NOON - dt.timedelta(days=1), good=False)
    assert backups.last_good(folder.parent).path.name == good  # type: ignore[union-attr]


# ---------------------------------------------------------------- health


def test_none_at_all(folder: Path) -> None:
    assert level(folder) == ("bad", "There is no backup yet.")
    assert backups.health(folder.parent / "elsewhere", now=NOON).level == "bad"


def test_green(folder: Path) -> None:
    file(folder, NOON - dt.timedelta(hours=30), good=True)
    found = level(folder)
    assert found[0] == "ok"
    assert "20 Nov 2026 06:00" in found[1]


def test_too_old(folder: Path) -> None:
    file(folder, NOON - dt.timedelta(hours=37), good=True)
    assert level(folder)[0] == "bad"
    assert "too long ago" in level(folder)[1]
    assert backups.health(folder.parent, now=NOON, oldest=dt.timedelta(days=2)).level == "ok"


def test_never_checked(folder: Path) -> None:
    file(folder, NOON)
    assert "checked" in level(folder)[1]


def test_red(folder: Path) -> None:
    file(folder, NOON - dt.timedelta(hours=12), good=True)
    file(folder, NOON, good=False)
    assert level(folder)[0] == "bad"
    assert "not usable" in level(folder)[1]


def test_much_smaller_than_the_one_before(folder: Path) -> None:
    file(folder, NOON - dt.timedelta(days=1), 5000, good=True)
    file(folder, NOON, 2400, good=True)
    assert level(folder)[0] == "warn"
    assert "much smaller" in level(folder)[1]
    file(folder, NOON, 2500, good=True)
    assert level(folder)[0] == "ok"


def test_a_failed_run(folder: Path) -> None:
    file(folder, NOON, good=True)
    backups.note_run(folder, Run("x", False, (L("The disk is full. Nothing was changed."),)))
    assert level(folder) == ("bad", "The last attempt to back up failed. The disk is full. Nothing was changed.")
    backups.note_run(
        folder, Run("y", True, (L("The second folder %(folder)s is not there. No copy was made.", folder="/x"),))
    )
    assert level(folder)[0] == "warn"
    backups.note_run(folder, Run("z", True))
    assert level(folder)[0] == "ok"
