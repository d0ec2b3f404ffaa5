"""The filter language, sorting and keyset pages: how lists, exports, counts and reports read records."""

from smallcrm.records.query.filters import Condition, compile_filter, describe
from smallcrm.records.query.listing import Ask, Page, count, ids, page, quick_count, sums, tally, without_rate

__all__ = [
    "Ask",
    "Condition",
    "Page",
    "compile_filter",
    "count",
    "describe",
    "ids",
    "page",
    "quick_count",
    "sums",
    "tally",
    "without_rate",
]
