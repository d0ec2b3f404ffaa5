"""The log line put to use: read with a record's people, mended by chips, kept as one change."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from smallcrm import store
from smallcrm.areas.activities import logline
from smallcrm.areas.activities.logline import Act, History, Person, Plan, Suggestion, Understood
from smallcrm.areas.activities.logline.chips import OUTCOMES
from smallcrm.areas.activities.records import FOLLOW_UPS, TWO_WAYS, Activity
from smallcrm.areas.activities.rules import acts, follow_ups
from smallcrm.areas.activities.rules.filling import homes_of
from smallcrm.areas.activities.rules.states import day_of
from smallcrm.areas.activities.rules.working_days import is_working
from smallcrm.areas.activities.touch import last_touches
from smallcrm.base import clock
from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import LANGUAGES, L, speaking
from smallcrm.identity.actor import Actor
from smallcrm.records import access, cache, change, changesets, settings
from smallcrm.records.record import Record, by_key, values

SUBJECT = 300
MOST_PEOPLE = 200
Fixes = Mapping[str, Mapping[str, str]]  # "a0" (first act), "p1" (second plan) → what was changed by hand


@dataclass(frozen=True)
class Place:
    """The record a line is written at: its customer, and whom it may speak of."""

    record: Record
    customer: int | None
    contacts: tuple[Person, ...] = ()
    contact: int | None = None  # the contact on whose page it is written


@dataclass(frozen=True)
class Kept:
    """What a line left: the activities in their order, the change-set, what was understood."""

    made: tuple[Record, ...]
    set: int
    understood: Understood

    @property
    def done(self) -> Record | None:
        """The first thing that happened."""
        return next((each for each in self.made if values(each)["done_at"]), None)

    @property
    def planned(self) -> bool:
        """Whether anything is to be done."""
        return any(not values(each)["done_at"] for each in self.made)


def place_of(actor: Actor, record: Record) -> Place:
    """The customer and its contacts within reach, the ones last spoken to first; a contact's page has that one in front."""
    key = record.card.key
    customer = homes_of({(key, int(record.id))}).get((key, int(record.id)))
    contact = int(record.id) if key == "contact" else None
    people = _contacts(actor, customer) if customer else []
    if contact is not None:
        own = Person(contact, str(values(record)["name"]))
        people = [own, *(each for each in people if each.id != contact)]
    return Place(record, customer, tuple(people), contact)


def belongs(held: Mapping[str, Any], place: Place) -> bool:
    """Whether an activity with these values belongs to the place's customer, or to the record itself."""
    if place.customer or held.get("customer"):
        return bool(held.get("customer") == place.customer)
    return (held.get("about_type"), held.get("about")) == (place.record.card.key, int(place.record.id)) or (
        bool(held.get("contact")) and held.get("contact") == place.contact
    )


def _contacts(actor: Actor, customer: int) -> list[Person]:
    where, params = access.reach(actor, by_key("contact")).where()
    sql = f"SELECT t.id, t.name FROM contact t WHERE t.customer = ? AND t.deleted_at IS NULL AND {where} ORDER BY t.id LIMIT ?"
    found = store.rows(sql, [customer, *params, MOST_PEOPLE])
    touched = last_touches(actor, [i for i, _ in found])
    found.sort(key=lambda row: touched.get(row[0], ""), reverse=True)
    return [Person(i, name) for i, name in found]


@cache.kept
def colleagues() -> tuple[Person, ...]:
    """Everybody who may be given something to do."""
    found = store.rows('SELECT id, name FROM "user" WHERE active = 1 AND deleted_at IS NULL ORDER BY id')
    return tuple(Person(i, name) for i, name in found)


def read(actor: Actor, place: Place, text: str, fixes: Fixes | None = None) -> Understood:
    """What the line says, with what was changed by hand."""
    found = logline.parse(
        text,
        language=actor.language,
        contacts=place.contacts,
        colleagues=[each for each in colleagues() if each.id != actor.id],
        now=clock.now(),
        zone=clock.business_zone(),
        working=is_working,
    )
    return mended(found, fixes) if fixes else found


# ---------------------------------------------------------------- changed by hand


