"""Who is meant: cases, titles, nicknames, other alphabets, slips of the finger, and words that only look like names."""

from __future__ import annotations

import datetime as dt

import pytest

from smallcrm.areas.activities.logline import Person, parse

NOW = dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)


def meant(text: str, *contacts: Person, colleagues: tuple[Person, ...] = ()) -> tuple[int, ...]:
    line = parse(text, language="en", contacts=contacts, colleagues=colleagues, now=NOW, zone=dt.UTC)
    return line.parts[0].contacts


def people(*names: str) -> list[Person]:
    return [Person(number, name) for number, name in enumerate(names, 1)]


@pytest.mark.parametrize(
    "text",
    [
        "μίλησα με τον Νίκο", "τηλεφώνησε ο Νίκος", "τηλ τον Νίκο", "μίλησα με τον κ. Παπαδόπουλο", "κάλεσα τον κύριο Νίκο",
        "κάλεσα τον Νικο Παπαδοπουλο", "ΜΙΛΗΣΑ ΜΕ ΤΟΝ ΠΑΠΑΔΟΠΟΥΛΟ", "μίλησα με τον Νικόλα", "called Nikos", "called Papadopoulos",
        "called Mr Papadopoulos", "rang niko papadopoulo", "Nikos called", "κάλεσα τον κο Παπαδόπουλο", "συνάντησα τον Νίκο Π.",
    ],
)  # fmt: skip
def test_a_greek_name_in_any_case_and_alphabet(text: str) -> None:
    assert meant(text, *people("Μαρία Γεωργίου", "Νίκος Παπαδόπουλος")) == (2,)


@pytest.mark.parametrize(
    "text",
    [
        "给王总打了电话", "给王经理打了电话", "王工来电", "王建国来电", "建国来电", "老王来电", "小王来电", "王先生来电", "王董来电", "和王老师通了电话",
        "给王總打了電話", "called Mr Wang", "called Wang Jianguo", "called wang jianguo", "called jianguo", "called Manager 王建国",
        "王总监来电", "王建国总来电", "王总的来电",
    ],
)  # fmt: skip
def test_a_chinese_name_with_titles_and_in_pinyin(text: str) -> None:
    assert meant(text, *people("李文静", "王建国")) == (2,)


@pytest.mark.parametrize("text", ["called Wang", "给王总打了电话", "called Mr Wang", "王经理来电"])
def test_a_chinese_surname_finds_a_name_kept_in_latin_letters(text: str) -> None:
    assert meant(text, *people("Bob Fenwick", "Wang Jianguo")) == (2,)


def test_of_several_with_one_surname_the_most_recently_touched_is_meant() -> None:
    assert meant("给王总打了电话", *people("王芳", "王建国")) == (1,)
    assert meant("给王建国打了电话", *people("王芳", "王建国")) == (2,)
    assert meant("called Smith", *people("Ann Smith", "Bob Smith")) == (1,)
    assert meant("called Bob Smith", *people("Ann Smith", "Bob Smith")) == (2,)
    assert meant("μίλησα με Παπαδοπούλου", *people("Νίκος Παπαδόπουλος", "Άννα Παπαδοπούλου")) == (2,)
    assert meant("μίλησα με τον Παπαδόπουλο", *people("Άννα Παπαδοπούλου", "Νίκος Παπαδόπουλος")) == (2,)


def test_a_man_and_a_woman_of_like_names_are_told_apart() -> None:
    assert meant("μίλησα με τη Νίκη", *people("Νίκος Α", "Νίκη Β")) == (2,)
    assert meant("μίλησα με τον Νίκο", *people("Νίκη Β", "Νίκος Α")) == (2,)
    assert meant("είδα τη Χρήστα", *people("Χρήστος Α", "Χρήστα Β")) == (2,)


def test_compound_surnames_stay_whole() -> None:
    assert meant("欧阳总来电", *people("欧阳雪", "欧文")) == (1,)
    assert meant("司马老师来电", *people("马云", "司马南")) == (2,)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("called Rob", "Robert Fenwick"), ("called Robert", "Bob Fenwick"), ("called Liz", "Elizabeth Stone"), ("called Bill", "William Tell"),
        ("μίλησα με τον Κώστα", "Κωνσταντίνος Β"), ("μίλησα με τον Κωνσταντίνο", "Κώστας Β"), ("μίλησα με τον Γιάννη", "Ιωάννης Κ"),
        ("μίλησα με την Κατερίνα", "Αικατερίνη Λ"), ("called Giannis", "Ιωάννης Κ"), ("called Yannis", "Γιάννης Κ"),
        ("μίλησα με τον Δημήτριο", "Δημήτρης Κ"),
    ],
)  # fmt: skip
def test_nicknames(text: str, name: str) -> None:
    assert meant(text, *people("Someone Else", name)) == (2,)


