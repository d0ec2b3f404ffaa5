"""The people area's jobs."""

from __future__ import annotations

from smallcrm.areas.people.rules import links
from smallcrm.base.i18n import L
from smallcrm.jobs.registry import Job
from smallcrm.jobs.schedule import Every

RESETS = Job(
    "password-links", Every(seconds=5), links.send_resets, links.resets_asked, L("Send links for new passwords")
)
