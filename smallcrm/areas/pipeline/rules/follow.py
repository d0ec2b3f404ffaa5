"""What opportunities say of their customers: whether business is open, and since when there is a deal. They are followed up too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from smallcrm import store
from smallcrm.areas.activities.rules import follow_ups
from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.base import clock
from smallcrm.base.i18n import L, Label
from smallcrm.records import derive, leaving, questions, settings
from smallcrm.records.drafts import Draft
from smallcrm.records.fields import Flag

settings.declare(
    "pipeline",
    {
        "pipeline.won_is_deal": (
            Flag(
                L("A won opportunity is a deal"),
                help=L("Its customer counts as won: for the pool's rules and for figures."),
            ),
            True,
        )
    },
)

follow_ups.also("opportunity")
leaving.goes_along("opportunity", "state = 'open'")


# ---------------------------------------------------------------- what others ask of a customer


@questions.answers(questions.OPPORTUNITY, "customer")
def opportunities(ids: Sequence[int]) -> Mapping[int, tuple[str, bool]]:
    """Customer → (when the latest opportunity was made, whether any is open). What never was one does not count."""
    sql = (
        "SELECT customer, max(created_at), max(state = 'open') FROM opportunity WHERE deleted_at IS NULL AND state <> 'invalid'"
        " AND customer IN (SELECT value FROM json_each(?)) GROUP BY customer"
    )
    return {customer: (made, bool(is_open)) for customer, made, is_open in store.rows(sql, [store.json_list(ids)])}


@questions.answers(questions.OPEN_BUSINESS, "customer")
def open_business(ids: Sequence[int]) -> Mapping[int, Label]:
    """Customers with an open opportunity."""
    sql = (
        "SELECT DISTINCT customer FROM opportunity WHERE deleted_at IS NULL AND state = 'open'"
        " AND customer IN (SELECT value FROM json_each(?))"
    )
    return {customer: L("an open opportunity") for (customer,) in store.rows(sql, [store.json_list(ids)])}


@questions.answers(questions.DEAL, "customer")
def deals(ids: Sequence[int]) -> Mapping[int, str]:
    """Customer → when the first opportunity was won, unless only orders and contracts count."""
    if not settings.get("pipeline.won_is_deal"):
        return {}
    sql = (
        "SELECT customer, min(closed_on) FROM opportunity WHERE deleted_at IS NULL AND state = 'won'"
        " AND customer IN (SELECT value FROM json_each(?)) GROUP BY customer"
    )

    return {
        customer: clock.iso(clock.start_of(dt.date.fromisoformat(day)))
        for customer, day in store.rows(sql, [store.json_list(ids)])
        if day
    }


@derive.on("opportunity")
def answers_change(drafts: list[Draft]) -> None:
    """What is asked of the customers of these opportunities changes with them."""
    touched = [draft for draft in drafts if draft.touches("state", "customer", "closed_on", "deleted_at")]
    questions.changed("customer", derive.linked_ids(touched, "customer"))


def numbers_of(ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Customer → (open opportunities, their amounts together in minor units of the company's currency)."""
    sql = (
        f"SELECT customer, count(*), sum(coalesce(amount_base, 0)) FROM {Opportunity._meta.table_name}"
        " WHERE deleted_at IS NULL AND state = 'open' AND customer IN (SELECT value FROM json_each(?)) GROUP BY customer"
    )
    return {customer: (n, total) for customer, n, total in store.rows(sql, [store.json_list(ids)])}
