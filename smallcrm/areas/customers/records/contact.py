"""A contact: a person at a customer."""

from __future__ import annotations

from smallcrm.areas.customers.records import choices, lines
from smallcrm.base.i18n import L
from smallcrm.records import fields, world
from smallcrm.records.record import Card, Through, register


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
        L("Job title"), most=80, column=True, search="text", personal=True, aliases=("position", "职位", "职务", "θέση")
    )
    role = fields.Text(
        L("Part played"),
        most=60,
        open_list=True,
        filter=True,
        personal=True,
        help=L("Decides, uses, pays, checks …"),
        aliases=("contact role", "角色", "ρόλος"),
    )
    is_main = fields.Flag(
        L("Main contact"), filter=True, help=L("Called first. Another one stops being it."), aliases=("主联系人", "primary contact")
    )  # fmt: skip
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
    preferred_channel = fields.Choice(L("Prefers"), choices.CHANNELS, section="contact")
    salutation = fields.Text(L("Salutation"), most=60, section="person", personal=True)
    birthday = fields.Date(
        L("Birthday"),
        section="person",
        personal=True,
        filter=True,
        aliases=("dob", "date of birth", "生日", "γενέθλια"),
    )
    consents = lines.consents()
    notes = fields.LongText(L("Notes"), search="text", personal=True, aliases=("备注", "σημειώσεις"))

    class Meta:
        table_name = "contact"
