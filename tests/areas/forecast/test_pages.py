"""The pages asked as the cast: figures, drill-down, files, what managers expect, nonsense in addresses."""

from __future__ import annotations

import html
import io
import re
from typing import Any

import pytest
from openpyxl import load_workbook

from smallcrm import store
from tests.areas.forecast.scene import Company
from tests.client import Web


def text(answer: Any) -> str:
    """What stands on a page, without its tags."""
    body = re.sub(r"<(script|style).*?</\1>", " ", answer.get_data(as_text=True), flags=re.S)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)))


def sheet(answer: Any) -> list[tuple[Any, ...]]:
    return list(load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows(values_only=True))


@pytest.mark.parametrize("by", ["", "person", "team", "product", "pipeline"])
@pytest.mark.parametrize("unit", ["month", "quarter", "year"])
def test_each_table_stands(company: Company, web: Web, by: str, unit: str) -> None:
    company.deal("1234.56")
    page = web.browser("owner").get(f"/forecast?by={by}&unit={unit}")
    assert page.status_code == 200
    assert "€1,234.56" in text(page)
    file = web.browser("owner").get(f"/forecast/export.xlsx?by={by}&unit={unit}")
    rows = sheet(file)
    assert any(row[4] == 1234.56 for row in rows[1:])


def test_a_bar_leads_to_exactly_what_it_sums(company: Company, web: Web) -> None:
    a, b = company.deal("100", name="Alpha"), company.deal("50", name="Beta", owner="carl")
    company.deal("70", name="Gamma", close="2026-12-05")
    company.share(a, bob=50)
    browser = web.browser("owner")
    page = browser.get("/forecast").get_data(as_text=True)
    links = {html.unescape(link) for link in re.findall(r'href="(/forecast/behind[^"]+)"', page)}
    assert len(links) > 20
    assert all(browser.get(link).status_code == 200 for link in links)
    shown = text(browser.get("/forecast/behind?column=pipeline&place=2026-11"))
    assert "Alpha" in shown
    assert "Beta" in shown
    assert "Gamma" not in shown
    assert "2 opportunities, €150.00" in shown
    bobs = text(browser.get(f"/forecast/behind?by=person&key={company.cast.bob}&column=pipeline"))
    assert "Alpha" in bobs
    assert "€50.00" in bobs
    assert "Beta" not in bobs
    rows = sheet(browser.get(f"/forecast/behind.xlsx?by=person&key={company.cast.bob}&column=pipeline"))
    assert [(row[0], row[5], row[7]) for row in rows[1:]] == [("Alpha", 50, a)]
    assert b


