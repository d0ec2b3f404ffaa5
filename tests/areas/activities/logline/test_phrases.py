"""Hundreds of lines as people type them, each with what it must mean."""

from __future__ import annotations

import re

import pytest

from smallcrm.areas.activities.logline import Act
from tests.areas.activities.logline.cast import phrases, told, understood

TABLES = {language: phrases(language) for language in ("en", "zh", "el")}
ALL = [pair for pairs in TABLES.values() for pair in pairs]


def test_each_language_has_plenty() -> None:
    assert all(len(pairs) >= 60 and len(dict(pairs)) == len(pairs) for pairs in TABLES.values())


@pytest.mark.parametrize(("text", "meaning"), ALL, ids=[text for text, _ in ALL])
def test_phrase(text: str, meaning: str) -> None:
    assert told(understood(text)) == meaning


@pytest.mark.parametrize("language", ["zh", "el"])
def test_nobody_needs_to_say_which_language_it_is(language: str) -> None:
    """Only a date such as 5/3 in English text asks for the reader's language, and a nameless plan for its words."""
    for text, meaning in ALL:
        if re.search(r"\d[/-]\d", text) or re.search(r": (Follow up|Meeting)\b", meaning):
            continue
        assert told(understood(text, language)) == meaning


def test_the_text_around_does_not_change_what_a_phrase_means() -> None:
    for text, meaning in ALL:
        assert told(understood(f"  {text} \n")) == meaning


def test_traditional_characters_read_like_simplified_ones() -> None:
    pairs = [
        ("給王總打了5分鐘電話，交期能接受，週二發報價", "给王总打了5分钟电话，交期能接受，周二发报价"),
        ("下週三下午2點拜訪", "下周三下午2点拜访"),
        ("沒人接聽，後天再聯繫", "没人接听，后天再联系"),
        ("開會討論，1個半小時", "开会讨论，1个半小时"),
        ("禮拜五之前寄樣品", "礼拜五之前寄样品"),
    ]
    for traditional, simplified in pairs:
        mine, theirs = understood(traditional), understood(simplified)
        assert [(s.start, s.end, s.what) for s in mine.spans] == [(s.start, s.end, s.what) for s in theirs.spans]
        assert [_bare(p) for p in mine.parts] == [_bare(p) for p in theirs.parts]


def _bare(part: object) -> object:
    return (part.kind, part.contacts, part.at) if isinstance(part, Act) else (part.kind, part.due, part.at)  # type: ignore[attr-defined]


def test_capitals_and_accents_make_no_difference() -> None:
    for text, meaning in TABLES["el"]:
        if re.search(r"[A-Za-z]", text) or ": " in meaning or "~" in meaning:
            continue
        assert told(understood(text.upper())) == meaning
