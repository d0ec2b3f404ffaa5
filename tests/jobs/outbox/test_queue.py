"""What is put into the outbox, and what an administrator does with it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm import store
from smallcrm.base import clock, i18n
from smallcrm.base.errors import Invalid, NotFound, TooLarge
from smallcrm.jobs import outbox
from smallcrm.jobs.outbox import Attachment, address, settings
from smallcrm.jobs.outbox.settings import Bot, MailSettings

NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)


def put(**more: object) -> int:
    return outbox.mail("ann@office.example", subject="Hello", text="Hi", **more)  # type: ignore[arg-type]


def test_a_message_exists_exactly_when_the_change_does(folder: Path) -> None:
    def change_that_fails() -> None:
        with store.writing():
            put()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_that_fails()
    assert outbox.listing() == []
    with store.writing():
        key = put(related="customers/12", user=3)
    found = outbox.get(key)
    assert found
    assert (found.channel, found.recipient, found.subject, found.text, found.state) == (
        "mail", "ann@office.example", "Hello", "Hi", "queued",
    )  # fmt: skip
    assert (found.related, found.user, found.attempts) == ("customers/12", 3, 0)
    assert outbox.about("customers/12") == [found]


def test_the_same_key_is_put_once(folder: Path) -> None:
    first = put(key="reminder/7/2026-11-21")
    assert put(key="reminder/7/2026-11-21") == first
    assert put(key="reminder/8/2026-11-21") != first
    assert put() != put()
    assert outbox.counts()["queued"] == 4


def test_it_speaks_the_language_of_the_moment(folder: Path) -> None:
    with i18n.speaking("el"):
        found = outbox.get(put())
    assert found
    assert found.payload["language"] == "el"


def test_due_counts_only_what_can_go(folder: Path) -> None:
    with clock.at(NOW):
        put(after=NOW + dt.timedelta(hours=1))
        put(held=True)
        assert not outbox.due(NOW)
        put()
        assert not outbox.due(NOW), "no mail server is set up"
        assert outbox.mail_trouble() == "not-set"
        settings.provide(mail=lambda: MailSettings("mail.office.example", sender="crm@office.example"))
        assert outbox.due(NOW)
        assert not outbox.due(NOW - dt.timedelta(seconds=1))
        assert outbox.mail_trouble() is None


def test_what_an_administrator_does(folder: Path) -> None:
    ids = [put() for _n in range(6)]
    with store.writing():
        for key, state in zip(ids, ("failed", "unknown", "unknown", "sent", "held", "queued"), strict=True):
            store.run("UPDATE outbox SET state = ?, attempts = 3, last_error = 'x' WHERE id = ?", (state, key))
    assert outbox.accept([ids[1], ids[3]]) == 1
    assert outbox.retry([*ids, 999]) == 3
    assert outbox.counts() == {"queued": 4, "sending": 0, "sent": 2, "failed": 0, "unknown": 0, "held": 0}
    assert outbox.retry([]) == outbox.cancel([]) == outbox.accept([]) == 0
    assert outbox.cancel(ids) == 4
    assert {m.last_error for m in outbox.listing("failed")} == {"cancelled"}
    assert [m.id for m in outbox.listing(limit=2)] == [ids[5], ids[4]]
    assert [m.id for m in outbox.listing(before=ids[4], limit=2)] == [ids[3], ids[2]]
    assert [m.attempts for m in outbox.listing("failed")] == [0, 0, 0, 0]


def test_after_a_restore_nothing_goes_by_itself(folder: Path) -> None:
    ids = [put(), put(), put()]
    with store.writing():
        store.run("UPDATE outbox SET state = 'sending' WHERE id = ?", (ids[1],))
        store.run("UPDATE outbox SET state = 'sent' WHERE id = ?", (ids[2],))
    assert outbox.hold_all() == 2
    assert outbox.counts()["held"] == 2
    settings.provide(mail=lambda: MailSettings("mail.office.example", sender="crm@office.example"))
    assert not outbox.due(clock.now())


def test_old_messages_are_forgotten_but_not_those_that_wait_for_somebody(folder: Path) -> None:
    states = ("sent", "failed", "unknown", "held", "queued")
    with clock.at(NOW):
        ids = [put() for _state in states]
        with store.writing():
            for key, state in zip(ids, states, strict=True):
                store.run("UPDATE outbox SET state = ? WHERE id = ?", (state, key))
    assert not outbox.prunable(NOW + dt.timedelta(days=89))
    assert outbox.prunable(NOW + dt.timedelta(days=91))
    assert outbox.prune(NOW + dt.timedelta(days=91)) == 2
    assert {m.state for m in outbox.listing()} == {"unknown", "held", "queued"}
    assert not outbox.prunable(NOW + dt.timedelta(days=900))


def test_mail_that_nobody_can_send_is_given_up(folder: Path) -> None:
    with clock.at(NOW):
        put()
    assert not outbox.expired(NOW + dt.timedelta(days=2))
    assert outbox.expired(NOW + dt.timedelta(days=4))
    assert outbox.expire(NOW + dt.timedelta(days=4), "not-set") == 1
    assert outbox.explain(outbox.listing("failed")[0].last_error) == "No mail server is set up yet."


@pytest.mark.parametrize(
    "bad",
    ["", "ann", "ann@", "@office.example", "ann@office..example", "ann@-office.example", "a b@office.example",
     "ann@office.example\r\nBcc: eve@evil.example", "ann@office.example\0", "ann@office.example, eve@evil.example",
     "<ann@office.example>", ".ann@office.example", "an..n@office.example", "ann@off ice.example", "x" * 65 + "@a.b",
     "ann@" + "a." * 130 + "b", "ann@eve@office.example", 'a"b@office.example', "ann\u2028@office.example"],
)  # fmt: skip
def test_what_is_no_address(folder: Path, bad: str) -> None:
    assert not outbox.valid(bad)
    with pytest.raises(Invalid):
        outbox.mail(bad, subject="x")
    with pytest.raises(Invalid):
        outbox.mail("ann@office.example", subject="x", cc=[("Eve", bad)])
    assert outbox.listing() == []


def test_addresses_are_written_one_way() -> None:
    assert address.check(" Ann.Lee+crm@OFFICE.Example. ") == "Ann.Lee+crm@office.example"
    assert address.check("info@müller.example") == "info@xn--mller-kva.example"
    assert address.check("νίκος@παράδειγμα.gr").startswith("νίκος@xn--")


@given(st.text(), st.text())
def test_no_text_becomes_a_second_line(name: str, subject: str) -> None:
    for said in (address.plain(name), address.plain(subject)):
        assert said.splitlines() in ([], [said])
        said.encode()


def test_attachments_have_a_limit(folder: Path) -> None:
    with pytest.raises(TooLarge, match="20"):
        put(attachments=[Attachment("a.bin", b"x" * (21 * 1024 * 1024))])
    with pytest.raises(NotFound):
        put(attachments=[Attachment("a.bin", sha="0" * 64)])


@pytest.mark.parametrize("name", ["Subject", "Bcc", "X-A\r\nBcc: x", "Content-Type", "", "X Y"])
def test_headers_one_may_not_set(folder: Path, name: str) -> None:
    with pytest.raises(ValueError, match="header"):
        put(headers={name: "x"})


def test_a_bot_s_secrets_do_not_lie_in_the_outbox(folder: Path) -> None:
    bot = Bot("sales", "wecom", "Sales", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=KEY12345", "SECRET99")
    outbox.post(bot, title="New lead", text="from the fair", link="/leads/3", mobile="13800138000")
    outbox.call(Bot("erp", "webhook", "ERP", "https://erp.example/hook/KEY12345"), {"event": "won"})
    text = str(store.rows("SELECT * FROM outbox"))
    assert "KEY12345" not in text
    assert "SECRET99" not in text
    assert "KEY12345" not in repr(bot)
    with pytest.raises(ValueError, match="pigeon"):
        outbox.put("pigeon", "x")


def test_a_persons_data_are_taken_out(folder: Path) -> None:
    sent, waiting = put(related="customers/12"), put(related="customers/12", attachments=[Attachment("a", b"x")])
    other = put(related="customers/13")
    with store.writing():
        store.run("UPDATE outbox SET state = 'sent' WHERE id = ?", (sent,))
    assert outbox.erase(related="customers/12") == 2
    assert outbox.erase(related="") == 0
    assert [m.state for m in outbox.about("customers/12")] == ["failed", "sent"]
    assert "ann@" not in str(store.rows("SELECT * FROM outbox WHERE id IN (?, ?)", (sent, waiting)))
    assert outbox.erase(address="ann@office.example") == 1
    assert (outbox.get(other) or outbox.listing()[0]).subject == ""
