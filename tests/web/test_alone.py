"""A dialog's link opened in another tab, or without scripts: a whole page whose form works."""

from __future__ import annotations

import re

import pytest

from smallcrm.areas.customers.records import Customer
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, change, changesets
from smallcrm.records.record import values
from tests.cast import Cast
from tests.client import Browser, Web

AS_A_BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def customer(cast: Cast) -> int:
    with changesets.opened(SYSTEM, "test"):
        return int(change.create(SYSTEM, Customer, {"name": "Holroyd <Tea>", "owner": cast.anna}, trusted=True).id)


@pytest.fixture
def manager(web: Web) -> Browser:
    return web.browser("manager")


def test_it_stands_in_the_frame(customer: int, manager: Browser) -> None:
    url = f"/customers/{customer}/assign"
    page = manager.get(url, headers=AS_A_BROWSER).get_data(as_text=True)
    assert page.lower().startswith("<!doctype")
    assert "<title>Hand over Holroyd &lt;Tea&gt; ·" in page
    assert 'class="rail' in page
    form = re.search(r"<form\b[^>]*assign[^>]*>", page)
    assert form
    assert "hx-" not in form[0]
    part = manager.get(url, headers={**AS_A_BROWSER, "HX-Request": "true"}).get_data(as_text=True)
    assert not part.lower().lstrip().startswith("<!doctype")
    assert part.split("<form")[0].strip() in page


def test_its_form_leads_on_or_comes_again(customer: int, manager: Browser, cast: Cast) -> None:
    url = f"/customers/{customer}/assign"
    refused = manager.post(url, {"owner": ""}, headers=AS_A_BROWSER)
    assert refused.status_code == 422
    assert refused.get_data(as_text=True).lower().startswith("<!doctype")
    done = manager.post(url, {"owner": str(cast.bob)}, headers=AS_A_BROWSER)
    assert done.status_code == 303
    assert values(access.find(SYSTEM, Customer, customer))["owner"] == cast.bob


def test_reasons_without_a_heading(customer: int, manager: Browser) -> None:
    page = manager.get(f"/customers/{customer}/why", headers=AS_A_BROWSER).get_data(as_text=True)
    assert page.lower().startswith("<!doctype")
    assert "<h1>Details</h1>" in page


@pytest.mark.parametrize("url", ["/customers/export.csv?view=all", "/static/app.css", "/palette?q=a"])
def test_nothing_else_is_touched(url: str, customer: int, manager: Browser) -> None:
    plain, asked = manager.get(url), manager.get(url, headers=AS_A_BROWSER)
    assert plain.status_code == asked.status_code == 200
    assert plain.get_data() == asked.get_data()
