"""What smallcrm does for customers by itself."""

from __future__ import annotations

from smallcrm.areas.customers.rules import grades
from smallcrm.base.i18n import L
from smallcrm.jobs.registry import Job
from smallcrm.jobs.schedule import Monthly

GRADES = Job("grade-proposals", Monthly(1, "03:20"), grades.propose_all, title=L("Propose customers' grades"))
