"""Importing, exporting and bringing back through the pages, as the cast does it."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from smallcrm import store
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.transfer import exports, staging
from smallcrm.identity.actor import SYSTEM
from smallcrm.jobs import work
from smallcrm.records import change, changesets
from tests import works
from tests.cast import Cast
from tests.client import Browser, Web

LIST = (
    "Name,Phone,Grade,Owner,City\nRidley Ltd,0113 496 0182,A,anna@example.com,Leeds\nSelby Seeds,1.38E+10,Gold,,York\n"
)


def send(browser: Browser, content: bytes | str, name: str = "list.csv", kind: str = "customers") -> Any:
    data = content.encode() if isinstance(content, str) else content
    return browser.post(f"/{kind}/import", {"file": (io.BytesIO(data), name)}, content_type="multipart/form-data")


def finished(url: str) -> None:
    token = url.rsplit("/", 1)[-1]
    key = store.value("SELECT work FROM transfer_file WHERE token = ?", [token])
    assert work.join(key, 30).state == "done"


def customer(**values: Any) -> Any:
    with changesets.opened(SYSTEM, "form"):
        return change.create(SYSTEM, Customer, values, trusted=True)


def test_from_file_to_result_and_back(web: Web, cast: Cast) -> None:
    """Questions keep it from running; answered, it runs, says its counts and can be taken back."""
    browser = web.browser("anna")
    url = send(browser, LIST).headers["Location"]
    page = browser.get(url).get_data(as_text=True)
    assert "What do these values of “Grade” mean?" in page
    assert "Left out" in page
    assert store.value("SELECT count(*) FROM customer") == 0
    browser.post(f"{url}/run")
    assert store.value("SELECT count(*) FROM customer") == 0
    dialog = browser.get(f"{url}/values?field=grade").get_data(as_text=True)
    place = re.search(r'name="t(\d+)" value="Gold"', dialog)
    assert place
    browser.post(f"{url}/values", {"field": "grade", f"t{place[1]}": "Gold", f"v{place[1]}": "A"})
    browser.post(f"{url}/run")
    finished(url)
    assert store.rows("SELECT name, phone, grade, owner FROM customer ORDER BY name") == [
        ("Ridley Ltd", "0113 496 0182", "A", cast.anna),
        ("Selby Seeds", None, "A", cast.anna),
    ]
    page = browser.get(url).get_data(as_text=True)
    assert "2 new, 0 updated, 0 skipped, 0 left out." in page
    changeset = re.search(r"/changes/(\d+)/undo", page)
    assert changeset
    browser.post(f"/changes/{changeset[1]}/undo")
    assert store.value("SELECT count(*) FROM customer WHERE deleted_at IS NULL") == 0


def test_the_mapping_is_remembered_for_the_next_file(web: Web, cast: Cast) -> None:
    browser = web.browser("anna")
    for n, mode in ((0, "new"), (1, "again")):
        url = send(browser, LIST.replace("Ridley", f"Ridley {n}"), f"{mode}.csv").headers["Location"]
        page = browser.get(url).get_data(as_text=True)
        if n == 0:
            browser.post(f"{url}/values", {"field": "grade", "t0": "Gold", "v0": "B"})
            browser.post(f"{url}/run")
            finished(url)
        else:
            assert "remembered from" in page
            assert "What do these values" not in page


def test_columns_keys_and_defaults(web: Web, cast: Cast) -> None:
    """Another target, another key, an owner for all: what the form says is what is written."""
    customer(name="Selby Seeds", owner=cast.anna, phone="0113 496 0182")
    browser = web.browser("manager")
    url = send(browser, "Firm,Number,Remark\nSelby Co,0113 496 0182,x\n").headers["Location"]
    form = {
        "c0": "name",
        "c1": "phone",
        "c2": "notes",
        "k-phone": "1",
        "keys-shown": "1",
        "mode": "both",
        "d-source": "Fair",
    }
    browser.post(f"{url}/columns", form)
    page = browser.get(url).get_data(as_text=True)
    assert 'name="k-phone" value="1" checked' in page
    browser.post(f"{url}/run")
    finished(url)
    assert store.rows("SELECT name, notes, source FROM customer") == [("Selby Co", "x", None)]


def test_nobody_else_reaches_a_file(web: Web) -> None:
    url = send(web.browser("anna"), LIST).headers["Location"]
    for part in ("bob", "owner", "manager"):
        for path in ("", "/values?field=grade", "/source", "/problems.xlsx", "/rows", "/check", "/differences"):
            assert web.browser(part).get(url + path).status_code == 404, (part, path)


def test_rights(web: Web) -> None:
    """Without the right there is no import and no export, by any address."""
    for part in ("nobody", "reader"):
        browser = web.browser(part)
        assert browser.get("/customers/import").status_code == 403
        assert send(browser, LIST).status_code == 403
        for path in ("export.xlsx", "export.csv", "export"):
            assert browser.get(f"/customers/{path}").status_code == 403, (part, path)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "empty.csv"),
        (b"PK\x03\x04broken", "broken.xlsx"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "x.xlsx"),
        (b"%PDF-1.7 x", "a.pdf"),
    ],
)
def test_files_that_cannot_be_read(web: Web, content: bytes, name: str) -> None:
    answer = send(web.browser("anna"), content, name)
    assert answer.status_code == 422
    assert "This file cannot be read." in answer.get_data(as_text=True)
    assert store.value("SELECT count(*) FROM transfer_file") == 0


def test_the_workbook_to_mend_comes_in_again(web: Web) -> None:
    browser = web.browser("anna")
    url = send(browser, "Name,Customer since\nA Ltd,2020-02-31\nB Ltd,2020-02-28\n").headers["Location"]
    browser.post(f"{url}/run")
    finished(url)
    assert "1 new, 0 updated, 0 skipped, 1 left out." in browser.get(url).get_data(as_text=True)
    book = openpyxl.load_workbook(io.BytesIO(browser.get(f"{url}/to-mend.xlsx").data))
    sheet = book.active
    assert sheet is not None
    assert "2020-02-31" in str(sheet.cell(2, 1).value)
    sheet.cell(2, 3).value = "2020-02-29"
    out = io.BytesIO()
    book.save(out)
    again = send(browser, out.getvalue(), "mended.xlsx").headers["Location"]
    browser.post(f"{again}/run")
    finished(again)
    assert store.rows("SELECT name, since FROM customer ORDER BY 1") == [
        ("A Ltd", "2020-02-29"),
        ("B Ltd", "2020-02-28"),
    ]


# ---------------------------------------------------------------- out, and back


def exported(browser: Browser, query: str = "columns=all") -> Any:
    answer = browser.get(f"/customers/export.xlsx?{query}")
    assert answer.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(answer.data))


def back(browser: Browser, book: Any) -> str:
    out = io.BytesIO()
    book.save(out)
    url = send(browser, out.getvalue(), "customers.xlsx").headers["Location"]
    answer = browser.get(url)
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def test_a_workbook_brought_back(web: Web, cast: Cast) -> None:
    """Changed, emptied, new, missing, conflict: shown, chosen and applied; what was not chosen stays."""
    made = {
        name: customer(name=name, owner=cast.anna, city="Leeds", grade="B").id for name in ("A", "B", "C", "D", "E")
    }
    browser = web.browser("anna")
    book = exported(browser)
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    city, grade = heads.index("City") + 1, heads.index("Grade") + 1
    rows = {sheet.cell(row, 1).value: row for row in range(2, sheet.max_row + 1)}
    sheet.cell(rows["A"], city).value = "Bath"
    sheet.cell(rows["B"], city).value = None
    sheet.cell(rows["C"], city).value = "Paris"
    sheet.cell(rows["D"], grade).value = "A"
    sheet.cell(sheet.max_row + 1, 1).value = "New Ltd"
    sheet.delete_rows(rows["E"])
    with changesets.opened(SYSTEM, "form"):
        from smallcrm.records import access

        change.update(SYSTEM, access.find(SYSTEM, Customer, made["C"]), {"city": "Rome"}, trusted=True)
    url = back(browser, book)
    page = browser.get(url).get_data(as_text=True)
    assert "now Rome" in page
    keys = {name: f"r{number}" for name, number in made.items()}
    shown = re.findall(r'name="shown" value="([^"]+)"', page)
    assert set(shown) == {
        keys["A"],
        keys["B"],
        keys["C"],
        keys["D"],
        f"m{made['E']}",
        *[k for k in shown if k[0] == "n"],
    }
    form: dict[str, Any] = {
        "shown": shown, "take": [keys["A"], keys["B"], keys["D"], *[k for k in shown if k[0] == "n"]],
        "cell": [f"{keys['A']}:city", f"{keys['B']}:city"], f"x-{keys['C']}-city": "file",
        **{f"v-{keys[n]}": "2" if n == "C" else "1" for n in "ABCD"},
    }  # fmt: skip
    assert browser.post(url, form).status_code == 303
    found = {
        name: (city_, grade_)
        for name, city_, grade_ in store.rows("SELECT name, city, grade FROM customer WHERE deleted_at IS NULL")
    }
    assert found == {
        "A": ("Bath", "B"), "B": (None, "B"), "C": ("Paris", "B"), "D": ("Leeds", "B"), "E": ("Leeds", "B"), "New Ltd": (None, None),
    }  # fmt: skip
    assert browser.post(url, form).status_code == 303  # sent twice, or again a day later
    assert store.value("SELECT count(*) FROM customer WHERE name = 'New Ltd'") == 1
    assert "New Ltd" not in browser.get(url).get_data(as_text=True)
    changeset = store.value("SELECT id FROM change_set WHERE why = 'round trip'")
    browser.post(f"/changes/{changeset}/undo")
    assert "New Ltd" in browser.get(url).get_data(as_text=True), "it may be added anew"
    now = dict(store.rows("SELECT name, city FROM customer WHERE deleted_at IS NULL"))
    assert now == {"A": "Leeds", "B": "Leeds", "C": "Rome", "D": "Leeds", "E": "Leeds"}


def test_many_changes_run_once_beside(web: Web, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many for one answer run as a long work; what is sent meanwhile leads to it, and afterwards nothing is left to add."""
    from smallcrm.areas.transfer.pages import returning

    monkeypatch.setattr(returning, "AT_ONCE", 0)
    customer(name="A", owner=cast.anna)
    browser = web.browser("anna")
    book = exported(browser)
    sheet = book.worksheets[0]
    for n in range(30):
        sheet.cell(sheet.max_row + 1, 1).value = f"New {n} Ltd"
    url = back(browser, book)
    shown = re.findall(r'name="shown" value="([^"]+)"', browser.get(url).get_data(as_text=True))
    form = {"shown": shown, "take": shown}
    places = {browser.post(url, form).headers["Location"] for _ in range(3)}
    works.wait()
    assert next(iter(places)).startswith("/works/")
    assert store.value("SELECT count(*) FROM customer") == 31
    assert "No differences" in browser.get(url).get_data(as_text=True)


