"""A work report, the rules that say who owes one, and what is kept beside: readings, comments, likes, frozen figures."""

from __future__ import annotations

import peewee

from smallcrm import store
from smallcrm.areas.activities.settings import WEEKDAYS
from smallcrm.base.i18n import L
from smallcrm.records import fields
from smallcrm.records.fields.choice import Option
from smallcrm.records.record import Card, Record, register

DAILY, WEEKLY, MONTHLY = "daily", "weekly", "monthly"
KINDS = ((DAILY, L("Daily report")), (WEEKLY, L("Weekly report")), (MONTHLY, L("Monthly report")))
TIMES = [(f"{n // 2:02d}:{n % 2 * 30:02d}",) * 2 for n in range(48)] + [("23:59", "23:59")]
DRAFT, HANDED_IN, READ, COMMENTED = "draft", "handed_in", "read", "commented"
STATES = (
    Option(DRAFT, L("Draft")), Option(HANDED_IN, L("Handed in"), "acc"), Option(READ, L("Read", "report"), "good"),
    Option(COMMENTED, L("Commented on"), "good"),
)  # fmt: skip


@register
class WorkReport(Record):
    """One person's report about a day, a week or a month."""

    card = Card(
        key="work_report", name="work-reports", number=61, one=L("Work report"), many=L("Work reports"),
        icon="report-analytics", order="-first_day", importable=False, unsorted=("created_at", "updated_at"),
        sections=(("main", L("Report")), ("system", L("History"))),
        columns=("owner", "kind", "first_day", "state", "late", "handed_in_at", "read_at"),
        about=L("What was done in a day, a week or a month, what is planned next, and what is in the way."),
    )  # fmt: skip

    kind = fields.Choice(L("Kind"), KINDS, required=True, default=DAILY, filter=True, column=True, inline=False)
    day = fields.Date(L("For"), required=True, inline=False, help=L("The day, or any day of the week or month."))
    done = fields.LongText(L("Done", "report"), search="text")
    plan = fields.LongText(L("Planned next"), search="text")
    problems = fields.LongText(L("Problems, help needed"), search="text")
    name = fields.Text(L("Heading"), most=200, search="title")
    readers = fields.Links(L("Readers"), "user", "team", help=L("They are told when it is handed in, and may comment."))
    first_day = fields.Date(L("First day"), read_only=True, sort=True, filter=True, column=True)
    last_day = fields.Date(L("Last day"), read_only=True, filter=True)
    handed_in_at = fields.Moment(L("Handed in"), read_only=True, sort=True, filter=True, column=True)
    late = fields.Flag(L("Late"), read_only=True, filter=True, column=True)
    state = fields.Choice(L("State"), STATES, derived=True, filter=True, column=True)
    read_at = fields.Moment(L("First read"), derived=True, filter=True)

    ddl = ("CREATE INDEX work_report_period ON work_report (owner, kind, first_day) WHERE deleted_at IS NULL",)

    class Meta:
        table_name = "work_report"


@register
class ReportRule(Record):
    """Who owes which report until when, and who reads it. The first one that fits a person holds."""

    card = Card(
        key="report_rule", name="report-rules", number=62, one=L("Rule of work reports"), many=L("Rules of work reports"),
        icon="report-analytics", reach="open", setup=True, importable=False, order="name",
        sections=(("main", L("Rule")), ("window", L("When"))),
        columns=("name", "kind", "active", "people", "readers"),
        about=L("A rule says who hands in a report, on which days and until when, and who reads it."),
    )  # fmt: skip

    name = fields.Text(L("Name"), required=True, most=80, sort=True, search="title", column=True)
    kind = fields.Choice(L("Kind"), KINDS, required=True, default=DAILY, filter=True, column=True)
    active = fields.Flag(L("In force"), default=True, filter=True, column=True)
    people = fields.Links(
        L("Who hands in"), "user", "team", "role", column=True,
        help=L("People, teams with those under them, or roles. Nobody chosen: everybody who may write reports."),
    )  # fmt: skip
    readers = fields.Links(L("Readers"), "user", "team", column=True)
    manager_reads = fields.Flag(L("The manager of the team reads them"), default=True)
    weekdays = fields.Choices(
        L("On these days"), WEEKDAYS, default=["0", "1", "2", "3", "4"], section="window",
        help=L("Never on holidays and when somebody is away. A week or month is owed when one of its days is."),
    )  # fmt: skip
    opens_at = fields.Choice(L("Daily from"), TIMES, default="00:00", section="window")
    closes_at = fields.Choice(L("Daily until"), TIMES, default="23:00", section="window")
    opens_day = fields.Number(
        L("Weekly and monthly from day"), least=1, most=31, default=1, section="window",
        help=L("Of a week 1 is Monday. Beyond a month's end its last day counts."),
    )  # fmt: skip
    closes_day = fields.Number(L("Weekly and monthly until day"), least=1, most=31, default=31, section="window")
    grace_days = fields.Number(
        L("Days more"),
        least=0,
        most=31,
        default=0,
        section="window",
        help=L("That still count as on time: 1 for the next day."),
    )
    remind_minutes = fields.Number(
        L("Remind before"), least=0, most=10_000, default=60, unit=L("minutes"), section="window"
    )

    class Meta:
        table_name = "report_rule"


class Reader(store.Table):
    """Who reads a report, one row for each of its ``readers``: by it a report comes within their reach."""

    token = peewee.TextField()
    report = peewee.IntegerField()

    ddl = ("CREATE INDEX work_report_reader_report ON work_report_reader (report)",)

    class Meta:
        table_name = "work_report_reader"
        primary_key = peewee.CompositeKey("token", "report")
        without_rowid = True


class Reading(store.Table):
    """When somebody first read a report, and whether they like it."""

    report = peewee.IntegerField()
    user = peewee.IntegerField()
    at = peewee.TextField()
    liked_at = peewee.TextField(null=True)

    class Meta:
        table_name = "work_report_reading"
        primary_key = peewee.CompositeKey("report", "user")
        without_rowid = True


class Comment(store.Table):
    """What somebody said to a report."""

    id = peewee.AutoField()
    report = peewee.IntegerField()
    author = peewee.IntegerField()
    at = peewee.TextField()
    text = peewee.TextField()

    ddl = ("CREATE INDEX work_report_comment_report ON work_report_comment (report, id)",)

    class Meta:
        table_name = "work_report_comment"


class Brief(store.Table):
    """The figures of a report as they were when it was handed in, as JSON: keys, counts and (type, id), never names."""

    report = peewee.IntegerField(primary_key=True)
    at = peewee.TextField()
    lines = peewee.TextField()

    class Meta:
        table_name = "work_report_brief"


class Sent(store.Table):
    """What was told of a rule's period already: remind, digest."""

    rule = peewee.IntegerField()
    first_day = peewee.TextField()
    what = peewee.TextField()

    class Meta:
        table_name = "work_report_sent"
        primary_key = peewee.CompositeKey("rule", "first_day", "what")
        without_rowid = True
