"""The score of a lead: the points of every rule that fits, from 0 to 100, a tenth less for each week in which nothing happened.

Computed in one place, set-wise: as a lead changes, as it is followed up, as a rule changes, and every night.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from smallcrm import store
from smallcrm.areas.leads.records import OPEN, Lead, ScoreRule
from smallcrm.areas.leads.rules import conditions, learning
from smallcrm.base import clock
from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import L
from smallcrm.identity.actor import SYSTEM
from smallcrm.jobs import work
from smallcrm.jobs.work import Progress
from smallcrm.records import cache, derive, events, later, questions, rows
from smallcrm.records.drafts import Draft

CHUNK = 500
AT_ONCE = 2000  # leads brought up to date while somebody waits
KEPT = 0.9  # of the score, for each idle week
TOP = 100


@dataclass(frozen=True)
class Score:
    """A score and how it came about. ``value`` is None while there are no rules."""

    value: int | None = None
    points: tuple[tuple[str, int], ...] = ()  # (rule, points)
    weeks: int = 0
    full: int = 0  # before the idle weeks

    @property
    def lost(self) -> int:
        """What the idle weeks took."""
        return self.full - (self.value or 0)


def faded(points: int, weeks: int) -> int:
    """The points as a score after so many idle weeks, rounded half up."""
    full = max(0, min(TOP, points))
    return int(full * KEPT ** max(0, weeks) + 0.5)


def idle_weeks(values: Mapping[str, Any], today: dt.date | None = None) -> int:
    """The full weeks since the last follow-up, since it came in where there is none."""
    last = max(str(values.get("last_follow_up_at") or ""), str(values.get("created_at") or ""))
    if not last:
        return 0
    return max(0, ((today or clock.today()) - clock.day_of(clock.moment(last))).days // 7)


@cache.kept
def _stored() -> tuple[dict[str, Any], ...]:
    ids = [
        i
        for (i,) in store.rows(
            "SELECT id FROM score_rule WHERE active = 1 AND deleted_at IS NULL ORDER BY position, id"
        )
    ]
    held = rows.load(ScoreRule, ids)
    return tuple(held[i] for i in ids)


@derive.on("score_rule")
def rules_changed(_drafts: list[Draft]) -> None:
    """Looked up anew."""
    cache.bump()


@dataclass
class _Book:
    """The points of some leads, rule by rule."""

    points: dict[int, list[tuple[str, int]]] = field(default_factory=dict)
    any_rule: bool = False


def _book(ids: Sequence[int]) -> _Book:
    found = _Book({i: [] for i in ids}, bool(_stored()))
    for rule in _stored():
        try:
            asked = conditions.compiled(rule)
        except BadRequest:
            continue  # said on the rule's own page
        for number in conditions.fitting(asked, ids) if asked else ids:
            found.points[number].append((str(rule["name"]), int(rule["points"] or 0)))
    return found


def of(lead: Mapping[str, Any]) -> Score:
    """The score of a lead that stands there, with its reasons."""
    number = int(lead["id"])
    return _score(lead, _book([number]))


def _score(lead: Mapping[str, Any], book: _Book) -> Score:
    if not book.any_rule:
        return Score()
    mine = tuple(book.points[int(lead["id"])])
    total, weeks = sum(n for _, n in mine), idle_weeks(lead)
    return Score(faded(total, weeks), mine, weeks, faded(total, 0))


# ---------------------------------------------------------------- keeping it


def refresh(ids: Iterable[int]) -> int:
    """Bring score and chance of the open ones among these up to date; how many changed. Inside ``writing``."""
    wanted, changed = sorted(set(ids)), 0
    model = learning.latest()
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        held = rows.load(Lead, chunk, "t.deleted_at IS NULL AND t.status IN ('unassigned', 'todo', 'following')")
        book = _book(list(held))
        fresh: dict[int, dict[str, Any]] = {}
        for number, values in held.items():
            found = {"score": _score(values, book).value, "chance": learning.percent(model, values)}
            if any(values[name] != value for name, value in found.items()):
                fresh[number] = found
        derive.put(Lead, fresh)
        changed += len(fresh)
    return changed


@derive.on("lead")
def leads_changed(drafts: list[Draft]) -> None:
    """It is new, or something about it changed."""
    touched = {d.id: d for d in drafts if d.live_after and d.after.get("status") in OPEN}
    if not touched or later.put_off(refresh, touched):
        return
    refresh(touched)
    for number, held in rows.load(Lead, touched, only=("id", "score", "chance")).items():
        touched[number].after.update(score=held["score"], chance=held["chance"])


@questions.on_change("lead")
def followed(ids: list[int]) -> None:
    """A follow-up came or went: the weeks are counted from it."""
    if not later.put_off(refresh, ids):
        refresh(ids)


def open_ids(after: int = 0, limit: int = CHUNK) -> list[int]:
    """Open leads, ascending."""
    marks = ", ".join(f"'{state}'" for state in OPEN)
    sql = f"SELECT id FROM lead WHERE id > ? AND status IN ({marks}) AND deleted_at IS NULL ORDER BY id LIMIT ?"
    return [i for (i,) in store.rows(sql, [after, limit])]


def refresh_all() -> int:
    """Every open lead, a short transaction at a time; how many changed."""
    last = changed = 0
    while chunk := open_ids(last):
        with store.writing():
            changed += refresh(chunk)
        last = chunk[-1]
    return changed


@events.on_change("score_rule")
def rules_saved(_drafts: list[Draft]) -> None:
    """Everything open is counted anew: at once where it is little, else in the background."""
    if len(open_ids(limit=AT_ONCE + 1)) <= AT_ONCE:
        refresh_all()
        return

    def run(_progress: Progress) -> dict[str, Any]:
        return {"changed": refresh_all()}

    work.start("leads", L("Scores of the leads"), SYSTEM.id, run, quick=True)


def nightly() -> dict[str, Any]:
    """Learn from the closed leads, then count every open one anew."""
    learned = learning.learn()  # takes seconds: nobody waits for it
    with store.writing():
        model = learning.keep(learned)
    return {"changed": refresh_all(), "learned_from": model.n if model else 0, "shown": bool(model and model.shown)}
