"""The jobs of our own, as the server runs them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from smallcrm import store
from smallcrm.base import clock
from smallcrm.jobs import notices, outbox, registry, slots, standard, status
from smallcrm.jobs.outbox import settings
from smallcrm.store import snapshot
from tests.jobs.conftest import People
from tests.jobs.outbox.mailserver import MailServer

NOW = dt.datetime(2026, 11, 21, 3, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def test_a_reminder_becomes_a_real_mail(people: People) -> None:
    standard.register()
    server = MailServer()
    try:
        settings.provide(mail=server.settings, base_url=lambda: "https://crm.office.example")
        notices.notify(2, "reminder", title="回访王伟", link="/customers/12")
        assert [(o.job, o.result) for o in slots.run_due()] == [("outbox", {"sent": 1})]
        assert slots.run_due(clock.now() + dt.timedelta(seconds=5)) == []
        mail = server.got[0].mail
        assert mail["To"].addresses[0].display_name == "王芳"
        assert mail["Subject"] == "回访王伟"
        body = mail.get_body(("plain",))
        assert body
        assert "https://crm.office.example/customers/12" in body.get_content()
    finally:
        server.close()


def test_tidying_up_happens_when_there_is_something(people: People, folder: Path) -> None:
    standard.register()
    slots.settle(NOW)
    with clock.at(NOW):
        notices.notify(3, "x", title="old")
        notices.mark_read(3)
        outbox.mail("ann@office.example", subject="nobody sends this")
    for day in range(1, 3):
        assert slots.run_due(NOW + day * DAY + DAY / 8) == []
    assert [(o.job, o.result) for o in slots.run_due(NOW + 5 * DAY)] == [("tidy", {"given_up": 1})]
    assert outbox.listing()[0].state == "failed"
    assert [o.result for o in slots.run_due(NOW + 100 * DAY)] == [{"notices": 1, "messages": 1}]
    assert store.value("SELECT count(*) FROM notice") == store.value("SELECT count(*) FROM outbox") == 0


def test_a_restore_holds_what_was_waiting(folder: Path) -> None:
    standard.register()
    outbox.mail("ann@office.example", subject="x")
    with store.writing():
        for hook in snapshot.after_restore:
            hook()
    assert outbox.counts()["held"] == 1


def test_what_job_list_shows(folder: Path) -> None:
    standard.register()
    assert [(s.name, s.schedule, s.last_run) for s in status.all()] == [
        ("outbox", "every 5 seconds", None), ("tidy", "daily at 03:40", None),
    ]  # fmt: skip
    assert registry.get("outbox").title
