"""What follows from activities, a file a noun."""

from smallcrm.areas.activities.rules import follow_ups

__all__ = ["follow_ups"]
