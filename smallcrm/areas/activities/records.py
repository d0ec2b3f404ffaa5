"""One type for everything one does with a customer, planned (``due_at``) or done (``done_at``)."""

from __future__ import annotations

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
REPEATS = (
    ("daily", L("every day")), ("weekdays", L("every working day")), ("weekly", L("every week")),
    ("monthly", L("every month")), ("yearly", L("every year")),
)  # fmt: skip


@register
class Activity(Through):
    """A note, call, meeting, visit, message, mail or task."""

    card = Card(
        key="activity", name="activities", number=13, one=L("Activity"), many=L("Activities"), icon="calendar-event",
        title="subject", reach="through", through="customer", through_edit=False, order="-due_at", quick_add=True,
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
    reminder_at = fields.Moment(L("Remind at"), filter=True)
    repeat = fields.Choice(L("Repeats"), REPEATS)
    repeat_until = fields.Date(L("Until"))
    repeats_from = fields.Number(L("Repeats from"), read_only=True, hidden=True)
    reminded_at = fields.Moment(L("Reminded"), derived=True, hidden=True)
    escalated_at = fields.Moment(L("Escalated"), derived=True, hidden=True)

    class Meta:
        table_name = "activity"
