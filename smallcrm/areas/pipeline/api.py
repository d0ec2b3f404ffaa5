"""Verbs of the JSON API: ``POST /opportunities/<id>/move``, ``win``, ``lose``, ``invalidate``, ``reopen``, ``tick``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smallcrm.areas.pipeline.rules import moving
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records.record import Record
from smallcrm.web.api.verbs import Verb

_END = {
    "closed_on": {"type": "string"}, "close_reason": {"type": "string"}, "close_note": {"type": "string"},
}  # fmt: skip
_LOST = {**_END, "lost_to": {"type": "integer"}, "ask_again_on": {"type": "string"}}


def _stage(body: Mapping[str, Any]) -> int:
    found = body.get("stage")
    if isinstance(found, bool) or not isinstance(found, int):
        raise Invalid({"stage": [str(L("Send the id of a stage."))]})
    return found


def _move(actor: Actor, record: Record, body: Mapping[str, Any]) -> Record:
    return moving.move(actor, record, stage=_stage(body))


def _win(actor: Actor, record: Record, body: Mapping[str, Any]) -> Record:
    return moving.win(actor, record, **{name: body[name] for name in (*_END, "amount") if name in body})


def _lose(actor: Actor, record: Record, body: Mapping[str, Any]) -> Record:
    return moving.lose(actor, record, **{name: body[name] for name in _LOST if name in body})


def _invalidate(actor: Actor, record: Record, body: Mapping[str, Any]) -> Record:
    return moving.invalidate(actor, record, **{name: body[name] for name in ("close_note",) if name in body})


def _reopen(actor: Actor, record: Record, body: Mapping[str, Any]) -> Record:
    return moving.reopen(actor, record, reason=str(body["reason"]), stage=_stage(body) if "stage" in body else None)


def _tick(actor: Actor, record: Record, body: Mapping[str, Any]) -> Record:
    return moving.tick(actor, record, item=str(body["item"]), done=body.get("done") is not False)


VERBS = (
    Verb("opportunity", "move", _move, "To another stage; its gate holds.", {"stage": {"type": "integer"}}, ("stage",)),
    Verb("opportunity", "win", _win, "It is won.", {**_END, "amount": {"type": ["string", "number"]}}),
    Verb("opportunity", "lose", _lose, "It is lost.", _LOST),
    Verb("opportunity", "invalidate", _invalidate, "It never was one.", {"close_note": {"type": "string"}}),
    Verb("opportunity", "reopen", _reopen, "Open again: for who leads others.", {"reason": {"type": "string"}, "stage": {"type": "integer"}}, ("reason",)),
    Verb("opportunity", "tick", _tick, "Tick off what its stage asks for.", {"item": {"type": "string"}, "done": {"type": "boolean"}}, ("item",)),
)  # fmt: skip
