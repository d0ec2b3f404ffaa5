"""Encodings: the right one found, and never a wrong one taken for sure."""

from __future__ import annotations

import pytest

from smallcrm.records.exchange.decoding import codec, guess_encoding, known_encoding
from smallcrm.records.exchange.reading import open_workbook
from smallcrm.records.exchange.refusals import Unreadable

from .conftest import Make

CHINESE = "公司名称,联系人,城市,备注\r\n" + "".join(
    f"{city}{name}有限公司,{who},{city},{note}\r\n"
    for city, name, who, note in [
        ("深圳", "远泰餐饮管理", "郭子涵", "要求月底前回复"), ("广州", "嘉诚塑胶", "任霞", "老客户介绍"),
        ("杭州", "华达塑胶", "仇喆", "他说太贵了"), ("青岛", "金源物流", "胡芳", ""),
        ("西安", "宏图", "单丽", "又来电"),
    ]
)  # fmt: skip
TRADITIONAL = "公司名稱,聯絡人,電話\r\n臺灣電子股份有限公司,陳小明,02-23456789\r\n高雄國際貿易,林美玲,07-3456789\r\n"
GREEK = "Επωνυμία;Υπεύθυνος;Σημειώσεις\r\n" + "".join(
    f"{name};{who};{note}\r\n"
    for name, who, note in [
        ("Οικονόμου Εκδόσεις Ο.Ε.", "Ιωάννης Οικονόμου", "πελάτης του Γιώργου"),
        ("ΓΕΩΡΓΙΟΥ ΑΡΤΟΠΟΙΙΑ", "Νίκος Νικολαΐδης", ""),
        ("Αγγελόπουλος Τουριστική Α.Ε.", "Μαρία Μακρή", "Ζητά προσφορά έως Παρασκευή"),
        ("Άννα Βλάχου", "Έλενα Δημητριάδου", "Ώρες γραφείου"),
    ]
)  # fmt: skip
WESTERN = (
    "Name;Ort;Notiz\r\nMüller GmbH;Köln;Straße gesperrt\r\nHélène Lefèvre;Besançon;forêt à côté\r\n"
    "José Muñoz;Málaga;señor\r\n"
    "João Gonçalves;São Paulo;informação\r\nBjørn Sørensen;Ålborg;på lørdag\r\nCafé “Chez nous” – 5 €;Nîmes;\r\n"
)
POLISH = (
    "Nazwa;Miasto\r\nŁukasz Żółć;Łódź\r\nSpółka z ograniczoną odpowiedzialnością;Kraków\r\n"
    "Grażyna Dąbrowska;Wrocław\r\n"
)
CZECH = "Jméno;Město\r\nDvořák a synové;Plzeň\r\nŽluťoučký kůň;Třebíč\r\nŘezníček;České Budějovice\r\n"
RUSSIAN = "Имя;Город\r\nООО Ромашка;Москва\r\nСергей Иванов;Санкт-Петербург\r\nКомпания Вектор;Новосибирск\r\n"

ALL = [
    (CHINESE, "gb18030"), (CHINESE, "utf-8"), (CHINESE, "utf-8-sig"), (CHINESE, "utf-16"), (CHINESE, "utf-16-le"),
    (CHINESE, "utf-16-be"), (TRADITIONAL, "big5"), (TRADITIONAL, "utf-8"), (GREEK, "cp1253"), (GREEK, "iso8859-7"),
    (GREEK.replace("ΐ", "ϊ"), "cp737"), (GREEK, "utf-8"), (GREEK, "utf-16-le"), (WESTERN, "cp1252"),
    (WESTERN, "utf-8"), (POLISH, "cp1250"),
    (CZECH, "cp1250"), (RUSSIAN, "cp1251"), (RUSSIAN, "utf-8"), ("Name,City\nSmith & Co,Leeds\n", "ascii"),
]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh", "el"])
@pytest.mark.parametrize(("text", "encoding"), ALL, ids=[f"{e}-{t[:4]}" for t, e in ALL])
def test_the_encoding_is_found_and_sure(text: str, encoding: str, language: str) -> None:
    data = text.encode(encoding)
    guess = guess_encoding(data, language)
    assert data.decode(codec(guess.name)).lstrip("\ufeff") == text
    assert guess.sure
    assert not guess.bad_lines


