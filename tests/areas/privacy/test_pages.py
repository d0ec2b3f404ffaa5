"""Every button of the pages, asked as those who may and those who may not."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from smallcrm import store
from smallcrm.areas.people.records import User
from smallcrm.areas.privacy.rules import erasing, requests, restriction
from smallcrm.identity.actor import SYSTEM
from smallcrm.jobs import work
from smallcrm.records import access, change
from tests.areas.customers.making import again, contact, customer
from tests.areas.privacy.making import CANARIES, NAME, world
from tests.cast import Cast
from tests.client import Web


def text(web: Web, url: str, part: str = "owner", status: int = 200) -> str:
    answer = web.browser(part).get(url)
    assert answer.status_code == status, url
    return answer.get_data(as_text=True)


def test_the_way_there(cast: Cast, web: Web) -> None:
    one, company = contact(cast, customer(cast, kind="person")), customer(cast)
    assert f'href="/privacy/contacts/{one.id}"' in text(web, f"/contacts/{one.id}")
    assert f'href="/privacy/customers/{one.customer}"' in text(web, f"/customers/{one.customer}")
    assert "/privacy/" not in text(web, f"/customers/{company.id}")
    assert "/privacy/" not in text(web, f"/contacts/{one.id}", "anna")
    change.delete(SYSTEM, one)
    assert f'href="/privacy/contacts/{one.id}"' in text(web, f"/contacts/{one.id}")
    browser = web.browser("owner")
    found = browser.get("/privacy/people?q=Acme").get_json()["items"]
    assert [each["id"] for each in found] == [f"customers-{one.customer}"]
    assert browser.get(f"/privacy/find?person=customers-{one.customer}").location.endswith(f"customers/{one.customer}")
    assert browser.get("/privacy/find?person=x").location.endswith("/privacy")


@pytest.mark.parametrize("part", ["anna", "manager", "reader", "nobody"])
def test_nobody_else(cast: Cast, web: Web, part: str) -> None:
    one = contact(cast, customer(cast))
    made = requests.make(cast.actor("owner"), one, kind="access")
    base, browser = f"/privacy/contacts/{one.id}", web.browser(part)
    for url in (
        "/privacy",
        base,
        f"{base}/erase",
        f"{base}/requests/new",
        f"/privacy/requests/{made.id}",
        "/privacy/people?q=Bob",
    ):
        assert browser.get(url).status_code == 403, url
    if part == "nobody":
        return
    for act in ("export", "erase", "restrict", "release", "requests/new"):
        assert browser.post(f"{base}/{act}", {"confirm": "Bob Miller", "kind": "access"}).status_code == 403, act
    assert browser.post(f"/privacy/requests/{made.id}", {"outcome": "x"}).status_code == 403
    assert not erasing.is_erased(again(one))


def test_what_is_nothing(cast: Cast, web: Web) -> None:
    company, browser = customer(cast), web.browser("owner")
    for url in (f"customers/{company.id}", "contacts/9999", "users/1", "nonsense/1", "contacts/9999/erase"):
        assert browser.get(f"/privacy/{url}").status_code == 404, url
    assert browser.get("/privacy/requests/99").status_code == 404


def test_a_request_from_form_to_answer(cast: Cast, web: Web) -> None:
    one, browser = contact(cast, customer(cast), "<i>Bob</i>"), web.browser("owner")
    base = f"/privacy/contacts/{one.id}"
    assert "Wants to be erased" in text(web, f"{base}/requests/new")
    refused = browser.post(f"{base}/requests/new", {"kind": "", "identity": "kept words"})
    assert refused.status_code == 422
    assert "kept words" in refused.get_data(as_text=True)
    made = browser.post(f"{base}/requests/new", {"kind": "erasure", "identity": "passport", "note": "wrote <b>us</b>"})
    assert made.location.endswith(base)
    shown = text(web, "/privacy")
    assert "wrote &lt;b&gt;us" in shown
    assert "&lt;i&gt;Bob" in shown
    assert "passport" in text(web, base)
    assert "wrote" in text(web, "/privacy/requests/1")
    assert browser.post("/privacy/requests/1", {"outcome": ""}).status_code == 422
    assert browser.post("/privacy/requests/1", {"extend": "1", "due_on": "2999-01-01"}).status_code == 422
    assert browser.post("/privacy/requests/1", {"outcome": "told them"}).status_code == 303
    assert "told them" in text(web, "/privacy")
    assert "/privacy/requests/1" not in text(web, base)


def test_given_out(cast: Cast, web: Web) -> None:
    one = contact(cast, customer(cast))
    answer = web.browser("owner").post(f"/privacy/contacts/{one.id}/export")
    assert answer.mimetype == "application/zip"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "Bob" not in answer.headers["Content-Disposition"]
    assert zipfile.ZipFile(io.BytesIO(answer.data)).testzip() is None
    answer.close()


def test_not_to_be_used(cast: Cast, web: Web) -> None:
    one, browser = contact(cast, customer(cast)), web.browser("owner")
    base = f"/privacy/contacts/{one.id}"
    browser.post(f"{base}/restrict")
    assert restriction.since(one)
    assert "must not be used" in text(web, base)
    assert "not to be used" in text(web, f"/contacts/{one.id}", "anna")
    browser.post(f"{base}/release")
    assert not restriction.since(one)
    assert "not to be used" not in text(web, f"/contacts/{one.id}", "anna")


def test_erased_by_the_button(cast: Cast, web: Web) -> None:
    made, browser = world(cast), web.browser("owner")
    base = f"/privacy/contacts/{made.person.id}"
    shown = text(web, f"{base}/erase")
    for words in ("This cannot be undone", "Stays", "Backups", "Relations to others"):
        assert words in shown
    refused = browser.post(f"{base}/erase", {"confirm": "Zenobia"})
    assert refused.status_code == 422
    assert "Type the name" in refused.get_data(as_text=True)
    started = browser.post(f"{base}/erase", {"confirm": NAME})
    number = int(re.search(r"/works/(\d+)", started.location)[1])  # type: ignore[index]
    done = work.join(number, 60)
    assert done.state == "done", done
    page = text(web, f"/works/{number}")
    assert "records emptied" in page
    assert erasing.is_erased(again(made.person))
    assert "Erased on" in text(web, base)
    assert browser.get(f"{base}/erase").location.endswith(base)
    held = str(store.rows("SELECT * FROM work") + store.rows("SELECT * FROM notice")).lower()
    assert not [each for each in CANARIES if each in held]


def test_the_other_ticked_is_erased_too(cast: Cast, web: Web) -> None:
    one, two = (contact(cast, customer(cast, name), NAME, email="z@z.example") for name in ("One", "Two"))
    shown = text(web, f"/privacy/contacts/{one.id}/erase")
    assert f'value="contacts-{two.id}"' in shown
    started = web.browser("owner").post(
        f"/privacy/contacts/{one.id}/erase", {"confirm": NAME, "also": f"contacts-{two.id}"}
    )
    assert work.join(int(started.location.rsplit("/", 1)[1]), 60).state == "done"
    assert erasing.is_erased(again(two))


@pytest.mark.parametrize("language", ["zh", "el"])
def test_in_every_language(cast: Cast, web: Web, language: str) -> None:
    change.update(SYSTEM, access.find(SYSTEM, User, cast.owner), {"language": language}, trusted=True)
    made = world(cast)
    requests.make(cast.actor("owner"), made.person, kind="access")
    data, answered = {"zh": ("个人数据", "已答复"), "el": ("Προσωπικά δεδομένα", "Απαντήθηκε")}[language]
    for url in ("", f"/contacts/{made.person.id}", f"/contacts/{made.person.id}/erase"):
        assert data in text(web, f"/privacy{url}"), url
    assert answered in text(web, "/privacy/requests/1")
