"""Custom fields: made, changed, ordered and switched off in the browser, for every type."""

from __future__ import annotations

import re
from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response

from smallcrm.areas.admin.pages import admin
from smallcrm.areas.admin.pages.guard import need
from smallcrm.areas.admin.pages.terms import chosen_type, tabs, types
from smallcrm.areas.admin.rules import shaping
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import LANGUAGES, L, Label, language
from smallcrm.records import custom, labels
from smallcrm.records.custom import KINDS
from smallcrm.records.record import RecordType
from smallcrm.web import toasts
from smallcrm.web.settings_shell import page

HERE = "/admin/fields"

FLAGS: dict[str, tuple[Label, Label]] = {
    "required": (L("Must be filled in"), L("Records without it stay; whoever changes one next has to fill it in.")),
    "column": (L("Stands in lists"), L("As a column from the start. Everybody can still choose their own columns.")),
    "filter": (
        L("For filtering and sorting"),
        L(
            "From 10,000 records on it gets an index, so that lists stay fast. Each index takes room and slows"
            " writing a little: choose what you really filter by."
        ),
    ),
    "search": (L("Found by the search"), L("Its words find the record.")),
    "personal": (L("A person's data"), L("Is given out and erased with that person's data.")),
    "masked": (L("Hidden in the pool"), L("Until somebody claims the record, as phone numbers are.")),
}
_NO_SEARCH = ("flag", "date", "moment", "money", "number")
_OPTION = re.compile(r"options-(\w+)-(key|en|zh|el)")


@admin.get("/admin/fields")
def fields() -> str:
    """The custom fields of one type."""
    need("settings")
    kind = chosen_type(request.args.get("type"))
    found = [
        {**each, "label": _named(each), "kind_label": str(KINDS[each["kind"]][0]),
         "flag_labels": [str(FLAGS[flag][0]) for flag in each["flags"] if flag in FLAGS]}
        for each in custom.definitions(kind)
    ]  # fmt: skip
    return page("admin/fields.html", HERE, kind=kind, tabs=tabs(HERE, kind), found=found)


def _named(each: dict[str, Any]) -> str:
    names = each["labels"]
    return str(names.get(language()) or names.get("en") or next(iter(names.values())))


@admin.get("/admin/fields/<type_name>/new")
def new_field(type_name: str) -> str:
    """The form of a new one; the kind is chosen first, for what can be said depends on it."""
    need("settings")
    kind, chosen = chosen_type(type_name), request.args.get("kind", "")
    if chosen not in KINDS:
        kinds = [(key, str(label), str(ABOUT.get(key, ""))) for key, (label, _) in KINDS.items()]
        return page("admin/field_kind.html", HERE, kind=kind, kinds=kinds)
    return _form(kind, _blank(chosen), {}, "")


ABOUT: dict[str, Label] = {
    "text": L("One line: a code, a name."),
    "long_text": L("Several lines: remarks."),
    "number": L("A figure, whole or with decimals."),
    "money": L("An amount in the record's currency."),
    "date": L("A day."),
    "moment": L("A day and a time."),
    "choice": L("One of a list."),
    "choices": L("Several of a list."),
    "link": L("Another record: a customer, a user."),
    "flag": L("Ticked or not."),
    "email": L("An e-mail address."),
    "phone": L("A phone number."),
    "url": L("A web address."),
    "texts": L("Several short words, free."),
}


def _blank(field_kind: str) -> dict[str, Any]:
    return {
        "kind": field_kind, "labels": {}, "help": "", "options": {}, "flags": [], "section": "main", "active": True,
    }  # fmt: skip


@admin.post("/admin/fields/<type_name>/new")
def make_field(type_name: str) -> Response | tuple[str, int]:
    """Keep a new one."""
    who, kind = need("settings"), chosen_type(type_name)
    given = _typed(request.form.get("kind", ""))
    try:
        shaping.make(who, kind, given)
    except Invalid as error:
        return _form(kind, {**_blank(given["kind"]), **given}, error.errors, ""), 422
    toasts.say(str(L("The field is there: in forms, lists, filters, import, export and the API.")))
    return redirect(f"{HERE}?type={kind.card.name}", 303)


