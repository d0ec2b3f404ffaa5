"""Minor units and back, for currencies of any number of decimals."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallcrm.base import money

CURRENCIES = st.sampled_from(["EUR", "CNY", "GBP", "JPY", "KWD", "CLP"])


@given(units=st.integers(-money.MOST, money.MOST), currency=CURRENCIES)
def test_what_is_minor_comes_back(units: int, currency: str) -> None:
    assert money.minor(money.major(units, currency), currency) == units
    assert money.minor(money.plain(units, currency), currency) == units


@given(amount=st.decimals(-(10**9), 10**9, places=5), currency=CURRENCIES)
def test_rounds_half_up_away_from_zero(amount: Decimal, currency: str) -> None:
    step = Decimal(1).scaleb(-money.digits(currency))
    assert money.major(money.minor(amount, currency), currency) == amount.quantize(step, rounding=ROUND_HALF_UP)


def test_decimals_of_currencies() -> None:
    assert [money.digits(code) for code in ("EUR", "JPY", "KWD")] == [2, 0, 3]
    assert (money.minor("1250", "EUR"), money.minor("1250", "JPY"), money.minor("1.2345", "KWD")) == (
        125000,
        1250,
        1235,
    )
    assert (money.plain(125000, "EUR"), money.plain(1250, "JPY")) == ("1250.00", "1250")


@pytest.mark.parametrize("text", ["", "abc", "NaN", "Infinity", "1e400", "1e16", "--5", None, [], "1,5"])
def test_what_is_no_amount_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match=r"amount|range"):
        money.minor(text, "EUR")  # type: ignore[arg-type]
