"""Today, the log line, the timeline and the forms, asked as a browser asks."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest

from smallcrm import store
from smallcrm.areas.activities.records import Activity
from smallcrm.areas.activities.rules import acts, agenda
from smallcrm.areas.customers.records import Customer
from smallcrm.base import clock
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, change, changesets
from smallcrm.records.record import values
from tests.areas.activities.conftest import Scene, at
from tests.cast import Cast
from tests.client import Browser, Web

HX = {"HX-Request": "true"}


@pytest.fixture
def web(scene: Scene) -> Web:
    return Web(scene.cast)


@pytest.fixture
def anna(web: Web) -> Browser:
    return web.browser("anna")


def text(answer: Any) -> str:
    assert answer.status_code < 400, answer.get_data(as_text=True)[:800]
    return answer.get_data(as_text=True)


def triggers(answer: Any) -> dict[str, Any]:
    return dict(json.loads(answer.headers.get("HX-Trigger", "{}")))


def plan(scene: Scene, subject: str, due: Any, **given: Any) -> int:
    return int(
        acts.plan(
            scene.anna, kind=given.pop("kind", "call"), subject=subject, due=due, customer=scene.customer, **given
        ).id
    )


# ---------------------------------------------------------------- today


def test_today_sorts_what_is_to_be_done(scene: Scene, anna: Browser) -> None:
    plan(scene, "Late call", at(18))
    plan(scene, "Soon call", at(20, 15), contact=scene.bob)
    plan(scene, "Monday call", at(23))
    plan(scene, "Saturday call", at(21))
    plan(scene, "Far call", at(27))
    plan(scene, "Some call", None)
    page = text(anna.get("/"))
    order = [page.index(word) for word in ("Late call", "Soon call", "Saturday call", "Monday call", "Some call")]
    assert order == sorted(order)
    assert "Far call" not in page
    assert "1 overdue. 1 for today." in page
    assert "0 of 1 done" in page
    assert 'href="tel:07700900123"' in page  # the contact's own number
    assert "2 days" in page


def test_today_gives_a_glance_at_the_next_day(scene: Scene, anna: Browser) -> None:
    for hour in range(7, 7 + agenda.GLANCE + 2):
        plan(scene, f"Call of {hour:02}", at(23, hour))
    page = text(anna.get("/"))
    assert [f"{hour:02}" for hour in range(7, 7 + agenda.GLANCE)] == re.findall(r"Call of (\d\d)<", page)
    assert f"{agenda.GLANCE + 2} planned" in page
    all_of_them = re.search(r'href="(/calendar[^"]+)">All of them in the calendar', page)
    assert all_of_them
    assert text(anna.get(html.unescape(all_of_them[1]))).count("Call of") >= agenda.GLANCE + 2


def test_today_of_nobody_is_an_invitation(web: Web, scene: Scene) -> None:
    """Whoever sees no customer yet is led to their Excel list; whoever does, to a plan."""
    page = text(web.browser("carl").get("/"))
    assert "Start with your customers" in page
    assert 'href="/customers/import"' in page
    assert "My team" not in page
    change.create(SYSTEM, Customer, {"name": "Carl's own", "owner": scene.cast.carl}, trusted=True)
    page = text(web.browser("carl").get("/"))
    assert "Nothing to do today" in page
    assert "Start with your customers" not in page
    assert "Start with your customers" not in text(web.browser("reader").get("/"))


def test_the_team_is_for_managers(web: Web, scene: Scene) -> None:
    plan(scene, "Anna's call", at(20, 15))
    assert "Anna&#39;s call" not in text(web.browser("manager").get("/"))
    page = text(web.browser("manager").get("/?team=1"))
    assert "Anna&#39;s call" in page
    assert "Anna North" in page
    assert "Anna&#39;s call" not in text(web.browser("carl").get("/?team=1"))


def test_bare_dates_stand_in_today(scene: Scene, anna: Browser) -> None:
    change.update(scene.anna, access.find(SYSTEM, Customer, scene.customer), {"next_follow_up_on": "2026-11-19"})
    page = text(anna.get("/"))
    assert "To be followed up" in page
    assert f"/customers/{scene.customer}" in page
    plan(scene, "A plan at last", at(20, 15))
    assert "To be followed up" not in text(anna.get("/"))


def test_ticking_off_asks_what_is_next(scene: Scene, anna: Browser) -> None:
    number = plan(scene, "Call about the price", at(20, 10))
    answer = anna.post(f"/activities/{number}/done?on=today", headers=HX)
    page = text(answer)
    assert "What is next?" in page
    assert f'id="wk-{number}"' in page
    assert "tick on" in page
    assert "1 of 1 done" in page
    assert triggers(answer)["toast"]["undo"]
    step = re.findall(r'name="step" value="([^"]+)"', page)[0]
    assert step.count("|") == 2
    told = anna.post(f"/activities/{number}/next", {"step": step}, headers=HX)
    assert triggers(told)["activities-changed"]
    made = scene.all()[-1]
    assert made["customer"] == scene.customer
    assert made["due_at"]
    assert made["done_at"] is None


def test_a_step_without_a_day_asks_for_one(scene: Scene, anna: Browser) -> None:
    number = plan(scene, "Call", at(20, 10))
    anna.post(f"/activities/{number}/done", headers=HX)
    assert 'type="date"' in text(anna.post(f"/activities/{number}/next", {"step": "visit||Visit"}, headers=HX))
    text(anna.post(f"/activities/{number}/next", {"step": "visit||Visit", "day": "2026-12-01"}, headers=HX))
    assert (scene.all()[-1]["kind"], scene.all()[-1]["due_at"]) == ("visit", "2026-11-30T22:00:00.000Z")


def test_a_step_that_was_not_offered_is_refused(scene: Scene, anna: Browser) -> None:
    number = plan(scene, "Call", at(20, 10))
    assert (
        anna.post(f"/activities/{number}/next", {"step": "call|2026-12-01|Call"}, headers=HX).status_code == 400
    )  # open
    anna.post(f"/activities/{number}/done", headers=HX)
    assert anna.post(f"/activities/{number}/next", {"step": "robbery|2026-12-01|Call"}, headers=HX).status_code == 400
    assert anna.post(f"/activities/{number}/next", {"step": "call|31.12.|Call"}, headers=HX).status_code == 422


def test_all_overdue_move_to_the_next_working_day(scene: Scene, anna: Browser) -> None:
    ids = [plan(scene, f"Late {n}", at(10 + n, 14)) for n in range(5)]
    page = text(anna.get("/"))
    assert "Move all to Monday" in page
    answer = anna.post("/today/move-all", headers=HX)
    assert triggers(answer)["toast"]["text"].startswith("5 moved")
    assert {values(scene.activity(i))["due_at"] for i in ids} == {"2026-11-23T12:00:00.000Z"}
    anna.post(triggers(answer)["toast"]["undo"])
    assert values(scene.activity(ids[0]))["due_at"] == "2026-11-10T12:00:00.000Z"


def test_what_is_not_mine_cannot_be_ticked(web: Web, scene: Scene) -> None:
    number = plan(scene, "Mine", at(20, 10))
    for path in ("done", "reopen", "move", "skip", "remove", "next"):
        assert (
            web.browser("carl").post(f"/activities/{number}/{path}", {"to": "2026-12-01"}, headers=HX).status_code
            == 404
        )
    assert web.browser("reader").post(f"/activities/{number}/done", headers=HX).status_code == 403


def test_moving_in_the_dialog(scene: Scene, anna: Browser) -> None:
    number = plan(scene, "Call", at(20, 15))
    assert "Call" in text(anna.get(f"/activities/{number}/move"))
    anna.post(f"/activities/{number}/move", {"dialog": "1", "date": "2026-11-25", "start": "09:30"}, headers=HX)
    assert values(scene.activity(number))["due_at"] == "2026-11-25T07:30:00.000Z"
    anna.post(f"/activities/{number}/move", {"dialog": "1", "to": "2026-11-26"}, headers=HX)  # keeps its time
    assert values(scene.activity(number))["due_at"] == "2026-11-26T07:30:00.000Z"
    anna.post(f"/activities/{number}/move", {"dialog": "1", "date": "2026-11-26", "start": ""}, headers=HX)
    assert values(scene.activity(number))["all_day"]
    answer = anna.post(f"/activities/{number}/move", {"dialog": "1", "date": "2026-02-30"}, headers=HX)
    assert (answer.status_code, "There is no such date." in answer.get_data(as_text=True)) == (422, True)


# ---------------------------------------------------------------- the log line


def test_the_preview_shows_what_would_be_kept(scene: Scene, anna: Browser) -> None:
    url = f"/activities/line/customers/{scene.customer}/preview"
    page = text(anna.get(url, query_string={"text": "called Bob 5m, send price Tue"}, headers=HX))
    assert "Call · 5 min · Bob Fenwick" in page
    assert "24 Nov Tue · send price · me" in page
    assert "<mark>" in page
    assert text(anna.get(url, query_string={"text": "  "}, headers=HX)) == ""
    assert not scene.all()


def test_the_preview_takes_what_was_changed_by_hand(scene: Scene, anna: Browser) -> None:
    url = f"/activities/line/customers/{scene.customer}/preview"
    fixed = {"text": "called Bob 5m, send price Tue", "a0.minutes": "25", "p0.due": "2026-12-01"}
    page = text(anna.get(url, query_string=fixed, headers=HX))
    assert "Call · 25 min" in page
    assert "1 Dec Tue" in page
    assert "name=a0.minutes" in page  # it is sent along from now on
    page = text(anna.get(url, query_string={**fixed, "p0.due": "2026-13-01"}, headers=HX))
    assert "There is no such date." in page
    page = text(anna.get(url, query_string={**fixed, "a0.drop": "1"}, headers=HX))
    assert "Call · " not in page
    assert 'name="a0.drop"' in page


def test_keeping_a_line_is_one_change(scene: Scene, anna: Browser) -> None:
    url = f"/activities/line/customers/{scene.customer}"
    answer = anna.post(url, {"text": "called Bob 5m, send price Tue", "p0.who": str(scene.cast.anna)}, headers=HX)
    page = text(answer)
    assert "Kept 2 entries." in triggers(answer)["toast"]["text"]
    assert triggers(answer)["activities-changed"]
    assert "What is next?" not in page  # it has been said
    call, task = scene.all()
    assert (call["kind"], call["contact"], call["duration_minutes"]) == ("call", scene.bob, 5)
    assert (task["kind"], task["due_at"]) == ("task", "2026-11-23T22:00:00.000Z")
    anna.post(triggers(answer)["toast"]["undo"])
    assert not scene.all()
    assert scene.at("last_follow_up_at") is None


def test_after_a_line_without_a_plan_it_asks(scene: Scene, anna: Browser) -> None:
    page = text(
        anna.post(f"/activities/line/customers/{scene.customer}", {"text": "called Bob, no answer"}, headers=HX)
    )
    assert "What is next?" in page
    assert "Call again" in page


def test_a_line_without_scripts_leads_back(scene: Scene, anna: Browser) -> None:
    answer = anna.post(f"/activities/line/contacts/{scene.bob}", {"text": "called", "next": f"/contacts/{scene.bob}"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/contacts/{scene.bob}")
    assert scene.all()[0]["contact"] == scene.bob


def test_an_empty_line_says_so(scene: Scene, anna: Browser) -> None:
    answer = anna.post(f"/activities/line/customers/{scene.customer}", {"text": " "}, headers=HX)
    assert (answer.status_code, "Write what happened first." in answer.get_data(as_text=True)) == (422, True)


def test_a_line_out_of_reach_is_not_there(scene: Scene, web: Web) -> None:
    carl = web.browser("carl")
    assert carl.get(f"/activities/line/customers/{scene.customer}/preview?text=x").status_code == 404
    assert carl.post(f"/activities/line/customers/{scene.customer}", {"text": "called"}).status_code == 404
    assert carl.get("/activities/line/nonsense/1/preview?text=x").status_code == 404


def test_logging_a_plan_finishes_it(scene: Scene, anna: Browser) -> None:
    number = plan(scene, "Ask for the order", at(20, 10), contact=scene.bob)
    assert f'name="finishes" value="{number}"' in text(anna.get(f"/activities/{number}/log"))
    anna.post(
        f"/activities/line/customers/{scene.customer}",
        {"text": "called 12m, the budget is tight, call again Monday", "finishes": str(number), "dialog": "1"},
        headers=HX,
    )
    done, again = values(scene.activity(number)), scene.all()[-1]
    assert done["done_at"]
    assert (done["subject"], done["duration_minutes"]) == ("Ask for the order", 12)
    assert "the budget is tight" in done["body"]
    assert (again["done_at"], again["due_at"]) == (None, "2026-11-22T22:00:00.000Z")
    assert len(scene.all()) == 2


def test_logging_a_plan_with_mere_words_finishes_it_too(scene: Scene, anna: Browser) -> None:
    number = plan(scene, "Ask for the order", at(20, 10))
    anna.post(
        f"/activities/line/customers/{scene.customer}", {"text": "budget is tight", "finishes": str(number)}, headers=HX
    )
    assert values(scene.activity(number))["done_at"]
    assert values(scene.activity(number))["kind"] == "call"
    assert values(scene.activity(number))["body"] == "budget is tight"


# ---------------------------------------------------------------- timeline


def test_the_timeline_has_plans_first_the_nearest_on_top(scene: Scene, anna: Browser) -> None:
    acts.log(scene.anna, kind="call", subject="Talked", customer=scene.customer, contact=scene.bob, duration_minutes=5)
    plan(scene, "Later plan", at(27))
    plan(scene, "Sooner plan", at(23))
    plan(scene, "Dateless plan", None)
    page = text(anna.get(f"/customers/{scene.customer}"))
    order = [page.index(word) for word in ("Sooner plan", "Later plan", "Dateless plan", "Talked")]
    assert order == sorted(order)
    assert 'id="log-panel"' in page
    assert re.search(r"Calls</span> <b>4</b>", page)
    assert "Bob Fenwick, 5 min" in page
    only = text(anna.get(f"/contacts/{scene.bob}/timeline"))
    assert "Talked" in only
    assert "Later plan" not in only


def test_a_long_timeline_comes_in_pages_and_counts_right(scene: Scene, anna: Browser) -> None:
    from smallcrm.areas.activities.records import Activity
    from smallcrm.records import changesets

    rows = [
        {
            "kind": "note",
            "subject": f"Note {n:04}",
            "customer": scene.customer,
            "done_at": clock.iso(at(1 + n % 19, 8, n % 60)),
        }
        for n in range(1500)
    ]
    with changesets.opened(scene.anna, "import"), store.writing():
        change.create_many(scene.anna, Activity, rows)
    url, seen = f"/customers/{scene.customer}/timeline?only=notes", []
    assert "<b>1,500</b>" in text(anna.get(url))
    while url:
        page = text(anna.get(url))
        seen += re.findall(r"Note \d{4}", page)
        found = re.search(r'class="pager" hx-get="([^"]+)"', page)
        url = found[1].replace("&amp;", "&") if found else ""
    assert len(seen) == 1500 == len(set(seen))


def test_what_is_written_is_shown_as_text(scene: Scene, anna: Browser) -> None:
    acts.log(scene.anna, kind="note", subject="<script>alert(1)</script>", body="<b>" * 200, customer=scene.customer)
    page = text(anna.get(f"/customers/{scene.customer}"))
    assert "<script>alert" not in page
    assert "&lt;b&gt;&lt;b&gt;" in page


def test_reopening_and_deleting_from_the_timeline(scene: Scene, anna: Browser) -> None:
    number = plan(scene, "Call", at(20, 10))
    anna.post(f"/activities/{number}/done", headers=HX)
    anna.post(f"/activities/{number}/reopen", headers=HX)
    assert values(scene.activity(number))["done_at"] is None
    assert anna.post(f"/activities/{number}/reopen", headers=HX).status_code == 409
    answer = anna.post(f"/activities/{number}/remove", headers=HX)
    assert scene.activity(number).deleted_at
    anna.post(triggers(answer)["toast"]["undo"])
    assert not scene.activity(number).deleted_at


# ---------------------------------------------------------------- forms


def test_the_form_plans(scene: Scene, anna: Browser) -> None:
    page = text(anna.get(f"/activities/new?customer={scene.customer}&kind=visit&due=2026-11-24&at=14:30", headers=HX))
    assert 'value="visit" checked' in page
    assert 'value="2026-11-24"' in page
    given = {
        "kind": "visit",
        "subject": "See the line",
        "state": "plan",
        "day": "2026-11-24",
        "time": "14:30",
        "lead": "60",
    }
    answer = anna.post("/activities/new", {**given, "customer": str(scene.customer)}, headers=HX)
    assert triggers(answer)["close-dialog"]
    made = scene.all()[-1]
    assert (made["due_at"], made["reminder_at"]) == ("2026-11-24T12:30:00.000Z", "2026-11-24T11:30:00.000Z")
    assert not made["all_day"]


def test_the_form_without_reminder_has_none(scene: Scene, anna: Browser) -> None:
    given = {"kind": "task", "subject": "Tidy", "state": "plan", "day": "2026-11-24", "time": "", "lead": ""}
    anna.post("/activities/new", given, headers=HX)
    assert scene.all()[-1]["all_day"]
    number = int(str(scene.all()[-1]["id"]))
    anna.post(f"/activities/{number}/edit", {**given, "lead": "1440", "version": "1"}, headers=HX)
    assert values(scene.activity(number))["reminder_at"] == "2026-11-23T07:00:00.000Z"
    anna.post(f"/activities/{number}/edit", given, headers=HX)
    assert values(scene.activity(number))["reminder_at"] is None


def test_the_form_notes_down_what_was_done(scene: Scene, anna: Browser) -> None:
    given = {
        "kind": "call",
        "subject": "Talked",
        "state": "done",
        "at": "2026-11-20T10:00",
        "customer": str(scene.customer),
    }
    anna.post("/activities/new", {**given, "direction": "in", "duration_minutes": "7"}, headers=HX)
    made = scene.all()[-1]
    assert (made["done_at"], made["direction"], made["duration_minutes"]) == ("2026-11-20T08:00:00.000Z", "in", 7)
    assert scene.at("last_follow_up_at") == "2026-11-20T08:00:00.000Z"


def test_a_refused_form_keeps_what_was_typed(scene: Scene, anna: Browser) -> None:
    given = {
        "kind": "call",
        "subject": "",
        "state": "plan",
        "day": "2026-11-24",
        "time": "09:15",
        "body": "My long text",
    }
    answer = anna.post("/activities/new", given, headers=HX)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "My long text" in page
    assert 'value="09:15"' in page
    ahead = {"kind": "call", "subject": "x", "state": "done", "at": "2026-11-25T10:00"}
    assert anna.post("/activities/new", ahead, headers=HX).status_code == 422


def test_a_stale_form_is_told(scene: Scene, anna: Browser) -> None:
    number = plan(scene, "Call", at(24))
    change.update(scene.anna, scene.activity(number), {"subject": "Call them"})
    given = {"kind": "call", "subject": "Mine", "state": "plan", "day": "2026-11-24", "time": "09:00", "version": "1"}
    assert anna.post(f"/activities/{number}/edit", given, headers=HX).status_code == 412


def test_a_follow_up_with_many(scene: Scene, anna: Browser) -> None:
    both = {"id": [str(scene.customer), str(scene.other)]}
    assert "Plan a follow-up with 2" in text(anna.post("/customers/bulk/plan-form", both, headers=HX))
    given = {**both, "kind": "call", "subject": "Spring range", "day": "2026-11-24"}
    assert anna.post("/customers/bulk/plan", {**given, "subject": " "}, headers=HX).status_code == 422
    text(anna.post("/customers/bulk/plan", given, headers=HX))
    assert [(a["customer"], a["subject"]) for a in scene.all()] == [
        (scene.customer, "Spring range"),
        (scene.other, "Spring range"),
    ]
    assert scene.at("next_follow_up_on") == "2026-11-24"


# ---------------------------------------------------------------- API, settings


def test_the_api_has_the_verbs(scene: Scene, web: Web) -> None:
    api = web.api("anna")
    made = api.post(
        "/activities", {"kind": "call", "subject": "x", "customer": scene.customer, "done_at": "2026-11-20T08:00:00Z"}
    )
    assert made.status_code == 201
    assert scene.at("last_follow_up_at") == "2026-11-20T08:00:00.000Z"
    number = plan(scene, "Call", at(24, 10))
    assert api.post(f"/activities/{number}/move", {"to": "2026-11-27"}).json["due_at"] == "2026-11-27T08:00:00.000Z"
    assert api.post(f"/activities/{number}/move", {"to": "soon"}).status_code == 422
    assert api.post(f"/activities/{number}/done", {"outcome": "sold"}).json["outcome"] == "sold"
    assert api.post(f"/activities/{number}/done").status_code == 409
    assert api.post(f"/activities/{number}/reopen").json["done_at"] is None


def test_settings(scene: Scene, web: Web) -> None:
    anna, owner = web.browser("anna"), web.browser("owner")
    anna.post("/settings/calendar", {"lead": "30"})
    plan(scene, "Call", at(24, 10))
    assert scene.all()[-1]["reminder_at"] == "2026-11-24T07:30:00.000Z"
    assert anna.post("/settings/calendar", {"lead": "77"}).status_code == 422
    assert anna.get("/settings/follow-ups").status_code == 403
    text(owner.get("/settings/follow-ups"))


def test_who_may_not_plan_is_not_asked_to(web: Web) -> None:
    """A reader's empty day and calendar offer nothing that would be refused."""
    for page in ("/", "/calendar"):
        assert "/activities/new" in text(web.browser("anna").get(page))
        assert "/activities/new" not in text(web.browser("reader").get(page))


def test_acts_are_offered_to_who_may_do_them(web: Web, cast: Cast) -> None:
    """Service sees a colleague's plan on their own customer and may plan there, but moves only what is theirs."""
    with changesets.opened(SYSTEM, "form"):
        made = change.create(SYSTEM, Customer, {"name": "Ridley", "owner": cast.service}, trusted=True)
        plan = {
            "kind": "task",
            "subject": "Quote",
            "customer": made.id,
            "owner": cast.anna,
            "due_at": "2030-01-02T08:00:00.000Z",
        }
        task = change.create(SYSTEM, Activity, plan, trusted=True)
    page = f"/activities/{task.id}"
    assert f"{page}/move" in text(web.browser("anna").get(page))
    assert f"{page}/move" not in text(web.browser("service").get(page))
