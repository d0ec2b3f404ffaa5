"""Mail from the outbox to the server and the state it leaves behind, also when a process dies in between."""

from __future__ import annotations

import datetime as dt
import io
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from smallcrm import store
from smallcrm.base import clock
from smallcrm.jobs import locks, outbox, stop
from smallcrm.jobs.outbox import Message, rows, settings
from smallcrm.store import blobs, guard
from tests.jobs import child
from tests.jobs.conftest import People
from tests.jobs.outbox.mailserver import MailServer, Rude

NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # the server's, on loopback


def put(to: str = "ann@office.example", subject: str = "Hello", **more: object) -> int:
    return outbox.mail(to, subject=subject, text="Hi", **more)  # type: ignore[arg-type]


def row(key: int) -> Message:
    found = outbox.get(key)
    assert found
    return found


def subjects(server: MailServer) -> list[str]:
    return [str(got.mail["Subject"]) for got in server.got]


def test_what_is_due_goes_once_over_one_connection(mailserver: MailServer) -> None:
    keys = [put(subject=f"n{n}") for n in range(5)]
    assert outbox.deliver_due() == {"sent": 5}
    assert outbox.deliver_due() == {}
    assert subjects(mailserver) == ["n0", "n1", "n2", "n3", "n4"]
    assert len({got.peer for got in mailserver.got}) == 1
    found = row(keys[0])
    assert (found.state, found.attempts, found.last_error) == ("sent", 1, None)
    assert found.sent_at
    assert mailserver.got[0].mail["Message-ID"] == found.message_id
    assert mailserver.got[0].mail["To"] == "ann@office.example"


def test_urgent_first_and_nothing_before_its_time(mailserver: MailServer) -> None:
    with clock.at(NOW):
        put(subject="bulk", priority=outbox.BULK)
        put(subject="normal")
        put(subject="later", after=NOW + MINUTE)
        put(subject="urgent", priority=outbox.URGENT)
        put(subject="held", held=True)
    outbox.deliver_due(NOW)
    assert subjects(mailserver) == ["urgent", "normal", "bulk"]
    outbox.deliver_due(NOW + MINUTE)
    assert subjects(mailserver)[3:] == ["later"]


def test_an_unknown_receiver_is_a_failure_that_is_shown(mailserver: MailServer) -> None:
    mailserver.handler.rcpt = {"gone@office.example": ["550 5.1.1 no such user"]}
    gone, fine = put("gone@office.example"), put()
    assert outbox.deliver_due() == {"failed": 1, "sent": 1}
    assert row(gone).state == "failed"
    assert outbox.explain(row(gone).last_error) == (
        "The receiving side does not know or does not accept this address. (550 5.1.1 no such user)"
    )
    assert row(fine).state == "sent"


def test_a_greylisting_server_is_asked_again_later_and_later(mailserver: MailServer) -> None:
    mailserver.handler.rcpt = {"ann@office.example": ["451 greylisted"]}
    with clock.at(NOW):
        key = put()
    moment, tries = NOW, 0
    while row(key).state == "queued":
        before = row(key).send_after
        assert outbox.due(moment)
        counted = outbox.deliver_due(moment)
        tries += 1
        if row(key).state == "queued":
            assert counted == {"later": 1}
            wait = (clock.moment(row(key).send_after) - moment).total_seconds()
            assert 0.9 * rows.WAITS[tries - 1] - 1 <= wait <= 1.3 * rows.WAITS[tries - 1] + 1
            assert not outbox.due(moment)
            moment = clock.moment(row(key).send_after)
        assert before
    assert tries == len(rows.WAITS) + 1
    assert row(key).state == "failed"
    mailserver.handler.rcpt = {}
    outbox.retry([key])
    assert outbox.deliver_due() == {"sent": 1}


def test_some_refused_and_some_later(mailserver: MailServer) -> None:
    mailserver.handler.rcpt = {"gone@office.example": ["550 no"], "grey@office.example": ["451 later", "250 OK"]}
    with clock.at(NOW):
        key = outbox.mail(
            ["ann@office.example", "gone@office.example"], cc=["grey@office.example"], subject="x", text="x"
        )
    assert outbox.deliver_due(NOW) == {"sent": 1}
    assert row(key).state == "sent"
    assert row(key).last_error == "recipient: gone@office.example 550 no; grey@office.example 451 later"
    assert outbox.deliver_due(NOW + 10 * MINUTE) == {"sent": 1}
    assert [got.recipients for got in mailserver.got] == [["ann@office.example"], ["grey@office.example"]]
    first, second = (got.mail for got in mailserver.got)
    assert first["Message-ID"] == second["Message-ID"]
    assert first["To"] == second["To"]
    assert outbox.counts()["queued"] == 0


