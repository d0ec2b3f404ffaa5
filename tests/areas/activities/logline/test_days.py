"""Which day is meant, on every day of the week and at the edges of months, years, zones and clock changes."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm.areas.activities.logline import Plan, Understood, parse
from smallcrm.areas.activities.logline.days import add, weekdays
from tests.areas.activities.logline.cast import ATHENS

MONDAY = dt.date(2026, 11, 16)
WEEK = [MONDAY + dt.timedelta(days=n) for n in range(7)]


def read(text: str, day: dt.date, *, language: str = "en", hour: int = 10, zone: dt.tzinfo = ATHENS) -> Understood:
    now = dt.datetime.combine(day, dt.time(hour), tzinfo=zone)
    return parse(text, language=language, contacts=(), colleagues=(), now=now, zone=zone)


def due(text: str, day: dt.date, *, language: str = "en") -> dt.date | None:
    return read(text, day, language=language).planned[0].due


def done(text: str, day: dt.date) -> dt.date:
    act = read(text, day).done
    assert act is not None
    return act.at.astimezone(ATHENS).date()


@pytest.mark.parametrize("day", WEEK)
def test_a_bare_weekday_is_the_next_one_for_a_plan_and_the_last_one_for_what_is_done(day: dt.date) -> None:
    for name, weekday in (("Tue", 1), ("Fri", 4), ("Sunday", 6)):
        coming, gone = due(f"send price {name}", day), done(f"met them {name}", day)
        assert coming is not None
        assert coming.weekday() == gone.weekday() == weekday
        assert 1 <= (coming - day).days <= 7
        assert 1 <= (day - gone).days <= 7


@pytest.mark.parametrize("day", WEEK)
@pytest.mark.parametrize(
    ("text", "weeks"),
    [
        ("send price next Tue", 1), ("下周二发报价", 1), ("下个星期二发报价", 1), ("下礼拜二发报价", 1), ("下下周二发报价", 2),
        ("να στείλω τιμές την επόμενη Τρίτη", 1), ("να στείλω τιμές την άλλη Τρίτη", 1), ("send price Tuesday next week", 1),
        ("send price next week Tuesday", 1), ("να στείλω τιμές την Τρίτη της άλλης εβδομάδας", 1),
    ],
)  # fmt: skip
def test_next_means_the_next_calendar_week(day: dt.date, text: str, weeks: int) -> None:
    assert due(text, day) == MONDAY + dt.timedelta(days=1 + 7 * weeks)


@pytest.mark.parametrize("day", WEEK)
def test_last_week_in_chinese_is_the_calendar_week_and_elsewhere_the_last_such_day(day: dt.date) -> None:
    assert done("上周二拜访了客户", day) == MONDAY - dt.timedelta(days=6)
    for text in ("met them last Tue", "την περασμένη Τρίτη πήγα στο εργοστάσιο"):
        assert done(text, day).weekday() == 1
        assert 1 <= (day - done(text, day)).days <= 7


@pytest.mark.parametrize(
    ("text", "day", "expected"),
    [
        ("call end of month", "2026-11-30", "2026-11-30"),
        ("call end of month", "2026-02-03", "2026-02-28"),
        ("call end of month", "2028-02-03", "2028-02-29"),
        ("call end of next month", "2026-01-31", "2026-02-28"),
        ("月底前交货", "2026-12-31", "2026-12-31"),
        ("下月底发货", "2026-01-31", "2026-02-28"),
        ("下个月5号交货", "2026-12-20", "2027-01-05"),
        ("月初付款", "2026-11-20", "2026-12-01"),
        ("月初付款", "2026-12-20", "2027-01-01"),
        ("月中发货", "2026-11-03", "2026-11-15"),
        ("月中发货", "2026-11-20", "2026-12-15"),
        ("call in a month", "2026-01-31", "2026-02-28"),
        ("call in 3 months", "2026-11-30", "2027-02-28"),
        ("call in a year", "2028-02-29", "2029-02-28"),
        ("call next month", "2026-12-15", "2027-01-01"),
        ("call end of the year", "2026-12-31", "2026-12-31"),
        ("call end of November", "2026-12-01", "2027-11-30"),
        ("call mid December", "2026-11-20", "2026-12-15"),
        ("call on 29 Feb", "2026-03-01", "2028-02-29"),
        ("call on the 31st", "2026-11-05", "2026-12-31"),
        ("31号付款", "2026-04-10", "2026-05-31"),
        ("call on 20 Nov", "2026-11-20", "2026-11-20"),
        ("call on 19 Nov", "2026-11-20", "2027-11-19"),
        ("call on 19 Nov 2026", "2026-11-18", "2026-11-19"),
        ("in 3 working days call", "2026-11-20", "2026-11-25"),
        ("call in 1 working day", "2026-11-21", "2026-11-23"),
        ("σε 10 εργάσιμες να τηλεφωνήσω", "2026-11-20", "2026-12-04"),
        ("5个工作日内回复", "2026-11-20", "2026-11-27"),
        ("send it before Monday", "2026-11-20", "2026-11-20"),
        ("send it before Friday", "2026-11-23", "2026-11-26"),
        ("send it by Monday", "2026-11-20", "2026-11-23"),
        ("call this weekend", "2026-11-20", "2026-11-21"),
        ("call this weekend", "2026-11-22", "2026-11-22"),
        ("call end of the week", "2026-11-18", "2026-11-20"),
        ("call end of the week", "2026-11-21", "2026-11-21"),
        ("大后天拜访", "2026-11-20", "2026-11-23"),
        ("过两周联系", "2026-11-20", "2026-12-04"),
        ("半个月后联系", "2026-11-20", "2026-12-05"),
        ("call in a fortnight", "2026-11-20", "2026-12-04"),
        ("μεθαύριο τηλέφωνο", "2026-12-30", "2027-01-01"),
    ],
)  # fmt: skip
def test_edges_of_months_and_years(text: str, day: str, expected: str) -> None:
    assert due(text, dt.date.fromisoformat(day)) == dt.date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("send 5/3", "en", (3, 5)), ("send 5/3", "el", (3, 5)), ("send 5/3", "zh", (5, 3)),
        ("να στείλω στις 5/3", "zh", (3, 5)), ("5/3发货", "en", (5, 3)), ("5-3发货", "el", (5, 3)), ("3.5发货", "en", (3, 5)),
        ("send 24/11", "zh", (11, 24)), ("send 11/24", "en", (11, 24)), ("11-24发货", "en", (11, 24)),
    ],
)  # fmt: skip
def test_the_language_of_the_text_decides_which_figure_is_the_month(
    text: str, language: str, expected: tuple[int, int]
) -> None:
    day = due(text, dt.date(2026, 2, 1), language=language)
    assert day is not None
    assert (day.month, day.day) == expected


@pytest.mark.parametrize(
    "text",
    [
        "24/7 support", "won 3/2", "scale 1/2", "5/3", "version 1.2", "ratio 3-5", "31/4 delivered", "32/1 x", "0/5 x", "13/13",
        "tel 5-3", "order 12/5 pcs", "3-5个", "A4 paper", "SO-2026-0207", "Q4 forecast", "iso 9001", "room 3-5", "5-10 pcs",
    ],
)  # fmt: skip
def test_figures_that_are_no_dates(text: str) -> None:
    assert read(text, MONDAY).planned == ()


@pytest.mark.parametrize(
    "text",
    [
        "invoice 1107", "500 pcs", "5m€", "€5m", "5 m cable", "12.50 per piece", "call 0755 8642 3317", "tel +30 210 1234567", "20% discount",
        "发票1107", "500个", "5米", "3点要求", "便宜一点", "预算5万", "τιμολόγιο 1107", "500 τεμάχια", "5 μέτρα", "έκπτωση 20%", "τηλ 2101234567",
        "3 pallets", "10 boxes", "2 kg", "5k budget", "#1107", "No. 1107", "2026 budget",
    ],
)  # fmt: skip
def test_figures_that_are_no_lengths_of_time(text: str) -> None:
    line = read(f"called, {text}", MONDAY)
    assert line.done is not None
    assert (line.done.duration_minutes, line.done.has_time, line.planned) == (None, False, ())


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("5m", 5), ("5 min", 5), ("5'", 5), ("5′", 5), ("90 minutes", 90), ("1h", 60), ("1h30", 90), ("1h 30m", 90), ("1.5h", 90), ("2 hrs", 120),
        ("an hour", 60), ("half an hour", 30), ("an hour and a half", 90), ("one and a half hours", 90), ("a quarter of an hour", 15),
        ("twenty five minutes", 25), ("forty-five min", 45), ("5-10 min", 10), ("about 20 min", 20), ("1/2 hour", 30), ("½ hour", 30),
        ("5分钟", 5), ("五分钟", 5), ("十五分钟", 15), ("二十五分钟", 25), ("两三分钟", 3), ("半小时", 30), ("半个小时", 30), ("一小时", 60), ("一个小时", 60),
        ("一个半小时", 90), ("两个半小时", 150), ("1.5小时", 90), ("1小时20分", 80), ("一刻钟", 15), ("三刻钟", 45), ("20多分钟", 20), ("大概20分钟", 20),
        ("5 λεπτά", 5), ("πέντε λεπτά", 5), ("εικοσι πέντε λεπτά", 25), ("μία ώρα", 60), ("2 ώρες", 120), ("1,5 ώρα", 90), ("μιάμιση ώρα", 90),
        ("μισή ώρα", 30), ("δύο ώρες και μισή", 150), ("1 ώρα και 20 λεπτά", 80), ("ένα τέταρτο", 15), ("τρία τέταρτα", 45), ("δεκάλεπτο", 10), ("10λεπτά", 10),
    ],
)  # fmt: skip
def test_lengths_of_time(text: str, minutes: int) -> None:
    line = read(f"called {text}", MONDAY)
    assert line.done is not None
    assert line.done.duration_minutes == minutes


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("3pm", "15:00"), ("3 pm", "15:00"), ("3p.m.", "15:00"), ("3:30pm", "15:30"), ("12am", "00:00"), ("12pm", "12:00"), ("15:00", "15:00"), ("9:05", "09:05"),
        ("15h", "15:00"), ("15h30", "15:30"), ("at 3", "15:00"), ("at 9", "09:00"), ("at 3 in the morning", "03:00"), ("at 03:00", "03:00"), ("noon", "12:00"),
        ("half past 3", "15:30"), ("quarter past 3", "15:15"), ("quarter to 4", "15:45"), ("ten past three", "15:10"), ("3 o'clock", "15:00"),
        ("下午3点", "15:00"), ("下午3点半", "15:30"), ("下午三点一刻", "15:15"), ("早上9点", "09:00"), ("上午10点20分", "10:20"), ("晚上8点", "20:00"), ("中午12点", "12:00"),
        ("中午1点", "13:00"), ("凌晨2点", "02:00"), ("15点", "15:00"), ("15时30分", "15:30"), ("下午3：30", "15:30"), ("3点半", "15:30"), ("下午", "14:00"), ("上午", "09:00"),
        ("στις 3", "15:00"), ("στις 3 μμ", "15:00"), ("στις 3 μ.μ.", "15:00"), ("στις 10 π.μ.", "10:00"), ("στις 3 και μισή", "15:30"),
        ("στις 3 και τέταρτο", "15:15"), ("στις 4 παρά τέταρτο", "15:45"), ("στις 4 παρά δέκα", "15:50"), ("στις 9 το πρωί", "09:00"), ("στις 8 το βράδυ", "20:00"),
        ("στις 3 το μεσημέρι", "15:00"), ("στη μία", "13:00"), ("το απόγευμα", "17:00"), ("στις 15:30", "15:30"), ("κατά τις 11", "11:00"),
    ],
)  # fmt: skip
def test_times_of_the_day(text: str, time: str) -> None:
    word = "明天" if any("\u4e00" <= c <= "\u9fff" for c in text) else "αύριο" if not text.isascii() else "tomorrow"
    line = read(
        f"{word} {text} call"
        if word == "tomorrow"
        else f"{word}{text}拜访"
        if word == "明天"
        else f"τηλέφωνο {word} {text}",
        MONDAY,
    )
    plan = line.planned[0]
    assert plan.at is not None
    assert plan.at.astimezone(ATHENS) == dt.datetime.combine(
        MONDAY + dt.timedelta(days=1), dt.time.fromisoformat(time), tzinfo=ATHENS
    )


def test_a_time_alone_is_the_next_one_for_a_plan_and_the_last_one_for_what_is_done() -> None:
    def at(part: object) -> str:
        moment = part.at  # type: ignore[attr-defined]
        return f"{moment.astimezone(ATHENS):%d %H:%M}"

    assert at(read("call at 15:00", MONDAY, hour=10).planned[0]) == "16 15:00"
    assert at(read("call at 15:00", MONDAY, hour=16).planned[0]) == "17 15:00"
    assert at(read("called at 15:00", MONDAY, hour=16).done) == "16 15:00"
    assert at(read("called at 15:00", MONDAY, hour=10).done) == "15 15:00"


def test_the_zone_draws_the_days() -> None:
    late = dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC)  # Saturday already in Athens and Shanghai
    for name, day in (("UTC", 21), ("Europe/Athens", 22), ("Asia/Shanghai", 22), ("America/New_York", 21)):
        line = parse("call tomorrow 9:00", language="en", contacts=(), colleagues=(), now=late, zone=ZoneInfo(name))
        assert line.planned[0].due == dt.date(2026, 11, day)
        assert line.planned[0].at == dt.datetime(2026, 11, day, 9, tzinfo=ZoneInfo(name))


def test_a_clock_change_keeps_the_hour_on_the_wall() -> None:
    friday = dt.date(2026, 10, 23)  # Greek clocks go back on Sunday the 25th
    plan = read("call Monday 9:00", friday).planned[0]
    assert plan.at == dt.datetime(2026, 10, 26, 7, tzinfo=dt.UTC)


def test_days_off_are_the_business_s_own() -> None:
    swapped = {dt.date(2026, 10, 10)}  # a Saturday worked in exchange
    off = {dt.date(2026, 10, n) for n in range(1, 8)}

    def working(day: dt.date) -> bool:
        return day in swapped or (day.weekday() < 5 and day not in off)

    now = dt.datetime(2026, 9, 30, 10, tzinfo=ATHENS)
    line = parse("3个工作日内回复", language="zh", contacts=(), colleagues=(), now=now, zone=ATHENS, working=working)
    assert line.planned[0].due == dt.date(2026, 10, 10)


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), st.integers(1, 300))
def test_working_days_are_counted_one_by_one(day: dt.date, n: int) -> None:
    end = add(day, n, "workday", weekdays)
    between = [day + dt.timedelta(days=step) for step in range(1, (end - day).days + 1)]
    assert sum(weekdays(d) for d in between) == n
    assert weekdays(end)
    assert add(end, -n, "workday", weekdays) <= day or not weekdays(day)


@given(st.dates(dt.date(2000, 1, 1), dt.date(2090, 1, 1)), st.integers(1, 24))
def test_a_month_later_has_the_same_day_or_is_a_month_s_last(day: dt.date, n: int) -> None:
    later = add(day, n, "month", weekdays)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == n
    assert later.day == day.day or (later + dt.timedelta(days=1)).day == 1


@given(
    st.dates(dt.date(2000, 1, 1), dt.date(2090, 1, 1)),
    st.sampled_from(["Tue", "周二", "την Τρίτη", "24 Nov", "11月24日", "στις 24/11", "the 24th", "24号"]),
)
def test_a_day_ahead_is_never_behind(day: dt.date, said: str) -> None:
    line = read(
        f"call {said}"
        if said.isascii()
        else f"{said}拜访"
        if "α" not in said and "τ" not in said
        else f"τηλέφωνο {said}",
        day,
    )
    plan = line.planned[0]
    assert isinstance(plan, Plan)
    assert plan.due is not None
    assert plan.due >= day
