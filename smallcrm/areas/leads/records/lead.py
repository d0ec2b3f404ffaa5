"""A lead: somebody who may become a customer, and what is known of them so far."""

from __future__ import annotations

from smallcrm.areas.customers.records import choices as of_customers
from smallcrm.areas.customers.records import lines
from smallcrm.areas.leads.records.choices import STATES
from smallcrm.base.i18n import L
from smallcrm.records import fields, world
from smallcrm.records.record import Card, Pooled, register

OPEN = ("unassigned", "todo", "following")
CLOSED = ("converted", "invalid", "void")
SECTIONS = (
    ("main", L("Basics")), ("contact", L("How to reach them")), ("deal", L("Interest")), ("place", L("Where from")),
    ("consent", L("Consent")), ("end", L("What became of it")), ("system", L("History")),
)  # fmt: skip


@register
class Lead(Pooled):
    """Somebody who may become a customer."""

    card = Card(
        key="lead", name="leads", number=40, one=L("Lead"), many=L("Leads"), icon="user-plus", pooled=True, merges=True,
        quick_add=True, sections=SECTIONS, order="-created_at",
        columns=("company", "status", "score", "source", "owner", "first_touch_due_at", "next_follow_up_on", "last_follow_up_at", "phone"),
        about=L("Who might become a customer. Leads come from your web forms, your mailbox, a list from Excel, or by hand."),
    )  # fmt: skip

    name = fields.Text(
        L("Name", "person"), required=True, sort=True, search="title", match="name", column=True, personal=True,
        aliases=("lead", "lead name", "contact", "contact name", "contact person", "full name", "线索名称", "线索", "姓名",
                 "联系人", "客户姓名", "ονοματεπώνυμο", "όνομα", "επαφή", "ενδιαφερόμενος"),
    )  # fmt: skip
    number = fields.Text(
        L("Number"), read_only=True, search="text", match="number", filter=True, unique=True, most=30,
        aliases=("lead no", "线索编号", "编号", "κωδικός"),
    )  # fmt: skip
    company = fields.Text(
        L("Company"), most=200, sort=True, search="title", match="name", column=True,
        aliases=("company name", "account", "organisation", "公司", "公司名称", "单位名称", "企业名称", "εταιρεία", "επωνυμία"),
    )  # fmt: skip
    title = fields.Text(
        L("Job title"), most=80, search="text", personal=True, aliases=("position", "job title", "职位", "职务", "θέση")
    )
    status = fields.Choice(L("Status"), STATES, read_only=True, filter=True, column=True, default="unassigned")
    source = fields.Text(
        L("Source"), most=80, filter=True, open_list=True, column=True,
        aliases=("lead source", "channel", "来源", "线索来源", "渠道", "προέλευση", "πηγή"),
    )  # fmt: skip
    campaign = fields.Text(
        L("Campaign"), most=120, filter=True, open_list=True, aliases=("市场活动", "活动", "καμπάνια", "utm_campaign")
    )
    grade = fields.Choice(
        L("Grade"), of_customers.GRADES, filter=True, sort=True,
        aliases=("rating", "class", "priority", "级别", "等级", "κατηγορία"),
    )  # fmt: skip
    tags = fields.Texts(L("Tags"), filter=True, search="text", aliases=("labels", "keywords", "标签", "ετικέτες"))
    phone = fields.Phone(
        L("Phone"), section="contact", search="guarded", match="phone", filter=True, masked="phone", column=True, personal=True,
        aliases=("telephone", "tel", "tel.", "phone number", "电话", "座机", "联系电话", "τηλέφωνο", "τηλ."),
    )  # fmt: skip
    mobile = fields.Phone(
        L("Mobile"), section="contact", search="guarded", match="phone", filter=True, masked="phone", personal=True,
        aliases=("cell", "mob", "mobile phone", "手机", "手机号", "手机号码", "κινητό"),
    )  # fmt: skip
    email = fields.Email(
        L("E-mail"), section="contact", search="guarded", match="email", filter=True, masked="email", personal=True,
        aliases=("mail", "e-mail address", "邮箱", "电子邮件", "ηλεκτρονικό ταχυδρομείο"),
    )  # fmt: skip
    wechat = fields.Text(
        L("WeChat"), most=60, section="contact", search="guarded", match="wechat", masked="wechat", personal=True,
        aliases=("微信", "微信号"),
    )  # fmt: skip
    website = fields.Url(
        L("Website"),
        section="contact",
        search="text",
        match="site",
        aliases=("web", "url", "网址", "官网", "ιστοσελίδα"),
    )
    language = fields.Choice(L("Language"), world.languages, section="contact", filter=True, aliases=("语言", "γλώσσα"))
    next_follow_up_on = fields.Date(
        L("Next follow-up"), filter=True, sort=True, column=True, section="deal",
        aliases=("next follow-up", "next contact", "下次联系", "下次跟进", "επόμενη επικοινωνία"),
    )  # fmt: skip
    last_follow_up_at = fields.Moment(
        L("Last follow-up"), derived=True, filter=True, sort=True, column=True, section="deal",
        aliases=("last contact", "最后联系", "上次跟进", "τελευταία επικοινωνία"),
    )  # fmt: skip
    interest = fields.Text(
        L("Interested in"), most=200, section="deal", filter=True, open_list=True, search="text",
        aliases=("product", "product interest", "interest", "意向产品", "产品", "需求", "προϊόν", "ενδιαφέρον"),
    )  # fmt: skip
    currency = fields.Choice(
        L("Currency"),
        world.currencies,
        default=of_customers.company_currency,
        section="deal",
        aliases=("币种", "νόμισμα"),
    )
    budget = fields.Money(
        L("Budget"), section="deal", filter=True, sort=True,
        aliases=("value", "amount", "expected value", "预算", "金额", "προϋπολογισμός"),
    )  # fmt: skip
    cost = fields.Money(
        L("What it cost"), section="deal", filter=True, help=L("Bought or paid for singly; what a source costs stands there."),
        aliases=("cost", "lead cost", "成本", "κόστος"),
    )  # fmt: skip
    industry = fields.Text(
        L("Industry"), most=80, section="place", filter=True, open_list=True, search="text",
        aliases=("sector", "branch", "行业", "κλάδος"),
    )  # fmt: skip
    country = fields.Text(
        L("Country"), most=80, section="place", filter=True, open_list=True, aliases=("国家", "χώρα", "land")
    )
    region = fields.Text(
        L("Region"), most=80, section="place", filter=True, sort=True, open_list=True, search="text",
        aliases=("state", "province", "county", "省份", "省", "地区", "νομός", "περιφέρεια"),
    )  # fmt: skip
    city = fields.Text(
        L("City"), most=80, section="place", filter=True, open_list=True, search="text", personal=True,
        aliases=("town", "place", "城市", "πόλη"),
    )  # fmt: skip
    address = fields.Text(
        L("Address"), most=300, section="place", search="text", masked="address", personal=True, wide=True,
        aliases=("street", "地址", "详细地址", "διεύθυνση"),
    )  # fmt: skip
    consents = lines.consents()
    notes = fields.LongText(
        L("Notes"), search="text", personal=True,
        aliases=("note", "remark", "remarks", "comment", "comments", "message", "备注", "留言", "σημειώσεις", "μήνυμα"),
    )  # fmt: skip

    score = fields.Number(L("Score"), derived=True, section="system", filter=True, sort=True, column=True)
    chance = fields.Number(
        L("Chance to convert"), derived=True, section="system", filter=True, sort=True, unit="%",
        help=L("Learned from your own closed leads; empty until there are enough of them."),
    )  # fmt: skip
    first_touch_due_at = fields.Moment(
        L("First touch due"), derived=True, section="system", filter=True, sort=True, column=True
    )
    form = fields.Link(L("Web form"), "web_form", read_only=True, section="system", filter=True)
    looks_like = fields.AnyLink(L("Looks like"), read_only=True, section="system")
    invalid_reason = fields.Text(L("Why invalid"), most=200, read_only=True, section="end", open_list=True, filter=True)
    converted_at = fields.Moment(L("Converted on"), read_only=True, section="end", filter=True, sort=True)
    converted_customer = fields.Link(L("Became customer"), "customer", read_only=True, section="end", filter=True)
    converted_contact = fields.Link(L("Became contact"), "contact", read_only=True, section="end")
    converted_deal = fields.AnyLink(L("Became opportunity"), read_only=True, section="end")
    closed_at = fields.Moment(L("Closed on"), read_only=True, section="end", filter=True)
    owned_since = fields.Moment(L("Owned since"), read_only=True, section="system")
    previous_owner = fields.Link(L("Previous owner"), "user", read_only=True, section="system", filter=True)
    recycle_on = fields.Date(L("Falls into the pool after"), derived=True, section="system", filter=True, sort=True)
    recycle_reason = fields.Choice(
        L("Why it falls into the pool"), of_customers.RECYCLE_REASONS, derived=True, section="system", filter=True
    )
    pool_reason = fields.Text(L("Why it lies in the pool"), read_only=True, section="system", most=200)
    touch_told = fields.Number(L("Told of the first touch"), derived=True, hidden=True)  # 1 reminded, 2 escalated

    ddl = (
        "CREATE INDEX lead_touch ON lead (first_touch_due_at) WHERE first_touch_due_at IS NOT NULL AND deleted_at IS NULL",
        "CREATE INDEX lead_open_owner ON lead (owner, status) WHERE status IN ('todo', 'following') AND deleted_at IS NULL",
    )

    class Meta:
        table_name = "lead"
