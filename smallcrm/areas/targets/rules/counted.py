"""The metrics that can be counted here: won value and won deals by shares, new customers, calls, visits.

Won opportunities belong to whoever owned them when they were closed (the row of ``stage_history``), shared ones by
``opportunity_share``; the owner has what the others leave, so that shares add up to the cent.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

from smallcrm import store
from smallcrm.base import clock
from smallcrm.base.i18n import L
from smallcrm.records import figures
from smallcrm.records.figures import metrics
from smallcrm.records.figures.metrics import Counted, Metric
from smallcrm.store import days

WHOLE = 10_000  # a share of everything
_CLOSER = """
    (SELECT h.owner FROM stage_history h WHERE h.opportunity = o.id AND h.state = 'won' AND h.entered = 1 ORDER BY h.id DESC LIMIT 1)
"""
_OF_WON = "WHERE o.state = 'won' AND o.deleted_at IS NULL AND o.closed_on BETWEEN ? AND ?"
# what belongs to its owner whole is summed where it lies; what is shared is taken apart row by row
_WHOLE = f"""
    SELECT coalesce({_CLOSER}, s.user), substr(o.closed_on, 1, 7), sum(o.amount_base), count(*)
    FROM opportunity o JOIN opportunity_share s ON s.opportunity = o.id AND s.share = {WHOLE} AND s.user = o.owner {_OF_WON} GROUP BY 1, 2
"""
_WON = f"""
    SELECT o.id, substr(o.closed_on, 1, 7), o.amount_base, s.user, s.share, s.user = o.owner, {_CLOSER}
    FROM opportunity o LEFT JOIN opportunity_share s ON s.opportunity = o.id {_OF_WON} AND NOT EXISTS
        (SELECT 1 FROM opportunity_share b WHERE b.opportunity = o.id AND b.user = o.owner AND b.share = {WHOLE})
    ORDER BY o.id
"""
_OPEN = """
    SELECT o.id, substr(o.expected_close, 1, 7), o.amount_base * coalesce(o.chance, 0), s.user, s.share, s.user = o.owner, NULL
    FROM opportunity o LEFT JOIN opportunity_share s ON s.opportunity = o.id
    WHERE o.state = 'open' AND o.deleted_at IS NULL AND o.expected_close BETWEEN ? AND ? ORDER BY o.id
"""
Row = tuple[int, str, int | None, int | None, int | None, int | None, int | None]


def shared(rows: Iterable[Row], *, deals: bool = False) -> dict[tuple[int, str], int]:
    """(person, month) → amount, each opportunity's parts adding up to it. ``deals``: hundredths of an opportunity instead."""
    found: dict[tuple[int, str], int] = defaultdict(int)
    held: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        held[row[0]].append(row)
    for several in held.values():
        whole = 100 if deals else several[0][2] or 0
        rest, own = whole, None
        for _number, month, _amount, user, share, owns, closer in several:
            if owns or user is None:
                own = (closer or user, month)
                continue
            part = (whole * (share or 0) * 2 + WHOLE) // (2 * WHOLE)  # half up
            found[user, month] += part
            rest -= part
        if own is not None and own[0]:
            found[own[0], own[1]] += rest
    return dict(found)


def _only(found: Counted, people: Sequence[int] | None) -> Counted:
    return found if people is None else {key: value for key, value in found.items() if key[0] in set(people)}


def _won(people: Sequence[int] | None, first: dt.date, last: dt.date, *, deals: bool) -> Counted:
    ends = [first.isoformat(), last.isoformat()]
    found = shared(figures.kept(_WON, ends), deals=deals)
    for who, month, amount, n in figures.kept(_WHOLE, ends):
        found[who, month] = found.get((who, month), 0) + (100 * n if deals else amount or 0)
    return _only(found, people)


def won_value(people: Sequence[int] | None, first: dt.date, last: dt.date) -> Counted:
    """What was won, in the company's currency."""
    return _won(people, first, last, deals=False)


def won_deals(people: Sequence[int] | None, first: dt.date, last: dt.date) -> Counted:
    """How many opportunities were won, in hundredths: a shared one counts in parts."""
    return _won(people, first, last, deals=True)


def still_expected(people: Sequence[int] | None, first: dt.date, last: dt.date) -> Counted:
    """Amount × chance of what is open and expected to close in these days."""
    found = shared(figures.kept(_OPEN, [first.isoformat(), last.isoformat()]))
    return _only({key: (value + 50) // 100 for key, value in found.items()}, people)


def without_rate(people: Sequence[int] | None, first: dt.date, last: dt.date) -> int:
    """How many opportunities, won or expected in these days, have an amount in a currency without a rate."""
    ends = [first.isoformat(), last.isoformat()]
    owned = "" if people is None else (
        " AND (o.owner IN (SELECT value FROM json_each(?3)) OR o.id IN (SELECT s.opportunity FROM opportunity_share s"
        " WHERE s.user IN (SELECT value FROM json_each(?3))))"
    )  # fmt: skip
    sql = (
        "SELECT count(*) FROM opportunity o WHERE o.amount IS NOT NULL AND o.amount_base IS NULL AND o.deleted_at IS NULL"
        f" AND ((o.state = 'won' AND o.closed_on BETWEEN ?1 AND ?2) OR (o.state = 'open' AND o.expected_close BETWEEN ?1 AND ?2)){owned}"
    )
    return int(figures.kept(sql, ends if people is None else [*ends, store.json_list(people)])[0][0])


def _moments(sql: str, column: str, people: Sequence[int] | None, first: dt.date, last: dt.date) -> Counted:
    month = days.bucket(days.local_day(column, first.year - 1, last.year + 1), "month")
    ends = [clock.iso(clock.start_of(first)), clock.iso(clock.start_of(last + dt.timedelta(days=1)))]
    rows = figures.kept(
        f"SELECT owner, {month}, count(*) FROM {sql} AND {column} >= ? AND {column} < ? GROUP BY 1, 2", ends
    )
    return _only({(int(owner), str(when)): int(n) for owner, when, n in rows if owner}, people)


def new_customers(people: Sequence[int] | None, first: dt.date, last: dt.date) -> Counted:
    """Customers made in these days, by their owner of now."""
    return _moments("customer WHERE deleted_at IS NULL AND owner IS NOT NULL", "created_at", people, first, last)


def calls(people: Sequence[int] | None, first: dt.date, last: dt.date) -> Counted:
    """Calls done."""
    return _moments(
        "activity WHERE deleted_at IS NULL AND done_at IS NOT NULL AND kind = 'call'", "done_at", people, first, last
    )


def visits(people: Sequence[int] | None, first: dt.date, last: dt.date) -> Counted:
    """Visits done."""
    return _moments(
        "activity WHERE deleted_at IS NULL AND done_at IS NOT NULL AND kind = 'visit'", "done_at", people, first, last
    )


_HOW_SHARED = L("By whoever owned it when it was closed; shared opportunities count by their shares.")
for _metric in (
    Metric(
        "won_value",
        L("Won value"),
        won_value,
        "money",
        how=_HOW_SHARED,
        order=10,
        expected=still_expected,
        without=without_rate,
    ),
    Metric("won_deals", L("Won opportunities"), won_deals, places=2, how=_HOW_SHARED, order=20),
    Metric(
        "new_customers",
        L("New customers"),
        new_customers,
        how=L("Customers made in the period, by their present owner."),
        order=30,
    ),
    Metric("calls", L("Calls"), calls, how=L("Calls done in the period."), order=40),
    Metric("visits", L("Visits"), visits, how=L("Visits done in the period."), order=50),
):
    metrics.register(_metric)
