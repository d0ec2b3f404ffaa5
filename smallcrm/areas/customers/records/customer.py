"""A customer: a company or a person one does business with, also a supplier or a partner."""

from __future__ import annotations

from smallcrm.areas.customers.records import choices, lines
from smallcrm.base.i18n import L
from smallcrm.records import fields, world
from smallcrm.records.record import Card, Pooled, added, register

SECTIONS = (
    ("main", L("Basics")), ("contact", L("How to reach them")), ("address", L("Address")), ("deal", L("Business")),
    ("invoice", L("Invoicing")), ("person", L("Person")), ("consent", L("Consent")), ("team", L("Team")),
    ("system", L("History")),
)  # fmt: skip


@register
class Customer(Pooled):
    """A company or a person one does business with."""

    card = Card(
        key="customer", name="customers", number=10, one=L("Customer"), many=L("Customers"), icon="building-store",
        pooled=True, merges=True, quick_add=True, sections=SECTIONS,
        columns=("grade", "owner", "recycle_on", "next_follow_up_on", "last_follow_up_at", "annual_revenue", "phone", "city", "source"),
        about=L("Everybody you do business with. Bring them in from Excel, or add the first one by hand."),
    )  # fmt: skip

    name = fields.Text(
        L("Name"), required=True, sort=True, search="title", match="name", column=True, personal=True,
        aliases=("company", "company name", "account", "account name", "customer", "customer name", "client", "organisation",
                 "客户名称", "公司名称", "公司", "客户", "单位名称", "企业名称", "επωνυμία", "εταιρεία", "πελάτης", "επωνυμία πελάτη"),
    )  # fmt: skip
    number = fields.Text(
        L("Number"),
        read_only=True,
        search="text",
        match="number",
        filter=True,
        unique=True,
        most=30,
        aliases=("customer no", "编号", "κωδικός"),
    )
    kind = fields.Choice(L("Kind"), choices.KINDS, default="company", filter=True)
    roles = fields.Choices(L("Is a"), choices.ROLES, default=["customer"], filter=True)
    short_name = fields.Text(
        L("Short name"), most=80, search="title", personal=True, aliases=("简称", "trade name", "διακριτικός τίτλος")
    )
    grade = fields.Choice(
        L("Grade"), choices.GRADES, filter=True, sort=True, column=True,
        aliases=("rating", "class", "category", "cat.", "priority", "客户级别", "等级", "级别", "κατηγορία"),
    )  # fmt: skip
    status = fields.Text(
        L("Status"), most=60, filter=True, open_list=True, aliases=("state", "客户状态", "状态", "κατάσταση")
    )
    industry = fields.Text(
        L("Industry"),
        most=80,
        filter=True,
        open_list=True,
        search="text",
        aliases=("sector", "branch", "行业", "κλάδος"),
    )
    source = fields.Text(
        L("Source"),
        most=80,
        filter=True,
        open_list=True,
        column=True,
        aliases=("lead source", "来源", "客户来源", "προέλευση", "πηγή"),
    )
    tags = fields.Texts(L("Tags"), filter=True, search="text", aliases=("labels", "keywords", "标签", "ετικέτες"))
    parent = fields.Link(
        L("Parent company"), "customer", filter=True,
        aliases=("parent", "parent account", "subsidiary of", "group", "母公司", "上级公司", "μητρική"),
    )  # fmt: skip
    since = fields.Date(
        L("Customer since"), filter=True, sort=True,
        aliases=("since", "first contact", "customer from", "建档日期", "成立日期", "合作日期", "πελάτης από"),
    )  # fmt: skip
    next_follow_up_on = fields.Date(
        L("Next follow-up"), filter=True, sort=True, column=True, section="deal",
        aliases=("next follow-up", "next contact", "next step on", "下次联系", "下次跟进", "επόμενη επικοινωνία"),
    )  # fmt: skip
    last_follow_up_at = fields.Moment(
        L("Last follow-up"), derived=True, filter=True, sort=True, column=True, section="deal",
        aliases=("last contact", "last activity", "最后联系", "上次跟进", "τελευταία επικοινωνία"),
    )  # fmt: skip
    phone = fields.Phone(
        L("Phone"), section="contact", search="guarded", match="phone", filter=True, masked="phone", column=True, personal=True,
        aliases=("telephone", "tel", "tel.", "tel / mob", "phone number", "mobile", "电话", "座机", "联系电话", "τηλέφωνο", "τηλ."),
    )  # fmt: skip
    phones = fields.Texts(
        L("More phones"),
        of="phone",
        section="contact",
        search="guarded",
        match="phone",
        filter=True,
        masked="phone",
        personal=True,
    )
    email = fields.Email(
        L("E-mail"), section="contact", search="guarded", match="email", filter=True, masked="email", personal=True,
        aliases=("mail", "e-mail address", "邮箱", "电子邮件", "ηλεκτρονικό ταχυδρομείο", "ταχυδρομείο"),
    )  # fmt: skip
    emails = fields.Texts(
        L("More e-mails"),
        of="email",
        section="contact",
        search="guarded",
        match="email",
        filter=True,
        masked="email",
        personal=True,
    )
    wechat = fields.Text(
        L("WeChat"),
        most=60,
        section="contact",
        search="guarded",
        match="wechat",
        masked="wechat",
        personal=True,
        aliases=("微信", "微信号"),
    )
    website = fields.Url(
        L("Website"),
        section="contact",
        search="text",
        match="site",
        personal=True,
        aliases=("web", "url", "homepage", "网址", "官网", "ιστοσελίδα"),
    )
    language = fields.Choice(L("Language"), world.languages, section="contact", filter=True)
    preferred_channel = fields.Choice(L("Prefers"), choices.CHANNELS, section="contact", filter=True)
    country = fields.Text(
        L("Country"), most=80, section="address", filter=True, sort=True, open_list=True,
        aliases=("office location", "国家", "χώρα", "land"),
    )  # fmt: skip
    region = fields.Text(
        L("Region"),
        most=80,
        section="address",
        filter=True,
        sort=True,
        open_list=True,
        search="text",
        aliases=("state", "province", "county", "省份", "省", "地区", "νομός", "περιφέρεια"),
    )
    city = fields.Text(
        L("City"), most=80, section="address", filter=True, sort=True, search="text", column=True, open_list=True, personal=True,
        aliases=("town", "place", "城市", "所在城市", "πόλη"),
    )  # fmt: skip
    address = fields.Text(
        L("Address"),
        most=300,
        section="address",
        search="text",
        masked="address",
        personal=True,
        aliases=("street", "地址", "详细地址", "διεύθυνση"),
        wide=True,
    )
    postcode = fields.Text(
        L("Postcode"), most=20, section="address", personal=True, aliases=("zip", "postal code", "邮编", "τ.κ.", "τκ")
    )
    addresses = lines.addresses()
    currency = fields.Choice(
        L("Currency"),
        world.currencies,
        default=choices.company_currency,
        section="deal",
        filter=True,
        aliases=("币种", "νόμισμα"),
    )
    annual_revenue = fields.Money(
        L("Turnover last year"), section="deal", filter=True, sort=True,
        aliases=("revenue", "turnover", "sales", "annual revenue", "年营业额", "年销售额", "年采购额", "τζίρος", "κύκλος εργασιών"),
    )  # fmt: skip
    employees = fields.Number(
        L("Employees"), least=0, most=10_000_000, section="deal", filter=True, sort=True,
        aliases=("headcount", "staff", "员工数", "人数", "εργαζόμενοι", "προσωπικό"),
    )  # fmt: skip
    tax_number = fields.Text(
        L("Tax number"), most=40, section="invoice", search="guarded", match="tax", filter=True, personal=True,
        aliases=("vat", "vat number", "vat no", "tax id", "税号", "统一社会信用代码", "信用代码", "αφμ", "α.φ.μ."),
    )  # fmt: skip
    invoice_data = lines.invoice_titles()
    birthday = fields.Date(
        L("Birthday"),
        section="person",
        personal=True,
        filter=True,
        aliases=("date of birth", "dob", "生日", "ημερομηνία γέννησης"),
    )
    consents = lines.consents()
    notes = fields.LongText(
        L("Notes"),
        search="text",
        personal=True,
        aliases=("note", "remark", "remarks", "comment", "comments", "备注", "说明", "σημειώσεις", "παρατηρήσεις"),
    )
    members = lines.members()
    grade_proposed = fields.Choice(L("Proposed grade"), choices.GRADES, derived=True, section="system", filter=True)
    grade_kept = fields.Choice(L("Proposal turned down"), choices.GRADES, read_only=True, hidden=True)
    locked = fields.Flag(L("Locked"), read_only=True, section="system", filter=True)
    locked_until = fields.Date(L("Locked until"), read_only=True, section="system")
    owned_since = fields.Moment(L("Owned since"), read_only=True, section="system")
    previous_owner = fields.Link(L("Previous owner"), "user", read_only=True, section="system", filter=True)
    recycle_on = fields.Date(L("Falls into the pool after"), derived=True, section="system", filter=True, sort=True)
    recycle_reason = fields.Choice(
        L("Why it falls into the pool"), choices.RECYCLE_REASONS, derived=True, section="system", filter=True
    )
    pool_reason = fields.Text(L("Why it lies in the pool"), read_only=True, section="system", most=200)

    class Meta:
        table_name = "customer"


# Where it is: visits are measured against it, maps opened at it.
added(
    Customer,
    latitude=fields.Number(
        L("Latitude"), places=6, least=-90, most=90, section="address", masked="address", personal=True,
        aliases=("lat", "纬度", "γεωγραφικό πλάτος"),
        help=L("In degrees, as GPS has it (WGS-84). Points of Chinese maps (GCJ-02, BD-09) lie some hundred metres off."),
    ),
    longitude=fields.Number(
        L("Longitude"), places=6, least=-180, most=180, section="address", masked="address", personal=True,
        aliases=("lon", "lng", "经度", "γεωγραφικό μήκος"),
    ),
)  # fmt: skip
