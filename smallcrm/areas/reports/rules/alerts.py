"""Alerts: each receiver's own figure is looked at, and told once whenever it crosses the threshold."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from smallcrm import store
from smallcrm.areas.reports.records import Alert
from smallcrm.areas.reports.rules import figures as named
from smallcrm.base import clock, formats, money
from smallcrm.base.errors import Invalid, SmallcrmError
from smallcrm.base.i18n import L, _, speaking
from smallcrm.identity.actor import SYSTEM, Actor, actor_of
from smallcrm.jobs import notices
from smallcrm.records import access, change, figures, rates, settings
from smallcrm.records.fields.links import parts
from smallcrm.records.figures import Result, words
from smallcrm.records.record import Record, values

log = logging.getLogger(__name__)
notices.declare({"alert": L("A figure crosses a threshold")})
_looked: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Looked:
    """An alert as one person has it."""

    alert: Record
    user: int
    name: str
    value: Decimal | None
    crossed: bool
    said: str
    threshold: str


def threshold(record: Record) -> Decimal:
    """In the figure's unit: whole units of the company's currency, per cent, days, or a count."""
    return Decimal(int(values(record)["threshold"] or 0)).scaleb(-2)


def look(actor: Actor, record: Record) -> Looked:
    """How the alert stands for this person. Raises what a figure raises that cannot be worked out."""
    held = values(record)
    found = named.find(actor, str(held["figure"]))
    result = figures.ask(actor, found.spec)
    plain = words.plain(result.total.value, result.measure, result.currency)
    value = None if plain is None else Decimal(plain)
    border = threshold(record)
    crossed = value is not None and (value < border if held["side"] == "below" else value > border)
    return Looked(
        record,
        actor.id,
        found.name,
        value,
        crossed,
        words.value(result.total.value, result.measure, result.currency),
        said(result, border),
    )


def said(result: Result, border: Decimal) -> str:
    """The threshold with the figure's unit."""
    if result.measure.unit == "money":
        return formats.currency(money.minor(border, result.currency), result.currency)
    return f"{formats.number(border)}%" if result.measure.unit == "percent" else formats.number(border)


def receivers(record: Record) -> list[int]:
    """Who hears of it: those named, else its owner."""
    held = values(record)
    return [number for key, number in map(parts, held.get("recipients") or ()) if key == "user"] or [
        int(held["owner"] or 0)
    ]


def enabled() -> list[Record]:
    """Every alert that is switched on."""
    ids = [
        number for (number,) in store.rows("SELECT id FROM alert WHERE enabled = 1 AND deleted_at IS NULL ORDER BY id")
    ]
    return access.fetch_many(SYSTEM, Alert, ids)


def due(_now: dt.datetime) -> bool:
    """Whether anything was written since the last look, or another day has begun."""
    if not store.value("SELECT 1 FROM alert WHERE enabled = 1 AND deleted_at IS NULL LIMIT 1"):
        return False
    return _mark() != _looked


def _mark() -> tuple[Any, ...]:
    return (store.folder(), store.value("SELECT max(id) FROM change_set"), clock.today())


def check() -> dict[str, object]:
    """Look at every alert; tell whoever's figure has crossed since the last look."""
    global _looked
    mark, told, looked_at = _mark(), 0, 0
    for record in enabled():
        for user in receivers(record):
            actor = actor_of(user) if user else None
            if actor is None:
                continue
            looked_at += 1
            try:
                with speaking(actor.language):
                    told += _settle(look(actor.acting("job"), record))
            except SmallcrmError as error:
                log.warning("alert %d of user %d: %s", record.id, user, error)
    _looked = mark
    return {"looked": looked_at, "told": told}


