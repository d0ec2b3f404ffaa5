"""The document checklist: what is asked for, and what each application has handed in."""

from __future__ import annotations

from smallcrm.areas.admissions import settings
from smallcrm.base.i18n import L
from smallcrm.records import fields
from smallcrm.records.fields.choice import Option
from smallcrm.records.record import Card, Record, Through, register

ASKED, RECEIVED, CHECKED, REFUSED = "asked", "received", "checked", "refused"
STATES = (
    Option(ASKED, L("Asked for", "document")), Option(RECEIVED, L("Received"), "acc"), Option(CHECKED, L("Checked"), "good"),
    Option(REFUSED, L("Refused", "document"), "bad"),
)  # fmt: skip


@register
class Document(Record):
    """A document that applications have to bring."""

    card = Card(
        key="document", name="documents", number=81, one=L("Document asked for"), many=L("Documents asked for"), icon="checkbox",
        reach="open", setup=True, importable=False, order="position,name", present=settings.on,
        columns=("pipeline", "before_stage", "enabled"),
        about=L("What an application has to bring: a certificate, a passport, a photo. Each application shows which of them it has."),
    )  # fmt: skip

    name = fields.Text(L("Name"), required=True, most=120, sort=True, search="title", column=True)
    pipeline = fields.Link(
        L("Pipeline"), "pipeline", filter=True, column=True, help=L("Empty: applications of every pipeline bring it.")
    )
    before_stage = fields.Link(
        L("Needed before"), "stage", column=True,
        help=L("An application goes to this stage, or beyond it, only once the document is here and not refused."),
    )  # fmt: skip
    position = fields.Number(L("Order"), least=0, most=10_000, sort=True, default=1)
    enabled = fields.Flag(L("Is asked for"), default=True, filter=True, column=True)
    note = fields.Text(L("Note"), most=300, help=L("What it has to show, where one gets it."))

    class Meta:
        table_name = "document"


@register
class Paper(Through):
    """A document of one application: where it stands, the file, who set it so and when."""

    card = Card(
        key="paper", name="papers", number=82, one=L("Document of an application"), many=L("Documents of applications"),
        icon="file-text", title="state", reach="through", through="opportunity", pages=False, importable=False, searchable=False,
        order="id", present=settings.on,
    )  # fmt: skip

    opportunity = fields.Link(L("Opportunity"), "opportunity", required=True, cascade=True, filter=True)
    document = fields.Link(L("Document asked for"), "document", required=True, filter=True, column=True)
    state = fields.Choice(L("State"), STATES, required=True, default=ASKED, filter=True, column=True)
    file = fields.Link(L("File"), "file", column=True)
    note = fields.Text(L("Note"), most=300, column=True)
    set_by = fields.Link(L("Set by"), "user", read_only=True)
    set_at = fields.Moment(L("Set at"), read_only=True)

    class Meta:
        table_name = "paper"
