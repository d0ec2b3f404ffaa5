"""What holds for targets; importing it makes the metrics known."""

from smallcrm.areas.targets.rules import counted, coverage

__all__ = ["counted", "coverage"]
