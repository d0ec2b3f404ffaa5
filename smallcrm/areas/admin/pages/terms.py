"""What types and their fields are called here, per language: a school sees Students. Empty returns to the built-in name."""

from __future__ import annotations

from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response

from smallcrm.areas.admin.pages import admin
from smallcrm.areas.admin.pages.guard import need
from smallcrm.base.errors import Invalid, NotFound
from smallcrm.base.i18n import LANGUAGES, L, speaking
from smallcrm.records import access, labels
from smallcrm.records.custom import fields_of
from smallcrm.records.record import RecordType, all_types, by_name, declared, is_present
from smallcrm.web import toasts
from smallcrm.web.settings_shell import page

HERE = "/admin/terms"
TYPE = ""  # the "field" under which a type's own name stands

Names = dict[str, dict[str, tuple[str, str]]]  # field → language → (one, many)


def types() -> list[RecordType]:
    """Those that people meet by name: what they work with first, then what is set up."""
    found = [kind for kind in all_types() if kind.card.pages and is_present(kind)]
    return sorted(found, key=lambda kind: (kind.card.reach == "open", kind.card.number))


def chosen_type(name: str | None) -> RecordType:
    """The type of that name, the first one where none is given. Raises NotFound."""
    found = by_name(name) if name else types()[0]
    if found is None or found not in types():
        raise NotFound(L("There is nothing here, or you may not see it."))
    return found


def tabs(here: str, current: RecordType) -> list[dict[str, Any]]:
    """A tab for each type."""
    return [
        {"label": labels.many(kind), "url": f"{here}?type={kind.card.name}", "current": kind is current}
        for kind in types()
    ]


def built_in(kind: RecordType) -> Names:
    """What everything is called without anybody's doing."""
    found: Names = {}
    for code in LANGUAGES:
        with speaking(code):
            found.setdefault(TYPE, {})[code] = (str(kind.card.one), str(kind.card.many))
            for name, each in _fields(kind).items():
                found.setdefault(name, {})[code] = (str(each.label), "")
    return found


def _fields(kind: RecordType) -> dict[str, Any]:
    return {name: each for name, each in declared(kind).items() if not each.hidden_always and name in fields_of(kind)}


@admin.get("/admin/terms")
def terms() -> str:
    """The names of one type and its fields."""
    need("settings")
    return _form(chosen_type(request.args.get("type")), {}, {})


@admin.post("/admin/terms")
def save_terms() -> Response | tuple[str, int]:
    """Keep what differs from what stands."""
    who = need("settings")
    kind = chosen_type(request.form.get("type"))
    typed = _emptied(kind) if request.form.get("reset") else _typed(kind)
    try:
        changed = _changed(kind, typed)
        if changed:
            labels.rename(who, kind, changed)
    except Invalid as error:
        return _form(kind, typed, error.errors), 422
    toasts.say(str(L("Saved.")))
    return redirect(f"{HERE}?type={kind.card.name}", 303)


def _emptied(kind: RecordType) -> Names:
    return {name: dict.fromkeys(LANGUAGES, ("", "")) for name in (TYPE, *_fields(kind))}


def _typed(kind: RecordType) -> Names:
    found: Names = {}
    for name in (TYPE, *_fields(kind)):
        for code in LANGUAGES:
            one = request.form.get(f"one-{code}-{name}", "").strip()
            many = request.form.get(f"many-{code}-{name}", "").strip()
            found.setdefault(name, {})[code] = (one, many)
    return found


def _changed(kind: RecordType, typed: Names) -> Names:
    """Those that are not as they stand; a name typed as it is built in counts as none."""
    now, given = labels.terms_of(kind.card.key), built_in(kind)
    changed: Names = {}
    for name, by_language in typed.items():
        for code, (one, many) in by_language.items():
            plain = given[name][code]
            wanted = ("", "") if (one or plain[0], many or plain[1]) == plain else (one or plain[0], many)
            if wanted != now.get((name, code), ("", "")):
                changed.setdefault(name, {})[code] = wanted
    return changed


def _form(kind: RecordType, typed: Names, errors: dict[str, list[str]]) -> str:
    who = need("settings")
    given, now = built_in(kind), labels.terms_of(kind.card.key)
    readable = access.readable(who, kind)
    rows = [(name, given[name], _shown(name, typed, now)) for name in _fields(kind) if name in readable]
    return page(
        "admin/terms.html", HERE, kind=kind, tabs=tabs(HERE, kind), languages=LANGUAGES, type_names=given[TYPE],
        type_now=_shown(TYPE, typed, now), rows=rows, errors=errors, renamed=len(now),
    )  # fmt: skip


def _shown(name: str, typed: Names, now: dict[tuple[str, str], tuple[str, str]]) -> dict[str, tuple[str, str]]:
    return typed.get(name) or {code: now.get((name, code), ("", "")) for code in LANGUAGES}
