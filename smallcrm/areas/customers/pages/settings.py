"""Settings of customers: how numbers look, how grades are proposed (with a preview), whose consent is asked."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from smallcrm.areas.customers.pages import customers
from smallcrm.areas.customers.rules import grade_rule, grades
from smallcrm.base.errors import Forbidden, Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, settings
from smallcrm.records.fields import Choice, Cleaning, Field, FieldError, Number
from smallcrm.web import inputs, settings_shell, toasts
from smallcrm.web.area import SettingsPage
from smallcrm.web.context import actor

URL = "/settings/customers"
SECTIONS = (
    ("number", L("Numbers"), ("number",)),
    ("grades", L("Grades"), ("grade_by", "grade_share_a", "grade_share_b", "grade_revenue_a", "grade_revenue_b", "grade_employees_a", "grade_employees_b")),
    ("consent", L("Consent"), ("ask_consent", "consent_age")),
)  # fmt: skip


def _allowed() -> Actor:
    who = actor()
    if not who.may("settings"):
        raise Forbidden(access.refusal(who, "edit"))
    return who


def _fields() -> dict[str, Field]:
    return {each.key.removeprefix("customers."): each.field for each in settings.declared("customers")}


def _given() -> dict[str, Any]:
    """What was typed, read by each field; raises Invalid by the settings' names."""
    found: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name, field in _fields().items():
        if name in request.form:
            try:
                typed = request.form[name].strip()
                found[name] = field.read(typed, Cleaning()) if typed else None
            except FieldError as error:
                errors[f"customers_{name}"] = [str(error)]
    if errors:
        raise Invalid(errors)
    return found


def _zeros(given: dict[str, Any]) -> dict[str, Any]:
    """An empty border is switched off, not put back to what it was at first."""
    return {
        name: 0 if value is None and isinstance(_fields()[name], Number) else value for name, value in given.items()
    }


def _page(errors: dict[str, list[str]], typed: dict[str, str] | None = None) -> str:
    fields = _fields()
    controls = {key: [_input(name, fields[name], errors, typed) for name in names] for key, _, names in SECTIONS}
    return settings_shell.page(
        "customers/settings.html",
        URL,
        sections=[(key, heading, controls[key]) for key, heading, _ in SECTIONS],
        errors={name.removeprefix("customers_"): said for name, said in errors.items()},
        labels_by_name={name: str(field.label) for name, field in fields.items()},
        preview=Markup(_preview(grade_rule.rule())),  # noqa: S704  autoescape has drawn it
    )


def _input(name: str, field: Field, errors: dict[str, list[str]], typed: dict[str, str] | None) -> inputs.Input:
    value = settings.get(f"customers.{name}")
    found = inputs.Input(
        kind="text" if field.kind == "text" else field.kind,
        name=name,
        label=str(field.label),
        value=typed[name] if typed and name in typed else field.edit(value or None, {}, access.reading(actor())),
        help=str(field.help),
        error=" ".join(errors.get(f"customers_{name}", ())),
        required=field.required,
    )
    found.options["wide"] = name == "grade_by"
    if isinstance(field, Choice):
        found.options["choices"] = [(option.key, str(option.label)) for option in field.options]
    if isinstance(field, Number):
        money = name.startswith("grade_revenue")
        found.options["unit"] = str(settings.get("company.currency")) if money else str(field.unit or "")
        found.options["whole"] = True
    return found


def _preview(by: grade_rule.Rule) -> str:
    found = grades.preview(by)
    order = sorted(found.moves.items(), key=lambda each: (each[0][1], each[0][0]))
    return render_template("customers/_grade_preview.html", preview=found, moves=order, off=by.grade_by == "off")


@customers.get(URL)
def settings_page() -> str:
    """The page."""
    _allowed()
    return _page({})


@customers.post(URL)
def save_settings() -> Response | tuple[str, int]:
    """Keep them; grades are proposed anew at once."""
    who = _allowed()
    try:
        done = grades.save(who, _zeros(_given()))
    except Invalid as error:
        return _page(dict(error.errors), dict(request.form)), 422
    toasts.say(str(L("Saved. %(n)s proposals changed.", n=done["changed"])))
    return redirect(URL, 303)


@customers.post(f"{URL}/preview")
def preview_settings() -> str:
    """What the rule as typed would propose."""
    _allowed()
    try:
        given = {name: value for name, value in _zeros(_given()).items() if name.startswith("grade")}
        return _preview(grades.rule_from(given))
    except Invalid as error:
        return render_template("customers/_grade_preview.html", error=str(error))


PAGES = (SettingsPage("customers", L("Numbers, grades, consent"), URL, right="settings", group="data", order=30),)