def mended(found: Understood, fixes: Fixes) -> Understood:
    """The understood line with single parts changed, or left out. Raises Invalid for a time that is none."""
    happened = [*([found.done] if found.done else []), *found.also]
    done = [_mended_act(act, fix) for n, act in enumerate(happened) if "drop" not in (fix := fixes.get(f"a{n}", {}))]
    planned = [
        _mended_plan(plan, fix) for n, plan in enumerate(found.planned) if "drop" not in (fix := fixes.get(f"p{n}", {}))
    ]
    return replace(found, done=done[0] if done else None, also=tuple(done[1:]), planned=tuple(planned))


def _mended_act(act: Act, fix: Mapping[str, str]) -> Act:
    changed: dict[str, Any] = {name: fix[name] for name in ("kind", "direction", "outcome") if name in fix}
    if "at" in fix:
        at = _moment(fix["at"]) or clock.now()
        changed |= {"at": at, "has_day": True, "has_time": True}
    changed |= _common(fix)
    if "who" in fix:
        changed["by"] = _number(fix["who"])
    return replace(act, **changed)


def _mended_plan(plan: Plan, fix: Mapping[str, str]) -> Plan:
    changed: dict[str, Any] = {name: fix[name] for name in ("kind",) if name in fix}
    if fix.get("subject", "").strip():
        changed["subject"] = fix["subject"].strip()
    if "due" in fix or "time" in fix:
        day = _day(fix["due"]) if "due" in fix else plan.due
        time = fix.get("time", _local_time(plan.at))
        changed |= {"due": day, "at": _moment(f"{day}T{time}") if day and time else None}
    changed |= _common(fix)
    if "who" in fix:
        changed["who"] = _number(fix["who"])
    return replace(plan, **changed)