def test_what_two_keep_of_one_result_is_both_kept(web: Web, cast: Cast) -> None:
    """The page notes which work is under way while that work notes what it has added."""
    token = send(web.browser("anna"), LIST).headers["Location"].rsplit("/", 1)[-1]
    page, running = (staging.find(cast.actor("anna"), token) for _ in range(2))
    running.add(added={"n2": 7})
    page.add(work=3)
    assert staging.find(cast.actor("anna"), token).result == {"added": {"n2": 7}, "work": 3}


def test_nothing_differs_when_nothing_was_changed(web: Web, cast: Cast) -> None:
    customer(
        name="=1+1",
        owner=cast.anna,
        phone="+44 113 496 0182",
        annual_revenue=123456,
        currency="EUR",
        tags=["a", "b"],
        since="2020-01-02",
        notes="a\nb",
    )
    browser = web.browser("anna")
    page = browser.get(back(browser, exported(browser))).get_data(as_text=True)
    assert "No differences" in page


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1+1", "@SUM(1)", "\t=1", " =1", ";=1", '"=1', "＝1", "=cmd|' /C calc'!A0"]
)
def test_no_formula_leaves(web: Web, cast: Cast, text: str) -> None:
    """In csv a text that a spreadsheet might run gets an apostrophe, which the import takes off again; xlsx holds text."""
    customer(name=text, owner=cast.anna, notes=text, city=text)
    browser = web.browser("anna")
    kept = store.value("SELECT name FROM customer")
    sheet = exported(browser).worksheets[0]
    assert sheet.cell(2, 1).data_type == "s"
    assert sheet.cell(2, 1).value == kept
    content = browser.get("/customers/export.csv?columns=name,notes,city").data
    import csv

    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    for cell in rows[1]:
        assert cell.strip()[:1] not in ("=", "+", "-", "@", "＝"), cell
    url = send(browser, content).headers["Location"]
    browser.post(f"{url}/source", {"header": "1"})
    browser.post(f"{url}/columns", {"c0": "name", "c1": "notes", "c2": "city", "k-name": "1", "keys-shown": "1"})
    browser.post(f"{url}/columns", {"answer": '{"part": ["columns", "Name"], "value": "name"}'})
    browser.post(f"{url}/run")
    finished(url)
    assert store.rows("SELECT name FROM customer") == [(kept,)]


