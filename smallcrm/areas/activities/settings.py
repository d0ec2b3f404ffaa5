"""The company's settings of follow-ups and the calendar."""

from __future__ import annotations

from smallcrm.base.i18n import L
from smallcrm.records import settings
from smallcrm.records.fields import Choices, Number, Text, Texts

PAGE = "follow-ups"
WEEKDAYS = (
    ("0", L("Monday")), ("1", L("Tuesday")), ("2", L("Wednesday")), ("3", L("Thursday")), ("4", L("Friday")),
    ("5", L("Saturday")), ("6", L("Sunday")),
)  # fmt: skip

settings.declare(
    PAGE,
    {
        "follow_ups.escalate_days": (
            Number(
                L("Tell the manager after"),
                least=0,
                most=365,
                help=L(
                    "Days that something may be overdue before the manager of the team hears of it, once. 0 for never."
                ),
            ),
            3,
        ),
        "follow_ups.day_begins": (
            Text(L("The day begins at"), most=5, help=L("Reminders of what is due any time that day come then: 09:00")),
            "09:00",
        ),
        "follow_ups.weekdays": (Choices(L("Working days"), WEEKDAYS), ["0", "1", "2", "3", "4"]),
        "follow_ups.holidays": (
            Texts(
                L("Holidays"),
                most=400,
                help=L("One a line: 2026-12-25 Christmas, or 2027-02-15..2027-02-21 Spring Festival."),
            ),
            None,
        ),
        "follow_ups.worked_days": (
            Texts(L("Worked all the same"), most=400, help=L("Days worked in exchange for a holiday, one a line.")),
            None,
        ),
    },
)
