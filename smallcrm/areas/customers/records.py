"""Customers (companies and persons, also suppliers and partners), their contacts, and relations between any two."""

from __future__ import annotations

from typing import Any

from smallcrm.base.i18n import L
from smallcrm.records import fields, world
from smallcrm.records.fields.choice import Option
from smallcrm.records.record import Card, Pooled, Record, Through, register

GRADES = (Option("A", "A", "acc"), Option("B", "B"), Option("C", "C"))
KINDS = (("company", L("Company")), ("person", L("Person")))
ROLES = (("customer", L("Customer", "role")), ("supplier", L("Supplier")), ("partner", L("Partner")))
CHANNELS = (
    ("phone", L("Phone")), ("email", L("E-mail")), ("wechat", L("WeChat")), ("sms", L("Text message")),
    ("visit", L("Visit")), ("post", L("Letter")),
)  # fmt: skip
RECYCLE_REASONS = (
    ("follow_up", L("no follow-up")), ("opportunity", L("no opportunity")), ("deal", L("no deal")),
    ("longest", L("held for the longest time")), ("owner", L("owner no longer here")),
)  # fmt: skip
PURPOSES = (("service", L("Service and orders")), ("marketing", L("Marketing")), ("newsletter", L("Newsletter")))


def _company_currency() -> Any:
    from smallcrm.records import settings

    return settings.get("company.currency")


def addresses() -> fields.Lines:
    """Further addresses of a customer."""
    return fields.Lines(
        L("Further addresses"),
        [
            ("label", fields.Text(L("What for"), most=60)),
            ("address", fields.Text(L("Address"), most=300, required=True)),
            ("postcode", fields.Text(L("Postcode"), most=20)),
            ("city", fields.Text(L("City"), most=80)),
            ("region", fields.Text(L("Region"), most=80)),
            ("country", fields.Text(L("Country"), most=80)),
        ],
        section="address",
        search="text",
    )


def invoice_titles() -> fields.Lines:
    """Invoice data (开票信息): a customer may have several, the first is the usual one."""
    return fields.Lines(
        L("Invoice data"),
        [
            ("title", fields.Text(L("Name on the invoice"), most=200, required=True)),
            ("kind", fields.Choice(L("Kind"), [("plain", L("plain")), ("special", L("with input tax"))])),
            ("tax_number", fields.Text(L("Tax number"), most=40)),
            ("tax_office", fields.Text(L("Tax office"), most=80)),
            ("registry", fields.Text(L("Registry number"), most=40)),
            ("activity", fields.Text(L("Line of business"), most=120)),
            ("address", fields.Text(L("Address"), most=300)),
            ("phone", fields.Text(L("Phone"), most=60)),
            ("bank", fields.Text(L("Bank"), most=120)),
            ("account", fields.Text(L("Account"), most=60)),
            ("email", fields.Text(L("E-mail for invoices"), most=254)),
        ],
        section="invoice",
    )


def consents() -> fields.Lines:
    """Consent per purpose and channel: given or withdrawn, when, and to which wording."""
    return fields.Lines(
        L("Consents"),
        [
            ("purpose", fields.Choice(L("For"), PURPOSES, required=True)),
            ("channel", fields.Choice(L("By"), CHANNELS, required=True)),
            (
                "state",
                fields.Choice(L("Consent"), [("given", L("given")), ("withdrawn", L("withdrawn"))], required=True),
            ),
            ("on", fields.Date(L("On"))),
            ("how", fields.Text(L("How, which wording"), most=200)),
        ],
        section="consent",
        personal=True,
    )


