"""How two customers or contacts are related."""

from __future__ import annotations

from smallcrm.base.i18n import L, Label
from smallcrm.records import fields
from smallcrm.records.record import Card, Record, register

# kind → (said from the one who, said from the other's side); the same words twice for what holds both ways
WORDS: dict[str, tuple[Label, Label]] = {
    "reports_to": (L("reports to"), L("is reported to by")),
    "influences": (L("influences"), L("is influenced by")),
    "conflict": (L("is in conflict with"), L("is in conflict with")),
    "knows": (L("knows"), L("knows")),
    "guardian_of": (L("is guardian of"), L("is in the care of")),
    "family": (L("is family of"), L("is family of")),
    "assistant_of": (L("assists"), L("is assisted by")),
    "partner_of": (L("works with"), L("works with")),
    "supplier_of": (L("supplies"), L("is supplied by")),
    "referred": (L("was referred by"), L("referred")),
    "owns": (L("owns"), L("is owned by")),
}
RELATIONS = tuple((key, words[0]) for key, words in WORDS.items())
BOTH_WAYS = frozenset({"conflict", "knows", "family", "partner_of"})


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
    note = fields.Text(L("Note"), most=200, column=True, personal=True)
    pays = fields.Flag(L("Pays"), help=L("A guardian who pays for the other."))
    may_contact = fields.Flag(L("May be contacted"), help=L("A guardian who may be written to and called."))

    class Meta:
        table_name = "relation"
