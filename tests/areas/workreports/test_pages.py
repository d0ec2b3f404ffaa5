"""The pages and the API of work reports, asked as the cast."""

from __future__ import annotations

from smallcrm import store
from smallcrm.areas.workreports.rules import acts
from smallcrm.base.ids import token
from tests.areas.pool.test_pages import text
from tests.areas.visits.scene import at
from tests.areas.workreports.scene import Office
from tests.client import Web


def test_the_form_comes_filled_in(office: Office, web: Web) -> None:
    office.done(duration_minutes=12, customer=office.customer("Kafeneio"))
    page = text(web.browser("anna").get("/work-reports/new?kind=daily"))
    assert "- Kafeneio · Called" in page
    assert "Calls 1 12 min" in page
    assert "It is due until" in page
    assert "Max Manager" in page
    with at("09:00", 1):
        assert "marked as late" in text(web.browser("anna").get("/work-reports/new?kind=daily&day=2026-03-02"))
    assert "Nobody waits" in text(web.browser("carl").get("/work-reports/new?kind=daily"))
    for odd in ("?kind=x&day=y", "?kind=monthly&day=9999-12-31", "?day=0001-01-01"):
        assert web.browser("anna").get(f"/work-reports/new{odd}").status_code == 200
    assert web.browser("reader").get("/work-reports/new").status_code == 403


def test_draft_then_handed_in(office: Office, web: Web) -> None:
    browser = web.browser("anna")
    form = {"kind": "daily", "day": "2026-03-02", "done": "Rang everybody", "plan": "Again", "once": token()}
    answers = [browser.post("/work-reports/write", {**form, "act": "draft"}) for _ in range(2)]
    assert {each.headers["Location"] for each in answers} == {"/work-reports/1/write"}
    assert browser.get("/work-reports/new?kind=daily").headers["Location"] == "/work-reports/1/write"
    again = browser.post("/work-reports/write", {**form, "once": token(), "done": "Other words"})
    assert again.status_code == 422
    assert "Other words" in again.get_data(as_text=True)
    stale = browser.post("/work-reports/write", {"id": "1", "version": "7", "done": "Typed by hand"})
    assert stale.status_code == 412
    assert "Typed by hand" in stale.get_data(as_text=True)
    empty = browser.post(
        "/work-reports/write", {"id": "1", "version": "1", "done": "", "plan": "", "problems": "", "act": "hand_in"}
    )
    assert empty.status_code == 422
    done = browser.post(
        "/work-reports/write", {"id": "1", "version": "1", "done": "Rang all of them", "act": "hand_in"}
    )
    assert done.headers["Location"] == "/work-reports/1"
    assert store.rows("SELECT state, late, done FROM work_report") == [("handed_in", 0, "Rang all of them")]
    assert browser.post("/work-reports/1/hand-in").status_code == 409


def test_read_liked_and_commented_on(office: Office, web: Web) -> None:
    call = office.done(duration_minutes=12)
    report = office.hand_in()
    manager, anna = web.browser("manager"), web.browser("anna")
    page = manager.get(f"/work-reports/{report.id}").get_data(as_text=True)
    assert f'hx-post="/work-reports/{report.id}/read"' in page
    assert f'href="/activities/{call}"' in page
    assert f'hx-post="/work-reports/{report.id}/read"' not in anna.get(f"/work-reports/{report.id}").get_data(
        as_text=True
    )
    assert manager.post(f"/work-reports/{report.id}/read").status_code == 204
    manager.post(f"/work-reports/{report.id}/like", {"on": "1"})
    form = {"text": "Good <b>work</b>", "once": token()}
    for _ in range(2):
        manager.post(f"/work-reports/{report.id}/comment", form)
    assert store.value("SELECT count(*) FROM work_report_comment") == 1
    seen = anna.get(f"/work-reports/{report.id}").get_data(as_text=True)
    assert "Good &lt;b&gt;work&lt;/b&gt;" in seen
    assert "Commented on" in text(seen)
    blank = manager.post(f"/work-reports/{report.id}/comment", {"text": " "})
    assert blank.status_code == 422
    number = acts.comments(report)[0].id
    assert anna.post(f"/work-reports/{report.id}/comments/{number}/remove").status_code == 403
    fragment = manager.post(f"/work-reports/{report.id}/comments/{number}/remove", headers={"HX-Request": "true"})
    assert "Nobody has said anything yet" in text(fragment)
    assert web.browser("carl").post(f"/work-reports/{report.id}/comment", form).status_code == 404
    assert web.browser("reader").post(f"/work-reports/{report.id}/comment", form).status_code == 403


