"""Verbs of the JSON API: ``POST /activities/<id>/done``, ``reopen``, ``move``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from smallcrm.areas.activities.rules import acts
from smallcrm.base import clock
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records.record import Record
from smallcrm.web.api.verbs import Verb


def _moment(body: Mapping[str, Any], name: str) -> dt.datetime | None:
    text = body.get(name)
    if text in (None, ""):
        return None
    try:
        return clock.moment(str(text))
    except ValueError:
        raise Invalid({name: [str(L("Send a moment like 2026-11-21T08:30:00Z."))]}) from None


def _done(actor: Actor, record: Record, body: Mapping[str, Any]) -> Record:
    at = _moment(body, "done_at")
    if at is not None and at > clock.now() + dt.timedelta(minutes=10):
        raise Invalid({"done_at": [str(L("This lies ahead: plan it, and tick it off once it is done."))]})
    return acts.done(actor, record, at=at, outcome=str(body["outcome"]) if body.get("outcome") else None).record


def _reopen(actor: Actor, record: Record, _body: Mapping[str, Any]) -> Record:
    return acts.reopen(actor, record)


def _move(actor: Actor, record: Record, body: Mapping[str, Any]) -> Record:
    text = str(body["to"])
    try:
        to: dt.date | dt.datetime = dt.date.fromisoformat(text) if len(text) == 10 else clock.moment(text)
    except ValueError:
        raise Invalid({"to": [str(L("Send a date, or a moment like 2026-11-21T08:30:00Z."))]}) from None
    return acts.move(actor, record, to=to, later=body.get("later") is True)


VERBS = (
    Verb(
        "activity", "done", _done, "Finish it; the next of a series is made.",
        {"outcome": {"type": "string"}, "done_at": {"type": "string"}},
    ),
    Verb("activity", "reopen", _reopen, "It is not done after all."),
    Verb(
        "activity", "move", _move, "To another day at the time it has, or to a moment.",
        {"to": {"type": "string"}, "later": {"type": "boolean"}}, ("to",),
    ),
)  # fmt: skip
