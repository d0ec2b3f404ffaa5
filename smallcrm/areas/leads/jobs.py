"""The jobs of leads: first touches every minute, the mailbox, scores and what is learned at night."""

from __future__ import annotations

from smallcrm.areas.leads.rules import mailbox, scoring, touch
from smallcrm.base.i18n import L
from smallcrm.jobs import registry
from smallcrm.jobs.registry import Job
from smallcrm.jobs.schedule import Daily, Every

JOBS = (
    Job(
        "lead-first-touch",
        Every(minutes=1),
        touch.send,
        touch.due_now,
        L("Remind of leads that wait for their first touch"),
    ),
    Job(
        "lead-mailbox", Every(minutes=1), lambda: mailbox.fetch().data(), mailbox.due, L("Fetch leads from the mailbox")
    ),
    Job("lead-scores", Daily("01:30"), scoring.nightly, None, L("Count the scores of leads anew"), heavy=True),
)

for _job in JOBS:
    registry.register(_job)
