"""Files into records: rows that ``records/exchange`` read and cleaned, matched with what is there, planned, written.

``targets`` says which fields a column may go to, ``extras`` what areas add to a type, ``reading`` turns cleaned rows
into values for the write path, ``matching`` finds the records that rows mean, ``planning`` decides what would happen to
each row without writing, ``running`` does it. How a file was read is kept per shape by ``memory``.

Counting: every row of data is counted once. *created*, *updated*, *skipped*, *failed* add up to the rows read. A row
that joins an earlier one of the same file (it means the same record) makes no record of its own and counts as skipped,
like one that changes nothing, one whose record lies in the bin and stays there, and one that the mode leaves alone. A
record is written whole or not at all, so where it fails every row that joined it fails.
"""
