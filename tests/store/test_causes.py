"""An error inside a transaction is not its own cause: whoever follows the causes comes to an end."""

from __future__ import annotations

from pathlib import Path

import pytest

from smallcrm import store
from smallcrm.store import integrity


def test_an_error_of_ours_leaves_a_transaction_as_it_is(folder: Path) -> None:
    with pytest.raises(ValueError, match="ours") as caught, store.writing():
        raise ValueError("ours")
    assert caught.value.__cause__ is None
    assert integrity.damage_in(caught.value) is None


def test_causes_that_go_round_come_to_an_end() -> None:
    error = ValueError("round")
    error.__cause__ = KeyError("and")
    error.__cause__.__cause__ = error
    assert integrity.damage_in(error) is None
