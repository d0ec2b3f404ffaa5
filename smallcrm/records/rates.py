"""Amounts that had no value in the company's currency, because no rate was known, get one once it is.

An amount keeps the rate it was first worked out with; only those that sums leave out are looked at here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from smallcrm import store
from smallcrm.records.custom import fields_of
from smallcrm.records.fields import Money
from smallcrm.records.fields import money as rule
from smallcrm.records.record import RecordType, all_types

CHUNK = 1000


def begin_anew(old: str) -> None:
    """The company counts in another currency than ``old`` now: no amount's value stands; ``fill`` works them out.

    What named no currency meant the old one, and says so from now on.
    """
    with store.writing():
        for kind, each in _amounts():
            table, base = kind._meta.table_name, f"{each.key}_base"
            amount, value = each.expr("t"), each.expr("t", "_base")
            store.run(
                f'UPDATE "{table}" AS t SET "currency" = ? WHERE coalesce(t."currency", \'\') = \'\' AND {amount} IS NOT NULL',
                [old],
            )
            none = f"custom = json_remove(custom, '$.{base}')" if each.custom else f'"{base}" = NULL'
            store.run(f'UPDATE "{table}" AS t SET {none} WHERE {value} IS NOT NULL')


def waiting() -> bool:
    """Whether any amount lacks a value that can be worked out now."""
    return any(_next(kind, each, 0, 1) for kind, each in _amounts())


def fill(step: Callable[[int], None] = lambda _done: None) -> int:
    """Work them out, a chunk a transaction; how many. ``step`` gets the count so far and may raise to stop."""
    done = 0
    for kind, each in _amounts():
        last = 0
        while found := _next(kind, each, last, CHUNK):
            last = found[-1][0]
            done += _put(kind, each, found)
            step(done)
    return done


def _amounts() -> Iterator[tuple[RecordType, Money]]:
    for kind in all_types():
        fields = fields_of(kind)
        if "currency" in fields:
            yield from ((kind, each) for each in fields.values() if isinstance(each, Money))


def _lacking(each: Money) -> str:
    return f"{each.expr('t')} IS NOT NULL AND {each.expr('t', '_base')} IS NULL"


def _next(kind: RecordType, each: Money, last: int, limit: int) -> list[tuple[int, int, str]]:
    """(id, minor units, currency) of the next ones whose rate is known."""
    table = kind._meta.table_name
    codes = [
        row[0] or "" for row in store.rows(f'SELECT DISTINCT t."currency" FROM "{table}" t WHERE {_lacking(each)}')
    ]
    known = [code for code in codes if rule.to_base(0, code or rule.company_currency()) is not None]
    if not known:
        return []
    sql = (
        f'SELECT t.id, {each.expr("t")}, coalesce(t."currency", \'\') FROM "{table}" t WHERE t.id > ? AND {_lacking(each)}'
        " AND coalesce(t.\"currency\", '') IN (SELECT value FROM json_each(?)) ORDER BY t.id LIMIT ?"
    )
    return store.rows(sql, [last, store.json_list(known), limit])


def _put(kind: RecordType, each: Money, found: list[tuple[int, int, str]]) -> int:
    """Only where nobody changed the amount meanwhile."""
    base = f"{each.key}_base"
    target = f"custom = json_set(custom, '$.{base}', ?)" if each.custom else f'"{base}" = ?'
    sql = (
        f'UPDATE "{kind._meta.table_name}" AS t SET {target} WHERE t.id = ? AND {each.expr("t")} = ?'
        f" AND coalesce(t.\"currency\", '') = ? AND {_lacking(each)}"
    )
    with store.writing():
        return sum(
            store.run(sql, [rule.to_base(units, code or rule.company_currency()), number, units, code])
            for number, units, code in found
        )
