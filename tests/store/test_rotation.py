"""Seven days, four weeks, six months; never the newest, never before it is known to be good. And the second folder."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm.base import clock
from smallcrm.store import backups, erasures, rotation, snapshot
from smallcrm.store.rotation import Dated, plan
from tests.store.conftest import Company

NOON = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)
MOMENT = st.datetimes(dt.datetime(2024, 1, 1), dt.datetime(2026, 12, 31)).map(lambda m: m.replace(tzinfo=dt.UTC))
FOUND = st.lists(st.tuples(MOMENT, st.sampled_from([True, True, True, False, None])), max_size=60).map(
    lambda rows: [Dated(Path(str(number)), moment, good) for number, (moment, good) in enumerate(rows)]
)


def nightly(nights: int, last: dt.datetime = NOON) -> list[Dated]:
    return [Dated(Path(str(number)), last - dt.timedelta(days=number), True) for number in range(nights)]


def days(kept: tuple[Path, ...]) -> list[int]:
    return [int(str(path)) for path in kept]


def test_a_year_of_nights() -> None:
    kept = days(plan(nightly(365), NOON).keep)
    # Saturday 21 November: seven days; the Sundays that ended the three weeks before; the ends of five months before
    assert kept == [0, 1, 2, 3, 4, 5, 6, 13, 20, 21, 52, 82, 113, 144]


def test_a_summer_switched_off() -> None:
    """Days on which there is a backup count, not days gone by."""
    before = [Dated(Path(str(n)), NOON - dt.timedelta(days=100 + n), True) for n in range(7)]
    kept = plan([Dated(Path("99"), NOON, True), *before], NOON).keep
    assert days(kept) == [99, 0, 1, 2, 3, 4, 5, *([6] if Path("6") in kept else [])]


def test_the_newest_of_a_day_stands_for_it() -> None:
    hours = [Dated(Path(str(n)), NOON - dt.timedelta(hours=n), True) for n in range(10)]
    assert days(plan(hours, NOON).keep) == [0]


def test_days_are_the_businesss() -> None:
    late, early = dt.datetime(2026, 11, 20, 15, 30, tzinfo=dt.UTC), dt.datetime(2026, 11, 20, 16, 30, tzinfo=dt.UTC)
    found = [Dated(Path("1"), late, True), Dated(Path("0"), early, True)]
    assert days(plan(found, NOON).keep) == [0]
    clock.set_business_zone("Asia/Shanghai")  # there the one is of the 20th, the other of the 21st
    try:
        assert days(plan(found, NOON).keep) == [0, 1]
    finally:
        clock.set_business_zone("UTC")


@given(FOUND)
def test_what_always_holds(found: list[Dated]) -> None:
    result = plan(found, NOON)
    ordered = sorted(found, key=lambda one: one.moment, reverse=True)
    assert sorted(result.keep + result.delete) == sorted(one.path for one in found)
    if ordered:
        assert ordered[0].path in result.keep
    if not ordered or not ordered[0].good:
        assert result.delete == ()
    good = [one for one in ordered if one.good]
    if good:
        assert good[0].path in result.keep
    kept_days = {clock.day_of(one.moment) for one in good if one.path in result.keep}
    wanted = sorted({clock.day_of(one.moment) for one in good}, reverse=True)[:7]
    assert set(wanted) <= kept_days
    if good and good[0] is ordered[0]:
        assert len([one for one in good if one.path in result.keep]) <= 7 + 4 + 6


@given(FOUND)
def test_thinning_out_again_deletes_nothing_more(found: list[Dated]) -> None:
    kept = set(plan(found, NOON).keep)
    again = plan([one for one in found if one.path in kept], NOON)
    assert again.delete == ()


@given(FOUND, st.randoms())
def test_the_order_of_the_question_does_not_matter(found: list[Dated], chance: object) -> None:
    shuffled = sorted(found, key=lambda one: hashlib.md5(str(one.path).encode()).digest())
    distinct = {one.moment for one in found}
    if len(distinct) == len(found):
        assert plan(found, NOON) == plan(shuffled, NOON)


def test_red_ones_do_not_push_good_ones_out() -> None:
    found = [Dated(Path("0"), NOON, True)]
    found += [Dated(Path(str(n)), NOON - dt.timedelta(hours=n), False) for n in (1, 2)]
    found += [Dated(Path("3"), NOON - dt.timedelta(days=30), None), Dated(Path("4"), NOON - dt.timedelta(days=1), True)]
    assert days(plan(found, NOON).keep) == [
        0,
        1,
        2,
        4,
    ]  # fresh red ones stay to be looked at, an old unchecked one goes


# ---------------------------------------------------------------- in a folder


def file(folder: Path, name: str, *, good: bool | None = True) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(name.encode())
    if good is not None:
        backups.note(folder, name, size=path.stat().st_size, good=good)
    return path


def test_only_our_own_are_deleted(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    for number in range(20):
        file(folder, f"{NOON - dt.timedelta(hours=number):%Y%m%dT%H%M%SZ}-0.1.0.zip")
    others = [
        file(folder, name) for name in ("mine.zip", "20260101T000000Z.zip", "before-0.1.0-20260101T000000Z.db", "x.txt")
    ]
    gone = rotation.prune(folder, NOON)
    assert len(gone) == 18
    assert not any(path.exists() for path in gone)
    assert all(path.exists() for path in others)
    assert {one.path.name for one in backups.listing(folder) if one.ours} == {
        "20261121T120000Z-0.1.0.zip",
        "20261120T230000Z-0.1.0.zip",
    }


def test_nothing_is_deleted_before_the_newest_was_checked(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    for number in range(9):
        file(
            folder, f"{NOON - dt.timedelta(hours=number):%Y%m%dT%H%M%SZ}-0.1.0.zip", good=None if number == 0 else True
        )
    assert rotation.prune(folder, NOON) == []


# ---------------------------------------------------------------- the second folder


@pytest.fixture
def second(tmp_path: Path) -> Path:
    folder = tmp_path / "second"
    folder.mkdir()
    return folder


def copy(company: Company, second: Path, now: dt.datetime = NOON) -> rotation.Copied:
    backup = snapshot.take(company.backups, now=now)
    return rotation.copy_to(second, backup.path, backup.sha256, now)


def test_a_copy_is_the_same_and_takes_the_erasures_along(company: Company, second: Path) -> None:
    erasures.note("customer", "1")
    done = copy(company, second)
    assert done.ok
    names = {path.name for path in second.iterdir()}
    assert names == {"20261121T120000Z-0.1.0.zip", erasures.NAME}
    path = second / "20261121T120000Z-0.1.0.zip"
    assert path.read_bytes() == (company.backups / path.name).read_bytes()
    assert snapshot.verify(path).ok


def test_a_missing_second_folder_is_said_and_not_made(company: Company, tmp_path: Path) -> None:
    done = copy(company, tmp_path / "unplugged")
    assert not done.ok
    assert "is not there" in str(done.words[0])
    assert not (tmp_path / "unplugged").exists()


def test_the_folder_itself_is_no_second_one(company: Company, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(company.backups)
    assert not copy(company, tmp_path / "alias").ok


def test_a_full_second_disk_is_said(company: Company, small_disk: Path) -> None:
    company.attach(os.urandom(9_000_000))
    done = copy(company, small_disk)
    assert not done.ok
    assert "full" in str(done.words[0])
    assert list(small_disk.iterdir()) == []


def test_a_file_of_that_name_that_is_not_ours_stays(company: Company, second: Path) -> None:
    (second / "20261121T120000Z-0.1.0.zip").write_bytes(b"of another smallcrm")
    done = copy(company, second)
    assert not done.ok
    assert (second / "20261121T120000Z-0.1.0.zip").read_bytes() == b"of another smallcrm"


def test_copies_are_thinned_out_and_those_of_others_are_not(company: Company, second: Path) -> None:
    strange = second / "20250101T000000Z-0.1.0.zip"
    strange.write_bytes(b"of another smallcrm")
    for number in range(9):
        assert copy(company, second, NOON - dt.timedelta(hours=8 - number)).ok
    assert {path.name for path in second.iterdir()} == {"20261121T120000Z-0.1.0.zip", strange.name}
    assert set(backups.copies(company.backups)) == {"20261121T120000Z-0.1.0.zip"}


def test_copying_again_changes_nothing(company: Company, second: Path) -> None:
    backup = snapshot.take(company.backups, now=NOON)
    assert rotation.copy_to(second, backup.path, backup.sha256, NOON).ok
    before = (second / backup.path.name).stat().st_mtime_ns
    assert rotation.copy_to(second, backup.path, backup.sha256, NOON).ok
    assert (second / backup.path.name).stat().st_mtime_ns == before


def test_a_source_that_rots_meanwhile_makes_no_copy(company: Company, second: Path) -> None:
    backup = snapshot.take(company.backups, now=NOON)
    content = bytearray(backup.path.read_bytes())
    content[100] ^= 1
    backup.path.write_bytes(content)
    assert not rotation.copy_to(second, backup.path, backup.sha256, NOON).ok
    assert list(second.iterdir()) == []
