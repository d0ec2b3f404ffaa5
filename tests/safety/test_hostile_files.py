"""Files that are meant to harm, through every door that takes one: a sentence in the reader's language, nothing written,
and a server process that stays small and goes on answering.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from smallcrm import store
from smallcrm.base import i18n
from smallcrm.records.exchange.refusals import REASONS
from tests.cast import Cast
from tests.command import Server, copy_company
from tests.safety.hostile import REFUSED, TAKEN
from tests.visiting import Visitor, keys_of, language_of

pytestmark = pytest.mark.slow
ROOM = 100  # MB that the server may grow by


class Door:
    """A server with Anna, who reads English, and Bob, who reads Chinese."""

    def __init__(self, data: Path, cast: Cast) -> None:
        keys = keys_of(data, cast, "anna", "bob")
        language_of(data, cast.bob, "zh")
        self.data = data
        self.server = Server(data)
        self.by_language = {
            language: Visitor(self.server.port, *keys[part]) for language, part in (("en", "anna"), ("zh", "bob"))
        }
        self.anna = self.by_language["en"]
        self.customer = self.anna.api("POST", "/customers", {"name": "Holds files"}).json["id"]
        assert self.anna.send("/customers/import", b"Name\nA\n").status == 303  # what a first import loads for good
        self.before = self.peak()

    def peak(self) -> int:
        """The most memory the server process ever held, in MB."""
        status = Path(f"/proc/{self.server.process.pid}/status").read_text()
        return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) // 1024

    def written(self) -> dict[str, int]:
        """How many rows lie in what an upload could write."""
        store.open_folder(self.data)
        try:
            return {
                name: store.value(f'SELECT count(*) FROM "{name}"')
                for name in ("customer", "contact", "file", "change_set", "transfer_file")
            }
        finally:
            store.close()

    def lying_about(self) -> list[Path]:
        """Files that uploads left in the places for what is under way."""
        return [path for name in ("tmp", "transfer") for path in (self.data / name).rglob("*") if path.is_file()]


@pytest.fixture(scope="module")
def door(company_template: tuple[Path, Cast], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    source, cast = company_template
    made = Door(copy_company(source, tmp_path_factory.mktemp("hostile") / "data"), cast)
    yield made
    made.server.stop()
    assert "Traceback" not in made.server.err.read_text()


def sentence(code: str, language: str) -> re.Pattern[str]:
    """What a refusal says in a language, whatever its figures."""
    with i18n.speaking(language):
        words = [re.escape(i18n.translate(REASONS[each].message)) for each in code.split("|")]
    return re.compile("|".join(re.sub(r"%\\?\(\w+\\?\)s", ".+?", each) for each in words))


@pytest.mark.parametrize("name", REFUSED)
def test_importing_it(door: Door, name: str) -> None:
    file_name, make, code = REFUSED[name]
    content, before, files = make(), door.written(), door.lying_about()
    for language, visitor in door.by_language.items():
        answer = visitor.send("/customers/import", content, file_name)
        assert answer.status == 422
        said = html.unescape(answer.text)
        assert sentence(code, language).search(said), re.findall(r'<div class="note.*?</div>', said, re.S)
    assert sentence(code, "en").pattern != sentence(code, "zh").pattern
    assert door.written() == before
    assert door.lying_about() == files
    assert door.anna.get("/customers").status == 200
    assert door.peak() - door.before < ROOM


@pytest.mark.parametrize("name", TAKEN)
def test_importing_what_is_only_odd(door: Door, name: str) -> None:
    file_name, make = TAKEN[name]
    answer = door.anna.send("/customers/import", make(), file_name)
    assert answer.status == 303, answer.text[-2000:]
    for _ in range(2):  # read, and read again
        page = door.anna.get(answer.headers["Location"])
        assert page.status == 200
        assert len(page.body) < 400_000
    assert door.anna.post(f"{answer.headers['Location']}/run").status in (200, 303)
    assert door.peak() - door.before < ROOM


@pytest.mark.parametrize("name", sorted({*REFUSED, *TAKEN} - {"nothing", "half a million rows"}))
def test_keeping_it_as_a_file(door: Door, name: str) -> None:
    """A file on a record may be anything; looking at it costs the server nothing."""
    file_name, make = (REFUSED.get(name) or TAKEN[name])[:2]
    answer = door.anna.send("/api/v1/files", make(), file_name, about_type="customers", about_id=door.customer)
    assert answer.status == 201, answer.text
    number = answer.json["id"]
    for path in (f"/files/{number}", f"/files/{number}/table", f"/customers/{door.customer}"):
        page = door.anna.get(path)
        assert page.status == 200, path
        assert len(page.body) < 1_500_000, path
    served = door.anna.get(f"/files/{number}/content?inline=1&mime=text/html").headers
    assert served["Content-Disposition"].startswith("attachment") or "sandbox" in served["Content-Security-Policy"]
    assert served["X-Content-Type-Options"] == "nosniff"
    assert "html" not in served["Content-Type"]
    assert door.peak() - door.before < ROOM


def test_an_empty_file_is_told(door: Door) -> None:
    before = door.written()
    for language, visitor in door.by_language.items():
        with i18n.speaking(language):
            words = i18n.translate("This file is empty: it holds no bytes at all.")
        number = visitor.api("POST", "/customers", {"name": f"Of {language}"}).json["id"]
        answer = visitor.send("/files/new", b"", "a.txt", about=f"customers/{number}")
        assert answer.status == 422
        assert words in html.unescape(answer.text)
        refused = visitor.send("/api/v1/files", b"", "a.txt", about_type="customers", about_id=number)
        assert (refused.status, list(refused.json["errors"])) == (422, ["file"])
    assert door.written()["file"] == before["file"]


def test_a_card_that_cannot_be_read_is_a_row_that_is_left_out(door: Door) -> None:
    many = (
        b"BEGIN:VCARD\nVERSION:3.0\nFN:Many\n" + b"TEL:%d\n" * 500 % tuple(range(10**7, 10**7 + 500)) + b"END:VCARD\n"
    )
    good = b"BEGIN:VCARD\nVERSION:3.0\nFN:Good\nEND:VCARD\n"
    for language, visitor in door.by_language.items():
        with i18n.speaking(language):
            words = i18n.translate("Card %(n)s of the file cannot be read.", n=2)
        answer = visitor.send("/customers/import", good + many + good, "a.vcf")
        assert words in html.unescape(visitor.get(answer.headers["Location"]).text)
