"""The pages asked as the cast: figures, drill-down, files, what managers expect, nonsense in addresses."""

from __future__ import annotations

import html
import io
import re
from typing import Any

import pytest
from openpyxl import load_workbook

from smallcrm import store
from tests.areas.forecast.scene import Company
from tests.client import Web


def text(answer: Any) -> str:
    """What stands on a page, without its tags."""
    body = re.sub(r"<(script|style).*?</\1>", " ", answer.get_data(as_text=True), flags=re.S)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)))


def sheet(answer: Any) -> list[tuple[Any, ...]]:
    return list(load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows(values_only=True))


@pytest.mark.parametrize("by", ["", "person", "team", "product", "pipeline"])
@pytest.mark.parametrize("unit", ["month", "quarter", "year"])
def test_each_table_stands(company: Company, web: Web, by: str, unit: str) -> None:
    company.deal("1234.56")
    page = web.browser("owner").get(f"/forecast?by={by}&unit={unit}")
    assert page.status_code == 200
    assert "€1,234.56" in text(page)
    file = web.browser("owner").get(f"/forecast/export.xlsx?by={by}&unit={unit}")
    rows = sheet(file)
    assert any(row[4] == 1234.56 for row in rows[1:])
