"""Alerts once per crossing, workbooks once per month, each as its receiver may see it."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from openpyxl import load_workbook

from smallcrm import store
from smallcrm.areas.reports.records import Alert, Mailing
from smallcrm.areas.reports.rules import alerts, mailing, workbook
from smallcrm.base import clock
from smallcrm.base.errors import BadRequest
from smallcrm.identity.actor import SYSTEM
from smallcrm.jobs import directory, work
from smallcrm.records import access, cache, change, settings
from smallcrm.records.figures import ready
from tests.areas.reports import scene
from tests.areas.reports.scene import Scene
from tests.client import Web


@pytest.fixture(autouse=True)
def _mail(company: Scene) -> None:
    """A server that mail could be handed to."""
    settings.put(SYSTEM, {"mail.host": "mail.example.com", "mail.sender": "crm@example.com"})
    cache.forget()


def told(user: int) -> list[str]:
    return [
        title
        for (title,) in store.rows("SELECT title FROM notice WHERE user = ? AND kind = 'alert' ORDER BY id", [user])
    ]


def alert(company: Scene, part: str = "anna", **more: Any) -> Any:
    given = {
        "name": "Thin",
        "figure": "open-value",
        "side": "below",
        "threshold": "1000",
        "enabled": True,
        "owner": getattr(company.cast, part),
        **more,
    }
    return change.create(SYSTEM, Alert, given, trusted=True)


def test_once_for_each_crossing(company: Scene) -> None:
    alert(company)
    anna = company.cast.anna
    assert alerts.due(clock.now())
    assert alerts.check()["told"] == 1
    assert not alerts.due(clock.now())
    assert alerts.check()["told"] == 0
    assert told(anna) == ["Thin: €0.00"]
    deal = company.deal("anna", "5000")
    assert alerts.due(clock.now())
    assert alerts.check()["told"] == 0  # above again
    change.delete(SYSTEM, deal)
    assert alerts.check()["told"] == 1
    assert len(told(anna)) == 2
    mails = store.rows("SELECT subject FROM outbox WHERE channel = 'mail' AND user = ?", [anna])
    assert mails == [("Thin: €0.00",)] * 2


def test_everybody_hears_of_their_own(company: Scene) -> None:
    company.deal("anna", "600")
    company.deal("carl", "5000")
    alert(company, "owner", recipients=[f"user/{company.cast.anna}", f"user/{company.cast.carl}"])
    assert alerts.check() == {"looked": 2, "told": 1}
    assert told(company.cast.anna) == ["Thin: €600.00"]
    assert told(company.cast.carl) == []


def test_another_threshold_is_another_question(company: Scene) -> None:
    record = alert(company)
    alerts.check()
    change.update(SYSTEM, access.find(SYSTEM, Alert, int(record.id)), {"threshold": "2000"}, trusted=True)
    assert alerts.check()["told"] == 1
    change.update(SYSTEM, access.find(SYSTEM, Alert, int(record.id)), {"side": "above"}, trusted=True)
    assert alerts.check()["told"] == 0


def test_what_cannot_be_worked_out_is_left(company: Scene) -> None:
    alert(company, figure="no-such-figure")
    alert(company, name="Good", figure="win-rate", threshold="50")  # nothing closed: no rate, so nothing to cross
    assert alerts.check()["told"] == 0


def test_switched_off(company: Scene) -> None:
    alert(company, enabled=False)
    assert not alerts.due(clock.now())
    assert alerts.check()["looked"] == 0


# ---------------------------------------------------------------- workbooks


def opened(content: bytes) -> Any:
    return load_workbook(io.BytesIO(content))


def test_the_workbook(company: Scene) -> None:
    company.deal("anna", "1000", "won", "2026-11-02")
    company.deal("carl", "4000", "won", "2026-11-10")
    steps: list[int] = []
    owner = company.cast.actor("owner")
    book = opened(workbook.build(owner, "this_month", lambda done, _total: steps.append(done)))
    assert book.sheetnames[:2] == ["Cover", "Summary"]
    assert book.sheetnames[-1] == "How it is counted"
    for report in ready.reports(owner):
        assert str(report.name) in book.sheetnames
    assert len(book["Summary"]._charts) >= 3
    assert steps == sorted(steps)
    cells = {cell.value: cell for row in book["Won sales"].iter_rows() for cell in row if cell.value is not None}
    assert cells[5000].number_format == "#,##0.00"
    assert any(cell.number_format == "0.0%" for row in book["Won sales"].iter_rows() for cell in row)
    assert "November 2026" in [cell.value for row in book["Cover"].iter_rows() for cell in row]
    again = io.BytesIO()
    book.save(again)
    assert opened(again.getvalue()).sheetnames == book.sheetnames
    anna = opened(workbook.build(company.cast.actor("anna"), "this_month"))
    texts = {str(cell.value) for page in anna.worksheets for row in page.iter_rows() for cell in row}
    assert "Carl South" not in texts
    assert "4000" not in texts


def test_written_in_the_background_for_oneself(company: Scene, web: Web) -> None:
    company.deal("anna", "1000", "won", "2026-11-02")
    browser = web.browser("anna")
    started = browser.post("/reports/workbook", {"span": "this_month"})
    number = int(started.headers["Location"].rpartition("/")[2])
    assert work.join(number, 60).state == "done"
    assert f"/reports/workbook/{number}/file" in browser.get(f"/works/{number}").get_data(as_text=True)
    answer = browser.get(f"/reports/workbook/{number}/file")
    assert answer.status_code == 200
    assert "Summary" in opened(answer.data).sheetnames
    assert web.browser("owner").get(f"/reports/workbook/{number}/file").status_code == 404
    assert browser.post("/reports/workbook", {"from": "2026-02-01", "to": "2026-01-01"}).status_code == 422
    with pytest.raises(BadRequest):
        workbook.start(company.cast.actor("anna"), "whenever")


def send_to(company: Scene, owner: str, *parts: str, **more: Any) -> Any:
    to = [f"user/{getattr(company.cast, part)}" for part in parts]
    given = {
        "name": "Monthly",
        "day": 18,
        "period": "this_year",
        "recipients": to,
        "enabled": True,
        "owner": getattr(company.cast, owner),
        **more,
    }
    return change.create(SYSTEM, Mailing, given, trusted=True)


def mails() -> dict[int, Any]:
    """User → the workbook attached to the mail."""
    found = {}
    for user, files in store.rows("SELECT user, files FROM outbox WHERE channel = 'mail'"):
        (file,) = json.loads(files)
        found[user] = opened(base64.b64decode(file["data"]))
    return found


def numbers(book: Any) -> set[Any]:
    return {cell.value for page in book.worksheets for row in page.iter_rows() for cell in row}


def test_once_a_month_and_never_more_than_they_may_see(company: Scene) -> None:
    company.deal("anna", "1000", "won", "2026-11-02")
    company.deal("carl", "4000", "won", "2026-11-10")
    send_to(company, "manager", "owner", "anna")
    directory.lookup(company.cast.anna)
    assert mailing.due(clock.now())
    assert mailing.send() == {"sent": 2, "failed": 0}
    assert not mailing.due(clock.now())
    assert mailing.send() == {"sent": 0, "failed": 0}
    found = mails()
    assert set(found) == {company.cast.owner, company.cast.anna}
    assert 5000 in numbers(found[company.cast.owner])  # as the manager sees it
    assert 5000 not in numbers(found[company.cast.anna])
    assert "Anna North" in numbers(found[company.cast.anna])
    with scene.on("2026-12-17"):
        assert not mailing.due(clock.now())
    with scene.on("2026-12-25"):  # the machine slept through the 18th
        assert mailing.send()["sent"] == 2


def test_one_that_was_made_after_its_day_waits(company: Scene) -> None:
    send_to(company, "owner", day=3)
    assert not mailing.owed()
    with scene.on("2026-12-03"):
        assert [(month, user) for _r, month, user in mailing.owed()] == [("2026-12", company.cast.owner)]
    with scene.on("2027-02-28"):
        change.update(SYSTEM, access.find(SYSTEM, Mailing, 1), {"day": 31}, trusted=True)
        assert mailing.owed()  # on February's last day


def test_as_wide(company: Scene) -> None:
    cast = company.cast
    pairs = [
        ("owner", "manager"),
        ("owner", "anna"),
        ("anna", "anna"),
        ("manager", "owner"),
        ("anna", "manager"),
        ("anna", "carl"),
        ("manager", "anna"),
    ]
    seen = [mailing.as_wide(cast.actor(a), cast.actor(b)) for a, b in pairs]
    # of the last pair it is not certain, so the manager gets a workbook of their own
    assert seen == [True, True, True, False, False, False, False]


def test_crossings_are_kept(company: Scene, web: Web) -> None:
    """Each time it crossed and came back, with the figure as it stood; nothing while it stays where it is."""
    record = alert(company)
    anna = company.cast.anna
    alerts.check()
    alerts.check()
    deal = company.deal("anna", "5000")
    alerts.check()
    change.delete(SYSTEM, deal)
    alerts.check()
    found = [(crossed, said) for _at, crossed, said in alerts.crossings(record, anna)]
    assert found == [(True, "€0.00"), (False, "€5,000.00"), (True, "€0.00")]
    page = web.browser("anna").get("/reports/alerts").get_data(as_text=True)
    assert "back again: €5,000.00" in page
