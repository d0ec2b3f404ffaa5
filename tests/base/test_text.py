"""Folding, finding and comparing text of three languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm.base.text import (
    fold,
    index_digits,
    index_words,
    match_query,
    matches,
    name_core,
    only_digits,
    sort_key,
    tidy,
)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Παπαδόπουλος", "ΠΑΠΑΔΟΠΟΥΛΟΣ"),
        ("Café  Zoë", "CAFE ZOE"),
        ("ＡＢＣ１２", "abc12"),
        ("Straße", "STRASSE"),
        (" a \n b ", "A B"),
    ],
)
def test_fold_makes_one_of_what_people_take_for_one(left: str, right: str) -> None:
    assert fold(left) == fold(right)


@given(st.text(max_size=60))
def test_fold_folds_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60))
def test_tidy_leaves_nothing_more_to_tidy(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once
    assert once == once.strip()
    assert "\u202e" not in once


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_tidy_refuses_what_no_database_holds(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        tidy(text)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("深圳市王伟电子有限公司", "王伟"),
        ("深圳市王伟电子有限公司", "伟"),
        ("王伟", "wangwei"),
        ("王伟", "ww"),
        ("单雄信", "shan"),
        ("重庆长江实业", "chongqing"),
        ("Παπαδόπουλος Α.Ε.", "ΠΑΠΑΔΟΠΟΥΛΟΣ"),
        ("Παπαδόπουλος Α.Ε.", "παπαδοπ"),
        ("Arkwright Bakeries", "arkw bak"),
    ],
)
def test_names_are_found(name: str, typed: str) -> None:
    assert matches(typed, index_words(name))


@pytest.mark.parametrize(
    ("name", "typed"), [("王伟", "王芳"), ("王伟", "wangfang"), ("Arkwright", "kwright"), ("Παππάς", "Παπαδ")]
)
def test_other_names_are_not(name: str, typed: str) -> None:
    assert not matches(typed, index_words(name))


def test_a_phone_is_found_by_its_middle_digits() -> None:
    words = index_digits("+44 7700 900461", "13812345678")
    assert all(matches(typed, words) for typed in ("900461", "0900", "77009", "138 1234", "3812", "5678"))
    assert not matches("9999", words)


@given(st.text(max_size=80))
def test_whatever_is_typed_makes_an_expression(typed: str) -> None:
    assert match_query(typed).count('"') % 2 == 0


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("深圳市华强电子有限公司", "华强电子"),
        ("Arkwright Bakeries Ltd.", "ARKWRIGHT BAKERIES LIMITED"),
        ("Παπαδόπουλος Α.Ε.", "ΠΑΠΑΔΟΠΟΥΛΟΣ ΑΕ"),
        ("The Tea Co", "Tea Company"),
    ],
)
def test_one_company_under_two_names(left: str, right: str) -> None:
    assert name_core(left) == name_core(right)


def test_a_name_of_nothing_but_legal_words_keeps_itself() -> None:
    assert name_core("Holding Ltd") != name_core("Group Co")


def test_han_is_sorted_by_pinyin_among_latin() -> None:
    assert sorted(["王伟", "Baker", "安东", "zoo", "李娜"], key=sort_key) == ["安东", "Baker", "李娜", "王伟", "zoo"]


def test_digits_of_any_width() -> None:
    assert only_digits("１３８ 1234-5678") == "13812345678"
