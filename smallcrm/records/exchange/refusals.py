"""Files that cannot be read, each with a sentence that says what it is and what to do instead.

Codes travel between processes; the sentence is made where somebody reads it, in that person's language.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from smallcrm.base.errors import Invalid
from smallcrm.base.i18n import L, Lazy

LEAST_MEMORY = 300 * 2**20  # octets that any table of an office needs to be read


@dataclass(frozen=True)
class Limits:
    """What a file may ask of this machine. Sizes in bytes; ``seconds`` are of processor time."""

    file_size: int = 200 * 2**20
    unpacked_size: int = 600 * 2**20
    ratio: int = 200  # unpacked : packed, asked of members above 5 MB
    members: int = 4_000
    sheets: int = 200
    columns: int = 2_000
    rows: int = 500_000
    cell: int = 2 * 2**20
    cells: int = 30_000_000
    memory: int = 1_200 * 2**20
    seconds: int = 180

    def memory_here(self) -> int:
        """``memory``, but no more than half of what this machine has: others work on it too."""
        installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        return min(self.memory, max(LEAST_MEMORY, installed // 2))


LIMITS = Limits()

REASONS: dict[str, Lazy] = {
    "empty": L("This file is empty: it holds no bytes at all. Save it again and choose the new file."),
    "missing": L("The file is no longer there. Please choose it again."),
    "too_large": L("This file has %(size)s MB; at most %(limit)s MB can be read. Split it into several files."),
    "bomb": L(
        "This file would unpack to an unreasonable size (%(size)s MB), so it was not opened. Save it again as .xlsx."
    ),
    "members": L(
        "This file consists of %(count)s parts; at most %(limit)s can be read. Copy the sheet into a new workbook."
    ),
    "damaged": L(
        "This file is damaged or incomplete and cannot be read. Open it in Excel or LibreOffice and save it again"
        " as .xlsx."
    ),
    "password": L(
        "This file is protected with a password. Remove the password in Excel (File, Info, Protect) and save it again."
    ),
    "macros": L("This workbook carries macros, which are never opened here. Save it as .xlsx without macros."),
    "xlsb": L("This is a binary Excel workbook (.xlsb). Save it as .xlsx."),
    "old_excel": L("This workbook was saved by a very old Excel (before 97). Open it and save it as .xlsx."),
    "excel_xml": L("This is an “XML spreadsheet”, whatever its name says. Open it in Excel and save it as .xlsx."),
    "html": L(
        "This is a web page with the name of a spreadsheet, as some systems export it. Open it in Excel and save "
        "it as .xlsx."
    ),
    "word": L("This is a text document, not a table. Copy its table into a spreadsheet and save it as .xlsx."),
    "slides": L("This is a presentation, not a table. Save the table in it as .xlsx."),
    "pdf": L("This is a PDF. Ask for the table as .xlsx or .csv."),
    "picture": L("This is a picture, not a table. Ask for the table as .xlsx or .csv."),
    "archive": L("This is an archive. Unpack it and choose the file inside."),
    "program": L("This is a program, not a table. It was not opened."),
    "numbers": L("This is an Apple Numbers document. Export it as Excel (.xlsx) and choose that file."),
    "database": L("This is a database file, not a table. Export the table as .xlsx or .csv."),
    "json": L("This is JSON data, not a table. Save it as .xlsx or .csv, or use the API."),
    "vcard": L("This file holds contact cards (.vcf). Choose it under contacts, “import cards”."),
    "calendar": L("This is a calendar file, not a table."),
    "mail": L("This is a saved e-mail. Save its attachment and choose that."),
    "binary": L("This is no table that can be read here. Save it as .xlsx or .csv."),
    "columns": L(
        "“%(sheet)s” has %(count)s columns; at most %(limit)s can be read. Is the right separator chosen, or is "
        "there a stray cell far to the right?"
    ),
    "cells": L("“%(sheet)s” is too large to read (%(count)s cells). Delete what is not needed, or split the sheet."),
    "rows": L("“%(sheet)s” has more than %(limit)s rows. Delete what is not needed, or split it into several files."),
    "cell": L(
        "Row %(row)s of “%(sheet)s” holds a cell of more than %(limit)s MB of text. Is a quotation mark missing there?"
    ),
    "sheets": L(
        "This workbook has %(count)s sheets; at most %(limit)s can be read. Copy the one you need into a new workbook."
    ),
    "memory": L(
        "This file needs more memory than it may have. Often one stray cell far below or far to the right makes a"
        " sheet huge: copy only the table into a new workbook."
    ),
    "time": L(
        "This file took too long to read and was given up. Copy only the table into a new workbook, or save it as .csv."
    ),
    "no_table": L("There is no table in this file: no sheet holds a row."),
    "encoding_unknown": L("There is no text encoding called “%(encoding)s”."),
    "encoding_wrong": L("The file is not written in %(encoding)s: line %(line)s does not fit."),
    "separator": L("“%(separator)s” cannot separate columns. Use a comma, a semicolon, a tab or a vertical bar."),
    "card": L("This file holds no contact card."),
    "cards": L("This file holds more than %(limit)s contact cards. Split it into several files."),
}


class Unreadable(Invalid):
    """The file cannot be read; ``code`` is a key of ``REASONS``."""

    def __init__(self, code: str, **values: Any) -> None:
        self.code = code
        self.values = values
        reason = REASONS[code]
        super().__init__({"file": [str(Lazy(reason.message, **values))]})
