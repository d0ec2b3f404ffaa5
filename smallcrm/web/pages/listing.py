"""The list of a type: views, the filter as a sentence, rows, counts and totals that follow a moment later."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from flask import make_response, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from smallcrm.base import formats
from smallcrm.base.i18n import _, ngettext
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, labels, query, settings, views
from smallcrm.records.custom import fields_of
from smallcrm.records.figures import words
from smallcrm.records.query.order import can_sort
from smallcrm.records.query.words import OPERATORS
from smallcrm.records.record import RecordType
from smallcrm.web import area, grid, state
from smallcrm.web.context import actor
from smallcrm.web.pages import pages
from smallcrm.web.state import ListState
from smallcrm.web.templating import page_round

PAGE = 50


def headings(kind: RecordType, columns: list[str]) -> dict[str, str]:
    """What stands over the columns."""
    return {name: labels.field(kind, name) for name in columns}


@pages.get("/<type:kind>")
def listing(kind: RecordType) -> Response | str:
    """The list, or with a cursor only the rows that follow."""
    who = actor()
    here = state.read(who, kind)
    columns = views.columns_of(who, kind, here.view)
    ticks = not here.as_of and _can_select(who, kind)
    page = query.page(here.ask(columns, cursor=request.args.get("cursor"), limit=PAGE))
    heads = headings(kind, columns)
    rows = grid.draw(who, kind, page, columns, heads, ticks=ticks, bin=here.bin)
    if page.next:
        following = here.url(cursor=page.next)
        rows += Markup(render_template("record/_more.html", following=following, span=len(columns) + ticks))  # noqa: S704  drawn
    if request.headers.get("HX-Request") and request.args.get("cursor"):
        return rows
    few = not page.next and not request.args.get("cursor")
    total = len(page.rows) if few else query.quick_count(here.ask())
    key = (
        here.url(),
        here.filter_text,
        here.sort,
        tuple(columns),
        total,
        len(page.rows) if total is None else bool(rows),
    )
    return page_round("record/list.html", key, rows, lambda: _round(here, page, columns, heads, ticks, total))


def _round(
    here: ListState, page: query.Page, columns: list[str], heads: dict[str, str], ticks: bool, total: int | None
) -> dict[str, Any]:
    """What stands round the rows."""
    who, kind = here.actor, here.kind
    fields = {field.key: field for field in page.fields}
    return {
        "kind": kind,
        "state": here,
        "views": views.views_of(who, kind),
        "columns": [
            _column(here, fields[name], heads[name], name == kind.card.title) for name in columns if name in fields
        ],
        "n": len(page.rows),
        "ticks": ticks,
        "total": total or 0,
        "total_text": _count_text(total, len(page.rows)),
        "capped": total is None or total > query.listing.COUNT_CAP,
        "sums_url": here.url("/sums")
        if any(fields[n].kind == "money" for n in columns if n in fields) and page.rows
        else None,
        "chips": query.describe(who, kind, here.filter),
        "looks": looks(here),
        "sort": _sort_words(here),
        "links": [
            (link, link.url.format(type=quote(kind.card.key), filter=quote(here.filter_text)))
            for link in ([] if here.bin or here.as_of else area.list_links())
        ],
        "may": {
            verb: who.scope(kind.card.key, verb) is not Scope.NONE
            for verb in ("create", "edit", "delete", "assign", "export", "import")
        },
        "acts": [
            act for act in area.acts(kind.card.key) if act.bulk and who.scope(kind.card.key, act.verb) is not Scope.NONE
        ],
    }


def looks(here: ListState, current: str = "list") -> list[tuple[str, str, bool]]:
    """The ways to look at this list, itself among them: label, address, whether it is the one; empty where there is one only."""
    others = area.looks(here.kind.card.key)
    if not others:
        return []
    asked = here.url().partition("?")[2]
    found = [(look.key, str(look.label), f"{look.url}?{asked}") for look in others]
    return [(label, url, key == current) for key, label, url in (*found, ("list", _("List"), here.url()))]


def _can_select(who: Actor, kind: RecordType) -> bool:
    return any(who.scope(kind.card.key, verb) is not Scope.NONE for verb in ("edit", "delete", "assign", "export"))


def _count_text(total: int | None, shown: int) -> str:
    """The count as it is known at once: exact, or so many and more."""
    cap = query.listing.COUNT_CAP
    if total is None:
        return f"{formats.number(shown)}+"
    return f"{formats.number(cap)}+" if total > cap else formats.number(total)


def _column(here: ListState, field: Any, label: str, first: bool) -> dict[str, Any]:
    current, down = _current_sort(here)
    url = None
    direction = None
    if can_sort(field) and not (field.masked and access.masked_pools(here.actor, here.kind)):
        direction = ("down" if down else "up") if current == field.key else None
        turned = f"-{field.key}" if direction == "up" else field.key
        url = here.url(sort=turned)
    unit = grid.heading_unit(field)
    return {
        "name": field.key,
        "label": f"{label} ({unit})" if unit else label,
        "num": grid.numeric(field),
        "sort": direction,
        "url": url,
        "first": first,
        "sum": field.kind == "money",
    }


def _current_sort(here: ListState) -> tuple[str, bool]:
    text = (here.sort or here.kind.card.order).split(",")[0].strip()
    return text.lstrip("-+"), text.startswith("-")


def _sort_words(here: ListState) -> dict[str, Any]:
    name, down = _current_sort(here)
    label = labels.field(here.kind, name) if name in access.readable(here.actor, here.kind) else name
    return {"label": label, "down": down}


@pages.get("/<type:kind>/count")
def exact_count(kind: RecordType) -> Response:
    """The exact figure, a moment after the page; the bulk bar learns it too."""
    total = query.count(state.read(actor(), kind).ask(), cap=None)
    text = formats.number(total)
    response = make_response(text)
    told = {"n": total, "all": _("All %(n)s selected", n=text), "label": _("Select all %(n)s", n=text)}
    response.headers["HX-Trigger"] = json.dumps({"total": told})
    return response


@pages.get("/<type:kind>/sums")
def totals(kind: RecordType) -> Response:
    """The totals of the money columns over everything the filter reaches, for the table's foot."""
    who = actor()
    here = state.read(who, kind)
    columns = views.columns_of(who, kind, here.view)
    readable = access.readable(who, kind)
    money = [name for name in columns if name in readable and readable[name].kind == "money"]
    sums = query.sums(here.ask(), money)
    currency = settings.get("company.currency")
    without = query.without_rate(here.ask(), money)
    return make_response(
        render_template(
            "record/_sums.html",
            columns=columns,
            readable=readable,
            sums={name: formats.amount(value, currency) for name, value in sums.items()},
            without={name: _without(by, shown="currency" in readable) for name, by in without.items()},
            labels_of=headings(kind, columns),
            total=query.count(here.ask(), cap=None),
            ticks=_can_select(who, kind),
            ngettext=ngettext,
            sums_in=words.sums_in(currency) if sums and "currency" in fields_of(kind) else "",
        )
    )


def _without(by_currency: dict[str, int], *, shown: bool) -> list[str]:
    """What a total leaves out, in words; the currencies only to whoever may see that field."""
    if not shown:
        n = sum(by_currency.values())
        return [ngettext("without %(n)s amount: no rate", "without %(n)s amounts: no rate", n)]
    return [
        ngettext(
            "without %(n)s amount in %(currency)s: no rate",
            "without %(n)s amounts in %(currency)s: no rate",
            n,
            currency=code,
        )
        for code, n in by_currency.items()
    ]


def filter_from(text: str | None) -> Any:
    """A filter out of a form field."""
    return json.loads(text) if text else None


__all__ = ["OPERATORS", "filter_from", "listing"]
