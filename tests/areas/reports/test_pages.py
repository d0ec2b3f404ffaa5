"""Reports in the browser: the pages, saving a figure, dashboards, segments, alerts, and what is said where something is wrong."""

from __future__ import annotations

import io
import json
import re
from html import unescape
from urllib.parse import quote

import pytest
from openpyxl import load_workbook

from smallcrm import store
from smallcrm.areas.reports.records import Alert, Dashboard, Figure, Segment
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, change, figures, query, undo
from smallcrm.records.figures import Spec, ready
from smallcrm.records.record import values
from tests.areas.reports.scene import Scene
from tests.client import Web

WON = {"field": "state", "op": "eq", "value": "won"}


@pytest.fixture
def sold(company: Scene) -> Scene:
    company.deal("anna", "1000", "won", "2026-11-02", source="=1+1")
    company.deal("carl", "4000", "won", "2026-11-10", source="Fair")
    company.deal("anna", "700", "lost", "2026-11-05")
    company.deal("anna", "300", "open", "2026-12-01")
    return company


@pytest.mark.parametrize("part", ["owner", "manager", "anna", "reader"])
def test_every_report_opens_with_every_choice(sold: Scene, web: Web, part: str) -> None:
    browser = web.browser(part)
    for each in ready.reports(sold.cast.actor(part)):
        for asked in (
            "",
            "?period=last_12_months&compare=previous",
            f"?whose=u{sold.cast.anna}",
            "?from=2026-01-01&to=2026-12-31",
            "?period=&compare=",
        ):
            page = browser.get(f"/reports/{each.key}{asked}")
            assert page.status_code == 200, (each.key, asked)
        assert browser.get(f"/reports/{each.key}/excel").status_code == 200
    assert browser.get("/reports").status_code == 200


def test_a_number_leads_to_its_records(sold: Scene, web: Web) -> None:
    page = web.browser("owner").get("/reports/sales").get_data(as_text=True)
    link = next(unescape(url) for url in re.findall(r'<a class="lnk" href="([^"]+)">€4,000.00</a>', page))
    listed = web.browser("owner").get(link).get_data(as_text=True)
    assert "carl won 4000" in listed
    assert "anna won 1000" not in listed


def test_nobody_elses(sold: Scene, web: Web) -> None:
    page = web.browser("anna").get("/reports/sales").get_data(as_text=True)
    assert "€4,000.00" not in page
    assert "Carl" not in page
    asked = web.browser("anna").get(f"/reports/sales?whose=u{sold.cast.carl}").get_data(as_text=True)
    assert "€4,000.00" not in asked


@pytest.mark.parametrize("url", ["/reports/none", "/figure?ref=none", "/figure?ref=999", "/dashboard?board=77"])
def test_what_is_not_there(sold: Scene, web: Web, url: str) -> None:
    assert web.browser("owner").get(url).status_code == 404


@pytest.mark.parametrize(
    ("url", "status"),
    [("/figure?about=opportunity&measure=nope", 200), ("/figure?about=opportunity&filter=%7B%22field%22%3A1%7D", 200), ("/figure?about=nope", 400),
     ("/figure?filter=%7B", 400), ("/figure?about=opportunity&when=closed_on&period=soon", 400), ("/reports/sales?from=x&to=y", 400)],
)  # fmt: skip
def test_what_makes_no_sense(sold: Scene, web: Web, url: str, status: int) -> None:
    answer = web.browser("owner").get(url)
    assert answer.status_code == status
    if status == 200:
        assert "This cannot be worked out." in answer.get_data(as_text=True)


def test_a_figure_is_kept_changed_and_removed(sold: Scene, web: Web) -> None:
    browser = web.browser("anna")
    form = {
        "about": "opportunity",
        "measure": "sum:amount",
        "by": "owner",
        "filter": json.dumps(WON),
        "name": "Mine",
        "shared": "team",
    }
    kept = browser.post("/figure", form)
    assert kept.status_code == 303
    number = int(kept.headers["Location"].rpartition("=")[2])
    assert "€1,000.00" in browser.get(kept.headers["Location"]).get_data(as_text=True)
    over = browser.post(
        "/figure", {**form, "ref": str(number), "over": "1", "version": "1", "name": "Ours", "then": "state"}
    )
    assert over.status_code == 303
    held = values(access.find(SYSTEM, Figure, number))
    assert (held["name"], held["then_by"], held["version"]) == ("Ours", "state", 2)
    stale = browser.post("/figure", {**form, "ref": str(number), "over": "1", "version": "1", "name": "Late"})
    assert stale.status_code == 422
    assert 'value="Late"' in stale.get_data(as_text=True)
    assert web.browser("bob").get(f"/figure?ref={number}").status_code == 200  # their team's
    assert web.browser("carl").get(f"/figure?ref={number}").status_code == 404
    assert browser.post(f"/figures/{number}/remove").status_code == 303
    assert browser.get(f"/figure?ref={number}").status_code == 404


