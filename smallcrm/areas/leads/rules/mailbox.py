"""Fetching mails and making leads of them, each once, however often a visit is cut off. Nothing that came in is lost.

What a rule or a form reads becomes a lead; what a machine sent is set aside; what nothing fits is listed, to be looked at.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from smallcrm import store
from smallcrm.areas.leads.records import Lead
from smallcrm.areas.leads.rules import imap, reading
from smallcrm.areas.leads.rules.forms import note_arrival
from smallcrm.areas.leads.rules.imap import Box, Unread
from smallcrm.areas.leads.rules.reading import Mail
from smallcrm.base import clock, ids
from smallcrm.base.errors import Forbidden, NotFound, SmallcrmError, WrongState
from smallcrm.base.i18n import L, Label
from smallcrm.identity.actor import SYSTEM, Actor
from smallcrm.records import access, change, changesets, settings
from smallcrm.records.fields import Choice, LongText, Number, Text
from smallcrm.records.record import Record

AT_ONCE = 200  # mails of one visit
KEPT = 8000  # letters of a text that are kept of what became no lead
log = logging.getLogger("smallcrm.leads")

SECURITY = (
    ("ssl", L("SSL/TLS (usual with port 993)")), ("starttls", L("STARTTLS (usual with port 143)")),
    ("none", L("none: only inside the office")),
)  # fmt: skip
WHY: dict[str, Label] = {
    "auto": L("an automatic answer"), "bulk": L("sent to many at once"), "own": L("one of our own"), "no rule": L("no rule fits"),
    "nothing": L("nothing in it could be read"), "refused": L("it could not be kept"), "broken": L("it could not be taken apart"),
}  # fmt: skip

settings.declare(
    "lead-mail",
    {
        "lead_mail.host": (Text(L("Mail server"), most=200), None),
        "lead_mail.port": (Number(L("Port"), least=1, most=65535), 993),
        "lead_mail.security": (Choice(L("Encryption"), SECURITY, required=True), "ssl"),
        "lead_mail.user": (Text(L("User name"), most=200), None),
        "lead_mail.password": (Text(L("Password"), most=500), None),
        "lead_mail.folder": (Text(L("Folder"), most=200), "INBOX"),
        "lead_mail.address": (
            Text(L("Its address"), most=200, help=L("Where web forms that go by mail send to.")),
            None,
        ),
        "lead_mail.minutes": (Number(L("Look every so many minutes"), least=1, most=1440), 5),
        "lead_mail.certificate": (LongText(L("Certificate of the mail server"), most=20_000), None),
    },
    secret=("lead_mail.password",),
)
_PARTS = ("host", "port", "security", "user", "password", "folder", "certificate")


def box() -> Box:
    """The mailbox as it is set up."""
    got = {name: settings.get(f"lead_mail.{name}") for name in _PARTS}
    return replace(Box(), **{name: value for name, value in got.items() if value is not None})


def address() -> str:
    """Where forms that go by mail send to."""
    found = str(settings.get("lead_mail.address") or "")
    user = str(settings.get("lead_mail.user") or "")
    return found or (user if "@" in user else "")


@dataclass
class Visit:
    """What a visit brought."""

    leads: int = 0
    unread: int = 0
    dropped: int = 0
    known: int = 0  # mails that had been taken before
    trouble: str = ""

    def data(self) -> dict[str, Any]:
        """For the job's result."""
        return dict(self.__dict__)


# ---------------------------------------------------------------- the job


def due(now: dt.datetime) -> bool:
    """Whether it is time to look again."""
    here = box()
    if not here.ready:
        return False
    last = store.value("SELECT at FROM lead_mailbox WHERE place = ?", [here.place])
    minutes = int(settings.get("lead_mail.minutes") or 5)
    return not last or clock.moment(str(last)) <= now - dt.timedelta(minutes=minutes)