SHORT = [
    "Όνομα",
    "ΠΑΠΑΔΟΠΟΥΛΟΣ",
    "Άννα",
    "公司",
    "王喆",
    "北京嘉信",
    "Café",
    "Muñoz",
    "Łódź",
    "Имя",
    "Dvořák",
    "è",
    "5 €",
    "Ström",
    "電話",
]
SHORT_ENCODINGS = ["cp1253", "iso8859-7", "cp1252", "cp1250", "cp1251", "gb18030", "big5", "utf-8"]


def _encodable(word: str, encoding: str) -> bool:
    return bool(word.encode(codec(encoding), "ignore").decode(codec(encoding)) == word)


PAIRS = [(word, encoding) for word in SHORT for encoding in SHORT_ENCODINGS if _encodable(word, encoding)]


@pytest.mark.parametrize(("word", "encoding"), PAIRS)
def test_a_few_letters_are_read_rightly_or_asked_about(word: str, encoding: str) -> None:
    """The danger is text that turns to rubbish unnoticed: on little evidence the guess may be wrong, but then asks."""
    data = f"Name,Nr\n{word},1\n".encode(codec(encoding))
    for language in ("en", "zh", "el"):
        guess = guess_encoding(data, language)
        if guess.sure:
            assert data.decode(codec(guess.name)) == f"Name,Nr\n{word},1\n"


def test_a_file_put_together_from_two_is_never_sure() -> None:
    lines = ("公司,电话\r\n" + "嘉诚有限公司,13800138000\r\n" * 20).encode()
    guess = guess_encoding(lines + "远泰教育有限公司,13900139000\r\n".encode("gb18030"))
    assert not guess.sure
    assert guess.bad_lines == (22,)


def test_a_mixed_file_shows_its_lost_letters(text_file: Make) -> None:
    data = b"Name\n" + "Müller\n".encode() * 20 + "Schäfer\n".encode("cp1252")
    with open_workbook(text_file(data)) as book:
        assert not book.facts.encoding_sure
        assert book.facts.bad_lines == [22]
        assert book.facts.lost_letters == 1
        assert book.facts.previews["utf-8"]


def test_a_letter_cut_in_half_at_the_very_end_is_forgiven() -> None:
    data = CHINESE.encode() * 20
    assert guess_encoding(data[:-4]).name == "utf-8"
    assert guess_encoding(data[:-4]).sure
    halved = (CHINESE * 20 + "嘉").encode("gb18030")[:-1]
    assert guess_encoding(halved).name == "gb18030"


def test_an_encoding_somebody_named(text_file: Make) -> None:
    with open_workbook(text_file(GREEK, "cp1253"), encoding="windows-1253") as book:
        assert book.facts.encoding == "cp1253"
        assert book.facts.encoding_sure
        assert book.sheets[0].head(1)[0][1][0] == "Επωνυμία"


def test_an_encoding_that_does_not_fit_is_refused(text_file: Make) -> None:
    path = text_file("Name\r\nMüller\r\nSchäfer\r\n", "cp1252")
    with pytest.raises(Unreadable) as refusal, open_workbook(path, encoding="utf-8"):
        pass
    assert refusal.value.code == "encoding_wrong"
    assert refusal.value.values["line"] == 2


@pytest.mark.parametrize("name", ["klingon", "", "hex", "rot13", "zlib", "idna", "unicode_escape", "utf-7"])
def test_what_is_no_text_encoding(name: str) -> None:
    with pytest.raises(Unreadable):
        known_encoding(name)


@pytest.mark.parametrize(
    ("said", "name"),
    [("GBK", "gb18030"), ("gb2312", "gb18030"), ("Windows-1253", "cp1253"), ("Big5", "big5"), ("UTF8", "utf-8")],
)
def test_names_people_use(said: str, name: str) -> None:
    assert known_encoding(said) == name


def test_stray_zeros_do_not_make_it_utf16() -> None:
    guess = guess_encoding(b"Name,Phone\r\n" + b"Ac\0me,2101234567\r\n" * 3 + b"Beta,2101234568\r\n" * 50)
    assert guess.name == "utf-8"
