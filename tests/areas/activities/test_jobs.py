"""Reminders, escalation and digests: each told once, in the receiver's language, by bell and real mail."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from smallcrm import store
from smallcrm.areas.activities import jobs as ours
from smallcrm.areas.activities.rules import acts, digest, escalating, reminders
from smallcrm.areas.people.records import User
from smallcrm.base import clock
from smallcrm.identity.actor import SYSTEM
from smallcrm.jobs import directory, letter, notices, outbox
from smallcrm.jobs.directory import Person
from smallcrm.jobs.outbox import settings as outgoing
from smallcrm.records import access, change, settings
from smallcrm.records.record import values
from tests.areas.activities.conftest import FRIDAY, Scene, at
from tests.areas.activities.test_pages import plan
from tests.jobs.outbox.mailserver import MailServer


class People:
    """The users there are, told by mail."""

    channels: Sequence[str] = ("mail",)

    def lookup(self, user_id: int) -> Person | None:
        row = store.row('SELECT name, email, language FROM "user" WHERE id = ? AND active = 1', [user_id])
        return Person(user_id, row[0], row[1], row[2] or "en", channels={"": self.channels}) if row else None

    def admins(self) -> Sequence[int]:
        return ()


@pytest.fixture
def smtp(scene: Scene) -> Iterator[MailServer]:
    """A mail server that takes what is sent."""
    server = MailServer()
    outgoing.provide(mail=server.settings, base_url=lambda: "https://crm.office.example")
    yield server
    server.close()
    outgoing.forget()


@pytest.fixture(autouse=True)
def people() -> Iterator[None]:
    before = directory._directory
    directory.register(People())
    yield
    directory.register(before)


def told(user: int) -> list[tuple[str, str]]:
    return [(n.kind, n.title) for n in reversed(notices.latest(user))]


def test_a_reminder_comes_once_at_its_moment(scene: Scene) -> None:
    number = plan(scene, "Call them", at(20, 15), contact=scene.bob)  # reminds at 14:50
    assert not reminders.due(at(20, 14, 49))
    with clock.at(at(20, 14, 50)):
        assert ours._remind_due(clock.now())
        assert reminders.send() == 1
        assert not reminders.due(clock.now())
        assert reminders.send() == 0
    notice = notices.latest(scene.cast.anna)[0]
    assert (notice.kind, notice.title, notice.link) == ("reminder", "Call them", f"/customers/{scene.customer}")
    assert notice.body == "today 15:00 · Moorside Brewery, Bob Fenwick"
    assert values(scene.activity(number))["version"] == 1  # being reminded is no change


def test_what_moves_reminds_again_and_what_is_done_does_not(scene: Scene) -> None:
    number = plan(scene, "Call", at(20, 15))
    with clock.at(at(20, 15)):
        reminders.send()
        acts.move(scene.anna, scene.activity(number), to=at(23, 10))
    assert reminders.due(at(23, 9, 50))
    with clock.at(at(23, 9, 50)):
        assert reminders.send() == 1
    other = plan(scene, "Never mind", at(24, 15))
    acts.done(scene.anna, scene.activity(other))
    assert not reminders.due(at(30))


def test_many_at_once_are_one_message(scene: Scene) -> None:
    for n in range(8):
        plan(scene, f"Call {n}", at(20, 15))
    with clock.at(at(21)):
        assert reminders.send() == 8
    assert told(scene.cast.anna) == [("reminder", "8 reminders")]


def test_nobody_is_reminded_of_what_a_leaver_planned(scene: Scene) -> None:
    plan(scene, "Call", at(20, 15))
    change.update(SYSTEM, access.find(SYSTEM, User, scene.cast.anna), {"active": False}, trusted=True)
    with clock.at(at(21)):
        assert reminders.send() == 0
        assert not reminders.due(clock.now())


def test_in_the_receivers_language(scene: Scene) -> None:
    change.update(SYSTEM, access.find(SYSTEM, User, scene.cast.anna), {"language": "zh"}, trusted=True)
    plan(scene, "发报价", at(24, 15), reminder_at=clock.iso(at(20, 15)))
    with clock.at(at(20, 15)):
        reminders.send()
    assert "周二 15:00 · Moorside Brewery" in notices.latest(scene.cast.anna)[0].body


# ---------------------------------------------------------------- escalation


def test_the_manager_hears_once_after_so_many_days(scene: Scene) -> None:
    plan(scene, "Forgotten call", at(16, 15))
    plan(scene, "Still fine", at(18, 15))
    settings.put(SYSTEM, {"follow_ups.escalate_days": 0})
    assert not escalating.due(FRIDAY)
    settings.put(SYSTEM, {"follow_ups.escalate_days": 3})
    assert not escalating.due(at(20, 8))  # before the day begins
    assert not escalating.due(at(21, 12))  # not on a day off
    assert escalating.due(FRIDAY)
    with clock.at(FRIDAY):
        assert escalating.send() == 1
        assert escalating.send() == 0
        assert not escalating.due(FRIDAY)
    assert told(scene.cast.manager) == [("escalation", "1 follow-up of your team is overdue")]
    assert "Anna North: Forgotten call" in notices.latest(scene.cast.manager)[0].body
    assert told(scene.cast.anna) == []


def test_no_manager_no_message_and_no_endless_looking(scene: Scene) -> None:
    acts.plan(scene.cast.actor("service"), kind="task", subject="Mine", due=at(10))
    with clock.at(FRIDAY):
        assert escalating.send() == 0
        assert not escalating.due(FRIDAY)


def test_a_manager_does_not_hear_of_their_own(scene: Scene) -> None:
    acts.plan(scene.cast.actor("manager"), kind="task", subject="Mine", due=at(10))
    with clock.at(FRIDAY):
        assert escalating.send() == 0


# ---------------------------------------------------------------- digest


def test_the_digest_comes_at_each_ones_time_on_working_days(scene: Scene, smtp: MailServer) -> None:
    change.update(SYSTEM, access.find(SYSTEM, User, scene.cast.anna), {"digest_at": "07:30"}, trusted=True)
    plan(scene, "Late call", at(18, 15))
    plan(scene, "Call today", at(20, 15))
    with clock.at(at(20, 7, 29)):
        assert scene.cast.anna not in digest._waiting(clock.now())
    with clock.at(at(20, 7, 30)):
        assert digest._waiting(clock.now()) == [scene.cast.anna]
        assert digest.send() == 1
        assert digest.send() == 0
        outbox.deliver_due()
    (got,) = smtp.got
    mail = got.mail
    assert mail["To"] == "Anna North <anna@example.com>"
    assert "Friday 20 November" in str(mail["Subject"])
    body = mail.get_body(("plain",)).get_content()
    assert body.index("Late call") < body.index("Call today")
    assert digest._waiting(at(21, 9)) == []  # Saturday
    assert digest._waiting(at(20, 23)) == []  # too late for a morning


def test_nothing_to_say_nothing_sent(scene: Scene, smtp: MailServer) -> None:
    with clock.at(at(20, 9)):
        assert digest.due(clock.now())
        assert digest.send() == 0
        assert not digest.due(clock.now())


def test_other_areas_add_to_the_digest(scene: Scene, smtp: MailServer) -> None:
    @digest.add
    def soon(who: object) -> letter.Section:
        return letter.Section("About to fall into the pool", (letter.Item("Moorside Brewery", "/customers/1"),))

    try:
        assert [s.title for s in digest.sections(scene.anna)] == ["About to fall into the pool"]
    finally:
        digest.adds.remove(soon)


def test_a_manager_sees_what_is_overdue_in_the_team(scene: Scene) -> None:
    plan(scene, "Late call", at(18, 15))
    found = digest.sections(scene.cast.actor("manager"))
    assert [(s.title, [(i.text, i.note) for i in s.items]) for s in found] == [
        ("Overdue in your team", [("Anna North", "1 overdue")])
    ]


# ---------------------------------------------------------------- real mail, and being cut off


def test_a_reminder_by_mail(scene: Scene, smtp: MailServer) -> None:
    plan(scene, "Call them", at(20, 15), contact=scene.bob)
    with clock.at(at(20, 15)):
        ours._remind()
        outbox.deliver_due()
        ours._remind()
        outbox.deliver_due()
    assert [got.mail["Subject"] for got in smtp.got] == ["Call them"]


KILLED = """
import os, signal, sys
from pathlib import Path
from typing import Any
import smallcrm.app
from smallcrm import store
from smallcrm.base import clock
from smallcrm.records import settings
from smallcrm.areas.activities.rules import reminders
from smallcrm.jobs import directory
from smallcrm.jobs.directory import Person
from smallcrm.jobs.outbox import settings as outgoing

