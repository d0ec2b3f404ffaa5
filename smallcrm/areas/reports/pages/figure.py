"""One figure: its chart, its table, the choices it is made of; saving it, and the same as a workbook."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.reports import drawing
from smallcrm.areas.reports.pages import asked, reports
from smallcrm.areas.reports.pages.report import workbook
from smallcrm.areas.reports.records import Figure
from smallcrm.areas.reports.records.choices import SHARED
from smallcrm.areas.reports.rules import book
from smallcrm.areas.reports.rules import figures as rules
from smallcrm.areas.reports.rules.figures import PARTS, Named
from smallcrm.base import ids
from smallcrm.base.errors import BadRequest, Forbidden, Invalid, Stale
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, change, changesets, figures, labels, query
from smallcrm.records.fields import Date, Moment
from smallcrm.records.figures import CHARTS, Spec, groups, measures, periods
from smallcrm.records.record import RecordType, all_types
from smallcrm.web import toasts
from smallcrm.web.api import idempotency
from smallcrm.web.context import actor
from smallcrm.web.pages.chips import conditions
from smallcrm.web.security import local_path

KEPT = ("ref", *(part for part in PARTS if part not in ("period", "compare")), "name")


def named(who: Actor) -> Named:
    """The figure that the address speaks of: a saved or ready-made one, with what was chosen otherwise."""
    args = request.values
    held = rules.find(who, args["ref"]) if args.get("ref") else None
    base = held.spec.values() if held else {}
    given = {part: args[part] for part in PARTS if args.get(part) is not None}
    if given.get("about") and base.get("about") not in (None, given["about"]):
        base = {}  # another type: nothing of before fits
    spec = figures.parse({"about": first_type(who), **base, **given})
    if held is None:
        return Named("", args.get("name", "") or labels.many(spec.kind), spec)
    changed = any(base.get(part) != value for part, value in spec.values().items())
    return Named(held.ref, held.name, spec, "" if changed else held.how, held.record, held.mine)


def first_type(who: Actor) -> str:
    """The type a new figure begins with."""
    seen = types(who)
    if not seen:
        raise Forbidden(L("You may not see these."))
    return next((key for key, _ in seen if key == "opportunity"), seen[0][0])


def types(who: Actor) -> list[tuple[str, str]]:
    """(key, name) of the types the actor may count."""
    return [
        (kind.card.key, labels.many(kind))
        for kind in all_types()
        if kind.card.pages and kind.card.key not in ("user", "team", "role") and who.scope(kind.card.key, "view") is not Scope.NONE
    ]  # fmt: skip


def spec_url(path: str, spec: Spec, **more: str) -> str:
    """The address of a figure as it is asked here."""
    held = {**spec.values(), **more}
    return f"{path}?{urlencode({k: v for k, v in held.items() if v or more.get('ref')})}"


@reports.get("/figure")
def figure() -> str | tuple[str, int]:
    """The page. What cannot be worked out is said at its place, with everything that was chosen."""
    who = actor()
    return _page(who, named(who))


def _page(who: Actor, found: Named, errors: dict[str, list[str]] | None = None, **typed: Any) -> str | tuple[str, int]:
    here = asked.read(who, period=found.spec.period, compare=found.spec.compare, kept=KEPT)
    trouble, shown = "", None
    try:
        result = figures.ask(who, here.of(found.spec))
        shown = drawing.show(found.ref, found.name, result, found.how or str(result.measure.how), wide=True)
    except (BadRequest, Forbidden) as error:
        trouble = str(error)
    page = render_template(
        "reports/figure.html",
        found=found, spec=found.spec, asked=here, shown=shown, trouble=trouble, errors=errors or {},
        here_url=spec_url("/figure", found.spec, ref=found.ref, whose=here.whose.word, **here.narrowed),
        excel_url=spec_url("/figure/excel", found.spec, ref=found.ref, whose=here.whose.word, **here.narrowed),
        chips=_chips(who, found.spec), without=lambda index: _without(found, index), once=ids.token(), **_choices(who, found.spec), **({"name": found.name, "shared": "mine"} | typed),
    )  # fmt: skip
    return (page, 422) if errors else page


def _chips(who: Actor, spec: Spec) -> list[Any]:
    try:
        return query.describe(who, spec.kind, spec.filter)
    except (BadRequest, AttributeError, KeyError, TypeError):
        return []


def _without(found: Named, index: int) -> str:
    """The address of the figure without one of its conditions."""
    kept = conditions(found.spec.filter)
    del kept[index : index + 1]
    spec = replace(found.spec, filter={"all": kept} if kept else None)
    held = {part: value for part, value in spec.values().items() if value or part == "filter"}
    return f"/figure?{urlencode({**held, **({'ref': found.ref} if found.ref else {})})}"


def _choices(who: Actor, spec: Spec) -> dict[str, Any]:
    kind = spec.kind
    return {
        "types": types(who),
        "measures": measures.offered(who, kind),
        "groups": grouped(who, kind),
        "dates": dates(who, kind),
        "charts": [(key, str(words)) for key, words in CHARTS.items() if key != "number"],
        "periods": [("", str(L("All time"))), *((key, str(words)) for key, words in periods.WORDS.items())],
        "comparisons": [
            ("", str(L("nothing", "compared with"))),
            *((key, str(words)) for key, words in periods.COMPARISONS.items()),
        ],
        "shares": [(key, str(words)) for key, words in SHARED if key != "all" or who.may("views")],
        "may_save": who.scope("figure", "create") is not Scope.NONE,
        "kind": kind,
    }


def grouped(who: Actor, kind: RecordType) -> list[tuple[str, str]]:
    """(path with bucket, label) of what can be grouped by."""
    found = []
    for path, label, dated in groups.offered(who, kind):
        if dated:
            found += [(f"{path}:{width}", f"{label}: {words}") for width, words in groups.WIDTHS.items()]
        else:
            found.append((path, label))
    return found


def dates(who: Actor, kind: RecordType) -> list[tuple[str, str]]:
    """(name, label) of the dates a period can speak of."""
    return [(n, labels.field(kind, n)) for n, f in access.readable(who, kind).items() if isinstance(f, Date | Moment)]


@reports.get("/figure/excel")
def figure_excel() -> Response:
    """The figure as a workbook."""
    who = actor()
    found = named(who)
    here = asked.read(who, period=found.spec.period, compare=found.spec.compare)
    result = figures.ask(who, here.of(found.spec))
    return workbook(book.of_figures(who, found.name, [(found.name, result, found.how)], whose=here.said), found.name)


@reports.post("/figure")
def save() -> Response | str | tuple[str, int]:
    """Keep it under a name: a new one, or (``over``) the one it was made from."""
    who = actor()
    found = named(who)
    name, shared = request.form.get("name", ""), request.form.get("shared", "mine")
    wanted = found.record if request.form.get("over") else None
    over = access.find(who, Figure, int(wanted.id), "edit") if wanted is not None else None
    if over is None and who.scope("figure", "create") is Scope.NONE:
        raise Forbidden(access.refusal(who, "create"))

    def make() -> str:
        with changesets.opened(who, "form") as mine:
            kept = rules.keep(
                who, found.spec, name=name, shared=shared, over=over, version=request.form.get("version", type=int)
            )
        toasts.say(str(L("%(name)s is kept.", name=name)), undo=mine.id)
        return f"/figure?ref={kept.id}"

    try:
        url = idempotency.form_once(who, make)
    except (Invalid, BadRequest) as error:
        return _page(who, found, getattr(error, "errors", None) or {"": [str(error)]}, name=name, shared=shared)
    except Stale as error:
        return _page(who, found, {"": [str(error)]}, name=name, shared=shared)
    return redirect(url, 303)


@reports.post("/figures/<int:number>/remove")
def remove(number: int) -> Response:
    """Into the bin; dashboards that show it say that it is gone."""
    who = actor()
    record = access.find(who, Figure, number, "delete")
    with changesets.opened(who, "delete") as mine:
        change.delete(who, record)
    toasts.say(str(L("%(name)s is in the bin.", name=record.name)), undo=mine.id)  # type: ignore[attr-defined]
    return redirect(local_path(request.form.get("back"), "/reports"), 303)
