"""From a row to a mail: headers nobody can break out of, every script, attachments, the look of our letters."""

from __future__ import annotations

import base64
import email
import email.policy
import io
import re
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from smallcrm import store
from smallcrm.base.errors import Invalid
from smallcrm.jobs import outbox
from smallcrm.jobs.letter import Item, Letter, Section
from smallcrm.jobs.outbox import Attachment, rows, settings
from smallcrm.jobs.outbox.compose import Envelope, envelope
from smallcrm.jobs.outbox.failure import Failure
from smallcrm.jobs.outbox.settings import MailSettings
from smallcrm.store import blobs

SERVER = MailSettings("mail.office.example", sender="crm@office.example", sender_name="办公室 CRM, Ltd")


def content(mail: EmailMessage, kind: str = "plain") -> str:
    body = mail.get_body((kind,))
    assert body
    return str(body.get_content()).replace("\r\n", "\n")


def written(key: int) -> tuple[Envelope, EmailMessage]:
    message = outbox.get(key)
    assert message
    made = envelope(message, SERVER, rows.files(key))
    undotted = re.sub(rb"(?m)^\.\.", b".", made.data)
    return made, email.message_from_bytes(undotted, policy=email.policy.SMTP)  # type: ignore[return-value]


def test_headers(folder: Path) -> None:
    settings.provide(mail=lambda: SERVER)
    made, mail = written(
        outbox.mail(
            [("王芳", "fang@office.example"), "nikos@office.example"],
            subject="Προσφορά № 12: 报价单", text="x",
            cc=[("Ann Lee", "ann@office.example")], bcc="boss@office.example",
            reply_to=("Ann", "ann@office.example"), headers={"X-Ticket": "7", "In-Reply-To": "<a@b>"},
            unsubscribe="https://crm.office.example/u/abc",
        )
    )  # fmt: skip
    assert made.sender == "crm@office.example"
    assert made.recipients == (
        "fang@office.example",
        "nikos@office.example",
        "ann@office.example",
        "boss@office.example",
    )
    assert mail["Subject"] == "Προσφορά № 12: 报价单"
    assert [(a.display_name, a.addr_spec) for a in mail["To"].addresses] == [
        ("王芳", "fang@office.example"), ("", "nikos@office.example"),
    ]  # fmt: skip
    assert mail["From"].addresses[0].addr_spec == "crm@office.example"
    assert mail["From"].addresses[0].display_name == "办公室 CRM Ltd"
    assert mail["Cc"].addresses[0].display_name == "Ann Lee"
    assert mail["Bcc"] is None
    assert mail["Reply-To"] == "Ann <ann@office.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] == "<https://crm.office.example/u/abc>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["X-Ticket"] == "7"
    assert mail["In-Reply-To"] == "<a@b>"
    assert re.fullmatch(r"<[\w-]{20,}@office\.example>", mail["Message-ID"])
    assert mail["Date"].datetime.tzinfo
    assert made.data.isascii()
    assert all(len(line) <= 998 for line in made.data.split(b"\r\n"))
    assert b"\n" not in made.data.replace(b"\r\n", b"")


def test_a_mail_written_by_a_person_does_not_call_itself_automatic(folder: Path) -> None:
    _made, mail = written(outbox.mail("ann@office.example", subject="x", automatic=False, from_name="Anna (Office)"))
    assert mail["Auto-Submitted"] is None
    assert mail["From"].addresses[0].display_name == "Anna (Office)"


EVIL = "x\r\nBcc: eve@evil.example\r\n\r\nbody\0\u2028\x0b"


