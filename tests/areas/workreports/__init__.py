"""Work reports."""
