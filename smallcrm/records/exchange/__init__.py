"""Files in and out, without a database: what people really have, read as typed values, and what they get, written.

A file goes through ``reading`` (whatever it is → sheets of cells), ``guessing`` (which sheet, which rows, which column
is which field, how dates and numbers are meant: a ``Mapping`` with questions where it is not sure) and ``cleaning``
(rows of typed values with their problems). ``writing`` makes workbooks and csv, ``problems`` the workbook to mend,
``cards`` reads and writes vCards. ``records`` binds its fields to all this; nothing here knows a record.
"""
