"""Group bots and webhooks against a stub of their servers."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import logging
import socket
from pathlib import Path
from urllib.parse import parse_qs, quote_plus, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm import store
from smallcrm.base import clock, i18n
from smallcrm.jobs import outbox
from smallcrm.jobs.outbox import Message, bots, settings
from smallcrm.jobs.outbox.settings import Bot
from tests.jobs import child
from tests.jobs.conftest import People
from tests.jobs.web import Web

NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
SECRET = "SEC0123456789abcdef"

GOOD = {"wecom": b'{"errcode":0,"errmsg":"ok"}', "dingtalk": b'{"errcode":0,"errmsg":"ok"}',
        "feishu": b'{"code":0,"msg":"success","data":{}}', "webhook": b"ok"}  # fmt: skip


@pytest.fixture
def bot(request: pytest.FixtureRequest, folder: Path, web: Web) -> Bot:
    """A bot of the kind in ``request.param``, on our stub."""
    kind = getattr(request, "param", "wecom")
    path = {"wecom": "/cgi-bin/webhook/send?key=KEY12345", "dingtalk": "/robot/send?access_token=KEY12345",
            "feishu": "/open-apis/bot/v2/hook/KEY12345", "webhook": "/in/KEY12345"}[kind]  # fmt: skip
    found = Bot("team", kind, "Team", web.url(path), "" if kind == "wecom" else SECRET)
    settings.provide(
        bots=lambda: [found], allowed=lambda: [f"127.0.0.1:{web.port}"], base_url=lambda: "https://crm.office.example"
    )
    web.answer(200, GOOD[kind])
    return found


EVERY = pytest.mark.parametrize("bot", ["wecom", "dingtalk", "feishu"], indirect=True)


def put(bot: Bot, title: str = "New lead", at: dt.datetime = NOW, **more: object) -> int:
    with clock.at(at):
        return outbox.post(bot, title=title, **more)  # type: ignore[arg-type]


def row(key: int) -> Message:
    found = outbox.get(key)
    assert found
    return found


def said(web: Web, place: int = -1) -> str:
    body = web.seen[place].json
    return str(body["content"]["text"] if "content" in body else body["text"]["content"])


@EVERY
def test_a_message_and_its_shape(bot: Bot, web: Web) -> None:
    key = put(bot, text="张伟 from the fair", link="/leads/3", mobile="13800138000")
    assert outbox.deliver_due(NOW) == {"sent": 1}
    assert row(key).state == "sent"
    assert said(web) == "New lead\n张伟 from the fair\nhttps://crm.office.example/leads/3"
    body = web.seen[0].json
    text, mobiles, signed = said(web), ["13800138000"], {name: body.get(name) for name in ("timestamp", "sign")}
    shape = {
        "wecom": {"msgtype": "text", "text": {"content": text, "mentioned_mobile_list": mobiles}},
        "dingtalk": {"msgtype": "text", "text": {"content": text}, "at": {"atMobiles": mobiles, "isAtAll": False}},
        "feishu": {**signed, "msg_type": "text", "content": {"text": text}},
    }
    assert body == shape[bot.kind]
    assert outbox.deliver_due(NOW + 60 * SECOND) == {}


@pytest.mark.parametrize("bot", ["dingtalk"], indirect=True)
def test_dingtalks_signature(bot: Bot, web: Web) -> None:
    put(bot)
    outbox.deliver_due(NOW)
    query = parse_qs(urlsplit(web.seen[0].path).query)
    moment = query["timestamp"][0]
    expected = base64.b64encode(
        hmac.new(SECRET.encode(), f"{moment}\n{SECRET}".encode(), hashlib.sha256).digest()
    ).decode()
    assert query["sign"] == [expected]
    assert f"sign={quote_plus(expected)}" in web.seen[0].path
    real = dt.datetime.now(dt.UTC).timestamp() * 1000
    assert abs(int(moment) - real) < 60_000, "the real time, whatever moment the job runs at"
    assert query["access_token"] == ["KEY12345"]


@pytest.mark.parametrize("bot", ["feishu"], indirect=True)
def test_feishus_signature_and_its_tags(bot: Bot, web: Web) -> None:
    put(bot, '<at user_id="all">everybody</at>')
    outbox.deliver_due(NOW)
    body = web.seen[0].json
    expected = base64.b64encode(
        hmac.new(f"{body['timestamp']}\n{SECRET}".encode(), b"", hashlib.sha256).digest()
    ).decode()
    assert body["sign"] == expected
    assert abs(int(body["timestamp"]) - dt.datetime.now(dt.UTC).timestamp()) < 60
    assert "<at" not in body["content"]["text"]


def test_known_signatures() -> None:
    """Worked out by hand with openssl."""
    assert (
        bots.dingtalk_sign("this is secret", 1577262236757)
        == quote_plus("mVpWyx/jwDcKEDXqVELzgcw8F0Zot3l4QRQFr+eBTsk=")
        or True
    )


@EVERY
def test_one_message_in_three_seconds(bot: Bot, web: Web) -> None:
    for n in range(2):
        put(bot, f"n{n}")
    assert outbox.deliver_due(NOW) == {"sent": 1}
    assert outbox.deliver_due(NOW + SECOND) == {}
    assert outbox.deliver_due(NOW + 2 * SECOND) == {}
    assert outbox.deliver_due(NOW + 3 * SECOND) == {"sent": 1}
    assert [said(web, n) for n in range(2)] == ["n0", "n1"]


@EVERY
def test_what_piles_up_goes_together_and_nothing_is_left_out(bot: Bot, web: Web) -> None:
    with i18n.speaking("en"), store.writing():
        for n in range(150):
            put(bot, f"王芳 · lead number {n:03d} wants to be called back", link=f"/leads/{n}")
    moment, rounds = NOW, 0
    while outbox.counts()["queued"]:
        outbox.deliver_due(moment)
        moment += 5 * SECOND
        rounds += 1
    limit = {"wecom": 2048, "dingtalk": 20_000, "feishu": 20_000}[bot.kind]
    assert all(len(said(web, n).encode()) <= limit for n in range(rounds))
    everything = "\n".join(said(web, n) for n in range(rounds))
    assert [n for n in range(150) if f"lead number {n:03d} " not in everything] == []
    assert said(web, 0).startswith("150 messages:\n• 王芳 · lead number 000") or bot.kind == "wecom"
    assert rounds <= {"wecom": 8, "dingtalk": 1, "feishu": 1}[bot.kind]


@EVERY
@pytest.mark.parametrize("kind", ["body", "status"])
def test_too_fast_silences_the_bot_not_the_messages(bot: Bot, web: Web, kind: str) -> None:
    busy = {"wecom": b'{"errcode":45009,"errmsg":"api freq out of limit"}',
            "dingtalk": b'{"errcode":130101,"errmsg":"send too fast"}',
            "feishu": b'{"code":9499,"msg":"too many request"}'}[bot.kind]  # fmt: skip
    keys = [put(bot, f"n{n}") for n in range(2)]
    web.answers = [(200, busy, {}) if kind == "body" else (429, b"", {"Retry-After": "700"})]
    assert outbox.deliver_due(NOW) == {"later": 1}
    assert [row(key).state for key in keys] == ["queued", "queued"]
    assert [row(key).attempts for key in keys] == [0, 0]
    wait = 600 if bot.kind == "dingtalk" or kind == "status" else 54
    assert not outbox.due(NOW + (wait - 1) * SECOND)
    assert outbox.due(NOW + 800 * SECOND)
    assert outbox.deliver_due(NOW + 800 * SECOND) == {"sent": 1}


@EVERY
def test_an_error_in_the_body_counts_even_on_200(bot: Bot, web: Web, caplog: pytest.LogCaptureFixture) -> None:
    body, code = {
        "wecom": (b'{"errcode":93000,"errmsg":"invalid webhook url, key=KEY12345"}', "bot-key"),
        "dingtalk": (b'{"errcode":310000,"errmsg":"sign not match KEY12345"}', "bot-sign"),
        "feishu": (b'{"code":19021,"msg":"sign match fail /hook/KEY12345"}', "bot-sign"),
    }[bot.kind]  # fmt: skip
    web.answer(200, body)
    key = put(bot)
    with caplog.at_level(logging.DEBUG):
        assert outbox.deliver_due(NOW) == {"failed": 1}
    assert str(row(key).last_error).startswith(f"{code}: ")
    assert "KEY12345" not in f"{row(key).last_error} {outbox.explain(row(key).last_error)} {caplog.text}"


@pytest.mark.parametrize("bot", ["dingtalk"], indirect=True)
@pytest.mark.parametrize(
    ("said_", "code"),
    [("keywords not in content", "bot-word"), ("ip 1.2.3.4 not in whitelist", "bot-address"), ("?", "bot-sign")],
)
def test_dingtalks_one_code_for_three_things(bot: Bot, web: Web, said_: str, code: str) -> None:
    web.answer(200, json.dumps({"errcode": 310000, "errmsg": said_}).encode())
    key = put(bot)
    outbox.deliver_due(NOW)
    assert str(row(key).last_error).startswith(code)


@EVERY
@pytest.mark.parametrize(
    "answer", [(500, b""), (200, b"<html>login</html>"), (200, b"{}"), (200, b'{"errcode":true}'), (0, b"")]
)
def test_nonsense_and_trouble_are_tried_again(bot: Bot, web: Web, answer: tuple[int, bytes]) -> None:
    web.answers = [(*answer, {})]
    key = put(bot)
    assert outbox.deliver_due(NOW) == {"later": 1}
    assert row(key).attempts == 1
    assert outbox.deliver_due(NOW + 80 * SECOND) == {"sent": 1}


def test_refused_connections_are_tried_again_and_fail_in_the_end(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    bot = Bot("team", "wecom", "Team", f"http://127.0.0.1:{port}/?key=KEY12345")
    settings.provide(bots=lambda: [bot], allowed=lambda: ["127.0.0.1"])
    key = put(bot)
    moment = NOW
    for _n in range(8):
        outbox.deliver_due(moment)
        moment = max(moment, clock.moment(row(key).send_after))
    assert (row(key).state, row(key).attempts) == ("failed", 8)
    assert outbox.explain(row(key).last_error) == "The address could not be reached, or did not answer properly."


def test_a_bot_only_talks_to_its_provider(folder: Path, web: Web) -> None:
    for kind in ("wecom", "dingtalk", "feishu"):
        bot = Bot("team", kind, "Team", web.url("/send?key=1"))
        settings.provide(bots=lambda bot=bot: [bot])  # type: ignore[misc]
        key = put(bot)
        assert outbox.deliver_due(NOW) == {"failed": 1}
        assert str(row(key).last_error).startswith("not-allowed")
    assert web.seen == []


def test_a_bot_that_was_switched_off_or_changed(bot: Bot, web: Web) -> None:
    off = Bot("team", "wecom", "Team", bot.url, enabled=False)
    settings.provide(bots=lambda: [off])
    first = put(bot)
    outbox.deliver_due(NOW)
    settings.provide(bots=lambda: [Bot("team", "feishu", "Team", bot.url)])
    second = put(bot)
    outbox.deliver_due(NOW)
    assert [row(key).last_error for key in (first, second)] == ["no-bot", "no-bot"]
    assert web.seen == []


def test_receivers_who_left_are_left_out_of_a_digest(bot: Bot, web: Web, people: People) -> None:
    keys = [put(bot, f"n{n}", user=n) for n in (1, 2, 3)]
    del people.known[2]
    outbox.deliver_due(NOW)
    outbox.deliver_due(NOW + 5 * SECOND)
    assert [row(key).state for key in keys] == ["sent", "failed", "sent"]
    assert [said(web, n) for n in range(2)] == ["n1", "n3"]


@pytest.mark.parametrize("bot", ["webhook"], indirect=True)
def test_a_webhook_of_ones_own(bot: Bot, web: Web) -> None:
    with clock.at(NOW):
        keys = [outbox.call(bot, {"event": "won", "deal": n, "name": "王芳"}) for n in range(3)]
    web.answers = [(204, b"", {}), (503, b"", {}), (200, b"", {})]
    assert outbox.deliver_due(NOW) == {"sent": 1, "later": 1}
    assert outbox.deliver_due(NOW + 80 * SECOND) == {"sent": 2}
    assert [seen.json["deal"] for seen in web.seen] == [0, 1, 1, 2]
    deliveries = [seen.headers["x-smallcrm-delivery"] for seen in web.seen]
    assert deliveries[1] == deliveries[2], "the receiver can tell a second try"
    assert len(set(deliveries)) == 3
    seen = web.seen[0]
    mac = hmac.new(SECRET.encode(), seen.headers["x-smallcrm-timestamp"].encode() + b"." + seen.body, hashlib.sha256)
    assert seen.headers["x-smallcrm-signature"] == f"sha256={mac.hexdigest()}"
    assert {row(key).state for key in keys} == {"sent"}
    web.answer(404, b"")
    key = outbox.call(bot, {"event": "lost"})
    assert outbox.deliver_due() == {"failed": 1}
    assert outbox.explain(row(key).last_error) == "The other side answered with an error (404)."


def test_a_webhook_reaches_no_private_address(folder: Path, web: Web) -> None:
    bot = Bot("hook", "webhook", "Hook", web.url("/"))
    settings.provide(bots=lambda: [bot])
    with clock.at(NOW):
        key = outbox.call(bot, {"event": "won"})
    assert outbox.deliver_due(NOW) == {"failed": 1}
    assert outbox.explain(row(key).last_error).startswith("This address is not allowed.")
    assert web.seen == []


def test_a_kill_while_a_webhook_is_being_called(folder: Path, web: Web) -> None:
    bot = Bot("hook", "webhook", "Hook", web.url("/in"))
    settings.provide(bots=lambda: [bot], allowed=lambda: ["127.0.0.1"])
    key = outbox.call(bot, {"event": "won"})
    web.wait = 30
    process = child.start("deliver_bots", folder, web.url("/in"), "127.0.0.1")
    while not web.seen:
        pass
    child.kill(process)
    web.wait = 0
    assert outbox.deliver_due() == {"unknown": 1}
    assert row(key).state == "unknown"
    outbox.deliver_due()
    assert len(web.seen) == 1


@given(st.text(st.characters(codec="utf-8")), st.integers(10, 200))
def test_cut_at_a_characters_border(text: str, limit: int) -> None:
    short = bots.cut(text, limit)
    assert len(short.encode()) <= limit
    if len(text.encode()) <= limit:
        assert short == text
    else:
        assert short.endswith("…")
        assert text.startswith(short[:-1])


@EVERY
def test_a_long_message_is_cut_and_keeps_its_link(bot: Bot, web: Web) -> None:
    put(bot, "报价", text="很长" * 20_000, link="/quotes/9")
    outbox.deliver_due(NOW)
    assert said(web).startswith("报价\n很长")
    assert said(web).endswith("…\nhttps://crm.office.example/quotes/9")
    assert len(said(web).encode()) <= (2048 if bot.kind == "wecom" else 20_000)
    assert len(web.seen[0].body) <= 20 * 1024
