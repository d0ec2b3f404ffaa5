"""What people do with activities, and what follows from them; a file a noun."""

from smallcrm.areas.activities.rules import filling, follow_ups, hand_written, history, series

__all__ = ["filling", "follow_ups", "hand_written", "history", "series"]
