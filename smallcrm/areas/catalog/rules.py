"""What holds for products."""

from __future__ import annotations

from collections.abc import Iterable

from smallcrm.areas.catalog.records import Product
from smallcrm.records import rows


def known(ids: Iterable[int]) -> dict[int, dict[str, object]]:
    """Product id → its stored values, of those that live."""
    wanted = sorted(set(ids))
    return rows.load(Product, wanted, "t.deleted_at IS NULL") if wanted else {}
