"""Verbs of the JSON API: ``POST /visits/<id>/check-in``, ``check-out``, ``cancel``, ``reinstate``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smallcrm.areas.visits.rules import acts, checking, positions
from smallcrm.areas.visits.rules.checking import Evidence
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records.record import Record
from smallcrm.web.api.verbs import Verb

_NUMBER = {"type": ["number", "string", "null"]}
_TEXT = {"type": ["string", "null"]}
_WHERE = {"latitude": _NUMBER, "longitude": _NUMBER, "accuracy": _NUMBER}


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise Invalid({name: [str(L("This must be text."))]})
    return value or ""


def _evidence(body: Mapping[str, Any]) -> Evidence:
    found = [body.get(name) for name in _WHERE]
    if any(isinstance(each, bool | list | dict) for each in found):
        raise Invalid({"latitude": [str(L("This is no position."))]})
    return Evidence(positions.read(*found), _text(body, "reason"))


def _check_in(actor: Actor, record: Record, body: Mapping[str, Any]) -> Record:
    return checking.check_in(
        actor, record, evidence=_evidence(body), confirmed=body.get("confirm") is True,
        sets_point=body.get("set_point") is True,
    )  # fmt: skip


def _check_out(actor: Actor, record: Record, body: Mapping[str, Any]) -> Record:
    minutes = body.get("minutes")
    if minutes is not None and (
        isinstance(minutes, bool) or not isinstance(minutes, int) or not 0 <= minutes <= checking.LONGEST
    ):
        raise Invalid({"minutes": [str(L("This is no number of minutes."))]})
    return checking.check_out(
        actor, record, report=_text(body, "report"), outcome=_text(body, "outcome")[:120], evidence=_evidence(body),
        minutes=minutes,
    )  # fmt: skip


def _cancel(actor: Actor, record: Record, body: Mapping[str, Any]) -> Record:
    return acts.cancel(actor, record, reason=_text(body, "reason"), series=body.get("series") is True)


def _reinstate(actor: Actor, record: Record, _body: Mapping[str, Any]) -> Record:
    return acts.reinstate(actor, record)


VERBS = (
    Verb("visit", "check-in", _check_in, "Arrive: with a position, or a reason where there is none; out of range only confirmed.",
         {**_WHERE, "reason": _TEXT, "confirm": {"type": "boolean"}, "set_point": {"type": "boolean"}}),
    Verb("visit", "check-out", _check_out, "Leave, with the report that becomes the follow-up.",
         {**_WHERE, "reason": _TEXT, "report": _TEXT, "outcome": _TEXT, "minutes": {"type": ["integer", "null"]}}),
    Verb("visit", "cancel", _cancel, "It does not take place; a begun one says why.",
         {"reason": _TEXT, "series": {"type": "boolean"}}),
    Verb("visit", "reinstate", _reinstate, "It takes place after all."),
)  # fmt: skip
