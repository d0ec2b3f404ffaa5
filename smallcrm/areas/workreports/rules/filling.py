"""What a report is filled in with ahead: figures with the records behind them, and words to begin from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smallcrm import store
from smallcrm.areas.activities.records import Activity
from smallcrm.areas.activities.rules.states import local_time
from smallcrm.areas.workreports.rules import periods
from smallcrm.areas.workreports.rules.periods import Period
from smallcrm.base import clock, formats
from smallcrm.base.i18n import Label
from smallcrm.identity.actor import Actor
from smallcrm.records import access, doings
from smallcrm.records.doings import DONE, PLANNED
from smallcrm.records.record import by_key

PROPOSED = 25  # lines of words


@dataclass(frozen=True)
class Figure:
    """One line of a report's figures."""

    key: str
    label: Label
    icon: str
    count: int
    minutes: int
    amount: int | None
    records: tuple[tuple[str, int], ...]


def figures(user: int, period: Period, tense: str = DONE) -> list[Figure]:
    """The figures as they are now, the lines that say something."""
    start, end = periods.moments(period)
    found = []
    for line in doings.lines(tense):
        doing = line.look(user, start, end)
        if doing.count or doing.amount:
            found.append(
                Figure(line.key, line.label, line.icon, doing.count, doing.minutes, doing.amount, tuple(doing.records))
            )
    return found


def freeze(report: int, user: int, period: Period) -> None:
    """Keep the figures of a report that is handed in. Inside ``writing``."""
    lines = [[f.key, f.count, f.minutes, f.amount, [list(r) for r in f.records]] for f in figures(user, period)]
    store.run(
        "INSERT OR REPLACE INTO work_report_brief (report, at, lines) VALUES (?, ?, ?)",
        [report, clock.stamp(), json.dumps(lines)],
    )


def of_report(report: Any, period: Period) -> list[Figure]:
    """A report's figures: as they were when it was handed in, else as they are."""
    held = store.row("SELECT lines FROM work_report_brief WHERE report = ?", [report.id])
    if held is None or not report.__data__.get("handed_in_at"):
        return figures(int(report.owner or 0), period)
    found = []
    for key, count, minutes, amount, records in json.loads(held[0]):
        line = doings.named(key)
        label, icon = (line.label, line.icon) if line else (key, "")
        found.append(
            Figure(key, label, icon, count, minutes, amount, tuple((kind, number) for kind, number in records))
        )
    return found


def names(actor: Actor, found: Sequence[Figure]) -> dict[tuple[str, int], tuple[str, str]]:
    """(type, id) → (what it is called, its address), of the records within the reader's reach."""
    wanted: dict[str, set[int]] = {}
    for figure in found:
        for key, number in figure.records:
            wanted.setdefault(key, set()).add(number)
    said: dict[tuple[str, int], tuple[str, str]] = {}
    for key, ids in wanted.items():
        try:
            kind = by_key(key)
        except KeyError:
            continue
        told = _activities(actor, ids) if key == "activity" else access.names(actor, key, ids)
        said |= {(key, number): (name, f"/{kind.card.name}/{number}") for number, name in told.items()}
    return said


def _activities(actor: Actor, ids: set[int]) -> Mapping[int, str]:
    """With whom, beside what."""
    found = access.fetch_many(actor, Activity, sorted(ids))
    customers = access.names(actor, "customer", {each.__data__["customer"] for each in found})
    told = {}
    for each in found:
        customer = customers.get(each.__data__["customer"] or 0, "")
        told[int(each.id)] = " · ".join(part for part in (customer, str(each.__data__["subject"])) if part)
    return told


# ---------------------------------------------------------------- words to begin from


def proposed(actor: Actor, period: Period, following: Period) -> dict[str, str]:
    """Words for *done* and *planned next*: a line for each thing, to be mended."""
    return {
        "done": _words(actor, figures(actor.id, period)),
        "plan": _words(actor, figures(actor.id, following, PLANNED), when=True),
    }


def _words(actor: Actor, found: Sequence[Figure], *, when: bool = False) -> str:
    ids = [number for figure in found for key, number in figure.records if key == "activity"][:PROPOSED]
    told = _activities(actor, set(ids))
    due = {}
    if when and ids:
        sql = "SELECT id, due_at, all_day FROM activity WHERE id IN (SELECT value FROM json_each(?))"
        due = {number: (at, all_day) for number, at, all_day in store.rows(sql, [store.json_list(ids)]) if at}
    return "\n".join(f"- {_when(due.get(number))}{told[number]}" for number in ids if number in told)


def _when(due: tuple[str, Any] | None) -> str:
    if due is None:
        return ""
    at, all_day = due
    day = formats.near_date(clock.day_of(clock.moment(at)))
    return f"{day}: " if all_day else f"{day} {local_time(at):%H:%M}: "


__all__ = ["Figure", "figures", "freeze", "names", "of_report", "proposed"]