store.open_folder(Path(sys.argv[1]))
settings.apply()
directory.register(type("All", (), {"lookup": lambda self, user: Person(user, "Anna"), "admins": lambda self: ()})())
told = reminders.notices.put


def put(prepared):
    found = told(prepared)
    print("told", flush=True)
    if sys.argv[3] == "kill":
        os.kill(os.getpid(), signal.SIGKILL)  # told, not committed
    return found


reminders.notices.put = put
with clock.at(clock.moment(sys.argv[2])):
    print(reminders.send())
"""


def test_cut_off_between_telling_and_keeping_it_is_told_once(scene: Scene, tmp_path: Path) -> None:
    plan(scene, "Call them", at(20, 15))
    store.close()
    run = [sys.executable, "-c", KILLED, str(tmp_path / "data"), clock.iso(at(20, 15))]
    root = Path(__file__).resolve().parents[3]
    killed = subprocess.run([*run, "kill"], cwd=root, capture_output=True, text=True, check=False)
    assert (killed.returncode, killed.stdout) == (-9, "told\n"), killed.stderr
    again = subprocess.run([*run, "go"], cwd=root, capture_output=True, text=True, check=True)
    assert again.stdout == "told\n1\n"
    third = subprocess.run([*run, "go"], cwd=root, capture_output=True, text=True, check=True)
    assert third.stdout == "0\n"
    store.open_folder(tmp_path / "data")
    assert told(scene.cast.anna) == [("reminder", "Call them")]


def test_what_is_moved_while_it_is_worded_is_told_of_at_its_new_time(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan(scene, "Stays", at(20, 15))
    moves = plan(scene, "Moves", at(20, 15))
    worded = reminders._worded

    def slowly(found: list[tuple[Any, ...]]) -> Any:
        prepared = worded(found)
        monkeypatch.setattr(reminders, "_worded", worded)
        acts.move(scene.anna, scene.activity(moves), to=dt.date(2026, 11, 25))
        return prepared

    monkeypatch.setattr(reminders, "_worded", slowly)
    with clock.at(at(20, 15)):
        assert reminders.send() == 1
        assert (reminders.send(), told(scene.cast.anna)) == (0, [("reminder", "Stays")])
