"""The audit log: for whom, what stands in it, filtered, page by page and as a file."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re

import openpyxl
import pytest

from smallcrm import store
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.people import audit_log, roles
from smallcrm.areas.people.audit_log import Which
from smallcrm.areas.people.records import Role, User
from smallcrm.base import clock
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, audit, change, changesets, settings, undo
from tests import samples
from tests.areas.people.conftest import Person, text_of
from tests.cast import Cast
from tests.client import Browser, Web


@pytest.fixture
def olga(company: Cast, web: Web) -> Browser:
    return web.browser("owner")


def rows_of(browser: Browser, query: str = "") -> list[list[str]]:
    """The cells of every line on the page."""
    page = browser.get(f"/admin/audit{query}").get_data(as_text=True)
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", line, re.S)]
        for line in re.findall(r"<tr>(.*?)</tr>", body, re.S)
    ]


def csv_of(browser: Browser, query: str = "") -> list[list[str]]:
    data = browser.get(f"/admin/audit.csv{query}").get_data()
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


# ---------------------------------------------------------------- who reads it


def test_only_with_the_right(olga: Browser, company: Cast, web: Web) -> None:
    for part in ("anna", "service", "reader", "nobody"):
        browser = web.browser(part)
        for path in ("/admin/audit", "/admin/audit.csv", "/admin/audit.xlsx"):
            assert browser.get(path).status_code == 403, (part, path)
        assert "/admin/audit" not in browser.get("/settings").get_data(as_text=True)
    assert web.browser("manager").get("/admin/audit").status_code == 200
    assert "/admin/audit" in olga.get("/settings").get_data(as_text=True)
    assert web.visitor().get("/admin/audit").status_code == 302


def test_what_one_may_not_see_is_not_named(company: Cast, web: Web) -> None:
    """A manager reads that something was changed, not the name of a record beyond reach, nor a hidden field's."""
    secret = change.create(SYSTEM, Customer, {"name": "CNRY-unreached", "owner": company.owner}, trusted=True)
    known = change.create(SYSTEM, Customer, {"name": "CNRY-known", "owner": company.anna}, trusted=True)
    manager = access.find(SYSTEM, Role, int(roles.role_id("manager") or 0))
    hidden = [{"type": "customer", "field": "phone", "right": "hidden"}]
    change.update(company.actor("owner"), manager, {"field_rights": hidden})
    change.update(SYSTEM, known, {"phone": "0113 496 0199", "city": "York"}, trusted=True)
    max_ = web.browser("manager")
    page = text_of(max_.get("/admin/audit"))
    assert "CNRY-unreached" not in page
    assert f"#{secret.id}" in page
    assert "CNRY-known" in page
    [line] = [row for row in rows_of(max_, f"?type=customers&record={known.id}") if row[2].startswith("Changed")]
    assert "City" in line[4]
    assert "Phone" not in line[4]
    assert "CNRY-unreached" not in str(csv_of(max_))
    assert "CNRY-unreached" in text_of(web.browser("owner").get("/admin/audit"))


# ---------------------------------------------------------------- what stands in it


def test_acts_and_changes_in_one_row_of_time(company: Cast, web: Web) -> None:
    person, olga = Person(web), web.browser("owner")
    person.sign_in("anna@example.com", "wrong")
    person.sign_in("anna@example.com")
    customer = change.create(company.actor("anna"), Customer, {"name": "Arkwright"})
    change.update(company.actor("anna"), access.find(SYSTEM, Customer, customer.id), {"city": "York"})
    with changesets.opened(company.actor("owner"), "bulk", "tidying"):
        for _ in range(2):
            samples.make(company.actor("owner"), Customer, company, minimal=True)
    settings.put(company.actor("owner"), {"company.name": "Testing & Daughters"})
    rows = rows_of(olga)
    words = [row[2] for row in rows]
    assert words[:6] == [
        "Setting changed", "2 records changed several at once", "Changed by hand", "Made by hand", "Signed in",
        "Wrong password or address",
    ]  # fmt: skip
    assert "Testing &amp; Sons → Testing &amp; Daughters" in rows[0][4]
    assert rows[1][4] == "tidying"
    assert rows[2][1] == "Anna North"
    assert "Arkwright" in rows[2][3]
    assert rows[2][4] == "City"
    assert rows[5][1] == "not signed in"
    assert rows[4][5] == "127.0.0.1"


def test_what_was_undone_is_said(olga: Browser, company: Cast) -> None:
    customer = change.create(company.actor("owner"), Customer, {"name": "Arkwright"})
    change.update(company.actor("owner"), access.find(SYSTEM, Customer, customer.id), {"city": "York"})
    last = int(store.value("SELECT max(id) FROM change_set"))
    undo.undo(company.actor("owner"), last)
    rows = [row[2] for row in rows_of(olga, f"?type=customers&record={customer.id}&what=changes")]
    assert any("undone" in words for words in rows)


def test_no_secret_in_it(olga: Browser, company: Cast, web: Web) -> None:
    made = olga.post("/settings/tokens", {"name": "t", "read_only": ["", "1"]})
    token = re.search(r'id="token">([^<]+)<', made.get_data(as_text=True))[1]  # type: ignore[index]
    olga.post(f"/users/{company.anna}/password", {"password": "three words in a row"})
    olga.post(f"/users/{company.service}/invite")
    Person(web).sign_in("bob@example.com", "my secret guess")
    held = str(store.rows("SELECT * FROM audit")) + str(store.rows("SELECT * FROM change")) + str(csv_of(olga))
    for secret in (token, "three words in a row", "/link/", "my secret guess", "$argon2"):
        assert secret not in held, secret


