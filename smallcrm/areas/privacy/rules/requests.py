"""What people ask of their data: written down, due within a month, answered."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass

from smallcrm import store
from smallcrm.areas.privacy.records import KINDS
from smallcrm.areas.privacy.rules.person import need
from smallcrm.base import clock
from smallcrm.base.errors import Invalid, NotFound, WrongState
from smallcrm.base.i18n import L
from smallcrm.base.text import tidy
from smallcrm.identity.actor import Actor
from smallcrm.records import access, audit
from smallcrm.records.record import Record, by_key

SOON = 7  # days before the due day from which it is shown as pressing
LONGEST = 3  # months: one, and two more where it is difficult (GDPR 12(3))


@dataclass(frozen=True)
class Request:
    """One request as it stands."""

    id: int
    record_type: str
    record: int
    kind: str
    asked_on: str
    due_on: str
    identity: str
    note: str
    handler: int
    done_at: str | None
    done_by: int | None
    outcome: str

    @property
    def kind_words(self) -> str:
        """What is asked, in the reader's language."""
        return str(KINDS[self.kind])

    @property
    def url(self) -> str:
        """The page of the person's data."""
        return f"/privacy/{by_key(self.record_type).card.name}/{self.record}"

    @property
    def days_left(self) -> int:
        """Days until it is due; negative once it is late."""
        return (dt.date.fromisoformat(self.due_on) - clock.today()).days


_COLUMNS = "id, record_type, record, kind, asked_on, due_on, identity, note, handler, done_at, done_by, outcome"


def a_month_after(day: dt.date, months: int = 1) -> dt.date:
    """The same day so many months later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def make(actor: Actor, record: Record, *, kind: str, asked_on: str = "", identity: str = "", note: str = "") -> Request:
    """Write a request down. Raises Invalid, Forbidden."""
    need(actor)
    if kind not in KINDS:
        raise Invalid({"kind": [str(L("Say what was asked for."))]})
    asked = _day(asked_on, "asked_on") if asked_on else clock.today()
    if asked > clock.today():
        raise Invalid({"asked_on": [str(L("That day has not come yet."))]})
    with store.writing():
        store.run(
            "INSERT INTO privacy_request (record_type, record, kind, asked_on, due_on, identity, note, handler, made_at,"
            " outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '')",
            [record.card.key, record.id, kind, asked.isoformat(), a_month_after(asked).isoformat(), _text(identity, "identity")[:200],
             _text(note, "note", lines=True)[:2000], actor.id, clock.stamp()],
        )  # fmt: skip
        number = int(store.connection().last_insert_rowid())
        audit.log(actor, "privacy request", record_type=record.card.key, record=int(record.id), detail={"kind": kind})
    return get(actor, number)


def get(actor: Actor, number: int) -> Request:
    """A request. Raises Forbidden, NotFound."""
    need(actor)
    found = store.row(f"SELECT {_COLUMNS} FROM privacy_request WHERE id = ?", [number])
    if found is None:
        raise NotFound(L("There is no such request."))
    return Request(*found)


def open_ones(actor: Actor) -> list[Request]:
    """What is still to be answered, the most pressing first."""
    need(actor)
    found = store.rows(f"SELECT {_COLUMNS} FROM privacy_request WHERE done_at IS NULL ORDER BY due_on, id")
    return [Request(*row) for row in found]


def done_ones(actor: Actor, limit: int = 200) -> list[Request]:
    """What was answered, the last first."""
    need(actor)
    sql = f"SELECT {_COLUMNS} FROM privacy_request WHERE done_at IS NOT NULL ORDER BY done_at DESC, id DESC LIMIT ?"
    return [Request(*row) for row in store.rows(sql, [limit])]


def of(actor: Actor, record: Record) -> list[Request]:
    """What one person asked for, the last first."""
    need(actor)
    sql = f"SELECT {_COLUMNS} FROM privacy_request WHERE record_type = ? AND record = ? ORDER BY id DESC"
    return [Request(*row) for row in store.rows(sql, [record.card.key, record.id])]


def pressing(actor: Actor) -> int:
    """How many are due within days, or late."""
    if not actor.may("privacy"):
        return 0
    border = (clock.today() + dt.timedelta(days=SOON)).isoformat()
    return int(store.value("SELECT count(*) FROM privacy_request WHERE done_at IS NULL AND due_on <= ?", [border]))


def answer(actor: Actor, number: int, *, outcome: str) -> Request:
    """It was answered. Raises Invalid without saying how, WrongState when it was before."""
    request = get(actor, number)
    if request.done_at:
        raise WrongState(L("This was answered already."))
    said = _text(outcome, "outcome", lines=True)[:2000]
    if not said:
        raise Invalid({"outcome": [str(L("Say how it was answered."))]})
    with store.writing():
        store.run(
            "UPDATE privacy_request SET done_at = ?, done_by = ?, outcome = ? WHERE id = ?",
            [clock.stamp(), actor.id, said, number],
        )
        audit.log(
            actor, "privacy request answered", record_type=request.record_type, record=request.record,
            detail={"kind": request.kind},
        )  # fmt: skip
    return get(actor, number)


def extend(actor: Actor, number: int, *, due_on: str) -> Request:
    """Take more time, at most three months in all: whoever asked is to be told why. Raises Invalid, WrongState."""
    request = get(actor, number)
    if request.done_at:
        raise WrongState(L("This was answered already."))
    day = _day(due_on, "due_on")
    latest = a_month_after(dt.date.fromisoformat(request.asked_on), LONGEST)
    if not dt.date.fromisoformat(request.asked_on) <= day <= latest:
        raise Invalid({"due_on": [str(L("At the latest three months after it was asked."))]})
    with store.writing():
        store.run("UPDATE privacy_request SET due_on = ? WHERE id = ?", [day.isoformat(), number])
    return get(actor, number)


def close_erased(actor: Actor, key: str, ids: tuple[int, ...], outcome: str) -> None:
    """An erasure answers what the person asked; what was noted of it goes as well. Inside ``writing``."""
    for number in ids:
        store.run(
            "UPDATE privacy_request SET done_at = coalesce(done_at, ?), done_by = coalesce(done_by, ?),"
            " outcome = CASE outcome WHEN '' THEN ? ELSE outcome END, note = '' WHERE record_type = ? AND record = ?",
            [clock.stamp(), actor.id, outcome, key, number],
        )


def names(actor: Actor, several: list[Request]) -> dict[int, str]:
    """Request → what its person is called, within reach."""
    found: dict[int, str] = {}
    for key in {each.record_type for each in several}:
        called = access.names(actor, key, [each.record for each in several if each.record_type == key])
        found |= {each.id: called.get(each.record, f"#{each.record}") for each in several if each.record_type == key}
    return found


def handlers(actor: Actor, several: list[Request]) -> dict[int, str]:
    """User → name, of those who saw to the requests."""
    users = {user for each in several for user in (each.handler, each.done_by) if user}
    return access.names(actor, "user", sorted(users))


def _text(text: str, field: str, *, lines: bool = False) -> str:
    try:
        return tidy(text, lines=lines)
    except ValueError:
        raise Invalid({field: [str(L("This holds characters that no text has."))]}) from None


def _day(text: str, field: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise Invalid({field: [str(L("This is no date."))]}) from None
