"""What is to leave the house: waiting, failed, doubtful. Its text is not shown: it may hold private links."""

from __future__ import annotations

from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response

from smallcrm.areas.admin.pages import admin
from smallcrm.areas.admin.pages.guard import need
from smallcrm.base import formats, ids
from smallcrm.base.errors import BadRequest
from smallcrm.base.i18n import L, Label, ngettext
from smallcrm.jobs import outbox as messages
from smallcrm.jobs.outbox import settings as outward
from smallcrm.jobs.outbox.table import Message
from smallcrm.records import audit
from smallcrm.web import toasts
from smallcrm.web.settings_shell import page

HERE = "/admin/outbox"
SHOWN = 50

STATES: dict[str, Label] = {
    "queued": L("Waiting"),
    "failed": L("Failed"),
    "unknown": L("Doubtful"),
    "held": L("Held back"),
    "sent": L("Sent"),
}
CHANNELS: dict[str, Label] = {
    "mail": L("Mail"), "wecom": "企业微信", "dingtalk": "钉钉", "feishu": "飞书", "webhook": L("Webhook"),
}  # fmt: skip


@admin.get("/admin/outbox")
def outbox() -> str:
    """The messages of one state, newest first."""
    need("settings")
    counts = messages.counts()
    counts["queued"] += counts.pop("sending")
    fallback = next((state for state in ("unknown", "held", "failed", "queued") if counts[state]), "queued")
    state = request.args.get("state", fallback)
    state = state if state in STATES else fallback
    found = messages.listing(state, before=request.args.get("before", type=int), limit=SHOWN + 1)
    tabs = [
        {"label": str(label), "url": f"{HERE}?state={key}", "current": key == state, "n": formats.number(counts[key])}
        for key, label in STATES.items()
    ]
    trouble = messages.mail_trouble()
    return page(
        "admin/outbox.html", HERE, tabs=tabs, state=state, found=[_shown(one) for one in found[:SHOWN]],
        more=found[SHOWN - 1].id if len(found) > SHOWN else None, trouble=messages.explain(trouble) if trouble else "",
    )  # fmt: skip


def _shown(one: Message) -> dict[str, Any]:
    bot = outward.bot(one.recipient) if one.channel != "mail" else None
    return {
        "id": one.id, "channel": str(CHANNELS.get(one.channel, one.channel)), "subject": one.subject,
        "to": bot.name if bot else one.recipient, "created_at": one.created_at, "send_after": one.send_after,
        "sent_at": one.sent_at, "attempts": one.attempts, "error": messages.explain(one.last_error),
    }  # fmt: skip


@admin.post("/admin/outbox")
def act() -> Response:
    """Send again, give up, or note as arrived, those that are ticked."""
    who = need("settings")
    chosen = ids.numbers(request.form.getlist("id"))
    if not chosen:
        raise BadRequest(L("Choose at least one message."))
    what = request.form.get("act", "")
    if what == "retry":
        n = messages.retry(chosen)
        said = ngettext("%(n)s message is sent again.", "%(n)s messages are sent again.", n)
    elif what == "cancel":
        n = messages.cancel(chosen)
        said = ngettext("%(n)s message was given up.", "%(n)s messages were given up.", n)
    elif what == "accept":
        n = messages.accept(chosen)
        said = ngettext("%(n)s message is noted as arrived.", "%(n)s messages are noted as arrived.", n)
    else:
        raise BadRequest(L("This request makes no sense."))
    audit.log(who, f"outbox {what}", detail={"messages": chosen[:200], "done": n})
    toasts.say(said)
    return redirect(f"{HERE}?state={request.form.get('state', 'queued')}", 303)
