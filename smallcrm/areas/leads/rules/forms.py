"""Web forms: what they ask, and taking an answer from a stranger: allow-listed fields, within their lengths, and each once."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from smallcrm import store
from smallcrm.areas.leads.records import Lead, WebForm
from smallcrm.areas.leads.records.capture import ASKED
from smallcrm.base import clock, ids
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L, Label, speaking
from smallcrm.identity import key
from smallcrm.identity.actor import SYSTEM
from smallcrm.records import access, change, changesets, warnings
from smallcrm.records.change import Wrong
from smallcrm.records.custom import fields_of
from smallcrm.records.drafts import Draft
from smallcrm.records.fields import Cleaning, FieldError
from smallcrm.records.record import Record, values

QUICKEST = 3  # seconds in which nobody fills a form
STALE = 24 * 3600  # seconds for which a shown form is taken
TRAP = "homepage_2"  # a field that people do not see and programs fill
READY = (("name", True), ("email", True), ("phone", False), ("notes", False))
_ORIGIN = re.compile(r"https?://[a-z0-9.*-]+(?::\d{1,5})?", re.I)


@dataclass(frozen=True)
class Ask:
    """One thing that a form asks."""

    name: str
    label: str
    needed: bool
    kind: str
    most: int


@change.before("web_form")
def prepare(drafts: list[Draft]) -> None:
    """Each has an address that nobody guesses; what may show it is named as an origin."""
    for draft in drafts:
        if not draft.after.get("address_key"):
            draft.after["address_key"] = ids.token(16)
        if draft.before is None and not draft.after.get("asks"):
            draft.after["asks"] = [
                {"id": n, "field": name, "label": None, "needed": int(needed)}
                for n, (name, needed) in enumerate(READY, 1)
            ]
        if draft.touches("leads_to") and not draft.trusted and draft.after.get("leads_to"):
            target = str(draft.after["leads_to"])
            if not urlsplit(target if "://" in target else f"https://{target}").hostname:
                raise Wrong(draft, {"leads_to": [str(L("This is no web address. It looks like www.example.com."))]})


@warnings.on("web_form")
def odd(held: Mapping[str, Any]) -> Iterable[tuple[str, Label]]:
    """What keeps a form from working as meant."""
    for text in held.get("frame_ancestors") or ():
        if not _ORIGIN.fullmatch(str(text).rstrip("/")):
            yield (
                "frame_ancestors",
                L("“%(text)s” is no site: it looks like https://www.example.com.", text=str(text)[:80]),
            )
    names = {line["field"] for line in held.get("asks") or ()}
    if names and not names & {"phone", "mobile", "email", "wechat"}:
        yield "asks", L("It asks for nothing by which one could answer.")


def ancestors(form: Mapping[str, Any]) -> str:
    """Who may show the form inside a page, as the header says it."""
    found = [
        str(text).rstrip("/") for text in form.get("frame_ancestors") or () if _ORIGIN.fullmatch(str(text).rstrip("/"))
    ]
    return " ".join(found) or "'none'"


def find(address_key: str) -> dict[str, Any] | None:
    """The form at an address, one that takes answers."""
    sql = "SELECT id FROM web_form WHERE address_key = ? AND active = 1 AND deleted_at IS NULL"
    number = store.value(sql, [address_key]) if re.fullmatch(r"[\w-]{16,60}", address_key) else None
    record = access.fetch(SYSTEM, WebForm, int(number)) if number else None
    return values(record) if record is not None else None


def asks(form: Mapping[str, Any]) -> list[Ask]:
    """What it asks, in order, in the present language where no wording was given. Only what strangers may fill."""
    known = fields_of(Lead)
    found: dict[str, Ask] = {}
    for line in form.get("asks") or ():
        name = str(line["field"])
        if name in ASKED and name in known and name not in found:
            each = known[name]
            most = min(int(getattr(each, "most", 200)), 4000)
            found[name] = Ask(name, str(line.get("label") or each.label), bool(line.get("needed")), each.kind, most)
    return list(found.values())


# ---------------------------------------------------------------- taking an answer


def seal(form: Mapping[str, Any], at: float | None = None) -> str:
    """A mark of when the form was shown, that nobody else can make; one for each time it is shown."""
    text = f"{int(at if at is not None else time.time())}.{ids.token(16)}"
    return f"{text}.{_signed(form, text)}"


def _signed(form: Mapping[str, Any], text: str) -> str:
    return ids.sign(key.secret(), "web form", f"{form['address_key']} {text}")


def opened(form: Mapping[str, Any], mark: str, now: float | None = None) -> str:
    """What is wrong with a mark: ``forged``, ``quick``, ``stale``; empty for nothing."""
    head, _, sign = mark.rpartition(".")
    stamp = head.partition(".")[0]
    if not stamp.isdigit() or len(mark) > 300 or not ids.same(sign, _signed(form, head)):
        return "forged"
    age = (now if now is not None else time.time()) - int(stamp)
    return "quick" if age < QUICKEST else "stale" if age > STALE else ""


def check(form: Mapping[str, Any], given: Mapping[str, str], *, consent: bool) -> dict[str, Any]:
    """The answers as values of a lead. Raises Invalid, by field."""
    known = fields_of(Lead)
    errors: dict[str, list[str]] = {}
    found: dict[str, Any] = {}
    for each in asks(form):
        text = str(given.get(each.name) or "").strip()
        if not text:
            if each.needed:
                errors[each.name] = [str(L("This is needed."))]
            continue
        if len(text) > each.most:
            errors[each.name] = [
                str(L("At most %(most)s characters; these are %(found)s.", most=each.most, found=len(text)))
            ]
            continue
        field = known[each.name]
        try:
            found.update({each.name: field.clean(field.read(text, Cleaning()), Cleaning())})
        except FieldError as error:
            errors[each.name] = [str(error)]
    if not errors and not any(found.values()):
        errors[""] = [str(L("Fill in at least one field."))]
    if form.get("consent_text") and form.get("consent_needed") and not consent:
        errors["consent"] = [str(L("Without your consent we cannot take this."))]
    if errors:
        raise Invalid(errors)
    return found


def take(form: Mapping[str, Any], found: Mapping[str, Any], *, consent: bool, mark: str) -> int:
    """Keep an answer as a lead, once for each mark; the lead's id."""
    with changesets.opened(SYSTEM, "web form", str(form["name"])[:200]), store.writing():
        held = store.row("SELECT lead FROM lead_arrival WHERE origin = 'form' AND mark = ?", [ids.digest(mark)])
        if held is not None:
            return int(held[0] or 0)
        record = change.create(SYSTEM, Lead, lead_values(form, found, consent=consent), trusted=True)
        note_arrival("form", ids.digest(mark), int(record.id))
    return int(record.id)