def _common(fix: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "minutes" in fix:
        found["duration_minutes"] = _number(fix["minutes"])
    if "contact" in fix:
        contact = _number(fix["contact"])
        found["contacts"] = (contact,) if contact else ()
    return found


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _day(text: str) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise Invalid({"due": [str(L("There is no such date."))]}) from None


def _local_time(moment: dt.datetime | None) -> str:
    return f"{moment.astimezone(clock.business_zone()):%H:%M}" if moment else ""


def _moment(text: str) -> dt.datetime | None:
    if not text:
        return None
    try:
        local = dt.datetime.fromisoformat(text)
    except ValueError:
        raise Invalid({"at": [str(L("There is no such time."))]}) from None
    return clock.at_local(local.date(), local.time().replace(tzinfo=None))


# ---------------------------------------------------------------- keeping


def keep(actor: Actor, place: Place, understood: Understood, *, finishing: Record | None = None) -> Kept:
    """Everything the line said as activities, in one change; text that says nothing else is a note.

    ``finishing`` is a plan that the first thing that happened fulfils. Raises Invalid, Forbidden.
    """
    if not understood.text.strip():
        raise Invalid({"text": [str(L("Write what happened first."))]})
    happened = [_row_of_act(place, act) for act in [*([understood.done] if understood.done else []), *understood.also]]
    planned = [_row_of_plan(place, plan) for plan in understood.planned]
    if not happened and (finishing is not None or not planned):
        happened = [{**_about(place, ()), "kind": "note", **_words(understood.text, "")}]
    rows = happened + planned
    with changesets.opened(actor, actor.via) as mine:
        first = [_finish(actor, finishing, rows.pop(0))] if finishing is not None else []
        made = (*first, *(change.create(actor, Activity, row) for row in rows))
    return Kept(made, mine.id, understood)


def _finish(actor: Actor, plan: Record, row: Mapping[str, Any]) -> Record:
    """The plan, done as the line says: its subject stays, what was typed becomes what was said."""
    said = "\n".join(part for part in (values(plan)["body"], row["subject"], row["body"]) if part)
    names = ("duration_minutes", "direction", "outcome", "contact")
    changed = {name: row[name] for name in names if row.get(name)}
    if row["kind"] not in ("note", "task"):
        changed["kind"] = row["kind"]
    return acts.done(
        actor, plan, at=clock.moment(row["done_at"]) if row.get("done_at") else None, body=said, **changed
    ).record


def _about(place: Place, contacts: Sequence[int]) -> dict[str, Any]:
    contact = next(iter(contacts), place.contact)
    found: dict[str, Any] = {"customer": place.customer, "contact": contact}
    if place.record.card.key not in ("customer", "contact"):
        found["about"] = {"type": place.record.card.key, "id": int(place.record.id)}
    return found


def _words(subject: str, body: str) -> dict[str, Any]:
    """Subject and body; what is too long for a subject stands whole in the body."""
    first = subject.strip().split("\n")[0].strip()
    rest = subject.strip()[len(first) :].strip()
    if len(first) > SUBJECT:
        return {
            "subject": f"{first[: SUBJECT - 1]}…",
            "body": "\n".join(part for part in (subject.strip(), body) if part),
        }
    return {"subject": first, "body": "\n".join(part for part in (rest, body.strip()) if part) or None}


def _row_of_act(place: Place, act: Act) -> dict[str, Any]:
    return {
        **_about(place, act.contacts),
        "kind": act.kind,
        **_words(act.subject, act.body),
        "done_at": clock.iso(act.at),
        "duration_minutes": act.duration_minutes,
        "direction": (act.direction or None) if act.kind in TWO_WAYS else None,
        "outcome": outcome_words(act.outcome) or None,
        **({"owner": act.by} if act.by else {}),
    }


def _row_of_plan(place: Place, plan: Plan) -> dict[str, Any]:
    found = {
        **_about(place, plan.contacts),
        "kind": plan.kind,
        **_words(plan.subject, plan.body),
        "duration_minutes": plan.duration_minutes,
        **acts.due_columns(plan.at or plan.due),
        **({"owner": plan.who} if plan.who else {}),
    }
    if plan.reminder:
        found["reminder_at"] = clock.iso(plan.reminder)
    return {name: value for name, value in found.items() if value is not None}


def outcome_words(code: str) -> str:
    """An outcome as it is kept: in the company's language, so that everybody's stand together in a list."""
    if code not in OUTCOMES:
        return code
    with speaking(str(settings.get("company.language"))):
        return logline.outcome_label(code)


def outcome_shown(kept: str | None) -> str:
    """A kept outcome in the reader's language, where it is one of ours."""
    return logline.outcome_label(code) if kept and (code := _codes().get(kept)) else kept or ""


@functools.cache
def _codes() -> dict[str, str]:
    found: dict[str, str] = {}
    for language in LANGUAGES:
        with speaking(language):
            found |= {str(label): code for code, label in OUTCOMES.items()}
    return found


# ---------------------------------------------------------------- what is next


@dataclass(frozen=True)
class After:
    """What was just done, and what could follow."""

    done: Record
    steps: tuple[Suggestion, ...] = field(default=())


def next_steps(actor: Actor, done: Record, understood: Understood | None = None) -> After:
    """What could follow what was just done, for its customer's history. Nothing where no customer is known."""
    held = values(done)
    if understood is None:
        place = Place(done, held.get("customer"))
        said = " ".join(str(held[name]) for name in ("subject", "outcome", "body") if held.get(name))
        understood = replace(read(actor, place, said), planned=())
    found = logline.next_steps(
        str(held["kind"]),
        actor.language,
        clock.today(),
        said=understood,
        history=history_of(held),
        working=is_working,
    )
    return After(done, tuple(found))


def history_of(held: Mapping[str, Any]) -> History:
    """What is known of the follow-ups of what an activity belongs to, as proposals need it."""
    kind, record = next(((k, n) for k in follow_ups.followed() if (n := k.named_by(held))), (None, None))
    if kind is None:
        return History()
    kinds = ", ".join(f"'{each}'" for each in FOLLOW_UPS)
    sql = (
        f"SELECT done_at, kind FROM activity WHERE {kind.column} = ? AND {kind.only} AND done_at IS NOT NULL"
        f" AND deleted_at IS NULL AND kind IN ({kinds}) ORDER BY done_at DESC LIMIT 24"
    )
    table = by_key(kind.key)._meta
    pooled = "recycle_on" in table.columns
    recycle = store.value(f'SELECT recycle_on FROM "{table.table_name}" WHERE id = ?', [record]) if pooled else None
    return History(
        touches=[(day_of(at), kind) for at, kind in store.rows(sql, [record])],
        recycle_on=dt.date.fromisoformat(recycle) if recycle else None,
    )
