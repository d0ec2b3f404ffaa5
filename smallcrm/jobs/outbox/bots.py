"""Group bots of 企业微信, 钉钉 and 飞书, and webhooks of one's own: how each is addressed, signed and understood."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from smallcrm.base import i18n
from smallcrm.base.i18n import ngettext
from smallcrm.jobs import net
from smallcrm.jobs.letter import absolute
from smallcrm.jobs.outbox import settings
from smallcrm.jobs.outbox.failure import Failure, Kind, tidy, without
from smallcrm.jobs.outbox.settings import Bot
from smallcrm.jobs.outbox.table import Message

PAUSE = 3.0  # seconds between two messages of one bot: 20 a minute is the least that a provider allows
TOGETHER = 3  # from this many on, what waits goes out as one message
_PENALTY = 600.0  # seconds 钉钉 stays deaf to a bot that was too fast


@dataclass(frozen=True)
class Provider:
    """One kind of bot. ``limit``: octets of text; ``busy``: codes that mean "not now"; ``codes``: others we know."""

    hosts: frozenset[str]
    limit: int
    content: Callable[[str, Sequence[str]], dict[str, Any]]
    busy: frozenset[int]
    codes: dict[int, str]
    pause: float = 60.0


def _wecom(text: str, mobiles: Sequence[str]) -> dict[str, Any]:
    called = {"mentioned_mobile_list": list(mobiles)} if mobiles else {}
    return {"msgtype": "text", "text": {"content": text, **called}}


def _dingtalk(text: str, mobiles: Sequence[str]) -> dict[str, Any]:
    return {"msgtype": "text", "text": {"content": text}, "at": {"atMobiles": list(mobiles), "isAtAll": False}}


def _feishu(text: str, mobiles: Sequence[str]) -> dict[str, Any]:
    # Its texts may hold tags that call on everybody; nobody's data shall do that.
    return {"msg_type": "text", "content": {"text": text.replace("<at", "‹at")}}


PROVIDERS = {
    "wecom": Provider(
        frozenset({"qyapi.weixin.qq.com"}), 2048, _wecom,
        busy=frozenset({-1, 45009, 45033}), codes={93000: "bot-key", 40058: "bot-key", 40014: "bot-key"},
    ),
    "dingtalk": Provider(
        frozenset({"oapi.dingtalk.com"}), 18_000, _dingtalk,
        busy=frozenset({-1, 130101, 130102, 410100, 90018, 90030}),
        codes={300001: "bot-key", 300005: "bot-key", 40014: "bot-key", 310000: "bot-sign"}, pause=_PENALTY,
    ),
    "feishu": Provider(
        frozenset({"open.feishu.cn", "open.larksuite.com"}), 18_000, _feishu,
        busy=frozenset({9499, 11232, 99991400}),
        codes={19001: "bot-key", 19007: "bot-key", 19021: "bot-sign", 19022: "bot-address", 19024: "bot-word"},
    ),
}  # fmt: skip


def send(bot: Bot, messages: Sequence[Message]) -> None:
    """Send one message, or several in one. Raises Failure."""
    provider = PROVIDERS.get(bot.kind)
    if provider is None:
        _call(bot, messages[0])
        return
    mobiles = list(dict.fromkeys(m for each in messages if (m := str(each.payload.get("mobile") or ""))))
    text = _one(messages[0], provider.limit) if len(messages) == 1 else "\n".join(_several(messages))
    _post(bot, provider, provider.content(cut(text, provider.limit), mobiles))


def fitting(bot: Bot, messages: Sequence[Message]) -> int:
    """How many of the waiting messages go out as one: a few go one by one, more of them together as far as they fit."""
    if len(messages) < TOGETHER:
        return 1
    limit, used = PROVIDERS[bot.kind].limit, 0
    for place, line in enumerate(_several(messages)):
        used += len(line.encode()) + 1
        if used > limit:
            return max(1, place - 1)  # the first line is the heading
    return len(messages)


def send_text(bot: Bot, text: str) -> None:
    """One line of text, for a test. Raises Failure."""
    provider = PROVIDERS.get(bot.kind)
    if provider is None:
        _deliver(bot, bot.url, {"text": text}, hosts=None)
    else:
        _post(bot, provider, provider.content(cut(text, provider.limit), ()))


def cut(text: str, limit: int) -> str:
    """``text`` in at most ``limit`` octets of UTF-8, cut between two characters and then ending in ``…``."""
    raw = text.encode("utf-8", "replace")
    if len(raw) <= limit:
        return text
    return raw[: limit - 3].decode("utf-8", "ignore").rstrip() + "…"


def dingtalk_sign(secret: str, moment_ms: int) -> str:
    """base64(HMAC-SHA256(key=secret, "ts\\nsecret")), ready for the URL."""
    mac = hmac.new(secret.encode(), f"{moment_ms}\n{secret}".encode(), hashlib.sha256)
    return quote_plus(base64.b64encode(mac.digest()))


def feishu_sign(secret: str, moment: int) -> str:
    """base64(HMAC-SHA256(key="ts\\nsecret", ""))."""
    mac = hmac.new(f"{moment}\n{secret}".encode(), b"", hashlib.sha256)
    return base64.b64encode(mac.digest()).decode()


# ---------------------------------------------------------------- what it says


def _one(message: Message, limit: int) -> str:
    link = absolute(str(message.payload.get("link") or ""), settings.base_url())
    words = "\n".join(part for part in (message.subject, message.text) if part)
    words = cut(words, max(100, limit - len(link.encode()) - 1))
    return f"{words}\n{link}" if link else words


def _several(messages: Sequence[Message]) -> list[str]:
    """A heading and a line for each."""
    base = settings.base_url()
    with i18n.speaking(str(messages[0].payload.get("language") or "en")):
        lines = [ngettext("%(n)s message:", "%(n)s messages:", len(messages))]
    for each in messages:
        link = absolute(str(each.payload.get("link") or ""), base)
        lines.append(f"• {each.subject or each.text}" + (f"\n  {link}" if link else ""))
    return lines


# ---------------------------------------------------------------- how it gets there


def _post(bot: Bot, provider: Provider, content: dict[str, Any]) -> None:
    # The provider compares with its own clock, so a signature is made with the real time even when ours has been set.
    url = bot.url
    if bot.kind == "dingtalk" and bot.secret:
        moment_ms = int(time.time() * 1000)
        url += f"{'&' if '?' in url else '?'}timestamp={moment_ms}&sign={dingtalk_sign(bot.secret, moment_ms)}"
    if bot.kind == "feishu" and bot.secret:
        moment = int(time.time())
        content = {"timestamp": str(moment), "sign": feishu_sign(bot.secret, moment), **content}
    answer = _deliver(bot, url, content, hosts=provider.hosts)
    data = answer.data
    code = data.get("errcode", data.get("code", data.get("StatusCode")))
    if code == 0:
        return
    said = _masked(bot, f"{code} {data.get('errmsg') or data.get('msg') or data.get('StatusMessage') or ''}")
    if not isinstance(code, int) or isinstance(code, bool):
        raise Failure("reach", _masked(bot, answer.body[:80].decode("utf-8", "replace")), kind=Kind.LATER)
    if code in provider.busy:
        raise Failure("too-fast", said, kind=Kind.SERVER, after=provider.pause)
    if code == 310000 and "keyword" in said.lower():
        raise Failure("bot-word", said, kind=Kind.NEVER)
    if code == 310000 and "ip" in said.lower().split():
        raise Failure("bot-address", said, kind=Kind.NEVER)
    raise Failure(provider.codes.get(code, "bot"), said, kind=Kind.NEVER)


def _call(bot: Bot, message: Message) -> None:
    body = json.dumps(message.payload.get("data") or {}, ensure_ascii=False).encode()
    moment = str(int(time.time()))
    headers = {"X-Smallcrm-Delivery": message.message_id.strip("<>").partition("@")[0]}
    if bot.secret:
        mac = hmac.new(bot.secret.encode(), moment.encode() + b"." + body, hashlib.sha256)
        headers |= {"X-Smallcrm-Timestamp": moment, "X-Smallcrm-Signature": f"sha256={mac.hexdigest()}"}
    _deliver(bot, bot.url, body, hosts=None, headers=headers)


def _deliver(
    bot: Bot, url: str, content: object, *, hosts: frozenset[str] | None, headers: dict[str, str] | None = None
) -> net.Answer:
    allowed = settings.allowed()
    try:
        if isinstance(content, bytes):
            kind = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
            answer = net.request("POST", url, content, headers=kind, hosts=hosts, allowed=allowed)
        else:
            answer = net.post_json(url, content, headers=headers, hosts=hosts, allowed=allowed)
    except net.NotAllowed as error:
        raise Failure("not-allowed", error, kind=Kind.NEVER) from None
    except net.Unreachable:
        raise Failure("reach", kind=Kind.LATER) from None
    if 200 <= answer.status < 300:
        return answer
    if answer.status in (408, 425, 429) or answer.status >= 500:
        kind_ = Kind.SERVER if answer.status == 429 else Kind.LATER
        raise Failure("http", answer.status, kind=kind_, after=_seconds(answer.headers.get("retry-after", "")))
    raise Failure("http", answer.status, kind=Kind.NEVER)


def _seconds(text: str) -> float:
    """Retry-After in seconds, at most an hour; dates and nonsense count as nothing said."""
    return min(3600.0, float(text)) if text.isascii() and text.isdigit() else 0.0


def _masked(bot: Bot, text: str) -> str:
    return tidy(without(text, (bot.secret, bot.url, bot.url.rpartition("=")[2], bot.url.rpartition("/")[2])))
