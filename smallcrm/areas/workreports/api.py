"""Verbs of the JSON API: ``POST /work-reports/<id>/hand-in``, ``read``, ``comment``, ``like``, ``unlike``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smallcrm.areas.workreports.records import WorkReport
from smallcrm.areas.workreports.rules import acts
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access
from smallcrm.records.record import Record
from smallcrm.web.api.verbs import Verb


def _again(actor: Actor, record: Record) -> Record:
    return access.find(actor, WorkReport, int(record.id))


def _hand_in(actor: Actor, record: Record, _body: Mapping[str, Any]) -> Record:
    return acts.hand_in(actor, record)


def _read(actor: Actor, record: Record, _body: Mapping[str, Any]) -> Record:
    acts.read(actor, record)
    return _again(actor, record)


def _comment(actor: Actor, record: Record, body: Mapping[str, Any]) -> Record:
    if not isinstance(body.get("text"), str):
        raise Invalid({"text": [str(L("This must be text."))]})
    acts.comment(actor, record, body["text"])
    return _again(actor, record)


def _like(actor: Actor, record: Record, _body: Mapping[str, Any]) -> Record:
    acts.like(actor, record, on=True)
    return _again(actor, record)


def _unlike(actor: Actor, record: Record, _body: Mapping[str, Any]) -> Record:
    acts.like(actor, record, on=False)
    return _again(actor, record)


VERBS = (
    Verb("work_report", "hand-in", _hand_in, "Give it to its readers; its figures stay as they are now."),
    Verb("work_report", "read", _read, "Note that one has read it."),
    Verb("work_report", "comment", _comment, "Say something to it.", {"text": {"type": "string"}}, ("text",)),
    Verb("work_report", "like", _like, "Like it."),
    Verb("work_report", "unlike", _unlike, "No longer."),
)
