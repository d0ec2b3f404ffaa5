"""The 360° page: what stands on it for whom, in which order, with ugly data and with none."""

from __future__ import annotations

import re

import pytest

from smallcrm.areas.activities.records import Activity
from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.base import clock
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import change, query, views
from tests.areas.customers.making import amend, contact, customer
from tests.cast import Cast
from tests.client import Web


def page(web: Web, url: str, part: str = "anna") -> str:
    answer = web.browser(part).get(url)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_head_and_figures(cast: Cast, web: Web) -> None:
    mine = customer(cast, "Acme", roles=["customer", "supplier"], phone="0113 4960000", next_follow_up_on="2026-01-02")
    text = page(web, f"/customers/{mine.id}")
    head = re.search(r'<p class="sub cut">(.*?)</p>', text, re.S)
    assert head
    plain = re.sub(r"<[^>]+>|\s+", " ", head[1])
    assert "Anna North is in charge · North · Customer, Supplier · No. C-00001" in " ".join(plain.split())
    assert 'href="tel:01134960000"' in text
    assert f'href="/activities/new?customer={mine.id}' in text
    assert "mailto:" not in text
    figures = re.search(r'<dl class="figs">(.*?)</dl>', text, re.S)
    assert figures
    labels = re.findall(r"<dt>(.*?)</dt>", figures[1])
    assert labels == ["Next step", "Contacts", "Last follow-up"]
    assert "late" in figures[1]


def test_the_next_step_is_the_earliest_plan(cast: Cast, web: Web) -> None:
    mine = customer(cast)
    bob = contact(cast, mine, "Bob")
    for subject, due in (("Later", "2099-05-01"), ("Sooner", "2099-04-01")):
        values = {
            "subject": subject,
            "kind": "task",
            "customer": mine.id,
            "contact": bob.id,
            "due_at": f"{due}T09:00:00.000Z",
        }
        change.create(cast.actor("anna"), Activity, values)
    change.create(cast.actor("anna"), Activity, {"subject": "A note", "kind": "note", "customer": mine.id})
    text = page(web, f"/customers/{mine.id}")
    figure = re.search(r"<dt>Next step</dt><dd.*?</dd>", text, re.S)
    assert figure
    assert "Sooner" in figure[0]
    assert "· Bob" in figure[0]


def test_contacts_the_main_one_first_and_no_more_than_eight(cast: Cast, web: Web) -> None:
    mine = customer(cast)
    for n in range(12):
        contact(cast, mine, f"Person {n:02}", mobile=f"0113 49600{n:02}", is_main=n == 11, role="pays")
    done = clock.now().replace(hour=0).isoformat()
    change.create(
        cast.actor("anna"),
        Activity,
        {"subject": "x", "kind": "call", "customer": mine.id, "contact": 1, "done_at": done},
    )
    text = page(web, f"/customers/{mine.id}")
    section = re.search(r'<section class="sec" id="contacts">(.*?)</section>', text, re.S)
    assert section
    assert re.findall(r">(Person \d\d)</a>", section[1])[:2] == ["Person 11", "Person 00"]
    assert section[1].count("<li") == 8
    assert "All 12" in section[1]
    assert "today" in section[1]
    assert f"/contacts/new?customer={mine.id}&amp;next=/customers/{mine.id}" in section[1]


def test_a_reader_gets_no_buttons_that_change(cast: Cast, web: Web) -> None:
    mine = customer(cast, phone="0113 4960000")
    contact(cast, mine)
    text = page(web, f"/customers/{mine.id}", "reader")
    for url in ("/edit", "/contacts/new", "/relations/new", "/members", "/consent", "/assign", "data-cell", "/delete"):
        assert url not in text, url
    assert "tel:01134960000" in text


def test_without_anything_and_with_too_much(cast: Cast, web: Web) -> None:
    bare = change.create(SYSTEM, Customer, {"name": "空"}, trusted=True)
    text = page(web, f"/customers/{bare.id}", "owner")
    assert "Without owner" in text
    assert "Nobody yet." in text
    ugly = customer(
        cast, "<script>alert(1)</script>" + "x" * 150, tags=[f"tag {n}" for n in range(40)], notes="line\n" * 500,
        short_name='"><img src=x>', phones=[f"0113 49600{n:02}" for n in range(20)],
    )  # fmt: skip
    text = page(web, f"/customers/{ugly.id}")
    assert "<script>alert" not in text
    assert "<img src=x" not in text


def test_sections_for_people_only(cast: Cast, web: Web) -> None:
    company, person = customer(cast), customer(cast, "Ann", kind="person")
    birthday = '/cell/birthday"'
    assert birthday not in page(web, f"/customers/{company.id}")
    assert birthday in page(web, f"/customers/{person.id}")
    form = page(web, f"/customers/{company.id}/edit")
    assert re.search(r'<section class="form-sec" data-only-for="kind=person" hidden="">', form)
    assert re.search(
        r'<section class="form-sec" data-only-for="kind=person">', page(web, f"/customers/{person.id}/edit")
    )
    # one that was a company once keeps showing what it has
    amend(cast, person, birthday="1990-01-02")
    amend(cast, person, kind="company")
    assert "1990" in page(web, f"/customers/{person.id}")


@pytest.mark.parametrize("language", ["en", "zh", "el"])
def test_in_every_language(cast: Cast, web: Web, language: str) -> None:
    from smallcrm.areas.people.records import User
    from smallcrm.records import access

    owner = access.find(SYSTEM, User, cast.anna)
    change.update(SYSTEM, owner, {"language": language}, trusted=True)
    mine = customer(cast, grade="A", employees=3, annual_revenue="12.50")
    contact(cast, mine)
    heading = {"en": "Contacts", "zh": "联系人", "el": "Επαφές"}[language]
    assert heading in page(web, f"/customers/{mine.id}")
    save = {"en": "Save", "zh": "保存", "el": "Αποθήκευση"}[language]
    assert save in page(web, f"/customers/{mine.id}/edit")


@pytest.mark.parametrize("kind", [Customer, Contact])
def test_ready_made_lists(cast: Cast, web: Web, kind: type) -> None:
    today = clock.today().isoformat()
    mine = customer(cast, "Due", next_follow_up_on=today, grade="A")
    customer(cast, "Idle", grade="A", roles=["supplier"])
    contact(cast, mine, is_main=True)
    contact(cast, None, "Alone")
    anna = cast.actor("anna")
    found = {}
    for view in views.views_of(anna, kind):
        answer = query.page(query.Ask(anna, kind, ["name"], filter=view.filter, sort=view.sort))
        found[view.key] = {row[answer.at["name"]] for row in answer.rows}
    for key in found:
        assert page(web, f"/{kind.card.name}?view={key}")
    if kind is Customer:
        assert found["follow-ups"] == {"Due"}
        assert found["no-next-step"] == set()
        assert found["quiet"] == {"Due", "Idle"}
        assert found["suppliers"] == {"Idle"}
        assert found["new"] == {"Due", "Idle"}
        assert found["without-owner"] == set()
    else:
        assert found["main"] == {"Bob Miller"}
        assert found["alone"] == {"Alone"}
