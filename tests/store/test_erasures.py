"""The list of erasures outlives the database, power cuts and moves."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from smallcrm.store import erasures
from smallcrm.store.erasures import Erasure

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def test_since_a_moment(folder: Path) -> None:
    for day in range(4):
        erasures.note("customer", str(day), now=START + dt.timedelta(days=day))
    backups = folder / "backups"
    assert [each.key for each in erasures.since("", backups)] == ["0", "1", "2", "3"]
    assert [each.key for each in erasures.since("2026-01-02T00:00:00.000Z", backups)] == ["1", "2", "3"]
    assert erasures.since("", folder / "none") == []
    assert (backups / erasures.NAME).stat().st_mode & 0o777 == 0o600


def test_a_line_that_a_power_cut_left_open_costs_nothing_else(folder: Path) -> None:
    erasures.note("customer", "1", now=START)
    path = folder / "backups" / erasures.NAME
    path.write_bytes(path.read_bytes() + b'{"at": "2026-01-01T0')
    erasures.note("contact", "王", now=START)
    assert [each.key for each in erasures.since("", folder / "backups")] == ["王", "1"]


def test_merging_keeps_what_both_know(folder: Path, tmp_path: Path) -> None:
    erasures.note("customer", "1", now=START)
    second = tmp_path / "second"
    second.mkdir()
    erasures.merge(folder / "backups", second)
    erasures.note("customer", "2", now=START)
    with (second / erasures.NAME).open("a") as file:
        file.write('{"at": "2026-01-09T00:00:00.000Z", "kind": "contact", "key": "9"}\n')
    erasures.merge(folder / "backups", second)
    erasures.merge(folder / "backups", second)
    found = erasures.since("", second)
    assert [each.key for each in found] == ["1", "2", "9"]
    assert erasures.since("", second, folder / "backups") == found
    assert found[2] == Erasure("2026-01-09T00:00:00.000Z", "contact", "9")
