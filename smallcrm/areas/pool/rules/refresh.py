"""Keeping ``recycle_on`` and ``recycle_reason`` right: set-wise, called by every path that changes what they follow from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Any

from smallcrm import store
from smallcrm.areas.customers.records import Customer
from smallcrm.areas.pool.rules import pooled, pools
from smallcrm.areas.pool.rules.due import NEVER, Due, Facts, due
from smallcrm.areas.pool.rules.pools import Rules
from smallcrm.base import clock
from smallcrm.base.i18n import L
from smallcrm.identity.actor import SYSTEM
from smallcrm.jobs import work
from smallcrm.jobs.work import Progress
from smallcrm.records import derive, events, later, questions, rows
from smallcrm.records.drafts import Draft
from smallcrm.records.record import RecordType, by_key

CHUNK = 1000
AT_ONCE = 5000  # records brought up to date while somebody waits

COLUMNS = (
    "id", "owner", "grade", "owned_since", "created_at", "locked", "locked_until", "tags", "roles", "recycle_on",
    "recycle_reason", "pool",
)  # fmt: skip
LIVE = "t.deleted_at IS NULL"
FOLLOWS_FROM = (
    "owner",
    "pool",
    "grade",
    "locked",
    "locked_until",
    "tags",
    "roles",
    "status",
    "owned_since",
    "deleted_at",
)


@cache
def _columns(kind: RecordType) -> tuple[str, ...]:
    wanted = (*COLUMNS, "status") if kind is not Customer else COLUMNS
    return tuple(name for name in wanted if name in kind._meta.columns)


def facts_of(
    ids: Sequence[int], owners: Container[int] | None = None, kind: RecordType = Customer
) -> Iterator[tuple[dict[str, Any], Facts]]:
    """(the stored columns, the facts) of the live records among ``ids`` whose owner belongs to a pool, or to ``owners``."""
    key = kind.card.key
    held = rows.load(kind, ids, LIVE, only=_columns(kind)).values()
    covered = pools.covering(kind.card.name) if owners is None else owners
    owned = [each for each in held if each["owner"] and each["owner"] in covered]
    wanted = [each["id"] for each in owned]
    followed = _latest(questions.ask(questions.FOLLOWED_UP, key, wanted))
    deals = _earliest(questions.ask(questions.DEAL, key, wanted))
    opportunities = _opportunities(questions.ask(questions.OPPORTUNITY, key, wanted))
    busy = {i for found in questions.ask(questions.OPEN_BUSINESS, key, wanted) for i in found}
    days = _Days()
    yesterday = clock.today() - dt.timedelta(days=1)
    for each in owned:
        number = each["id"]
        made, is_open = opportunities.get(number, (None, False))
        known = each["recycle_on"] if each["recycle_reason"] == "owner" else None
        yield (
            each,
            Facts(
                owned_on=days.of(each["owned_since"] or each["created_at"]),
                grade=each.get("grade"),
                followed_on=days.maybe(followed.get(number)),
                deal_on=days.maybe(deals.get(number)),
                opportunity_on=days.maybe(made),
                opportunity_open=is_open,
                open_business=number in busy,
                tags=frozenset(tag.casefold() for tag in each.get("tags") or ()),
                locked=bool(each.get("locked")),
                locked_until=dt.date.fromisoformat(each["locked_until"]) if each.get("locked_until") else None,
                owner_active=pools.is_active(each["owner"]),
                gone_on=dt.date.fromisoformat(known) if known else yesterday,
            ),
        )


class _Days:
    """Business days of moments, each hour's looked up once."""

    def __init__(self) -> None:
        self._known: dict[str, dt.date] = {}

    def of(self, moment: str) -> dt.date:
        # no zone changes its day border within a quarter of an hour
        key = f"{moment[:13]}{int(moment[14:16]) // 15}"
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = clock.day_of(clock.moment(moment))
        return found

    def maybe(self, moment: str | None) -> dt.date | None:
        return self.of(moment) if moment else None


def _latest(answers: Sequence[Mapping[int, str]]) -> dict[int, str]:
    found: dict[int, str] = {}
    for answer in answers:
        for number, moment in answer.items():
            found[number] = max(moment, found.get(number, ""))
    return found


def _earliest(answers: Sequence[Mapping[int, str]]) -> dict[int, str]:
    found: dict[int, str] = {}
    for answer in answers:
        for number, moment in answer.items():
            found[number] = min(moment, found.get(number, moment))
    return found


def _opportunities(answers: Sequence[Mapping[int, tuple[str, bool]]]) -> dict[int, tuple[str, bool]]:
    found: dict[int, tuple[str, bool]] = {}
    for answer in answers:
        for number, (made, is_open) in answer.items():
            held = found.get(number, ("", False))
            found[number] = (max(made, held[0]), is_open or held[1])
    return found


def due_of(held: Mapping[str, Any], facts: Facts, rules: Rules | None = None, kind: RecordType = Customer) -> Due:
    """The last day of one record, by the rules of the pool that its owner's fall into."""
    rules = rules or pools.pool_for(held["owner"], kind.card.name)
    return due(rules, facts) if rules is not None and pooled.fits(kind, held) else NEVER


