"""``/targets``: how everybody stands in a period, what was said of it and what is done about it, the ranking."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from markupsafe import Markup

from smallcrm.areas.targets.pages import shown, targets
from smallcrm.areas.targets.rules import acts, checking, plans
from smallcrm.areas.targets.rules.checking import Standing
from smallcrm.base import ids
from smallcrm.base.errors import Forbidden
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, settings
from smallcrm.records.figures import metrics, periods, words
from smallcrm.records.figures.metrics import Metric
from smallcrm.web.context import actor


def need(who: Actor) -> None:
    """Raise Forbidden for those who see no targets."""
    if who.scope("target", "view") is Scope.NONE:
        raise Forbidden(access.refusal(who, "view"))


@targets.get("/targets")
def standing() -> str:
    """The page."""
    who = actor()
    need(who)
    return page(who)


def page(who: Actor, **more: Any) -> str:
    """The page, with what a form on it was refused for."""
    metric = plans.find_metric(request.values.get("metric", ""))
    period = checking.now(request.values.get("period", ""))
    span = checking.span_of(period)
    found = checking.standings(who, metric, period)
    word = request.values.get("whose") or (found[0].subject.word if found else "")
    doing = acts.actions(who, period, word) if word else []
    return render_template(
        "targets/standing.html", metric=metric, metrics=[(each.key, str(each.label)) for each in metrics.all()], period=period,
        period_words=_words(period), before=checking.following(period, -1), after=checking.following(period, 1), choices=_periods(period),
        year=span[0].year, lines=[_line(metric, each) for each in found], days=found[0].progress.days if found else None, word=word,
        subjects=[(each.subject.word, each.subject.name) for each in found], reviews=acts.reviews(who, period, word) if word else [],
        actions=doing, owners=access.names(who, "user", {a.owner for a, _ in doing}), may_set=any(plans.may_set(who, each.subject) for each in found),
        ranking=[_ranked(metric, each) for each in checking.ranking(who, metric, period)], ranking_on=settings.get("targets.ranking"),
        people=plans.subjects(who), me=who.id, currency=settings.money_currency() if metric.unit == "money" else "", once=ids.token(),
        may_act=who.scope("target_action", "create") is not Scope.NONE, without=words.without(checking.without(who, metric, period)), typed=more.get("typed", {}), errors=more.get("errors", {}),
    )  # fmt: skip


def _words(period: str) -> str:
    return periods.bucket_words(period, "quarter" if "-Q" in period else "month" if "-" in period else "year")


def _periods(period: str) -> list[tuple[str, str, bool]]:
    """The year, its quarters and months."""
    year = checking.span_of(period)[0].year
    found = [str(year), *(f"{year}-Q{n}" for n in range(1, 5)), *(f"{year}-{n:02d}" for n in range(1, 13))]
    return [(each, _words(each), each == period) for each in found]


def _line(metric: Metric, each: Standing) -> dict[str, Any]:
    at = each.progress
    return {
        "word": each.subject.word, "name": each.subject.name, "depth": each.subject.depth, "whom": each.subject.whom,
        "target": shown.amount(at.target, metric), "actual": shown.amount(at.actual, metric), "reached": shown.percent(at.reached),
        "meter": None if at.reached is None else min(float(at.reached), 100.0), "behind": at.behind and at.target is not None,
        "pace": 100 * at.days.gone // at.days.all if at.days.all else None,
        "expected": shown.amount(at.expected, metric), "gap": shown.amount(at.gap, metric), "run_rate": shown.amount(at.run_rate, metric),
        "forecast": shown.amount(at.forecast, metric), "short": at.forecast is not None and at.target is not None and at.forecast < at.target,
        "unspread": "" if not each.unspread else _unspread(metric, each.unspread),
    }  # fmt: skip


def _unspread(metric: Metric, rest: Any) -> str:
    if rest > 0:
        return str(L("%(amount)s not spread over those below", amount=shown.amount(rest, metric)))
    return str(L("%(amount)s more spread over those below", amount=shown.amount(-rest, metric)))


def _ranked(metric: Metric, each: checking.Ranked) -> dict[str, Any]:
    return {
        "place": each.place, "name": each.name, "user": each.user, "reached": shown.percent(each.reached),
        "meter": min(float(each.reached), 100.0) if each.reached is not None else 0,
        "actual": shown.amount(each.actual, metric) if each.actual is not None else "",
    }  # fmt: skip


def today_progress(who: Actor, team: bool) -> Markup | str:
    """One's own target of this month, for the today page; empty without one."""
    if team or who.scope("target", "view") is Scope.NONE:
        return ""
    lines = [(str(metric.label), _line(metric, each), metric.key) for metric, each in checking.own_month(who)]
    return Markup(render_template("targets/_today.html", lines=lines)) if lines else ""  # noqa: S704  drawn
