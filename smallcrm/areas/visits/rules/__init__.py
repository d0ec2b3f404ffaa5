"""What is done with visits: planned, made, reported, cancelled, put into a day's order."""

from smallcrm.areas.visits.rules import diary, filling, own, participants, positions, series  # noqa: F401  registered by being imported
