"""A company's folder with a token, and how often to kill (``--soak`` for longer)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cast import Cast
from tests.command import copy_company, smallcrm


@pytest.fixture
def company(company_template: tuple[Path, Cast], tmp_path: Path) -> Path:
    """A company's data folder of this test's own."""
    return copy_company(company_template[0], tmp_path / "data")


@pytest.fixture
def token(company: Path) -> str:
    """A token of the owner's."""
    return smallcrm("user", "token", "olga@example.com", "--data", company).out.strip()
