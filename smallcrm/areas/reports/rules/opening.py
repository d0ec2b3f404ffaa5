"""Reading a small workbook's first sheet."""

from __future__ import annotations

from typing import Any, BinaryIO
from zipfile import BadZipFile

MOST = 8 * 1024 * 1024  # octets unpacked


def rows_of(stream: BinaryIO, most: int) -> list[tuple[Any, ...]]:
    """The rows of the first sheet. Raises ValueError for what is no xlsx, or too much of one."""
    from zipfile import ZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with ZipFile(stream) as packed:
            if sum(each.file_size for each in packed.infolist()) > MOST:
                raise ValueError("too large")
        stream.seek(0)
        book = load_workbook(stream, read_only=True, data_only=True)
        page = book.worksheets[0]
        return [tuple(row) for _, row in zip(range(most), page.iter_rows(max_col=40, values_only=True), strict=False)]
    except (
        BadZipFile,
        InvalidFileException,
        KeyError,
        IndexError,
        OSError,
        TypeError,
        AttributeError,
        SyntaxError,
    ) as error:
        raise ValueError(str(error)) from None