def test_a_figure_without_a_name_keeps_what_was_chosen(sold: Scene, web: Web) -> None:
    form = {"about": "opportunity", "measure": "win_rate", "by": "owner", "name": " ", "shared": "mine"}
    answer = web.browser("anna").post("/figure", form)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "Give the figure a name." in page
    assert 'value="win_rate" selected' in page
    assert store.value("SELECT count(*) FROM figure") == 0


def test_sent_twice_is_kept_once(sold: Scene, web: Web) -> None:
    browser, form = web.browser("anna"), {"about": "opportunity", "name": "Once", "once": "a-token-of-this-form"}
    first, second = browser.post("/figure", form), browser.post("/figure", form)
    assert first.headers["Location"] == second.headers["Location"]
    assert store.value("SELECT count(*) FROM figure") == 1


def test_everyones_are_kept_by_those_who_may(sold: Scene, web: Web) -> None:
    form = {"about": "opportunity", "name": "All", "shared": "all"}
    assert web.browser("anna").post("/figure", form).status_code == 422
    assert web.browser("owner").post("/figure", form).status_code == 303
    assert ">All<" in web.browser("carl").get("/reports").get_data(as_text=True)


def test_the_workbook_of_a_figure_holds_no_formula(sold: Scene, web: Web) -> None:
    answer = web.browser("owner").get("/figure/excel?ref=won-by-source")
    page = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    cells = {cell.value: cell.data_type for row in page.iter_rows() for cell in row if cell.value is not None}
    assert cells["=1+1"] == "s"
    assert 1000 in cells
    assert len(page._charts) == 1


def test_an_export_is_written_down(sold: Scene, web: Web) -> None:
    web.browser("owner").get("/reports/sales/excel")
    assert store.value("SELECT count(*) FROM audit WHERE act = 'export' AND actor = ?", [sold.cast.owner]) == 1


# ---------------------------------------------------------------- dashboards


@pytest.mark.parametrize("part", ["owner", "manager", "anna", "service", "reader"])
def test_everybody_has_a_dashboard(sold: Scene, web: Web, part: str) -> None:
    assert 'class="rep"' in web.browser(part).get("/dashboard").get_data(as_text=True)


def test_asked_again_it_answers_only_what_is_new(sold: Scene, web: Web) -> None:
    browser = web.browser("owner")
    page = browser.get("/dashboard").get_data(as_text=True)
    again = unescape(re.search(r'data-poll="90" hx-get="([^"]+)"', page)[1])  # type: ignore[index]
    quiet = browser.get(again)
    assert (quiet.status_code, quiet.data) == (204, b"")
    etag = quiet.headers["ETag"]
    assert browser.get("/dashboard?part=1", headers={"If-None-Match": etag}).status_code == 304
    sold.deal("anna", "1", "won", "2026-11-18")
    news = browser.get(again)
    assert news.status_code == 200
    assert news.headers["ETag"] != etag


def test_arranging(sold: Scene, web: Web) -> None:
    browser = web.browser("anna")
    form = {
        "board": "ready", "name": "Hers", "shared": "mine", "tile-2-figure": "open-value", "tile-2-on": "1", "tile-2-size": "tile", "tile-2-shown": "chart",
        "tile-1-figure": "won-value", "tile-1-size": "tile", "tile-9-figure": "won-by-owner", "tile-9-on": "1", "tile-9-size": "whole",
        "tile-9-shown": "table", "add": "calls",
    }  # fmt: skip
    kept = browser.post("/dashboard/arrange", form)
    assert kept.status_code == 303, kept.get_data(as_text=True)
    number = int(kept.headers["Location"].rpartition("=")[2])
    tiles = values(access.find(SYSTEM, Dashboard, number))["tiles"]
    assert [(tile["figure"], tile["size"]) for tile in tiles] == [
        ("open-value", "tile"),
        ("won-by-owner", "whole"),
        ("calls", "half"),
    ]
    assert "Hers" in browser.get("/dashboard").get_data(as_text=True)  # it opens first now
    assert web.browser("carl").get(f"/dashboard?board={number}").status_code == 404
    refused = browser.post("/dashboard/arrange", {**form, "name": ""})
    assert refused.status_code == 422
    assert 'name="tile-2-figure" value="open-value"' in refused.get_data(
        as_text=True
    ) or 'value="open-value"' in refused.get_data(as_text=True)
    unknown = browser.post("/dashboard/arrange", {**form, "add": "no-such"})
    assert unknown.status_code == 422