def test_nobody_adds_a_header_or_a_receiver(folder: Path) -> None:
    made, mail = written(
        outbox.mail(
            (EVIL, "ann@office.example"), subject=EVIL, from_name=EVIL,
            text=f"hello\r\n.\r\nMAIL FROM:<eve@evil.example>\n{EVIL}",
            headers={"X-Note": EVIL}, attachments=[Attachment(f"{EVIL}.pdf", b"%PDF", type=f"application/pdf{EVIL}")],
            unsubscribe=f"https://a.example/{EVIL}",
        )
    )  # fmt: skip
    assert made.recipients == ("ann@office.example",)
    assert mail["Bcc"] is None
    assert "Bcc" not in [name for part in mail.walk() for name in part]
    assert mail["Subject"].startswith("x Bcc: eve@evil.example")
    assert [a.addr_spec for a in mail["To"].addresses] == ["ann@office.example"]
    assert not re.search(rb"(?m)^\.\r?$", made.data)


WORD = "=?utf-8?q?x=0d=0aBcc:_eve@evil.example=0d=0a=0d=0abody?="


def test_an_encoded_word_stays_a_text(folder: Path) -> None:
    """What the standard library would decode as it writes: line breaks that came in as =0d=0a."""
    made, mail = written(
        outbox.mail(
            (WORD, "ann@office.example"), subject=f"Re: {WORD}", from_name=WORD, text=WORD, headers={"X-Note": WORD},
            attachments=[Attachment(f"{WORD}.pdf", b"%PDF", type="application/pdf")],
        )
    )  # fmt: skip
    assert mail["Bcc"] is None
    assert mail["Subject"] == f"Re: {WORD}".replace("=?", "= ?")
    assert made.data.count(b"\r\nBcc") == 0
    with pytest.raises(Invalid):
        outbox.mail("=?utf-8?q?a=0d=0aBcc=3ax?=@office.example", subject="x", text="y")


NAMES = st.text(st.characters(codec="utf-8"), max_size=60)


@hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NAMES, NAMES, st.text(st.characters(codec="utf-8"), max_size=300))
def test_any_name_subject_and_text_arrive(folder: Path, name: str, subject: str, text: str) -> None:
    made, mail = written(outbox.mail([(name, "ann@office.example"), "b@office.example"], subject=subject, text=text))
    assert made.recipients == ("ann@office.example", "b@office.example")
    assert [a.addr_spec for a in mail["To"].addresses] == ["ann@office.example", "b@office.example"]
    assert mail.get_all("Bcc") is None
    same = str.maketrans(dict.fromkeys(' \t\r\n,;:<>()[]@"\\\x85\xa0'))
    assert (mail["Subject"] or "").translate(same) == outbox.get(
        store.value("SELECT max(id) FROM outbox")
    ).subject.translate(same)  # type: ignore[union-attr]
    squeezed = str.maketrans(dict.fromkeys(map(chr, [*range(33), 0x85, 0xA0, 0x1680, 0x2028, 0x2029])))
    assert content(mail).translate(squeezed) == text.replace("\r", "\n").translate(squeezed)
    assert not re.search(rb"(?m)^\.\r?$", made.data)


def test_text_html_and_attachments(folder: Path) -> None:
    sheet = blobs.put(io.BytesIO(b"sheet")).sha256
    _made, mail = written(
        outbox.mail(
            "ann@office.example", subject="x", text="plain ☎", html="<p>rich ☎</p>",
            attachments=[
                Attachment("报价单 Προσφορά.pdf", b"%PDF-1.7", type="application/pdf"),
                Attachment("list.xlsx", sha=sheet, type="application/vnd.ms-excel"),
                Attachment("termin.ics", "王芳".encode(), type="text/calendar"),
                Attachment("x.html", b"<script>", type="message/rfc822"),
            ],
        )
    )  # fmt: skip
    assert content(mail) == "plain ☎\n"
    assert content(mail, "html") == "<p>rich ☎</p>\n"
    files = list(mail.iter_attachments())
    assert [f.get_filename() for f in files] == ["报价单 Προσφορά.pdf", "list.xlsx", "termin.ics", "x.html"]
    assert [f.get_content_type() for f in files][::2] == ["application/pdf", "text/calendar"]
    assert files[3].get_content_type() == "application/octet-stream"
    assert [f.get_payload(decode=True) for f in files][:3] == [b"%PDF-1.7", b"sheet", "王芳".encode()]


