"""A visit: the plan, the check-in, the check-out. What people read in calendars and timelines is its diary entry, an activity."""

from __future__ import annotations

import peewee

from smallcrm import store
from smallcrm.areas.activities.records import REPEATS
from smallcrm.base.i18n import L
from smallcrm.records import fields
from smallcrm.records.fields.choice import Option
from smallcrm.records.record import Card, Through, register

KINDS = (("on_site", L("On site")), ("phone", L("By phone")), ("wechat", L("By WeChat")), ("other", L("Other")))
PLANNED, UNDER_WAY, ENDED, CANCELLED = "planned", "under_way", "ended", "cancelled"
STATES = (
    Option(PLANNED, L("Planned")), Option(UNDER_WAY, L("Under way"), "acc"), Option(ENDED, L("Ended"), "good"),
    Option(CANCELLED, L("Cancelled")),
)  # fmt: skip
IN_RANGE, OUT_OF_RANGE, UNVERIFIABLE = "in_range", "out_of_range", "unverifiable"
VERDICTS = (
    Option(IN_RANGE, L("At the customer"), "good"), Option(OUT_OF_RANGE, L("Out of range"), "warn"),
    Option(UNVERIFIABLE, L("Unverifiable")),
)  # fmt: skip


@register
class Visit(Through):
    """One visit to one customer; a plan for several customers is several visits."""

    card = Card(
        key="visit", name="visits", number=60, one=L("Visit"), many=L("Visits"), icon="map-pin", title="purpose",
        reach="through", through="customer", through_edit=False, order="-planned_at", quick_add=True,
        unsorted=("created_at", "updated_at"),
        sections=(("main", L("Plan")), ("way", L("Check-in and check-out")), ("system", L("History"))),
        columns=("customer", "planned_at", "state", "kind", "in_verdict", "checked_in_at", "checked_out_at", "owner"),
        about=L("Whom you go and see, when, and what for. Check in when you arrive, and say how it went when you leave."),
    )  # fmt: skip

    customer = fields.Link(
        L("Customer"), "customer", required=True, cascade=True, filter=True, column=True,
        aliases=("company", "account", "客户", "拜访客户", "πελάτης"),
    )  # fmt: skip
    contact = fields.Link(L("Contact"), "contact", filter=True, aliases=("person", "联系人", "επαφή"))
    meeting_point = fields.Text(L("Where"), most=200, help=L("Empty: at the customer's address."), aliases=("place", "地点", "τόπος"))  # fmt: skip
    purpose = fields.Text(
        L("Purpose"), most=300, search="title", column=True, aliases=("subject", "目的", "拜访目的", "σκοπός", "θέμα")
    )
    kind = fields.Choice(L("Kind"), KINDS, default="on_site", required=True, filter=True, column=True, aliases=("type", "拜访方式", "είδος"))  # fmt: skip
    planned_at = fields.Moment(
        L("When"), sort=True, filter=True, column=True, aliases=("date", "planned", "计划时间", "拜访时间", "ημερομηνία"),
        help=L("Without a time of day: any time that day."),
    )  # fmt: skip
    planned_minutes = fields.Number(L("Minutes planned"), least=5, most=1440)
    participants = fields.Links(L("With"), "user", "team", help=L("Colleagues who come along. They see the visit."))
    repeat = fields.Choice(L("Repeats"), REPEATS)
    repeat_every = fields.Number(
        L("Every how many"), least=1, most=1000, help=L("2 with “every week”: each second week.")
    )
    repeat_until = fields.Date(L("Until"))
    repeat_skip = fields.Flag(L("Not on days off"), help=L("Moves to the next working day."))
    repeats_on = fields.Date(L("Counts from"), read_only=True, hidden=True)
    state = fields.Choice(L("State"), STATES, default=PLANNED, read_only=True, filter=True, column=True)
    unplanned = fields.Flag(L("Unplanned"), read_only=True, filter=True, section="way")
    checked_in_at = fields.Moment(L("Checked in"), read_only=True, filter=True, section="way")
    in_verdict = fields.Choice(L("At check-in"), VERDICTS, read_only=True, filter=True, section="way")
    in_distance = fields.Number(L("Distance at check-in"), derived=True, unit="m", section="way")
    in_reason = fields.Text(L("Said at check-in"), most=500, read_only=True, section="way")
    checked_out_at = fields.Moment(L("Checked out"), read_only=True, section="way")
    out_verdict = fields.Choice(L("At check-out"), VERDICTS, read_only=True, filter=True, section="way")
    out_distance = fields.Number(L("Distance at check-out"), derived=True, unit="m", section="way")
    minutes = fields.Number(L("Minutes there"), least=0, most=10_000, read_only=True, section="way")
    report = fields.LongText(
        L("What was said"), search="text", section="way", aliases=("report", "拜访内容", "αναφορά")
    )
    outcome = fields.Text(
        L("Outcome"), most=120, open_list=True, filter=True, section="way", aliases=("result", "结果", "αποτέλεσμα")
    )
    cancel_reason = fields.Text(L("Why it was cancelled"), most=300, read_only=True, section="way")
    activity = fields.Link(L("Diary entry"), "activity", derived=True, hidden=True)
    stop = fields.Number(L("Place in the day"), derived=True, hidden=True)

    class Meta:
        table_name = "visit"


class Position(store.Table):
    """Where somebody was at the tap of a check-in or check-out, in millionths of a degree (WGS-84) and metres.

    Personal data of staff: kept apart from the record, so that it stands in no history and goes when its time is over.
    """

    visit = peewee.IntegerField()
    act = peewee.TextField()  # in | out
    user = peewee.IntegerField()
    at = peewee.TextField()
    latitude = peewee.IntegerField()
    longitude = peewee.IntegerField()
    accuracy = peewee.IntegerField(null=True)

    ddl = (
        "CREATE INDEX visit_position_at ON visit_position (at)",
        "CREATE INDEX visit_position_user ON visit_position (user, at)",
    )

    class Meta:
        table_name = "visit_position"
        primary_key = peewee.CompositeKey("visit", "act")
        without_rowid = True


class Participant(store.Table):
    """Who comes along, one row for each of a visit's ``participants``: by it a visit comes within their reach."""

    token = peewee.TextField()  # user/3
    visit = peewee.IntegerField()

    ddl = ("CREATE INDEX visit_participant_visit ON visit_participant (visit)",)

    class Meta:
        table_name = "visit_participant"
        primary_key = peewee.CompositeKey("token", "visit")
        without_rowid = True
