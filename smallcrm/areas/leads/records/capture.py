"""What catches leads: sources with what they cost, web forms, and the rules by which mails are read."""

from __future__ import annotations

from smallcrm.areas.customers.records.choices import PURPOSES, company_currency
from smallcrm.areas.leads.records.choices import READ_BY
from smallcrm.base.i18n import L
from smallcrm.records import fields, world
from smallcrm.records.fields.choice import Option
from smallcrm.records.record import Card, Record, by_key, declared, register


def _fillable(names: tuple[str, ...]) -> list[Option]:
    known = declared(by_key("lead"))
    return [Option(name, known[name].label) for name in names if name in known]


# Strangers fill nothing else: no owner, no state, no money.
ASKED = (
    "name", "company", "title", "phone", "mobile", "email", "wechat", "website", "interest", "industry", "country", "region",
    "city", "address", "notes",
)  # fmt: skip


def asked() -> list[Option]:
    """What a web form or a mail may fill."""
    return _fillable(ASKED)


def _setup(**given: object) -> Card:
    """The card of what is set up once: by those who may change the settings."""
    return Card(reach="open", setup=True, importable=False, **given)  # type: ignore[arg-type]


@register
class LeadSource(Record):
    """Where leads come from, and what that cost when. A lead names it by its name."""

    card = _setup(
        key="lead_source", name="lead-sources", number=41, one=L("Lead source"), many=L("Lead sources"), icon="flag",
        about=L("Fairs, advertisements, referrals: with what each cost in which period, so that cost per lead can be told."),
    )  # fmt: skip

    name = fields.Text(L("Name"), required=True, unique=True, sort=True, search="title", column=True, most=80)
    active = fields.Flag(L("In use"), default=True, filter=True, column=True)
    currency = fields.Choice(L("Currency"), world.currencies, default=company_currency, required=True)
    costs = fields.Lines(
        L("What it cost"),
        [
            ("since", fields.Date(L("From"), required=True)),
            ("until", fields.Date(L("To"), required=True)),
            ("amount", fields.Number(L("Amount"), places=2, least=0, required=True)),
        ],
    )
    notes = fields.LongText(L("Notes"))

    class Meta:
        table_name = "lead_source"


@register
class WebForm(Record):
    """A form that anybody can fill, at an address of its own or inside another site."""

    card = _setup(
        key="web_form", name="web-forms", number=42, one=L("Web form"), many=L("Web forms"), icon="forms",
        sections=(("main", L("Basics")), ("words", L("Words")), ("consent", L("Consent")), ("lead", L("What the lead gets")),
                  ("place", L("Where it may stand"))),
        about=L("A form for your web site: it is shown at an address of its own, or inside your pages, and every answer is a lead."),
    )  # fmt: skip

    name = fields.Text(L("Name"), required=True, unique=True, sort=True, search="title", column=True, most=80)
    active = fields.Flag(L("Takes answers"), default=True, filter=True, column=True)
    address_key = fields.Text(L("Address"), read_only=True, most=40, filter=True, section="place")
    language = fields.Choice(L("Language"), world.our_languages, required=True, default="en", column=True)
    asks = fields.Lines(
        L("Asks for"),
        [
            ("field", fields.Choice(L("Field"), asked, required=True)),
            ("label", fields.Text(L("Wording"), most=120)),
            ("needed", fields.Flag(L("Must be filled"))),
        ],
        most=15,
    )
    heading = fields.Text(L("Heading"), most=120, section="words")
    intro = fields.LongText(L("Words above"), most=2000, section="words")
    button = fields.Text(L("Words on the button"), most=40, section="words")
    thanks = fields.LongText(L("Words of thanks"), most=2000, section="words")
    leads_to = fields.Url(
        L("Or lead on to"), section="words", help=L("A page of yours instead of the words of thanks.")
    )
    consent_text = fields.LongText(L("Text of the consent"), most=2000, section="consent")
    consent_purpose = fields.Choice(L("Consent is for"), PURPOSES, default="marketing", section="consent")
    consent_needed = fields.Flag(L("Nothing is taken without it"), section="consent")
    source = fields.Text(L("Source"), most=80, section="lead", open_list=True, column=True)
    campaign = fields.Text(L("Campaign"), most=120, section="lead", open_list=True)
    tags = fields.Texts(L("Tags"), section="lead")
    looked_after_by = fields.Link(
        L("Goes to"), "user", section="lead", column=True, help=L("Empty: the assignment rules decide.")
    )
    frame_ancestors = fields.Texts(
        L("Sites that may show it inside their pages"), section="place",
        help=L("https://www.example.com, one each. Without any it stands at its own address only."),
    )  # fmt: skip

    ddl = ("CREATE UNIQUE INDEX web_form_key ON web_form (address_key) WHERE address_key IS NOT NULL",)

    class Meta:
        table_name = "web_form"


@register
class MailRule(Record):
    """How the mails of a sender are read: which line of them is which field of the lead."""

    card = _setup(
        key="mail_rule", name="mail-rules", number=46, one=L("Mail rule"), many=L("Mail rules"), icon="mail-cog",
        order="position,name",
        about=L("Portals and web sites send inquiries by mail. A rule says whose mails are leads and how they are read."),
    )  # fmt: skip

    name = fields.Text(L("Name"), required=True, unique=True, sort=True, search="title", column=True, most=80)
    position = fields.Number(L("Order"), least=0, most=10_000, default=1, sort=True)
    active = fields.Flag(L("In use"), default=True, filter=True, column=True)
    sender = fields.Text(
        L("Mails from"), most=200, required=True, column=True,
        help=L("An address, or everything after the @: portal@example.com, example.com; * for any."),
    )  # fmt: skip
    subject_has = fields.Text(L("With in the subject"), most=200, help=L("Empty: any subject."))
    reads = fields.Lines(
        L("Reads"),
        [
            ("field", fields.Choice(L("Field"), asked, required=True)),
            ("how", fields.Choice(L("From"), READ_BY, required=True)),
            ("pattern", fields.Text(L("Words or pattern"), most=300)),
        ],
        most=40,
        glue=" · ",
    )
    source = fields.Text(L("Source"), most=80, open_list=True, column=True)
    campaign = fields.Text(L("Campaign"), most=120, open_list=True)
    tags = fields.Texts(L("Tags"))
    looked_after_by = fields.Link(L("Goes to"), "user", help=L("Empty: the assignment rules decide."))

    class Meta:
        table_name = "mail_rule"
