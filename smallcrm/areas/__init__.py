"""The business: one folder an area."""
