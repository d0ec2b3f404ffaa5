"""What an opportunity is worth: the sum of its products where there are any, else what was typed; and whose share is what."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from smallcrm.areas.catalog import rules as catalog
from smallcrm.areas.pipeline.rules import rated
from smallcrm.base import money
from smallcrm.base.i18n import L
from smallcrm.records import change
from smallcrm.records.change import Wrong
from smallcrm.records.custom import fields_of
from smallcrm.records.drafts import CREATE, UPDATE, Draft
from smallcrm.records.fields import Cleaning

WHOLE = 10_000  # hundredths of a percent


@change.before("opportunity")
def work_out(drafts: list[Draft]) -> None:
    """Fill in what a line leaves open from its product, sum the lines; shares are of different colleagues and at most everything."""
    wanted = [draft for draft in drafts if draft.act in (CREATE, UPDATE) and draft.why != "undo"]
    lined = [d for d in wanted if d.after.get("products") and d.touches("products", "product", "amount", "currency")]
    plain = [
        d for d in wanted if not d.after.get("products") and d.touches("product") and d.after.get("amount") is None
    ]
    ids = [row["product"] for draft in lined for row in draft.after["products"] if row.get("product")]
    held = catalog.known([*ids, *(draft.after["product"] for draft in plain if draft.after.get("product"))])
    for draft in lined:
        _sum(draft, held)
    for draft in plain:
        _list_price(draft, held.get(draft.after["product"] or 0))
    for draft in wanted:
        rated.value_it(draft)
        if draft.touches("shares", "owner"):
            _shares(draft)


def _sum(draft: Draft, held: dict[int, dict[str, Any]]) -> None:
    after = draft.after
    lines = [_line(row, held.get(row.get("product") or 0), after) for row in after["products"]]
    after["products"] = lines
    after["product"] = next((row["product"] for row in lines if row.get("product")), None)
    _amount(draft, sum(row["amount"] or 0 for row in lines))


def _list_price(draft: Draft, product: dict[str, Any] | None) -> None:
    """One of it, at its price, until somebody knows better."""
    after = draft.after
    if product and product.get("price") is not None and product.get("currency") == after.get("currency"):
        _amount(draft, product["price"])


def _amount(draft: Draft, units: int) -> None:
    after = draft.after
    after.update(fields_of(draft.kind)["amount"].fill(money.plain(units, after["currency"]), Cleaning(values=after)))


def _line(row: dict[str, Any], product: dict[str, Any] | None, after: dict[str, Any]) -> dict[str, Any]:
    made = dict(row)
    if product and made.get("price") is None and product.get("currency") == after.get("currency"):
        made["price"] = product.get("price")
    if made.get("quantity") is None:
        made["quantity"] = 1000
    if made.get("price") is not None:
        made["amount"] = net(made["price"], made["quantity"], made.get("discount") or 0)
    return made


def net(price: int, quantity: int, discount: int) -> int:
    """``price`` in minor units, ``quantity`` in thousandths, ``discount`` in hundredths of a percent; rounded half up."""
    exact = Decimal(price) * quantity * (WHOLE - discount) / 1000 / WHOLE
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _shares(draft: Draft) -> None:
    lines = draft.after.get("shares") or []
    users = [row["user"] for row in lines]
    if len(set(users)) < len(users):
        raise Wrong(draft, {"shares": [str(L("Somebody stands here twice."))]})
    if draft.after.get("owner") in users:
        draft.after["shares"] = lines = [row for row in lines if row["user"] != draft.after["owner"]] or None
    if sum(row["percent"] or 0 for row in lines or ()) > WHOLE:
        raise Wrong(draft, {"shares": [str(L("Together these are more than 100 %."))]})


def shares_of(values: dict[str, Any]) -> dict[int, int]:
    """User → hundredths of a percent, the owner's rest included. Without an owner the rest is nobody's."""
    found = {int(row["user"]): int(row["percent"] or 0) for row in values.get("shares") or ()}
    rest = WHOLE - sum(found.values())
    if values.get("owner") and rest > 0:
        found[int(values["owner"])] = found.get(int(values["owner"]), 0) + rest
    return found
