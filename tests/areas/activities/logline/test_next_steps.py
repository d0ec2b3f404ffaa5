"""What is proposed after something was done."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm.areas.activities.logline import History, next_steps
from smallcrm.areas.activities.logline.understood import KINDS
from smallcrm.base import i18n
from tests.areas.activities.logline.cast import understood
from tests.areas.activities.logline.test_phrases import ALL

FRIDAY = dt.date(2026, 11, 20)


def after(text: str, history: History | None = None) -> list[str]:
    said = understood(text)
    kind = said.done.kind if said.done else "task"
    return [f"{step.label} {step.when}" for step in next_steps(kind, "en", FRIDAY, said=said, history=history)]


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("called Bob 5m, he wants a new price", ["Send price Tue 24", "Call again in a week", "Visit pick a day"]),
        ("给王总打了电话，想要样品", ["Send samples Tue 24", "Call again in a week", "Visit pick a day"]),
        ("τηλεφώνησα, ρώτησε για το συμβόλαιο", ["Send contract Tue 24", "Call again in a week", "Visit pick a day"]),
        ("called Bob, no answer", ["Call again Mon 23", "Send a message today", "Visit pick a day"]),
        ("占线", ["Call again today", "Send a message today", "Visit pick a day"]),
        ("wrong number", ["Find the right number today", "Call again in a week", "Visit pick a day"]),
        ("mailed price list", ["Ask about the price Wed 25", "Call again in a week", "Visit pick a day"]),
        ("emailed Bob", ["Ask whether it arrived Wed 25", "Call again in a week", "Visit pick a day"]),
        ("got an email from Bob", ["Reply today", "Call again in a week", "Visit pick a day"]),
        ("visited the plant", ["Send a summary Mon 23", "Call again in a week", "Visit again 21 Dec"]),
        ("met Anna", ["Send a summary Mon 23", "Call again in a week", "Visit pick a day"]),
        ("budget approved", ["Call in a week", "Visit pick a day"]),
        ("called, they complained about broken parts", ["Call about the complaint Mon 23", "Call again in a week", "Visit pick a day"]),
        ("met Anna, she is on holiday until 30 Nov", ["Call again Mon 30", "Send a summary Mon 23", "Visit pick a day"]),
    ],
)  # fmt: skip
def test_what_is_proposed(text: str, steps: list[str]) -> None:
    assert after(text) == steps


def test_what_is_planned_already_is_not_proposed() -> None:
    assert after("called Bob, send price Tue") == ["Call again in a week", "Visit pick a day"]
    assert after("called Bob, call again Monday") == ["Visit pick a day"]
    assert after("打了电话，周二发报价") == ["Call again in a week", "Visit pick a day"]
    assert after("called Bob, wants samples, send price Tue")[0] == "Send samples Tue 24"


def test_the_customer_s_own_rhythm_sets_the_next_call() -> None:
    fortnightly = [(FRIDAY - dt.timedelta(days=14 * n), "call") for n in range(5)]
    assert after("called Bob", History(touches=fortnightly))[0] == "Call again in two weeks"
    assert after("called Bob", History(touches=fortnightly[:3]))[0] == "Call again in a week"
    daily = [(FRIDAY - dt.timedelta(days=n // 3), "call") for n in range(12)]
    assert after("called Bob", History(touches=daily))[0] == "Call again Mon 23"


def test_nothing_comes_later_than_the_day_before_the_customer_falls_back() -> None:
    quarterly = [(FRIDAY - dt.timedelta(days=50 * n), "call") for n in range(5)]
    soon = History(touches=quarterly, recycle_on=FRIDAY + dt.timedelta(days=6))
    steps = next_steps("call", "en", FRIDAY, history=soon)
    assert steps[0].due == FRIDAY + dt.timedelta(days=5)
    assert next_steps("call", "en", FRIDAY, history=History(recycle_on=FRIDAY))[0].due == FRIDAY + dt.timedelta(days=7)


def test_open_quotes_and_overdue_invoices_come_first() -> None:
    open_things = History(open_quote=True, overdue=True)
    assert after("called Bob", open_things) == [
        "Ask about the payment Mon 23",
        "Ask about the quote Wed 25",
        "Call again in a week",
    ]


def test_days_off_are_skipped() -> None:
    holiday = {dt.date(2026, 11, n) for n in range(23, 28)}
    steps = next_steps("call", "en", FRIDAY, working=lambda day: day.weekday() < 5 and day not in holiday)
    assert steps[0].due == dt.date(2026, 11, 30)
    assert steps[0].when == "Mon 30"


def test_labels_speak_the_asked_language_and_leave_the_speaker_s_alone() -> None:
    with i18n.speaking("el"):
        assert next_steps("call", "zh", FRIDAY)
        assert i18n.language() == "el"


@given(
    st.sampled_from([*KINDS, "unknown"]),
    st.sampled_from(["en", "zh", "el"]),
    st.dates(dt.date(2000, 1, 1), dt.date(2090, 1, 1)),
    st.one_of(st.none(), st.sampled_from([text for text, _ in ALL])),
    st.builds(
        History,
        touches=st.lists(st.tuples(st.dates(dt.date(2000, 1, 1), dt.date(2090, 1, 1)), st.sampled_from(KINDS)), max_size=8),
        recycle_on=st.one_of(st.none(), st.dates(dt.date(2000, 1, 1), dt.date(2090, 1, 1))),
        open_quote=st.booleans(),
        overdue=st.booleans(),
    ),
)  # fmt: skip
def test_there_are_always_one_to_three_and_no_two_alike(
    kind: str, language: str, today: dt.date, text: str | None, history: History
) -> None:
    steps = next_steps(kind, language, today, said=understood(text) if text else None, history=history)
    assert 1 <= len(steps) <= 3
    assert len({step.label for step in steps}) == len(steps)
    for step in steps:
        assert step.kind in KINDS
        assert step.label
        assert step.when
        assert step.due is None or step.due >= today