def test_a_shared_one_of_the_role_opens_first(sold: Scene, web: Web) -> None:
    form = {"board": "ready", "name": "For sales", "shared": "all", "role": "sales", "add": "won-value"}
    assert web.browser("owner").post("/dashboard/arrange", form).status_code == 303
    assert "For sales" in web.browser("carl").get("/dashboard").get_data(as_text=True)
    assert web.browser("reader").get("/dashboard/arrange").status_code == 403


def test_a_figure_that_is_gone_is_said(sold: Scene, web: Web) -> None:
    actor = sold.cast.actor("anna")
    made = change.create(actor, Figure, {"name": "X", "about": "opportunity"})
    board = change.create(actor, Dashboard, {"name": "B", "tiles": [{"figure": str(made.id)}]})
    change.delete(actor, made)
    assert "This figure is gone" in web.browser("anna").get(f"/dashboard?board={board.id}").get_data(as_text=True)


# ---------------------------------------------------------------- segments


def test_a_segment_is_a_filter_everywhere(sold: Scene, web: Web) -> None:
    browser = web.browser("anna")
    tree = {"field": "region", "op": "eq", "value": "North"}
    assert browser.get(f"/reports/segments/new?about=customer&filter={quote(json.dumps(tree))}").status_code == 200
    assert (
        browser.post(
            "/reports/segments", {"about": "customer", "filter": json.dumps(tree), "name": "Up north", "shared": "all"}
        ).status_code
        == 422
    )
    assert (
        browser.post(
            "/reports/segments", {"about": "customer", "filter": json.dumps(tree), "name": "Up north", "shared": "team"}
        ).status_code
        == 303
    )
    number = int(store.value("SELECT id FROM segment"))
    inside = {"field": "segment", "op": "eq", "value": str(number)}
    anna, bob, carl = (sold.cast.actor(part) for part in ("anna", "bob", "carl"))
    kind = Spec("customer").kind
    names = {row[0] for row in store.rows("SELECT id FROM customer WHERE owner = ?", [anna.id])}
    assert {i for chunk in query.ids(query.Ask(anna, kind, filter=inside)) for i in chunk} == names
    assert query.count(query.Ask(anna, kind, filter={**inside, "op": "ne"})) == 0
    assert query.count(query.Ask(bob, kind, filter=inside)) == 1  # within his own reach
    with pytest.raises(Exception, match="Choose from"):
        query.count(query.Ask(carl, kind, filter=inside))
    assert (
        figures.ask(
            anna, Spec("opportunity", filter={"field": "customer.segment", "op": "eq", "value": str(number)})
        ).total.value
        == 3
    )
    sold.customer(anna.id, "Newer", region="North")
    assert query.count(query.Ask(anna, kind, filter=inside)) == 2  # never stale
    assert "Up north" in browser.get(f"/customers?view=all&filter={quote(json.dumps(inside))}").get_data(as_text=True)
    assert browser.get(f"/customers/chip?field=segment&filter={quote(json.dumps(inside))}&index=0").status_code == 200
    assert web.api("anna").get(f"/customers?filter={quote(json.dumps(inside))}&count=1").get_json()["total"] == 2


