"""What a manager expects instead of the sum, for a person, a team or the company in a period. Every word is kept; the last counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from smallcrm import store
from smallcrm.areas.forecast.rules import periods
from smallcrm.areas.forecast.rules.figures import CATEGORIES, across, table
from smallcrm.areas.forecast.rules.which import Which
from smallcrm.areas.people import roles
from smallcrm.base import clock, money
from smallcrm.base.errors import Forbidden, Invalid, NotFound
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import audit, rates, settings

NOTE = 500  # characters

audit.declare({"forecast override": L("What is expected said, or taken back")})


@dataclass(frozen=True)
class Subject:
    """Whose forecast: ``user``, ``team`` or ``company``."""

    kind: str
    id: int = 0


COMPANY = Subject("company")


@dataclass(frozen=True)
class Override:
    """One word of a manager's. ``amount`` None took the one before back."""

    id: int
    at: str
    by: int
    period: str
    category: str
    computed: int | None
    amount: int | None
    note: str


def subject_of(which: Which) -> Subject | None:
    """Whose figures these are; None where they are narrowed to something nobody expects a figure of."""
    if which.pipeline or which.product is not None or which.source or (which.person and which.team):
        return None
    if which.person:
        return Subject("user", which.person)
    return Subject("team", which.team) if which.team else COMPANY


def target_of(which: Which) -> Subject | None:
    """Whose target stands against these figures: who sees only a part of the company's is measured by that part."""
    found = subject_of(which)
    if found is None or may_see(which.actor, found):
        return found
    scope = which.actor.scope("opportunity", "view")
    if found != COMPANY or scope is Scope.NONE:
        return None
    if scope is Scope.OWN:
        return Subject("user", which.actor.id)
    return Subject("team", which.actor.team) if which.actor.team else None


def _teams_led(actor: Actor, verb: str) -> set[int] | None:
    """The teams over which the actor's verb reaches; None for all."""
    scope = actor.scope("opportunity", verb)
    return None if scope is Scope.ALL else set(actor.teams_for(scope))


def may_see(actor: Actor, subject: Subject) -> bool:
    """Whoever sees the subject's opportunities sees what is expected of it."""
    return _over(actor, subject, _teams_led(actor, "view")) or (subject.kind == "user" and subject.id == actor.id)


def may_set(actor: Actor, subject: Subject) -> bool:
    """Those who lead: everything, a team of theirs, somebody else in one."""
    if actor.read_only or actor.scope("opportunity", "edit") in (Scope.NONE, Scope.OWN):
        return False
    teams = _teams_led(actor, "edit")
    if teams is None:
        return True
    led = {team for team, (_, manager) in roles.tree().items() if manager == actor.id}
    return _over(actor, subject, teams & roles.below(led)) and subject != Subject("user", actor.id)


def _over(actor: Actor, subject: Subject, teams: set[int] | None) -> bool:
    if teams is None:
        return True
    if subject.kind == "team":
        return subject.id in teams
    return subject.kind == "user" and store.value('SELECT team FROM "user" WHERE id = ?', [subject.id]) in teams


_COLUMNS = "id, at, by, period, category, computed, amount, coalesce(note, '')"


def latest(
    kind: str, subjects: Iterable[int], keys: Iterable[str], *, until: str = "9999"
) -> Mapping[tuple[int, str, str], Override]:
    """(subject, period, category) → what counts. ``until``: as it stood at that moment."""
    sql = (
        f"SELECT subject, {_COLUMNS} FROM forecast_override WHERE period IN (SELECT value FROM json_each(?)) AND subject_type = ?"
        " AND subject IN (SELECT value FROM json_each(?)) AND at < ? ORDER BY id"
    )
    found = {}
    for subject, *row in store.rows(sql, [store.json_list(keys), kind, store.json_list(subjects), until]):
        each = Override(*row)
        found[subject, each.period, each.category] = each
    return {key: each for key, each in found.items() if each.amount is not None}


def log(actor: Actor, subject: Subject, period: str) -> list[Override]:
    """Everything ever said about a period, the latest first. Raises NotFound."""
    _need(actor, subject)
    sql = f"SELECT {_COLUMNS} FROM forecast_override WHERE period = ? AND subject_type = ? AND subject = ? ORDER BY id DESC LIMIT 200"
    return [Override(*row) for row in store.rows(sql, [period, subject.kind, subject.id])]


def _need(actor: Actor, subject: Subject) -> None:
    table_ = {"user": '"user"', "team": "team"}.get(subject.kind)
    known = subject == COMPANY or (
        table_ and store.value(f"SELECT 1 FROM {table_} WHERE id = ? AND deleted_at IS NULL", [subject.id])
    )
    if not known or not may_see(actor, subject):
        raise NotFound(L("There is nothing here, or you may not see it."))


def need_set(actor: Actor, subject: Subject) -> None:
    """Raise NotFound for what the actor does not see, Forbidden where it is not theirs to say."""
    _need(actor, subject)
    if not may_set(actor, subject):
        raise Forbidden(L("Only who leads them says what is expected of others."))


def computed(actor: Actor, subject: Subject, period: str, category: str) -> int:
    """The sum that stands beside it, within the actor's reach."""
    found = periods.read(period)
    assert found is not None
    which = Which(
        actor,
        person=subject.id if subject.kind == "user" else None,
        team=subject.id if subject.kind == "team" else None,
    )
    row = table(which, [found]).get(None, {})
    return across(row, [found]).value(category)


def put(actor: Actor, subject: Subject, *, period: str, category: str, amount: int | None, note: str) -> Override:
    """Say what is expected; None takes back what was said. The same said again is not kept twice.

    Raises NotFound, Forbidden, Invalid.
    """
    need_set(actor, subject)
    if periods.read(period) is None:
        raise Invalid({"period": [str(L("There is no such period."))]})
    if category not in CATEGORIES:
        raise Invalid({"category": [str(L("Choose commit, best case or pipeline."))]})
    if amount is not None and abs(amount) > money.MOST:
        raise Invalid({"amount": [str(L("This is no amount, or it is too large."))]})
    note = note.strip()
    if len(note) > NOTE:
        raise Invalid(
            {"note": [str(L("At most %(most)s characters; these are %(found)s.", most=NOTE, found=len(note)))]}
        )
    with store.writing():
        held = latest(subject.kind, [subject.id], [period]).get((subject.id, period, category))
        if (held.amount if held else None) == amount and (held.note if held else "") == note:
            return held or Override(0, clock.stamp(), actor.id, period, category, None, None, "")
        summed = computed(actor, subject, period, category)
        stamp = clock.stamp()
        store.run(
            "INSERT INTO forecast_override (at, by, subject_type, subject, period, category, computed, amount, note)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [stamp, actor.id, subject.kind, subject.id, period, category, summed, amount, note or None],
        )
        number = int(store.value("SELECT last_insert_rowid()"))
        said = "none" if amount is None else money.plain(amount, str(settings.get("company.currency")))
        audit.log(
            actor, "forecast override", detail={"of": f"{subject.kind} {subject.id}", "period": period, category: said}
        )
    return Override(number, stamp, actor.id, period, category, summed, amount, note)


@rates.on_anew
def in_another_currency(_old: str, factor: Decimal | None) -> None:
    """What was said, in the company's new currency."""
    if factor is None:
        return
    for number, summed, amount in store.rows("SELECT id, computed, amount FROM forecast_override"):
        both = [None if each is None else rates.converted(each, factor) for each in (summed, amount)]
        store.run("UPDATE forecast_override SET computed = ?, amount = ? WHERE id = ?", [*both, number])
