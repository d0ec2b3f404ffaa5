"""Contact cards going out: one record's, a selection's, or all that a list shows. The right to export decides."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response as FlaskResponse
from flask import make_response, request
from werkzeug.wrappers import Response

from smallcrm.areas.customers.pages import customers
from smallcrm.areas.customers.pages.consents import _kind
from smallcrm.areas.customers.rules import vcard
from smallcrm.base import clock
from smallcrm.base.errors import Forbidden
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, audit, labels, query, rows
from smallcrm.records.record import RecordType
from smallcrm.web import downloads, state
from smallcrm.web.area import Act, Command
from smallcrm.web.context import actor
from smallcrm.web.pages import bulk

MOST = 20_000
CHUNK = 500


@customers.get("/<any(customers, contacts):name>/<int:number>.vcf")
def one(name: str, number: int) -> Response:
    """One record's card, for the phone that is at hand: whoever sees it may take it."""
    who = actor()
    record = access.find(who, _kind(name), number)
    return _file(vcard.text([vcard.card_of(who, record)]), vcard.file_name(record))


@customers.route("/<any(customers, contacts):name>/export.vcf", methods=["GET", "POST"])
def several(name: str) -> Response:
    """The cards of what is selected, or of what the list shows."""
    who, kind = actor(), _kind(name)
    if who.scope(kind.card.key, "export") is Scope.NONE:
        raise Forbidden(access.refusal(who, "export"))
    ids = _ids(who, kind)
    audit.log(who, "export", record_type=kind.card.key, detail={"format": "vcf", "count": len(ids)})
    return _file("".join(_texts(who, kind, ids)), f"{name}-{clock.today().isoformat()}.vcf")


def _ids(who: Actor, kind: RecordType) -> list[int]:
    chosen = request.values.get("everything") == "1" or request.values.getlist("id")
    found = bulk.selection(who, kind).chunks(who) if chosen else query.ids(state.read(who, kind).ask(), chunk=CHUNK)
    ids: list[int] = []
    for chunk in found:
        allowed = access.within(who, kind, chunk, "export")
        ids += [each for each in chunk if each in allowed]
        if len(ids) > MOST:
            raise Forbidden(L("At most %(n)s cards at once. Narrow the list down.", n=MOST))
    return ids


def _texts(who: Actor, kind: RecordType, ids: list[int]) -> Iterator[str]:
    for start in range(0, len(ids), CHUNK):
        held = rows.load(kind, ids[start : start + CHUNK])
        names = kind._meta.columns
        for number in ids[start : start + CHUNK]:
            record = kind(**{name: value for name, value in held[number].items() if name in names})
            yield vcard.text([vcard.card_of(who, record)])


def _file(text: str, name: str) -> FlaskResponse:
    response = make_response(text.encode("utf-8", "ignore"))
    response.headers["Content-Type"] = "text/vcard; charset=utf-8"
    return downloads.saved_as(response, name)


@customers.post("/<any(customers, contacts):name>/vcards")
def dialog(name: str) -> str:
    """How many cards, and the button that downloads them."""
    who, kind = actor(), _kind(name)
    if who.scope(kind.card.key, "export") is Scope.NONE:
        raise Forbidden(access.refusal(who, "export"))
    return bulk.dialog("customers/_vcards.html", kind, bulk.selection(who, kind), who, many=labels.many(kind))


ACTS = (
    Act("contact", "vcards", L("Contact cards"), "download", "/contacts/vcards", bulk=True, verb="export", order=80),
    Act("customer", "vcards", L("Contact cards"), "download", "/customers/vcards", bulk=True, verb="export", order=80),
)
COMMANDS = (
    Command(
        "contact-cards",
        L("Contacts as cards (.vcf)"),
        "download",
        "/contacts/export.vcf",
        type="contact",
        verb="export",
    ),
)