def test_frozen_it_stays_as_it_is(sold: Scene, web: Web) -> None:
    anna = sold.cast.actor("anna")
    record = change.create(
        anna, Segment, {"name": "S", "about": "customer", "conditions": '{"field":"region","op":"eq","value":"North"}'}
    )
    browser, kind = web.browser("anna"), Spec("customer").kind
    ask = query.Ask(anna, kind, filter={"field": "segment", "op": "eq", "value": str(record.id)})
    assert browser.post(f"/reports/segments/{record.id}/freeze").status_code == 303
    sold.customer(anna.id, "Newer", region="North")
    assert query.count(ask) == 1
    assert browser.post(f"/reports/segments/{record.id}/thaw").status_code == 303
    assert query.count(ask) == 2
    assert web.browser("carl").post(f"/reports/segments/{record.id}/freeze").status_code == 404


def test_a_segment_of_itself(sold: Scene, web: Web) -> None:
    anna = sold.cast.actor("anna")
    record = change.create(anna, Segment, {"name": "S", "about": "customer"})
    own = json.dumps({"field": "segment", "op": "eq", "value": str(record.id)})
    assert (
        web.browser("anna")
        .post("/reports/segments", {"about": "customer", "filter": own, "over": str(record.id)})
        .status_code
        == 422
    )
    change.update(anna, access.find(anna, Segment, int(record.id)), {"conditions": own})
    assert web.browser("anna").get("/reports/segments").status_code == 200
    assert web.browser("anna").get(f"/customers?filter={quote(own)}").status_code == 400


# ---------------------------------------------------------------- alerts and the API


def test_making_an_alert(sold: Scene, web: Web) -> None:
    browser = web.browser("anna")
    form = {"name": "Thin", "figure": "open-value", "side": "below", "threshold": "500000", "enabled": ["", "1"]}
    assert browser.post("/reports/alerts", form).status_code == 303
    wrong = browser.post("/reports/alerts", {**form, "threshold": "much"})
    assert wrong.status_code == 422
    assert 'value="much"' in wrong.get_data(as_text=True)
    grouped = browser.post("/reports/alerts", {**form, "figure": "won-by-owner"})
    assert "without groups" in grouped.get_data(as_text=True)
    number = int(store.value("SELECT id FROM alert"))
    assert "€300.00" in browser.get("/reports/alerts").get_data(as_text=True)
    assert browser.post(f"/reports/alerts/{number}/off").status_code == 303
    assert not values(access.find(SYSTEM, Alert, number))["enabled"]
    assert web.browser("carl").post(f"/reports/alerts/{number}/on").status_code == 404


def test_the_api(sold: Scene, web: Web) -> None:
    api = web.api("anna")
    found = api.get("/reports").get_json()
    assert "won-value" in {each["key"] for each in found["figures"]}
    answer = api.get("/reports/won-by-owner").get_json()
    assert (answer["total"], answer["currency"], answer["from"]) == ("1000.00", "EUR", "2026-11-01")
    assert [row["value"] for row in answer["rows"]] == ["1000.00"]
    listed = api.get(f"/opportunities?filter={quote(json.dumps(answer['rows'][0]['filter']))}&count=1").get_json()
    assert listed["total"] == 1
    made = api.post("/figures", {"name": "Mine", "about": "opportunity", "measure": "count", "by": "state"}).get_json()
    assert api.get(f"/reports/{made['id']}").get_json()["total"] == 3
    assert web.api("carl").get(f"/reports/{made['id']}").status_code == 404
    assert api.get("/reports/nope").status_code == 404
    broken = api.post("/figures", {"name": "Broken", "about": "opportunity", "measure": "nope"}).get_json()
    assert api.get(f"/reports/{broken['id']}").status_code == 400


def test_the_filter_of_a_figure_is_edited_on_its_page(sold: Scene, web: Web) -> None:
    """The lists' own editor, leading back to the figure; out of these pages it never leads."""
    browser = web.browser("anna")
    back = "/figure?about=opportunity&by=owner"
    page = browser.get(f"/opportunities/chip?field=state&back={quote(back, safe='')}").get_data(as_text=True)
    assert "back=%2Ffigure" in page
    answer = browser.post("/opportunities/chip", {"field": "state", "op": "in", "value": "won", "back": back})
    assert answer.status_code == 302
    where = answer.headers["Location"]
    assert where.startswith("/figure?about=opportunity&by=owner&filter=")
    assert "state" in browser.get(where).get_data(as_text=True)
    away = browser.post("/opportunities/chip", {"field": "state", "op": "in", "value": "won", "back": "//evil.example"})
    assert away.headers["Location"].startswith("/opportunities?")


