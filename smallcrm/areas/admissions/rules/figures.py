"""Admission figures by their exact formulas, and the report that shows them; the intake as a choice on every report.

All of them are read from how far each application ever came (``milestones``), so that an offer that was declined stays an offer.
A place that was skipped counts as passed: whoever enrolled without a deposit counts as having kept their place.
"""

from __future__ import annotations

from smallcrm.areas.admissions import settings
from smallcrm.areas.admissions.rules import intakes
from smallcrm.areas.admissions.rules.milestones import at_least
from smallcrm.base.i18n import L, Label
from smallcrm.identity.actor import Actor
from smallcrm.records.figures import Ready, Report, Spec, measures, ready, slices
from smallcrm.records.figures.measures import Measure, Part

HOW_APPLIED = L("Applications that were begun ÷ all inquiries. What came further counts as begun.")
HOW_ADMITTED = L("Places offered ÷ applications handed in. An offer stays an offer, whatever became of it.")
HOW_YIELD = L("Enrolled ÷ places offered. Declined, withdrawn and deferred places were offered too.")
HOW_MELT = L(
    "Deposit paid but not enrolled ÷ deposits paid. Those still waiting to enrol are among them until they do."
)


def _came(milestone: str) -> dict[str, object]:
    return {"field": "furthest", "op": "in", "value": at_least(milestone)}


def _sql(milestone: str) -> str:
    keys = ", ".join(f"'{key}'" for key in at_least(milestone))
    return f"sum(coalesce(t.furthest IN ({keys}), 0))"


def _rate(
    key: str, label: Label, part: str, whole: str, base: object, how: Label, *, more_is_better: bool = True
) -> None:
    measures.register(
        Measure(
            key, label, (Part(part), Part(whole)), measures.share, "percent", about="opportunity", base=base, how=how,
            more_is_better=more_is_better, present=settings.on,
        )
    )  # fmt: skip


_ENROLLED = "sum(t.state = 'won')"
_rate("applied_rate", L("Inquiry to application"), _sql("application"), "count(*)", None, HOW_APPLIED)
_rate("admit_rate", L("Admit rate"), _sql("offer"), _sql("submitted"), _came("submitted"), HOW_ADMITTED)
_rate("yield", L("Yield"), _ENROLLED, _sql("offer"), _came("offer"), HOW_YIELD)
_rate("melt", L("Melt"), "sum(t.state <> 'won')", _sql("deposit"), _came("deposit"), HOW_MELT, more_is_better=False)
measures.register(
    Measure(
        "complete", L("Documents complete"), (Part("sum(t.papers_missing = 0)"), Part("count(*)")), measures.share, "percent",
        about="opportunity", base={"field": "papers_missing", "op": "not_empty"}, present=settings.on,
        how=L("Applications that lack no document ÷ applications that documents are asked of."),
    )
)  # fmt: skip


# ---------------------------------------------------------------- the report

_WON = {"field": "state", "op": "eq", "value": "won"}
_WAITING = {"all": [_came("deposit"), {"field": "state", "op": "eq", "value": "open"}]}
_MELTED = {"all": [_came("deposit"), {"field": "state", "op": "ne", "value": "won"}]}
_OPEN = {"field": "state", "op": "eq", "value": "open"}
_LACKING = {"all": [_OPEN, {"field": "papers_missing", "op": "gt", "value": 0}]}


def _made(
    key: str,
    name: Label,
    measure: str,
    by: str = "",
    then: str = "",
    *,
    of: object = None,
    how: Label = "",
    chart: str = "",
) -> str:
    spec = Spec("opportunity", measure, by, then, of, chart=chart)
    return ready.figure(Ready(f"admissions-{key}", name, spec, how, _shown)).key


def _shown(_actor: Actor) -> bool:
    return settings.on()


_TILES = (
    _made("inquiries", L("Inquiries"), "count"),
    _made("begun", L("Applications begun"), "count", of=_came("application")),
    _made("submitted", L("Applications handed in"), "count", of=_came("submitted")),
    _made("offers", L("Places offered"), "count", of=_came("offer")),
    _made("deposits", L("Deposits paid"), "count", of=_came("deposit")),
    _made("enrolled", L("Enrolled"), "count", of=_WON),
    _made("applied", L("Inquiry to application"), "applied_rate", how=HOW_APPLIED),
    _made("admitted", L("Admit rate"), "admit_rate", how=HOW_ADMITTED),
    _made("yield", L("Yield"), "yield", how=HOW_YIELD),
    _made("melt", L("Melt"), "melt", how=HOW_MELT),
    _made("waiting", L("Deposit paid, still to enrol"), "count", of=_WAITING),
    _made("lacking", L("Open, with documents missing"), "count", of=_LACKING),
    _made("complete", L("Documents complete"), "complete", of=_OPEN),
)
_BY: tuple[tuple[str, dict[str, Label]], ...] = (
    ("intake", {
        "applied": L("Inquiry to application, by intake"), "admitted": L("Admit rate by intake"), "yield": L("Yield by intake"),
        "melt": L("Melt by intake"),
    }),
    ("source", {
        "applied": L("Inquiry to application, by source"), "admitted": L("Admit rate by source"), "yield": L("Yield by source"),
        "melt": L("Melt by source"),
    }),
    ("owner", {
        "applied": L("Inquiry to application, by adviser"), "admitted": L("Admit rate by adviser"), "yield": L("Yield by adviser"),
        "melt": L("Melt by adviser"),
    }),
)  # fmt: skip
_MEASURES = {
    "applied": ("applied_rate", HOW_APPLIED),
    "admitted": ("admit_rate", HOW_ADMITTED),
    "yield": ("yield", HOW_YIELD),
    "melt": ("melt", HOW_MELT),
}
_CARDS = (
    _made("by-furthest", L("How far applications came"), "count", "furthest", "state", chart="table"),
    _made("by-intake-state", L("Applications by intake"), "count", "intake", "state"),
    *(
        _made(f"{key}-by-{by}", name, _MEASURES[key][0], by, how=_MEASURES[key][1])
        for by, names in _BY
        for key, name in names.items()
    ),
    _made("melted-why", L("Deposit paid, not enrolled: why"), "count", "close_reason", of=_MELTED),
    _made("missing-by-owner", L("Open applications with documents missing, by adviser"), "count", "owner", of=_LACKING),
)
ready.report(
    Report(
        "admissions", L("Admissions"), "school", (*_TILES, *_CARDS),
        L("From the first inquiry to enrolment: how many apply, are admitted and come, by intake, source and adviser."), 5, period="",
    )
)  # fmt: skip


# ---------------------------------------------------------------- the intake on every report


def _intakes(_actor: Actor) -> list[tuple[int, str]]:
    return [(number, name) for number, name, _, _ in intakes.every()] if settings.on() else []


slices.register(slices.Slice("intake", L("Intake"), "calendar-event", L("All intakes"), _intakes, "intake"))
