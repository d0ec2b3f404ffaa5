"""The first start: guarded by a code, guessed from the browser, exactly one owner, gone afterwards."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from smallcrm import app, store
from smallcrm.areas.people import guessing, roles, setup
from smallcrm.areas.people.presets import PRESETS
from smallcrm.base import i18n
from smallcrm.base.errors import Invalid, WrongState
from smallcrm.config import Config
from smallcrm.identity import passwords
from smallcrm.records import cache, custom, indexes, labels, settings, views
from smallcrm.records.record import all_types, by_key
from tests.areas.people.conftest import text_of

GOOD: dict[str, Any] = {
    "company": "Σχολή Μελισσών", "language": "en", "currency": "EUR", "country": "GR", "timezone": "Europe/Athens",
    "preset": "sales", "address": "nas:8070", "owner_name": "Joanne Marsh", "owner_email": "jo@example.com",
    "password": "correct horse battery",
}  # fmt: skip


@pytest.fixture
def fresh(folder: Path) -> Path:
    """A data folder nobody has set up."""
    cache.forget()
    settings.apply()
    indexes.ensure()
    return folder


@pytest.fixture
def client(fresh: Path) -> FlaskClient:
    made = app.build_app(Config())
    made.config["PROPAGATE_EXCEPTIONS"] = False
    return made.test_client()


def send(client: FlaskClient, **data: Any) -> TestResponse:
    page = client.get("/setup").get_data(as_text=True)
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    return client.post("/setup", data={"csrf_token": token[1] if token else "", **data})


# ---------------------------------------------------------------- the rule


def test_set_up(fresh: Path) -> None:
    setup.code_for(fresh)
    owner = setup.set_up(**GOOD)
    assert setup.is_set_up()
    assert roles.owners() == {owner}
    assert passwords.check(owner, GOOD["password"])
    assert settings.get("company.name") == "Σχολή Μελισσών"
    assert settings.get("company.address") == "http://nas:8070"
    assert settings.get("company.timezone") == "Europe/Athens"
    assert {key for key in roles.READY if roles.role_id(key)} == set(roles.READY)
    assert not (fresh / setup.FILE).exists()
    with pytest.raises(WrongState):
        setup.set_up(**{**GOOD, "owner_email": "second@example.com"})


def test_the_least(fresh: Path) -> None:
    """What ``init`` gives when nothing more is said."""
    owner = setup.set_up(company="Bakery", owner_email="jo@example.com", password="correct horse battery")
    assert store.value('SELECT name FROM "user" WHERE id = ?', [owner]) == "jo"
    assert settings.get("company.currency") == "EUR"


@pytest.mark.parametrize(("wrong", "field"), [
    ({"company": " "}, "company"), ({"currency": "XYZ1"}, "currency"), ({"country": "Nowhere"}, "country"),
    ({"timezone": "Mars/Base"}, "timezone"), ({"language": "de"}, "language"), ({"preset": "circus"}, "preset"),
    ({"owner_email": "nobody"}, "owner_email"), ({"owner_email": ""}, "owner_email"), ({"password": "short"}, "password"),
    ({"password": "joannemarsh"}, "password"), ({"address": "http://a b/c"}, "address"),
    ({"address": "javascript:alert(1)"}, "address"), ({"address": "http://nas:8070/path"}, "address"),
    ({"address": "http://user@nas"}, "address"),
])  # fmt: skip
def test_wrong_wishes_are_told_by_their_names(wrong: dict[str, str], field: str, fresh: Path) -> None:
    with pytest.raises(Invalid) as refused:
        setup.set_up(**{**GOOD, **wrong})
    assert set(refused.value.errors) == {field}
    assert not setup.is_set_up()
    assert store.value("SELECT count(*) FROM setting") == 0


def test_everything_wrong_is_told_at_once(fresh: Path) -> None:
    with pytest.raises(Invalid) as refused:
        setup.set_up(company="", owner_email="x", password="x", currency="?", address="?")
    assert {"company", "owner_email", "password", "currency", "address"} <= set(refused.value.errors)


def test_twenty_races_make_one_owner(fresh: Path) -> None:
    gate = threading.Barrier(20)
    done: list[str] = []

    def race(n: int) -> None:
        gate.wait()
        try:
            setup.set_up(**{**GOOD, "owner_email": f"o{n}@example.com"})
            done.append("set up")
        except WrongState:
            done.append("too late")
        finally:
            store.close_thread()

    threads = [threading.Thread(target=race, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == ["set up"] + ["too late"] * 19
    assert store.value('SELECT count(*) FROM "user"') == 1


# ---------------------------------------------------------------- presets


@pytest.mark.parametrize("key", list(PRESETS))
@pytest.mark.parametrize("language", list(i18n.LANGUAGES))
def test_every_preset_in_every_language(key: str, language: str, fresh: Path) -> None:
    """Each of its parts that speaks of something there is, is there; no view fails."""
    owner = setup.set_up(**{**GOOD, "preset": key, "language": language})
    actor = roles.actor_for(owner)
    assert actor is not None
    kind = by_key("customer")
    mine = views.views_of(actor, kind)
    assert sum(view.scope == "all" for view in mine) == sum(v.type == "customer" for v in PRESETS[key].views)
    assert settings.get("company.preset") == key


def test_a_school_sees_students(fresh: Path) -> None:
    setup.set_up(**{**GOOD, "preset": "education"})
    customer, contact = by_key("customer"), by_key("contact")
    for code, names in {"en": ("Student", "Students"), "zh": ("学员", "学员"), "el": ("Μαθητής", "Μαθητές")}.items():
        with i18n.speaking(code):
            assert (labels.one(customer), labels.many(customer)) == names
    assert labels.many(contact) == "Guardians"
    assert labels.field(customer, "grade") == "Priority"
    assert labels.field(customer, "owner") == "Adviser"
    assert [d["labels"]["en"] for d in custom.definitions(customer)] == ["School", "Class"]


def test_parts_of_what_is_not_there_are_passed_over(fresh: Path) -> None:
    """The data speaks of types that come later; a set-up today does not stumble over them."""
    setup.set_up(**{**GOOD, "preset": "education"})
    kept = {row[0] for row in store.rows("SELECT DISTINCT record_type FROM term")}
    assert kept <= {kind.card.key for kind in all_types()}


# ---------------------------------------------------------------- the code


def test_the_code_lies_private(fresh: Path) -> None:
    code = setup.code_for(fresh)
    path = fresh / "setup-code.txt"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text().strip() == code == setup.code_for(fresh)
    setup.check_code(f" {code.lower().replace('-', ' ')} ", address="10.0.0.1")
    for wrong in ("", "AAAAA-AAAAA", code[:-1]):
        with pytest.raises(Invalid):
            setup.check_code(wrong, address="10.0.0.1")


# ---------------------------------------------------------------- the page


def test_newcomers_are_led_there(client: FlaskClient) -> None:
    assert client.get("/customers").headers["Location"] == "/setup"
    assert client.get("/login").headers["Location"] == "/setup"
    assert client.get("/healthz").status_code in (200, 503)


@pytest.mark.parametrize(("accept", "country", "currency", "zone"), [
    ("el-GR,el;q=0.9", "GR", "EUR", "Europe/Athens"), ("zh-CN,zh", "CN", "CNY", "Asia/Shanghai"),
    ("en-GB", "GB", "GBP", "Europe/London"), ("de-AT", "AT", "EUR", "Europe/Vienna"),
])  # fmt: skip
def test_guessed_from_the_browser(accept: str, country: str, currency: str, zone: str, client: FlaskClient) -> None:
    page = client.get("/setup", headers={"Accept-Language": accept}).get_data(as_text=True)
    for value in (country, currency, zone):
        assert f'<option value="{value}" selected>' in page, value
    assert 'value="http://localhost"' in page
    assert "works on this machine only" in text_of(client.get("/setup"))


def test_guessed_from_the_time_zone(client: FlaskClient) -> None:
    found = client.get("/setup/guess?timezone=Europe/Athens").get_json()
    assert found == {"country": "GR", "currency": "EUR", "timezone": "Europe/Athens"}
    assert client.get("/setup/guess?timezone=<x>").get_json()["country"] == ""


def test_in_the_browser(client: FlaskClient, fresh: Path) -> None:
    code = setup.code_for(fresh)
    wrong = send(client, **GOOD, code="WRONG-WRONG")
    assert wrong.status_code == 422
    assert 'value="Joanne Marsh"' in wrong.get_data(as_text=True), "what was typed is kept"
    assert GOOD["password"] not in wrong.get_data(as_text=True)
    assert not setup.is_set_up()
    done = send(client, **GOOD, code=code)
    assert (done.status_code, done.headers["Location"]) == (303, "/")
    assert client.get("/customers").status_code == 200, "the owner is signed in"
    for method in ("get", "post"):
        assert getattr(client, method)("/setup", data={"csrf_token": "x"}).status_code in (403, 404)
    assert client.get("/setup").status_code == 404
    assert client.get("/setup/guess").status_code == 404
    assert not (fresh / "setup-code.txt").exists()


def test_switching_the_language_keeps_what_was_typed(client: FlaskClient) -> None:
    page = send(client, **{**GOOD, "language": "el", "switch": "1", "company": "Φούρνος", "code": "ABC"})
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert 'lang="el"' in text
    assert 'value="Φούρνος"' in text
    assert 'value="ABC"' in text
    assert GOOD["password"] not in text
    assert not setup.is_set_up()
    assert 'lang="el"' in client.get("/setup").get_data(as_text=True)


def test_the_code_is_guessed_slowly(client: FlaskClient) -> None:
    codes = [send(client, **GOOD, code=f"WRONG-{n:05d}").status_code for n in range(14)]
    assert codes.count(422) <= 10
    assert codes[-1] == 429


def test_without_the_code_nothing_is_told_or_done(client: FlaskClient, fresh: Path) -> None:
    code = setup.code_for(fresh)
    assert code not in client.get("/setup").get_data(as_text=True)
    assert send(client, **GOOD).status_code == 422
    assert not setup.is_set_up()


def test_sample_data_is_offered_once_somebody_brings_it(
    client: FlaskClient, fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "_sample_data", [])
    assert "sample_data" not in client.get("/setup").get_data(as_text=True)
    asked: list[dict[str, Any]] = []
    setup.offer_sample_data(lambda **wish: asked.append(wish))
    assert "sample_data" in client.get("/setup").get_data(as_text=True)
    send(client, **GOOD, code=setup.code_for(fresh), sample_data=["", "1"])
    assert [wish["preset"] for wish in asked] == ["sales"]


def test_no_account_is_there_before(client: FlaskClient) -> None:
    for email, password in (("admin", "admin"), ("owner@demo.test", "demo-demo-demo"), ("root", "")):
        page = client.get("/setup").get_data(as_text=True)
        token = re.search(r'name="csrf-token" content="([^"]+)"', page)[1]  # type: ignore[index]
        answer = client.post("/login", data={"csrf_token": token, "email": email, "password": password})
        assert answer.status_code == 401


def test_guesses_of_the_machine() -> None:
    assert guessing.of_browser("").timezone
    assert guessing.of_zone("Asia/Shanghai").currency == "CNY"
    assert guessing.of_browser("en;q=x,,;;").country == guessing.of_browser("").country
