"""The pipeline's pages, asked as the cast: board, moving, endings, people, the battle map, setting stages up."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from typing import Any

import pytest

from smallcrm import store
from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.areas.customers.rules import relations
from smallcrm.areas.people.records import User
from smallcrm.areas.pipeline.records import Competitor, Opportunity
from smallcrm.areas.pipeline.rules import moving, stages
from smallcrm.base import clock
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, change
from tests.areas.pipeline.scene import Company
from tests.client import Browser, Web

HX = {"headers": {"HX-Request": "true"}}


def text(answer: Any) -> str:
    page = re.sub(r"<(script|style|svg).*?</\1>", " ", answer.get_data(as_text=True), flags=re.S)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def lanes(answer: Any) -> dict[str, tuple[str, list[str]]]:
    """Stage → (its head, the titles of its cards)."""
    page = answer.get_data(as_text=True)
    found = {}
    for name, body in re.findall(r'<section class="lane" aria-label="([^"]*)">(.*?)</section>', page, flags=re.S):
        head = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body.split('class="lane-l"')[0])).strip()
        found[html.unescape(name)] = (
            html.unescape(head),
            [html.unescape(title) for title in re.findall(r'<article class="kc"[^>]*aria-label="([^"]*)"', body)],
        )
    return found


def drop(browser: Browser, number: int, was: int, to: int) -> Any:
    return browser.post(f"/opportunities/{number}/board-move?from={was}", {"to": to, "before": ""}, **HX)


def test_the_board(company: Company, web: Web) -> None:
    """Each column with its cards, count, sum and weighted sum, within reach and filter; what ended long ago is not on it."""
    company.make("Pumps", amount="1000")
    company.make("Valves", amount="500", expected_close=(clock.today() + dt.timedelta(days=3)).isoformat())
    company.make("Somebody's", part="carl")
    old = company.make("Old", opened_on="2024-01-01")
    moving.win(company.actor("anna"), old, closed_on="2024-02-01")
    moving.win(company.actor("anna"), company.make("Fresh", amount="70"))
    board = lanes(web.browser("anna").get("/opportunities/board"))
    assert list(board) == ["Found", "Agreed", "Offered", "Closing", "Won", "Lost", "Invalid"]
    assert board["Found"][1] == ["Valves", "Pumps"]
    assert board["Won"][1] == ["Fresh"]
    assert "2" in board["Found"][0]
    assert "€1,500" in board["Found"][0]
    assert "€150" in board["Found"][0]
    assert lanes(web.browser("manager").get("/opportunities/board"))["Found"][1] == ["Valves", "Pumps", "Somebody's"]
    only = json.dumps({"field": "amount", "op": "gt", "value": "600"})
    assert lanes(web.browser("anna").get(f"/opportunities/board?filter={only}"))["Found"][1] == ["Pumps"]
    assert lanes(web.browser("anna").get("/opportunities/board?q=valv"))["Found"][1] == ["Valves"]
    assert web.browser("anna").get("/opportunities/board?pipeline=999").status_code == 404
    assert web.browser("nobody").get("/opportunities/board").status_code in (403, 404)


def test_a_column_pages_by_itself(company: Company, web: Web) -> None:
    """Twenty cards and how many more; each is seen once."""
    for number in range(47):
        company.make(f"Deal {number:02d}", expected_close=f"2030-01-{number % 28 + 1:02d}")
    browser = web.browser("anna")
    answer = browser.get("/opportunities/board")
    seen = lanes(answer)["Found"][1]
    following = re.search(r'class="more" href="([^"]+)"[^>]*>([^<]+)<', answer.get_data(as_text=True))
    assert following
    assert following[2] == "27 more"
    while following:
        part = browser.get(html.unescape(following[1]), **HX)
        page = part.get_data(as_text=True)
        seen += re.findall(r'<article class="kc"[^>]*aria-label="([^"]*)"', page)
        following = re.search(r'class="more" href="([^"]+)"[^>]*>([^<]+)<', page)
    assert sorted(seen) == sorted(f"Deal {number:02d}" for number in range(47))


def test_dragging(company: Company, web: Web) -> None:
    """Moved at once, asked for what is missing, told who was quicker, refused what is over."""
    company.set("Agreed", required_fields=["amount"])
    record = company.make()
    browser, at = web.browser("anna"), company.stage
    assert drop(browser, int(record.id), at["Found"], at["Found"]).status_code == 204
    asked = drop(browser, int(record.id), at["Found"], at["Agreed"])
    assert asked.status_code == 200
    assert 'name="amount"' in asked.get_data(as_text=True)
    assert company.at(record) == "Found"
    form = {"board": "1", "version": record.version, "amount": "twelve"}
    again = browser.post(f"/opportunities/{record.id}/stage?to={at['Agreed']}", form, **HX)
    assert again.status_code == 422
    assert 'value="twelve"' in again.get_data(as_text=True)
    done = browser.post(f"/opportunities/{record.id}/stage?to={at['Agreed']}", {**form, "amount": "1,200"}, **HX)
    assert done.status_code == 200
    told = json.loads(done.headers["HX-Trigger"])
    assert told["boardMoved"]
    assert "Pumps moved to “Agreed”." in told["toast"]["text"]
    assert company.held(record)["amount"] == 120_000
    late = drop(web.browser("manager"), int(record.id), at["Found"], at["Offered"])
    assert late.status_code == 409
    assert "Agreed" in late.get_data(as_text=True)
    assert drop(browser, int(record.id), at["Agreed"], at["Offered"]).status_code == 204
    heads = browser.get(f"/opportunities/board/heads?pipeline={company.pipeline}", **HX).get_data(as_text=True)
    assert f'id="lane-{at["Offered"]}"' in heads
    lost = drop(browser, int(record.id), at["Offered"], at["Lost"])
    assert lost.status_code == 200
    assert 'name="close_reason"' in lost.get_data(as_text=True)
    assert drop(browser, int(record.id), at["Offered"], at["Won"]).status_code == 204
    assert drop(browser, int(record.id), at["Won"], at["Found"]).status_code == 409
    assert drop(browser, int(record.id), at["Won"], 999).status_code == 409
    assert drop(web.browser("carl"), int(record.id), at["Won"], at["Found"]).status_code == 404
    assert drop(web.browser("reader"), int(record.id), at["Won"], at["Found"]).status_code in (403, 404)


def test_losing_by_the_dialog(company: Company, web: Web) -> None:
    """The reason is asked for and what was typed stays; then the page says why, and the manager reopens it."""
    record = company.make()
    browser = web.browser("anna")
    url = f"/opportunities/{record.id}/stage?to={company.stage['Lost']}"
    page = browser.get(f"/opportunities/{record.id}/stage?kind=lost").get_data(as_text=True)
    assert "no budget" in page
    refused = browser.post(url, {"close_note": "They <b>stopped</b>"})
    assert refused.status_code == 422
    assert "They &lt;b&gt;stopped&lt;/b&gt;" in refused.get_data(as_text=True)
    assert "Say why it was lost." in text(refused)
    rival = change.create(SYSTEM, Competitor, {"name": "Hydra Ltd"}, trusted=True)
    form = {"close_reason": "price", "lost_to": rival.id, "ask_again_on": "2031-05-01"}
    assert browser.post(url, form).status_code == 303
    page = text(browser.get(f"/opportunities/{record.id}"))
    assert "Hydra Ltd" in page
    assert "Price. " in page
    assert "Reopen" not in page
    assert browser.get(f"/opportunities/{record.id}/reopen").status_code == 200
    assert browser.post(f"/opportunities/{record.id}/reopen", {"reason": "x"}).status_code == 422
    manager = web.browser("manager")
    assert "Reopen" in text(manager.get(f"/opportunities/{record.id}"))
    assert manager.post(f"/opportunities/{record.id}/reopen", {"reason": " "}).status_code == 422
    assert manager.post(f"/opportunities/{record.id}/reopen", {"reason": "They called"}).status_code == 303
    assert company.at(record) == "Found"


def test_the_checklist(company: Company, web: Web) -> None:
    """Ticked on the page; a made-up item is refused."""
    company.set("Found", checklist=["Called", "Visited"])
    record = company.make()
    browser = web.browser("anna")
    assert "Visited" in text(browser.get(f"/opportunities/{record.id}"))
    browser.post(f"/opportunities/{record.id}/tick", {"item": "Called", "done": "1"})
    page = browser.get(f"/opportunities/{record.id}").get_data(as_text=True)
    assert re.search(r'aria-pressed="true"[^>]*>.*?Called', page)
    assert browser.post(f"/opportunities/{record.id}/tick", {"item": "Nonsense", "done": "1"}).status_code == 422
    browser.post(f"/opportunities/{record.id}/tick", {"item": "Called", "done": "0"})
    assert company.held(record)["ticked"] in (None, [])


def test_people_and_the_plan(company: Company, web: Web) -> None:
    """Somebody gets a part, changes it, is taken out; the map shows who reports to whom and says what is missing."""
    customer = company.customer()
    maria, george = company.contact("Maria Hart", customer), company.contact("George Ridley", customer)
    anna = company.actor("anna")
    relations.add(anna, access.find(anna, Contact, george), kind="reports_to", other=("contact", maria))
    record = company.make(customer=customer)
    browser = web.browser("anna")
    base = f"/opportunities/{record.id}"
    assert "Nobody is known who decides." in text(browser.get(f"{base}/plan"))
    options = browser.get(f"{base}/people/options?q=mar").get_json()
    assert [each["text"] for each in options] == ["Maria Hart"]
    refused = browser.post(f"{base}/people/edit", {"contact": "", "note": "typed"})
    assert refused.status_code == 422
    assert 'value="typed"' in refused.get_data(as_text=True)
    form = {"contact": maria, "part": "decides", "influence": "high", "attitude": "opponent", "coverage": "none"}
    assert browser.post(f"{base}/people/edit", form).status_code == 303
    assert (
        browser.post(
            f"{base}/people/edit", {**form, "contact": george, "part": "uses", "attitude": "champion"}
        ).status_code
        == 303
    )
    page = browser.get(f"{base}/plan")
    assert page.get_data(as_text=True).count('class="mp-line"') == 1
    said = text(page)
    assert "Maria Hart has not been spoken to." in said
    assert "Against us, with much influence: Maria Hart." in said
    assert "Nobody who decides or approves is for us." in said
    browser.post(f"{base}/people/edit", {**form, "attitude": "supporter"})
    assert "Nobody who decides or approves is for us." not in text(browser.get(f"{base}/plan"))
    assert store.value("SELECT count(*) FROM buyer WHERE deleted_at IS NULL") == 2
    buyer = store.value("SELECT id FROM buyer WHERE contact = ?", [maria])
    other = company.make("Valves", customer=customer)
    assert browser.post(f"/opportunities/{other.id}/people/{buyer}/remove").status_code == 404
    assert browser.post(f"{base}/people/{buyer}/remove").status_code == 303
    assert "Nobody is known who decides." in text(browser.get(f"{base}/plan"))
    assert web.browser("carl").get(f"{base}/plan").status_code == 404


def test_on_the_customers_page(company: Company, web: Web) -> None:
    """What is open and what it is worth, what ended; within reach."""
    customer = company.customer()
    company.make("Pumps", customer=customer, amount="1500")
    moving.win(company.actor("anna"), company.make("Valves", customer=customer, amount="20"))
    page = text(web.browser("anna").get(f"/customers/{customer}"))
    assert "Open pipeline €1,500" in page
    assert "Pumps" in page
    assert "Valves" in page
    assert access.fetch(company.actor("anna"), Customer, customer) is not None


def test_setting_stages_up(company: Company, web: Web) -> None:
    """Order, adding, deleting with what stands there, a ready-made pipeline; salespeople may not."""
    record = company.make()
    browser = web.browser("owner")
    url = f"/pipelines/{company.pipeline}"
    assert "1 stands here" in text(browser.get(url))
    assert browser.post(f"{url}/order", {"stage": company.stage["Agreed"], "by": -1}).status_code == 303
    assert [step.name for step in stages.every()[company.pipeline].open_steps][:2] == ["Agreed", "Found"]
    assert browser.post(f"{url}/order", {"stage": "9999", "by": 1}).status_code == 400
    form = browser.get(f"/stages/{company.stage['Found']}/empty").get_data(as_text=True)
    assert "Agreed" in form
    assert browser.post(f"/stages/{company.stage['Found']}/empty", {"to": ""}).status_code == 422
    assert browser.post(f"/stages/{company.stage['Found']}/empty", {"to": company.stage["Agreed"]}).status_code == 303
    assert company.at(record) == "Agreed"
    assert browser.get("/pipelines/ready").status_code == 200
    assert browser.post("/pipelines/ready", {"name": "", "ready": "sales"}).status_code == 422
    assert browser.post("/pipelines/ready", {"name": "Courses", "ready": "education"}).status_code == 303
    assert len(stages.every()) == 2
    anna = web.browser("anna")
    assert anna.get("/pipelines/ready").status_code == 403
    assert anna.post(f"{url}/order", {"stage": company.stage["Agreed"], "by": 1}).status_code in (403, 404)
    assert anna.post(f"/stages/{company.stage['Agreed']}/empty", {"to": company.stage["Offered"]}).status_code in (
        403,
        404,
    )


@pytest.mark.parametrize("language", ["zh", "el"])
def test_in_their_language(company: Company, web: Web, language: str) -> None:
    """No English word of ours stands on the board, the page or the plan."""
    change.update(SYSTEM, access.find(SYSTEM, User, company.cast.anna), {"language": language}, trusted=True)
    record = company.make(amount="100", next_step=None)
    browser = web.browser("anna")
    for url in ("/opportunities/board", f"/opportunities/{record.id}", f"/opportunities/{record.id}/plan"):
        page = text(browser.get(url))
        for word in ("Opportunities", "Next step", "Weighted", "needs attention", "People", "Board"):
            assert word not in page, (url, word)


def test_the_api(company: Company, web: Web) -> None:
    """The verbs, with the same gates; nothing a program sends gives a 5xx."""
    record = company.make()
    api = web.api("anna")
    base = f"/opportunities/{record.id}"
    assert api.post(f"{base}/move", {"stage": company.stage["Agreed"]}).get_json()["stage"]["name"] == "Agreed"
    assert api.post(f"{base}/move", {"stage": company.stage["Agreed"]}).status_code == 409
    for body in ({}, {"stage": "x"}, {"stage": 10**9}, {"stage": True}, {"stage": None}):
        assert api.post(f"{base}/move", body).status_code == 422
    assert api.post(f"{base}/lose", {}).status_code == 422
    assert api.post(f"{base}/win", {"closed_on": "2999-01-01"}).status_code == 422
    assert api.post(f"{base}/win", {"amount": "12.50"}).get_json()["state"] == "won"
    assert api.post(f"{base}/reopen", {"reason": "x"}).status_code == 403
    assert web.api("manager").post(f"{base}/reopen", {"reason": "x"}).get_json()["state"] == "open"
    assert access.fetch(company.actor("anna"), Opportunity, int(record.id)) is not None
