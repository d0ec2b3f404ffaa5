"""A person's data over the API: given out as a ZIP, and erased, under the same right as in the pages."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from typing import Any

from flask import send_file
from werkzeug.wrappers import Response

from smallcrm.areas.privacy.rules import erasing, exporting, person
from smallcrm.base.errors import Invalid, NotFound
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, personal
from smallcrm.records.record import Record, RecordType, by_name
from smallcrm.web.api.verbs import Verb

IN_MEMORY = 8 * 1024 * 1024  # octets of a ZIP above which it waits in a file without a name


def _find(actor: Actor, kind: RecordType, number: int) -> Record:
    """The person, the bin's too: 404 out of reach and for a company, 403 without the right."""
    record = access.find(actor, kind, number, bin=True)
    return person.find(actor, kind.card.key, int(record.id))


def zipped(actor: Actor, record: Record) -> Response:
    """Everything kept about the person, as a download."""
    out = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  send_file closes it
    exporting.write(actor, record, out)
    out.seek(0)
    return send_file(
        out,
        mimetype="application/zip",
        as_attachment=True,
        download_name=exporting.file_name(record),
        max_age=0,
    )


def _export(actor: Actor, record: Record, _body: Mapping[str, Any]) -> Response:
    return zipped(actor, record)


def _erase(actor: Actor, record: Record, body: Mapping[str, Any]) -> Record:
    confirm = body["confirm"]
    if not isinstance(confirm, str):
        raise Invalid({"confirm": [str(L("This must be text."))]})
    erasing.check(actor, record, confirm)
    erasing.erase(actor, record, also=_also(actor, body.get("also") or []))
    return person.find(actor, record.card.key, int(record.id))


def _also(actor: Actor, named: Any) -> list[Record]:
    """The other records of the same person."""
    wrong = Invalid({"also": [str(L("Send a list of objects, each with a type and an id."))]})
    if not isinstance(named, list):
        raise wrong
    found = []
    for each in named:
        kind = by_name(str(each.get("type"))) if isinstance(each, dict) else None
        number = each.get("id") if isinstance(each, dict) else None
        if kind is None or isinstance(number, bool) or not isinstance(number, int):
            raise wrong
        try:
            found.append(_find(actor, kind, number))
        except NotFound as error:
            raise Invalid({"also": [str(error)]}) from None
    return found


_ALSO = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["type", "id"],
        "properties": {"type": {"type": "string"}, "id": {"type": "integer"}},
    },
}


def verbs() -> tuple[Verb, ...]:
    """For every type that may be about people."""
    return tuple(
        verb
        for key in personal.subject_types()
        for verb in (
            Verb(key, "export", _export, "Everything kept about the person, as a ZIP.", find=_find, gives="application/zip"),
            Verb(
                key, "erase", _erase, "Erase the person for good; the name, typed, confirms it.",
                {"confirm": {"type": "string"}, "also": _ALSO}, ("confirm",), find=_find,
            ),
        )
    )  # fmt: skip
