"""Files made for a test, LibreOffice where it is installed, and the fields that a customers import would have."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from smallcrm.base.i18n import speaking
from smallcrm.records.exchange.column_words import column_words as words
from smallcrm.records.exchange.columns import Field
from smallcrm.records.exchange.values import Choice

# Real customer files lie beside the repository; elsewhere, the environment says where.
REAL = Path(os.environ.get("SMALLCRM_REAL_DATA") or Path(__file__).resolve().parents[4] / "shared" / "data")
GRADES = (Choice("A", ("A", "重点", "Gold")), Choice("B", ("B",)), Choice("C", ("C", "普通")))

CUSTOMERS = [
    Field("name", "text", {"en": "Name", "zh": "名称", "el": "Επωνυμία"}, words("company"), required=True),
    Field("industry", "choice", {"en": "Industry"}, words("industry")),
    Field("grade", "choice", {"en": "Grade", "zh": "级别", "el": "Βαθμίδα"}, words("grade"), GRADES, open=False),
    Field("phone", "phone", {"en": "Phone", "zh": "电话", "el": "Τηλέφωνο"}, words("phone")),
    Field("email", "email", {"en": "E-mail", "zh": "邮箱"}, words("email")),
    Field("tax_number", "code", {"en": "Tax number", "zh": "税号", "el": "ΑΦΜ"}, words("tax number")),
    Field("employees", "integer", {"en": "Employees"}, words("employees")),
    Field("annual_revenue", "money", {"en": "Annual revenue"}, words("annual revenue")),
    Field("currency", "text", {"en": "Currency"}, words("currency")),
    Field("country", "choice", {"en": "Country"}, words("country")),
    Field("city", "text", {"en": "City", "zh": "城市", "el": "Πόλη"}, words("city")),
    Field("postcode", "code", {"en": "Postcode"}, words("postcode")),
    Field("tags", "choices", {"en": "Tags"}, words("tags")),
    Field("notes", "long_text", {"en": "Notes", "zh": "备注", "el": "Σημειώσεις"}, words("notes")),
    Field("since", "date", {"en": "Customer since"}, words("since")),
    Field("next_follow_up_on", "date", {"en": "Next follow-up"}, words("next follow-up")),
    Field("parent", "link", {"en": "Parent company"}, words("parent")),
    Field("owner", "person", {"en": "Owner"}, words("owner")),
    Field(
        "contact.name",
        "text",
        {"en": "Contact name", "zh": "联系人"},
        words("person"),
        parts=(words("first name"), words("last name")),
    ),
    Field("contact.mobile", "phone", {"en": "Contact mobile", "zh": "手机"}, words("mobile")),
]


@pytest.fixture
def real() -> Path:
    if not REAL.is_dir():
        pytest.skip(f"the real customer files are not at {REAL}; SMALLCRM_REAL_DATA may name their folder")
    return REAL


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with speaking("en"):
        yield


Make = Callable[..., Path]


@pytest.fixture
def text_file(tmp_path: Path) -> Make:
    """``text_file("a;b", "cp1253")`` → a file with that text in that encoding."""

    def make(content: str | bytes, encoding: str = "utf-8", name: str = "list.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return make


@pytest.fixture
def book_file(tmp_path: Path) -> Make:
    """``book_file([[…], […]])`` → an xlsx with these rows; ``change(workbook)`` does the rest."""

    def make(rows: list[list[Any]], change: Callable[[Any], None] | None = None, name: str = "list.xlsx") -> Path:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        if change:
            change(book)
        path = tmp_path / name
        book.save(path)
        book.close()
        return path

    return make


@pytest.fixture
def repacked(tmp_path: Path) -> Make:
    """``repacked(xlsx, {"xl/…": bytes})`` → the workbook with these parts put in."""

    def make(source: Path, parts: dict[str, bytes], name: str = "repacked.xlsx") -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
            for member in old.namelist():
                if member not in parts:
                    new.writestr(member, old.read(member))
            for member, content in parts.items():
                new.writestr(member, content)
        return path

    return make


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path, str], Path]:
    """``office(path, "ods")`` → the file as LibreOffice saves it."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice is not installed")
    home = tmp_path_factory.mktemp("office")

    def convert(path: Path, ending: str) -> Path:
        out = home / ending
        subprocess.run(
            [program, f"-env:UserInstallation=file://{home}/profile", "--headless", "--convert-to", ending,
             "--outdir", str(out), str(path)],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        return out / f"{path.stem}.{ending}"

    return convert
