"""A person's data over the API: who may, what comes, what is refused."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from smallcrm.areas.privacy.rules import erasing
from tests.areas.customers.making import again, contact, customer
from tests.areas.privacy.making import EMAIL, NAME, World, world
from tests.cast import Cast
from tests.client import Web


@pytest.fixture
def zenobia(cast: Cast) -> World:
    return world(cast)


def test_everything_comes_as_a_zip(zenobia: World, web: Web) -> None:
    answer = web.api("owner").post(f"/contacts/{zenobia.person.id}/export")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    held = json.loads(zipfile.ZipFile(io.BytesIO(answer.get_data())).read("data.json"))
    assert EMAIL in json.dumps(held, ensure_ascii=False)


def test_erased_with_the_name_typed_and_once(cast: Cast, zenobia: World, web: Web) -> None:
    other = contact(cast, customer(cast, "Else"), name=NAME)
    api, url = web.api("owner"), f"/contacts/{zenobia.person.id}/erase"
    assert api.post(url, {}).status_code == 422
    assert api.post(url, {"confirm": "Somebody else"}).status_code == 422
    for also in ({}, [1], [{"type": "contacts", "id": 10**6}], [{"type": "nonsense", "id": 1}]):
        assert api.post(url, {"confirm": NAME, "also": also or "x"}).status_code == 422
    assert not erasing.is_erased(again(zenobia.person))
    done = api.post(url, {"confirm": NAME, "also": [{"type": "contacts", "id": int(other.id)}]})
    assert (done.status_code, done.get_json()["name"]) == (200, f"Erased #{zenobia.person.id}")
    assert erasing.is_erased(again(other))
    assert api.post(url, {"confirm": done.get_json()["name"]}).status_code == 409


@pytest.mark.parametrize("verb", ["export", "erase"])
def test_the_right_and_the_reach_are_those_of_the_page(cast: Cast, zenobia: World, web: Web, verb: str) -> None:
    number, body = zenobia.person.id, {"confirm": NAME} if verb == "erase" else {}
    assert web.api("anna").post(f"/contacts/{number}/{verb}", body).status_code == 403
    assert web.api("carl").post(f"/contacts/{number}/{verb}", body).status_code == 404
    company = customer(cast, "A company")
    assert web.api("owner").post(f"/customers/{company.id}/{verb}", body).status_code == 404, "no person"
    assert not erasing.is_erased(again(zenobia.person))
