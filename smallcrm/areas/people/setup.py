"""The first start: who the company is, which kind of business, and its first owner. The page and ``init`` both end here.

A fresh installation is guarded by a one-time code, which the server prints and which stands in ``setup-code.txt``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from smallcrm import store
from smallcrm.areas.people.presets import PRESETS, Preset
from smallcrm.areas.people.records import User
from smallcrm.areas.people.rules import addresses
from smallcrm.areas.people.rules.recovery import same_code, write_private
from smallcrm.areas.people.rules.rights import make_ready_roles
from smallcrm.base import i18n, ids
from smallcrm.base.errors import Invalid, WrongState
from smallcrm.base.i18n import L
from smallcrm.identity import passwords, throttle
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import audit, change, changesets, custom, labels, settings, views
from smallcrm.records.custom import fields_of
from smallcrm.records.fields import Cleaning, FieldError
from smallcrm.records.record import RecordType, all_types

FILE = "setup-code.txt"

SampleData = Callable[..., Any]  # (owner=id, language=code, preset=key): fills what was just set up
_sample_data: list[SampleData] = []


_afterwards: list[Callable[[], Any]] = []


def afterwards(function: Callable[[], Any]) -> None:
    """An area makes what a new company starts with: in the company's language, in the same transaction."""
    _afterwards.append(function)


def offer_sample_data(function: SampleData) -> None:
    """The demo area offers to fill a fresh installation; until then set-up does not speak of it."""
    _sample_data[:] = [function]


def has_sample_data() -> bool:
    """Whether anybody offers sample data."""
    return bool(_sample_data)


def is_set_up() -> bool:
    """Whether there is anybody who can sign in, or ever was."""
    return bool(store.value('SELECT 1 FROM "user" LIMIT 1'))


def code_for(folder: Path) -> str:
    """The one-time code of a fresh installation, made when it is first asked for; empty once it is set up."""
    path = folder / FILE
    if is_set_up():
        path.unlink(missing_ok=True)
        return ""
    with suppress(OSError):
        known = path.read_text("utf-8").strip()
        if known:
            return known
    code = ids.short_code()
    write_private(path, f"{code}\n")
    return code


def check_code(typed: str, *, address: str) -> None:
    """Raise Invalid unless this is the code, TooMany for guessers."""
    with throttle.attempt("setup", account="setup", address=address) as attempt:
        if not same_code(typed, code_for(store.folder())):
            message = L(
                "This is not the code. It stands in %(file)s in the data folder and in the server's log.", file=FILE
            )
            raise Invalid({"code": [str(message)]})
        attempt.good()


def set_up(
    *,
    company: str,
    owner_email: str,
    password: str,
    owner_name: str = "",
    language: str = "en",
    currency: str = "",
    country: str = "",
    timezone: str = "",
    preset: str = "sales",
    address: str = "",
    sample_data: bool = False,
) -> int:
    """Make the company and its owner; the owner's id. What is left empty keeps its default.

    Of any number of attempts at the same time one succeeds. Raises Invalid (by these names), WrongState afterwards.
    """
    _refuse_second()
    name = owner_name.strip() or owner_email.partition("@")[0]
    wishes: dict[str, Any] = {
        "company": company, "language": language, "currency": currency, "country": country, "timezone": timezone,
    }  # fmt: skip
    cleaned, errors = _cleaned(wishes)
    if preset not in PRESETS:
        errors["preset"] = [str(L("There is no such preset."))]
    try:
        cleaned["company.address"] = addresses.clean(address) or None
    except Invalid as error:
        errors["address"] = error.errors["address"]
    errors |= _errors_of_owner(name, owner_email, password, company)
    if errors:
        raise Invalid(errors)
    hashed = passwords.hashed(password)
    with i18n.speaking(language), store.writing():
        _refuse_second()
        settings.put(SYSTEM, {**cleaned, "company.preset": preset})
        with changesets.opened(SYSTEM, "rule"):
            ready = make_ready_roles()
            who = {"name": name, "email": owner_email, "role": ready["owner"], "language": language}
            owner = int(change.create(SYSTEM, User, who).id)
        passwords.keep(owner, hashed)
        apply_preset(PRESETS[preset])
        for function in _afterwards:
            function()
        audit.log(SYSTEM, "set up", record_type="user", record=owner, detail={"preset": preset})
    (store.folder() / FILE).unlink(missing_ok=True)
    if sample_data and _sample_data:
        _sample_data[0](owner=owner, language=language, preset=preset)
    return owner


def _refuse_second() -> None:
    if is_set_up():
        raise WrongState(L("smallcrm is set up already. Sign in instead."))


def _cleaned(wishes: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Settings to put, and what is wrong by the name of the wish."""
    cleaned: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    known = {each.key: each for each in settings.declared("company")}
    for wish, value in wishes.items():
        key = "company.name" if wish == "company" else f"company.{wish}"
        field = known[key].field
        if field.blank(str(value).strip()):
            if wish == "company":
                errors[wish] = [str(L("This is needed."))]
            continue
        try:
            cleaned[key] = field.clean(value, Cleaning())
        except FieldError as error:
            errors[wish] = [str(error)]
    return cleaned, errors


def _errors_of_owner(name: str, email: str, password: str, company: str) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    try:
        fields_of(User)["email"].clean(email, Cleaning())
    except FieldError as error:
        errors["owner_email"] = [str(error)]
    if not email.strip():
        errors["owner_email"] = [str(L("This is needed."))]
    try:
        passwords.refuse_weak(password, about=(name, email, company))
    except Invalid as error:
        errors |= error.errors
    return errors


# ---------------------------------------------------------------- presets


def apply_preset(preset: Preset) -> None:
    """Terms, fields, lists and settings of a kind of business, as far as what they speak of exists. Inside ``writing``."""
    kinds = {kind.card.key: kind for kind in all_types()}
    for key, terms in preset.terms.items():
        if key in kinds:
            known = {"": None, **fields_of(kinds[key])}
            labels.rename(SYSTEM, kinds[key], {name: names for name, names in terms.items() if name in known})
    for new in preset.fields:
        if new.type in kinds:
            custom.define(
                SYSTEM, kinds[new.type], field_kind=new.kind, labels=new.labels, flags=new.flags, options=new.options
            )
    for view in preset.views:
        if view.type in kinds and _fields_in(view.filter, view.sort) <= set(fields_of(kinds[view.type])):
            _keep_view(kinds[view.type], str(view.name), view.filter, view.sort)
    known_settings = {each.key for each in settings.declared()}
    settings.put(SYSTEM, {key: value for key, value in preset.settings.items() if key in known_settings})


def _keep_view(kind: RecordType, name: str, filter_: Any, sort: str | None) -> None:
    views.save(SYSTEM, kind, name=name, scope="all", filter=filter_, sort=sort)


def _fields_in(filter_: Any, sort: str | None) -> set[str]:
    found = {each["field"] for each in (filter_ or {}).get("all", ())}
    return found | {part.lstrip("-") for part in (sort or "").split(",") if part}
