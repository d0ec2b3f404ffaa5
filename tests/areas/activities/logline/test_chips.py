"""The lines of the preview."""

from __future__ import annotations

import datetime as dt

import pytest

from smallcrm.areas.activities import logline
from smallcrm.areas.activities.logline.chips import KINDS, OUTCOMES, RECEIVED
from smallcrm.areas.activities.logline.next_steps import _BY_OUTCOME
from smallcrm.base import i18n
from tests.areas.activities.logline.cast import ATHENS, understood


@pytest.mark.parametrize(
    ("text", "chips"),
    [
        ("called Bob 5m, send price Tue", ["Call · 5 min · Bob Fenwick", "24 Nov Tue · send price · me"]),
        ("给王总打了5分钟电话，交期能接受，周二发报价", ["Call · 5 min · 王建国", "24 Nov Tue · 发报价 · me"]),
        ("met Anna and Bob for 2h10 yesterday", ["Meeting · 2 h 10 min · Anna Leckie · Bob Fenwick · 19 Nov Thu"]),
        ("Anna called at 8:15", ["Call received · Anna Leckie · 08:15"]),
        ("no answer, Dimitris to call tomorrow 9:30", ["Call · no answer", "21 Nov Sat 09:30 · call · Dimitris Vlachos"]),
        ("Dimitris visited Anna on 3 Dec 2025", ["Visit · Anna Leckie · 3 Dec 2025 Wed · Dimitris Vlachos"]),
        ("send price", ["no date yet · send price · me"]),
        ("call on 4 Jan", ["4 Jan 2027 Mon · call · me"]),
        ("budget approved", ["Note"]),
        ("", []),
    ],
)  # fmt: skip
def test_chips(text: str, chips: list[str]) -> None:
    assert understood(text).chips("en") == chips


def test_a_day_is_written_as_each_language_does() -> None:
    line = understood("周二发报价")
    assert [line.chips(code)[0].split(" · ")[0] for code in ("zh", "el")] == ["11月24日 周二", "24 Νοε Τρί"]


def test_the_moment_of_the_line_decides_which_year_goes_unsaid() -> None:
    line = understood("call on 4 Jan", now=dt.datetime(2031, 1, 2, 9, tzinfo=ATHENS))
    assert line.chips("en") == ["4 Jan Sat · call · me"]


def test_the_speaker_s_language_is_left_alone() -> None:
    with i18n.speaking("zh"):
        understood("send price Tue").chips("el")
        assert i18n.language() == "zh"


def test_every_outcome_of_the_tables_has_a_label_and_a_next_step() -> None:
    from smallcrm.areas.activities.logline.lexicon import language_modules

    for module in language_modules():
        codes = set(module.WORDS["outcome"]) | set(module.WORDS.get("absent", ()))
        assert codes <= set(OUTCOMES) == set(_BY_OUTCOME)
    assert logline.outcome_label("no_answer") == "no answer"
    assert logline.outcome_label("") == ""
    assert set(RECEIVED) < set(KINDS)


def test_parts_stand_behind_the_chips() -> None:
    line = understood("called Bob, emailed Anna the price list, send contract Tue")
    assert [part.kind for part in line.parts] == ["call", "email", "task"]
    assert len(line.chips("en")) == 3


def test_pieces_mark_what_was_understood() -> None:
    line = understood("给王总打了5分钟电话，交期能接受，周二发报价")
    assert [piece for piece, what in line.pieces() if not what] == ["，交期能接受，"]