def members() -> fields.Lines:
    """Colleagues who work on the record too."""
    return fields.Lines(
        L("Team members"),
        [
            ("user", fields.Link(L("Colleague"), "user", required=True)),
            ("level", fields.Choice(L("May"), [("read", L("read")), ("write", L("read and write"))], required=True)),
            ("until", fields.Date(L("Until"))),
        ],
        section="team",
        export=False,
    )


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
        most=30,
        aliases=("customer no", "编号", "κωδικός"),
    )
    kind = fields.Choice(L("Kind"), KINDS, default="company", filter=True)
    roles = fields.Choices(L("Is a"), ROLES, default=["customer"], filter=True)
    short_name = fields.Text(
        L("Short name"), most=80, search="title", aliases=("简称", "trade name", "διακριτικός τίτλος")
    )
    grade = fields.Choice(
        L("Grade"), GRADES, filter=True, sort=True, column=True,
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
        aliases=("web", "url", "homepage", "网址", "官网", "ιστοσελίδα"),
    )
    language = fields.Choice(L("Language"), world.languages, section="contact", filter=True)
    preferred_channel = fields.Choice(L("Prefers"), CHANNELS, section="contact", filter=True)
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
        L("City"), most=80, section="address", filter=True, sort=True, search="text", column=True, open_list=True,
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
        L("Postcode"), most=20, section="address", aliases=("zip", "postal code", "邮编", "τ.κ.", "τκ")
    )
    addresses = addresses()
    currency = fields.Choice(
        L("Currency"),
        world.currencies,
        default=_company_currency,
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
    invoice_data = invoice_titles()
    birthday = fields.Date(
        L("Birthday"),
        section="person",
        personal=True,
        filter=True,
        aliases=("date of birth", "dob", "生日", "ημερομηνία γέννησης"),
    )
    consents = consents()
    notes = fields.LongText(
        L("Notes"),
        search="text",
        personal=True,
        aliases=("note", "remark", "remarks", "comment", "comments", "备注", "说明", "σημειώσεις", "παρατηρήσεις"),
    )
    members = members()
    grade_proposed = fields.Choice(L("Proposed grade"), GRADES, derived=True, section="system", filter=True)
    locked = fields.Flag(L("Locked"), read_only=True, section="system", filter=True)
    locked_until = fields.Date(L("Locked until"), read_only=True, section="system")
    owned_since = fields.Moment(L("Owned since"), read_only=True, section="system")
    previous_owner = fields.Link(L("Previous owner"), "user", read_only=True, section="system", filter=True)
    recycle_on = fields.Date(L("Falls into the pool after"), derived=True, section="system", filter=True, sort=True)
    recycle_reason = fields.Choice(
        L("Why it falls into the pool"), RECYCLE_REASONS, derived=True, section="system", filter=True
    )
    pool_reason = fields.Text(L("Why it lies in the pool"), read_only=True, section="system", most=200)

    class Meta:
        table_name = "customer"


@register
class Contact(Through):
    """A person at a customer."""

    card = Card(
        key="contact", name="contacts", number=11, one=L("Contact"), many=L("Contacts"), icon="address-book",
        reach="through", through="customer", merges=True, quick_add=True,
        sections=(("main", L("Basics")), ("contact", L("How to reach them")), ("person", L("Person")), ("consent", L("Consent")), ("system", L("History"))),
        about=L("The people you talk to. Each belongs to a customer and says what part he or she plays there."),
    )  # fmt: skip

    name = fields.Text(
        L("Name"), required=True, sort=True, search="title", match="name", column=True, personal=True,
        aliases=("contact", "contact name", "contact person", "full name", "联系人", "姓名", "联系人姓名", "επαφή", "υπεύθυνος επικοινωνίας", "ονοματεπώνυμο"),
    )  # fmt: skip
    customer = fields.Link(
        L("Customer"),
        "customer",
        cascade=True,
        filter=True,
        column=True,
        aliases=("company", "account", "公司", "客户", "εταιρεία"),
    )
    title = fields.Text(
        L("Job title"), most=80, column=True, search="text", aliases=("position", "职位", "职务", "θέση")
    )
    role = fields.Text(
        L("Part played"),
        most=60,
        open_list=True,
        filter=True,
        help=L("Decides, uses, pays, checks …"),
        aliases=("contact role", "角色", "ρόλος"),
    )
    phone = fields.Phone(
        L("Phone"), section="contact", search="guarded", match="phone", filter=True, masked="phone", personal=True, column=True,
        aliases=("telephone", "tel", "电话", "座机", "τηλέφωνο"),
    )  # fmt: skip
    mobile = fields.Phone(
        L("Mobile"), section="contact", search="guarded", match="phone", filter=True, masked="phone", personal=True, column=True,
        aliases=("cell", "mob", "mobile phone", "手机", "手机号", "手机号码", "κινητό"),
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
        L("E-mail"), section="contact", search="guarded", match="email", filter=True, masked="email", personal=True, column=True,
        aliases=("mail", "e-mail address", "邮箱", "电子邮件"),
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
    language = fields.Choice(L("Language"), world.languages, section="contact")
    preferred_channel = fields.Choice(L("Prefers"), CHANNELS, section="contact")
    salutation = fields.Text(L("Salutation"), most=60, section="person", personal=True)
    birthday = fields.Date(
        L("Birthday"),
        section="person",
        personal=True,
        filter=True,
        aliases=("dob", "date of birth", "生日", "γενέθλια"),
    )
    consents = consents()
    notes = fields.LongText(L("Notes"), search="text", personal=True, aliases=("备注", "σημειώσεις"))

    class Meta:
        table_name = "contact"


RELATIONS = (
    ("reports_to", L("reports to")), ("influences", L("influences")), ("conflict", L("is in conflict with")),
    ("knows", L("knows")), ("guardian_of", L("is guardian of")), ("family", L("is family of")),
    ("assistant_of", L("assists")), ("partner_of", L("works with")), ("supplier_of", L("supplies")),
    ("referred", L("was referred by")), ("owns", L("owns")),
)  # fmt: skip


@register
class Relation(Record):
    """How two customers or contacts are related."""

    card = Card(
        key="relation", name="relations", number=12, one=L("Relation"), many=L("Relations"), icon="affiliate",
        title="kind", order="-created_at", pages=False, importable=False, searchable=False,
    )  # fmt: skip

    source = fields.AnyLink(L("Who"), required=True)
    kind = fields.Choice(L("How"), RELATIONS, required=True, filter=True, column=True)
    target = fields.AnyLink(L("To whom"), required=True)
    note = fields.Text(L("Note"), most=200, column=True)

    class Meta:
        table_name = "relation"