def test_an_export_leaves_a_line_and_much_of_it_a_notice(web: Web, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from smallcrm.records import settings

    settings.put(SYSTEM, {"export.alert_from": 3})
    for n in range(5):
        customer(name=f"C{n}", owner=cast.anna)
    web.browser("anna").get("/customers/export.csv")
    act, detail = store.rows("SELECT act, detail FROM audit WHERE act = 'export'")[0]
    assert act == "export"
    assert '"n": 5' in detail
    notices = store.rows("SELECT title FROM notice WHERE user = ?", [cast.owner])
    assert [title for (title,) in notices if "5" in title]
    assert exports.file_name(Customer, "csv").endswith(".csv")


def test_cards(web: Web, cast: Cast) -> None:
    card = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Ridley;Susan;;;\r\nFN:Susan Ridley\r\nORG:Ridley Ltd\r\nTEL;TYPE=CELL:07700 900123\r\nEMAIL:s@ridley.example\r\nEND:VCARD\r\n"
    browser = web.browser("anna")
    for kind in ("contacts", "customers"):
        url = send(browser, card, "susan.vcf", kind).headers["Location"]
        page = browser.get(url)
        assert page.status_code == 200
        browser.post(f"{url}/run")
        finished(url)
    assert store.rows("SELECT k.name, k.mobile, c.name FROM contact k JOIN customer c ON c.id = k.customer") == [
        ("Susan Ridley", "07700 900123", "Ridley Ltd")
    ]


def test_template_and_source(web: Web) -> None:
    browser = web.browser("anna")
    book = openpyxl.load_workbook(io.BytesIO(browser.get("/customers/template.xlsx").data))
    assert book.worksheets[0].cell(1, 1).value == "Name *"
    url = send(browser, LIST).headers["Location"]
    assert browser.get(f"{url}/source").status_code == 200
    browser.post(f"{url}/source", {"header": "2"})
    assert "Header in row 2" in browser.get(url).get_data(as_text=True)


def test_purge(web: Web, tmp_path: Path) -> None:
    from datetime import timedelta

    from smallcrm.base import clock

    url = send(web.browser("anna"), LIST).headers["Location"]
    assert not staging.purgeable()
    with clock.at(clock.now() + timedelta(days=2)):
        assert staging.purgeable()
        assert staging.purge()["files"] == 1
    assert web.browser("anna").get(url).status_code == 404


def test_a_killed_import_can_be_taken_back(web: Web, cast: Cast) -> None:
    """Its change-set is marked stopped when the program starts again; the same file makes no duplicates."""
    from smallcrm.areas.transfer import running
    from smallcrm.records import changesets as sets

    owner = cast.actor("owner")
    with sets.opened(owner, "import", "list.csv", lasting=True) as mine:
        change.create(owner, Customer, {"name": "Ridley Ltd"})
    with store.writing():
        store.run("UPDATE change_set SET state = 'running', count = 0 WHERE id = ?", [mine.id])
    work_row = work.Work(1, "import", "x", owner.id, "interrupted", 0, 0, "", {}, None, "", None, None, False, mine.id)
    assert "makes no duplicates" in running.interrupted(work_row)
    work.recover()
    assert store.rows("SELECT state, count FROM change_set WHERE id = ?", [mine.id]) == [("stopped", 1)]
    url = send(web.browser("owner"), "Name\nRidley Ltd\nSelby Seeds\n").headers["Location"]
    web.browser("owner").post(f"{url}/run")
    finished(url)
    assert store.value("SELECT count(*) FROM customer") == 2


def test_what_lies_in_the_bin_is_offered(web: Web, cast: Cast) -> None:
    gone = customer(name="Ridley Ltd", owner=cast.anna)
    change.delete(cast.actor("anna"), gone)
    browser = web.browser("anna")
    url = send(browser, "Name,City\nRidley Ltd,Leeds\n").headers["Location"]
    assert "In the bin" in browser.get(url).get_data(as_text=True)
    browser.post(f"{url}/columns", {"c0": "name", "c1": "city", "bin": "1", "mode": "both"})
    browser.post(f"{url}/run")
    finished(url)
    assert store.rows("SELECT name, city, deleted_at FROM customer") == [("Ridley Ltd", "Leeds", None)]


def test_a_new_field_on_the_spot(web: Web, cast: Cast) -> None:
    browser = web.browser("owner")
    url = send(browser, "Name,Pallet type\nRidley Ltd,EUR-2\n").headers["Location"]
    assert "New field “Pallet type”" in browser.get(url).get_data(as_text=True)
    browser.post(f"{url}/columns", {"c0": "name", "c1": "+", "mode": "both"})
    browser.post(f"{url}/run")
    finished(url)
    assert "EUR-2" in store.value("SELECT custom FROM customer")
    assert web.browser("anna").post(f"{url}/columns", {"c0": "name"}).status_code == 404


def test_commands(web: Web, cast: Cast, tmp_path: Path) -> None:
    """Import and export as the command line calls them; an unsure guess is refused with the question."""
    from smallcrm.areas.transfer.commands import export_file, import_file
    from smallcrm.base.errors import BadUsage

    owner = cast.actor("owner")
    path = tmp_path / "list.csv"
    path.write_text(LIST)
    with pytest.raises(BadUsage, match="Grade"):
        import_file(owner, Customer, path)
    tried = import_file(owner, Customer, path, dry_run=True)
    assert not tried["guessed"]["sure"]
    assert store.value("SELECT count(*) FROM customer") == 0
    done = import_file(owner, Customer, path, mapping={"values": {"grade": {"Gold": "A"}}}, match=["name"])
    assert (done["created"], done["updated"], done["skipped"], done["failed"]) == (2, 0, 0, 0)
    assert done["changeset"]
    assert done["errors_file"] is None
    out = tmp_path / "out.xlsx"
    assert export_file(
        owner, Customer, out, filter={"field": "city", "op": "eq", "value": "Leeds"}, columns=["name", "city"]
    ) == {"rows": 1}
    path.write_text("Name,Customer since\nA,2020-02-31\n")
    failed = import_file(owner, Customer, path)
    assert failed["failed"] == 1
    assert Path(failed["errors_file"]).is_file()
