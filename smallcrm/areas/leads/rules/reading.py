"""Reading mails as leads: which rule a mail's sender falls under, which line of it is which field. Nothing is fetched here.

Text is data: patterns are tried line by line on short lines, and those that could run away are refused when they are written.
"""

from __future__ import annotations

import email
import email.policy
import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import parseaddr
from functools import lru_cache
from typing import Any

from smallcrm import store
from smallcrm.areas.leads.records import Lead, MailRule
from smallcrm.areas.leads.records.capture import ASKED
from smallcrm.areas.leads.rules import forms
from smallcrm.base import ids
from smallcrm.base.i18n import L
from smallcrm.base.text import fold
from smallcrm.records import cache, change, derive, rows
from smallcrm.records.change import Wrong
from smallcrm.records.custom import fields_of
from smallcrm.records.drafts import Draft
from smallcrm.records.fields import Cleaning, FieldError

LONGEST = 40_000  # letters of a text that are read
LINE = 600  # letters of a line that a pattern is tried on
LINES = 800
# a group that repeats and is itself repeated, or a reference back: such patterns may take for ever
_RUNAWAY = re.compile(r"\([^)]*[+*}][^)]*\)\s*[+*{]|\\[1-9]|\(\?P=")
_TAGS = re.compile(r"<(script|style|head)\b.*?</\1\s*>|<!--.*?-->", re.S | re.I)
_BREAKS = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|/td)\b[^>]*>", re.I)
_LABEL = re.compile(r"\s*(?:[-*•]\s*)?(.{1,60}?)\s*[:：=]\s*(.*)")


@dataclass(frozen=True)
class Mail:
    """A mail, taken apart. ``mark`` tells it from every other; ``automatic`` says why nobody wrote it."""

    mark: str
    sender: str
    name: str
    subject: str
    text: str
    automatic: str = ""


@dataclass(frozen=True)
class Found:
    """What a mail says. ``by``: the rule or form that read it; ``wrong``: fields whose text could not be kept."""

    values: dict[str, Any] = field(default_factory=dict)
    by: str = ""
    wrong: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)  # source, campaign, owner … of the rule or form


# ---------------------------------------------------------------- taking a mail apart


def parse(raw: bytes) -> Mail:
    """A mail's parts, however odd: what cannot be read is empty, never an error."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    name, address = parseaddr(_header(message, "From"))
    subject = " ".join(_header(message, "Subject").split())[:300]
    found = " ".join(_header(message, "Message-ID").split())[:300]
    mark = ids.digest(found) if found else ids.digest(raw.hex())
    return Mail(
        mark, address.strip()[:254].casefold(), name[:200], subject, _text(message)[:LONGEST], _automatic(message)
    )


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except Exception:
        return ""


def _automatic(message: EmailMessage) -> str:
    """Why it counts as sent by a machine: a reply that nobody wrote, or something sent to many."""
    auto = _header(message, "Auto-Submitted").strip().casefold()
    if auto and auto.split(";")[0].strip() != "no":
        return "auto"
    if _header(message, "Return-Path").strip() == "<>":
        return "auto"
    if _header(message, "X-Autoreply") or _header(message, "X-Autorespond"):
        return "auto"
    if _header(message, "Precedence").strip().casefold() in ("bulk", "junk", "list"):
        return "bulk"
    return "bulk" if _header(message, "List-Unsubscribe") or _header(message, "List-Id") else ""


def _text(message: EmailMessage) -> str:
    plain, marked, seen = "", "", 0
    try:
        for part in message.walk():
            seen += 1
            if seen > 200:
                break
            kind = part.get_content_type()
            if part.is_multipart() or part.get_filename() or kind not in ("text/plain", "text/html"):
                continue
            if kind == "text/plain" and not plain:
                plain = _decoded(part)
            elif kind == "text/html" and not marked:
                marked = _decoded(part)
    except Exception:
        return plain or from_html(marked)
    return plain if plain.strip() else from_html(marked)


def _decoded(part: Any) -> str:
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    for name in (part.get_content_charset(), "utf-8", "gb18030"):
        try:
            return raw[: 4 * LONGEST].decode(name or "utf-8").replace("\r\n", "\n")
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return raw[: 4 * LONGEST].decode("latin-1").replace("\r\n", "\n")


def from_html(text: str) -> str:
    """A mail's HTML as plain lines; nothing of it is ever shown as HTML."""
    bare = _TAGS.sub(" ", text[: 4 * LONGEST])
    bare = re.sub(r"<[^>]{0,2000}>", "", _BREAKS.sub("\n", bare))
    lines = (" ".join(line.split()) for line in html.unescape(bare).split("\n"))
    return "\n".join(line for line in lines if line)


