"""What is set up in the page: the company, its language, mail, rules. Areas declare; the page and the jobs read.

Server settings (port, folder, proxy) are ``config.py``'s; nothing stands in both.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import peewee

from smallcrm import store
from smallcrm.base import clock
from smallcrm.base.errors import Damaged, Invalid
from smallcrm.base.i18n import L, Label
from smallcrm.identity import seal
from smallcrm.identity.actor import Actor
from smallcrm.records import audit, cache, world
from smallcrm.records.fields import Choice, Cleaning, Field, FieldError, Text
from smallcrm.records.fields import money as money_field
from smallcrm.records.fields import phone as phone_field


class SettingRow(store.Table):
    """A value that differs from its default, as JSON."""

    key = peewee.TextField(primary_key=True)
    value = peewee.TextField()
    updated_at = peewee.TextField()
    updated_by = peewee.IntegerField()

    class Meta:
        table_name = "setting"


@dataclass(frozen=True)
class Setting:
    """One setting: a field says its kind, label and checks.

    A ``secret`` one is sealed in the database, stands as dots in the audit log, and a page shows ``is_set``, never ``get``.
    """

    key: str
    field: Field
    default: Any = None
    page: str = "company"
    secret: bool = False
    check: Callable[[Any], None] | None = None


_declared: dict[str, Setting] = {}


def declare(page: str, settings: Mapping[str, tuple[Field, Any]], *, secret: tuple[str, ...] = ()) -> None:
    """Make settings known under ``page`` of the settings pages. ``settings``: key → (field, default)."""
    for key, (field, default) in settings.items():
        field.unbound(key.replace(".", "_"))
        _declared[key] = Setting(key, field, default, page, key in secret)


def declared(page: str | None = None) -> list[Setting]:
    """All settings, or those of one page."""
    return [each for each in _declared.values() if page in (None, each.page)]


@cache.kept
def _stored() -> dict[str, Any]:
    return {key: json.loads(value) for key, value in store.rows("SELECT key, value FROM setting")}


def get(key: str) -> Any:
    """The setting's value; its default where nothing was set. KeyError for an undeclared one.

    A secret that cannot be read with the key that is there counts as not set.
    """
    setting = _declared[key]
    value = _stored().get(key, setting.default)
    if setting.secret and isinstance(value, dict):
        try:
            return json.loads(seal.unseal(value["sealed"], f"setting {key}"))
        except Damaged:
            return setting.default
    return value


def is_set(key: str) -> bool:
    """Whether a value other than the default was set: all that is told of a secret."""
    return key in _stored()


def cleaned(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Values as they would be kept, for a preview. Raises Invalid, by the fields' names (dots as ``_``)."""
    errors: dict[str, list[str]] = {}
    found: dict[str, Any] = {}
    for key, value in changes.items():
        setting = _declared[key]
        try:
            found[key] = None if setting.field.blank(value) else setting.field.clean(value, Cleaning())
            if setting.field.required and found[key] is None:
                raise FieldError(str(L("This is needed.")))
        except FieldError as error:
            errors[setting.field.key] = [str(error)]
    if errors:
        raise Invalid(errors)
    return found


def put(actor: Actor, changes: Mapping[str, Any]) -> None:
    """Set several settings at once (cleaned by their fields). Raises Invalid; ``None`` returns one to its default."""
    kept = cleaned(changes)
    with store.writing():
        for key, value in kept.items():
            _write(actor, _declared[key], value)
        cache.bump()
    apply()


def _kept(setting: Setting, value: Any) -> str:
    """The value as JSON to keep."""
    text = json.dumps(value, ensure_ascii=False)
    return json.dumps({"sealed": seal.seal(text, f"setting {setting.key}")}) if setting.secret else text


def _write(actor: Actor, setting: Setting, value: Any) -> None:
    before = get(setting.key)
    if value is None or value == setting.default:
        store.run("DELETE FROM setting WHERE key = ?", [setting.key])
        value = setting.default
    else:
        store.run(
            "INSERT INTO setting (key, value, updated_at, updated_by) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE"
            " SET value = excluded.value, updated_at = excluded.updated_at, updated_by = excluded.updated_by",
            [setting.key, _kept(setting, value), clock.stamp(), actor.id],
        )
    if before != value:
        shown = (_dots(before), _dots(value)) if setting.secret else (before, value)
        audit.log(actor, "setting", detail={"setting": setting.key, "before": shown[0], "after": shown[1]})


def _dots(value: Any) -> str | None:
    return "•••" if value not in (None, "") else None


_on_apply: list[Callable[[], None]] = []


def on_apply(function: Callable[[], None]) -> None:
    """Call ``function`` whenever settings were read anew or changed."""
    _on_apply.append(function)


def apply() -> None:
    """Hand the settings to those below that cannot ask: the clock's zone, money's and phones' defaults."""
    cache.current()
    clock.set_business_zone(get("company.timezone"))
    for function in _on_apply:
        function()


def _rate(currency: str) -> Decimal | None:
    for line in get("company.rates") or ():
        code, _, rate = line.partition("=")
        if code.strip().upper() == currency:
            try:
                return Decimal(rate.strip().replace(",", "."))
            except InvalidOperation:
                return None
    return None


def _texts(label: Label, help_: Label) -> Field:
    from smallcrm.records.fields import Texts

    return Texts(label, help=help_)


declare(
    "company",
    {
        "company.name": (Text(L("Company"), required=True, most=80), "smallcrm"),
        "company.language": (Choice(L("Language"), world.our_languages, required=True), "en"),
        "company.currency": (Choice(L("Currency"), world.currencies, required=True), "EUR"),
        "company.country": (Choice(L("Country"), world.countries, required=True), "GB"),
        "company.timezone": (Choice(L("Time zone"), world.zones, required=True), "UTC"),
        "company.address": (
            Text(L("Address staff type"), help=L("Links in mails begin with it: http://nas:8070"), most=200),
            None,
        ),
        "company.rates": (
            _texts(L("Exchange rates"), L("One a line: USD = 0.92 means that 1 USD is 0.92 of your currency.")),
            None,
        ),
        "company.preset": (Text(L("Preset"), hidden=True), "sales"),
    },
)

money_field.rate_of = _rate
money_field.company_currency = lambda: get("company.currency")
phone_field.company_country = lambda: get("company.country")


def money_currency() -> str:
    """The company's currency."""
    return str(get("company.currency"))


def day_time(text: str) -> dt.time:
    """``"00:30"`` as a time."""
    return dt.time.fromisoformat(text)
