"""One type for everything one does with a customer, planned (``due_at``) or done (``done_at``)."""

from __future__ import annotations

import peewee

from smallcrm import store
from smallcrm.base.i18n import L
from smallcrm.records import fields
from smallcrm.records.fields.choice import Option
from smallcrm.records.record import Card, Through, register

KINDS = (
    Option("call", L("Call")), Option("meeting", L("Meeting")), Option("visit", L("Visit")), Option("message", L("Message")),
    Option("email", L("E-mail")), Option("task", L("Task")), Option("note", L("Note")),
)  # fmt: skip
ICONS = {
    "call": "phone", "meeting": "users", "visit": "map-pin", "message": "message", "email": "mail", "task": "checkbox",
    "note": "note",
}  # fmt: skip
FOLLOW_UPS = ("call", "meeting", "visit", "message", "email")  # done, they count as a follow-up
TWO_WAYS = ("call", "message", "email")  # they go out or come in
REPEATS = (
    ("daily", L("every day")), ("weekdays", L("every working day")), ("weekly", L("every week")),
    ("monthly", L("every month")), ("yearly", L("every year")),
)  # fmt: skip

# A day's work, a customer's plans, its history and what is to be reminded of are each read along one of these.
_OPEN = "WHERE done_at IS NULL AND deleted_at IS NULL"
INDEXES = (
    f"CREATE INDEX activity_open_owner ON activity (owner, due_at) {_OPEN}",
    f"CREATE INDEX activity_open_team ON activity (team, due_at) {_OPEN}",
    f"CREATE INDEX activity_open_due ON activity (due_at) {_OPEN}",
    f"CREATE INDEX activity_open_customer ON activity (customer, due_at) {_OPEN}",
    "CREATE INDEX activity_done_owner ON activity (owner, done_at) WHERE done_at IS NOT NULL AND deleted_at IS NULL",
    "CREATE INDEX activity_done_customer ON activity (customer, done_at, kind) WHERE done_at IS NOT NULL AND deleted_at IS NULL",
    f"CREATE INDEX activity_reminder ON activity (reminder_at) {_OPEN} AND reminder_at > coalesce(reminded_at, '')",
    f"CREATE INDEX activity_late ON activity (due_at) {_OPEN} AND escalated_at IS NULL",
    "CREATE INDEX activity_series ON activity (repeats_from) WHERE repeats_from IS NOT NULL",
)


@register
class Activity(Through):
    """A note, call, meeting, visit, message, mail or task."""

    card = Card(
        key="activity", name="activities", number=13, one=L("Activity"), many=L("Activities"), icon="calendar-event",
        title="subject", reach="through", through="customer", through_about=True, through_edit=False, order="-due_at", quick_add=True,
        unsorted=("created_at", "updated_at"),
        about=L("Calls, visits, notes and tasks, planned and done. Most of them are made on a customer's page."),
    )  # fmt: skip

    kind = fields.Choice(
        L("Kind"), KINDS, required=True, default="task", filter=True, column=True, aliases=("type", "类型", "είδος")
    )
    subject = fields.Text(
        L("Subject"), most=300, required=True, search="title", column=True, aliases=("title", "主题", "内容", "θέμα")
    )
    body = fields.LongText(
        L("What was said"), search="text", aliases=("description", "notes", "details", "跟进内容", "详情", "περιγραφή")
    )
    customer = fields.Link(
        L("Customer"),
        "customer",
        cascade=True,
        filter=True,
        column=True,
        aliases=("company", "account", "客户", "公司", "πελάτης"),
    )
    contact = fields.Link(L("Contact"), "contact", filter=True, aliases=("person", "联系人", "επαφή"))
    about = fields.AnyLink(L("About"))
    due_at = fields.Moment(
        L("Due"), sort=True, filter=True, column=True, aliases=("due date", "planned", "截止", "计划时间", "προθεσμία")
    )
    all_day = fields.Flag(L("Any time that day"))
    done_at = fields.Moment(
        L("Done"),
        sort=True,
        filter=True,
        column=True,
        aliases=("done on", "date", "完成时间", "跟进时间", "ολοκληρώθηκε"),
    )
    duration_minutes = fields.Number(L("Minutes"), least=0, most=10_000, aliases=("duration", "时长", "διάρκεια"))
    direction = fields.Choice(L("Direction"), [("out", L("outgoing")), ("in", L("incoming"))])
    outcome = fields.Text(L("Outcome"), most=120, open_list=True, filter=True, aliases=("result", "结果", "αποτέλεσμα"))
    reminder_at = fields.Moment(L("Remind at"))
    repeat = fields.Choice(L("Repeats"), REPEATS)
    repeat_every = fields.Number(
        L("Every how many"), least=1, most=1000, help=L("2 with “every week”: each second week.")
    )
    repeat_until = fields.Date(L("Until"))
    repeat_skip = fields.Flag(L("Not on days off"), help=L("Moves to the next working day."))
    repeats_from = fields.Number(L("Repeats from"), read_only=True, hidden=True)  # the first one of the series
    repeats_on = fields.Date(L("Counts from"), read_only=True, hidden=True)  # the day the series is counted from
    reminded_at = fields.Moment(L("Reminded"), derived=True, hidden=True)
    escalated_at = fields.Moment(L("Escalated"), derived=True, hidden=True)

    ddl = INDEXES

    class Meta:
        table_name = "activity"


class FollowUpDate(store.Table):
    """A next follow-up that somebody wrote at a customer without planning anything: a bare date, and when it was set."""

    customer = peewee.IntegerField(primary_key=True)
    on_day = peewee.TextField()
    set_at = peewee.TextField()

    class Meta:
        table_name = "follow_up_date"


class FollowUpDay(store.Table):
    """The same for records of other types that are followed up."""

    record_type = peewee.TextField()
    record = peewee.IntegerField()
    on_day = peewee.TextField()
    set_at = peewee.TextField()

    class Meta:
        table_name = "follow_up_day"
        primary_key = peewee.CompositeKey("record_type", "record")
        without_rowid = True


class Preference(store.Table):
    """What somebody chose for their own activities. ``lead``: minutes before what is due; None for no reminder."""

    user = peewee.IntegerField(primary_key=True)
    lead = peewee.IntegerField(null=True)

    class Meta:
        table_name = "activity_preference"


class CalendarFeed(store.Table):
    """A calendar that other programs may subscribe to. A new ``nonce`` makes the address of before worthless."""

    user = peewee.IntegerField(primary_key=True)
    nonce = peewee.TextField()
    created_at = peewee.TextField()

    class Meta:
        table_name = "calendar_feed"


class DigestSent(store.Table):
    """The business day of somebody's latest morning digest, also of one that had nothing to say."""

    user = peewee.IntegerField(primary_key=True)
    day = peewee.TextField()

    class Meta:
        table_name = "digest_sent"