def test_aliases_count_as_names() -> None:
    assert meant("called Lao Hu about it", Person(1, "胡大伟", ("Tiger", "Lao Hu"))) == (1,)
    assert meant("called Tiger", Person(1, "胡大伟", ("Tiger",))) == (1,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("called Annna", (1,)), ("called Ana Leckie", (1,)), ("called Ania", (1,)), ("called Lekcie", (1,)), ("called Fenwik", (2,)),
        ("called fenwik", (2,)), ("called late", ()), ("called home", ()), ("called About it", ()), ("called bo", ()), ("met to make", ()),
    ],
)  # fmt: skip
def test_one_slip_of_the_finger_is_forgiven(text: str, expected: tuple[int, ...]) -> None:
    assert meant(text, *people("Anna Leckie", "Bob Fenwick", "Kate Homer")) == expected


def test_a_slip_that_could_be_two_people_is_nobody() -> None:
    assert meant("called Marta", *people("Maria Rossi", "Martha Stone")) == ()
    assert meant("called Maria", *people("Marie Rossi", "Mario Stone")) == ()


@pytest.mark.parametrize(
    "text",
    [
        "will send price Tue", "send the bill Tue", "may order in May", "mark it done tomorrow", "a long meeting tomorrow", "he wants grace",
        "price list tomorrow", "in April", "send bill", "visited the art fair",
    ],
)  # fmt: skip
def test_words_that_are_names_too_stay_words(text: str) -> None:
    names = people("Will Young", "Bill Stone", "May Low", "Mark Hill", "龙飞", "Grace Art", "Price Waters", "April Sun")
    line = parse(text, language="en", contacts=names, colleagues=(), now=NOW, zone=dt.UTC)
    allowed = (
        {2} if "bill" in text else {6} if "grace" in text or "art" in text else {7} if "price list" in text else {4}
    )
    assert all(set(part.contacts) <= allowed for part in line.parts)
    assert not any("Will" in str(part) for part in line.parts if part.contacts == (1,))


def test_names_that_are_words_too_are_found_where_a_person_must_be() -> None:
    names = people("Will Young", "May Low", "Παρασκευή Δήμου", "周敏", "方圆")
    assert meant("called Will", *names) == (1,)
    assert meant("met with May yesterday", *names) == (2,)
    assert meant("μίλησα με την κυρία Παρασκευή", *names) == (3,)
    assert meant("ραντεβού την Παρασκευή", *names) == ()
    assert meant("给周总打了电话", *names) == (4,)
    assert meant("下周总结一下", *names) == ()
    assert meant("对方经理来电", *names) == ()
    assert meant("方总来电", *names) == (5,)


def test_title_words_do_not_end_inside_another_word() -> None:
    names = people("王建国", "李工")
    assert meant("王总共买了三台", *names) == ()
    assert meant("王总，价格多少", *names) == (1,)
    assert meant("李工作了一天", *people("李文静")) == ()


def test_colleagues_and_contacts_of_one_name() -> None:
    contact, colleague = Person(1, "Anna Stone"), Person(9, "Anna Hill")
    line = parse("called Anna", language="en", contacts=[contact], colleagues=[colleague], now=NOW, zone=dt.UTC)
    assert line.done is not None
    assert (line.done.contacts, line.done.by) == ((1,), None)
    line = parse(
        "Anna to send contract Fri", language="en", contacts=[contact], colleagues=[colleague], now=NOW, zone=dt.UTC
    )
    assert line.planned[0].who == 9
    line = parse("call Anna on Friday", language="en", contacts=[contact], colleagues=[colleague], now=NOW, zone=dt.UTC)
    assert (line.planned[0].who, line.planned[0].contacts) == (None, (1,))


def test_whom_it_is_about_was_not_spoken_to() -> None:
    assert meant("called Bob about Anna", *people("Bob Stone", "Anna Hill")) == (1,)


def test_odd_names_do_no_harm() -> None:
    odd = people(
        "",
        " ",
        "X",
        "...",
        "Dr.",
        "王",
        "Ο",
        "123",
        "a@b.c",
        "O'Brien",
        "Anne-Marie Le Blanc",
        "Μαρία-Ελένη",
        "李",
        "😀",
    )
    assert meant("called O'Brien", *odd) == (10,)
    assert meant("called Anne-Marie", *odd) == (11,)
    assert meant("called nobody of them", *odd) == ()
