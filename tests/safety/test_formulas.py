"""No text that leaves in a table is run by a spreadsheet: every text field of every type, headings, notes, the audit log, files to mend."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from typing import Any

import openpyxl
import pytest

from smallcrm.records import custom, labels
from smallcrm.records.custom import fields_of
from smallcrm.records.fields import LongText, Text, Texts
from smallcrm.records.record import RecordType, all_types
from tests import samples
from tests.areas.admissions.scene import switch_on
from tests.cast import Cast
from tests.client import Api, Browser, Web

TEXTS = ("=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", " =1", ";=1", '"=1', "＝1+1", "＠SUM(1)", "=cmd|' /C calc'!A0", "'=1", "''=1",
         "\u200b=1", "\ufeff=1", "=HYPERLINK(\"http://evil.example\",\"x\")", "|=1", ",=1", "\x0b=1", "%0A-3+3+cmd|' /C calc'!D2")  # fmt: skip
# as Excel, LibreOffice and WPS read a cell: what stands before is skipped or split off
RUNS = re.compile(r"""[\s\x00-\x1f"';,|\u200b\ufeff]*[=+\-@＝＋－＠]""")
KINDS = [kind for kind in all_types() if kind.card.pages and kind.card.key != "file"]


def by_hand(kind: RecordType, text: str, cast: Cast) -> dict[str, Any]:
    """The text in every field that takes free text."""
    given = dict(samples.required(kind, cast))
    for name, each in fields_of(kind).items():
        if each.read_only or each.hidden_always or name in ("grants", "field_rights", "rights", "digest_at"):
            continue
        if type(each) in (Text, LongText):
            given[name] = text
        elif isinstance(each, Texts) and not each.of:
            given[name] = [text]
    return given


def kept(api: Api, kind: RecordType, given: dict[str, Any], cast: Cast) -> dict[str, Any] | None:
    """The record as the API has it; what the type's own rules refuse is left out, or another sample where it is needed.

    None where one of that name is there."""
    fields = fields_of(kind)
    own = {n: v for n, v in given.items() if not re.fullmatch(r"c\d+", n)}
    body = {**own, "custom": {n: v for n, v in given.items() if n not in own}}
    for _ in range(12):  # of work reports there is one a period: several days may be taken
        answer = api.post(f"/{kind.card.name}", body)
        if answer.status_code == 201:
            return dict(answer.get_json())
        if "Something else has this" in answer.get_data(as_text=True):
            return None
        wrong = {name.split(".")[0] for name in answer.get_json()["errors"]}
        for name in wrong & body.keys() - {"name", "subject", "kind", kind.card.title}:
            del body[name]
            if name in fields and fields[name].required:
                body[name] = samples.value(fields[name], cast)
    raise AssertionError(answer.get_json())


def sheets(content: bytes) -> list[str]:
    """The XML of a workbook's sheets."""
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        names = [name for name in bundle.namelist() if name.startswith("xl/worksheets/sheet")]
        assert not [n for n in bundle.namelist() if "externalLink" in n or "connections" in n or "vbaProject" in n]
        return [bundle.read(name).decode() for name in names]