def test_every_act_that_is_logged_has_words(company: Cast) -> None:
    assert {"sign-in", "sign-in failed", "sign-in throttled", "sign-out", "token made", "invitation"} <= set(audit.ACTS)
    for (act,) in store.rows("SELECT DISTINCT act FROM audit"):
        assert act in audit.ACTS, act


# ---------------------------------------------------------------- filters


def test_filters(olga: Browser, company: Cast, web: Web) -> None:
    customer = change.create(company.actor("anna"), Customer, {"name": "Arkwright"})
    change.create(company.actor("bob"), Customer, {"name": "Pennine"})
    audit.log(company.actor("anna"), "sign-out", record_type="user", record=company.anna)
    assert {row[1] for row in rows_of(olga, f"?who={company.anna}")} == {"Anna North"}
    assert {row[2] for row in rows_of(olga, "?what=sign-out")} == {"Signed out"}
    assert all("Signed out" not in row[2] for row in rows_of(olga, "?what=changes"))
    of_type = rows_of(olga, "?type=customers")
    assert len(of_type) == 2
    assert [row[3].split()[-1] for row in rows_of(olga, f"?type=customers&record={customer.id}")] == ["Arkwright"]
    assert "Nothing fits" in text_of(olga.get("/admin/audit?what=sign-out&who=99999"))
    assert len(csv_of(olga, "?type=customers")) == 3


def test_days_are_the_businesss(olga: Browser, company: Cast) -> None:
    settings.put(SYSTEM, {"company.timezone": "Asia/Shanghai"})
    with clock.at(dt.datetime(2026, 3, 10, 17, 30, tzinfo=dt.UTC)):  # the 11th there
        audit.log(company.actor("anna"), "sign-out")
    assert rows_of(olga, "?since=2026-03-11&until=2026-03-11")
    assert not rows_of(olga, "?since=2026-03-10&until=2026-03-10")


@pytest.mark.parametrize(
    "query",
    ["?since=2026-02-30", "?until=yesterday", "?type=nonsense", "?before=1~2~3", "?before=x", "?since=9999-12-31x"],
)
def test_nonsense_is_told(query: str, olga: Browser) -> None:
    assert olga.get(f"/admin/audit{query}").status_code == 400
    assert olga.get(f"/admin/audit.csv{query}").status_code == 400


def test_quiet_nonsense_finds_nothing_bad(olga: Browser) -> None:
    for query in (
        "?who=x",
        "?record=x&type=customers",
        "?what=%27%20or%201=1",
        "?until=9999-12-31",
        "?since=0001-01-01",
    ):
        assert olga.get(f"/admin/audit{query}").status_code in (200, 400), query


def test_page_by_page_nothing_twice_and_nothing_left_out(olga: Browser, company: Cast) -> None:
    with clock.at(dt.datetime(2030, 1, 1, tzinfo=dt.UTC)):  # all at one moment: the order holds all the same
        for n in range(70):
            audit.log(company.actor("anna"), "sign-out", detail={"name": str(n)})
            change.create(company.actor("anna"), Customer, {"name": f"Customer {n}"})
    seen: list[tuple[str, int]] = []
    which = Which(who=company.anna)
    while True:
        lines = audit_log.page(which, limit=17)
        if not lines:
            break
        seen += [(line.source, line.id) for line in lines]
        which = Which(who=company.anna, before=lines[-1].key)
    assert len(seen) == len(set(seen)) == 140
    assert [
        (line.source, line.id) for line in audit_log.everything(Which(who=company.anna), most=1000, chunk=13)
    ] == seen
    assert len(list(audit_log.everything(Which(who=company.anna), most=20, chunk=13))) == 20
    page = olga.get(f"/admin/audit?who={company.anna}").get_data(as_text=True)
    more = re.search(r'href="(\?[^"]*before=[^"]+)"', page)
    assert more
    first, second = rows_of(olga, f"?who={company.anna}"), rows_of(olga, more[1].replace("&amp;", "&"))
    assert len(first) == len(second) == 50


# ---------------------------------------------------------------- as a file


def test_as_a_workbook(olga: Browser, company: Cast) -> None:
    change.create(company.actor("owner"), Customer, {"name": "=1+1"})
    answer = olga.get("/admin/audit.xlsx?type=customers")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.get_data())).active
    assert sheet is not None
    lines = list(sheet.iter_rows())
    assert [cell.value for cell in lines[0]][:3] == ["When", "Who", "What"]
    assert isinstance(lines[1][0].value, dt.datetime)
    assert (lines[1][5].value, lines[1][5].data_type) == ("=1+1", "s")
    assert csv_of(olga, "?type=customers")[1][5] == "'=1+1"
    assert rows_of(olga, "?what=audit+exported"), "taking it away is written down too"


def test_other_endings_are_nothing(olga: Browser) -> None:
    assert olga.get("/admin/audit.pdf").status_code == 404
    assert olga.post("/admin/audit").status_code == 405


def test_strange_texts_reach_the_file(olga: Browser, company: Cast) -> None:
    audit.log(company.actor("owner"), "sign-out", detail={"name": "a\x0bb𝔘"})
    change.update(company.actor("owner"), access.find(SYSTEM, User, company.anna), {"title": "=HYPERLINK(1)"})
    assert olga.get("/admin/audit.xlsx").status_code == 200
    assert csv_of(olga)
