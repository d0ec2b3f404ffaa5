"""The public page of a web form: no sign-in, no script, no session; safe against programs, and inside other sites where allowed."""

from __future__ import annotations

from typing import Any

from flask import g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.leads.pages import leads
from smallcrm.areas.leads.rules import forms
from smallcrm.base import i18n
from smallcrm.base.errors import Invalid, NotFound, TooMany
from smallcrm.base.i18n import L
from smallcrm.identity import throttle
from smallcrm.records import settings
from smallcrm.web.context import from_anywhere, open_to_all

CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors {ancestors}"
)


def _form(address: str) -> dict[str, Any]:
    g.plain = True  # no frame, and so no cookie either
    found = forms.find(address)
    if found is None:
        raise NotFound(L("This form is no longer there, or takes no answers any more."))
    i18n.set_language(str(found.get("language") or settings.get("company.language")))
    return found


def _answer(form: dict[str, Any], status: int = 200, **context: Any) -> Response:
    framed = request.values.get("framed") == "1"
    response = make_response(
        render_template(
            "leads/public.html", form=form, asks=forms.asks(form), framed=framed, mark=forms.seal(form), trap=forms.TRAP,
            company=str(settings.get("company.name")),
            **{"typed": {}, "errors": {}, "thanks": False, "said": "", "consent": False, **context},
        ),
        status,
    )  # fmt: skip
    return _headed(response, form)


def _headed(response: Response, form: dict[str, Any]) -> Response:
    allowed = forms.ancestors(form)
    response.headers["Content-Security-Policy"] = CSP.format(ancestors=allowed)
    response.headers["Referrer-Policy"] = "no-referrer"
    g.framed = allowed != "'none'"  # the older header could only forbid it
    return response


@leads.get("/f/<address>")
@open_to_all
@from_anywhere
def public_form(address: str) -> Response:
    """The form."""
    form = _form(address)
    return _answer(form, thanks=request.args.get("thanks") == "1")


@leads.post("/f/<address>")
@open_to_all
@from_anywhere
def answer_form(address: str) -> Response:
    """Take an answer. A program that fills the trap, or is too quick, is thanked like anybody and leaves nothing."""
    form = _form(address)
    try:
        with throttle.attempt("web form", account=address, address=request.remote_addr or ""):
            pass
    except TooMany as error:
        response = _answer(form, 429, typed=_typed(form), said=str(error))
        response.headers["Retry-After"] = str(error.detail["after"])
        return response
    mark = request.form.get("mark", "")
    wrong = forms.opened(form, mark)
    if request.form.get(forms.TRAP) or wrong == "quick":
        return _thanks(form)
    typed, consent = _typed(form), request.form.get("consent") == "1"
    if wrong:
        said = L("This page was open for too long. What you typed is kept: send it once more.")
        return _answer(form, 422, typed=typed, consent=consent, said=str(said))
    try:
        found = forms.check(form, typed, consent=consent)
    except Invalid as error:
        return _answer(form, 422, typed=typed, errors=error.errors, consent=consent)
    forms.take(form, found, consent=consent, mark=mark)
    return _thanks(form)


def _typed(form: dict[str, Any]) -> dict[str, str]:
    """Only what the form asks, one text each, whatever else was sent."""
    return {each.name: request.form.get(each.name, "")[:20_000] for each in forms.asks(form)}


def _thanks(form: dict[str, Any]) -> Response:
    target = str(form.get("leads_to") or "")
    if target:
        return _headed(redirect(target if "://" in target else f"https://{target}", 303), form)
    framed = "&framed=1" if request.values.get("framed") == "1" else ""
    return _headed(redirect(f"{forms.path(form)}?thanks=1{framed}", 303), form)
