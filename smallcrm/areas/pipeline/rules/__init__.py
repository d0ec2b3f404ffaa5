"""What holds for opportunities and their stages whoever writes them, and the verbs on them. Imported to be registered."""

from smallcrm.areas.pipeline.rules import (
    buying,
    doings,
    follow,
    history,
    moving,
    naming,
    numbering,
    setting_up,
    stages,
    value,
    warnings,
)

__all__ = [
    "buying",
    "doings",
    "follow",
    "from_leads",
    "history",
    "moving",
    "naming",
    "numbering",
    "setting_up",
    "stages",
    "value",
    "warnings",
]
