"""Erasing a person: first the list of what goes, what is redacted, what stays, why and until when; then the name typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.privacy.pages import privacy
from smallcrm.areas.privacy.pages.people import PERSON, address, found
from smallcrm.areas.privacy.rules import erasing, person, preview
from smallcrm.base import ids
from smallcrm.base.errors import Invalid, SmallcrmError
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import Actor
from smallcrm.jobs import work
from smallcrm.jobs.work import Progress
from smallcrm.records.record import Record, title
from smallcrm.web.context import actor

KIND = "erase"


@privacy.get(f"{PERSON}/erase")
def erase_page(name: str, number: int) -> str | Response:
    """The list."""
    record = found(name, number)
    if erasing.is_erased(record):
        return redirect(address(record))
    return _page(record, {})


def _page(record: Record, errors: Any) -> str:
    return render_template(
        "privacy/erase.html",
        record=record,
        name=title(record),
        base=address(record),
        preview=preview.of(actor(), record),
        errors=errors,
        chosen=request.form.getlist("also"),
    )


@privacy.post(f"{PERSON}/erase")
def erase(name: str, number: int) -> Response | tuple[str | Response, int]:
    """Do it, as a long work: everything is looked through."""
    who, record = actor(), found(name, number)
    also = [(each.card.key, int(each.id)) for each in _also()]
    try:
        erasing.check(who, record, request.form.get("confirm", ""))
    except Invalid as error:
        return _page(record, error.errors), 422
    return redirect(f"/works/{start(who, (record.card.key, number), also)}", 303)


def _also() -> list[Record]:
    """The other records of the same person that were ticked."""
    several = []
    for each in request.form.getlist("also"):
        name, _, rest = each.rpartition("-")
        if number := ids.number(rest):
            several.append(found(name, number))
    return several


def start(who: Actor, one: tuple[str, int], also: Sequence[tuple[str, int]]) -> int:
    """Erase in the background; the work's id. Nothing it says names the person."""

    def run(progress: Progress) -> dict[str, Any]:
        record = person.find(who, *one)
        done = erasing.erase(who, record, also=[person.find(who, *each) for each in also], step=progress.step)
        parts = [ngettext("%(n)s record emptied.", "%(n)s records emptied.", done["records"])]
        if done["texts"]:
            parts.append(
                ngettext(
                    "Taken out of the text of %(n)s other.", "Taken out of the texts of %(n)s others.", done["texts"]
                )
            )
        return {"message": " ".join(parts), "links": [[str(L("What was erased")), address(record)]]}

    return work.start(KIND, L("Erase personal data"), who.id, run)


__all__ = ["SmallcrmError", "erase", "erase_page", "start"]