def _settle(found: Looked) -> int:
    """Keep how it stands; tell where it has just crossed. 1 where somebody was told."""
    number, user = int(found.alert.id), found.user
    held = values(found.alert)
    asked = _asked(held)
    row = store.row("SELECT crossed, crossings, asked FROM alert_state WHERE alert = ? AND user = ?", [number, user])
    before, crossings = (bool(row[0]) and row[2] == asked, int(row[1])) if row else (False, 0)
    news = found.crossed and not before
    if row and not news and before == found.crossed and row[2] == asked:
        return 0
    prepared = _word(found, crossings + 1) if news else None
    with store.writing():
        store.run(
            "INSERT INTO alert_state (alert, user, crossed, value, at, crossings, asked) VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (alert, user) DO UPDATE SET crossed = excluded.crossed, value = excluded.value, at = excluded.at,"
            " crossings = excluded.crossings, asked = excluded.asked",
            [
                number,
                user,
                int(found.crossed),
                None if found.value is None else str(found.value),
                clock.stamp(),
                crossings + news,
                asked,
            ],
        )
        if news or before != found.crossed:
            store.run(
                "INSERT INTO alert_crossing (alert, user, at, crossed, value) VALUES (?, ?, ?, ?, ?)",
                [number, user, clock.stamp(), int(found.crossed), found.said],
            )
        if news:
            notices.put(prepared)
    return int(news)


def _word(found: Looked, crossing: int) -> notices.Prepared | None:
    held = values(found.alert)
    below = held["side"] == "below"

    def body() -> str:
        said = (
            _("“%(figure)s” has fallen below %(threshold)s.", figure=found.name, threshold=found.threshold)
            if below
            else _("“%(figure)s” has risen above %(threshold)s.", figure=found.name, threshold=found.threshold)
        )
        return f"{said}\n{held['note']}" if held.get("note") else said

    return notices.prepare(
        found.user, "alert", title=lambda: _("%(name)s: %(value)s", name=held["name"], value=found.said), body=body,
        link=f"/figure?ref={held['figure']}", channels=("mail",), key=f"alert/{found.alert.id}/{crossing}",
    )  # fmt: skip


def state(record: Record, user: int) -> tuple[bool, str] | None:
    """(crossed, since when) as it was last looked at."""
    row = store.row("SELECT crossed, at FROM alert_state WHERE alert = ? AND user = ?", [record.id, user])
    return (bool(row[0]), str(row[1])) if row else None


def crossings(record: Record, user: int, most: int = 5) -> list[tuple[str, bool, str]]:
    """(when, whether it was crossed then or came back, the figure as it was said) for somebody, the latest first."""
    sql = "SELECT at, crossed, value FROM alert_crossing WHERE alert = ? AND user = ? ORDER BY id DESC LIMIT ?"
    return [(at, bool(crossed), value or "") for at, crossed, value in store.rows(sql, [record.id, user, most])]


def need_single(actor: Actor, ref: str) -> None:
    """Raise Invalid for a figure that is no single number, or none at all."""
    try:
        found = named.find(actor, ref)
    except SmallcrmError as error:
        raise Invalid({"figure": [str(error)]}) from None
    if found.spec.by:
        raise Invalid({"figure": [str(L("An alert needs a figure that is one number, without groups."))]})


@rates.on_anew
def in_another_currency(old: str, factor: Decimal | None) -> None:
    """Thresholds of amounts, in whole units of the company's new currency. One that is crossed stays so: nobody is told anew."""
    if factor is None:
        return
    whole = factor.scaleb(money.digits(old) - money.digits(settings.money_currency()))
    ids = [number for (number,) in store.rows("SELECT id FROM alert WHERE deleted_at IS NULL")]
    for record in access.fetch_many(SYSTEM, Alert, ids):
        held = values(record)
        actor = actor_of(int(held["owner"] or 0))
        try:
            if actor is None or figures.ask(actor, named.find(actor, str(held["figure"])).spec).measure.unit != "money":
                continue
        except SmallcrmError:
            continue
        now = change.update(SYSTEM, record, {"threshold": f"{round(threshold(record) * whole, 2):f}"}, trusted=True)
        store.run("UPDATE alert_state SET asked = ? WHERE alert = ?", [_asked(values(now)), record.id])


def _asked(held: Mapping[str, Any]) -> str:
    """What is asked: another figure, side or threshold begins anew."""
    return f"{held['figure']} {held['side']} {held['threshold']}"
