"""May we write to her? Consent per purpose and channel, the last word of each; who may not be asked and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from smallcrm.areas.customers.records.choices import CHANNELS, PURPOSES
from smallcrm.base import clock, formats
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L, Label
from smallcrm.identity.actor import Actor
from smallcrm.records import change, fields, rows, settings
from smallcrm.records.record import Record, by_key, values

settings.declare(
    "customers",
    {
        "customers.ask_consent": (
            fields.Choice(
                L("Advertising needs consent"),
                [("people", L("from people")), ("all", L("from people and companies")), ("none", L("from nobody"))],
                required=True,
            ),
            "people",
        ),
        "customers.consent_age": (fields.Number(L("Age from which one consents oneself"), least=0, most=21), 15),
    },
)

Stopper = Callable[[Record], Label | None]
_stoppers: list[Stopper] = []


def stops(function: Stopper) -> Stopper:
    """Register a reason for which nobody may write to a record at all: the area that keeps such requests says it."""
    _stoppers.append(function)
    return function


def may_contact(record: Record, purpose: str, channel: str) -> tuple[bool, Label]:
    """Whether the contact or customer may be approached for the purpose by the channel, and why."""
    stopped = _stopped(record)
    return (False, stopped) if stopped else _allowed(record, purpose, channel)


def _stopped(record: Record) -> Label | None:
    return next((reason for stopper in _stoppers if (reason := stopper(record))), None)


def _allowed(record: Record, purpose: str, channel: str) -> tuple[bool, Label]:
    held = values(record)
    if not _address(held, channel):
        return False, L("There is nothing to reach them by.")
    row = latest(held, purpose, channel)
    if row is not None:
        return _said(row)
    if record.card.key == "contact" and held.get("customer"):
        customer = rows.load(by_key("customer"), [held["customer"]]).get(held["customer"], {})
        over = latest(customer, purpose, channel)
        if over is not None and over["state"] == "withdrawn":
            return _said(over)
    return _unasked(record.card.key, held, purpose)


def _said(row: Mapping[str, Any]) -> tuple[bool, Label]:
    on = formats.date(row.get("on"), year=True)
    if row["state"] == "withdrawn":
        return False, L("Consent was withdrawn on %(day)s.", day=on) if on else L("Consent was withdrawn.")
    return True, L("Consent was given on %(day)s.", day=on) if on else L("Consent was given.")


def _unasked(key: str, held: Mapping[str, Any], purpose: str) -> tuple[bool, Label]:
    if purpose == "service":
        return True, L("It is needed for what was agreed; no consent is asked for.")
    whom = settings.get("customers.ask_consent")
    if whom == "none":
        return True, L("Consent is asked from nobody here.")
    if whom == "people" and key == "customer" and held.get("kind") != "person":
        return True, L("It is a company; consent is asked from people only.")
    if is_child(held.get("birthday")):
        return False, L("Not of age: a guardian has to consent.")
    return False, L("There is no consent on file.")


def is_child(birthday: str | None) -> bool:
    """Whether somebody born on that day (ISO) is too young to consent."""
    age = settings.get("customers.consent_age")
    if not birthday or not age:
        return False
    born, today = dt.date.fromisoformat(birthday), clock.today()
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day)) < int(age)


_REACHED_BY: dict[str, Sequence[str]] = {
    "phone": ("phone", "mobile", "phones"), "sms": ("mobile", "phone", "phones"), "email": ("email", "emails"),
    "wechat": ("wechat",),
}  # fmt: skip


def _address(held: Mapping[str, Any], channel: str) -> bool:
    names = _REACHED_BY.get(channel)
    return names is None or any(held.get(name) for name in names)


def latest(held: Mapping[str, Any], purpose: str, channel: str) -> dict[str, Any] | None:
    """The last word on a purpose and channel: by its day, among those of one day by its place."""
    found = [row for row in held.get("consents") or () if (row["purpose"], row["channel"]) == (purpose, channel)]
    return max(enumerate(found), key=lambda each: (each[1].get("on") or "", each[0]))[1] if found else None


def table(record: Record) -> list[tuple[str, Label, list[tuple[str, Label, bool, Label]]]]:
    """Purpose by purpose: (key, label, [(channel, label, may, why)]) of the channels that lead anywhere or were spoken of."""
    held, stopped = values(record), _stopped(record)
    found: list[tuple[str, Label, list[tuple[str, Label, bool, Label]]]] = []
    for purpose, label in PURPOSES:
        line: list[tuple[str, Label, bool, Label]] = [
            (channel, words, *((False, stopped) if stopped else _allowed(record, purpose, channel)))
            for channel, words in CHANNELS
            if (channel in _REACHED_BY and _address(held, channel)) or latest(held, purpose, channel)
        ]
        found.append((purpose, label, line))
    return found


def note(
    actor: Actor, record: Record, *, purpose: str, channels: Sequence[str], state: str, on: str | None, how: str = ""
) -> Record:
    """Write down that consent was given or withdrawn, for one or several channels. Raises Invalid, Forbidden."""
    if not channels:
        raise Invalid({"channels": [str(L("Choose at least one."))]})
    try:
        day = dt.date.fromisoformat(on) if on else clock.today()
    except ValueError:
        raise Invalid({"on": [str(L("This is no date."))]}) from None
    if day > clock.today():
        raise Invalid({"on": [str(L("That day has not come yet."))]})
    held = [*(values(record).get("consents") or ())]
    said = {"purpose": purpose, "state": state, "on": day.isoformat(), "how": how or None}
    fresh = [{**said, "channel": each} for each in channels]
    return change.update(actor, record, {"consents": [*held, *fresh]})