def note_arrival(origin: str, mark: str, lead: int | None) -> None:
    """Something from outside was taken. Inside ``writing``."""
    store.run(
        "INSERT INTO lead_arrival (origin, mark, lead, at) VALUES (?, ?, ?, ?)", [origin, mark, lead, clock.stamp()]
    )


def lead_values(form: Mapping[str, Any], found: Mapping[str, Any], *, consent: bool) -> dict[str, Any]:
    """The answers with what the form adds of its own."""
    called = next(
        (str(found[name]) for name in ("name", "company", "email", "phone", "mobile") if found.get(name)), "–"
    )
    return {
        **found,
        "name": called,
        "form": form["id"],
        "language": form.get("language"),
        "source": form.get("source") or form["name"],
        "campaign": form.get("campaign"),
        "tags": form.get("tags"),
        "owner": form.get("looked_after_by"),
        "consents": _consents(form, found) if consent and form.get("consent_text") else None,
    }


def _consents(form: Mapping[str, Any], found: Mapping[str, Any]) -> list[dict[str, Any]]:
    channels = [name for name in ("email", "phone", "wechat") if found.get(name)]
    if found.get("mobile") and "phone" not in channels:
        channels.append("phone")
    how = f"{form['name']}: {' '.join(str(form['consent_text']).split())}"[:200]
    common = {
        "purpose": form.get("consent_purpose") or "marketing",
        "state": "given",
        "on": clock.today().isoformat(),
        "how": how,
    }
    return [{**common, "channel": channel} for channel in channels]


# ---------------------------------------------------------------- for other sites


def path(form: Mapping[str, Any]) -> str:
    """The form's own address."""
    return f"/f/{form['address_key']}"


def frame_snippet(form: Mapping[str, Any], base: str) -> str:
    """What one pastes into a page that may show it."""
    title = html.escape(str(form.get("heading") or form["name"]), quote=True)
    return (
        f'<iframe src="{base}{path(form)}?framed=1" title="{title}" width="100%" height="640" loading="lazy"></iframe>'
    )


def mail_mark(form: Mapping[str, Any]) -> str:
    """By which a mail is known to be an answer to the form."""
    return f"form-{form['address_key']}"


def mail_page(form: Mapping[str, Any], to: str) -> str:
    """A page of its own for a web site that cannot reach us: the answer is sent by the visitor's own mail program."""
    with speaking(str(form.get("language") or "en")):
        said = asks(form)
        subject = f"{form.get('heading') or form['name']} [{mail_mark(form)}]"
        fields = "\n".join(_html_field(each) for each in said)
        words = html.escape(str(form.get("intro") or ""))
        button = html.escape(str(form.get("button") or L("Send")))
        title = html.escape(str(form.get("heading") or form["name"]))
    return (
        f'<!doctype html>\n<html lang="{form.get("language") or "en"}">\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f"<h1>{title}</h1>\n<p>{words}</p>\n"
        f'<form action="mailto:{html.escape(to, quote=True)}?subject={quote(subject)}" method="post" enctype="text/plain">\n'
        f"{fields}\n<p><button>{button}</button></p>\n</form>\n</html>\n"
    )


def _html_field(ask: Ask) -> str:
    label, needed = html.escape(ask.label), " required" if ask.needed else ""
    if ask.kind == "long_text":
        control = f'<textarea name="{ask.name}" rows="5" maxlength="{ask.most}"{needed}></textarea>'
    else:
        kind = {"email": "email", "phone": "tel"}.get(ask.kind, "text")
        control = f'<input name="{ask.name}" type="{kind}" maxlength="{ask.most}"{needed}>'
    return f"<p><label>{label}<br>{control}</label></p>"


def mail_link(form: Mapping[str, Any], to: str) -> str:
    """A link that opens a mail with a line for each answer."""
    with speaking(str(form.get("language") or "en")):
        lines = "\n".join(f"{each.label}: " for each in asks(form))
    subject = f"{form.get('heading') or form['name']} [{mail_mark(form)}]"
    return f"mailto:{quote(to, safe='@')}?subject={quote(subject)}&body={quote(lines)}"


def all_active() -> list[dict[str, Any]]:
    """Every form that takes answers."""
    found = [i for (i,) in store.rows("SELECT id FROM web_form WHERE active = 1 AND deleted_at IS NULL ORDER BY id")]
    return [values(record) for record in access.fetch_many(SYSTEM, WebForm, found)]


def base_of(record: Record) -> str:
    """The address that staff type, under which the form stands as far as we know; empty where nobody said."""
    from smallcrm.records import settings

    return str(settings.get("company.address") or "").rstrip("/")
