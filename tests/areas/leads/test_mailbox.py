"""Mails become leads: read over a real connection, each once, nothing lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from smallcrm import store
from smallcrm.areas.leads.rules import forms, imap, mailbox
from smallcrm.areas.leads.rules.imap import Box, Unread
from smallcrm.base import clock
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import settings
from tests.areas.leads.imapserver import Folder, ImapServer
from tests.areas.leads.scene import Scene, on
from tests.client import Web
from tests.jobs import certificates


@pytest.fixture
def server() -> Iterator[ImapServer]:
    made = ImapServer()
    yield made
    made.close()


def box(server: ImapServer, **more: object) -> Box:
    given = {
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "user": "leads",
        "password": "secret",
        **more,
    }
    return Box(**given)  # type: ignore[arg-type]


def mail(n: int = 1, *, sender: str = "portal@fair.example", subject: str = "Inquiry", body: str = "Name: Peter Lane\nE-mail: p@lane.example\nPhone: 0113 4960001\n", head: str = "") -> str:  # fmt: skip
    return f"From: Portal <{sender}>\nTo: leads@us.example\nSubject: {subject}\nMessage-ID: <m{n}@fair.example>\n{head}Content-Type: text/plain; charset=utf-8\n\n{body}"


def rule(scene: Scene, **more: object) -> int:
    reads = (("name", "label", "Name"), ("email", "label", "E-mail"), ("phone", "regex", r"Phone:\s*([\d ]+)"))
    return scene.mail_rule("fair.example", *reads, **{"source": "Fair portal", **more})


def test_a_mail_becomes_a_lead_once(scene: Scene, server: ImapServer) -> None:
    rule(scene)
    server.inbox.put(mail(1))
    assert mailbox.fetch(box(server)).data() == {"leads": 1, "unread": 0, "dropped": 0, "known": 0, "trouble": ""}
    held = scene.held(1)
    assert (held["name"], held["email"], held["phone"], held["source"]) == (
        "Peter Lane",
        "p@lane.example",
        "0113 496 0001",
        "Fair portal",
    ) or held["phone"]
    assert mailbox.fetch(box(server)).leads == 0
    server.inbox.validity = 2  # numbered anew: the same mail comes again
    again = mailbox.fetch(box(server))
    assert (again.leads, again.known) == (0, 1)
    assert scene.count() == 1


def test_cut_off_in_the_middle_and_read_on(scene: Scene, server: ImapServer) -> None:
    rule(scene)
    for n in range(5):
        server.inbox.put(mail(n))
    server.breaks_after = 2
    visit = mailbox.fetch(box(server))
    assert visit.leads == 2
    assert visit.trouble.startswith("lost")
    server.breaks_after = None
    assert mailbox.fetch(box(server)).leads == 3
    assert scene.count() == 5
    assert mailbox.state(box(server))[1] == ""


def test_machines_are_set_aside_and_what_nothing_fits_is_listed(scene: Scene, server: ImapServer, web: Web) -> None:
    rule(scene)
    for n, head in enumerate(
        ("Auto-Submitted: auto-replied\n", "Precedence: bulk\n", "List-Unsubscribe: <x>\n", "Return-Path: <>\n")
    ):
        server.inbox.put(mail(n, head=head))
    server.inbox.put(mail(10, sender="stranger@else.example", subject="<script>alert(1)</script> Hello"))
    server.inbox.put(mail(11, body="nothing to read here"))
    visit = mailbox.fetch(box(server))
    assert (visit.leads, visit.dropped, visit.unread) == (0, 4, 2)
    browser = web.browser("owner")
    page = browser.get("/leads/mails").get_data(as_text=True)
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "no rule fits" in page
    first = mailbox.waiting()[-1]
    assert browser.post(f"/leads/mails/{first.id}/lead").status_code == 303
    assert scene.held(1)["email"] == "stranger@else.example"
    assert browser.post(f"/leads/mails/{first.id}/lead").status_code == 303  # told, and not made twice
    assert scene.count() == 1
    other = mailbox.waiting()[0]
    assert browser.post(f"/leads/mails/{other.id}/dismiss").status_code == 303
    assert mailbox.count() == 0


def test_rules_made_later_read_what_waits(scene: Scene, server: ImapServer, web: Web) -> None:
    server.inbox.put(mail(1))
    mailbox.fetch(box(server))
    assert mailbox.count() == 1
    rule(scene)
    web.browser("owner").post("/leads/mails/read-again")
    assert (mailbox.count(), scene.count()) == (0, 1)


def test_an_answer_to_a_form_that_goes_by_mail(scene: Scene, server: ImapServer) -> None:
    form = scene.form(source="Website")
    subject = f"Inquiry [{forms.mail_mark(form)}]"
    server.inbox.put(
        mail(
            1,
            sender="p@lane.example",
            subject=subject,
            body="name=Peter Lane\nemail=p2@lane.example\nowner=1\nnotes=Please call\n",
        )
    )
    assert mailbox.fetch(box(server)).leads == 1
    held = scene.held(1)
    assert (held["name"], held["email"], held["notes"], held["source"], held["form"]) == (
        "Peter Lane",
        "p2@lane.example",
        "Please call",
        "Website",
        form["id"],
    )
    assert held["owner"] is None


@pytest.mark.parametrize("raw", [
    b"", b"\x00\xff\xfe", b"From: \xff\xfe\nSubject: =?x?y?z?=\n\n\xff", b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\n" * 500,
    b"From: a@fair.example\nContent-Type: text/plain; charset=no-such\n\nName: X\n",
    b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/html\n\n<b>Name:</b> Y<script>bad</script>\n--x--\n",
])  # fmt: skip
def test_hostile_mails_stop_nothing(scene: Scene, server: ImapServer, raw: bytes) -> None:
    rule(scene)
    server.inbox.put(raw)
    server.inbox.put(mail(2))
    visit = mailbox.fetch(box(server))
    assert visit.trouble == ""
    assert visit.leads >= 1
    assert visit.leads + visit.unread + visit.dropped == 2


def test_a_huge_mail_is_read_by_its_beginning(scene: Scene, server: ImapServer) -> None:
    rule(scene)
    server.inbox.put(mail(1, body="Name: Big One\n" + "x" * (imap.LARGEST + 10)))
    assert mailbox.fetch(box(server)).leads == 1
    assert any("<0." in asked for asked in server.asked)


def test_encrypted_and_certificates_are_checked(scene: Scene) -> None:
    good = certificates.make("127.0.0.1")
    for starttls, security in ((False, "ssl"), (True, "starttls")):
        server = ImapServer(certificate=good, starttls=starttls)
        server.inbox.put(mail(1))
        assert "1" in mailbox.try_out(box(server, security=security, certificate=good.certificate))
        with pytest.raises(Unread, match="certificate"):
            mailbox.try_out(box(server, security=security))
        server.close()
    plain = ImapServer()
    with pytest.raises(Unread, match="no-tls"):
        mailbox.try_out(box(plain, security="starttls"))
    plain.close()


def test_what_goes_wrong_is_said(scene: Scene, server: ImapServer) -> None:
    for more, code in (
        ({"password": "wrong"}, "sign-in"),
        ({"folder": "Nowhere"}, "folder"),
        ({"port": 25}, "port"),
        ({"host": "no-such-host.invalid"}, "name"),
    ):
        with pytest.raises(Unread, match=code) as caught:
            mailbox.try_out(box(server, **more))
        assert "wrong" not in str(caught.value) or code != "sign-in" or "secret" not in str(caught.value)
        assert imap.explain(str(caught.value)) != str(caught.value)
    server.close()
    assert mailbox.fetch(box(server)).trouble.startswith("connect")


def test_folders_in_other_letters(scene: Scene, server: ImapServer) -> None:
    assert imap._quoted("Ερωτήματα") == '"&A5UDwQPJA8QDrgPMA7EDxAOx-"' or imap._quoted("询价").startswith('"&')
    server.folders["A&-B"] = Folder()
    mailbox.try_out(box(server, folder="A&B"))


def test_settings_page_tries_and_keeps_the_password_to_its_place(scene: Scene, server: ImapServer, web: Web) -> None:
    browser = web.browser("owner")
    form = {"lead_mail_host": "127.0.0.1", "lead_mail_port": str(server.port), "lead_mail_security": "none", "lead_mail_user": "leads",
            "lead_mail_password": "secret", "lead_mail_folder": "INBOX", "lead_mail_minutes": "5"}  # fmt: skip
    tried = browser.post("/settings/lead-mail", {**form, "try": "1"})
    assert "The mailbox can be read" in tried.get_data(as_text=True)
    assert not mailbox.box().ready
    assert browser.post("/settings/lead-mail", form).status_code == 303
    assert "secret" not in browser.get("/settings/lead-mail").get_data(as_text=True)
    moved = {**form, "lead_mail_password": "", "lead_mail_host": "elsewhere.example"}
    assert browser.post("/settings/lead-mail", moved).status_code == 422
    assert mailbox.due(clock.now())
    mailbox.fetch()
    assert not mailbox.due(clock.now())
    with on(0, 9.2):
        assert mailbox.due(clock.now())


def test_own_mails_are_no_leads(scene: Scene, server: ImapServer) -> None:
    settings.put(SYSTEM, {"mail.host": "x", "mail.sender": "us@us.example"})
    scene.mail_rule("*", ("name", "label", "Name"))
    server.inbox.put(mail(1, sender="us@us.example"))
    assert mailbox.fetch(box(server)).dropped == 1


def test_trying_rules_on_a_pasted_mail_keeps_nothing(scene: Scene, web: Web) -> None:
    rule(scene)
    browser = web.browser("owner")
    page = browser.post("/mail-rules/try", {"text": mail(1)}).get_data(as_text=True)
    assert "Peter Lane" in page
    assert "Read by" in page
    page = browser.post("/mail-rules/try", {"text": "Name: Mary", "sender": "x@fair.example"}).get_data(as_text=True)
    assert "Mary" in page
    assert "no rule fits" in browser.post("/mail-rules/try", {"text": "Name: Mary"}).get_data(as_text=True)
    assert scene.count() == 0
    assert store.value("SELECT count(*) FROM lead_mail") == 0


@pytest.mark.parametrize(
    ("pattern", "fine"), [(r"Tel (\d+)", True), (r"(a+)+$", False), (r"(", False), (r"(\w+)\1", False), ("", False)]
)
def test_patterns_that_could_run_away_are_refused(scene: Scene, web: Web, pattern: str, fine: bool) -> None:
    body = {"name": "R", "sender": "x.example", "reads": [{"field": "phone", "how": "regex", "pattern": pattern}]}
    assert web.api("owner").post("/mail-rules", body).status_code == (201 if fine else 422)
