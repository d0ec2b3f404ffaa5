"""What admissions keep: intakes, documents asked for, and what applications, students and stages have beside that."""

from smallcrm.areas.admissions.records.document import Document, Paper
from smallcrm.areas.admissions.records.intake import Intake
from smallcrm.areas.admissions.records.joined import MILESTONES

__all__ = ["MILESTONES", "Document", "Intake", "Paper"]