def test_the_rest_by_cursor(company: Company, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    from smallcrm.areas.forecast.pages import behind

    monkeypatch.setattr(behind, "PAGE", 2)
    for n, amount in enumerate(("5", "5", "-3", "0", None)):
        company.deal(amount, name=f"Deal {n}")
    browser, url, seen = web.browser("owner"), "/forecast/behind?column=pipeline", list[str]()
    for _ in range(4):
        page = browser.get(url, headers={"HX-Request": "true"} if "cursor" in url else {}).get_data(as_text=True)
        seen += re.findall(r">(Deal \d)<", page)
        found = re.search(r'hx-get="([^"]*cursor=[^"]+)"', page)
        if not found:
            break
        url = html.unescape(found[1])
    assert sorted(seen) == [f"Deal {n}" for n in range(5)]


def said(period: str = "2026-11", **more: str) -> dict[str, str]:
    return {"subject": "company", "period": period, "commit": "", "best": "", "pipeline": "", "note": "", **more}


def test_what_a_manager_expects(company: Company, web: Web) -> None:
    """Stands beside the sum, is kept once however often it is sent, can be taken back, and is logged with its note."""
    company.deal("1000")
    browser = web.browser("owner")
    for _ in range(2):
        assert browser.post("/forecast/override", said(commit="1,500.00", note="Bob is sure")).status_code == 303
    assert "€1,500.00" in text(browser.get("/forecast"))
    assert "€1,000.00" in text(browser.get("/forecast"))
    rows = store.rows("SELECT category, computed, amount, note FROM forecast_override")
    assert rows == [("commit", 0, 150000, "Bob is sure")]
    dialog = text(browser.get("/forecast/override?subject=company&period=2026-11"))
    assert "Bob is sure" in dialog
    assert "Olga Owner" in dialog
    assert browser.post("/forecast/override", said()).status_code == 303
    assert "€1,500.00" not in text(browser.get("/forecast"))
    assert "taken back" in text(browser.get("/forecast/override?subject=company&period=2026-11"))
    assert store.value("SELECT count(*) FROM forecast_override") == 2


def test_a_wrong_amount_keeps_what_was_typed(company: Company, web: Web) -> None:
    answer = web.browser("owner").post("/forecast/override", said(commit="a lot", best="20", note="hm"))
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert 'value="a lot"' in page
    assert 'value="20"' in page
    assert "hm</textarea>" in page
    long = web.browser("owner").post("/forecast/override", said(commit="1", note="x" * 501))
    assert long.status_code == 422
    assert "At most 500 characters" in text(long)
    assert store.value("SELECT count(*) FROM forecast_override") == 0


@pytest.mark.parametrize(
    ("part", "subject", "of", "status"),
    [
        ("manager", "team", "north", 303), ("manager", "user", "anna", 303), ("manager", "user", "manager", 403), ("manager", "company", "", 404),
        ("manager", "user", "service", 404), ("anna", "user", "anna", 403), ("anna", "user", "bob", 404), ("anna", "team", "north", 404),
        ("reader", "company", "", 403), ("owner", "company", "", 303), ("owner", "user", "anna", 303), ("nobody", "company", "", 403),
    ],
)  # fmt: skip
def test_who_says_what_is_expected(company: Company, web: Web, part: str, subject: str, of: str, status: int) -> None:
    number = str(getattr(company.cast, of)) if of else ""
    answer = web.browser(part).post("/forecast/override", {**said(commit="5"), "subject": subject, "of": number})
    assert answer.status_code == status
    assert store.value("SELECT count(*) FROM forecast_override") == (1 if status == 303 else 0)


def test_funnel_page(company: Company, web: Web) -> None:
    company.move(company.deal("100", name="Alpha"), "Needs clear")
    company.win(company.deal("300", opened_on="2026-11-10"))
    slips = company.deal("40", name="Slipper")
    company.set(slips, expected_close="2027-06-01")
    browser = web.browser("owner")
    for rows in ("month", "person", "team", "pipeline", "source"):
        page = browser.get(f"/forecast/funnel?rows={rows}")
        assert page.status_code == 200
        assert "100%" in text(page)
        links = {
            html.unescape(link)
            for link in re.findall(r'href="(/forecast/opportunities[^"]+)"', page.get_data(as_text=True))
        }
        assert links
        assert all(browser.get(link).status_code == 200 for link in links)
    stage = company.stage("New")
    assert "Alpha" in text(browser.get(f"/forecast/opportunities?what=reached&stage={stage}"))
    assert "Alpha" not in text(browser.get(f"/forecast/opportunities?what=stopped&stage={stage}"))
    assert "Slipper" in text(browser.get("/forecast/opportunities?what=slipped"))
    assert browser.get("/forecast/opportunities?what=nonsense").status_code == 404
    rows_ = sheet(browser.get("/forecast/funnel.xlsx"))
    assert rows_[1][:4] == ("New", 3, 2, 0.6667)


def test_coverage_only_where_somebody_keeps_targets(company: Company, web: Web) -> None:
    from smallcrm.areas.forecast.rules import targets

    company.deal("300")
    assert "Coverage" not in text(web.browser("owner").get("/forecast/funnel"))

    @targets.keeps
    def hundred(subject: Any, first: Any, last: Any) -> int | None:
        return 15000 if subject.kind == "company" else None

    try:
        assert "2.0× €300.00 open, target €150.00" in text(web.browser("owner").get("/forecast/funnel"))
        assert "Coverage" not in text(web.browser("owner").get(f"/forecast/funnel?person={company.cast.anna}"))
    finally:
        targets.forget(hundred)


def test_taking_over_what_history_says(company: Company, web: Web) -> None:
    company.win(company.deal())
    stage = company.stage("New")
    url = f"/forecast/stages/{stage}/chance"
    assert "Take over" not in text(web.browser("manager").get("/forecast/funnel"))
    assert web.browser("manager").post(url, {"chance": "100"}).status_code == 403
    browser = web.browser("owner")
    assert "Take over" in text(browser.get("/forecast/funnel"))
    assert browser.post(url, {"chance": "101"}).status_code == 422
    assert browser.post(url, {"chance": "100"}).status_code == 303
    assert store.value("SELECT chance FROM stage WHERE id = ?", [stage]) == 100


def test_moved_page_and_today(company: Company, web: Web) -> None:
    company.deal("500", name="Fresh")
    browser = web.browser("manager")
    for query in ("", "?measure=weighted", "?since=2026-11-01&closing=month", "?closing=next", "?since=2030-01-01"):
        assert browser.get(f"/forecast/moved{query}").status_code == 200
    assert "Fresh" in text(browser.get("/forecast/opportunities?what=moved&kind=new"))
    assert browser.get("/forecast/opportunities?what=moved&kind=zzz").status_code == 404
    rows = sheet(browser.get("/forecast/moved.xlsx"))
    assert [row[3] for row in rows[1:]] == [0, 500, 500]
    assert "Moved since" in text(browser.get("/?team=1"))
    assert "Moved since" not in text(web.browser("anna").get("/"))


def test_hot_page(company: Company, web: Web) -> None:
    near = company.deal("10", name="Near", close="2026-11-21", stage="Negotiation", next_step="Sign")
    company.deal("10", name="Far", close="2027-01-30", stage="Negotiation")
    company.deal("10", name="Beyond", close="2027-06-30", stage="Negotiation")
    browser = web.browser("anna")
    page = browser.get("/forecast/hot")
    shown = text(page)
    assert shown.index("Near") < shown.index("Far")
    assert "Beyond" not in shown
    assert "90 % likely, closes in 1 day, never spoken about yet" in shown
    assert f'data-base="/opportunities/{near}"' in page.get_data(as_text=True)
    assert browser.get(f"/opportunities/{near}/cell/next_step").status_code == 200
    assert 'data-cell="next_step"' not in web.browser("reader").get("/forecast/hot").get_data(as_text=True)
    assert sheet(browser.get("/forecast/hot.xlsx"))[1][0] == "Near"


@pytest.mark.parametrize(
    "path", ["", "/funnel", "/moved", "/hot", "/behind", "/export.xlsx", "/funnel.xlsx", "/moved.xlsx", "/hot.xlsx"]
)
def test_nonsense_and_no_right(company: Company, web: Web, path: str) -> None:
    for text_ in ("abc", "9" * 30, "-1", "2026-13", "²", "", "\x00", "0001-01-01", "9999-12-31"):
        names = (
            "unit",
            "from",
            "n",
            "by",
            "pipeline",
            "person",
            "team",
            "product",
            "source",
            "as_of",
            "since",
            "closing",
            "measure",
            "place",
            "key",
            "column",
            "cursor",
            "skip",
            "rows",
        )
        answer = web.browser("owner").get(f"/forecast{path}", query_string=dict.fromkeys(names, text_))
        assert answer.status_code == 200, text_
    assert web.browser("nobody").get(f"/forecast{path}").status_code == 403
    assert (
        web.browser("owner")
        .get(f"/forecast{path}", query_string={"n": "60", "unit": "year", "from": "2200"})
        .status_code
        == 200
    )


def test_a_hidden_field_hides_the_figures(company: Company, web: Web) -> None:
    from smallcrm.areas.people.records import Role
    from smallcrm.areas.people.roles import role_id
    from smallcrm.identity.actor import SYSTEM
    from smallcrm.records import access, change

    role = access.find(SYSTEM, Role, int(role_id("sales") or 0))
    change.update(
        SYSTEM, role, {"field_rights": [{"type": "opportunity", "field": "amount", "right": "hidden"}]}, trusted=True
    )
    answer = web.browser("anna").get("/forecast")
    assert answer.status_code == 403
    assert 'href="/forecast"' not in web.browser("anna").get("/").get_data(as_text=True)
