"""Amounts that had no value in the company's currency, because no rate was known, get one once it is.

An amount keeps the rate it was first worked out with; only those that sums leave out are looked at here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from smallcrm import store
from smallcrm.base import money
from smallcrm.records.custom import fields_of
from smallcrm.records.fields import Money
from smallcrm.records.fields import money as rule
from smallcrm.records.record import RecordType, all_types

CHUNK = 1000

Step = Callable[[int], None]


@dataclass(frozen=True)
class Kept:
    """Amounts that an area keeps beside the records' own: whether any lacks a value that is known by now, and working those out."""

    waiting: Callable[[], bool]
    fill: Callable[[Step], int]


Anew = Callable[[str, Decimal | None], None]
_following: dict[str, list[Callable[[list[int]], None]]] = {}
_anew: list[Anew] = []
_kept: list[Kept] = []


def follows(key: str) -> Callable[[Callable[[list[int]], None]], Callable[[list[int]], None]]:
    """Call the function with the ids of records of a type whose amounts have just got a value, inside the transaction."""

    def keep(function: Callable[[list[int]], None]) -> Callable[[list[int]], None]:
        _following.setdefault(key, []).append(function)
        return function

    return keep


def on_anew(function: Anew) -> Anew:
    """Call the function inside the transaction in which the company begins to count in another currency.

    It gets the one it counted in before, and what one minor unit of it is in the new one's: None where no rate says it.
    """
    _anew.append(function)
    return function


def beside(kept: Kept) -> None:
    """Register amounts kept beside the records' own."""
    _kept.append(kept)


def begin_anew(old: str) -> None:
    """The company counts in another currency than ``old`` now: no amount's value stands; ``fill`` works them out.

    What named no currency meant the old one, and says so from now on.
    """
    rate = rule.rate_of(old)
    shift = money.digits(rule.company_currency()) - money.digits(old)
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
        for function in _anew:
            function(old, None if rate is None else rate.scaleb(shift))


def empty() -> bool:
    """Whether no record has any amount that would have to be worked out anew."""
    return not any(
        store.value(f'SELECT 1 FROM "{kind._meta.table_name}" t WHERE {each.expr("t")} IS NOT NULL LIMIT 1')
        for kind, each in _amounts()
    )


def converted(amount: int, factor: Decimal) -> int:
    """A whole number of minor units at a rate, rounded half up."""
    return int((amount * factor).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def turned(lines: Sequence[str], new: str, old: str) -> list[str]:
    """The settings' rates as they were for ``old``, told for ``new``. Empty where ``new`` was not among them."""
    found = {
        code.strip().upper(): Decimal(text.strip().replace(",", "."))
        for code, _, text in (line.partition("=") for line in lines)
    }
    one = found.pop(new, None)
    if not one:
        return []
    every = {old: Decimal(1), **found}
    return [f"{code} = {(rate / one).quantize(Decimal('1e-10')).normalize():f}" for code, rate in every.items()]


def waiting() -> bool:
    """Whether any amount lacks a value that can be worked out now."""
    return any(_next(kind, each, 0, 1) for kind, each in _amounts()) or any(kept.waiting() for kept in _kept)


def fill(step: Step = lambda _done: None) -> int:
    """Work them out, a chunk a transaction; how many. ``step`` gets the count so far and may raise to stop."""
    done = 0
    for kind, each in _amounts():
        last = 0
        while found := _next(kind, each, last, CHUNK):
            last = found[-1][0]
            done += _put(kind, each, found)
            step(done)
    for kept in _kept:
        kept.fill(lambda n, begun=done: step(begun + n))  # type: ignore[misc]
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
        done = [
            number
            for number, units, code in found
            if store.run(sql, [rule.to_base(units, code or rule.company_currency()), number, units, code])
        ]
        for function in _following.get(kind.card.key, ()) if done else ():
            function(done)
        return len(done)
