"""What holds in admissions whoever writes, and the verbs. Imported to be registered."""

from smallcrm.areas.admissions.rules import documents, figures, intakes, milestones, same, tours

__all__ = ["documents", "figures", "intakes", "milestones", "same", "tours"]
