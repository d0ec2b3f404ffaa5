"""``/admissions/inquiry``: a first inquiry on one page. A student who is here already is shown before anything is made twice."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from smallcrm.areas.admissions.pages import admissions
from smallcrm.areas.admissions.pages.guard import here
from smallcrm.areas.admissions.rules import inquiry, intakes, same
from smallcrm.areas.admissions.rules.same import Likely
from smallcrm.areas.customers.records import Contact, Customer
from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.areas.pipeline.rules import stages
from smallcrm.base import ids
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import access, changesets, labels
from smallcrm.records.record import RecordType, title
from smallcrm.web import inputs, toasts
from smallcrm.web import typed as typing
from smallcrm.web.api import idempotency

PAGE = "/admissions/inquiry"
GROUPS: dict[str, tuple[RecordType, tuple[str, ...]]] = {
    "student": (Customer, ("name", "birthday")),
    "application": (Opportunity, ("intake", "product", "source", "description")),
    "guardian": (Contact, ("name", "mobile", "email")),
}


@admissions.get(PAGE)
def inquiry_form() -> str:
    """The form."""
    who = here()
    inquiry.need(who)
    return _page(who, {}, {})


def _page(who: Actor, typed: dict[str, Any], errors: dict[str, list[str]], likely: list[Likely] | None = None) -> str:
    held = {"intake": intakes.usual()}
    return render_template(
        "admissions/inquiry.html",
        groups={key: _controls(who, key, typed, errors, held) for key in GROUPS}, errors=errors, likely=likely or [],
        names={f"{key}_{name}": labels.field(kind, name) for key, (kind, names) in GROUPS.items() for name in names},
        pipelines=[(way.id, way.name) for way in stages.every().values() if way.enabled], typed=typed,
        pays="1" in request.form.getlist("pays"), once=request.form.get("once") or ids.token(),
    )  # fmt: skip


def _controls(
    who: Actor, key: str, typed: dict[str, Any], errors: dict[str, list[str]], held: dict[str, Any]
) -> list[Any]:
    """The fields of one part, under the part's name."""
    kind, names = GROUPS[key]
    writable = access.writable(who, kind)
    made = []
    for name in names:
        if name in writable:
            mine = {name: typed[f"{key}_{name}"]} if f"{key}_{name}" in typed else None
            control = inputs.of(
                who, kind, name, writable[name], held, typed=mine, errors={name: errors.get(f"{key}_{name}", [])}
            )
            control.name = f"{key}_{name}"
            control.required = key == "student" and name == "name"
            control.options.pop("same", None)
            made.append(control)
    return made


@admissions.post(PAGE)
def take_inquiry() -> Response | tuple[str, int]:
    """Make student, guardian and application; first ask about those who may be here already."""
    who = here()
    inquiry.need(who)
    typed = {
        name: request.form.get(name, "").strip()[:5000]
        for name in request.form
        if name not in ("once", "csrf_token", "pays")
    }
    given, errors = _read(who, typed)
    known = ids.number(typed.get("known", ""))
    if not known and not given["student"].get("name"):
        errors.setdefault("student_name", [str(L("This is needed."))])
    if errors:
        return _page(who, typed, errors), 422
    application = {**given["application"], "stage": inquiry.first_stage(ids.number(typed.get("pipeline", "")))}

    def make() -> str:
        if not typed.get("known") and (likely := _likely(who, given)):
            raise _KnownError(likely)
        with changesets.opened(who, "form") as mine:
            made = inquiry.take(
                who, student={**given["student"], **_shared(given)}, application={k: v for k, v in application.items() if v},
                guardian=given["guardian"], pays="1" in request.form.getlist("pays"), known=known,
            )  # fmt: skip
        toasts.say(str(L("%(name)s is kept.", name=title(made))), undo=mine.id)
        return f"/opportunities/{made.id}"

    try:
        return redirect(idempotency.form_once(who, make), 303)
    except _KnownError as known_already:
        return _page(who, typed, {}, known_already.likely), 422
    except Invalid as error:
        return _page(who, typed, {_placed(name): said for name, said in error.errors.items()}), 422


class _KnownError(Exception):
    """Who is asked for may be here already."""

    def __init__(self, likely: list[Likely]) -> None:
        super().__init__()
        self.likely = likely


def _likely(who: Actor, given: dict[str, dict[str, Any]]) -> list[Likely]:
    student = given["student"]
    return same.students(
        who, name=student["name"], birthday=student.get("birthday"), mobile=given["guardian"].get("mobile")
    )


def _shared(given: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What the student takes from the application."""
    return {name: given["application"][name] for name in ("source", "intake") if given["application"].get(name)}


def _placed(name: str) -> str:
    """An error's place on this form."""
    if not name or name.startswith("guardian_"):
        return name
    return next((f"{key}_{name}" for key, (_, names) in GROUPS.items() if name in names), "")


def _read(who: Actor, typed: dict[str, str]) -> tuple[dict[str, dict[str, Any]], dict[str, list[str]]]:
    """What was typed, part by part, and what cannot be read."""
    found: dict[str, dict[str, Any]] = {}
    errors: dict[str, list[str]] = {}
    for key, (kind, names) in GROUPS.items():
        writable = access.writable(who, kind)
        mine = {name: typed.get(f"{key}_{name}", "") for name in names if name in writable}
        given, wrong = typing.values(who, kind, mine, {})
        found[key] = {name: value for name, value in given.items() if value not in (None, "")}
        errors |= {f"{key}_{name}": said for name, said in wrong.items()}
    return found, errors