def test_today_and_the_rail(office: Office, web: Web) -> None:
    page = text(web.browser("anna").get("/"))
    assert "Daily report" in page
    assert "until 23:00" in page
    report = office.hand_in()
    assert "Daily report" not in text(web.browser("anna").get("/"))
    assert "to read" in text(web.browser("manager").get("/"))
    web.browser("manager").post(f"/work-reports/{report.id}/read")
    assert "to read" not in text(web.browser("manager").get("/"))


def test_who_has_handed_in(office: Office, web: Web) -> None:
    office.hand_in("bob")
    page = text(web.browser("manager").get("/work-reports/statistics?from=2026-02-26"))
    assert "1 has not handed in: Anna North." in page
    assert "Thursday 26 February" in page
    own = text(web.browser("bob").get("/work-reports/statistics"))
    assert "Anna North" not in own
    for odd in ("?kind=x", "?from=y&to=z", "?from=1900-01-01&to=2300-01-01", "?kind=monthly&from=2030-01-01"):
        assert web.browser("manager").get(f"/work-reports/statistics{odd}").status_code == 200
    assert web.browser("nobody").get("/work-reports/statistics").status_code == 404


def test_rules_are_the_settings_rights(office: Office, web: Web) -> None:
    assert web.browser("manager").get("/report-rules/new").status_code == 403
    assert web.api("anna").post("/report-rules", {"name": "Mine", "kind": "daily"}).status_code == 403
    made = web.api("owner").post("/report-rules", {"name": "Weekly", "kind": "weekly", "people": [office.cast.anna]})
    assert made.status_code == 201
    assert made.get_json()["weekdays"] == ["0", "1", "2", "3", "4"]
    assert web.api("anna").get(f"/report-rules/{made.get_json()['id']}").status_code == 200


def test_verbs(office: Office, web: Web) -> None:
    api = web.api("anna")
    made = api.post("/work-reports", {"kind": "weekly", "day": "2026-03-04", "done": "Much"}).get_json()
    assert (made["first_day"], made["last_day"], made["state"]) == ("2026-03-02", "2026-03-08", "draft")
    path = f"/work-reports/{made['id']}"
    assert api.patch(path, {"state": "commented"}, 1).status_code == 422
    assert api.post(f"{path}/comment", {"text": "x"}).status_code == 409
    assert api.post(f"{path}/hand-in").get_json()["state"] == "handed_in"
    manager = web.api("manager")
    assert manager.post(f"{path}/read").get_json()["state"] == "read"
    assert manager.post(f"{path}/like").status_code == 200
    assert manager.post(f"{path}/unlike").status_code == 200
    assert manager.post(f"{path}/comment", {"text": "Good"}).get_json()["state"] == "commented"
    assert manager.post(f"{path}/comment", {"text": 5}).status_code == 422
    assert api.patch(path, {"done": "Else"}, api.get(path).get_json()["version"]).status_code == 422
    assert web.api("carl").get(path).status_code == 404


def test_a_comment_is_redacted_with_an_erased_person(office: Office, web: Web) -> None:
    from smallcrm.areas.customers.records import Customer
    from smallcrm.areas.privacy.rules import erasing
    from smallcrm.identity.actor import SYSTEM
    from smallcrm.records import access, change

    person = change.create(
        SYSTEM, Customer, {"name": "Zinovia Karamitrou", "kind": "person", "owner": office.cast.anna}, trusted=True
    )
    report = office.hand_in(done="Spoke to Zinovia Karamitrou")
    acts.comment(office.actor("manager"), report, "Give Zinovia Karamitrou a call")
    erasing.erase(office.actor("owner"), access.find(office.actor("owner"), Customer, int(person.id)))
    assert "Zinovia" not in str(store.rows("SELECT text FROM work_report_comment"))
    assert "Zinovia" not in str(store.rows("SELECT done, name FROM work_report"))
