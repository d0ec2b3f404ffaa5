"""Positions whose time is over are deleted each night."""

from __future__ import annotations

from smallcrm.areas.visits.rules import positions
from smallcrm.base.i18n import L
from smallcrm.jobs import registry
from smallcrm.jobs.registry import Job
from smallcrm.jobs.schedule import Daily

FORGET = Job(
    "visit-positions", Daily("03:20"), positions.forget_expired, positions.expired, L("Delete positions of visits")
)
registry.register(FORGET)