@admin.get("/admin/fields/<type_name>/<key>")
def field(type_name: str, key: str) -> str:
    """The form of one."""
    need("settings")
    kind = chosen_type(type_name)
    return _form(kind, shaping.definition(kind, key), {}, key)


@admin.post("/admin/fields/<type_name>/<key>")
def save_field(type_name: str, key: str) -> Response | tuple[str, int]:
    """Keep the changes."""
    who, kind = need("settings"), chosen_type(type_name)
    before = shaping.definition(kind, key)
    given = _typed(before["kind"])
    try:
        started = shaping.change(who, kind, key, given)
    except Invalid as error:
        return _form(kind, {**before, **given}, error.errors, key), 422
    return _done(kind, started, L("Saved."))


@admin.post("/admin/fields/<type_name>/<key>/switch")
def switch_field(type_name: str, key: str) -> Response:
    """Off, or on again."""
    who, kind = need("settings"), chosen_type(type_name)
    active = request.form.get("active") == "1"
    started = shaping.switch(who, kind, key, active=active)
    said = L("The field is back, with its values.") if active else L("The field is switched off. Its values are kept.")
    return _done(kind, started, said)


@admin.post("/admin/fields/<type_name>/<key>/move")
def move_field(type_name: str, key: str) -> Response:
    """A place up or down."""
    who, kind = need("settings"), chosen_type(type_name)
    shaping.move(who, kind, key, -1 if request.form.get("to") == "up" else 1)
    return redirect(f"{HERE}?type={kind.card.name}", 303)


def _done(kind: RecordType, started: int | None, said: Label) -> Response:
    if started is not None:
        said = L("Saved. The search learns of it in the background.")
    toasts.say(str(said))
    return redirect(f"{HERE}?type={kind.card.name}", 303)


# ---------------------------------------------------------------- the form


def _typed(field_kind: str) -> dict[str, Any]:
    form = request.form
    options: dict[str, Any] = {}
    if field_kind in ("choice", "choices"):
        options = {"options": _typed_options()}
    elif field_kind == "link":
        options = {"to": form.get("to", "")}
    elif field_kind == "number":
        options = {"places": form.get("places", "0").strip() or "0"}
    return {
        "kind": field_kind,
        "labels": {code: form.get(f"label-{code}", "") for code in LANGUAGES},
        "help": form.get("help", ""),
        "options": options,
        "flags": [flag for flag in form.getlist("flags") if flag in FLAGS],
        "section": form.get("section", "main"),
    }


def _typed_options() -> list[dict[str, Any]]:
    """The choices in the order of the form; a new one gets a key that no other has or had."""
    rows: dict[str, dict[str, str]] = {}
    for name, value in request.form.items(multi=True):
        match = _OPTION.fullmatch(name)
        if match and match[1] != "__n__":
            rows.setdefault(match[1], {})[match[2]] = value.strip()
    taken = {row.get("key", "") for row in rows.values()}
    found = []
    for row in rows.values():
        names = {code: row[code] for code in LANGUAGES if row.get(code)}
        if names:
            key = row.get("key") or _fresh_key(taken)
            taken.add(key)
            found.append({"key": key, "labels": names})
    return found


def _fresh_key(taken: set[str]) -> str:
    from smallcrm.base import ids

    while True:
        key = f"o{ids.token(16)[:6].lower()}"
        if key not in taken and key.isalnum():
            return key


def _form(kind: RecordType, given: dict[str, Any], errors: dict[str, list[str]], key: str) -> str:
    sections = [(name, str(label)) for name, label in kind.card.sections] or [("main", labels.one(kind))]
    flags = [
        (flag, str(label), str(say))
        for flag, (label, say) in FLAGS.items()
        if not (flag == "masked" and not kind.card.pooled) and not (flag == "search" and given["kind"] in _NO_SEARCH)
    ]
    return page(
        "admin/field.html", HERE, kind=kind, given=given, errors=errors, key=key, flags=flags, sections=sections,
        languages=LANGUAGES, kind_label=str(KINDS[given["kind"]][0]) if given["kind"] in KINDS else "",
        targets=[(each.card.key, labels.one(each)) for each in types()], named=_named(given) if key else "",
        filled=custom.filled(kind, key) if key else 0,
    )  # fmt: skip
