"""What the rows, columns and choices of forecast pages are called, and what each page has round its figures."""

from __future__ import annotations

from typing import Any

from smallcrm.areas.forecast.pages.state import State
from smallcrm.areas.forecast.rules import figures
from smallcrm.areas.forecast.rules import which as choosing
from smallcrm.areas.people import roles
from smallcrm.base.i18n import L, Label
from smallcrm.identity.actor import Actor
from smallcrm.records import access, labels, settings
from smallcrm.records.figures import words
from smallcrm.records.record import by_key

COLUMNS: dict[str, Label] = {
    "won": L("Won"), "commit": L("Commit"), "best": L("Best case"), "pipeline": L("Pipeline", "forecast"),
    "weighted": L("Weighted"), "expected": L("Expected", "forecast"), "open": L("Open", "opportunity"), "omitted": L("Left out", "forecast"),
    "in_commit": L("Commit alone"), "in_best": L("Best case alone"), "in_pipeline": L("Pipeline alone", "forecast"),
}  # fmt: skip
PLACES: dict[str, Label] = {
    figures.OVERDUE: L("Overdue", "expected close"), figures.SOONER: L("Sooner"), figures.LATER: L("Later"),
    figures.UNDATED: L("Without a day"),
}  # fmt: skip
BY: dict[str, Label] = {
    "": L("Period"), "person": L("Person"), "team": L("Team"), "product": L("Product"), "pipeline": L("Pipeline"),
}  # fmt: skip
UNITS: dict[str, Label] = {"month": L("Months"), "quarter": L("Quarters"), "year": L("Years")}
PAGES: tuple[tuple[str, Label], ...] = (
    ("/forecast", L("Forecast")), ("/forecast/funnel", L("Funnel")), ("/forecast/moved", L("What moved")),
    ("/forecast/hot", L("Next 90 days")),
)  # fmt: skip


def currency() -> str:
    """The company's, in which every sum is."""
    return str(settings.get("company.currency"))


def nobody(by: str) -> str:
    """The row of what belongs to none."""
    said: dict[str, Label] = {
        "person": L("Nobody's"), "team": L("No team's"), "product": L("No product"), "pipeline": L("No pipeline"),
    }  # fmt: skip
    return str(said[by])


def rows_of(actor: Actor, by: str, found: figures.Table) -> list[tuple[int, str, int]]:
    """(key, name, depth) of each row, in order; 0 is what belongs to none."""
    keys = [key for key in found if key]
    if by == "team":
        names = access.names(actor, "team", keys)
        made = [(team, names.get(team, f"#{team}"), depth) for team, depth in choosing.ordered(set(keys))]
        gone = [(key, f"#{key}", 0) for key in keys if key not in roles.tree()]
        made += gone
    else:
        names = access.names(actor, {"person": "user"}.get(by, by), keys)
        ranked = sorted(keys, key=lambda key: (-_weight(found[key]), names.get(key, "")))
        made = [(key, names.get(key, f"#{key}"), 0) for key in ranked]
    return [*made, (0, nobody(by), 0)] if None in found else made


def _weight(row: dict[str, figures.Figures]) -> int:
    return figures.summed(row.values()).expected


def tabs(state: State) -> list[dict[str, Any]]:
    """The four pages; what was chosen goes along."""
    return [
        {"label": str(label), "url": state.url(to=path, by="", first=None, n=0, more=()), "current": path == state.path}
        for path, label in PAGES
    ]


def choices(state: State, *, products: bool = False) -> dict[str, Any]:
    """What the filter offers."""
    actor = state.actor
    names = access.names(actor, "team", choosing.below(actor))
    found: dict[str, Any] = {
        "pipelines": choosing.pipelines(), "people": choosing.people(actor),
        "teams": [(team, f"{'— ' * depth}{names.get(team, '')}") for team, depth in choosing.ordered(set(names))],
        "sources": [(each, each) for each in choosing.sources(actor)],
    }  # fmt: skip
    if products:
        chosen = state.product
        found["product_name"] = (
            nobody("product")
            if chosen == 0
            else access.names(actor, "product", [chosen]).get(chosen, "")
            if chosen
            else ""
        )
    return found


def frame(state: State) -> dict[str, Any]:
    """What every page's template reads."""
    return {
        "state": state, "tabs_": tabs(state), "currency": currency(), "units": [(key, str(label)) for key, label in UNITS.items()],
        "narrowed": state.args().keys() - {"by", "unit", "n", "from"} - {name for name, _ in state.more},
        "column_names": {key: str(label) for key, label in COLUMNS.items()}, "may_export": state.actor.scope("opportunity", "export") > 0,
        "many": labels.many(by_key("opportunity")), "without": words.without(choosing.unrated(state.which)),
    }  # fmt: skip
