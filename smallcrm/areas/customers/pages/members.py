"""The colleagues who work on a customer too: seen, let in, taken out."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from smallcrm.areas.customers.pages import customers
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.customers.records.choices import LEVELS
from smallcrm.areas.customers.rules import members
from smallcrm.base import clock, formats, ids
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, changesets
from smallcrm.records.record import Record, title, values
from smallcrm.web import toasts
from smallcrm.web.area import Act, Panel
from smallcrm.web.context import actor
from smallcrm.web.pages.record import to
from smallcrm.web.templating import fragment


def draw(who: Actor, record: Record) -> Markup | str:
    """The panel; nothing while nobody was let in."""
    if "members" not in access.readable(who, Customer):
        return ""
    held = [row for row in values(record)["members"] or () if row["user"] != record.owner]
    if not held:
        return ""
    names = access.names(who, "user", [row["user"] for row in held])
    today = clock.today().isoformat()
    rows = [
        {
            "user": row["user"],
            "name": names.get(row["user"], "–"),
            "level": str(dict(LEVELS)[row["level"]]),
            "until": formats.date(row["until"]) if row.get("until") else "",
            "over": bool(row.get("until")) and row["until"] < today,
        }
        for row in held
    ]
    return fragment("customers/_members.html", record=record, rows=rows, may=_may(who, record))


def _may(who: Actor, record: Record) -> bool:
    return not record.deleted_at and access.may(who, record, "assign")


@customers.get("/customers/<int:number>/members")
def member_form(number: int) -> str:
    """Who is let in, how far and until when."""
    who = actor()
    record = access.find(who, Customer, number, "assign")
    return _form(record, {"level": "read"}, {})


def _form(record: Record, typed: Any, errors: Any) -> str:
    return render_template(
        "customers/_member_form.html", record=record, name=title(record), typed=typed, errors=errors, levels=LEVELS
    )


@customers.post("/customers/<int:number>/members")
def add_member(number: int) -> Response | tuple[str, int]:
    """Let a colleague in, or change how far."""
    who = actor()
    record = access.find(who, Customer, number, "assign")
    typed = {name: request.form.get(name, "") for name in ("user", "level", "until")}
    try:
        with changesets.opened(who, "form") as mine:
            members.let_in(
                who, record, user=ids.number(typed["user"]) or 0, level=typed["level"],
                until=typed["until"] or None,
            )  # fmt: skip
    except Invalid as error:
        return _form(record, typed, error.errors), 422
    toasts.say(str(L("Saved.")), undo=mine.id or None)
    return to(f"/customers/{number}")


@customers.post("/customers/<int:number>/members/<int:user>/remove")
def remove_member(number: int, user: int) -> Response:
    """Take a colleague out."""
    who = actor()
    record = access.find(who, Customer, number, "assign")
    with changesets.opened(who, "form") as mine:
        members.take_out(who, record, user=user)
    toasts.say(str(L("Saved.")), undo=mine.id or None)
    return to(f"/customers/{number}")


PANELS = (Panel("customer", "facts", draw, 60),)
ACTS = (Act("customer", "member", L("Let a colleague in"), "user-plus", "/customers/{id}/members", verb="assign",
            shown=_may, order=40),)  # fmt: skip
