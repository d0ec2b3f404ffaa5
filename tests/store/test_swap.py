"""The exchange of a data folder: refused where it cannot be whole, finished by whoever comes next."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from smallcrm.base.errors import Damaged
from smallcrm.store import durable, snapshot, swap


def folder_with(folder: Path, **contents: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in contents.items():
        (folder / name.replace("__", "-").replace("_", ".")).write_text(content)
    return folder


def test_everything_old_goes_aside_and_everything_new_comes_in(tmp_path: Path) -> None:
    data = folder_with(
        tmp_path / "data", smallcrm_db="old", smallcrm_db__wal="old", smallcrm_db__shm="old", logs="stays"
    )
    (data / "files").mkdir()
    (data / "files" / "old").write_text("old")
    with durable.workplace(data) as place:
        new = folder_with(swap.new_folder(place.path), smallcrm_db="new", secret_key="new")
        (new / "files").mkdir()
        place.keep = True
        aside = swap.commit(data, place.path, "now")
    assert aside == data / "replaced-now"
    assert {path.name for path in data.iterdir()} == {"smallcrm.db", "files", "secret.key", "logs", "replaced-now"}
    assert (data / "smallcrm.db").read_text() == "new"
    assert list((data / "files").iterdir()) == []
    assert {path.name for path in aside.iterdir()} == {"smallcrm.db", "smallcrm.db-wal", "smallcrm.db-shm", "files"}
    assert (aside / "files" / "old").read_text() == "old"


def test_finishing_twice_does_no_harm(tmp_path: Path) -> None:
    assert swap.finish(tmp_path) is None
    swap.finish_interrupted(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "marker",
    [
        "",
        "half {",
        "[]",
        json.dumps({"draft": "../../x", "aside": "a", "names": ["files"]}),
        json.dumps({"draft": "d", "aside": "a", "names": ["backups"]}),
        json.dumps({"draft": "d", "aside": "", "names": ["files"]}),
        json.dumps({"draft": "d", "aside": "a", "names": []}),
    ],
)
def test_a_marker_that_we_did_not_write_stops_everything(tmp_path: Path, marker: str) -> None:
    folder_with(tmp_path, smallcrm_db="old")
    (tmp_path / swap.MARKER).write_text(marker)
    with pytest.raises(Damaged, match="interrupted restore"):
        snapshot.clean(tmp_path)
    assert (tmp_path / "smallcrm.db").read_text() == "old"