def test_what_cannot_be_written_says_so(folder: Path) -> None:
    sheet = blobs.put(io.BytesIO(b"sheet")).sha256
    message = outbox.get(outbox.mail("ann@office.example", subject="x", attachments=[Attachment("a", sha=sheet)]))
    assert message
    assert outbox.in_use([sheet, "0" * 64]) == {sheet}
    blobs.erase(sheet)
    with pytest.raises(Failure) as failed:
        envelope(message, SERVER, rows.files(message.id))
    assert failed.value.code == "file"


def test_dots_are_doubled(folder: Path) -> None:
    text = ".\n..\n.dot\nend"
    made, mail = written(outbox.mail("ann@office.example", subject="x", text=text))
    assert b"\r\n..\r\n...\r\n..dot\r\nend" in made.data
    assert content(mail) == text + "\n"


def test_an_address_beyond_ascii_asks_for_smtputf8(folder: Path) -> None:
    made, mail = written(outbox.mail(("Νίκος", "νίκος@παράδειγμα.gr"), subject="γεια", text="γεια"))
    assert made.utf8
    assert made.recipients == ("νίκος@xn--hxajbheg2az3al.gr",)
    assert "νίκος@".encode() in made.data
    assert mail["Subject"] == "γεια"


LETTER = Letter(
    heading="Three follow-ups <today>",
    lines=("Good morning.", "{{7*7}} ${7*7} {letter.__class__} <script>alert(1)</script>"),
    sections=(
        Section("Overdue", (Item("王伟 & Co <b>", "/customers/12", "9 days"), Item("No link", "javascript:alert(1)"))),
        Section("Empty"),
    ),
    button="Open", link="/", why="You asked for it.", language="zh",
)  # fmt: skip


def test_a_letter_in_text_and_html(folder: Path) -> None:
    settings.provide(base_url=lambda: "https://crm.office.example/", company=lambda: "Office & Söhne")
    _made, mail = written(outbox.mail("ann@office.example", subject="x", letter=LETTER))
    assert content(mail) == (
        "Three follow-ups <today>\n\nGood morning.\n\n"
        "{{7*7}} ${7*7} {letter.__class__} <script>alert(1)</script>\n\n"
        "Overdue\n- 王伟 & Co <b> · 9 days\n  https://crm.office.example/customers/12\n- No link\n\n"
        "Open: https://crm.office.example/\n\n-- \nYou asked for it.\nOffice & Söhne\n"
    )
    rich = content(mail, "html")
    assert '<html lang="zh-CN">' in rich
    assert "王伟 &amp; Co &lt;b&gt;" in rich
    assert 'href="https://crm.office.example/customers/12"' in rich
    for never in ("<script", "javascript:", "<img", "src=", "url(", "@import", "49", "Empty"):
        assert never not in rich, never


def test_links_wait_until_our_address_is_known(folder: Path) -> None:
    settings.provide(base_url=lambda: "")
    _made, mail = written(outbox.mail("ann@office.example", subject="x", letter=LETTER))
    for part in ("plain", "html"):
        assert "/customers/12" not in content(mail, part)
        assert "Open" not in content(mail, part)


def test_only_for_those_who_are_left(folder: Path) -> None:
    key = outbox.mail(["a@office.example", "b@office.example"], subject="x")
    with store.writing():
        store.run(
            "UPDATE outbox SET payload = json_set(payload, '$.only', json('[\"b@office.example\"]')) WHERE id = ?",
            (key,),
        )
    made, mail = written(key)
    assert made.recipients == ("b@office.example",)
    assert len(mail["To"].addresses) == 2


def test_base64_is_what_is_kept(folder: Path) -> None:
    key = outbox.mail("a@office.example", subject="x", attachments=[Attachment("a.bin", b"\0\xff")])
    assert base64.b64decode(rows.files(key)[0]["data"]) == b"\0\xff"
