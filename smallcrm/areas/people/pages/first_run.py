"""``/setup``: the first start in the browser. Gone (404) as soon as there is an owner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import jsonify, make_response, render_template, request
from werkzeug.wrappers import Response

from smallcrm import store
from smallcrm.areas.people import guessing, setup
from smallcrm.areas.people.pages import people
from smallcrm.areas.people.pages.sign_in import client_address, let_in
from smallcrm.areas.people.presets import PRESETS
from smallcrm.base.errors import Invalid, NotFound, TooMany
from smallcrm.base.i18n import LANGUAGES, L, _, language, set_language
from smallcrm.records import settings
from smallcrm.web import context, security, toasts
from smallcrm.web.context import open_to_all
from smallcrm.web.typed import ticked

_TYPED = ("company", "language", "currency", "country", "timezone", "preset", "address", "owner_name", "owner_email")


def _need_fresh() -> None:
    if setup.is_set_up():
        raise NotFound(L("There is nothing here, or you may not see it."))


@people.get("/setup", endpoint="setup")
@open_to_all
def setup_page() -> str:
    """The form, filled with what the browser and the address tell."""
    _need_fresh()
    setup.code_for(store.folder())
    guess = guessing.of_browser(request.headers.get("Accept-Language", ""))
    filled = {
        "language": language(), "country": guess.country, "currency": guess.currency, "timezone": guess.timezone,
        "preset": "sales", "address": request.host_url.rstrip("/"), "code": request.args.get("code", ""),
    }  # fmt: skip
    return _form(filled, {})


def _choices() -> dict[str, list[tuple[str, str]]]:
    """Countries, currencies and time zones to choose from."""
    known: dict[str, Any] = {each.key: each.field for each in settings.declared("company")}
    return {
        name: [(option.key, str(option.label)) for option in known[f"company.{name}"].options]
        for name in ("country", "currency", "timezone")
    }


def _form(typed: Mapping[str, Any], errors: Mapping[str, Any], *, guess: bool = True) -> str:
    return render_template(
        "people/setup.html",
        typed=typed,
        errors=errors,
        choices=_choices(),
        languages=list(LANGUAGES.items()),
        presets=[(preset.key, str(preset.label), str(preset.about)) for preset in PRESETS.values()],
        sample=setup.has_sample_data(),
        guess=guess,
        file=setup.FILE,
        single=_one_machine_only(str(typed.get("address") or "")),
    )


def _one_machine_only(address: str) -> bool:
    """Whether nobody else could reach smallcrm by this address."""
    return any(f"//{host}" in address for host in ("localhost", "127.", "[::1]"))


@people.post("/setup")
@open_to_all
def do_set_up() -> Response | tuple[str, int]:
    """Set up, sign the owner in. Switching the language draws the page anew with everything typed."""
    _need_fresh()
    form = request.form
    typed = {name: form.get(name, "") for name in (*_TYPED, "code")}
    typed["sample_data"] = "1" if ticked("sample_data") else ""
    if form.get("switch"):
        return _switched(typed)
    try:
        setup.check_code(typed["code"], address=client_address())
        owner = setup.set_up(
            **{name: typed[name] for name in _TYPED},
            password=form.get("password", ""),
            sample_data=bool(typed["sample_data"]),
        )
    except Invalid as error:
        return _form(typed, error.errors, guess=False), 422
    except TooMany as error:
        page = make_response(_form(typed, {"code": [str(error)]}, guess=False), 429)
        page.headers["Retry-After"] = str(error.detail.get("after", 60))
        return page
    toasts.say(_("%(company)s is set up. Welcome!", company=typed["company"]))
    return let_in(owner, "/", how="set-up")


def _switched(typed: Mapping[str, str]) -> Response:
    set_language(typed["language"])
    response = make_response(_form(typed, {}, guess=False))
    security.secure_cookie(response, context.LANGUAGE, language(), max_age=365 * 86400)
    return response


@people.get("/setup/guess")
@open_to_all
def guess() -> Response:
    """What the browser's time zone tells of the country."""
    _need_fresh()
    found = guessing.of_zone(request.args.get("timezone", "")[:60])
    return jsonify({"country": found.country, "currency": found.currency, "timezone": found.timezone})
