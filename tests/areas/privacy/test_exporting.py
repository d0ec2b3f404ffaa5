"""What one person is given: everything, readable and for programs, within the right to give it."""

from __future__ import annotations

import io
import json
import re
import zipfile

import pytest

from smallcrm import store
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.privacy.rules import exporting
from smallcrm.base import i18n
from smallcrm.base.errors import Forbidden
from smallcrm.records import change, personal
from smallcrm.records.personal import File, Provider
from tests.areas.customers.making import again, contact, customer
from tests.areas.privacy.making import BEFORE, EMAIL, NAME, PHONE, world
from tests.cast import Cast


def given(cast: Cast, record: object, part: str = "owner") -> zipfile.ZipFile:
    """The ZIP that is made, opened."""
    out = io.BytesIO()
    exporting.write(cast.actor(part), again(record), out)  # type: ignore[arg-type]
    return zipfile.ZipFile(out)


def test_everything_is_in_it(cast: Cast) -> None:
    made = world(cast)
    archive = given(cast, made.person)
    assert archive.namelist() == ["data.json", "index.html"]
    data = json.loads(archive.read("data.json"))
    tables = data["tables"]
    assert data["type"] == "contacts"
    assert data["company"] == "Testing & Sons"
    mine = next(each for each in tables["person"] if each["id"] == made.person.id)
    assert (mine["name"], mine["email"]) == (NAME, EMAIL)
    assert len(tables["person"]) == 2  # what was merged into it as well
    assert tables["activities"][0]["subject"] == "Rang zenobia"
    assert tables["relations"]
    assert [each["recipient"] for each in tables["messages"]] == [EMAIL]
    assert any(BEFORE in json.dumps(each) for each in tables["history"])
    page = archive.read("index.html").decode()
    for text in (NAME, EMAIL, PHONE, "Rang zenobia", "Una Other", BEFORE, "Umbrellastadt", f"Dear {NAME}"):
        assert text in page, text
    assert not re.search(r"<script|https?://(?!www\.w3)", page)
    assert "Far Away" not in page  # what others say elsewhere is theirs


@pytest.mark.parametrize("language", ["en", "zh", "el"])
def test_in_the_language_of_who_gives_it(cast: Cast, language: str) -> None:
    made = contact(cast, customer(cast), NAME)
    with i18n.speaking(language):
        page = given(cast, made).read("index.html").decode()
    assert f'<html lang="{i18n.HTML_LANG[language]}"' in page


def test_what_is_ugly_is_escaped(cast: Cast) -> None:
    made = contact(cast, customer(cast), "<b onclick=x>", notes='"><img src=x>\n=1+1')
    archive = given(cast, made)
    page = archive.read("index.html").decode()
    assert "<img" not in page
    assert "<b onclick" not in page
    assert json.loads(archive.read("data.json"))["tables"]["person"][0]["name"] == "<b onclick=x>"


def test_files_lie_beside_it_under_safe_names(cast: Cast) -> None:
    made = contact(cast, customer(cast), NAME)
    held = [File(name, lambda: io.BytesIO(b"scan")) for name in ("../../etc/passwd", "a.pdf", "a.pdf", "..")]
    personal.add(Provider("for-test", files=lambda _actor, _subject: held))
    try:
        archive = given(cast, made)
    finally:
        personal._providers.pop("for-test")
    names = [name for name in archive.namelist() if name.startswith("files/")]
    assert len(set(names)) == 4
    assert all(".." not in name for name in names)
    assert archive.read(names[0]) == b"scan"


def test_who_may_and_what_is_logged(cast: Cast) -> None:
    made = change.create(cast.actor("owner"), Customer, {"name": NAME, "kind": "person"})
    for part in ("anna", "reader", "manager"):
        with pytest.raises(Forbidden):
            given(cast, made, part)
    assert NAME not in exporting.file_name(made)
    given(cast, made)
    assert store.value("SELECT count(*) FROM audit WHERE act = 'personal data exported' AND record = ?", [made.id]) == 1
