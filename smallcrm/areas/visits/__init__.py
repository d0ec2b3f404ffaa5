"""Visits: the plan, the check-in and the check-out, the report that becomes a follow-up, and the day outside."""
