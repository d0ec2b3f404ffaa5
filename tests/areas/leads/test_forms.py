"""The public form: anybody fills it, programs do not, and only what it asks is taken."""

from __future__ import annotations

import re
from typing import Any

import pytest

from smallcrm.areas.leads.rules import forms
from smallcrm.identity import throttle
from tests.areas.leads.scene import Scene
from tests.client import Web


@pytest.fixture(autouse=True)
def _fresh() -> None:
    throttle.forget()


def filled(form: dict[str, Any], age: float = 60, **more: Any) -> dict[str, Any]:
    import time

    given = {"name": "Peter Lane", "email": "p@lane.example", "notes": "Please <b>call</b>", **more}
    return {"mark": forms.seal(form, time.time() - age), **given}


def post(web: Web, form: dict[str, Any], data: dict[str, Any], **headers: str) -> Any:
    return web.app.test_client().post(forms.path(form), data=data, headers=headers, buffered=True)


def test_an_answer_becomes_a_lead(scene: Scene, web: Web) -> None:
    form = scene.form(
        source="Website", campaign="Spring", tags=["web"], looked_after_by=scene.cast.bob, thanks="Lovely, thanks."
    )
    client = web.app.test_client()
    page = client.get(forms.path(form), buffered=True)
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    assert "<script" not in text
    assert 'name="email"' in text
    answer = post(web, form, filled(form), Origin="https://elsewhere.example", **{"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 303
    assert "Lovely, thanks." in client.get(answer.headers["Location"], buffered=True).get_data(as_text=True)
    held = scene.held(1)
    assert (held["name"], held["source"], held["campaign"], held["tags"], held["owner"]) == (
        "Peter Lane",
        "Website",
        "Spring",
        ["web"],
        scene.cast.bob,
    )
    assert held["notes"] == "Please <b>call</b>"
    assert "&lt;b&gt;call" in web.browser("bob").get("/leads/1").get_data(as_text=True)


def test_sent_twice_it_is_one(scene: Scene, web: Web) -> None:
    form = scene.form()
    data = filled(form)
    for _ in range(3):
        assert post(web, form, data).status_code == 303
    assert scene.count() == 1


@pytest.mark.parametrize(("more", "age"), [({forms.TRAP: "x"}, 60), ({}, 0)])
def test_programs_are_thanked_and_leave_nothing(scene: Scene, web: Web, more: dict[str, str], age: float) -> None:
    form = scene.form()
    assert post(web, form, filled(form, age, **more)).status_code == 303
    assert scene.count() == 0


def test_stale_and_forged_marks_ask_again_and_keep_what_was_typed(scene: Scene, web: Web) -> None:
    form = scene.form()
    for data in (filled(form, 90_000), {**filled(form), "mark": "1.2.3"}, {"name": "Peter Lane"}):
        answer = post(web, form, data)
        assert answer.status_code == 422
        assert 'value="Peter Lane"' in answer.get_data(as_text=True)
    other = scene.form(name="Other")
    assert post(web, form, {**filled(form), "mark": forms.seal(other, 0)}).status_code == 422
    assert scene.count() == 0


def test_only_what_is_asked_is_taken(scene: Scene, web: Web) -> None:
    form = scene.form(asks=[{"id": 1, "field": "name", "label": "Who?", "needed": 1}])
    extra = {
        "owner": str(scene.cast.owner),
        "status": "converted",
        "id": "77",
        "score": "99",
        "email": "x@y.example",
        "budget": "9",
    }
    assert post(web, form, filled(form, **extra)).status_code == 303
    held = scene.held(1)
    assert (held["owner"], held["status"], held["score"], held["email"], held["budget"]) == (
        None,
        "unassigned",
        None,
        None,
        None,
    )


def test_bad_answers_are_told_at_their_place(scene: Scene, web: Web) -> None:
    form = scene.form()
    answer = post(web, form, filled(form, email="no mail", name=""))
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="i-email-error"' in text
    assert 'id="i-name-error"' in text
    assert "no mail" in text
    long = post(web, form, filled(form, notes="x" * 6000))
    assert long.status_code == 422
    assert post(web, form, {**filled(form), "name": ["a", "b"]}).status_code == 303


def test_consent_is_written_down_with_its_wording(scene: Scene, web: Web) -> None:
    form = scene.form(consent_text="You may write to me.", consent_needed=True, consent_purpose="newsletter")
    assert post(web, form, filled(form)).status_code == 422
    assert post(web, form, filled(form, consent="1")).status_code == 303
    row = scene.held(1)["consents"][0]
    assert (row["purpose"], row["channel"], row["state"], row["on"]) == ("newsletter", "email", "given", "2026-03-02")
    assert "You may write to me." in row["how"]


def test_framing_only_where_it_is_allowed(scene: Scene, web: Web) -> None:
    closed, shown = (
        scene.form(),
        scene.form(name="Framed", frame_ancestors=["https://www.example.com", "javascript:alert(1)"]),
    )
    client = web.app.test_client()
    for form, ancestors, old in ((closed, "'none'", "DENY"), (shown, "https://www.example.com", None)):
        headers = client.get(forms.path(form), buffered=True).headers
        csp = headers["Content-Security-Policy"]
        assert csp.endswith(f"frame-ancestors {ancestors}")
        assert "script-src" not in csp
        assert headers.get("X-Frame-Options") == old


def test_throttled_by_address(scene: Scene, web: Web) -> None:
    form = scene.form()
    codes = [post(web, form, filled(form)).status_code for _ in range(20)]
    assert codes[0] == 303
    assert codes[-1] == 429
    assert scene.count() <= 12


def test_off_deleted_or_guessed_is_not_there(scene: Scene, web: Web) -> None:
    form = scene.form(active=False)
    client = web.app.test_client()
    for path in (forms.path(form), "/f/x", f"/f/{'a' * 40}"):
        assert client.get(path, buffered=True).status_code == 404


def test_led_on_to_a_page_of_ones_own(scene: Scene, web: Web) -> None:
    form = scene.form(leads_to="www.example.com/thanks")
    assert post(web, form, filled(form)).headers["Location"] == "https://www.example.com/thanks"


def test_in_the_forms_language(scene: Scene, web: Web) -> None:
    for language, word in (("el", "Αποστολή"), ("zh", "发送")):
        form = scene.form(name=f"Form {language}", language=language)
        text = web.app.test_client().get(forms.path(form), buffered=True).get_data(as_text=True)
        assert word in text
        assert f'lang="{"zh-CN" if language == "zh" else language}"' in text


def test_its_own_page_has_address_snippet_and_mail_page(scene: Scene, web: Web) -> None:
    from smallcrm.identity.actor import SYSTEM
    from smallcrm.records import settings

    form = scene.form(frame_ancestors=["https://www.example.com"])
    settings.put(SYSTEM, {"lead_mail.address": "leads@us.example", "company.address": "https://crm.us.example"})
    browser = web.browser("owner")
    page = browser.get(f"/web-forms/{form['id']}").get_data(as_text=True)
    assert f"https://crm.us.example{forms.path(form)}" in page
    assert "&lt;iframe" in page
    assert "leads@us.example" in page
    mail = browser.get(f"/web-forms/{form['id']}/mail-page")
    assert mail.headers["Content-Type"].startswith("text/plain")
    text = mail.get_data(as_text=True)
    assert 'enctype="text/plain"' in text
    assert re.search(r"mailto:leads@us\.example\?subject=.*form-", text)


def test_a_session_is_not_used(scene: Scene, web: Web) -> None:
    """Whoever is signed in sends it as a stranger: the lead is nobody's."""
    form = scene.form()
    web.browser("anna").client.post(forms.path(form), data=filled(form), buffered=True)
    assert scene.owner(1) is None
