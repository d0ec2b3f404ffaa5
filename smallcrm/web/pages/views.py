"""Keeping a list as a view: name, who sees it, columns and their order, which one opens first."""

from __future__ import annotations

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.records import access, labels, views
from smallcrm.records.record import RecordType
from smallcrm.web import state, toasts
from smallcrm.web.context import actor
from smallcrm.web.pages import pages
from smallcrm.web.pages.record import to


@pages.get("/<type:kind>/view")
def view_form(kind: RecordType) -> str:
    """The form that keeps this list under a name."""
    who = actor()
    here = state.read(who, kind)
    over = request.args.get("over") == "1" and here.view.mine
    name = here.view.name if over else ""
    return render_template(
        "record/_view.html", kind=kind, state=here, over=over, name=name, scope=here.view.scope, errors={}
    )


@pages.post("/<type:kind>/view")
def view_save(kind: RecordType) -> Response | tuple[str, int]:
    """Keep it."""
    who = actor()
    here = state.read(who, kind)
    over = request.form.get("over") == "1"
    name, scope = request.form.get("name", ""), request.form.get("scope", "mine")
    try:
        key = views.save(
            who, kind, name=name, scope=scope, filter=here.filter, sort=here.sort,
            columns=views.columns_of(who, kind, here.view), key=here.view.key if over else None,
        )  # fmt: skip
    except Invalid as error:
        return render_template(
            "record/_view.html", kind=kind, state=here, over=over, name=name, scope=scope, errors=error.errors
        ), 422
    toasts.say(str(L("The view is kept.")))
    return to(f"/{kind.card.name}?view={key}")


@pages.post("/<type:kind>/view/remove")
def view_remove(kind: RecordType) -> Response:
    """Take a view away."""
    views.remove(actor(), kind, request.form.get("view", ""))
    toasts.say(str(L("The view is gone. No record was touched.")))
    return redirect(f"/{kind.card.name}", 303)


@pages.post("/<type:kind>/view/default")
def view_default(kind: RecordType) -> Response:
    """Open this view first from now on."""
    key = request.form.get("view", "all")
    views.choose_default(actor(), kind, key)
    toasts.say(str(L("This view opens first for you now.")))
    return redirect(f"/{kind.card.name}?view={key}", 303)


@pages.get("/<type:kind>/columns")
def columns_form(kind: RecordType) -> str:
    """The choice and order of columns."""
    who = actor()
    here = state.read(who, kind)
    shown = views.columns_of(who, kind, here.view)
    rest = [n for n, f in access.readable(who, kind).items() if n not in shown and f.kind != "lines"]
    items = [(name, labels.field(kind, name), name in shown, name == kind.card.title) for name in [*shown, *rest]]
    return render_template("record/_columns.html", kind=kind, state=here, items=items)


@pages.post("/<type:kind>/columns")
def columns_save(kind: RecordType) -> Response:
    """Keep one's own columns of this view."""
    who = actor()
    here = state.read(who, kind)
    chosen = [] if request.form.get("reset") else request.form.getlist("columns")
    views.choose_columns(who, kind, here.view.key, chosen)
    return to(here.url())
