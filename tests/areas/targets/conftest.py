"""The scene of the reports, for targets."""

from tests.areas.reports.conftest import company

__all__ = ["company"]
