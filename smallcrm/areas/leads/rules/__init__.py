"""What holds for leads whoever writes them, and the verbs on them. Imported to be registered."""

from smallcrm.areas.leads.rules import (
    absences,
    arrival,
    assigning,
    capture,
    conditions,
    convert,
    doings,
    forms,
    imap,
    learning,
    mailbox,
    numbers,
    people,
    pooling,
    reading,
    scoring,
    states,
    touch,
)

__all__ = [
    "absences", "arrival", "assigning", "capture", "conditions", "convert", "doings", "forms", "imap", "learning", "mailbox", "numbers", "people",
    "pooling", "reading", "scoring", "states", "touch",
]  # fmt: skip