def harmless(content: bytes) -> list[list[Any]]:
    """The rows of the first sheet, of which no cell is a formula."""
    assert not [xml for xml in sheets(content) if "<f>" in xml or "<f " in xml or 't="str"' in xml]
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert not [c for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f" or c.hyperlink]
    return [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]


def guarded(content: bytes) -> list[list[str]]:
    """The rows of a csv, of which no cell runs; figures may be negative."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    for cell in (cell for row in rows for cell in row):
        assert not RUNS.match(cell) or cell[0] == "'" or re.fullmatch(r"-[\d.,]+", cell), repr(cell)
    return rows


@pytest.fixture
def named(web: Web, cast: Cast) -> None:
    """A field and a term that are called like formulas, made through the pages; what only schools have is there too."""
    switch_on()
    olga = web.browser("owner")
    for kind in ("customers", "contacts", "activities"):
        for text in ("=1+1", "@SUM(1)", "-2+3"):
            assert (
                olga.post(
                    f"/admin/fields/{kind}/new", {"kind": "text", "label-en": text, "flags": ["column"]}
                ).status_code
                == 303
            )
    assert (
        olga.post(
            "/admin/fields/customers/new", {"kind": "number", "label-en": "+Balance", "flags": ["column"]}
        ).status_code
        == 303
    )
    assert (
        olga.post(
            "/admin/terms", {"type": "customers", "one-en-": "=Client", "many-en-": "=Clients", "one-en-city": "-Town"}
        ).status_code
        == 303
    )


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.card.key)
def test_every_type(kind: RecordType, named: None, web: Web, cast: Cast) -> None:
    """xlsx and csv of records that hold nothing but formulas, all columns; in csv the apostrophe off, the value is the one kept."""
    api, olga = web.api("owner"), web.browser("owner")
    made = [each for text in TEXTS if (each := kept(api, kind, by_hand(kind, text, cast), cast))]
    assert len(made) > 10
    url = f"/{kind.card.name}/export"
    rows = harmless(olga.get(f"{url}.xlsx?columns=all").data)
    plain = guarded(olga.get(f"{url}.csv?columns=all&view=all").data)
    assert len(rows) == len(plain) > len(made)
    title = kind.card.title
    place = plain[0].index(next(h for h in plain[0] if h.removeprefix("'") == str(labels.field(kind, title))))
    cells = {row[place] for row in plain[1:]}
    expected = {f"'{value}" if RUNS.match(value) else value for value in (str(each[title]) for each in made)}
    assert expected <= cells


def test_headings_and_figures(named: None, web: Web, cast: Cast) -> None:
    """Headings are texts too; a negative figure is a figure in both."""
    api, olga = web.api("owner"), web.browser("owner")
    customer = next(kind for kind in KINDS if kind.card.key == "customer")
    balance = next(str(d["key"]) for d in custom.definitions(customer) if d["labels"]["en"] == "+Balance")
    assert api.post("/customers", {"name": "Ridley Ltd", "custom": {balance: -5}}).status_code == 201
    rows = harmless(olga.get("/customers/export.xlsx?columns=all").data)
    assert {"=1+1", "@SUM(1)", "-2+3", "-Town", "+Balance"} <= set(rows[0])
    assert rows[1][rows[0].index("+Balance")] == -5
    plain = guarded(olga.get("/customers/export.csv?columns=all").data)
    assert {"'=1+1", "'@SUM(1)", "'-2+3", "'-Town", "'+Balance"} <= set(plain[0])
    assert plain[1][plain[0].index("'+Balance")] == "-5"
    harmless(olga.get("/customers/template.xlsx").data)


def test_the_audit_log(web: Web, cast: Cast) -> None:
    """Names of records and users, notes and details in the audit log's file."""
    api, olga = web.api("owner"), web.browser("owner")
    for text in TEXTS:
        made = api.post("/customers", {"name": text}).get_json()
        api.patch(f"/customers/{made['id']}", {"notes": text, "tags": [text]}, made["version"])
        api.post(f"/customers/{made['id']}/assign", {"owner": cast.anna, "reason": text})
    web.visitor().post("/login", {"email": "=1+1", "password": "=1+1"})
    assert len(harmless(olga.get("/admin/audit.xlsx").data)) > len(TEXTS)
    assert len(guarded(olga.get("/admin/audit.csv").data)) > len(TEXTS)


def send(browser: Browser, content: str) -> str:
    sent = {"file": (io.BytesIO(content.encode()), "=1+1.csv")}
    return str(browser.post("/customers/import", sent, content_type="multipart/form-data").headers["Location"])


def test_a_file_to_mend(web: Web, cast: Cast) -> None:
    """The rows that were left out come back as a workbook of texts."""
    from tests.areas.transfer.test_pages import finished

    olga = web.browser("owner")
    rows = io.StringIO(newline="")
    writer = csv.writer(rows)
    writer.writerow(["Name", "Customer since", "Notes"])
    for text in (text for text in TEXTS if "\x0b" not in text):
        writer.writerow([text, "2020-02-31", text])
    url = send(olga, rows.getvalue())
    olga.post(f"{url}/run")
    finished(url)
    content = olga.get(f"{url}/to-mend.xlsx")
    assert content.status_code == 200
    assert len(harmless(content.data)) > 10