def fetch(here: Box | None = None) -> Visit:
    """Look into the mailbox and take what is new. Never raises for what the other side does: that is kept as its trouble."""
    here, visit = here or box(), Visit()
    if not here.ready:
        return visit
    try:
        with imap.Session(here) as session:
            last = _last(here, session.validity)
            for waiting in session.after(last, AT_ONCE):
                raw = session.fetch(waiting)
                _take_safely(raw, visit)
                _note(here, session.validity, waiting.uid, "")
    except Unread as error:
        visit.trouble = str(error)
    _note(here, None, None, visit.trouble)
    return visit


def _last(here: Box, validity: int) -> int:
    """The last UID that was read, 0 where the server has numbered its mails anew: marks tell what was taken."""
    found = store.row("SELECT validity, last FROM lead_mailbox WHERE place = ?", [here.place])
    return int(found[1]) if found and int(found[0]) == validity else 0


def _note(here: Box, validity: int | None, last: int | None, trouble: str) -> None:
    with store.writing():
        store.run(
            "INSERT INTO lead_mailbox (place, validity, last, at, trouble) VALUES (?, ?, ?, ?, ?) ON CONFLICT (place) DO UPDATE SET"
            " validity = coalesce(?, validity), last = coalesce(?, last), at = excluded.at, trouble = excluded.trouble",
            [here.place, validity or 0, last or 0, clock.stamp(), trouble, validity, last],
        )


def state(here: Box) -> tuple[str, str]:
    """(when it was last looked into, what went wrong then)."""
    return store.row("SELECT at, trouble FROM lead_mailbox WHERE place = ?", [here.place]) or ("", "")


def try_out(here: Box) -> str:
    """Look into the mailbox without taking anything; how it went, in the current language. Raises Unread."""
    with imap.Session(here) as session:
        n = len(session.after(_last(here, session.validity), AT_ONCE))
    return str(L("The mailbox can be read; %(n)s mails wait in it.", n=n))


# ---------------------------------------------------------------- one mail


def _take_safely(raw: bytes, visit: Visit) -> None:
    """A mail that breaks something is set aside; the others go on."""
    try:
        mail = reading.parse(raw)
    except Exception:
        log.exception("a mail could not be taken apart")
        mail = Mail(ids.digest(raw.hex()), "", "", "", raw[:KEPT].decode("latin-1"), "")
        _set_aside(mail, "unread", "broken", visit)
        return
    try:
        take(mail, visit)
    except SmallcrmError:
        log.exception("a mail could not be kept as a lead")
        _set_aside(mail, "unread", "refused", visit)


def take(mail: Mail, visit: Visit | None = None) -> int | None:
    """Make a lead of a mail, once; its id, None for what is set aside or was taken before."""
    visit = visit or Visit()
    if _taken(mail.mark):
        visit.known += 1
        return None
    if mail.automatic:
        _set_aside(mail, "dropped", mail.automatic, visit)
        return None
    if mail.sender and mail.sender in _own():
        _set_aside(mail, "dropped", "own", visit)
        return None
    found = reading.read(mail)
    if found is None or not reading.usable(found):
        _set_aside(mail, "unread", "no rule" if found is None else "nothing", visit)
        return None
    return _make(mail, reading.lead_values(found, mail), visit)


def _own() -> set[str]:
    """The addresses we send from: what comes from there answers ourselves."""
    sender = (
        str(settings.get("mail.sender") or "") if "mail.sender" in {each.key for each in settings.declared()} else ""
    )
    return {each.casefold() for each in (sender, address()) if each}


def _taken(mark: str) -> bool:
    sql = "SELECT 1 FROM lead_arrival WHERE origin = 'mail' AND mark = ? UNION SELECT 1 FROM lead_mail WHERE mark = ? LIMIT 1"
    return store.row(sql, [mark, mark]) is not None


def _make(mail: Mail, values: Mapping[str, Any], visit: Visit) -> int | None:
    with changesets.opened(SYSTEM, "mail", mail.subject[:200]), store.writing():
        if _taken(mail.mark):
            visit.known += 1
            return None
        record = change.create(SYSTEM, Lead, values, trusted=True)
        note_arrival("mail", mail.mark, int(record.id))
    visit.leads += 1
    return int(record.id)


