"""A record and a list as they stood at the end of a day: the page shows it, the dialog asks for the day."""

from __future__ import annotations

from datetime import timedelta

from smallcrm.areas.customers.records import Customer
from smallcrm.base import clock
from smallcrm.records import access, change
from tests.client import Web


def test_yesterday_shows_what_stood_there(web: Web) -> None:
    anna = web.cast.actor("anna")
    then = clock.now() - timedelta(days=3)
    with clock.at(then):
        record = change.create(anna, Customer, {"name": "Arkwright & Daughters", "city": "Leeds"})
    change.update(anna, access.find(anna, Customer, record.id), {"name": "Arkwright Joinery", "city": "York"})
    browser = web.browser("anna")
    day = (clock.today() - timedelta(days=2)).isoformat()

    page = browser.get(f"/customers/{record.id}?as_of={day}").get_data(as_text=True)
    assert "Arkwright &amp; Daughters" in page
    assert "Leeds" in page
    assert "York" not in page
    listed = browser.get(f"/customers?as_of={day}").get_data(as_text=True)
    assert "Arkwright &amp; Daughters" in listed
    assert "Arkwright Joinery" not in listed
    assert browser.get(f"/customers/{record.id}?as_of={clock.today() - timedelta(days=9)}").status_code == 404


def test_the_dialog_keeps_the_list_and_bounds_the_day(web: Web) -> None:
    anna = web.cast.actor("anna")
    record = change.create(anna, Customer, {"name": "Arkwright"})
    browser = web.browser("anna")
    asked = browser.get('/customers/as-of?q=ark&sort=-name&filter={"field":"city","op":"eq","value":"Leeds"}')
    page = asked.get_data(as_text=True)
    assert asked.status_code == 200
    assert 'name="q" value="ark"' in page
    assert 'name="sort" value="-name"' in page
    assert "Leeds" in page
    one = browser.get(f"/customers/{record.id}/as-of").get_data(as_text=True)
    assert f'min="{clock.today()}"' in one
    assert f'max="{clock.today()}"' in one
    assert web.browser("carl").get(f"/customers/{record.id}/as-of").status_code == 404


def test_a_day_to_come_is_refused_and_today_is_today(web: Web) -> None:
    browser = web.browser("anna")
    assert browser.get(f"/customers?as_of={clock.today() + timedelta(days=2)}").status_code == 400
    assert browser.get("/customers?as_of=30-02").status_code == 400
    assert "As it stood" not in browser.get(f"/customers?as_of={clock.today()}").get_data(as_text=True)
