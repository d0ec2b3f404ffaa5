"""Pools: who belongs to them, when customers fall into them, and what may be seen before claiming. Who owned what, when."""

from __future__ import annotations

import peewee

from smallcrm import store
from smallcrm.base.i18n import L
from smallcrm.records import fields
from smallcrm.records.fields.choice import Option
from smallcrm.records.record import Card, Record, declared, register

KINDS = (("customers", L("Customers")), ("leads", L("Leads")))
MASKED = (("phone", L("Phone")), ("email", L("E-mail")), ("wechat", L("WeChat")), ("address", L("Address")))
MODES = (("claim", L("seen and claimed by its members")), ("assign", L("handed out by its admins only")))
LEFT_BEHIND = (
    ("pool", L("falls into the pool at once")), ("manager", L("goes to the manager")), ("stay", L("stays where it is")),
)  # fmt: skip
PREVIOUS = (("last", L("only the last owner")), ("all", L("every earlier owner")))
CLEARED = (("claim", L("when claimed or assigned")), ("return", L("when it comes into the pool")))


def grades() -> list[Option]:
    """The grades that customers have."""
    from smallcrm.records.record import by_key

    return list(declared(by_key("customer"))["grade"].options)  # type: ignore[attr-defined]


def _days(label: object, *, section: str = "recycle", **more: object) -> fields.Number:
    return fields.Number(label, least=0, most=36_500, unit=L("days"), section=section, **more)  # type: ignore[arg-type]


def _count(label: object, **more: object) -> fields.Number:
    return fields.Number(label, least=0, most=1_000_000, section="claim", **more)  # type: ignore[arg-type]


def _by_grade(label: object) -> fields.Numbers:
    return fields.Numbers(label, grades, most=36_500, section="recycle", unit=L("days"))


@register
class Pool(Record):
    """A pool with its rules. A limit or a number of days of nothing or 0 is off; nobody among the members means everybody."""

    card = Card(
        key="pool", name="pools", number=20, one=L("Pool"), many=L("Pools"), icon="ripple", reach="open",
        importable=False, order="position,name",
        sections=(("main", L("Pool")), ("recycle", L("What falls in")), ("claim", L("Who may claim"))),
        about=L("Customers that nobody follows up fall into a pool, and somebody else may take them up."),
    )  # fmt: skip

    name = fields.Text(L("Name"), required=True, unique=True, sort=True, search="title", column=True)
    kind = fields.Choice(L("Holds"), KINDS, default="customers", required=True, filter=True)
    enabled = fields.Flag(L("Takes records in"), default=True, filter=True, column=True)
    position = fields.Number(
        L("Order"), least=0, most=10_000, sort=True, default=1,
        help=L("Where somebody belongs to several pools, the one with the lowest number takes their records."),
    )  # fmt: skip
    mode = fields.Choice(L("What lies in it is"), MODES, default="claim", required=True, filter=True)
    members = fields.Links(
        L("Members"), "user", "team", column=True,
        help=L("Their customers fall into it, and they claim from it. A team counts with every team under it; nobody"
               " chosen means everybody."),
    )  # fmt: skip
    admins = fields.Links(
        L("Admins"), "user", "team", column=True, help=L("They assign, take back, and change the rules of this pool.")
    )
    masked_fields = fields.Choices(L("Hidden until claimed"), MASKED, default=["phone", "email", "wechat"])

    days_without_follow_up = _days(L("Without follow-up"), column=True)
    days_by_grade = _by_grade(L("Without follow-up, by grade"))
    days_without_opportunity = _days(L("Without opportunity"))
    opportunity_days_by_grade = _by_grade(L("Without opportunity, by grade"))
    days_without_deal = _days(L("Without deal"), column=True)
    deal_days_by_grade = _by_grade(L("Without deal, by grade"))
    longest_days = _days(L("At the longest"), help=L("Whatever is done meanwhile, it falls in after so many days."))
    protection_days = _days(L("Safe after claiming"), help=L("Nothing falls in so soon after it was taken up."))
    exempt_won = fields.Flag(L("Not with a deal"), default=True, section="recycle")
    exempt_open_business = fields.Flag(
        L("Not with open business"), default=True, section="recycle",
        help=L("An open opportunity, order or ticket, or an unpaid invoice."),
    )  # fmt: skip
    exempt_tags = fields.Texts(L("Not with one of these tags"), section="recycle")
    inactive_owner = fields.Choice(
        L("When the owner is switched off, it"), LEFT_BEHIND, default="pool", required=True, section="recycle"
    )
    remind_days_before = _days(
        L("Remind before"), help=L("And again on the last two days. Nothing falls in unannounced then.")
    )

    daily_claim_limit = _count(L("Claims per person and day"))
    holding_limit = _count(L("Records per person"))
    holding_without_won = fields.Flag(L("Those with a deal do not count"), section="claim")
    holding_without_tags = fields.Texts(L("Those with one of these tags do not count"), section="claim")
    previous_owner_cooldown_days = _days(L("Previous owner waits"), section="claim")
    previous_owner_rule = fields.Choice(
        L("Previous owner is"), PREVIOUS, default="last", required=True, section="claim"
    )
    new_record_cooldown_days = _days(L("Everybody waits after it came in"), section="claim")
    refuse_won = fields.Flag(L("Those with a deal are not claimed"), section="claim")
    lock_limit = _count(L("Locked records per person"))
    clear_team = fields.Choices(L("Its team members are taken off"), CLEARED, section="claim")

    class Meta:
        table_name = "pool"


class OwnerHistory(store.Table):
    """One move of a record: from an owner or a pool (both null: it was new) to an owner or a pool, until ``ended_at``.

    ``kind``: new, claim, assign, transfer, auto, manual, move, undo. ``cause`` and ``days`` say why it fell in by itself.
    """

    id = peewee.AutoField()
    record_type = peewee.TextField()
    record = peewee.IntegerField()
    from_owner = peewee.IntegerField(null=True)
    from_pool = peewee.IntegerField(null=True)
    to_owner = peewee.IntegerField(null=True)
    to_pool = peewee.IntegerField(null=True)
    obtained_at = peewee.TextField()
    ended_at = peewee.TextField(null=True)
    operator = peewee.IntegerField()
    kind = peewee.TextField()
    reason = peewee.TextField(null=True)
    cause = peewee.TextField(null=True)
    days = peewee.IntegerField(null=True)

    ddl = (
        "CREATE INDEX owner_history_of ON owner_history (record_type, record, id)",
        "CREATE INDEX owner_history_claims ON owner_history (to_owner, from_pool, obtained_at) WHERE kind = 'claim'",
        "CREATE INDEX owner_history_from ON owner_history (from_pool, id) WHERE from_pool IS NOT NULL",
        "CREATE INDEX owner_history_to ON owner_history (to_pool, id) WHERE to_pool IS NOT NULL",
    )

    class Meta:
        table_name = "owner_history"


class PoolReminder(store.Table):
    """What the owner of a record was last told: that it falls in after ``due``, so many days before, on ``day``."""

    record_type = peewee.TextField()
    record = peewee.IntegerField()
    owner = peewee.IntegerField()
    due = peewee.TextField()
    stage = peewee.IntegerField()
    day = peewee.TextField()

    ddl = ("CREATE INDEX pool_reminder_day ON pool_reminder (day, owner)",)

    class Meta:
        table_name = "pool_reminder"
        primary_key = peewee.CompositeKey("record_type", "record")
        without_rowid = True
