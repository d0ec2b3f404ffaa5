"""Targets as a grid: who has which, who may set whose, a whole year set at once, last year's taken over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from smallcrm import store
from smallcrm.areas.people import roles
from smallcrm.areas.reports.rules import people
from smallcrm.areas.targets.records import Target
from smallcrm.areas.targets.records.target import MONTHS
from smallcrm.areas.targets.rules.progress import half_up
from smallcrm.base import money
from smallcrm.base.errors import Forbidden, NotFound
from smallcrm.base.i18n import L
from smallcrm.identity.actor import SYSTEM, Actor, Scope
from smallcrm.records import access, change, changesets, rates, settings
from smallcrm.records.figures import metrics
from smallcrm.records.figures.metrics import Metric
from smallcrm.records.record import values

Months = tuple[Decimal | None, ...]  # twelve


@dataclass(frozen=True)
class Subject:
    """Whom a target is for. ``word`` stands in addresses and forms: ``c``, ``t2``, ``u3``."""

    word: str
    name: str
    depth: int = 0

    @property
    def whom(self) -> str:
        """company, team or user."""
        return {"c": "company", "t": "team", "u": "user"}[self.word[0]]

    @property
    def id(self) -> int | None:
        """Of the team or person."""
        return int(self.word[1:]) if len(self.word) > 1 else None

    def columns(self) -> dict[str, object]:
        """As a record keeps it."""
        return {
            "whom": self.whom,
            "user": self.id if self.whom == "user" else None,
            "for_team": self.id if self.whom == "team" else None,
        }


def subjects(actor: Actor) -> list[Subject]:
    """The company, its teams and their people as far as the actor reaches, in the order of the tree."""
    scope = people.widest(actor)
    teams, persons = dict(people.teams(actor)), people.people(actor)
    team_of = dict(store.rows('SELECT id, team FROM "user"'))
    tree = roles.tree()
    found = [Subject("c", str(L("The company")))] if scope is Scope.ALL else []

    def walk(parent: int | None, depth: int) -> None:
        for team in sorted(teams, key=lambda each: teams[each]):
            above = tree.get(team, (None, None))[0]
            if (above if above in teams else None) != parent:
                continue
            found.append(Subject(f"t{team}", teams[team], depth))
            walk(team, depth + 1)
            found.extend(Subject(f"u{n}", name, depth + 1) for n, name in persons if team_of.get(n) == team)

    walk(None, 1 if found else 0)
    rest = [(n, name) for n, name in persons if team_of.get(n) not in teams]
    found += [Subject(f"u{n}", name, 1 if len(found) else 0) for n, name in rest if n == actor.id or _sells(n)]
    return found


def _sells(user: int) -> bool:
    """Whether somebody without a team has anything to be measured by: a target, or an opportunity."""
    return bool(
        store.row(
            "SELECT 1 FROM target WHERE user = ?1 UNION ALL SELECT 1 FROM opportunity WHERE owner = ?1 LIMIT 1", [user]
        )
    )


def subject(actor: Actor, word: str) -> Subject:
    """The one of that word. Raises NotFound out of reach."""
    for each in subjects(actor):
        if each.word == word:
            return each
    raise NotFound(L("There is nothing here, or you may not see it."))


def may_set(actor: Actor, whose: Subject) -> bool:
    """Whether the actor sets this one's target: the company's whoever sets all, a team's and a person's who leads them."""
    scope = actor.scope("target", "edit")
    if scope is Scope.ALL:
        return True
    if scope < Scope.TEAM or whose.whom == "company":
        return False
    below = set(actor.teams_for(scope))
    if whose.whom == "team":
        return whose.id in below
    return whose.id != actor.id and store.value('SELECT team FROM "user" WHERE id = ?', [whose.id]) in below


def members(whose: Subject) -> list[int] | None:
    """The people who count for a subject; None for everybody."""
    if whose.whom == "company":
        return None
    if whose.whom == "user":
        return [whose.id or 0]
    below = store.json_list(roles.below({whose.id or 0}))
    return [n for (n,) in store.rows('SELECT id FROM "user" WHERE team IN (SELECT value FROM json_each(?))', [below])]


def key_of(whom: str, user: int | None, team: int | None) -> str:
    """The word of a stored target."""
    return "c" if whom == "company" else f"t{team}" if whom == "team" else f"u{user}"


def held(metric: str, year: int) -> dict[str, tuple[int, Months]]:
    """Word → (target's id, months) of everybody; who shows them looks to the reach."""
    columns = ", ".join(MONTHS)
    sql = f"SELECT id, whom, user, for_team, {columns} FROM target WHERE deleted_at IS NULL AND metric = ? AND year = ? ORDER BY id DESC"
    found: dict[str, tuple[int, Months]] = {}
    for number, whom, user, team, *months in store.rows(sql, [metric, year]):
        found[key_of(whom, user, team)] = (number, tuple(None if m is None else Decimal(m) / 100 for m in months))
    return found


def total(months: Sequence[Decimal | None], which: Sequence[int] = range(1, 13)) -> Decimal | None:
    """The sum of months (1–12); None where none of them is set."""
    kept = [value for n in which if (value := months[n - 1]) is not None]
    return sum(kept, Decimal(0)) if kept else None


def keep(actor: Actor, metric: Metric, year: int, rows: Mapping[str, Months], *, note: str = "") -> int:
    """Set a year's targets of several at once, one change-set; how many changed. Raises Forbidden for one that is not theirs to set."""
    known = {each.word: each for each in subjects(actor)}
    for word in rows:
        if word not in known or not may_set(actor, known[word]):
            raise Forbidden(L("You may not set this target."))
    changed = 0
    with changesets.opened(actor, "form", note), store.writing():
        before = held(metric.key, year)
        for word, months in rows.items():
            given = {name: None if value is None else f"{value:f}" for name, value in zip(MONTHS, months, strict=True)}
            number, stood = before.get(word, (None, None))
            if number is not None and stood != months:
                change.update(actor, access.find(SYSTEM, Target, number), given, trusted=True)
                changed += 1
            elif number is None and any(value is not None for value in months):
                whose = known[word]
                owner = whose.id if whose.whom == "user" else roles.tree().get(whose.id or 0, (None, None))[1]
                values = {**whose.columns(), "metric": metric.key, "year": year, **given, "owner": owner}
                change.create(actor, Target, values, trusted=True)
                changed += 1
    return changed


def from_last_year(metric: Metric, year: int, percent: Decimal) -> dict[str, Months]:
    """Last year's targets, so many percent more or less, rounded as the metric counts."""
    places = 0
    factor = 1 + percent / 100
    return {
        word: tuple(None if value is None else half_up(value * factor, places) for value in months)
        for word, (_number, months) in held(metric.key, year - 1).items()
    }


def find_metric(key: str) -> Metric:
    """The metric of that key, the first one for nothing. Raises NotFound."""
    found = metrics.find(key) if key else next(iter(metrics.all()), None)
    if found is None:
        raise NotFound(L("There is no such metric."))
    return found


@rates.on_anew
def in_another_currency(old: str, factor: Decimal | None) -> None:
    """Amounts of money to be reached, in whole units of the company's new currency."""
    if factor is None:
        return
    whole = factor.scaleb(money.digits(old) - money.digits(settings.money_currency()))
    for metric in metrics.all():
        if metric.unit == "money":
            ids = [number for (number,) in store.rows("SELECT id FROM target WHERE metric = ?", [metric.key])]
            for record in access.fetch_many(SYSTEM, Target, ids):
                held = values(record)
                given = {name: _converted(held[name], whole) for name in MONTHS if held[name] is not None}
                if given and not record.deleted_at:
                    change.update(SYSTEM, record, given, trusted=True)


def _converted(hundredths: int, whole: Decimal) -> str:
    return f"{half_up(Decimal(hundredths) / 100 * whole, 0):f}"