def _set_aside(mail: Mail, state_: str, why: str, visit: Visit) -> None:
    with store.writing():
        fresh = store.run(
            "INSERT OR IGNORE INTO lead_mail (mark, at, sender, subject, body, state, why, lead) VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
            [mail.mark, clock.stamp(), mail.sender, mail.subject, mail.text[:KEPT], state_, why],
        )
    if not fresh:
        visit.known += 1
    elif state_ == "dropped":
        visit.dropped += 1
    else:
        visit.unread += 1


# ---------------------------------------------------------------- what was set aside


@dataclass(frozen=True)
class Aside:
    """A mail that became no lead by itself."""

    id: int
    at: str
    sender: str
    subject: str
    body: str
    state: str
    why: str
    lead: int | None


_ASIDE = "id, at, sender, subject, body, state, why, lead"


def waiting(state_: str = "unread", *, before: int = 2**62, limit: int = 50) -> list[Aside]:
    """The mails in a state, the newest first."""
    sql = f"SELECT {_ASIDE} FROM lead_mail WHERE state = ? AND id < ? ORDER BY id DESC LIMIT ?"
    return [Aside(*row) for row in store.rows(sql, [state_, before, limit])]


def count(state_: str = "unread") -> int:
    """How many there are in a state, up to a hundred."""
    return int(store.value("SELECT count(*) FROM (SELECT 1 FROM lead_mail WHERE state = ? LIMIT 100)", [state_]))


def _one(actor: Actor, number: int) -> Aside:
    if not actor.may("settings"):
        raise Forbidden(access.refusal(actor, "edit"))
    row = store.row(f"SELECT {_ASIDE} FROM lead_mail WHERE id = ?", [number])
    if row is None:
        raise NotFound(L("There is nothing here, or you may not see it."))
    return Aside(*row)


def make_lead(actor: Actor, number: int) -> Record:
    """A mail that was set aside is a lead after all: its sender and its text. Raises WrongState where that was done."""
    with changesets.opened(actor, "mail"), store.writing():
        found = _one(actor, number)
        if found.state not in ("unread", "dropped"):
            raise WrongState(L("This mail was seen to already."))
        mail = Mail("", found.sender, "", found.subject, found.body)
        again = reading.read(mail)
        if again is not None and reading.usable(again):
            values = reading.lead_values(again, mail)
        else:
            notes = "\n".join(part for part in (found.subject, found.body) if part)
            values = {
                "name": found.sender or str(L("Mail without sender")),
                "email": found.sender or None,
                "notes": notes,
            }
        record = change.create(actor, Lead, {**values, "owner": values.get("owner")}, trusted=True)
        store.run("UPDATE lead_mail SET state = 'lead', lead = ? WHERE id = ?", [record.id, number])
    return record


def dismiss(actor: Actor, number: int) -> None:
    """It is nothing. Raises WrongState where somebody has seen to it."""
    with store.writing():
        if _one(actor, number).state not in ("unread", "dropped"):
            raise WrongState(L("This mail was seen to already."))
        store.run("UPDATE lead_mail SET state = 'dismissed' WHERE id = ?", [number])


def read_again(actor: Actor) -> int:
    """Try the rules on what nothing fitted; how many became leads."""
    if not actor.may("settings"):
        raise Forbidden(access.refusal(actor, "edit"))
    made = 0
    for found in waiting(limit=500):
        mail = Mail("", found.sender, "", found.subject, found.body)
        again = reading.read(mail)
        if again is None or not reading.usable(again):
            continue
        with changesets.opened(SYSTEM, "mail", found.subject[:200]), store.writing():
            if not store.row("SELECT 1 FROM lead_mail WHERE id = ? AND state = 'unread'", [found.id]):
                continue
            record = change.create(SYSTEM, Lead, reading.lead_values(again, mail), trusted=True)
            store.run("UPDATE lead_mail SET state = 'lead', lead = ? WHERE id = ?", [record.id, found.id])
        made += 1
    return made
