"""An opportunity: something that may be sold, to whom, for how much, when, and where it stands."""

from __future__ import annotations

from smallcrm.areas.customers.records.choices import company_currency
from smallcrm.areas.pipeline.records import choices
from smallcrm.base.i18n import L
from smallcrm.records import fields, world
from smallcrm.records.record import Card, Through, register

SECTIONS = (
    ("main", L("Basics")), ("value", L("Value")), ("next", L("Next step")), ("people", L("Who sells it")),
    ("plan", L("How we win it")), ("end", L("How it ended")), ("system", L("History")),
)  # fmt: skip

INDEXES = (
    # a column of the board, in order, within anybody's reach
    "CREATE INDEX opportunity_board ON opportunity (stage, expected_close, id, owner, team, via_owner, via_team, via_pool)"
    " WHERE deleted_at IS NULL",
    "CREATE INDEX opportunity_customer ON opportunity (customer, state) WHERE deleted_at IS NULL",
    # what forecasts sum, so that they read the index alone; without deleted_at among them SQLite does not see that it may
    "CREATE INDEX opportunity_closing ON opportunity (state, expected_close, amount_base, amount, chance, forecast, pipeline, stage,"
    " source, owner, team, via_owner, via_team, via_pool, customer, deleted_at) WHERE deleted_at IS NULL",
    "CREATE INDEX opportunity_closed ON opportunity (state, closed_on, amount_base, amount, opened_on, created_at, pipeline, stage, source,"
    " owner, team, via_owner, via_team, via_pool, customer, deleted_at) WHERE deleted_at IS NULL",
    # the few different sources, each with whose it is
    "CREATE INDEX opportunity_sources ON opportunity (source, owner, team, via_owner, via_team, via_pool)"
    " WHERE source IS NOT NULL AND deleted_at IS NULL",
    "CREATE INDEX opportunity_again ON opportunity (ask_again_on) WHERE ask_again_on IS NOT NULL AND deleted_at IS NULL",
    # the few whose amount no sum holds
    "CREATE INDEX opportunity_unrated ON opportunity (state, id) WHERE amount IS NOT NULL AND amount_base IS NULL AND deleted_at IS NULL",
)


def products() -> fields.Lines:
    """What would be sold. Where there is any, the amount is their sum."""
    return fields.Lines(
        L("Products"),
        [
            ("product", fields.Link(L("Product"), "product")),
            ("description", fields.Text(L("Description"), most=200)),
            ("quantity", fields.Number(L("Quantity"), least=0, most=1_000_000, places=3)),
            ("price", fields.Money(L("Unit price"))),
            ("discount", fields.Number(L("Discount"), least=0, most=100, unit="%", places=2)),
            ("amount", fields.Money(L("Amount"))),
        ],
        section="value",
    )


def shares() -> fields.Lines:
    """Who else sells it, and for how much of the value they count; the owner has the rest."""
    return fields.Lines(
        L("Shared with"),
        [
            ("user", fields.Link(L("Colleague"), "user", required=True)),
            ("percent", fields.Number(L("Share"), least=0, most=100, places=2, unit="%", required=True)),
        ],
        section="people",
        most=20,
    )


