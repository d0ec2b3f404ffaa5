"""Reviews and actions of a period: what is not done is carried into every later period until it is."""

from __future__ import annotations

from typing import Any

from smallcrm import store
from smallcrm.areas.targets.records import Target, TargetAction, TargetReview
from smallcrm.areas.targets.rules import checking, plans
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, change, leaving
from smallcrm.records.record import Record, RecordType


def _within(kind: RecordType, who: Actor, verb: str) -> tuple[int, ...]:
    """What was said of oneself, of a person or team within reach: seen by whoever sees their figures."""
    if verb != "view" or who.id <= 0:
        return ()
    words = {each.word for each in plans.subjects(who)} | {f"u{who.id}"}
    table = kind._meta.table_name
    rows = store.rows(
        f'SELECT id, whom, user, for_team FROM "{table}" WHERE deleted_at IS NULL ORDER BY id DESC LIMIT 2000'
    )
    return tuple(number for number, whom, user, team in rows if plans.key_of(whom, user, team) in words)


access.also("target_review")(lambda who, verb: _within(TargetReview, who, verb))
access.also("target_action")(lambda who, verb: _within(TargetAction, who, verb))


@access.also("target")
def _led(who: Actor, verb: str) -> tuple[int, ...]:
    """The targets of the teams one leads."""
    if verb not in ("view", "edit"):
        return ()
    teams = who.teams_for(who.scope(Target.card.key, verb))
    if not teams:
        return ()
    sql = "SELECT id FROM target WHERE deleted_at IS NULL AND whom = 'team' AND for_team IN (SELECT value FROM json_each(?))"
    return tuple(number for (number,) in store.rows(sql, [store.json_list(teams)]))


def _of(who: Actor, kind: RecordType, where: str, params: list[Any], order: str) -> list[Record]:
    sql = f'SELECT id FROM "{kind._meta.table_name}" t WHERE deleted_at IS NULL AND {where} ORDER BY {order} LIMIT 200'
    return access.fetch_many(who, kind, [number for (number,) in store.rows(sql, params)])


def _whose(word: str) -> tuple[str, list[Any]]:
    if word == "c":
        return "whom = 'company'", []
    return ("whom = 'team' AND for_team = ?" if word[0] == "t" else "whom = 'user' AND user = ?"), [int(word[1:])]


def reviews(who: Actor, period: str, word: str) -> list[Record]:
    """What was said of a subject's period, the latest first."""
    plans.subject(who, word)
    where, params = _whose(word)
    return _of(who, TargetReview, f"{where} AND period = ?", [*params, period], "id DESC")


def actions(who: Actor, period: str, word: str) -> list[tuple[Record, bool]]:
    """(action, carried over) of a subject's period: its own, and those of earlier ones that are not done."""
    plans.subject(who, word)
    where, params = _whose(word)
    found = _of(who, TargetAction, where, params, "due_on IS NULL, due_on, id")
    last = checking.span_of(period)[1]
    kept = []
    for record in found:
        begun = checking.span_of(str(record.period))  # type: ignore[attr-defined]
        if str(record.period) == period:  # type: ignore[attr-defined]
            kept.append((record, False))
        elif begun[1] < last and not record.done:  # type: ignore[attr-defined]
            kept.append((record, True))
    return kept


def review(who: Actor, period: str, word: str, note: str, *, metric: str = "", follows: str = "") -> Record:
    """Say how a period went. Raises Invalid, NotFound."""
    checking.span_of(period)
    whose = plans.subject(who, word)
    if not note.strip():
        raise Invalid({"note": [str(L("Write what was found."))]})
    return change.create(
        who,
        TargetReview,
        {**whose.columns(), "period": period, "metric": metric or None, "note": note, "follows": follows or None},
    )


def act(
    who: Actor,
    period: str,
    word: str,
    *,
    what: str,
    owner: int | None = None,
    due_on: str | None = None,
    metric: str = "",
) -> Record:
    """Decide on something to be done. Raises Invalid, NotFound, Forbidden."""
    checking.span_of(period)
    whose = plans.subject(who, word)
    given = {**whose.columns(), "period": period, "metric": metric or None, "what": what, "due_on": due_on or None}
    return change.create(who, TargetAction, {**given, **({"owner": owner} if owner else {})})


def finish(who: Actor, record: Record, *, result: str, done: bool = True) -> Record:
    """It is done, and what came of it; or not after all."""
    return change.update(who, record, {"done": done, "result": result or None})


# what somebody was to reach, and what was said of it, stays theirs; what they were to do about it goes on
leaving.goes_along("target")
leaving.goes_along("target_review")
leaving.goes_along("target_action", "coalesce(done, 0) = 0")
