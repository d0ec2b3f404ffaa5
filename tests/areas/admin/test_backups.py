"""Backups on the page: made, taken home by the owner only, looked into, brought back from, restored whole."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable

import pytest

from smallcrm import store
from smallcrm.areas.admin.rules import bringback, looking, restoring
from smallcrm.areas.customers.records import Customer
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden, NotFound
from smallcrm.identity.actor import SYSTEM
from smallcrm.jobs import work
from smallcrm.records import access, change, rows, undo
from smallcrm.store import backups
from smallcrm.web.gate import gate
from tests.cast import Cast
from tests.client import Browser, Web

Make = Callable[[], str]


def customer(cast: Cast, name: str, **more: object) -> int:
    return int(change.create(cast.actor("anna"), Customer, {"name": name, **more}).id)


def held(number: int) -> dict[str, object] | None:
    return rows.load(Customer, [number]).get(number)


# ---------------------------------------------------------------- making and taking home


def test_one_is_made_and_checked(olga: Browser) -> None:
    started = olga.post("/admin/backups")
    assert started.status_code == 303
    done = work.join(int(started.location.rsplit("/", 1)[1]), 30)
    assert done.state == "done", done
    (one,) = backups.listing(backups.folder_of(store.folder()))
    assert one.good
    assert one.path.name in olga.get("/admin/backups").get_data(as_text=True)


def test_only_the_owner_takes_it_home_and_only_with_the_password(web: Web, olga: Browser, backup: Make) -> None:
    name = backup()
    assert web.browser("manager").get(f"/admin/backups/{name}/download").status_code == 403
    answer = olga.get(f"/admin/backups/{name}/download")
    assert answer.status_code == 200
    assert answer.get_data() == looking.path_of(name).read_bytes()
    assert store.value("SELECT count(*) FROM audit WHERE act = 'backup downloaded'") == 1
    assert olga.get("/admin/backups/..%2Fsmallcrm.db/download").status_code == 404
    with clock.at(clock.now() + dt.timedelta(minutes=11)):
        asked = olga.get(f"/admin/backups/{name}/download")
    assert asked.status_code == 403
    assert "password" in asked.get_data(as_text=True)


# ---------------------------------------------------------------- one record


def test_chosen_fields_come_back_and_can_be_undone(web: Web, cast: Cast, olga: Browser, backup: Make) -> None:
    number = customer(cast, "Arkwright", website="https://arkwright.example", notes="as it was")
    name = backup()
    anna = cast.actor("anna")
    change.update(anna, access.find(SYSTEM, Customer, number), {"name": "Overwritten", "notes": "spoilt"})
    assert olga.post(f"/admin/backups/{name}/open").status_code == 303
    here = f"/admin/backups/{name}/look"
    assert "Arkwright" in olga.get(f"{here}?q=arkwr").get_data(as_text=True)
    page = olga.get(f"{here}/customers/{number}").get_data(as_text=True)
    assert "spoilt" in page
    assert "as it was" in page
    assert olga.post(f"{here}/customers/{number}", {}).status_code == 400
    assert olga.post(f"{here}/customers/{number}", {"field": ["notes"]}).status_code == 303
    now = held(number)
    assert now
    assert (now["name"], now["notes"]) == ("Overwritten", "as it was")
    last = store.value("SELECT max(id) FROM change_set")
    undo.undo(cast.actor("owner"), last)
    undone = held(number)
    assert undone
    assert undone["notes"] == "spoilt"


def test_a_record_that_is_gone_comes_back_under_its_number(cast: Cast, backup: Make) -> None:
    number = customer(cast, "Gone Ltd", phone="0113 496 0000")
    look = looking.open_backup(backup())
    with store.writing():
        store.run("DELETE FROM customer WHERE id = ?", [number])
    owner = cast.actor("owner")
    assert bringback.compare(owner, look, Customer, number).state == "gone"
    done = bringback.bring_back(owner, look, [("customer", number)])
    assert done.ids == {("customer", number): number}
    found = access.find(cast.actor("anna"), Customer, number)
    assert (found.name, found.phone) == ("Gone Ltd", "0113 496 0000")
    assert found.owner == cast.anna


def test_one_in_the_bin_comes_out_of_it(cast: Cast, backup: Make) -> None:
    number = customer(cast, "Binned")
    look = looking.open_backup(backup())
    change.delete(cast.actor("anna"), access.find(SYSTEM, Customer, number))
    owner = cast.actor("owner")
    assert bringback.compare(owner, look, Customer, number).state == "binned"
    bringback.bring_back(owner, look, [("customer", number)])
    assert access.find(cast.actor("anna"), Customer, number).name == "Binned"


def test_who_may_not_see_all_may_bring_nothing_back(cast: Cast, backup: Make) -> None:
    number = customer(cast, "Arkwright")
    look = looking.open_backup(backup())
    for part in ("manager", "anna", "reader"):
        with pytest.raises(Forbidden):
            bringback.compare(cast.actor(part), look, Customer, number)
    with pytest.raises(NotFound):
        bringback.compare(cast.actor("owner"), look, Customer, number + 1000)


# ---------------------------------------------------------------- one day


def test_a_days_losses_come_back_together(cast: Cast, olga: Browser, backup: Make) -> None:
    gone = [customer(cast, f"Lost {n}") for n in range(3)]
    kept = customer(cast, "Kept")
    name = backup()
    for number in gone:
        change.delete(cast.actor("anna"), access.find(SYSTEM, Customer, number))
    assert olga.post(f"/admin/backups/{name}/open").status_code == 303
    day = f"/admin/backups/{name}/days/{clock.today().isoformat()}"
    page = olga.get(day).get_data(as_text=True)
    assert "Lost 2" in page
    assert f"customers/{kept}" not in page
    assert olga.post(day, {"id": [f"customers/{gone[0]}"]}).status_code == 303
    assert [bool((held(number) or {})["deleted_at"]) for number in gone] == [False, True, True]
    assert olga.post(day, {"all": "1"}).status_code == 303
    assert not any((held(number) or {})["deleted_at"] for number in gone)
    assert olga.get(f"/admin/backups/{name}/days/yesterday").status_code == 404


# ---------------------------------------------------------------- all of it


def wait_for_restore() -> restoring.Ended:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if (found := restoring.last()) is not None and gate.is_open:
            return found
        time.sleep(0.02)
    raise AssertionError("no end")


def test_restoring_everything_from_the_page(web: Web, cast: Cast, olga: Browser, backup: Make) -> None:
    number = customer(cast, "Before")
    name = backup()
    later = customer(cast, "After")
    change.update(cast.actor("anna"), access.find(SYSTEM, Customer, number), {"name": "Spoilt"})
    here = f"/admin/backups/{name}/restore"
    assert web.browser("manager").get(here).status_code == 403
    assert "Testing &amp; Sons" in olga.get(here).get_data(as_text=True)
    refused = olga.post(here, {"word": "testing"})
    assert refused.status_code == 422
    started = olga.post(here, {"word": "Testing & Sons"})
    assert started.status_code == 303
    ended = wait_for_restore()
    assert ended.ok, ended.words
    assert ended.replaced
    assert (held(number) or {})["name"] == "Before"
    assert held(later) is None
    assert web.visitor().get("/customers").status_code in (302, 303), "the app answers again"
    assert olga.get("/admin").status_code in (302, 303), "everybody signs in again"
    assert web.browser("owner").get("/admin/backups").status_code == 200
    assert store.value("SELECT count(*) FROM audit WHERE act = 'restored'") == 1


def test_a_damaged_backup_changes_nothing(web: Web, cast: Cast, olga: Browser, backup: Make) -> None:
    number = customer(cast, "Before")
    name = backup()
    path = looking.path_of(name)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert olga.post(f"/admin/backups/{name}/restore", {"word": "Testing & Sons"}).status_code == 303
    assert not wait_for_restore().ok
    assert (held(number) or {})["name"] == "Before"
    assert olga.get("/admin").status_code == 200, "still signed in"


def test_others_wait_meanwhile(web: Web) -> None:
    with gate.closed("smallcrm is restoring a backup."):
        page = web.visitor().get("/")
        assert page.status_code == 503
        assert 'http-equiv="refresh"' in page.get_data(as_text=True)
        assert page.headers["Retry-After"]
        told = web.visitor().get("/api/v1/customers")
        assert told.content_type == "application/problem+json"
        assert web.visitor().get("/healthz").get_json()["status"] == "maintenance"
    assert gate.is_open