def test_a_server_that_is_down_blames_no_mail(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = [settings.MailSettings("127.0.0.1", port, "none", sender="crm@office.example")]
    settings.provide(mail=lambda: server[0])
    with clock.at(NOW), store.writing():
        keys = [put(subject=f"n{n}") for n in range(300)]
    assert outbox.deliver_due(NOW) == {"later": 1}
    assert outbox.counts()["queued"] == 300
    assert row(keys[0]).attempts == 0
    assert outbox.explain(outbox.mail_trouble()).startswith("The mail server does not answer")
    assert not outbox.due(NOW + dt.timedelta(seconds=20)), "left alone for a while"
    assert outbox.deliver_due(NOW + dt.timedelta(seconds=20)) == {}
    pauses, moment = [], NOW
    for _n in range(8):
        begun = moment
        while not outbox.due(moment):
            moment += dt.timedelta(seconds=5)
        pauses.append((moment - begun).total_seconds())
        outbox.deliver_due(moment)
    for place, pause in enumerate(pauses):
        wanted = min(900, 30 * 2**place)
        assert 0.9 * wanted <= pause <= 1.3 * wanted + 5
    up = MailServer(port=port)
    try:
        server[0] = up.settings(client_name="x")  # somebody saves the settings: tried at once
        assert outbox.due(moment)
        with clock.at(moment):
            assert outbox.deliver_due() == {"sent": 200}
            assert outbox.deliver_due() == {"sent": 100}
        assert len(up.got) == 300
        assert outbox.mail_trouble() is None
    finally:
        up.close()


def test_a_clock_set_back_does_not_silence_the_mail(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings.provide(mail=lambda: settings.MailSettings("127.0.0.1", port, "none", sender="crm@office.example"))
    with clock.at(NOW):
        put()
    outbox.deliver_due(NOW + dt.timedelta(days=365))
    assert outbox.due(NOW + MINUTE)


def test_wrong_passwords_are_not_hammered(folder: Path) -> None:
    server = MailServer(login=("crm", "right"))
    try:
        settings.provide(mail=lambda: server.settings(user="crm", password="wrong"))
        with clock.at(NOW):
            put()
        outbox.deliver_due(NOW)
        assert not outbox.due(NOW + 13 * MINUTE)
        assert outbox.due(NOW + 20 * MINUTE)
        settings.provide(mail=lambda: server.settings(user="crm", password="right"))
        assert outbox.deliver_due(NOW + MINUTE) == {"sent": 1}
    finally:
        server.close()


def test_after_days_without_a_server_mail_is_given_up(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings.provide(mail=lambda: settings.MailSettings("127.0.0.1", port, "none", sender="crm@office.example"))
    with clock.at(NOW):
        old = put()
    late = NOW + dt.timedelta(days=4)
    with clock.at(late):
        new = put()
    for hour in range(3):
        outbox.deliver_due(late + dt.timedelta(hours=hour))
    assert (row(old).state, row(new).state) == ("failed", "queued")
    said = outbox.explain(row(old).last_error)
    assert said.startswith("It waited too long and was given up. The mail server does not answer.")


def test_busy_in_the_middle_of_a_batch(mailserver: MailServer) -> None:
    with clock.at(NOW):
        keys = [put(subject=f"n{n}") for n in range(4)]
    mailserver.handler.data = ["250 OK", "421 too many"]
    assert outbox.deliver_due(NOW) == {"sent": 1, "later": 1}
    assert [row(key).state for key in keys] == ["sent", "queued", "queued", "queued"]
    assert row(keys[1]).attempts == 0
    assert outbox.deliver_due(NOW + 2 * MINUTE) == {"sent": 3}
    assert subjects(mailserver) == ["n0", "n1", "n2", "n3"]


def test_dropped_after_the_data_is_unknown_and_not_sent_again(mailserver: MailServer) -> None:
    with clock.at(NOW):
        lost, next_ = put(subject="lost"), put(subject="next")
    mailserver.handler.data = ["drop"]
    assert outbox.deliver_due(NOW) == {"unknown": 1, "sent": 1}
    assert (row(lost).state, row(next_).state) == ("unknown", "sent")
    assert "please check" in outbox.explain(row(lost).last_error)
    for day in range(1, 5):
        outbox.deliver_due(NOW + dt.timedelta(days=day))
    assert subjects(mailserver) == ["next"]
    outbox.retry([lost])
    outbox.deliver_due()
    assert subjects(mailserver) == ["next", "lost"]


def test_a_kill_between_the_servers_yes_and_our_mark(folder: Path) -> None:
    """The server has the mail; we died before writing it down."""
    server = MailServer()
    try:
        keys = [put(subject="first"), put(subject="second")]
        server.handler.slow = 30
        process = child.start("deliver", folder, str(server.port))
        assert server.handler.received.wait(10)
        assert row(keys[0]).state == "sending"
        assert outbox.deliver_due() == {}, "another process is at it"
        child.kill(process)
        server.handler.slow = 0
        settings.provide(mail=server.settings)
        assert outbox.due(clock.now())
        assert outbox.deliver_due() == {"unknown": 1, "sent": 1}
        assert row(keys[0]).state == "unknown"
        assert outbox.explain(row(keys[0]).last_error).startswith("smallcrm was stopped while sending.")
        assert subjects(server) == ["second"]
        outbox.accept([keys[0]])
        assert row(keys[0]).state == "sent"
        assert not outbox.due(clock.now())
    finally:
        server.close()


def test_a_kill_while_connecting_loses_nothing(folder: Path, rude: Callable[..., Rude]) -> None:
    key = put()
    silent = rude((b"", ...))
    process = child.start("deliver", folder, str(silent.port))
    while not silent.connections:
        pass
    child.kill(process)
    assert row(key).state == "queued"


def test_known_outcomes_are_written_once_there_is_room(mailserver: MailServer) -> None:
    key, here = put(), store.folder()
    handle = mailserver.handler.handle_DATA

    async def then_full(*arguments: object) -> str:
        answer = await handle(*arguments)  # type: ignore[arg-type]
        guard._checked[here] = (float("inf"), True)  # the disk is full from now on
        return answer

    mailserver.handler.handle_DATA = then_full  # type: ignore[method-assign,assignment]
    assert outbox.deliver_due() == {"sent": 1}
    assert row(key).state == "sending"
    del guard._checked[here]
    assert outbox.deliver_due() == {}
    assert row(key).state == "sent", "not unknown: we knew it"
    assert len(mailserver.got) == 1


def test_a_receiver_who_left(mailserver: MailServer, people: People) -> None:
    key, other = put(user=1), put("fang@office.example", user=2)
    del people.known[1]
    assert outbox.deliver_due() == {"failed": 1, "sent": 1}
    assert outbox.explain(row(key).last_error) == "The receiver is no longer active."
    assert row(other).state == "sent"


def test_a_mail_that_cannot_be_written_stops_no_other(mailserver: MailServer) -> None:
    sheet = blobs.put(io.BytesIO(b"sheet")).sha256
    broken = put(attachments=[outbox.Attachment("a", sha=sheet)])
    blobs.erase(sheet)
    fine = put()
    assert outbox.deliver_due() == {"failed": 1, "sent": 1}
    assert outbox.explain(row(broken).last_error).startswith("An attachment is no longer there.")
    assert row(fine).state == "sent"


def test_so_many_a_minute(mailserver: MailServer) -> None:
    settings.provide(mail=lambda: mailserver.settings(per_minute=3))
    with clock.at(NOW):
        for n in range(5):
            put(subject=f"n{n}")
    assert outbox.deliver_due(NOW) == {"sent": 3}
    assert not outbox.due(NOW + dt.timedelta(seconds=59))
    assert outbox.deliver_due(NOW + MINUTE) == {"sent": 2}


def test_a_stop_ends_the_batch_between_two_mails(mailserver: MailServer) -> None:
    for _n in range(3):
        put()
    stop.ask()
    assert outbox.deliver_due() == {}
    assert outbox.counts()["queued"] == 3


def test_nothing_is_sent_inside_a_transaction(mailserver: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    inside: list[bool] = []
    handle = mailserver.handler.handle_DATA

    async def look(*arguments: object) -> str:
        with locks.holding("outbox/mail") as mine:
            inside.append(mine)
        return await handle(*arguments)  # type: ignore[arg-type]

    mailserver.handler.handle_DATA = look  # type: ignore[method-assign,assignment]
    put()
    done: list[bool] = []
    import threading

    def write() -> None:
        assert mailserver.handler.received.wait(5)
        with store.writing():
            store.run("UPDATE outbox SET related = 'x'")
        done.append(True)
        store.close_thread()

    mailserver.handler.slow = 0.3
    thread = threading.Thread(target=write)
    thread.start()
    outbox.deliver_due()
    thread.join()
    assert done == [True]
    assert inside == [False], "the lane's lock is held, the database is not"
