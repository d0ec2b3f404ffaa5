"""The rate that each opportunity keeps: its own until somebody asks for today's, whatever the settings say by then.

Where the company counts in another currency, or a rate that was missing becomes known, what is kept beside the opportunities
follows: their lines, and the amounts at which they stood, which keep their own currency for that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from smallcrm import store
from smallcrm.areas.pipeline.records import Opportunity
from smallcrm.base import money
from smallcrm.base.errors import WrongState
from smallcrm.base.i18n import L
from smallcrm.identity.actor import Actor
from smallcrm.records import change, derive, rates, rows
from smallcrm.records.drafts import Draft
from smallcrm.records.fields import money as rule
from smallcrm.records.fields import rate as kept
from smallcrm.records.record import Record, values


def today(currency: str) -> int | None:
    """The rate of the settings as a record keeps it; None where there is none."""
    found = rule.rate_of(currency)
    return kept.steps(found) or None if found is not None else None


def worth(units: int | None, currency: str, rate: int | None) -> int | None:
    """Minor units of ``currency`` in the company's, at a kept rate; None without one."""
    base = rule.company_currency()
    if units is None or currency == base:
        return units
    return None if rate is None else money.minor(money.major(units, currency) * kept.decimal(rate), base)


def value_it(draft: Draft) -> None:
    """The amount in the company's currency: at the rate it has, at today's where it has none or is in another currency now."""
    if not draft.touches("amount", "amount_base", "currency", "rate"):
        return
    after = draft.after
    code = after.get("currency") or rule.company_currency()
    if code != rule.company_currency():
        anew = draft.before is not None and draft.touches("currency") and not draft.touches("rate")
        if anew or not after.get("rate"):
            after["rate"] = today(code)
    after["amount_base"] = worth(after.get("amount"), code, after.get("rate"))


def foreign(record: Record) -> bool:
    """Whether it is in another currency than the company counts in."""
    return str(values(record)["currency"] or rule.company_currency()) != rule.company_currency()


def take_todays(actor: Actor, record: Record) -> Record:
    """Value it at today's rate from now on. Raises WrongState where there is none."""
    code = str(values(record)["currency"] or "")
    rate = today(code)
    if rate is None:
        raise WrongState(L("There is no rate for %(currency)s in the settings.", currency=code))
    return change.update(actor, record, {"rate": str(kept.decimal(rate))})


# ---------------------------------------------------------------- what follows


@rates.on_anew
def begin_anew(old: str, _factor: Decimal | None) -> None:
    """Nothing is worth anything until it is worked out in the new currency."""
    derive.clear(Opportunity, "rate")
    store.run("UPDATE opportunity_line SET amount = NULL WHERE amount IS NOT NULL")
    store.run("UPDATE stage_history SET currency = ? WHERE coalesce(currency, '') = ''", [old])
    store.run("UPDATE stage_history SET amount = NULL WHERE amount IS NOT NULL")


@rates.follows("opportunity")
def worked_out(ids: list[int]) -> None:
    """Keep the rate, and value the lines by it."""
    every = rows.load(Opportunity, ids)
    codes = {each["currency"] for each in every.values() if each["currency"]} - {rule.company_currency()}
    known = {code: today(code) for code in codes}
    derive.put(
        Opportunity,
        {
            number: {"rate": known[each["currency"]]}
            for number, each in every.items()
            if not each["rate"] and each["currency"] in known
        },
    )
    value_lines(list(every.values()))


def value_lines(several: Sequence[Mapping[str, Any]]) -> None:
    """The lines of these opportunities at the rate that they are kept at now."""
    store.run_many(
        "UPDATE opportunity_line SET amount = ? WHERE opportunity = ? AND line = ?",
        [
            (in_base(row.get("amount"), held), held["id"], row["id"])
            for held in several
            for row in held.get("products") or alone(held)
        ],
    )


def alone(held: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The one line of an opportunity about one product."""
    if not held.get("product"):
        return []
    return [{"id": 0, "product": held["product"], "quantity": None, "amount": held.get("amount")}]


def in_base(amount: int | None, held: Mapping[str, Any]) -> int | None:
    """A line's amount at the rate at which the whole opportunity's was kept."""
    whole, base = held.get("amount"), held.get("amount_base")
    if amount is None or base is None:
        return None
    return amount if whole in (None, 0) or whole == base else round(amount * base / whole)


_LACKING = "h.own IS NOT NULL AND h.amount IS NULL"


def _next(last: int, limit: int) -> list[tuple[int, int, str, int | None]]:
    """(row, minor units, currency, the opportunity's rate where it is still in that currency) of the next that can be worked out."""
    codes = [row[0] or "" for row in store.rows(f"SELECT DISTINCT h.currency FROM stage_history h WHERE {_LACKING}")]
    known = [code for code in codes if rule.to_base(0, code or rule.company_currency()) is not None]
    if not known:
        return []
    sql = (
        "SELECT h.id, h.own, coalesce(h.currency, ''), CASE WHEN t.currency IS h.currency THEN t.rate END FROM stage_history h"
        f" LEFT JOIN opportunity t ON t.id = h.opportunity WHERE h.id > ? AND {_LACKING}"
        " AND coalesce(h.currency, '') IN (SELECT value FROM json_each(?)) ORDER BY h.id LIMIT ?"
    )
    return store.rows(sql, [last, store.json_list(known), limit])


def _fill(step: rates.Step) -> int:
    last = done = 0
    while found := _next(last, rates.CHUNK):
        last = found[-1][0]
        with store.writing():
            store.run_many(
                "UPDATE stage_history SET amount = ? WHERE id = ? AND amount IS NULL",
                [(_then(units, code or rule.company_currency(), rate), number) for number, units, code, rate in found],
            )
        done += len(found)
        step(done)
    return done


def _then(units: int, code: str, rate: int | None) -> int | None:
    return worth(units, code, rate if rate is not None else today(code))


rates.beside(rates.Kept(lambda: bool(_next(0, 1)), _fill))

__all__ = ["alone", "foreign", "in_base", "take_todays", "today", "value_it", "worked_out", "worth"]
