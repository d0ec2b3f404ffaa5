"""Contact cards of every age, and ours."""

from __future__ import annotations

import quopri
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smallcrm.records.exchange.cards import Card, card_lines, read_cards, write_cards
from smallcrm.records.exchange.refusals import Limits, Unreadable

from .conftest import Make


def card(*lines: str, version: str = "3.0") -> str:
    return "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])


def one(path: Path) -> Card:
    (found,) = read_cards(path).cards
    return found


def quoted(text: str, encoding: str = "utf-8") -> str:
    lines = (quopri.encodestring(line.encode(encoding)).decode() for line in text.split("\r\n"))
    return "=0D=0A".join(lines).replace("=\n", "=\r\n")


def test_what_a_phone_sends(text_file: Make) -> None:
    text = card(
        "N:Παπαδόπουλος;Γιώργος;;;", "FN:Γιώργος Παπαδόπουλος", "ORG:Φροντιστήριο\\, Α.Ε.;Πωλήσεις",
        "TITLE:Διευθυντής",
        "TEL;TYPE=CELL:+30 697 123 4567", "TEL;TYPE=WORK,VOICE:210 1234567", "TEL;TYPE=WORK,FAX:210 1234568",
        "item1.EMAIL;TYPE=INTERNET:G@P.GR",
        "item1.X-ABLabel:x", "ADR;TYPE=WORK:;;Ερμού 5;Αθήνα;;104 37;Ελλάδα", "BDAY:1980-02-29", "NOTE:a\\nb",
        "CATEGORIES:VIP,φίλος",
        "URL:https://p.gr", "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ", " SkZJRg==",
    )  # fmt: skip
    assert one(text_file(text)) == {
        "family": "Παπαδόπουλος", "given": "Γιώργος", "name": "Γιώργος Παπαδόπουλος",
        "company": "Φροντιστήριο, Α.Ε.", "department": "Πωλήσεις",
        "title": "Διευθυντής",
        "phones": [("mobile", "+30 697 123 4567"), ("work", "210 1234567"), ("fax", "210 1234568")],
        "emails": [("other", "g@p.gr")],
        "addresses": [{"street": "Ερμού 5", "city": "Αθήνα", "postcode": "104 37", "country": "Ελλάδα"}],
        "birthday": "1980-02-29", "notes": "a\nb",
        "tags": ["VIP", "φίλος"], "website": "https://p.gr",
    }  # fmt: skip


def test_an_old_phone_s_quoted_printable(text_file: Make) -> None:
    note = quoted("第一行\r\n第二行，很长很长很长很长很长很长很长很长很长很长很长很长")
    assert "=\r\n" in note
    text = card(
        f"N;CHARSET=GB18030;ENCODING=QUOTED-PRINTABLE:{quoted('张', 'gb18030')};{quoted('伟', 'gb18030')};;;",
        f"FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:{quoted('张伟')}", "TEL;CELL;VOICE:13800138000",
        "TEL;WORK:010-12345678",
        f"NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:{note}", version="2.1",
    )  # fmt: skip
    found = one(text_file(text))
    assert (found["name"], found["family"], found["given"]) == ("张伟", "张", "伟")
    assert found["phones"] == [("mobile", "13800138000"), ("work", "010-12345678")]
    assert found["notes"].startswith("第一行\n第二行，很长")


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
def test_cards_in_the_encodings_of_old_mail_programs(text_file: Make, encoding: str) -> None:
    text = card("N:王;小明", "FN:王小明", "ORG:北京嘉信国际贸易有限公司", "TEL;CELL:13900139000", version="2.1") * 3
    found = read_cards(text_file(text, encoding))
    assert [c["company"] for c in found.cards] == ["北京嘉信国际贸易有限公司"] * 3


def test_greek_cards_of_windows(text_file: Make) -> None:
    assert (
        one(text_file(card("FN:Άννα Βλάχου", "ORG:Εκδόσεις Οικονόμου", version="2.1"), "cp1253"))["name"]
        == "Άννα Βλάχου"
    )


def test_version_four(text_file: Make) -> None:
    text = card(
        "FN:Jane Doe", 'TEL;VALUE=uri;TYPE="voice,cell":tel:+44-20-7946-0958', "IMPP:wechat:jane_d", version="4.0"
    )
    assert one(text_file(text)) == {"name": "Jane Doe", "phones": [("mobile", "+44-20-7946-0958")], "wechat": "jane_d"}


def test_names_are_put_together(text_file: Make) -> None:
    assert one(text_file(card("N:李;明;;;", "TEL:13800138000")))["name"] == "李明"
    assert one(text_file(card("N:Doe;Jane;;;", "TEL:1234567")))["name"] == "Jane Doe"
    assert one(text_file(card("ORG:Acme", "TEL:1234567")))["name"] == "Acme"


def test_bad_cards_do_not_hide_the_good_ones(text_file: Make) -> None:
    text = card("FN:One") + card("") + card("garbage", "FN:Two") + "BEGIN:VCARD\r\nFN:never closed\r\n"
    found = read_cards(text_file("noise\r\n" + text))
    assert [c["name"] for c in found.cards] == ["One", "Two"]
    assert found.failed == (2,)


@pytest.mark.parametrize("content", [b"", b"Name,Phone\n", b"BEGIN:VCARD\nFN:x\n", b"\x89PNG\r\n\x1a\n"])
def test_files_without_a_card(text_file: Make, content: bytes) -> None:
    with pytest.raises(Unreadable):
        read_cards(text_file(content))


def test_a_huge_file_is_refused(text_file: Make) -> None:
    with pytest.raises(Unreadable):
        read_cards(text_file(card("FN:x") * 100), limits=Limits(file_size=1000))


texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"], exclude_characters="\u2028\u2029"),
    min_size=1,
    max_size=60,
)
lines = texts.map(lambda text: " ".join(text.split())).filter(bool)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(lines, lines, lines, lines), min_size=1, max_size=5))
def test_what_is_written_is_read_again(tmp_path: Path, people: list[tuple[str, str, str, str]]) -> None:
    import unicodedata

    cards: list[dict[str, Any]] = [
        {
            "name": unicodedata.normalize("NFC", f"{given} {family}"), "given": unicodedata.normalize("NFC", given),
            "family": unicodedata.normalize("NFC", family), "company": unicodedata.normalize("NFC", company),
            "notes": unicodedata.normalize("NFC", f"{note}\n{note}"), "phones": [("mobile", "+30 6971234567")],
            "emails": [("work", "a@b.gr")],
        }
        for family, given, company, note in people
    ]  # fmt: skip
    path = tmp_path / "cards.vcf"
    assert write_cards(path, cards) == len(cards)
    found = read_cards(path)
    assert found.failed == ()
    assert list(found.cards) == cards


def test_lines_are_folded_between_characters(tmp_path: Path) -> None:
    path = tmp_path / "cards.vcf"
    write_cards(path, [{"name": "王小明", "notes": "很长的备注" * 40 + "Μεγάλη σημείωση " * 20}])
    data = path.read_bytes()
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    assert all(line.decode() for line in data.split(b"\r\n")[:-1])
    assert b"N:\xe7\x8e\x8b;\xe5\xb0\x8f\xe6\x98\x8e;;;" in data


def test_a_line_cannot_be_smuggled_in() -> None:
    made = list(card_lines({"name": "x\r\nTEL:666", "company": "a;b,c\\d", "notes": "a\u2028b"}))
    assert not [line for line in made if line.startswith("TEL")]
    assert "ORG:a\\;b\\,c\\\\d" in made
