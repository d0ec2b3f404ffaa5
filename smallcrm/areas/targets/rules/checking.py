"""How everybody stands in a period: targets against what was counted, teams with their people, the gap between them; the ranking."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from smallcrm.areas.activities.rules.working_days import is_working
from smallcrm.areas.targets.rules import plans
from smallcrm.areas.targets.rules.plans import Subject
from smallcrm.areas.targets.rules.progress import Progress, achievement, working_days
from smallcrm.base import clock, money
from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import fields, settings
from smallcrm.records.figures import metrics, periods
from smallcrm.records.figures.metrics import Counted, Metric
from smallcrm.records.figures.periods import Span

settings.declare(
    "targets",
    {
        "targets.ranking": (
            fields.Flag(L("Show everybody the ranking"), help=L("Who has reached how much of their target, by name. Off: everybody sees their own line.")), True,
        ),
    },
)  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """One line. ``spread``: the sum of the targets of those directly below, where a team or the company has any."""

    subject: Subject
    progress: Progress
    spread: Decimal | None = None

    @property
    def unspread(self) -> Decimal | None:
        """The own number less what is spread over those below."""
        return None if self.spread is None or self.progress.target is None else self.progress.target - self.spread


def span_of(period: str) -> Span:
    """``2026-11``, ``2026-Q4`` or ``2026``. Raises BadRequest."""
    width = "quarter" if "-Q" in period else "month" if "-" in period else "year"
    try:
        found = periods.span_of(period, width)
        if not 2000 <= found[0].year <= 2100:
            raise ValueError(period)
        return found
    except ValueError:
        raise BadRequest(L("There is no period “%(period)s”.", period=period[:40])) from None


def months_of(span: Span) -> list[int]:
    """The months, 1–12, that a period is made of."""
    return list(range(span[0].month, span[1].month + 1))


def unit(metric: Metric, amount: int) -> Decimal:
    """What a metric counted in its whole units."""
    if metric.unit == "money":
        return money.major(amount, settings.money_currency())
    return Decimal(amount).scaleb(-metric.places)


def _sum(found: Counted, people: Sequence[int] | None) -> int:
    wanted = None if people is None else set(people)
    return sum(value for (user, _month), value in found.items() if wanted is None or user in wanted)


def standings(actor: Actor, metric: Metric, period: str) -> list[Standing]:
    """Everybody within reach, in the order of the tree."""
    span = span_of(period)
    days = working_days(span, is_working)
    counted = metric.count(None, *span)
    coming = _coming(metric, span)
    targets = plans.held(metric.key, span[0].year)
    months = months_of(span)
    everybody = plans.subjects(actor)
    own = {
        each.word: plans.total(targets[each.word][1], months) if each.word in targets else None for each in everybody
    }
    found = []
    for place, each in enumerate(everybody):
        people = plans.members(each)
        progress = Progress(
            own[each.word],
            unit(metric, _sum(counted, people)),
            days,
            None if coming is None else unit(metric, _sum(coming, people)),
        )
        found.append(Standing(each, progress, _spread(everybody, place, own)))
    return found


def without(actor: Actor, metric: Metric, period: str) -> int:
    """How many amounts within reach these sums leave out, because no rate is known."""
    if metric.without is None:
        return 0
    everybody = plans.subjects(actor)
    if any(each.whom == "company" for each in everybody):
        return metric.without(None, *span_of(period))
    return metric.without(sorted({n for each in everybody for n in plans.members(each) or ()}), *span_of(period))


def own_month(actor: Actor) -> list[tuple[Metric, Standing]]:
    """How somebody stands this month in each metric they have a target for: only their own is counted."""
    period = now()
    span = span_of(period)
    days = working_days(span, is_working)
    found = []
    for metric in metrics.all():
        held = plans.held(metric.key, span[0].year).get(f"u{actor.id}")
        target = plans.total(held[1], months_of(span)) if held else None
        if target:
            mine = unit(metric, _sum(metric.count([actor.id], *span), [actor.id]))
            found.append((metric, Standing(Subject(f"u{actor.id}", actor.name), Progress(target, mine, days))))
    return found


def _coming(metric: Metric, span: Span) -> Counted | None:
    today = clock.today()
    if metric.expected is None or span[1] < today:
        return None
    return metric.expected(None, max(span[0], today), span[1])


def _spread(everybody: Sequence[Subject], place: int, own: dict[str, Decimal | None]) -> Decimal | None:
    """The targets of those directly below: teams for the company; teams and people for a team."""
    here = everybody[place]
    if here.whom == "user":
        return None
    held: list[Decimal] = []
    for each in everybody[place + 1 :]:
        if each.depth <= here.depth:
            break
        value = own[each.word]
        if each.depth == here.depth + 1 and value is not None:
            held.append(value)
    return sum(held, Decimal(0)) if held else None


@dataclass(frozen=True)
class Ranked:
    """A place in the ranking."""

    place: int
    user: int
    name: str
    reached: Decimal | None
    actual: Decimal | None  # only within reach


def ranking(actor: Actor, metric: Metric, period: str) -> list[Ranked]:
    """Everybody who has a target, by how far they reached it; the same achievement is the same place. Off: one's own line."""
    from smallcrm.areas.reports.rules import people
    from smallcrm.records import access

    span = span_of(period)
    counted, months = metric.count(None, *span), months_of(span)
    targets = {
        int(word[1:]): target
        for word, (_id, held) in plans.held(metric.key, span[0].year).items()
        if word[0] == "u" and (target := plans.total(held, months))
    }
    near = {number for number, _ in people.people(actor)}
    names = access.names(actor, "user", targets)
    scored = sorted(
        ((achievement(unit(metric, _sum(counted, [user])), target), user) for user, target in targets.items()),
        key=lambda each: (-(each[0] or 0), names.get(each[1], "")),
    )
    found: list[Ranked] = []
    for number, (reached, user) in enumerate(scored, 1):
        place = found[-1].place if found and found[-1].reached == reached else number
        actual = unit(metric, _sum(counted, [user])) if user in near else None
        found.append(Ranked(place, user, names.get(user, "–"), reached, actual))
    shown = settings.get("targets.ranking")
    return found if shown else [each for each in found if each.user in near]


def now(period: str = "") -> str:
    """The month that it is, as a period."""
    return period or f"{clock.today():%Y-%m}"


def following(period: str, step: int) -> str:
    """The period before (−1) or after (1)."""
    span = span_of(period)
    day = span[1] + dt.timedelta(days=1) if step > 0 else span[0] - dt.timedelta(days=1)
    return periods.bucket_of(day, "quarter" if "-Q" in period else "month" if "-" in period else "year")
