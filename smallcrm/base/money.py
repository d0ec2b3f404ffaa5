"""Money is an integer of minor units in a currency: 1250.00 EUR is 125000."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

MOST = 10**15  # minor units; far above any company this program is for, far below 2**63


@lru_cache(maxsize=256)
def digits(currency: str) -> int:
    """How many decimals the currency has: 2 for EUR, 0 for JPY, 3 for KWD."""
    from babel.core import get_global

    fractions = get_global("currency_fractions")
    return int(fractions.get(currency, fractions["DEFAULT"])[0])


@lru_cache(maxsize=1)
def currencies() -> frozenset[str]:
    """ISO 4217 codes, of today's and of former currencies: what an old file may name."""
    from babel.numbers import list_currencies

    return frozenset(code for code in list_currencies("en") if len(code) == 3 and code.isupper())


@lru_cache(maxsize=1)
def tender() -> frozenset[str]:
    """The codes of what one can pay with somewhere today (CLDR)."""
    from babel.core import get_global

    used = get_global("territory_currencies").values()
    return frozenset(code for spans in used for code, _begun, ended, legal in spans if legal and ended is None)


def minor(amount: Decimal | int | str, currency: str) -> int:
    """Minor units of ``amount``, rounded half up. Raises ValueError when it is no finite number or is out of range."""
    try:
        number = Decimal(amount)
    except (InvalidOperation, TypeError, ValueError):
        raise ValueError(f"not an amount: {amount!r}") from None
    if not number.is_finite() or abs(number) > MOST:
        raise ValueError(f"out of range: {amount!r}")
    units = int((number * (10 ** digits(currency))).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    if abs(units) > MOST:
        raise ValueError(f"out of range: {amount!r}")
    return units


def major(units: int, currency: str) -> Decimal:
    """The amount as a Decimal with the currency's decimals."""
    places = digits(currency)
    return Decimal(units).scaleb(-places) if places else Decimal(units)


def plain(units: int, currency: str) -> str:
    """``"1250.00"``: how the API and files write it."""
    return f"{major(units, currency):.{digits(currency)}f}"