def test_a_list_leads_to_figures_and_segments(sold: Scene, web: Web) -> None:
    page = unescape(
        web.browser("anna")
        .get(f"/customers?filter={quote(json.dumps({'field': 'grade', 'op': 'eq', 'value': 'A'}))}")
        .get_data(as_text=True)
    )
    assert "/figure?about=customer&filter=%7B%22field%22" in page
    assert "/reports/segments/new?about=customer&filter=%7B%22field%22" in page


# ---------------------------------------------------------------- segments by hand, and used


def members(company: Scene, part: str, number: int) -> set[int]:
    ask = query.Ask(
        company.cast.actor(part), Spec("customer").kind, filter={"field": "segment", "op": "eq", "value": str(number)}
    )
    return {each for chunk in query.ids(ask) for each in chunk}


def test_put_in_and_left_out_by_hand(sold: Scene, web: Web) -> None:
    """Whatever the filter says, within the reach of who asks; taken back by Undo; a new one of the selected alone."""
    anna = sold.cast.actor("anna")
    north, south = (sold.customer(anna.id, name, region=name) for name in ("North", "South"))
    tree = '{"field":"region","op":"eq","value":"North"}'
    number = int(change.create(anna, Segment, {"name": "Up north", "about": "customer", "conditions": tree}).id)
    before = members(sold, "anna", number)
    assert north in before
    assert south not in before
    browser = web.browser("anna")
    form = browser.post("/customers/bulk/segment-form", {"id": south}).get_data(as_text=True)
    assert "Up north" in form
    assert browser.post("/customers/bulk/segment", {"id": south, "segment": number, "way": "in"}).status_code == 303
    assert members(sold, "anna", number) == before | {south}
    assert browser.post("/customers/bulk/segment", {"id": north, "segment": number, "way": "out"}).status_code == 303
    assert members(sold, "anna", number) == (before | {south}) - {north}
    assert browser.post("/customers/bulk/segment", {"id": north, "segment": number, "way": "in"}).status_code == 303
    assert members(sold, "anna", number) == before | {south}
    undo.undo(anna, int(store.value("SELECT max(id) FROM change_set")))
    assert members(sold, "anna", number) == (before | {south}) - {north}
    assert browser.post("/customers/bulk/segment", {"id": [north, south], "name": "Two"}).status_code == 303
    two = int(store.value("SELECT max(id) FROM segment"))
    assert members(sold, "anna", two) == {north, south}
    change.update(SYSTEM, access.find(SYSTEM, Segment, two), {"shared": "team"}, trusted=True)
    assert members(sold, "bob", two) == set()  # what he does not see is no member for him
    assert browser.post("/customers/bulk/segment", {"id": north, "way": "out"}).status_code == 422
    assert browser.post("/customers/bulk/segment", {"id": north, "name": " "}).status_code == 422
    assert web.browser("carl").post("/customers/bulk/segment", {"id": north, "segment": number}).status_code == 404


def test_one_in_use_says_where(sold: Scene, web: Web) -> None:
    anna = sold.cast.actor("anna")
    first = int(change.create(anna, Segment, {"name": "First", "about": "customer"}).id)
    inside = json.dumps({"all": [{"field": "segment", "op": "in", "value": [str(first)]}]})
    second = change.create(anna, Segment, {"name": "Second", "about": "customer", "conditions": inside})
    browser = web.browser("anna")
    refused = browser.post(f"/reports/segments/{first}/remove")
    assert refused.status_code == 409
    assert "Second" in refused.get_data(as_text=True)
    assert browser.post(f"/reports/segments/{second.id}/remove").status_code == 303
    assert browser.post(f"/reports/segments/{first}/remove").status_code == 303


def test_a_board_takes_a_segment(sold: Scene, web: Web) -> None:
    anna = sold.cast.actor("anna")
    number = int(store.value("SELECT min(id) FROM opportunity WHERE owner = ?", [anna.id]))
    segment = change.create(anna, Segment, {"name": "Few", "about": "opportunity"})
    change.update(SYSTEM, access.find(SYSTEM, Segment, int(segment.id)), {"added": [str(number)]}, trusted=True)
    tree = quote(json.dumps({"field": "segment", "op": "eq", "value": str(segment.id)}))
    page = web.browser("anna").get(f"/opportunities/board?view=all&filter={tree}")
    assert page.status_code == 200
    assert "Few" in page.get_data(as_text=True)
