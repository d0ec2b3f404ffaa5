"""Settings as controls of a form, and what a form brought as values for ``settings.put``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from smallcrm.identity.actor import Actor
from smallcrm.records import access, settings
from smallcrm.records.fields import Choice, Choices, Cleaning, FieldError, Flag, LongText, Text, Texts
from smallcrm.records.settings import Setting
from smallcrm.web.inputs import MANY, Input

Errors = dict[str, list[str]]


def of(
    actor: Actor, setting: Setting, *, typed: Mapping[str, Any] | None = None, errors: Mapping[str, Sequence[str]] = {}
) -> Input:
    """The control of one setting, with what was typed before what is kept. A secret one starts empty."""
    field, name = setting.field, setting.field.key
    stored = None if setting.secret else settings.get(setting.key)
    if typed is not None and name in typed:
        value: Any = "" if setting.secret else typed[name]
    elif isinstance(field, Texts):
        value = stored or []
    else:
        value = field.edit(stored, {}, access.reading(actor))
    options: dict[str, Any] = {"wide": field.wide or isinstance(field, LongText | Texts)}
    if isinstance(field, Choice | Choices):
        options["choices"] = [(option.key, str(option.label)) for option in field.options]
        options["source"] = "" if len(options["choices"]) > MANY else None
    if isinstance(field, LongText):
        options["rows"] = 4
    elif isinstance(field, Text):
        options["maxlength"] = field.most
    return Input(
        kind="password" if setting.secret else "long_text" if _a_line_each(field) else field.kind,
        name=name,
        label=str(field.label),
        value="\n".join(value) if _a_line_each(field) and isinstance(value, list) else value,
        help=str(field.help),
        error=" ".join(errors.get(name, ())),
        required=field.required,
        options=options,
    )


def _a_line_each(field: Any) -> bool:
    """Lists in settings are written a line each: exchange rates, addresses."""
    return isinstance(field, Texts) and not isinstance(field, Choices)


def read(actor: Actor, wanted: Sequence[Setting], form: MultiDict[str, str]) -> tuple[dict[str, Any], Errors]:
    """What a form says of the settings, by key, and what cannot be read. A secret left empty stays as it is."""
    found: dict[str, Any] = {}
    errors: Errors = {}
    for setting in wanted:
        field, name = setting.field, setting.field.key
        if name not in form:
            continue
        if isinstance(field, Flag):  # an empty hidden value stands before the box
            found[setting.key] = "1" in form.getlist(name)
            continue
        text = form[name]
        if setting.secret:
            if text:
                found[setting.key] = text
            elif form.get(f"{name}-drop"):
                found[setting.key] = None
            continue
        try:
            if isinstance(field, Choices):
                found[setting.key] = [value for value in form.getlist(name) if value]
            else:
                found[setting.key] = field.read(text, Cleaning(actor=actor)) if text.strip() else None
        except FieldError as error:
            errors[name] = [str(error)]
    return found, errors
