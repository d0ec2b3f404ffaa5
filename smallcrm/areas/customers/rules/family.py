"""Parent companies and subsidiaries: no circle, at most five levels; the tree around one, and its figures with all below."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from smallcrm import store
from smallcrm.areas.customers.records import Customer
from smallcrm.base import formats
from smallcrm.base.i18n import L, ngettext
from smallcrm.identity.actor import Actor
from smallcrm.records import access, change, labels, settings
from smallcrm.records.drafts import Draft
from smallcrm.records.record import Record, by_key

MOST = 5  # levels from the topmost company to the lowest
SHOWN = 40  # subsidiaries a page names


@change.before("customer")
def check_parents(drafts: list[Draft]) -> None:
    """Nobody is under itself, nor deeper than five levels."""
    moved = [draft for draft in drafts if _moves(draft)]
    if not moved:
        return
    parents = _above({int(draft.after["parent"]) for draft in moved})
    parents |= {draft.id: draft.after.get("parent") for draft in drafts if draft.id}
    heights = _heights({draft.id for draft in moved if draft.id}, parents)
    for draft in moved:
        chain = _chain(draft.after["parent"], parents)
        if draft.id and draft.id in chain:
            if draft.why != "merge":
                raise change.Wrong(draft, {"parent": [str(L("A company cannot be under itself."))]})
            draft.after["parent"] = None  # what was merged stood above or below
        elif len(chain) + 1 + heights.get(draft.id, 0) > MOST:
            raise change.Wrong(draft, {"parent": [str(L("At most %(n)s levels of companies.", n=MOST))]})


def _moves(draft: Draft) -> bool:
    back = draft.before is not None and not draft.live_before
    return draft.live_after and bool(draft.after.get("parent")) and (draft.touches("parent") or back)


def _above(ids: set[int]) -> dict[int, int | None]:
    """Customer → parent for these and as many levels above as may matter."""
    found: dict[int, int | None] = {}
    wanted = ids
    for _ in range(MOST + 1):
        sql = "SELECT id, parent FROM customer WHERE id IN (SELECT value FROM json_each(?))"
        found.update(store.rows(sql, [store.json_list(wanted)]))
        wanted = {parent for each in wanted if (parent := found.get(each)) and parent not in found}
        if not wanted:
            break
    return found


def _chain(first: int | None, parents: dict[int, int | None]) -> list[int]:
    """``first`` and everybody above, each once."""
    chain: list[int] = []
    here = first
    while here and here not in chain:
        chain.append(here)
        here = parents.get(here)
    return chain


def _heights(ids: set[int], parents: dict[int, int | None]) -> dict[int, int]:
    """How many levels lie under each."""
    heights: dict[int, int] = {}
    for top in ids:
        level = {top}
        seen = {top}
        for depth in range(1, MOST + 1):
            level = _children(level, parents) - seen
            if not level:
                break
            seen |= level
            heights[top] = depth
    return heights


def _children(ids: Collection[int], moved: dict[int, int | None]) -> set[int]:
    """The living children as they will stand: ``moved`` says where some of them go."""
    sql = "SELECT id FROM customer WHERE parent IN (SELECT value FROM json_each(?)) AND deleted_at IS NULL"
    held = {each for (each,) in store.rows(sql, [store.json_list(ids)]) if moved.get(each, 0) in (0, *ids)}
    return held | {each for each, parent in moved.items() if parent in ids}


# ---------------------------------------------------------------- reading


@dataclass(frozen=True)
class Member:
    """A company of the family. ``depth`` counts from the topmost one shown."""

    id: int
    name: str
    depth: int
    here: bool = False


@dataclass(frozen=True)
class Family:
    """The tree around a customer, within reach. ``more``: how many of those below are not named."""

    members: tuple[Member, ...]
    below: tuple[int, ...]
    more: int = 0


def around(actor: Actor, record: Record) -> Family | None:
    """Everybody above and below within reach; None for one who stands alone."""
    mine = int(record.id)
    above = _chain(getattr(record, "parent", None), _above({int(record.parent)})) if record.parent else []  # type: ignore[attr-defined]
    tree = _below(mine)
    order = [(each, depth) for each, depth in tree if each != mine]
    names = _living(actor, [*above, *(each for each, _ in order)])
    top = [each for each in reversed(above) if each in names and each != mine]
    below = [(each, depth) for each, depth in order if each in names]
    if not top and not below:
        return None
    found = [Member(each, names[each], depth) for depth, each in enumerate(top)]
    found.append(Member(mine, str(record.name), len(top), here=True))  # type: ignore[attr-defined]
    found += [Member(each, names[each], len(top) + depth) for each, depth in below[:SHOWN]]
    return Family(tuple(found), tuple(each for each, _ in below), max(0, len(below) - SHOWN))


def _below(top: int) -> list[tuple[int, int]]:
    """(customer, depth) of everybody under ``top``, each under its parent, by name."""
    return store.rows(
        "WITH RECURSIVE below(id, depth, path) AS (SELECT ?, 0, '' UNION ALL"
        " SELECT c.id, below.depth + 1, below.path || '/' || c.name_key || '#' || c.id FROM customer c JOIN below"
        " ON c.parent = below.id WHERE c.deleted_at IS NULL AND below.depth < ?)"
        " SELECT id, depth FROM below WHERE depth > 0 ORDER BY path",
        [top, MOST],
    )


def _living(actor: Actor, ids: Sequence[int]) -> dict[int, str]:
    return access.names(actor, "customer", access.within(actor, Customer, ids)) if ids else {}


# ---------------------------------------------------------------- rolled up


@dataclass(frozen=True)
class RollUp:
    """A figure over several customers. ``value`` says it in words; empty for nothing to say."""

    key: str
    label: Callable[[], str]
    value: Callable[[Actor, Sequence[int]], str]
    order: int = 50


_roll_ups: list[RollUp] = []


def rolls_up(figure: RollUp) -> None:
    """Later areas add theirs: pipeline, sales, receivables."""
    _roll_ups[:] = [each for each in _roll_ups if each.key != figure.key] + [figure]


def rolled_up(actor: Actor, record: Record, *, whole: bool) -> list[tuple[str, str]]:
    """(label, value) of every figure: of the customer alone, or with the subsidiaries that the actor may see."""
    family = around(actor, record) if whole else None
    ids = [int(record.id), *(family.below if family else ())]
    shown = [(each.label(), each.value(actor, ids)) for each in sorted(_roll_ups, key=lambda each: each.order)]
    return [(label, value) for label, value in shown if value]


def _count(key: str, link: str) -> Callable[[Actor, Sequence[int]], str]:
    def count(actor: Actor, ids: Sequence[int]) -> str:
        kind = by_key(key)
        where, params = access.reach(actor, kind).where()
        sql = (
            f'SELECT count(*) FROM "{kind._meta.table_name}" t WHERE t."{link}" IN (SELECT value FROM json_each(?))'
            f" AND t.deleted_at IS NULL AND {where}"
        )
        return formats.number(int(store.value(sql, [store.json_list(ids), *params])))

    return count


def _turnover(actor: Actor, ids: Sequence[int]) -> str:
    if "annual_revenue" not in access.readable(actor, Customer):
        return ""
    sql = (
        "SELECT sum(annual_revenue_base), count(annual_revenue) - count(annual_revenue_base) FROM customer"
        " WHERE id IN (SELECT value FROM json_each(?))"
    )
    total, without = store.rows(sql, [store.json_list(ids)])[0]
    if total is None:
        return ""
    said = formats.currency_short(int(total), str(settings.get("company.currency")))
    if not without:
        return said
    return ngettext(
        "%(total)s, without %(n)s amount: no rate", "%(total)s, without %(n)s amounts: no rate", without, total=said
    )


rolls_up(RollUp("customers", lambda: labels.many(Customer), _count("customer", "id"), 10))
rolls_up(RollUp("contacts", lambda: labels.many(by_key("contact")), _count("contact", "customer"), 20))
rolls_up(RollUp("turnover", lambda: labels.field(Customer, "annual_revenue"), _turnover, 30))
