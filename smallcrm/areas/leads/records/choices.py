"""What leads and their rules are chosen from."""

from __future__ import annotations

from smallcrm.base.i18n import L
from smallcrm.records.fields.choice import Option

STATES = (
    Option("unassigned", L("Unassigned", "lead"), "warn"), Option("todo", L("To do", "lead"), "acc"),
    Option("following", L("Being followed up")), Option("converted", L("Converted"), "good"),
    Option("invalid", L("Invalid", "lead")), Option("void", L("Void", "lead"), "bad"),
)  # fmt: skip
ALL_OR_ANY = (("all", L("all of them hold")), ("any", L("one of them holds")))
METHODS = (
    ("round_robin", L("take turns")), ("least_busy", L("to whoever has the fewest open")),
    ("table", L("by a table of values")), ("person", L("always to the first one")),
)  # fmt: skip
BY = (
    ("region", L("Region")), ("country", L("Country")), ("language", L("Language")), ("interest", L("Interested in")),
    ("industry", L("Industry")), ("source", L("Source")), ("campaign", L("Campaign")),
)  # fmt: skip
READ_BY = (
    ("label", L("the line that begins with")), ("regex", L("a pattern in a line")), ("subject", L("a pattern in the subject")),
    ("fixed", L("always this")), ("body", L("the whole text")),
)  # fmt: skip
COMPARED = (
    ("eq", L("is", "filter")), ("ne", L("is not", "filter")), ("in", L("is one of")), ("not_in", L("is none of")),
    ("contains", L("contains", "filter")), ("starts_with", L("begins with", "filter")), ("is_empty", L("is empty", "filter")),
    ("not_empty", L("is filled", "filter")), ("lt", L("is under", "filter")), ("lte", L("is at most", "filter")),
    ("gt", L("is over", "filter")), ("gte", L("is at least", "filter")), ("within_days", L("is within so many days")),
    ("older_than_days", L("is more days ago than")),
)  # fmt: skip
