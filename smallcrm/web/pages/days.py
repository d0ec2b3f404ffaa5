"""Choosing the day as of which a record or a list is shown; the pages themselves read ``as_of`` from their address."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import render_template

from smallcrm.base import clock
from smallcrm.records import access
from smallcrm.records.record import RecordType
from smallcrm.web import state
from smallcrm.web.context import actor
from smallcrm.web.pages import pages


@pages.get("/<type:kind>/<int:number>/as-of")
def record_day(kind: RecordType, number: int) -> str:
    """Which day the record's page shall show; from the day it was made on."""
    record = access.find(actor(), kind, number, bin=True)
    return _dialog(f"/{kind.card.name}/{number}", {}, least=clock.day_of(clock.moment(record.created_at)).isoformat())


@pages.get("/<type:kind>/as-of")
def list_day(kind: RecordType) -> str:
    """Which day the list shall show, its filter and order kept."""
    address = urlsplit(state.read(actor(), kind).url(as_of=""))
    return _dialog(address.path, dict(parse_qsl(address.query)))


def _dialog(action: str, carried: dict[str, Any], least: str | None = None) -> str:
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    return render_template(
        "record/_day.html",
        action=action,
        carried=carried,
        least=least,
        day=max(yesterday, least or yesterday),
        most=clock.today().isoformat(),
    )