def refresh(ids: Iterable[int], kind: RecordType = Customer) -> dict[int, tuple[str | None, str | None]]:
    """Bring these records' columns up to date; id → (recycle_on, recycle_reason) of those that changed. Inside ``writing``."""
    wanted = sorted(set(ids))
    changed: dict[int, tuple[str | None, str | None]] = {}
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        found = {each["id"]: (each, due_of(each, facts, kind=kind)) for each, facts in facts_of(chunk, kind=kind)}
        for number, (each, result) in found.items():
            fresh = (result.day.isoformat() if result.day else None, result.why or None)
            if fresh != (each["recycle_on"], each["recycle_reason"]):
                changed[number] = fresh
        others = [number for number in chunk if number not in found]
        for number, each in rows.load(kind, others, LIVE, only=("id", "recycle_on", "recycle_reason")).items():
            if each["recycle_on"] or each["recycle_reason"]:
                changed[number] = (None, None)
    derive.put(kind, {i: {"recycle_on": day, "recycle_reason": why} for i, (day, why) in changed.items()})
    return changed


@cache
def _of_type(key: str) -> Callable[[Iterable[int]], Any]:
    """``refresh`` for one type: the same object each time, by which what was put off is gathered."""
    return refresh if key == "customer" else partial(refresh, kind=by_key(key))


def records_changed(drafts: list[Draft]) -> None:
    """Owner, grade, lock, tags, roles or state changed, or it is new: its last day follows."""
    touched = {d.id: d for d in drafts if d.live_after and (d.before is None or d.touches(*FOLLOWS_FROM))}
    if not touched or later.put_off(_of_type(drafts[0].kind.card.key), touched):
        return
    for number, (day, why) in refresh(touched, drafts[0].kind).items():
        touched[number].after.update(recycle_on=day, recycle_reason=why)


@pooled.for_each
def _watch(key: str) -> None:
    derive.on(key)(records_changed)

    def answers_changed(ids: list[int]) -> None:
        """A follow-up, a deal, an opportunity or open business came or went."""
        if not later.put_off(_of_type(key), ids):
            refresh(ids, by_key(key))

    questions.on_change(key)(answers_changed)


# ---------------------------------------------------------------- many, after a rule or a membership changed


def owned_ids(
    owners: Iterable[int] | None = None, *, after: int = 0, limit: int = CHUNK, kind: RecordType = Customer
) -> list[int]:
    """Live records with an owner (one of ``owners``), ascending."""
    which, params = ("owner IS NOT NULL", [])
    if owners is not None:
        which, params = ("owner IN (SELECT value FROM json_each(?))", [store.json_list(owners)])
    sql = (
        f'SELECT id FROM "{kind._meta.table_name}" WHERE {which} AND deleted_at IS NULL AND id > ? ORDER BY id LIMIT ?'
    )
    return [i for (i,) in store.rows(sql, [*params, after, limit])]


def refresh_owned(owners: Iterable[int] | None = None) -> int:
    """Bring up to date what these users own, everything owned without them, a short transaction at a time; how many changed."""
    wanted = None if owners is None else sorted(set(owners))
    changed = 0
    for each in pooled.types():
        last = 0
        while chunk := owned_ids(wanted, after=last, kind=each.kind):
            with store.writing():
                changed += len(refresh(chunk, each.kind))
            last = chunk[-1]
    return changed


def refresh_soon(owners: Iterable[int] | None = None) -> None:
    """The same at once where it is little, else in the background."""
    wanted = None if owners is None else sorted(set(owners))
    if sum(len(owned_ids(wanted, limit=AT_ONCE + 1, kind=each.kind)) for each in pooled.types()) <= AT_ONCE:
        refresh_owned(wanted)
        return

    def run(_progress: Progress) -> dict[str, Any]:
        return {"changed": refresh_owned(wanted)}

    work.start("pool", L("Days left until the pool"), SYSTEM.id, run, quick=True)


@events.on_change("pool")
def pool_saved(drafts: list[Draft]) -> None:
    """Its rules or its people changed: everything that it covers, or covered, is looked at anew."""
    owners: set[int] | None = set()
    for draft in drafts:
        for held in (draft.before, draft.after):
            if held:
                tokens = held.get("members")
                owners = None if not tokens or owners is None else owners | pools.people_of(tokens)
    if owners is None or owners:
        refresh_soon(owners)


@events.on_change("user")
def users_saved(drafts: list[Draft]) -> None:
    """Somebody moved to another team, or was switched off or on."""
    owners = {d.id for d in drafts if d.before is not None and d.touches("team", "active", "deleted_at")}
    if owners:
        refresh_soon(owners)


@events.on_change("team")
def teams_saved(drafts: list[Draft]) -> None:
    """A team moved under another, or has another leader: anybody may belong elsewhere now."""
    if any(d.before is not None and d.touches("parent", "manager", "deleted_at") for d in drafts):
        refresh_soon(None)
