"""The pool's page: what waits to be claimed, what is about to fall in, what is locked, and every move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from markupsafe import Markup

from smallcrm import store
from smallcrm.areas.pool.pages import pool_pages, state
from smallcrm.areas.pool.pages.rules import editor
from smallcrm.areas.pool.pages.state import SORTS, PoolState
from smallcrm.areas.pool.records import Pool
from smallcrm.areas.pool.rules import checks, claim, history, lock, pools
from smallcrm.areas.pool.rules.checks import Refusal
from smallcrm.areas.pool.rules.history import Move
from smallcrm.base import formats
from smallcrm.base.i18n import L, Label, ngettext
from smallcrm.identity.actor import Actor, Scope
from smallcrm.records import access, labels, query
from smallcrm.records.query.listing import COUNT_CAP
from smallcrm.records.record import by_key, declared
from smallcrm.web import grid
from smallcrm.web.context import actor

PAGE = 50

TAB_NAMES: dict[str, Label] = {
    "waiting": L("Waiting"),
    "soon": L("About to fall in"),
    "locked": L("Locked", "tab"),
    "moves": L("Moves"),
}
SORT_NAMES: dict[str, Label] = {
    "-entered_pool_at": L("latest first"),
    "entered_pool_at": L("longest first"),
    "grade": L("grade"),
    "name": L("name"),
    "recycle_on": L("days left"),
}


@dataclass(frozen=True)
class Row:
    """One line: values by field (masked ones as dots), and what may be done with it or why not."""

    id: int
    values: dict[str, Any]
    why: str = ""
    refusal: Refusal | None = None
    may_unlock: bool = False


@pool_pages.get("/pool")
def pool_page() -> str:
    """The page, or with a cursor only the rows that follow."""
    who = actor()
    here = state.read(who)
    if here is None:
        return render_template("pool/none.html", kind=Pool, may_make=pools.sets_up(who), read_only=who.read_only)
    cursor = request.args.get("cursor")
    context = moves_context(who, here) if here.tab == "moves" else rows_context(who, here, cursor)
    if request.headers.get("HX-Request") and cursor:
        return render_template(f"pool/_{'moves' if here.tab == 'moves' else 'rows'}.html", here=here, **context)
    return render_template("pool/page.html", here=here, **context, **frame_context(who, here))


def frame_context(who: Actor, here: PoolState) -> dict[str, Any]:
    """What stands round the list: tabs with counts, the pools there are, what one may still claim."""
    pool = here.pool
    kind = here.kind
    standing = checks.standing(who, pool, kind)
    may_claim = not who.read_only and standing.may_hold and (standing.member or standing.admin)
    owners = owners_in(who, here)
    admins = sorted(access.names(who, "user", pools.admins(pool.id)).values())
    return {
        "tabs": [_tab(here, tab) for tab in here.tabs],
        "pools": [(each, here.url(pool=each, previous=None, q="")) for each in state.offered(who)],
        "admins": admins,
        "standing": standing,
        "may_claim": may_claim,
        "hands_out": checks.hands_out(who, pool, kind) and not who.read_only,
        "may_run": pools.administers(who, pool.id),
        "sets_up": pools.sets_up(who),
        "grades": [(option.key, str(option.label)) for option in declared(kind)["grade"].options],  # type: ignore[attr-defined]
        "owners": owners,
        "sorts": [(key, str(SORT_NAMES[key])) for key in SORTS.get(here.tab, ())],
        "standing_words": standing_words(standing),
        "owner_words": dict(owners).get(here.previous or 0) or str(L("anybody")),
        "grade_words": here.grade or str(L("any")),
        "sort_words": str(SORT_NAMES.get(here.sort or next(iter(SORTS.get(here.tab, ("name",)))), "")),
        "masked": bool(access.masked_pools(who, kind).get(pool.id)),
        "editor": editor(who, pool) if here.rules else None,
    }


def standing_words(here: checks.Standing) -> str:
    """What one may still claim, and holds."""
    numbers = {"holds": formats.number(here.holds), "most": formats.number(here.most)}
    if here.daily:
        left = here.left_today or 0
        if here.most:
            return ngettext(
                "You can still claim %(n)s today; you hold %(holds)s of %(most)s.",
                "You can still claim %(n)s today; you hold %(holds)s of %(most)s.",
                left, **numbers,
            )  # fmt: skip
        return ngettext("You can still claim %(n)s today.", "You can still claim %(n)s today.", left)
    return str(L("You hold %(holds)s of %(most)s.", **numbers)) if here.most else ""


def _ticks(who: Actor, here: PoolState) -> bool:
    """Whether rows can be selected: there is something to do with them."""
    if here.tab != "waiting" or who.read_only:
        return False
    standing = checks.standing(who, here.pool, here.kind)
    return standing.admin or (standing.may_hold and standing.member)


def _tab(here: PoolState, tab: str) -> dict[str, Any]:
    found = {
        "label": str(TAB_NAMES[tab]), "url": here.url(tab=tab, q="", previous=None, grade="", sort=""),
        "current": tab == here.tab,
    }  # fmt: skip
    return found if tab == "moves" else found | {"n": counted(query.count(here.ask(tab=tab)))}


def counted(n: int) -> str:
    """A count in a tab."""
    return f"{formats.number(COUNT_CAP)}+" if n > COUNT_CAP else formats.number(n)


def owners_in(who: Actor, here: PoolState) -> list[tuple[int, str]]:
    """Whose customers lie here, or are about to: what the filter offers."""
    if here.tab == "waiting":
        table = here.kind._meta.table_name
        sql = f'SELECT DISTINCT previous_owner FROM "{table}" WHERE pool = ? AND deleted_at IS NULL LIMIT 200'
        found = [i for (i,) in store.rows(sql, [here.pool.id]) if i]
    else:
        found = [user for user, pool in pools.covering(here.pool.kind).items() if pool == here.pool.id]
    return sorted(access.names(who, "user", found).items(), key=lambda pair: pair[1])


def rows_context(who: Actor, here: PoolState, cursor: str | None) -> dict[str, Any]:
    """The rows of a tab."""
    page = query.page(here.ask(cursor=cursor, limit=PAGE))
    names = [field.key for field in page.fields]
    heads = {name: labels.field(here.kind, name) for name in names}
    raw, extra = grid.prepare(who, here.kind, page)
    held = [{name: row[page.at[name]] for name in ("id", *names)} for row in raw]
    total = query.count(here.ask()) if not cursor else 0
    return {
        "rows": _rows(who, here, held),
        "with_ticks": _ticks(who, here),
        "total_words": counted(total),
        "heads": heads,
        "x": extra,
        "following": here.url(cursor=page.next) if page.next else None,
        "total": total,
    }


def _rows(who: Actor, here: PoolState, held: Sequence[dict[str, Any]]) -> list[Row]:
    ids = [each["id"] for each in held]
    if here.tab == "waiting":
        standing, things = claim.look(who, here.kind, ids, here.pool)
        last = history.latest(here.kind, ids)
        return [
            Row(each["id"], each, _why(last.get(each["id"]), each), checks.of_claim(standing, things, each["id"]))
            for each in held
        ]
    unlockable = access.within(who, here.kind, ids, "edit") if here.tab == "locked" else set()
    if here.tab == "locked" and pools.administers(who, here.pool.id):
        unlockable |= set(ids)
    return [Row(each["id"], each, may_unlock=each["id"] in unlockable and not who.read_only) for each in held]


def _why(last: Move | None, values: dict[str, Any]) -> str:
    said = last.why if last is not None and last.to_pool else ""
    return said or str(values.get("pool_reason") or "")


def moves_context(who: Actor, here: PoolState) -> dict[str, Any]:
    """What came and went, newest first, names within reach."""
    before = request.args.get("cursor", 2**62, type=int)
    found = history.of_pool(here.pool.id, before=before, limit=PAGE + 1)
    more = found[PAGE - 1].id if len(found) > PAGE else None
    return {
        "moves": told(who, found[:PAGE]),
        "following": here.url(cursor=more) if more else None,
        "total": len(found),
        "with_ticks": False,
    }


def told(who: Actor, found: Sequence[Move]) -> list[dict[str, Any]]:
    """Moves ready to be drawn."""
    names_of = {
        key: access.names(who, key, [m.record for m in found if m.record_type == key])
        for key in {m.record_type for m in found}
    }
    people = access.names(who, "user", [i for m in found for i in (m.from_owner, m.to_owner, m.operator) if i])
    names = access.names(who, "pool", [i for m in found for i in (m.from_pool, m.to_pool) if i])
    return [
        {
            "move": move,
            "name": names_of[move.record_type].get(move.record),
            "url": f"/{by_key(move.record_type).card.name}/{move.record}",
            "from": _place(move.from_owner, move.from_pool, people, names),
            "to": _place(move.to_owner, move.to_pool, people, names),
            "by": people.get(move.operator, "smallcrm"),
        }
        for move in found
    ]


def _place(owner: int | None, pool: int | None, people: dict[int, str], names: dict[int, str]) -> Markup | str:
    if owner:
        return people.get(owner, "–")
    return names.get(pool, "–") if pool else ""


def may_lock(who: Actor, record: Any) -> bool:
    """Whether the lock is offered."""
    return who.scope("customer", "view") is not Scope.NONE and lock.may_lock(who, record)
