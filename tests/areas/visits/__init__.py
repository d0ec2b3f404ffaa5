"""Visits and the day outside."""
