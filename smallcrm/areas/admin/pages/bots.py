"""Group bots (企业微信, 钉钉, 飞书) and webhooks: addresses and secrets go in and never come back out."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any
from urllib.parse import urlsplit

from flask import redirect, request
from werkzeug.wrappers import Response

from smallcrm.areas.admin import settings as outward
from smallcrm.areas.admin.pages import admin
from smallcrm.areas.admin.pages.guard import need
from smallcrm.base import ids
from smallcrm.base.errors import Invalid, NotFound
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.jobs.outbox import trial
from smallcrm.jobs.outbox.settings import Bot
from smallcrm.records import settings
from smallcrm.web import setting_inputs, toasts
from smallcrm.web.setting_inputs import Errors
from smallcrm.web.settings_shell import page

HERE = "/admin/bots"
_NEW = Bot("", "wecom", "", "")


@admin.get("/admin/bots")
def bots() -> str:
    """All of them, and the form of one."""
    who = need("settings")
    return _form(who, _bot(request.args.get("edit", "")), {})


def _bot(key: str) -> Bot:
    return next((each for each in outward.bots() if each.key == key), _NEW) if key else _NEW


@admin.post("/admin/bots")
def save_bot() -> Response | tuple[str, int]:
    """Keep one, new or known; or try it: the button says which."""
    who = need("settings")
    before = _bot(request.form.get("key", ""))
    typed = _typed(before)
    errors = _wrong(typed)
    if errors:
        return _form(who, typed, errors), 422
    if request.form.get("test"):
        return _form(who, typed, {}, result=trial.bot(typed)), 200
    kept = replace(typed, key=typed.key or ids.token(16)[:12])
    others = [each for each in outward.bots() if each.key != kept.key]
    _put(who, [*others, kept])
    toasts.say(str(L("%(name)s is kept.", name=kept.name)))
    return redirect(HERE, 303)


def _typed(before: Bot) -> Bot:
    """What the form says; address and secret left empty stay, as long as it is still the same kind of bot."""
    kind = request.form.get("kind", before.kind)
    same = bool(before.key) and kind == before.kind
    secret = request.form.get("secret", "").strip()
    if not secret and same and not request.form.get("secret-drop"):
        secret = before.secret
    return Bot(
        key=before.key,
        kind=kind,
        name=request.form.get("name", "").strip()[:60],
        url=request.form.get("url", "").strip() or (before.url if same else ""),
        secret=secret,
        enabled=bool(request.form.get("enabled")),
    )


def _wrong(bot: Bot) -> Errors:
    errors: Errors = {}
    if not bot.name:
        errors["name"] = [str(L("This is needed."))]
    if bot.kind not in dict(outward.BOT_KINDS):
        errors["kind"] = [str(L("There is no such kind of bot."))]
    parts = urlsplit(bot.url)
    schemes = ("https", "http") if bot.kind == "webhook" else ("https",)
    if not bot.url:
        errors["url"] = [str(L("Copy the bot's address out of the group's settings."))]
    elif parts.scheme not in schemes or not parts.hostname or len(bot.url) > 1000:
        errors["url"] = [str(L("This is no web address. It begins with https://"))]
    return errors


def _put(who: Actor, found: list[Bot]) -> None:
    text = json.dumps([asdict(each) for each in found], ensure_ascii=False)
    settings.put(who, {"bots.list": text if found else None})


@admin.post("/admin/bots/<key>/delete")
def delete_bot(key: str) -> Response:
    """Forget one."""
    who = need("settings")
    if not _bot(key).key:
        raise NotFound(L("There is no such bot."))
    _put(who, [each for each in outward.bots() if each.key != key])
    toasts.say(str(L("The bot was deleted. What waited for it is given up.")))
    return redirect(HERE, 303)


@admin.post("/admin/bots/<key>/test")
def test_bot(key: str) -> str:
    """Send a test to a known one."""
    who, found = need("settings"), _bot(key)
    if not found.key:
        raise NotFound(L("There is no such bot."))
    return _form(who, _NEW, {}, result=trial.bot(found), tried=found.name)


@admin.post("/admin/bots/allowed")
def save_allowed() -> Response | tuple[str, int]:
    """Places inside the office that webhooks may call."""
    who = need("settings")
    wanted = [each for each in settings.declared("bots") if each.key == "bots.allowed"]
    given, errors = setting_inputs.read(who, wanted, request.form)
    try:
        if errors:
            raise Invalid(errors)
        settings.put(who, given)
    except Invalid as error:
        return _form(who, _NEW, error.errors), 422
    toasts.say(str(L("Saved.")))
    return redirect(HERE, 303)


def _form(who: Actor, bot: Bot, errors: Errors, *, result: trial.Result | None = None, tried: str = "") -> str:
    known: list[dict[str, Any]] = [
        {"key": each.key, "kind": str(dict(outward.BOT_KINDS).get(each.kind, each.kind)), "name": each.name,
         "enabled": each.enabled, "host": urlsplit(each.url).hostname or "", "signed": bool(each.secret)}
        for each in outward.bots()
    ]  # fmt: skip
    allowed = next(each for each in settings.declared("bots") if each.key == "bots.allowed")
    return page(
        "admin/bots.html", HERE, known=known, kinds=[(key, str(label)) for key, label in outward.BOT_KINDS],
        bot=bot, has_url=bool(bot.key), has_secret=bool(bot.key and _bot(bot.key).secret), errors=errors, result=result,
        tried=tried, allowed=setting_inputs.of(who, allowed, errors=errors),
    )  # fmt: skip
