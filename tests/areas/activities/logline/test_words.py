"""The tables of words hold together: a fourth language is one more file like these."""

from __future__ import annotations

import re

import pytest

from smallcrm.areas.activities.logline import words, words_zh
from smallcrm.areas.activities.logline.lexicon import language_modules, lexicon, topics_in
from smallcrm.areas.activities.logline.next_steps import _BY_TOPIC
from smallcrm.areas.activities.logline.people import _nicknames
from smallcrm.areas.activities.logline.understood import KINDS
from smallcrm.base.i18n import LANGUAGES

MODULES = language_modules()
OPEN = {"talk", "write", "send"}


def test_every_language_has_its_file() -> None:
    assert [module.__name__.rpartition("_")[2] for module in MODULES] == list(LANGUAGES)


@pytest.mark.parametrize("module", MODULES, ids=list(LANGUAGES))
def test_kinds_and_topics_are_known_ones(module: object) -> None:
    table = module.WORDS  # type: ignore[attr-defined]
    for tag in ("did", "came", "verb", "noun", "did_who", "came_who", "verb_who", "did_theirs"):
        assert set(table.get(tag, ())) <= set(KINDS) | OPEN, tag
    assert set(table["todo"]) == {"send", "arrange", "work", *({"noun"} & set(table["todo"]))}
    assert set(table["topic"]) == set(_BY_TOPIC)
    assert set(table["weekday"]) == set(range(7))
    assert len({phrase.strip() for phrases in table["weekday"].values() for phrase in phrases.split(",")}) >= 14


def test_every_tag_is_explained() -> None:
    text = words.__doc__ or ""
    known = set(re.findall(r"[a-z_]+", text))
    unexplained = {tag for module in MODULES for tag in module.WORDS} - known
    assert not unexplained


def test_no_phrase_is_empty_and_none_loses_itself_in_a_longer_one() -> None:
    table = lexicon()
    for phrase, tags in table.phrases.items():
        assert table.longest(phrase, 0) == (len(phrase), tags)


def test_traditional_characters_map_to_one_simplified_character() -> None:
    assert len(words_zh.TRADITIONAL) > 350
    assert not set(words_zh.TRADITIONAL) & {ord(c) for c in words_zh.TRADITIONAL.values() if isinstance(c, str)}
    assert not {
        k for k, v in words_zh.TRADITIONAL.items() if v in words_zh.TRADITIONAL and words_zh.TRADITIONAL[v] != v
    }


def test_nicknames_know_each_other() -> None:
    table = _nicknames()
    assert all(name in table[other] for name, others in table.items() for other in others)


def test_topics() -> None:
    assert topics_in("send price and samples") == ["price", "sample"]
    assert topics_in("周二发报价") == ["price"]
    assert topics_in("να στείλω δείγμα") == ["sample"]
