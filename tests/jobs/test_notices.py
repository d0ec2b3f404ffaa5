"""Telling people: the bell, mail and bots, each in the receiver's language and by their choice."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from smallcrm import store
from smallcrm.base import clock, formats, i18n
from smallcrm.jobs import directory, notices, outbox
from smallcrm.jobs.directory import Person
from smallcrm.jobs.letter import Item, Section
from smallcrm.jobs.outbox import settings
from smallcrm.jobs.outbox.settings import Bot, MailSettings
from tests.jobs.conftest import People

NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
BOT = Bot("sales", "wecom", "Sales", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1")


@pytest.fixture(autouse=True)
def _set_up(people: People) -> None:
    settings.provide(mail=lambda: MailSettings("mail.office.example", sender="crm@office.example"), bots=lambda: [BOT])


def hello() -> str:
    return {"en": "Good morning", "zh": "早上好", "el": "Καλημέρα"}[i18n.language()]


def test_each_in_their_own_language(people: People) -> None:
    for user in (1, 2, 3):
        notices.notify(
            user, "reminder", title=hello, body=lambda: f"{hello()}!\n{formats.weekday(dt.date(2026, 11, 20))}"
        )
    assert [notices.latest(user)[0].title for user in (1, 2, 3)] == ["Good morning", "早上好", "Καλημέρα"]
    assert i18n.language() == "en"
    mails = {mail.recipient: mail for mail in outbox.listing()}
    assert set(mails) == {"ann@office.example", "fang@office.example"}, "the third wants no mail"
    letter = mails["fang@office.example"].payload["letter"]
    assert (letter["heading"], letter["lines"], letter["language"]) == ("早上好", ["早上好!", "周五"], "zh")
    assert mails["fang@office.example"].subject == "早上好"
    assert mails["fang@office.example"].user == 2


def test_it_is_part_of_the_callers_transaction(people: People) -> None:
    def change_that_fails() -> None:
        with store.writing():
            notices.notify(1, "reminder", title="x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_that_fails()
    assert notices.latest(1) == []
    assert outbox.listing() == []


def test_nobody_is_told_twice_of_one_thing(people: People) -> None:
    assert notices.notify(1, "reminder", title="x", key="activity/7")
    assert notices.notify(1, "reminder", title="x", key="activity/7") is None
    assert notices.notify(2, "reminder", title="x", key="activity/7")
    assert notices.notify(1, "reminder", title="x", key="activity/8")
    assert (len(notices.latest(1)), len(outbox.listing())) == (2, 3)


def test_channels_by_kind_and_overruled(people: People) -> None:
    people.add(
        Person(5, "李工", "li@office.example", "zh", channels={"": ["mail"], "pool": ["bot:sales"], "quiet": []})
    )
    for kind, queued in (("reminder", ["mail"]), ("pool", ["wecom"]), ("quiet", [])):
        before = outbox.counts()["queued"]
        notices.notify(5, kind, title="x")
        assert [m.channel for m in outbox.listing(limit=outbox.counts()["queued"] - before or 0)] == queued
    count = outbox.counts()["queued"]
    notices.notify(5, "reminder", title="x", channels=())
    assert outbox.counts()["queued"] == count
    notices.notify(5, "quiet", title="x", channels=("mail", "bot:sales", "bot:gone", "pigeon"))
    assert [m.channel for m in outbox.listing(limit=2)] == ["wecom", "mail"]
    notices.notify(5, "quiet", title="x", channels=("bot",))
    assert outbox.listing()[0].recipient == "sales"
    assert len(notices.latest(5)) == 6, "the bell rings each time"


def test_a_bot_names_whom_it_means(people: People) -> None:
    people.add(Person(5, "李工", language="zh", channels={"": ["bot:sales"]}, mobile="13800138000"))
    notices.notify(
        5,
        "reminder",
        title="回访",
        body="王伟",
        link="/customers/12",
        sections=lambda: [Section("逾期", (Item("a"), Item("b")))],
    )
    found = outbox.listing()[0]
    assert (found.recipient, found.subject, found.text) == ("sales", "李工 · 回访", "王伟\n逾期: 2")
    assert found.payload == {"language": "zh", "link": "/customers/12", "mobile": "13800138000"}
    assert found.related == "customers/12"


def test_nobody_there_and_nowhere_to_send(people: People) -> None:
    assert notices.notify(99, "reminder", title="x") is None
    people.add(Person(6, "No mail", "", channels={"": ["mail"]}))
    people.add(Person(7, "Bad mail", "not an address", channels={"": ["mail"]}))
    assert notices.notify(6, "x", title="x")
    assert notices.notify(7, "x", title="x")
    settings.provide(mail=MailSettings)
    assert notices.notify(1, "x", title="x")
    assert outbox.listing() == []
    directory.register(None)
    assert notices.notify(1, "x", title="x") is None


def test_reading_them(people: People) -> None:
    with clock.at(NOW):
        ids = [notices.notify(1, "x", title=f"n{n}", undo=n, link=f"/customers/{n}") for n in range(5)]
        other = notices.notify(2, "x", title="other")
    assert notices.unread(1) == 5
    assert [n.title for n in notices.latest(1, limit=2)] == ["n4", "n3"]
    assert [n.title for n in notices.latest(1, before=ids[3], limit=2)] == ["n2", "n1"]
    assert notices.latest(1)[0] == notices.Told(
        ids[4] or 0, "2026-11-21T09:00:00.000Z", "x", "n4", "", "/customers/4", None, 4
    )  # fmt: skip
    assert [n.title for n in notices.since(1, ids[2] or 0)] == ["n3", "n4"]
    assert notices.mark_read(1, [ids[0], ids[0], other, 999]) == 1  # type: ignore[list-item]
    assert notices.mark_read(1, []) == 0
    assert notices.unread(1) == 4
    assert notices.unread(2) == 1, "nobody reads another's"
    assert [n.title for n in notices.latest(1, unread_only=True)] == ["n4", "n3", "n2", "n1"]
    assert notices.mark_read(1) == 4
    assert notices.mark_read(1) == 0
    assert notices.unread(1) == 0


def test_counting_stops_somewhere(people: People) -> None:
    with store.writing():
        for n in range(150):
            notices.notify(3, "x", title=f"n{n}")
    assert notices.unread(3) == notices.UNREAD_SHOWN
    plan = str(store.rows("EXPLAIN QUERY PLAN SELECT 1 FROM notice WHERE user = ? AND read_at IS NULL LIMIT 100", (3,)))
    assert "notice_unread" in plan


def test_old_ones_are_forgotten(people: People) -> None:
    with clock.at(NOW):
        read, unread = notices.notify(3, "x", title="read"), notices.notify(3, "x", title="unread")
        notices.mark_read(3, [read])  # type: ignore[list-item]
    day = dt.timedelta(days=1)
    assert not notices.prunable(NOW + 89 * day)
    assert notices.prune(NOW + 91 * day) == 1
    assert [n.id for n in notices.latest(3)] == [unread]
    assert notices.prunable(NOW + 361 * day)


def test_a_digest_is_a_mail_alone(people: People) -> None:
    def sections() -> list[Section]:
        return [Section(hello(), (Item("王伟", "/customers/1", "3"),)), Section("empty")]

    key = notices.digest(2, title=hello, sections=sections)
    assert key
    letter = outbox.listing()[0].payload["letter"]
    assert (letter["heading"], len(letter["sections"]), letter["language"]) == ("早上好", 1, "zh")
    assert notices.latest(2) == []
    assert notices.digest(2, title=hello, sections=lambda: [Section("empty")]) is None
    assert notices.digest(99, title=hello, sections=sections) is None


def test_admins(people: People, folder: Path) -> None:
    assert [person.name for person in directory.admins()] == ["Ann Lee"]


def test_what_is_said_is_worded_before_the_transaction(people: People) -> None:
    within: list[int] = []

    def sections() -> list[Section]:
        within.append(store.transaction())
        return [Section("s", (Item("x"),))]

    assert notices.notify(1, "reminder", title="x", sections=sections)
    with store.writing():
        notices.put(notices.prepare(1, "reminder", title="y"))
    assert within == [0]


def test_what_changed_since_it_was_worded(people: People) -> None:
    prepared = notices.prepare(1, "reminder", title="x", key="activity/7")
    assert notices.put(prepared)
    assert notices.put(prepared) is None, "told meanwhile"
    other = notices.prepare(2, "reminder", title="x")
    directory.register(None)
    assert notices.put(other) is None, "switched off meanwhile"
    assert len(outbox.listing()) == 1