@register
class Opportunity(Through):
    """Something that may be sold."""

    card = Card(
        key="opportunity", name="opportunities", number=52, one=L("Opportunity"), many=L("Opportunities"), icon="target-arrow",
        reach="through", through="customer", through_edit=False, shared=True, quick_add=True, sections=SECTIONS,
        order="-expected_close", own_index=(("state", "opportunity_closing"),), cascades=("buyer.opportunity",),
        columns=("customer", "stage", "amount", "chance", "expected_close", "next_step", "owner"),
        about=L("What you may sell, to whom, for how much and when. Moved along your own stages until it is won or lost."),
    )  # fmt: skip

    name = fields.Text(
        L("Name"), sort=True, search="title", column=True,
        aliases=("opportunity", "opportunity name", "deal", "deal name", "商机名称", "商机", "项目名称", "ευκαιρία", "τίτλος"),
        help=L("Left empty, it is called after its customer and product."),
    )  # fmt: skip
    number = fields.Text(
        L("Number"), search="text", match="number", filter=True, unique=True, most=40,
        aliases=("opportunity id", "opportunity no", "deal id", "商机编号", "编号", "κωδικός", "αριθμός"),
    )  # fmt: skip
    customer = fields.Link(
        L("Customer"), "customer", cascade=True, filter=True, column=True,
        aliases=("account", "company", "customer name", "客户", "客户名称", "公司", "πελάτης", "εταιρεία"),
    )  # fmt: skip
    contact = fields.Link(L("Contact"), "contact", filter=True, aliases=("contact person", "联系人", "επαφή"))
    pipeline = fields.Link(L("Pipeline"), "pipeline", filter=True, aliases=("销售流程", "商机组"))
    stage = fields.Link(
        L("Stage"), "stage", filter=True, column=True, inline=False,
        aliases=("deal stage", "status", "phase", "step", "阶段", "商机阶段", "销售阶段", "στάδιο", "φάση"),
    )  # fmt: skip
    state = fields.Choice(L("State"), choices.STATES, read_only=True, filter=True, default="open")
    source = fields.Text(
        L("Source"),
        most=80,
        open_list=True,
        filter=True,
        aliases=("lead source", "来源", "商机来源", "προέλευση", "πηγή"),
    )
    campaign = fields.Text(L("Campaign"), most=120, open_list=True, filter=True, aliases=("市场活动", "καμπάνια"))
    opened_on = fields.Date(
        L("Began"), filter=True, sort=True,
        aliases=("engage date", "created on", "start", "start date", "opened", "创建日期", "开始日期", "ημερομηνία έναρξης", "έναρξη"),
    )  # fmt: skip
    tags = fields.Texts(L("Tags"), filter=True, search="text", aliases=("labels", "标签", "ετικέτες"))
    description = fields.LongText(
        L("Description"), search="text", aliases=("notes", "说明", "备注", "περιγραφή", "σημειώσεις")
    )

    currency = fields.Choice(
        L("Currency"),
        world.currencies,
        default=company_currency,
        section="value",
        filter=True,
        aliases=("币种", "νόμισμα"),
    )
    rate = fields.Rate(
        L("Exchange rate"), section="value", inline=False,
        aliases=("exchange rate", "conversion rate", "汇率", "ισοτιμία"),
        help=L("What one unit is in the company’s currency. Left empty it is the day’s; the opportunity keeps it until you change it."),
    )  # fmt: skip
    product = fields.Link(
        L("Product"), "product", section="value", filter=True,
        aliases=("product name", "item", "产品", "产品名称", "προϊόν"),
        help=L("Where it is about one. With several lines below it is that of the first."),
    )  # fmt: skip
    amount = fields.Money(
        L("Amount"), section="value", filter=True, sort=True, column=True,
        aliases=("value", "deal value", "close value", "expected amount", "金额", "预计金额", "商机金额", "ποσό", "αξία"),
    )  # fmt: skip
    chance = fields.Number(
        L("Chance"), least=0, most=100, unit="%", section="value", filter=True, sort=True, column=True,
        aliases=("probability", "win rate", "赢率", "成交概率", "πιθανότητα"),
        help=L("The stage's, until somebody knows better."),
    )  # fmt: skip
    forecast = fields.Choice(
        L("In the forecast as"),
        choices.FORECASTS,
        section="value",
        filter=True,
        aliases=("forecast category", "预测类别", "πρόβλεψη"),
    )
    expected_close = fields.Date(
        L("Expected close"), section="value", filter=True, sort=True, column=True,
        aliases=("close date expected", "expected close date", "due", "预计成交日期", "预计签单日期", "αναμενόμενο κλείσιμο"),
    )  # fmt: skip
    pushed = fields.Number(
        L("Put off"), section="system", read_only=True, filter=True, default=0, least=0, most=100_000
    )
    products = products()

    next_step = fields.Text(L("Next step"), most=200, section="next", column=True, aliases=("下一步", "επόμενο βήμα"))
    next_follow_up_on = fields.Date(
        L("Next follow-up"), section="next", filter=True, sort=True,
        aliases=("next follow-up", "next step on", "下次跟进", "下一步日期", "επόμενη επικοινωνία", "ημερομηνία επόμενου βήματος"),
    )  # fmt: skip
    last_follow_up_at = fields.Moment(L("Last follow-up"), derived=True, filter=True, sort=True, section="next")

    shares = shares()

    competitors = fields.Links(L("Competitors"), "competitor", section="plan", filter=True)
    strategy = fields.LongText(L("How we win it"), section="plan")
    risks = fields.Texts(L("Risks"), section="plan")
    ticked = fields.Texts(L("Ticked off"), section="system", read_only=True, hidden=True)

    closed_on = fields.Date(
        L("Closed on"), section="end", filter=True, sort=True,
        aliases=("close date", "closed", "成交日期", "关闭日期", "ημερομηνία κλεισίματος", "έκλεισε"),
    )  # fmt: skip
    close_reason = fields.Text(
        L("Why"), most=120, open_list=True, section="end", filter=True,
        aliases=("loss reason", "win reason", "lost reason", "丢单原因", "输单原因", "赢单原因", "λόγος απώλειας", "λόγος"),
    )  # fmt: skip
    close_note = fields.LongText(L("What was learned"), section="end")
    lost_to = fields.Link(L("Lost to"), "competitor", section="end", filter=True)
    ask_again_on = fields.Date(L("Ask again on"), section="end", filter=True, sort=True)
    stage_since = fields.Moment(L("In this stage since"), section="system", read_only=True, filter=True, sort=True)

    ddl = INDEXES

    class Meta:
        table_name = "opportunity"
