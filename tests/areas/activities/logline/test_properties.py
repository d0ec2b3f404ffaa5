"""What holds for any text: it is read without an error, nothing is lost, and reading the rest again finds nothing new."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from smallcrm.areas.activities.logline import Act, Understood, parse, people
from smallcrm.areas.activities.logline.days import weekdays
from smallcrm.areas.activities.logline.lexicon import lexicon
from smallcrm.areas.activities.logline.reading import READ, clauses_of
from smallcrm.areas.activities.logline.understood import KINDS
from smallcrm.areas.activities.logline.when import Moment
from tests.areas.activities.logline.cast import ATHENS, COLLEAGUES, CONTACTS
from tests.areas.activities.logline.test_phrases import ALL

LANGUAGES = st.sampled_from(["en", "zh", "el"])
TYPED = st.text(max_size=80)
WORDS = sorted(" ".join(words) for words in lexicon().phrases)
PIECES = st.one_of(
    st.sampled_from([text for text, _ in ALL]),
    st.sampled_from(WORDS),
    st.sampled_from(
        [
            "Bob",
            "Anna",
            "王总",
            "小李",
            "τον Νίκο",
            "Maria",
            "5",
            "15:00",
            "3/5",
            "24.11",
            "½",
            "2026",
            "500 pcs",
            "5m€",
        ]
    ),
    st.text(max_size=6),
)
GAPS = st.sampled_from(
    [" ", " ", " ", ", ", "，", ". ", "。", "; ", " - ", "", "\n", ": ", " and ", " και ", "和", "(", ")"]
)
SENTENCES = st.lists(st.tuples(PIECES, GAPS), max_size=12).map(lambda pairs: "".join(a + b for a, b in pairs)[:READ])
TEXTS = st.one_of(TYPED, SENTENCES)
MOMENTS = st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2090, 1, 1), timezones=st.just(dt.UTC))


def read(text: str, language: str, now: dt.datetime = dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)) -> Understood:
    return parse(text, language=language, contacts=CONTACTS, colleagues=COLLEAGUES, now=now, zone=ATHENS)


def letters(text: str) -> Counter[str]:
    return Counter(char for char in text if char.isalnum())


@settings(max_examples=400, deadline=None)
@given(TEXTS, LANGUAGES, MOMENTS)
@example("29 Feb call", "en", dt.datetime(2026, 3, 1, tzinfo=dt.UTC))
@example("call on the 31st", "en", dt.datetime(2026, 2, 1, tzinfo=dt.UTC))
@example("9999-12-31 call", "en", dt.datetime(2026, 2, 1, tzinfo=dt.UTC))
@example("call in 120 months", "en", dt.datetime(2089, 12, 31, tzinfo=dt.UTC))
@example("\u0301\u0301 ½½ ͵͵ 　", "el", dt.datetime(2026, 2, 1, tzinfo=dt.UTC))
def test_any_text_is_read(text: str, language: str, now: dt.datetime) -> None:
    line = read(text, language, now)
    assert len(line.chips(language)) == len(line.parts)
    assert line.parts or not text.strip()
    for part in line.parts:
        assert part.kind in KINDS
        assert part.subject.strip() == part.subject != ""
        assert len(part.subject) <= 120
        assert set(part.contacts) <= {person.id for person in CONTACTS}
    assert all(part.at <= now for part in line.parts if isinstance(part, Act))
    for plan in line.planned:
        assert plan.at is None or plan.at.astimezone(ATHENS).date() == plan.due
        assert plan.all_day == (plan.at is None)


@settings(max_examples=400, deadline=None)
@given(TEXTS, LANGUAGES)
def test_spans_lie_in_the_text_and_the_pieces_are_all_of_it(text: str, language: str) -> None:
    line = read(text, language)
    last = 0
    for start, end, what in line.spans:
        assert last <= start < end <= len(text)
        assert what in ("kind", "person", "duration", "when", "outcome", "plan")
        last = end
    assert "".join(piece for piece, _ in line.pieces()) == text


@settings(max_examples=400, deadline=None)
@given(TEXTS, LANGUAGES)
def test_nothing_typed_is_lost(text: str, language: str) -> None:
    line = read(text, language)
    if line.done is not None:
        assert letters(line.done.subject + line.done.body) == letters(text)
    elif line.planned:
        first = line.planned[0]
        assert letters(text) in (letters(first.subject), letters(first.body))
    else:
        assert not text.strip()


@settings(max_examples=400, deadline=None)
@given(TEXTS, LANGUAGES)
def test_the_rest_holds_nothing_more_to_understand(text: str, language: str) -> None:
    rest = read(text, language).rest
    assert read(rest, language).rest == rest
    assert not letters(rest) - letters(text)


@pytest.mark.parametrize(
    "text", ["x" * 5000, "called Bob 5m, send price Tue. " * 200, "王" * 3000, "ά" * 3000, "5" * 3000]
)
def test_a_pasted_book_is_kept_whole(text: str) -> None:
    line = read(text, "en")
    assert line.done is not None
    assert letters(line.done.subject + line.done.body) == letters(text)


def test_every_item_has_a_sign_that_patterns_know() -> None:
    """An item whose set of tags no table and no pass announced would be invisible to every pattern."""
    names = people.index(CONTACTS), people.index(COLLEAGUES)
    here = Moment(dt.datetime(2026, 11, 20, 10, tzinfo=ATHENS), ATHENS, weekdays)
    found = [clause for text, _ in ALL for clause in clauses_of(text, "en", names, here)]
    assert len(found) > 800
    assert not [item.tags for clause in found for item in clause.items if item.sign == "\uf8ff"]
