"""Files on records."""
