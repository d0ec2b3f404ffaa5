"""The audit log as a file: a workbook of texts and times, or csv that Excel opens without running anything."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from smallcrm.base import clock
from smallcrm.records.exchange.separated import guarded

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WIDTHS = (20, 24, 32, 20, 16, 30, 60, 18)


def workbook(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """xlsx: the first column is a moment (ISO), all others are texts, whatever they begin with."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for index, width in enumerate(_WIDTHS):
        sheet.column_dimensions[chr(ord("A") + index)].width = width

    def text(value: str, *, bold: bool = False) -> Any:
        cell = WriteOnlyCell(sheet, value=_ILLEGAL.sub("", value)[:32_000])
        cell.data_type = "s"
        if bold:
            cell.font = Font(bold=True)
        return cell

    sheet.append([text(each, bold=True) for each in head])
    count = 1
    for row in rows:
        moment = WriteOnlyCell(sheet, value=_local(row[0]))
        moment.number_format = "yyyy-mm-dd hh:mm:ss"
        sheet.append([moment, *(text(each) for each in row[1:])])
        count += 1
    sheet.auto_filter.ref = f"A1:{chr(ord('A') + len(head) - 1)}{count}"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _local(stamp: str) -> Any:
    """A moment on the business's clock, as Excel keeps it."""
    return clock.moment(stamp).astimezone(clock.business_zone()).replace(tzinfo=None, microsecond=0)


def separated(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """csv with BOM; a text that Excel would take for a formula gets an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    for row in rows:
        writer.writerow([f"{_local(row[0]):%Y-%m-%d %H:%M:%S}", *(guarded(each) for each in row[1:])])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")
