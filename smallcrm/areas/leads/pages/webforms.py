"""A web form's own page: its address, what to paste into another site, and what to do where the internet cannot reach us."""

from __future__ import annotations

from flask import make_response, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from smallcrm import store
from smallcrm.areas.leads.pages import leads
from smallcrm.areas.leads.records import Lead, WebForm
from smallcrm.areas.leads.rules import forms, mailbox
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access
from smallcrm.records.record import Record, values
from smallcrm.web.area import Act, Panel
from smallcrm.web.context import actor
from smallcrm.web.templating import fragment


def _base(record: Record) -> str:
    return forms.base_of(record) or request.host_url.rstrip("/")


def _panel(_who: Actor, record: Record) -> Markup | str:
    """Its address and snippets."""
    held = values(record)
    to = mailbox.address()
    return fragment(
        "leads/_form_panel.html",
        form=held,
        url=f"{_base(record)}{forms.path(held)}",
        frame=forms.frame_snippet(held, _base(record)),
        framed=forms.ancestors(held) != "'none'",
        to=to,
        link=forms.mail_link(held, to) if to else "",
        record=record,
    )


def _brought(who: Actor, record: Record) -> Markup | str:
    """How many leads it brought, as far as one sees them."""
    where, params = access.reach(who, Lead).where()
    n = int(
        store.value(
            f"SELECT count(*) FROM lead t WHERE t.form = ? AND t.deleted_at IS NULL AND {where}", [record.id, *params]
        )
    )
    return fragment("leads/_form_brought.html", n=n, record=record)


@leads.get("/web-forms/<int:number>/mail-page")
def mail_page(number: int) -> Response:
    """A page for a web site, whose answers come by mail."""
    record = access.find(actor(), WebForm, number)
    response = make_response(forms.mail_page(values(record), mailbox.address()))
    response.headers["Content-Type"] = "text/plain; charset=utf-8"  # to be copied, never shown as a page of ours
    response.headers["Content-Disposition"] = 'attachment; filename="form.html"'
    return response


def _address(_who: Actor, record: Record) -> str:
    return forms.path(values(record)) if values(record).get("active") else ""


PANELS = (Panel("web_form", "middle", _panel, 1), Panel("web_form", "figures", _brought, 10))
ACTS = (
    Act("web_form", "open", L("Look at it"), "external-link", _address, verb="view", page=True, order=10, place="head"),
)