def pasted(text: str) -> Mail:
    """A mail as somebody pasted it: with its head, or its text alone."""
    head = re.match(r"(?:[A-Za-z-]{2,40}:[^\n]*\n(?:[ \t][^\n]*\n)*)+\r?\n", text.replace("\r\n", "\n"))
    if head and re.search(r"(?im)^(?:from|subject):", head[0]):
        return parse(text.replace("\r\n", "\n").encode("utf-8", "surrogatepass"))
    return Mail(ids.digest(text), "", "", "", text.replace("\r\n", "\n")[:LONGEST])


# ---------------------------------------------------------------- rules


@change.before("mail_rule")
def check_patterns(drafts: list[Draft]) -> None:
    """A pattern is one, and none that could run for ever."""
    for draft in drafts:
        for line in (draft.after.get("reads") or ()) if draft.live_after else ():
            if line.get("how") in ("regex", "subject") and not draft.trusted:
                text = str(line.get("pattern") or "")
                try:
                    compiled(text)
                except ValueError as error:
                    raise Wrong(draft, {"reads": [str(error)]}) from None


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern. Raises ValueError saying what is wrong."""
    if not pattern:
        raise ValueError(str(L("Write the pattern that is looked for.")))
    if _RUNAWAY.search(pattern):
        raise ValueError(
            str(
                L("“%(pattern)s” repeats what already repeats; such a pattern may take for ever.", pattern=pattern[:60])
            )
        )
    try:
        return re.compile(pattern, re.I)
    except (re.error, RecursionError, OverflowError):
        raise ValueError(str(L("“%(pattern)s” is no pattern.", pattern=pattern[:60]))) from None


@cache.kept
def every() -> tuple[dict[str, Any], ...]:
    """The mail rules in use, in their order."""
    found = [
        i
        for (i,) in store.rows("SELECT id FROM mail_rule WHERE active = 1 AND deleted_at IS NULL ORDER BY position, id")
    ]
    held = rows.load(MailRule, found)
    return tuple(held[i] for i in found)


@derive.on("mail_rule")
def rules_changed(_drafts: list[Draft]) -> None:
    """Looked up anew."""
    cache.bump()


def suits(rule: Mapping[str, Any], mail: Mail) -> bool:
    """Whether a mail falls under a rule."""
    wanted = str(rule.get("sender") or "").strip().casefold()
    domain = mail.sender.rpartition("@")[2]
    sent = wanted == "*" or wanted == mail.sender or wanted.removeprefix("@") in (domain, mail.sender)
    words = fold(str(rule.get("subject_has") or ""))
    return bool(wanted) and sent and (not words or words in fold(mail.subject))


# ---------------------------------------------------------------- reading


def read(mail: Mail, rules: Iterable[Mapping[str, Any]] | None = None) -> Found | None:
    """What a mail says as a lead; None where nothing fits it."""
    for form in forms.all_active():
        if f"[{forms.mail_mark(form)}]" in mail.subject:
            return _by_form(form, mail)
    for rule in every() if rules is None else rules:
        if suits(rule, mail):
            return by_rule(rule, mail)
    return None


def _by_form(form: Mapping[str, Any], mail: Mail) -> Found:
    """An answer that came by mail: a line for each field, by its name or its wording."""
    labels = labelled(mail.text)
    texts: dict[str, str] = {}
    for each in forms.asks(form):
        text = labels.get(fold(each.name)) or labels.get(fold(each.label))
        if text:
            texts[each.name] = text
    if mail.sender and "email" not in texts:
        texts["email"] = mail.sender
    if mail.name and "name" not in texts:
        texts["name"] = mail.name
    values, wrong = cleaned(texts)
    extra = {
        "form": form["id"], "source": form.get("source") or form["name"], "campaign": form.get("campaign"),
        "tags": form.get("tags"), "owner": form.get("looked_after_by"), "language": form.get("language"),
    }  # fmt: skip
    return Found(values, str(form["name"]), wrong, extra)


def by_rule(rule: Mapping[str, Any], mail: Mail) -> Found:
    """What a mail says by one rule."""
    labels = labelled(mail.text)
    texts: dict[str, str] = {}
    for line in rule.get("reads") or ():
        name = str(line["field"])
        if name in ASKED and name not in texts and (text := _one(line, mail, labels)):
            texts[name] = text
    values, wrong = cleaned(texts)
    extra = {
        "source": rule.get("source") or rule.get("name"), "campaign": rule.get("campaign"), "tags": rule.get("tags"),
        "owner": rule.get("looked_after_by"),
    }  # fmt: skip
    return Found(values, str(rule.get("name") or ""), wrong, extra)


def _one(line: Mapping[str, Any], mail: Mail, labels: Mapping[str, str]) -> str:
    how, pattern = line.get("how"), str(line.get("pattern") or "")
    if how == "fixed":
        return pattern
    if how == "body":
        return mail.text.strip()
    if how == "label":
        return labels.get(fold(pattern.rstrip(" :：=")), "")
    try:
        wanted = compiled(pattern)
    except ValueError:
        return ""
    for text in [mail.subject] if how == "subject" else mail.text.split("\n")[:LINES]:
        if found := wanted.search(text[:LINE]):
            return str(next((part for part in found.groups() if part), "") if found.groups() else found[0]).strip()
    return ""


def labelled(text: str) -> dict[str, str]:
    """Folded label → what stands behind it; a label alone on its line speaks of the line after."""
    found: dict[str, str] = {}
    lines = [line.strip() for line in text.split("\n")[:LINES]]
    for place, line in enumerate(lines):
        match = _LABEL.fullmatch(line[:LINE])
        if not match:
            continue
        value = match[2].strip()
        if not value:
            following = next((each for each in lines[place + 1 : place + 3] if each), "")
            value = "" if _LABEL.fullmatch(following[:LINE]) else following
        found.setdefault(fold(match[1]), value)
    return {label: value for label, value in found.items() if value}


def cleaned(texts: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """(values of a lead, what could not be kept and stands as it was)."""
    known = fields_of(Lead)
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, text in texts.items():
        each = known[name]
        most = int(getattr(each, "most", 4000))
        try:
            values[name] = each.clean(each.read(text[:most], Cleaning()), Cleaning())
        except FieldError:
            wrong[name] = text[:300]
    return values, wrong


def usable(found: Found) -> bool:
    """Whether anybody could be reached, or at least be called by a name."""
    return any(found.values.get(name) for name in ("name", "company", "email", "phone", "mobile", "wechat"))


def lead_values(found: Found, mail: Mail) -> dict[str, Any]:
    """The values of the lead that a mail becomes; what fitted no field stands in its notes."""
    values = dict(found.values)
    lost = [f"{name}: {text}" for name, text in found.wrong.items()]
    notes = [str(values.get("notes") or ""), *lost]
    called = next(
        (str(values[name]) for name in ("name", "company", "email", "phone", "mobile") if values.get(name)), ""
    )
    extra = {name: value for name, value in found.extra.items() if value not in (None, "", [])}
    return {
        **values,
        **extra,
        "name": called or mail.name or mail.sender or "–",
        "notes": "\n".join(filter(None, notes)) or None,
    }
